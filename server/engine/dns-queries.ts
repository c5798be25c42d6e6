// DNS queries that wait for their answer: an answer that nobody asked for says nothing.
import type { Frame } from '../../capture/frame.ts'
import { type Clock, ClockField } from './clock.ts'
import { ConflictKind, type Conflicts } from './conflicts.ts'
import { Scope } from './home-network.ts'
import type { AddressTable } from './addresses.ts'
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NO_NAME } from './name-table.ts'
import { NO_MAC, type Ownership } from './ownership.ts'

/** The first bit of the flags (RFC 1035 section 4.1.1). */
const DNS_IS_RESPONSE = 0x80
/** Resolvers that ask others themselves give up after less. */
const ANSWER_SECONDS = 30

/** Who asked whom in one message. */
export interface DnsExchange {
  /** Address that asked, and its device key; the sender of a query, the receiver of an answer. */
  client: number
  device: number
  server: number
  /** The client's port. */
  port: number
  /** The frame that brought it. */
  frame: Frame
}

/** Matches answers with queries by both ends, the port, the id and the name. The oldest query makes room. */
export class DnsQueries {
  private readonly table = new KeyTable(LIMITS.dnsOutstanding)
  /** Per entry: when it was asked, and the MAC that brought the first answer (-1 before it). */
  private readonly askedAt = new Float64Array(LIMITS.dnsOutstanding)
  private readonly answeredBy = new Int32Array(LIMITS.dnsOutstanding)
  /** Entries in the order they were asked. */
  private readonly order: number[] = []
  private next = 0
  /** Per address: 1 where it was seen asking. */
  private asks = new Uint8Array(1024)
  /** The MAC that brought the last answer to a query. */
  private usualMac = NO_MAC
  private readonly clock: Clock
  private readonly limits: LimitCounter
  private readonly addresses: AddressTable
  private readonly ownership: Ownership
  private readonly conflicts: Conflicts

  constructor(addresses: AddressTable, ownership: Ownership, conflicts: Conflicts, limits: LimitCounter, clock: Clock) {
    this.addresses = addresses
    this.ownership = ownership
    this.conflicts = conflicts
    this.limits = limits
    this.clock = clock
  }

  /** A query with this id, for this name first. */
  ask({ client, server, port }: DnsExchange, id: number, name: number): void {
    if (client >= this.asks.length) this.asks = grown(this.asks, client + 1)
    this.asks[client] = 1
    const key = (port << 16) | id
    const known = this.table.find(client, server, key, name)
    const entry = known >= 0 ? known : this.add(client, server, key, name)
    this.askedAt[entry] = this.clock[ClockField.Now]
    this.answeredBy[entry] = -1
  }

  /**
   * Whether an answer may be believed: its query was seen, or none of the client's are, because only one direction is
   * captured. Others are reported. Of two answers the first counts, as it does for the client.
   */
  mayBelieve(exchange: DnsExchange, id: number, name: number, nameText: () => string): boolean {
    const { client, device, server, port, frame } = exchange
    const mac = this.ownership.macOf(frame.macHigh, frame.macLow)
    const isSender = device === -mac || (this.ownership.uses(client, mac) && this.ownership.sentOnlyFrom(mac, server))
    const isOwn = mac !== NO_MAC && isSender && !this.ownership.hasOneMac
    const entry = isOwn ? -1 : this.table.find(client, server, (port << 16) | id, name)
    if (entry >= 0 && this.clock[ClockField.Now] - this.askedAt[entry] <= ANSWER_SECONDS) {
      if (this.answeredBy[entry] < 0) this.answeredBy[entry] = this.usualMac = mac
      return this.answeredBy[entry] === mac
    }
    const isForged = isOwn || this.isForged(server, mac)
    const hasAsked = client < this.asks.length && this.asks[client] === 1
    if (!isForged && !hasAsked) return true
    // Where the answer came the usual way, the query may be one that the capture lost.
    this.conflicts.report(ConflictKind.UnaskedAnswer, client, device < 0 ? -device : NO_MAC, mac, {
      name: name === NO_NAME ? null : nameText(),
      isTold: isForged,
    })
    return false
  }

  /** The answer came from another device than this server's answers do. */
  private isForged(server: number, mac: number): boolean {
    const { ownership } = this
    if (mac === NO_MAC) return false
    if (this.addresses.scope(server) !== Scope.Home) {
      const isUnusual = this.usualMac === NO_MAC ? ownership.sentOnlyFrom(mac, server) : this.usualMac !== mac
      return isUnusual && ownership.holdsAnother(mac, server, false)
    }
    if (ownership.isContested(server)) return true
    if (ownership.isRouter(mac) || ownership.claims(server, mac)) return false
    return ownership.holdsAnother(mac, server, this.addresses.isIpv4(server))
  }

  private add(client: number, server: number, key: number, name: number): number {
    let entry = this.table.add(client, server, key, name)
    if (entry < 0) {
      const oldest = this.order[this.next]
      if (this.clock[ClockField.Now] - this.askedAt[oldest] <= ANSWER_SECONDS) this.limits.add('dnsOutstanding')
      this.table.remove(oldest)
      entry = this.table.add(client, server, key, name)
    }
    this.order[this.next] = entry
    this.next = (this.next + 1) % LIMITS.dnsOutstanding
    return entry
  }
}

/** Who asked: the sender of a query, the receiver of an answer. */
export function clientEnd(bytes: Uint8Array, at: number, to: number, end: number): number {
  return to - at > 2 && (bytes[at + 2] & DNS_IS_RESPONSE) !== 0 ? 1 - end : end
}
