// Source kind tzsp: frames that routers capture and send here in datagrams, as MikroTik's do.
import type { CaptureReader } from '../formats/capture-reader.ts'
import { LinkType } from '../formats/link-types.ts'
import { PcapngWriter } from '../formats/pcapng-writer.ts'
import { TzspDatagram, type TzspKind } from '../formats/tzsp.ts'
import { isLoopback } from '../ip-address.ts'
import type { PacketSourceDefinition } from './definition.ts'
import {
  type ListenerDetails,
  type ListenerNaming,
  parseListenerArgument,
  parseListenerLine,
} from './listener-address.ts'
import { OwnStream } from './own-stream.ts'
import { type PacketSource, type SourceCounts, type SourceEvents, SourceMeter } from './source.ts'
import { type DatagramSender, type ListenerOptions, UdpListener } from './udp-listener.ts'

const NAMING: ListenerNaming = { kind: 'tzsp', title: 'TZSP', defaultPort: 37_008 }
/** A router that sends nothing for so long is taken to have stopped: what follows up to its return is a gap. */
export const SILENT_MS = 15_000
/** Where others send, one router's silence is reported after this. */
const ONE_SILENT_MS = 60_000
/** So long after the last one frames that were left out are reported. */
const REPORTED_FOR_MS = 600_000
/** Frames of datagrams that come together are handed over together. */
const ROOM = 1 << 18
/** A number that is so far from the last one is that of a router that began anew. */
const MAX_MISSING = 100_000
const COUNTS = 2 ** 32

interface Sender {
  /** When it last sent anything, in milliseconds of performance.now. */
  heardAt: number
  /** By link type the number of its interface in the capture. */
  links: Map<number, number>
  /** The number of its last frame; null where it gives none. */
  count: number | null
}

/** Frames of one kind that were left out, and when the last of them came. */
class LeftOut {
  count = 0
  private last = -Infinity

  add(): void {
    this.count++
    this.last = performance.now()
  }

  get isRecent(): boolean {
    return performance.now() - this.last < REPORTED_FOR_MS
  }
}

export class TzspSource implements PacketSource {
  private readonly details: ListenerDetails
  private readonly events: SourceEvents
  private readonly listener: UdpListener
  private readonly meter = new SourceMeter(() => this.problem())
  private readonly datagram = new TzspDatagram()
  private readonly own: OwnStream
  private readonly ownFrames = new LeftOut()
  private readonly unread = new LeftOut()
  private readonly damaged = new LeftOut()
  /** No more than are named. */
  private readonly senders = new Map<string, Sender>()
  private reader: CaptureReader | null = null
  private writer = new PcapngWriter(ROOM)
  private flushing: NodeJS.Immediate | null = null
  private startedAt = 0
  /** When a named sender last sent anything: by performance.now, and in seconds since 1970. */
  private heardAt = -Infinity
  private heardTime: number | null = null
  /** Frames that the senders' numbers show to be missing. */
  private missing = 0

  constructor(details: ListenerDetails, events: SourceEvents, options: ListenerOptions = {}) {
    this.details = details
    this.events = events
    this.own = new OwnStream(details.port, (address) => details.senders.includes(address))
    this.listener = new UdpListener(
      details,
      {
        onDatagram: (bytes, sender, at) => this.take(bytes, sender, at),
        onLost: () => (this.heardAt = -Infinity),
        onChange: () => events.onChange?.(),
      },
      options,
    )
  }

  start(): void {
    if (this.reader !== null) return
    this.startedAt = performance.now()
    this.reader = this.events.openReader()
    this.meter.begin(this.reader)
    this.leaveToThis(true)
    this.listener.start()
  }

  async stop(): Promise<void> {
    await this.listener.stop()
    if (this.flushing !== null) clearImmediate(this.flushing)
    this.flush()
    this.leaveToThis(false)
    this.meter.end()
    this.reader = null
  }

  status(): SourceCounts {
    const { state } = this.listener.status()
    const isHeard = performance.now() - this.heardAt < SILENT_MS
    const isSilent = state === 'running' && !isHeard
    // Before the first datagram nothing shows that there would be any.
    const shown = isSilent ? (this.heardTime === null ? 'starting' : 'failed') : state
    const counts = this.meter.status(shown, this.problem())
    // What the kernel dropped is missing by the senders' numbers, too.
    const dropped = Math.max(this.listener.status().dropped, this.missing)
    return { ...counts, dropped, seenUntil: this.heardTime }
  }

  /** As of UdpListener. */
  receive(bytes: Buffer, from: DatagramSender, at?: number): void {
    this.listener.receive(bytes, from, at)
  }

  private take(bytes: Buffer, address: string, at: number): void {
    const kind = this.datagram.read(bytes)
    if (kind === 'damaged') {
      this.damaged.add()
      return
    }
    const sender = this.hear(address, at)
    if (this.datagram.count !== null) this.follow(sender, this.datagram.count)
    if (kind === 'frame') this.takeFrame(bytes, sender, at)
    else this.leaveOut(kind)
  }

  private leaveOut(kind: Exclude<TzspKind, 'frame' | 'damaged'>): void {
    if (kind === 'unread') this.unread.add()
  }

