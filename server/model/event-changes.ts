// Events of devices as the traffic history keeps them, and changes to them.

/** A burst of traffic with a meaning; `kind` is one of the closed list of the events. */
export interface KeptEvent {
  /** The same id again means that more is known now. */
  id: string
  /** Seconds since 1970-01-01 UTC. */
  at: number
  device: string
  kind: string
  /** Slug; null where nobody knows. */
  company: string | null
  host: string | null
  purpose: string
  sent: number
  received: number
  seconds: number
  /** 0 to 1. */
  confidence: number
  reasons: string[]
}

export interface EventChanges {
  events: KeptEvent[]
  /** Ids of events that turned out to be nothing. */
  withdrawn: string[]
  /** These are all events: others are void. */
  replace: boolean
  /** What an older version kept elsewhere: taken once, by a history that counted no events before. */
  backfill?: { isCut: boolean }
}

/** From this confidence on an event is counted as sure. */
export const SURE_CONFIDENCE = 0.85

/** Changes that were not handed on yet, put together: of each event what was said last. */
export class WaitingEvents {
  private changes = new Map<string, KeptEvent | null>()
  private replace = false
  private backfill: EventChanges['backfill']

  get empty(): boolean {
    return this.changes.size === 0 && !this.replace && this.backfill === undefined
  }

  get size(): number {
    return this.changes.size
  }

  add({ events, withdrawn, replace, backfill }: EventChanges): void {
    if (replace) {
      this.changes.clear()
      this.replace = true
    }
    if (backfill !== undefined) this.backfill = backfill
    for (const id of withdrawn) this.changes.set(id, null)
    for (const event of events) this.changes.set(event.id, event)
  }

  drain(): EventChanges {
    const drained: EventChanges = {
      events: [...this.changes.values()].filter((event) => event !== null),
      withdrawn: [...this.changes].flatMap(([id, event]) => (event === null ? [id] : [])),
      replace: this.replace,
      ...(this.backfill === undefined ? {} : { backfill: this.backfill }),
    }
    this.changes = new Map()
    this.replace = false
    this.backfill = undefined
    return drained
  }
}
