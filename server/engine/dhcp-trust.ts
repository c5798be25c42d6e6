// Which DHCP messages are believed: those that a client sends itself, and a server's answers to them.
import { ConflictKind, type Conflicts } from './conflicts.ts'
import type { EvidenceTable } from './evidence.ts'
import { grown } from './grown.ts'
import { NO_MAC, type Ownership } from './ownership.ts'

/** What one message says, of DHCP for IPv4 or IPv6. */
export interface DhcpClaim {
  /** The MAC that it is about, and the one whose frame brought it; `from` is NO_MAC where there is no link layer. */
  client: number
  from: number
  transaction: number
  names: readonly (string | null)[]
}

export class DhcpTrust {
  private readonly ownership: Ownership
  private readonly evidence: EvidenceTable
  private readonly conflicts: Conflicts
  /** Per MAC: the number of its last request and one; 0 where it sent none. */
  private transactions = new Float64Array(1024)
  /** The MACs that answered a request. */
  private readonly servers = new Set<number>()

  constructor(ownership: Ownership, evidence: EvidenceTable, conflicts: Conflicts) {
    this.ownership = ownership
    this.evidence = evidence
    this.conflicts = conflicts
  }

  /**
   * A client's message counts where the client's own MAC sent it. Under another MAC it counts where that passes on
   * messages of others: a repeater, whose clients never show up themselves, or a relay.
   */
  fromClient(claim: DhcpClaim): boolean {
    const { client, from, transaction } = claim
    const { ownership } = this
    if (client >= this.transactions.length) this.transactions = grown(this.transactions, client + 1)
    const isCopy = this.transactions[client] === transaction + 1
    if (from !== client && from !== NO_MAC) {
      if (!ownership.behaviour.isSeen(client)) ownership.behaviour.carries(from, client)
      else if (!isCopy && !ownership.behaviour.isCarrier(from) && !ownership.isRouter(from) && !this.isKnown(claim)) {
        this.report(claim)
        return false
      }
    }
    this.transactions[client] = transaction + 1
    return true
  }

  /** A server's message counts as the answer to the client's own request, or where the client is not in sight. */
  fromServer(claim: DhcpClaim): boolean {
    const { client, from, transaction } = claim
    if (from === NO_MAC) return true
    if (from === client) return false
    if (!this.ownership.behaviour.isSeen(client)) return true
    if (client < this.transactions.length && this.transactions[client] === transaction + 1) {
      if (!this.ownership.behaviour.isSuspect(from)) this.servers.add(from)
      return true
    }
    // A request that was sent before the capture began, or was lost.
    if (this.servers.has(from) || this.ownership.isRouter(from)) return true
    this.report(claim)
    return false
  }

  /** Nothing of it is new: it changes nothing. */
  private isKnown({ client, names }: DhcpClaim): boolean {
    const known = this.evidence.ofMac(this.ownership.macText(client))?.dhcpHostnames
    const given = names.filter((name) => name !== null)
    return given.length > 0 && given.every((name) => known?.has(name) === true)
  }

  private report(claim: DhcpClaim): void {
    const { client, from, names } = claim
    const name = names.find((one) => one !== null) ?? null
    this.conflicts.report(ConflictKind.ForeignDhcp, 0, client, from, {
      name,
      isTold: name !== null && !this.isKnown(claim),
    })
  }
}
