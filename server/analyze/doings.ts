// What did each device do, and what of it stands out? Follows the books of a capture while it is read.
import type { Book } from '../session/book.ts'
import type { EventFact } from '../events/event.ts'
import { EventEngine } from '../events/engine.ts'
import type { Rules } from '../rules/open.ts'
import type { DeviceFacts, EventEntry } from './analysis.ts'

/** Events listed; a longer capture loses its oldest. */
export const MAX_EVENTS = 50_000
/** Packets between two looks at the books: cells pile up meanwhile. */
const PACKETS_PER_LOOK = 16_384
/** The engine keeps only so many bursts until it is known what the device is: in a long recording it is told now and then. */
const LOOKS_PER_DESCRIPTION = 64
const DEVICES_PER_DESCRIPTION = 1_024

export class Doings {
  private readonly book: Book
  private readonly engine: EventEngine
  private readonly events = new Map<string, EventFact>()
  private readonly indexes = new Map<string, number>()
  private packets = 0

  constructor(book: Book, rules: Rules) {
    this.book = book
    this.engine = new EventEngine(rules.events, {
      event: (event) => this.keep(event),
      withdrawn: (id) => this.events.delete(id),
    })
  }

  /** Another packet went into the books. */
  packet(): void {
    if (++this.packets % PACKETS_PER_LOOK !== 0) return
    this.look()
    if ((this.packets / PACKETS_PER_LOOK) % LOOKS_PER_DESCRIPTION !== 0) return
    for (const { index, kind } of this.book.takeDevices(DEVICES_PER_DESCRIPTION)) this.engine.setKind(index, kind)
  }

  /** The books are closed; `devices` is what they turned out to be. */
  finish(devices: readonly DeviceFacts[]): EventEntry[] {
    this.look()
    this.engine.finish()
    const ids = new Map<number, string>()
    for (const { id, kind } of devices) {
      const index = this.indexes.get(id)
      if (index === undefined) continue
      this.engine.setKind(index, kind)
      ids.set(index, id)
    }
    const events = [...this.events.values()].filter(({ device }) => ids.has(device))
    events.sort((one, other) => one.at - other.at || one.device - other.device || one.endpoint - other.endpoint)
    return events.map((event) => entryOf(event, ids.get(event.device) as string))
  }

  private look(): void {
    const { endpoints, devices, cells } = this.book.take()
    for (const { index, id } of devices) this.indexes.set(id, index)
    this.engine.addEndpoints(endpoints)
    this.engine.take(cells)
  }

  private keep(event: EventFact): void {
    this.events.set(event.id, event)
    if (this.events.size > MAX_EVENTS) for (const oldest of this.events.keys()) return void this.events.delete(oldest)
  }
}

function entryOf({ at, kind, company, host, purpose, sent, received, seconds, confidence }: EventFact, device: string): EventEntry {
  return { at: new Date(at * 1000).toISOString(), device, kind, company, host, purpose, sent, received, seconds, confidence }
}
