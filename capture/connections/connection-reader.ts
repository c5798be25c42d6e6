// Reads what the script on a gateway writes (connections-script.mjs): its connections, who is in the home, and what
// keeps bytes from being counted.
import { LineSplitter } from '../sources/line-splitter.ts'
import type { LogLease } from '../logs/record.ts'
import type { PacketCore } from '../packet-core.ts'
import { ProblemList } from '../formats/problem.ts'
import { BoundedMap } from '../bounded-map.ts'
import { addressText, type AddressWords, isHomeAddress, parseAddress, prefixContains } from '../ip-address.ts'
import { ConnectionTable, type Moved, type TableCounts } from './connection-table.ts'
import type { Ends } from './connection-line.ts'
import { CreditWriter } from './credit-writer.ts'
import { type HomeFacts, homeFactsOf } from './home-facts.ts'

/** Lines about the home that are kept until they are whole. */
const MAX_HOME_LINES = 16_384
/** How long a loss of reports is told of. */
const LOSS_TOLD_SECONDS = 3_600
/** Addresses at home whose holder was asked for. */
const MAX_SETTLED = 8_192
/** What waits for that; more is counted at once. */
const MAX_WAITING = 8_192
const PROTOCOL_TCP = 6
const LOOPBACK_IPV4 = 127
const ADDRESS_BYTES = 16

/** Where connections go, and who is told. */
export interface ConnectionTarget {
  /** The core that takes credits, asked for anew each time. */
  core: () => PacketCore
  /** The wall clock in seconds. */
  clock: () => number
  /** Whether the bytes are counted; else who is in the home is told, and no more. */
  countsBytes: boolean
  onLease: (lease: LogLease) => void
  /** Calls `take` and notes what it throws. */
  guard: (what: string, take: () => void) => void
}

export interface ReaderEvents {
  /** A look is over, so many connections it showed: all that passed before it is counted. */
  onLook: (connections: number) => void
  /** Somebody new at home moved bytes: ask now who holds the address. They are counted once that is known. */
  onStranger: () => void
}

/** How the kernel's own counting is set up. */
interface Gateway {
  /** Without the program conntrack the ends of connections are not reported. */
  hasProgram: boolean
  /** net.netfilter.nf_conntrack_acct. */
  counts: boolean
  /** Whether a flowtable there counts what goes through it; null where there is none, or nft does not say. */
  flowtableCounts: boolean | null
  /** The connection that the script itself came by. */
  ssh: { client: string; server: string; port: number } | null
}

/** As CaptureReader for captures, see StreamReader in restarting-source.ts. */
export class ConnectionReader {
  packets = 0
  readonly dropped = 0
  failed = false
  readonly problems = new ProblemList()
  packetTime = Number.NaN
  private readonly target: ConnectionTarget
  private readonly events: ReaderEvents
  private readonly lines = new LineSplitter((line) => this.line(line))
  private readonly table: ConnectionTable
  private readonly writer: CreditWriter
  private gateway: Gateway | null = null
  private home: string[] | null = null
  private facts: HomeFacts = { neighbours: [], prefixes: [] }
  private told = new Set<string>()
  private factsCore: PacketCore | null = null
  private readonly settled = new BoundedMap<string, true>('addresses whose holder was asked for', MAX_SETTLED)
  private waiting: Moved[] = []
  private lossAt = Number.NEGATIVE_INFINITY
  private strange = 0

  constructor(target: ConnectionTarget, events: ReaderEvents) {
    this.target = target
    this.events = events
    this.writer = new CreditWriter(target.core, target.clock, target.guard)
    this.table = new ConnectionTable({
      onMoved: (moved) => {
        this.packets += moved.packetsA + moved.packetsB
        this.packetTime = target.clock()
        if (target.countsBytes) this.count(moved)
      },
      isLeftOut: (ends, protocol) => isLoopback(ends) || this.isOwn(ends, protocol),
    })
  }

  /** True once the first look was whole: from here on all is counted. */
  get hasHeader(): boolean {
    return this.table.isReady
  }

  get counts(): Readonly<TableCounts> {
    return this.table.counts
  }

  push(piece: Uint8Array): void {
    this.lines.addBytes(Buffer.from(piece.buffer, piece.byteOffset, piece.length))
    this.writer.flush()
  }

  end(): void {
    this.settle()
  }

  /** What keeps bytes from being counted, in a sentence without its full stop; null where nothing does. */
  get timeProblem(): string | null {
    const { gateway, table } = this
    if (gateway === null) return null
    const { connections, offloaded, uncounted, rejected } = table.counts
    if (!gateway.counts)
      return 'The gateway counts no bytes of its connections. Switch that on there: sysctl -w net.netfilter.nf_conntrack_acct=1 (and the same in /etc/sysctl.d, to keep it)'
    if (offloaded > 0 && gateway.flowtableCounts !== true) return offloadSentence(offloaded, gateway.flowtableCounts)
    if (this.target.clock() - this.lossAt < LOSS_TOLD_SECONDS)
      return 'The gateway could not report the ends of all connections within the last hour (ENOBUFS): the last second of some is not counted'
    if (!gateway.hasProgram)
      return 'There is no program conntrack on the gateway: connections that begin and end between two looks, and the last moment of each, are not counted. Install it there (opkg install conntrack, or apt install conntrack)'
    const rest = uncounted / Math.max(1, connections)
    if (uncounted > 0 && rest > 0.05)
      return `${uncounted} of ${connections} connections began before the gateway counted bytes: they are counted from their next beginning on`
    const strange = rejected + this.lines.skipped + this.strange
    return strange > 0
      ? `${strange} ${strange === 1 ? 'line' : 'lines'} of the gateway could not be read as connections`
      : null
  }

