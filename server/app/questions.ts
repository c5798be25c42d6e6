// Questions asked of the live home or of a recording.
import { type Answer, LIVE_SCOPE, type QuestionId, type QuestionList, type RuleWords, type ScopeId } from '../api.ts'
import type { DeviceEvent } from '../detection/activity.ts'
import type { Range } from '../history/history.ts'
import { ServiceError } from '../model/service-error.ts'
import { parseSchedules } from '../model/schedule.ts'
import { ask, listQuestions, questionOf } from '../questions/ask.ts'
import { capturedDays, countsOfHome } from '../questions/event-counts.ts'
import type { FactsSource } from '../questions/facts.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import { capturedOf } from './event-pages.ts'
import type { Scopes } from './scopes.ts'

/** Single events that a question looks at: the newest. */
const MOST_EVENTS = 20_000

export interface QuestionParts {
  scopes: Scopes
  settings: SettingsStore
  words: RuleWords
}

export interface QuestionQuery extends Range {
  device?: string
  company?: string
}

export class HomeQuestions {
  private readonly parts: QuestionParts

  constructor(parts: QuestionParts) {
    this.parts = parts
  }

  async list(scope: ScopeId, range: Range): Promise<QuestionList> {
    return listQuestions(await this.sourceOf(scope, range), range)
  }

  async ask(scope: ScopeId, id: string, { device, company, from, to }: QuestionQuery): Promise<Answer> {
    const question = questionOf(id)
    if (question === null) throw new ServiceError(404, 'no-such-question', `There is no question "${id}".`)
    const source = await this.sourceOf(scope, { from, to })
    if (device !== undefined && !source.view.devices().some((one) => one.id === device))
      throw new ServiceError(404, 'no-such-device', 'There is no such device; it may have been forgotten')
    if (company !== undefined && source.view.rules.companies.describe(company) === null)
      throw new ServiceError(404, 'no-such-company', `No rule knows a company "${company}".`)
    const { first } = await source.view.history.facts()
    return ask(question.id satisfies QuestionId, source, {
      // Before its first moment the home was not asked to be watched.
      from: first === null ? from : Math.min(Math.max(from, Math.floor(first)), to - 1),
      to,
      devices: device === undefined ? [] : [device],
      company: company ?? null,
    })
  }

  private async sourceOf(scope: ScopeId, asked: Range): Promise<FactsSource> {
    const { scopes, settings, words } = this.parts
    const view = scopes.viewOf(scope)
    const session = scopes.sessionOf(scope)
    const lookupsOnly = await this.hasLookupsOnly(scope, view, asked)
    const captured = (range: Range): Promise<Range[]> => capturedOf(scopes, scope, range, lookupsOnly)
    return {
      view,
      lookupsOnly,
      isRecording: scope !== LIVE_SCOPE,
      quietHours: parseSchedules(settings.values.alerts.quietHours),
      sources: session.sources.map(({ title }) => title),
      purposeTitle: (purpose) => words.purposes[purpose]?.title ?? null,
      eventCounts: async (range) => (await countsOfHome(view, range)).counts,
      eventFloors: async () => {
        const at = { from: view.now(), to: view.now() }
        const [{ countedFrom }, { keptFrom }] = await Promise.all([
          view.history.eventCounts(at),
          view.history.events({ ...at, limit: 0 }),
        ])
        return { counted: countedFrom, long: keptFrom.long }
      },
      events: async (range, kinds) => {
        const { events } = await view.history.events({ ...range, kinds, limit: MOST_EVENTS })
        return events.map(({ count: _count, until: _until, ...event }) => ({
          ...(event as DeviceEvent),
          device: view.rootOf(event.device),
        }))
      },
      captured,
      capturedDays: async (range) => capturedDays(view.localTime, range, await captured(range)),
    }
  }

  /** Of a home whose sources are not there to say so, it is what was kept that shows it. */
  private async hasLookupsOnly(scope: ScopeId, view: TrafficView, range: Range): Promise<boolean> {
    const { scopes } = this.parts
    if (scope !== LIVE_SCOPE || scopes.live.sources.length > 0) return scopes.countsLookupsOnly(scope)
    const lookups = await view.history.lookups(range)
    return lookups.length > 0 && (await view.history.sums(range)).length === 0
  }
}
