// The decoder of flow exports: datagrams of NetFlow v5 and v9 and of IPFIX in, connections with their bytes out.
import { BoundedMap } from '../bounded-map.ts'
import type { LogConnection } from '../logs/record.ts'
import { ACTIVE_TIMEOUT, SYSTEM_INIT_MILLISECONDS } from './elements.ts'
import { FieldView } from './field-view.ts'
import { FlowBooks } from './flow-books.ts'
import { readFlow } from './flow-record.ts'
import { clockOffset, type ExportTimes } from './flow-times.ts'
import { MAX_STREAMS } from './limits.ts'
import { kindOfSet, type MessageHeader, readMessage, readTemplates, type Set } from './message.ts'
import { readV5Header, readV5Record } from './netflow-v5.ts'
import type { Passed } from './numbering.ts'
import { PendingSets } from './pending-sets.ts'
import { Stream } from './stream.ts'
import { placeRecord, type Template, word } from './template.ts'

/** Withdrawals of all templates (RFC 7011 section 8.1). */
const ALL_TEMPLATES = 2
const ALL_OPTIONS = 3

export interface FlowSender {
  address: string
  port: number
}

/** Datagrams of which nothing was read, by what they were. */
export interface Unread {
  /** Their lengths do not fit, or a template is cut off. */
  damaged: number
  /** The same datagram a second time. */
  copies: number
  /** sFlow, which is another protocol. */
  sflow: number
  /** Of another version, or nothing of the kind. */
  other: number
}

/** Pure: no clock, no socket. Throws nothing for anything that a datagram can hold. */
export class FlowDecoder {
  readonly unread: Unread = { damaged: 0, copies: 0, sflow: 0, other: 0 }
  readonly pending = new PendingSets()
  readonly books: FlowBooks
  private lostBefore = 0
  private readonly streams = new BoundedMap<string, Stream>('streams of flow records', MAX_STREAMS, (stream) => {
    this.lostBefore += stream.sequence.lost
  })
  private readonly view = new FieldView()

  constructor(onFlow: (flow: LogConnection) => void) {
    this.books = new FlowBooks(onFlow)
  }

  /** Those that were heard last are the last. */
  get heard(): Iterable<Stream> {
    return this.streams.values()
  }

  /** Records, or datagrams where an exporter counts those, that never came. */
  get lost(): number {
    let lost = this.lostBefore
    for (const { sequence } of this.streams.values()) lost += sequence.lost
    return lost
  }

  /** A datagram came at `arrived`, in seconds since 1970 by this machine's clock. */
  take(bytes: Uint8Array, sender: FlowSender, arrived: number): void {
    this.pending.expire(arrived)
    const version = bytes.length < 2 ? -1 : word(bytes, 0)
    if (version === 5) return this.takeV5(bytes, sender, arrived)
    if (version === 9 || version === 10) return this.takeMessage(bytes, version, sender, arrived)
    // sFlow's version has 32 bits.
    if (version === 0 && bytes.length >= 4 && word(bytes, 2) >= 2 && word(bytes, 2) <= 5) this.unread.sflow++
    else this.unread.other++
  }

  private takeV5(bytes: Uint8Array, sender: FlowSender, arrived: number): void {
    const header = readV5Header(bytes)
    if (header === null) return void this.unread.damaged++
    const { count, exported, uptime, engine, sequence } = header
    const times: ExportTimes = { exported, uptime, started: null, arrived }
    const stream = this.streamOf(sender, { version: 5, domain: engine }, times)
    if (stream.isCopy(bytes)) return void this.unread.copies++
    stream.sampling.describeHeader(header.sampling)
    const rate = stream.sampling.rateOf(null)
    for (let index = 0; index < count; index++) this.books.add(readV5Record(bytes, index, times, rate), stream, times)
    stream.sequence.take({ number: sequence, records: count, flows: count }, exported - uptime / 1e3)
  }

  private takeMessage(bytes: Uint8Array, version: number, sender: FlowSender, arrived: number): void {
    const message = readMessage(bytes, version)
    if (message === null) return void this.unread.damaged++
    const { header, sets } = message
    const { exported, uptime, domain, sequence } = header
    const times: ExportTimes = { exported: sharpened(exported, arrived), uptime, started: null, arrived }
    const stream = this.streamOf(sender, { version, domain }, times)
    if (stream.isCopy(bytes)) return void this.unread.copies++
    const passed = { number: sequence, records: 0, flows: 0 }
    let isCounted = true
    for (const set of sets) isCounted = this.takeSet(bytes, set, header, stream, times, passed) && isCounted
    stream.sequence.take(isCounted ? passed : null, uptime === null ? null : exported - uptime / 1e3)
  }

