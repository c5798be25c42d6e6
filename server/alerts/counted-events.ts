// Events that were given to detectors, so that each is given once.
import type { EventFact } from '../events/event.ts'

/** Events remembered of each kind; beyond, the one given first is forgotten. */
const MAX_EVENTS = 2_048

export class CountedEvents {
  /** Ids by kind. */
  private readonly ids = new Map<string, Set<string>>()

  /** Whether the event was not given before; from now on it was. */
  count({ kind, id }: EventFact): boolean {
    let ids = this.ids.get(kind)
    if (ids === undefined) this.ids.set(kind, (ids = new Set()))
    if (ids.has(id)) return false
    ids.add(id)
    if (ids.size > MAX_EVENTS) ids.delete(ids.values().next().value as string)
    return true
  }
}
