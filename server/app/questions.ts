// Questions asked of the live home or of a recording.
import { type Answer, LIVE_SCOPE, type QuestionId, type QuestionList, type RuleWords, type ScopeId } from '../api.ts'
import type { Range } from '../history/history.ts'
import { ServiceError } from '../model/service-error.ts'
import { parseSchedules } from '../model/schedule.ts'
import { ask, listQuestions, questionOf } from '../questions/ask.ts'
import { capturedDays, countEvents } from '../questions/event-counts.ts'
import type { FactsSource } from '../questions/facts.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { Scopes } from './scopes.ts'

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
    const captured = (range: Range): Promise<Range[]> => this.capturedOf(scope, view, range, lookupsOnly)
    return {
      view,
      lookupsOnly,
      isRecording: scope !== LIVE_SCOPE,
      quietHours: parseSchedules(settings.values.alerts.quietHours),
      sources: session.sources.map(({ title }) => title),
      purposeTitle: (purpose) => words.purposes[purpose]?.title ?? null,
      eventCounts: async (range) => countEvents(view, session.activity.allEvents(), range),
      events: async (range, kinds) =>
        session.activity
          .allEvents()
          .filter(({ at, kind }) => at >= range.from && at < range.to && kinds.includes(kind))
          .map((event) => ({ ...event, device: view.rootOf(event.device) }))
          .sort((one, other) => one.at - other.at),
      captured,
      capturedDays: async (range) => capturedDays(view.localTime, range, await captured(range)),
    }
  }

  /**
   * The captured parts of the range. Nobody notes when a recording or the sample was captured: it is all of it, and a
   * log that is read on tells of the time that Telltale was off as well.
   */
  private async capturedOf(scope: ScopeId, view: TrafficView, range: Range, lookupsOnly: boolean): Promise<Range[]> {
    const { scopes } = this.parts
    const until = Math.min(range.to, Math.ceil(view.now()))
    if (scope === LIVE_SCOPE && !scopes.isSample(scope) && !lookupsOnly)
      return view.history.captured({ from: range.from, to: Math.max(range.from, until) })
    const { first, last } = await view.history.facts()
    if (first === null) return []
    const end = scope === LIVE_SCOPE ? until : Math.min(range.to, Math.ceil(last ?? first) + 1)
    const from = Math.max(range.from, Math.floor(first))
    return from < end ? [{ from, to: end }] : []
  }

  /** Of a home whose sources are not there to say so, it is what was kept that shows it. */
  private async hasLookupsOnly(scope: ScopeId, view: TrafficView, range: Range): Promise<boolean> {
    const { scopes } = this.parts
    if (scope !== LIVE_SCOPE || scopes.live.sources.length > 0) return scopes.countsLookupsOnly(scope)
    const lookups = await view.history.lookups(range)
    return lookups.length > 0 && (await view.history.sums(range)).length === 0
  }
}