  private line(line: string): void {
    if (line.startsWith('#')) this.own(line)
    else if (this.home !== null && !line.startsWith('[')) this.keepHome(line)
    else if (line.includes('src=')) this.table.line(line)
    else if (/ENOBUFS/.test(line)) this.lossAt = this.target.clock()
    // All else is what a program said: see the words of its end.
  }

  private own(line: string): void {
    const [word = '', ...more] = line.split(' ', 8)
    if (word === '#gateway') this.gateway = gatewayOf(more)
    else if (word === '#begin') this.table.beginLook()
    else if (word === '#end') this.endLook(more)
    else if (word === '#home') this.home = []
    else if (word === '#known') this.endHome()
    else this.strange++
  }

  private count(moved: Moved): void {
    const isNew = this.isStranger(moved.a) || this.isStranger(moved.b)
    if (isNew && this.waiting.length < MAX_WAITING) this.waiting.push(moved)
    else this.writer.add(moved)
  }

  private isStranger(words: AddressWords): boolean {
    if (this.settled.has(words.join(' '))) return false
    const isAtHome = isHomeAddress(addressText(words))
    return isAtHome || this.facts.prefixes.some((prefix) => prefixContains(prefix, ...words))
  }

  /** Whoever holds the addresses of what waits is known now, as far as the gateway knows it. */
  private settle(): void {
    for (const moved of this.waiting) {
      for (const words of [moved.a, moved.b]) if (this.isStranger(words)) this.settled.set(words.join(' '), true)
      this.writer.add(moved)
    }
    this.waiting = []
    this.writer.flush()
  }

  private endLook([status = '', counts = '']: string[]): void {
    this.table.endLook(status === '0')
    if (this.gateway !== null) this.gateway.counts = counts === '1'
    this.writer.flush()
    if (this.target.core() !== this.factsCore) this.tellFacts()
    if (this.waiting.length > 0) this.events.onStranger()
    this.events.onLook(this.table.counts.connections)
  }

  private keepHome(line: string): void {
    if ((this.home as string[]).length < MAX_HOME_LINES) (this.home as string[]).push(line)
  }

  private endHome(): void {
    if (this.home === null) return
    this.facts = homeFactsOf(this.home)
    this.home = null
    this.tellFacts()
    this.settle()
  }

  /** New tables know nothing of prefixes; who holds an address is told again where that is new. */
  private tellFacts(): void {
    const core = this.target.core()
    const isNewCore = core !== this.factsCore
    this.factsCore = core
    const { neighbours, prefixes } = this.facts
    this.target.guard('prefixes of the home', () => {
      let isNew = false
      for (const { words, bits } of prefixes) isNew = learnPrefix(core, words, bits) || isNew
      if (!isNew) return
      core.exports.rescopeAddresses()
      core.exports.raiseEpoch()
    })
    const told = new Set<string>()
    for (const { mac, address } of neighbours) {
      const key = `${mac} ${address}`
      told.add(key)
      if (!isNewCore && this.told.has(key)) continue
      this.target.guard(`neighbour ${key}`, () =>
        this.target.onLease({ kind: 'lease', time: null, mac, address, name: null }),
      )
    }
    this.told = told
  }

  /** The script's own connection, and those like it from this machine: each look would be the next one's traffic. */
  private isOwn({ a, b, portB }: Ends, protocol: number): boolean {
    const ssh = this.gateway?.ssh ?? null
    if (ssh === null || protocol !== PROTOCOL_TCP || portB !== ssh.port) return false
    return isAddress(a, ssh.client) && isAddress(b, ssh.server)
  }
}

function isAddress(words: readonly number[], text: string): boolean {
  const other = parseAddress(text)
  return other !== null && other.every((word, index) => word === words[index])
}

function isLoopback({ version, a }: Ends): boolean {
  return version === 4 ? a[3] >>> 24 === LOOPBACK_IPV4 : a[0] === 0 && a[1] === 0 && a[2] === 0 && a[3] === 1
}

function learnPrefix(core: PacketCore, words: readonly number[], bits: number): boolean {
  const at = core.exports.creditsAddress()
  const view = new DataView(core.bytes.buffer, at, ADDRESS_BYTES)
  words.forEach((word, index) => view.setInt32(4 * index, word))
  return core.exports.learnPrefix(at, bits) !== 0
}

/** program or table, the setting, whether flowtables count, and SSH_CONNECTION: client, port, server, port. */
function gatewayOf([mode, counts, flowtable, client = '', , server = '', port = '']: string[]): Gateway {
  const plain = (address: string): string => address.replace(/%.*$/, '').replace(/^::ffff:/, '')
  return {
    hasProgram: mode === 'program',
    counts: counts === '1',
    flowtableCounts: flowtable === 'counted' ? true : flowtable === 'uncounted' ? false : null,
    ssh: client === '' ? null : { client: plain(client), server: plain(server), port: Number(port) },
  }
}

function offloadSentence(offloaded: number, counts: boolean | null): string {
  const them = offloaded === 1 ? '1 connection goes' : `${offloaded} connections go`
  return counts === false
    ? `${them} past the firewall (flow offloading), and the flowtable counts nothing: their bytes are not seen. Add "counter" to the flowtable, or switch offloading off`
    : `${them} past the firewall (flow offloading): their bytes are seen only where its flowtable counts (the word "counter" in: nft list flowtables)`
}