  /** Adds its records to `passed`; false where they cannot be counted yet. */
  private takeSet(
    bytes: Uint8Array,
    set: Set,
    header: MessageHeader,
    stream: Stream,
    times: ExportTimes,
    passed: Passed,
  ): boolean {
    const kind = kindOfSet(set.id, header.isIpfix)
    if (kind === 'templates' || kind === 'options templates') {
      this.takeTemplates(bytes, set, header, stream, kind === 'options templates', times.arrived)
      return true
    }
    if (kind === 'other') return true
    const template = this.templateOf(stream, set.id, times.arrived)
    if (template === null) {
      this.pending.add({ stream: stream.key, template: set.id, bytes: bytes.subarray(set.from, set.to), times })
      return false
    }
    const count = this.takeRecords(bytes, set, template, stream, times)
    passed.records += count
    if (!template.isOptions) passed.flows += count
    return true
  }

  private takeTemplates(
    bytes: Uint8Array,
    set: Set,
    { isIpfix }: MessageHeader,
    stream: Stream,
    areOptions: boolean,
    now: number,
  ): void {
    const { announced, isWhole } = readTemplates(bytes, set, isIpfix, areOptions)
    if (!isWhole) this.unread.damaged++
    for (const { id, template } of announced) {
      if (template !== null) {
        stream.templates.set(id, template, now)
        for (const waiting of this.pending.take(stream.key, id)) {
          const whole = { id, from: 0, to: waiting.bytes.length }
          this.takeRecords(waiting.bytes, whole, template, stream, waiting.times)
        }
      } else if (id === ALL_TEMPLATES || id === ALL_OPTIONS) stream.templates.removeAll(id === ALL_OPTIONS)
      else stream.templates.remove(id)
    }
  }

  private takeRecords(
    bytes: Uint8Array,
    { from, to }: Set,
    template: Template,
    stream: Stream,
    times: ExportTimes,
  ): number {
    const { view } = this
    view.over(bytes)
    const isIpfix = stream.version === 10
    const known: ExportTimes = { ...times, started: stream.started }
    let count = 0
    let at = from
    // Fewer bytes than the shortest record are padding.
    while (to - at >= template.length) {
      const end = placeRecord(template, bytes, at, to, view)
      if (end === null) {
        this.unread.damaged++
        break
      }
      count++
      at = end
      if (template.isOptions) this.takeOptions(stream)
      else {
        const flow = readFlow(view, known, isIpfix, stream.sampling.rateOf(view))
        if (flow !== null) this.books.add(flow, stream, known)
      }
    }
    return count
  }

  private takeOptions(stream: Stream): void {
    const { view } = this
    stream.sampling.describe(view)
    const init = view.number(SYSTEM_INIT_MILLISECONDS)
    if (init !== null && init > 0) stream.started = init / 1e3
    const timeout = view.number(ACTIVE_TIMEOUT)
    if (timeout !== null && timeout > 0) stream.timing.activeTimeout = timeout
  }

  /**
   * NetFlow v9 knows an exporter by its address and source ID alone (RFC 3954 section 9), so that the template may have
   * come from another port; IPFIX by the port too (RFC 7011 section 8).
   */
  private templateOf(stream: Stream, id: number, now: number): Template | null {
    const own = stream.templates.get(id, now)
    if (own !== null || stream.version !== 9) return own
    for (const other of this.streams.values()) {
      const isSame = other.sender === stream.sender && other.version === 9 && other.domain === stream.domain
      const template = isSame ? other.templates.get(id, now) : null
      if (template !== null) return template
    }
    return null
  }

  private streamOf(sender: FlowSender, of: { version: number; domain: number }, times: ExportTimes): Stream {
    const key = `${of.version} ${sender.address} ${sender.port} ${of.domain}`
    const stream = this.streams.get(key) ?? new Stream(key, sender.address, of, times.arrived)
    this.streams.renew(key, stream)
    stream.heardAt = times.arrived
    stream.clockOffset = clockOffset(times)
    return stream
  }
}

/** The header has whole seconds: what came within the same second was sent when it came. */
function sharpened(exported: number, arrived: number): number {
  return arrived >= exported && arrived < exported + 1 ? arrived : exported
}
