// The connections that a gateway has, and what each moved since it was last looked at.
import { BoundedMap } from '../bounded-map.ts'
import { type ConnectionParts, type Counters, countersOf, type Ends, endsOf, partsOf } from './connection-line.ts'

/** The kernel's own limit is 262,144 on most machines. */
export const MAX_CONNECTIONS = 262_144
/** Connections whose ports another one took over, of which the last bytes are still to come. */
const MAX_REPLACED = 1_024
/** More than a connection can move between two looks: 10 s at 100 Gbit/s. */
export const MAX_MOVED = 125_000_000_000
/** A connection that so many whole looks did not show is gone, and its end was not reported. */
const MISSED_LOOKS = 2
/** Such connections are looked for once in so many looks. */
const SWEEP_EVERY = 8

/** What the ends of a connection sent since the last time: never below 0. */
export interface Moved extends Counters, Ends {
  protocol: number
}

interface Entry extends Counters {
  id: string
  body: string
  /** Null: nothing of it is counted. */
  ends: Ends | null
  protocol: number
  /** The last look that showed it. */
  look: number
}

export interface TableCounts {
  /** Connections that the last whole look showed. */
  connections: number
  /** Of these, those that go past the firewall (flow offloading), and those that the kernel counts no bytes of. */
  offloaded: number
  uncounted: number
  /** Lines that are no connections, or whose numbers cannot be. */
  rejected: number
  /** Connections for which there was no room. */
  left: number
  /** Connections that began since the first look. */
  begun: number
}

export interface TableOptions {
  onMoved: (moved: Moved) => void
  /** Whether a connection is to be left out whatever it moves. */
  isLeftOut?: (ends: Ends, protocol: number) => boolean
}

/**
 * Takes rows of whole looks and reports of ends, which come by a way of their own: a row may be older than a report
 * that came before it. The first look counts nothing: what passed before it is nobody's.
 */
export class ConnectionTable {
  /** True once the first look was whole. */
  isReady = false
  readonly counts: TableCounts = { connections: 0, offloaded: 0, uncounted: 0, rejected: 0, left: 0, begun: 0 }
  private readonly options: TableOptions
  private readonly entries = new Map<string, Entry>()
  private readonly replaced = new BoundedMap<string, Entry>('connections replaced by others', MAX_REPLACED)
  /** Keys and numbers of connections whose end was reported during this look. */
  private readonly ended = new Set<string>()
  private look = 0
  private isLooking = false
  private seen = { connections: 0, offloaded: 0, uncounted: 0 }

  constructor(options: TableOptions) {
    this.options = options
  }

  beginLook(): void {
    this.look++
    this.isLooking = true
    this.seen = { connections: 0, offloaded: 0, uncounted: 0 }
  }

  /** `isWhole`: every connection that there was is among the rows. */
  endLook(isWhole: boolean): void {
    this.isLooking = false
    this.ended.clear()
    if (!isWhole) {
      // What it did not show may be there: it is seen as shown.
      for (const entry of this.entries.values()) entry.look = this.look
      return
    }
    this.isReady = true
    Object.assign(this.counts, this.seen)
    if (this.look % SWEEP_EVERY === 0) this.sweep()
  }

  /** A line of a look or of the reports; false where it is neither. */
  line(text: string): boolean {
    const parts = partsOf(text)
    if (parts === null) {
      this.counts.rejected++
      return false
    }
    if (parts.event === '') this.row(parts)
    else if (parts.event === 'DESTROY') this.end(parts)
    return true
  }

  private row(parts: ConnectionParts): void {
    const { key, id, body, isOffloaded } = parts
    this.seen.connections++
    if (isOffloaded) this.seen.offloaded++
    const known = this.entries.get(key)
    if (known === undefined || known.id !== id) {
      if (this.ended.has(`${id} ${key}`)) return
      if (known !== undefined && known.id !== '') this.replaced.renew(known.id, known)
      return this.begin(parts)
    }
    known.look = this.look
    if (known.body !== body) this.move(known, body)
    if (known.ends !== null && !body.includes('bytes=')) this.seen.uncounted++
  }

  /** A connection that no look showed before. */
  private begin(parts: ConnectionParts): void {
    const entry = this.entryOf(parts)
    if (entry === null) return
    if (this.entries.size >= MAX_CONNECTIONS && !this.entries.has(parts.key)) {
      this.counts.left++
      return
    }
    this.entries.set(parts.key, entry)
    const counters = countersOf(parts.body)
    if (counters === 'none' && entry.ends !== null) this.seen.uncounted++
    if (this.isReady) this.counts.begun++
    this.move(entry, parts.body)
  }

  /** A connection is over: the line has all that it moved. */
  private end(parts: ConnectionParts): void {
    const { key, id, body } = parts
    const known = this.entries.get(key)
    if (known !== undefined && known.id === id) {
      this.entries.delete(key)
      if (this.isLooking) this.ended.add(`${id} ${key}`)
      return this.move(known, body)
    }
    const replaced = id === '' ? undefined : this.replaced.get(id)
    if (replaced !== undefined) {
      this.replaced.delete(id)
      return this.move(replaced, body)
    }
    if (this.isLooking) this.ended.add(`${id} ${key}`)
    // Before the first look is whole nobody knows how much of it passed before.
    if (!this.isReady) return
    const entry = this.entryOf(parts)
    if (entry === null) return
    this.counts.begun++
    this.move(entry, body)
  }

  private entryOf({ id, body, protocol }: ConnectionParts): Entry | null {
    const ends = endsOf(body)
    if (ends === null) {
      this.counts.rejected++
      return null
    }
    const isLeftOut = this.options.isLeftOut?.(ends, protocol) === true
    return {
      id,
      body: '',
      ends: isLeftOut ? null : ends,
      protocol,
      look: this.look,
      packetsA: 0,
      bytesA: 0,
      packetsB: 0,
      bytesB: 0,
    }
  }

  /** Reports what is new in the counters of the line. Counters that fell were set to 0 in between (conntrack -Z). */
  private move(entry: Entry, body: string): void {
    entry.body = body
    const { ends, protocol } = entry
    if (ends === null) return
    const counters = countersOf(body)
    if (counters === 'none') return
    if (counters === null) {
      this.counts.rejected++
      return
    }
    if (!this.isReady) {
      Object.assign(entry, counters)
      return
    }
    const isAnew =
      counters.packetsA < entry.packetsA ||
      counters.bytesA < entry.bytesA ||
      counters.packetsB < entry.packetsB ||
      counters.bytesB < entry.bytesB
    const from = isAnew ? NOTHING : entry
    const moved: Moved = {
      ...ends,
      protocol,
      packetsA: counters.packetsA - from.packetsA,
      bytesA: counters.bytesA - from.bytesA,
      packetsB: counters.packetsB - from.packetsB,
      bytesB: counters.bytesB - from.bytesB,
    }
    Object.assign(entry, counters)
    if (moved.bytesA > MAX_MOVED || moved.bytesB > MAX_MOVED) this.counts.rejected++
    else if (moved.packetsA > 0 || moved.packetsB > 0) this.options.onMoved(moved)
  }

  private sweep(): void {
    for (const [key, { look }] of this.entries) if (this.look - look >= MISSED_LOOKS) this.entries.delete(key)
  }
}

const NOTHING: Readonly<Counters> = { packetsA: 0, bytesA: 0, packetsB: 0, bytesB: 0 }
