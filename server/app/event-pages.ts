// Events page by page, and their counts by local day, of the live home or of a recording.
import { type EventCounts, type EventPage, type EventRow, LIVE_SCOPE, type ScopeId } from '../api.ts'
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
    const captured = await capturedOf(this.scopes, scope, { from, to })
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

/**
 * The captured parts of the range. Nobody notes when a recording or the sample was captured: it is all of it, and a log
 * that is read on tells of the time that Telltale was off as well.
 */
export async function capturedOf(
  scopes: Scopes,
  scope: ScopeId,
  range: Range,
  lookupsOnly = scopes.countsLookupsOnly(scope),
): Promise<Range[]> {
  const view = scopes.viewOf(scope)
  const until = Math.min(range.to, Math.ceil(view.now()))
  if (scope === LIVE_SCOPE && !scopes.isSample(scope) && !lookupsOnly)
    return view.history.captured({ from: range.from, to: Math.max(range.from, until) })
  const { first, last } = await view.history.facts()
  if (first === null) return []
  const end = scope === LIVE_SCOPE ? until : Math.min(range.to, Math.ceil(last ?? first) + 1)
  const from = Math.max(range.from, Math.floor(first))
  return from < end ? [{ from, to: end }] : []
}

function rowOf(view: TrafficView, { count, until, ...event }: StoredEvent): EventRow {
  return { ...eventRow(view, event as DeviceEvent), count, until }
}