  private hear(address: string, at: number): Sender {
    const now = performance.now()
    if (this.heardTime !== null && now - this.heardAt >= SILENT_MS) this.events.onGap?.(this.heardTime, at)
    this.heardAt = now
    this.heardTime = at
    let sender = this.senders.get(address)
    if (sender === undefined) {
      sender = { heardAt: now, links: new Map(), count: null }
      this.senders.set(address, sender)
    }
    sender.heardAt = now
    return sender
  }

  private follow(sender: Sender, count: number): void {
    const { count: last } = sender
    sender.count = count
    if (last === null) return
    const step = (count - last + COUNTS) % COUNTS
    if (step >= 1 && step <= MAX_MISSING) this.missing += step - 1
    else if (step > COUNTS - MAX_MISSING) {
      // It was overtaken, and taken for missing.
      this.missing = Math.max(0, this.missing - 1)
      sender.count = last
    }
  }

  private takeFrame(bytes: Buffer, sender: Sender, time: number): void {
    const { linkType, at, originalLength } = this.datagram
    if (linkType === LinkType.Ethernet && this.own.holds(bytes, at)) {
      this.ownFrames.add()
      return
    }
    if (!this.writer.fits(bytes.length - at)) this.flush()
    let link = sender.links.get(linkType)
    if (link === undefined) {
      link = this.writer.addInterface(linkType)
      sender.links.set(linkType, link)
    }
    this.writer.addPacket(link, time, bytes, at, bytes.length, originalLength)
    this.flushing ??= setImmediate(() => this.flush())
  }

  private flush(): void {
    this.flushing = null
    const { reader } = this
    if (reader === null || this.writer.isEmpty) return
    const before = reader.packets
    reader.push(this.writer.take())
    this.meter.pushed(reader, before)
    // The core may be another one now.
    this.leaveToThis(true)
  }

  /** A capture of this machine shows the datagrams as well: what is in them is taken here, not a second time there. */
  private leaveToThis(isOn: boolean): void {
    this.reader?.records.core.exports.setLeavesTzsp(isOn ? 1 : 0)
  }

  /** Sentences on what is wrong, the gravest first; null where nothing is. */
  private problem(): string | null {
    const { state, problem } = this.listener.status()
    const sentences = [
      // Where it is its own stream that a router sends, the kernel drops most of it.
      this.ownStreamSentence(),
      problem,
      state === 'running' ? this.silenceSentence() : null,
      this.damaged.isRecent
        ? `${count(this.damaged.count, 'datagram')} could not be read: no TZSP, or cut off. Does another program send to this port?`
        : null,
      this.unread.isRecent
        ? `${count(this.unread.count, 'frame')} of another link layer than Ethernet and Wi-Fi could not be read.`
        : null,
    ].filter((sentence) => sentence !== null)
    return sentences.length === 0 ? null : sentences.join(' ')
  }

  private silenceSentence(): string | null {
    const now = performance.now()
    const all = now - Math.max(this.heardAt, this.startedAt)
    const named = this.details.senders.filter((address) => !isLoopback(address))
    if (all >= SILENT_MS / 2) {
      const who = named.length === 0 ? 'Nothing' : `Nothing from ${named.join(', ')}`
      return (
        `${who} for ${Math.floor(all / 1000)} s. Does the router still send? On a MikroTik: /tool sniffer start, which has ` +
        'to be given again after each restart of the router.'
      )
    }
    const silent = named.filter(
      (address) => now - (this.senders.get(plainOf(address))?.heardAt ?? this.startedAt) >= ONE_SILENT_MS,
    )
    return silent.length === 0 ? null : `Nothing from ${silent.join(', ')} for a minute and more, while others send.`
  }

  private ownStreamSentence(): string | null {
    if (!this.ownFrames.isRecent) return null
    const { source, destination } = this.own
    return (
      `${source} captures its own stream to ${destination} and sends it once more: ${count(this.ownFrames.count, 'frame')} ` +
      'of it were left out. On a MikroTik: /tool sniffer set filter-stream=yes; in a mangle rule with action=sniff-tzsp: ' +
      `dst-address=!${destination}.`
    )
  }
}

function plainOf(address: string): string {
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`
}

export const source: PacketSourceDefinition<'tzsp', ListenerDetails, 'tzspListeners'> = {
  kind: 'tzsp',
  delivers: 'packets',
  setting: {
    field: 'tzspListeners',
    title: 'MikroTik routers (TZSP)',
    description:
      'Addresses of this machine to which routers send what they capture, and which routers may: ' +
      '192.168.88.10:37008 from 192.168.88.1. Without an address it listens on this machine alone.',
    maxItems: 4,
    format: 'tzsp-listener',
    wanted: 'addresses of this machine and of routers, such as 192.168.88.10:37008 from 192.168.88.1',
    add: {
      title: 'A MikroTik router (TZSP)',
      example: '192.168.88.10:37008 from 192.168.88.1',
      hint: 'This machine’s address and a port, “from”, and the router’s address.',
    },
  },
  argument: 'tzsp:192.168.88.10:37008,from=192.168.88.1',
  readme: {
    what: 'a MikroTik router, or another that sends TZSP',
    argument: '`tzsp:192.168.88.10:37008,from=192.168.88.1`',
    needs: 'the router’s sniffer, streaming to this machine ([how](#where-to-put-it))',
  },
  parseLine: (line) => parseListenerLine(NAMING, line),
  parseArgument: (text) => parseListenerArgument(NAMING, text),
  open: (details, events) => new TzspSource(details, events),
}
