// Events page by page, and their counts by local day, of the live home or of a recording.
import type { EventCounts, EventPage, EventRow, ScopeId } from '../api.ts'
import type { DeviceEvent } from '../detection/activity.ts'
import type { Range, StoredEvent } from '../history/history.ts'
import { eventRow } from '../queries/activity.ts'
import { describeCompany, type TrafficView } from '../queries/traffic-view.ts'
import { capturedDays, countsOfHome } from '../questions/event-counts.ts'
import type { Scopes } from './scopes.ts'

const DEFAULT_PAGE = 500
/** Events answered at once where no page is asked for. */
const MAX_EVENTS_SHOWN = 2_000

export interface EventPageQuery extends Range {
  device?: string
  kind?: string
  cursor?: string
  limit?: number
}

export class EventPages {
  private readonly scopes: Scopes

  constructor(scopes: Scopes) {
    this.scopes = scopes
  }

  /** Of the latest events, the newest in the range, the oldest first. */
  newest(scope: ScopeId, { from, to, device }: Range & { device?: string }): EventRow[] {
    const view = this.scopes.viewOf(scope)
    return this.scopes
      .sessionOf(scope)
      .activity.allEvents()
      .filter(
        (event) => event.at >= from && event.at < to && (device === undefined || view.rootOf(event.device) === device),
      )
      .sort((one, other) => one.at - other.at)
      .slice(-MAX_EVENTS_SHOWN)
      .map((event) => eventRow(view, event))
  }

  async page(scope: ScopeId, { from, to, device, kind, cursor, limit }: EventPageQuery): Promise<EventPage> {
    const view = this.scopes.viewOf(scope)
    const answer = await view.history.events({
      from,
      to,
      limit: limit ?? DEFAULT_PAGE,
      ...(device === undefined ? {} : { devices: view.membersOf(device) }),
      ...(kind === undefined ? {} : { kinds: [kind] }),
      ...(cursor === undefined ? {} : { before: cursor }),
    })
    const { long, brief } = answer.keptFrom
    return {
      events: answer.events.map((event) => rowOf(view, event)),
      total: answer.total,
      next: answer.next,
      keptFrom: { long, brief },
      isCut: from < Math.max(long ?? -Infinity, brief ?? -Infinity),
    }
  }

  async counts(scope: ScopeId, { from, to, device }: Range & { device?: string }): Promise<EventCounts> {
    const view = this.scopes.viewOf(scope)
    const captured = await capturedUntilNow(view, { from, to })
    const { countedFrom, counts } = await countsOfHome(view, { from, to })
    return {
      countedFrom,
      days: capturedDays(view.localTime, { from, to }, captured).map((day) => ({
        ...day,
        date: view.localTime.dateOf(day.day),
      })),
      counts: counts
        .filter((count) => device === undefined || count.device === device)
        .map((count) => ({ ...count, company: describeCompany(view, count.company) })),
    }
  }
}

/** Captured intervals of the range, as far as it is over. */
export function capturedUntilNow(view: TrafficView, { from, to }: Range): Promise<Range[]> {
  const until = Math.min(to, Math.ceil(view.now()))
  return view.history.captured({ from, to: Math.max(from, until) })
}

function rowOf(view: TrafficView, { count, until, ...event }: StoredEvent): EventRow {
  return { ...eventRow(view, event as DeviceEvent), count, until }
}
