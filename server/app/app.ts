// The application behind the page: implements what HTTP and sockets call, from live history, recordings, decisions and
// settings.
import type { Readable } from 'node:stream'
import { interfacesBySide } from '../../capture/sources/internet-side.ts'
import type {
  Answer,
  AlertPage,
  AlertRow,
  AlertDecision,
  TrafficStatus,
  ChannelTest,
  EventCounts,
  EventPage,
  EventRow,
  CompanyPage,
  Device,
  DeviceChange,
  DeviceListPage,
  DevicePage,
  HourGrid,
  InterfaceChoice,
  Overview,
  Receipt,
  Replay,
  ReplayControl,
  Room,
  QuestionList,
  RuleWords,
  ScopeId,
  SearchHit,
  Merge,
  MergeOffer,
  NewPerson,
  Person,
  PersonAdded,
  PersonChange,
  TrackedPerson,
  SeenOnce,
  Series,
  SettingsPage,
  TickMessage,
  Totals,
  DryRun,
  DryRunRequest,
  Undo,
} from '../api.ts'
import type { Alert } from '../alerts/alert.ts'
import type { AlertCommand } from '../alerts/command.ts'
import { LIVE_SCOPE } from '../api.ts'
import type { HomeDevice } from '../notify/home-device.ts'
import type { Replays } from '../replay/replays.ts'
import type { Rules } from '../rulebook/open.ts'
import { type Range, type SeriesQuery, type Service, type ServiceEvents } from '../http/service.ts'
import type { Session } from '../session/session.ts'
import { alertRow, withLikely } from '../queries/activity.ts'
import { deviceList, type DeviceListQuery } from '../queries/device-list.ts'
import { overview } from '../queries/overview.ts'
import { companyPage, devicePage } from '../queries/pages.ts'
import { search } from '../queries/search.ts'
import { series } from '../queries/series.ts'
import { totals } from '../queries/totals.ts'
import { trackedPeople } from '../queries/trackers.ts'
import { AlertEvidence } from './alert-evidence.ts'
import { AlertSender } from './alert-sender.ts'
import { DeviceChanges, noSuchDevice } from './device-changes.ts'
import type { LiveTraffic } from './live-traffic.ts'
import { type EventPageQuery, EventPages } from './event-pages.ts'
import { listPeople } from './people.ts'
import { HomeQuestions, type QuestionQuery } from './questions.ts'
import { Scopes } from './scopes.ts'
import { ServiceEmitter } from './service-emitter.ts'
import { statusOf } from './status.ts'
import type { AlertStore } from './alert-store.ts'
import { DeviceFacts } from './channel-devices.ts'
import type { Channels } from './channels.ts'
import type { Decisions } from './decisions.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { StateFolder } from '../store/state-folder.ts'
import type { SteadyClock } from './steady-clock.ts'
import type { DryRuns } from '../dry-run/dry-runs.ts'
import { historyDryRun, recordingDryRun } from '../dry-run/plan.ts'
import { ServiceError } from '../model/service-error.ts'

const GRID_DAYS = 7
/** What happened this long before and after an alert belongs to its time. */
const AROUND_ALERT_SECONDS = 1_800
const MAX_AROUND = 30

export interface AppParts {
  folder: StateFolder
  rules: Rules
  words: RuleWords
  decisions: Decisions
  settings: SettingsStore
  replays: Replays
  live: LiveTraffic
  /** Restarts the live session where a setting asks for it. */
  applySettings: () => Promise<void>
  /**
   * Removes devices from the files that are neither history nor decisions. Resolves to how many files were rewritten.
   */
  forgetElsewhere: (ids: string[]) => Promise<number>
  alertStore: AlertStore
  channels: Channels
  dryRuns: DryRuns
  /** The machine's clock in seconds. */
  clock: () => number
  steadyClock: SteadyClock
}

export class App implements Service {
  private readonly parts: AppParts
  /** Where sessions and replays report what happened. */
  readonly emitter: ServiceEmitter
  private readonly scopes: Scopes
  private readonly evidence: AlertEvidence
  private readonly changes: DeviceChanges
  private readonly homeQuestions: HomeQuestions
  private readonly eventPages: EventPages
  private readonly deviceFacts = new DeviceFacts()
  private readonly startedAt: number

  constructor(parts: AppParts) {
    this.parts = parts
    this.startedAt = parts.clock()
    this.scopes = new Scopes(parts)
    this.evidence = new AlertEvidence({ ...parts, scopes: this.scopes })
    this.eventPages = new EventPages(this.scopes)
    this.homeQuestions = new HomeQuestions({ ...parts, scopes: this.scopes })
    const sender = new AlertSender({
      channels: parts.channels,
      evidence: this.evidence,
      view: () => this.scopes.viewOf(LIVE_SCOPE),
    })
    this.emitter = new ServiceEmitter({
      scopes: this.scopes,
      status: (scope) => this.status(scope),
      devices: (scope) => this.devices(scope),
      addAlerts: (session, alerts) => sender.add(session, alerts),
    })
    this.changes = new DeviceChanges({
      ...parts,
      scopes: this.scopes,
      emitChanged: () => this.emitter.emitChanged(LIVE_SCOPE),
    })
  }

  on<Name extends keyof ServiceEvents>(event: Name, listener: ServiceEvents[Name]): void {
    this.emitter.on(event, listener)
  }

  words(): RuleWords {
    return this.parts.words
  }

  status(scope: ScopeId): Promise<TrafficStatus> {
    const { folder, decisions, settings } = this.parts
    return statusOf(scope, {
      scopes: this.scopes,
      timeZone: settings.timeZone,
      startedAt: this.startedAt,
      folder,
      unconfirmed: decisions.unconfirmed,
    })
  }

  devices(scope: ScopeId): Device[] {
    return this.scopes.viewOf(scope).devices()
  }

  async overview(scope: ScopeId, range: Range & { device?: string; company?: string }): Promise<Overview> {
    return overview(this.scopes.viewOf(scope), range)
  }

  async series(scope: ScopeId, query: SeriesQuery): Promise<Series> {
    return series(this.scopes.viewOf(scope), query)
  }

  async device(scope: ScopeId, id: string, range: Range): Promise<DevicePage> {
    return (await devicePage(this.scopes.viewOf(scope), id, range)) ?? noSuchDevice()
  }

  async grid(scope: ScopeId, id: string): Promise<HourGrid> {
    const view = this.scopes.viewOf(scope)
    if (!view.devices().some((device) => device.id === id)) return noSuchDevice()
    return { days: await view.history.grid(view.membersOf(id), GRID_DAYS, view.now()) }
  }

  async company(scope: ScopeId, slug: string, range: Range): Promise<CompanyPage> {
    const page = await companyPage(this.scopes.viewOf(scope), slug, range)
    if (page === null)
      throw new ServiceError(404, 'no-such-company', 'No device talked to this company, and no rule knows it')
    return page
  }

  async totals(scope: ScopeId, period: Totals['period'], devices?: readonly string[]): Promise<Totals> {
    return totals(this.scopes.viewOf(scope), period, devices)
  }

  async deviceList(scope: ScopeId, query: DeviceListQuery): Promise<DeviceListPage> {
    return deviceList(this.scopes.viewOf(scope), query)
  }

  async search(scope: ScopeId, text: string): Promise<SearchHit[]> {
    return search(this.scopes.viewOf(scope), text)
  }

  readonly questions = (scope: ScopeId, range: Range): Promise<QuestionList> => this.homeQuestions.list(scope, range)
  readonly ask = (scope: ScopeId, id: string, query: QuestionQuery): Promise<Answer> =>
    this.homeQuestions.ask(scope, id, query)

  alerts(scope: ScopeId): AlertRow[] {
    const view = this.scopes.viewOf(scope)
    const { activity } = this.scopes.sessionOf(scope)
    return activity
      .allAlerts()
      .map((alert) => alertRow(view, alert, activity.mutes))
      .sort((one, other) => other.to - one.to)
  }

  async alert(scope: ScopeId, id: string): Promise<AlertPage> {
    const view = this.scopes.viewOf(scope)
    const alert = this.requireAlert(scope, id)
    const { series, answers } = await this.evidence.evidenceOf(scope, alert)
    const then = { from: alert.from - AROUND_ALERT_SECONDS, to: alert.to + AROUND_ALERT_SECONDS }
    return {
      alert: alertRow(view, alert, this.scopes.sessionOf(scope).activity.mutes),
      series,
      answers: await withLikely(view, alert, answers),
      around: this.events(scope, then)
        .filter(({ kind }) => kind !== 'heartbeat')
        .slice(-MAX_AROUND),
      alsoThen: this.alerts(scope)
        .filter((other) => other.id !== id && other.from < then.to && other.to >= then.from)
        .slice(0, MAX_AROUND),
    }
  }

  readonly events = (scope: ScopeId, query: Range & { device?: string }): EventRow[] =>
    this.eventPages.newest(scope, query)
  readonly eventPage = (scope: ScopeId, query: EventPageQuery): Promise<EventPage> => this.eventPages.page(scope, query)
  readonly eventCounts = (scope: ScopeId, query: Range & { device?: string }): Promise<EventCounts> =>
    this.eventPages.counts(scope, query)

  async decide(scope: ScopeId, id: string, decision: AlertDecision['decision']): Promise<AlertRow> {
    const alert = this.requireAlert(scope, id)
    const session = this.scopes.sessionOf(scope)
    const { state } = alert
    await this.keepCommand(session, { order: decision, id }, { order: state === 'habit' ? 'open' : state, id })
    return alertRow(this.scopes.viewOf(scope), { ...alert, state: decision }, session.activity.mutes)
  }

  async mute(id: string, on: boolean): Promise<AlertRow> {
    const session = this.scopes.live
    const alert = this.requireAlert(LIVE_SCOPE, id)
    const { device, company, kind, destination } = alert
    const mute = { order: 'mute', mute: { device, company, kind, destination, until: null } } as const
    const unmute = { order: 'unmute', mute: { device, company, kind, destination } } as const
    await (on ? this.keepCommand(session, mute, unmute) : this.keepCommand(session, unmute, mute))
    return { ...alertRow(this.scopes.viewOf(LIVE_SCOPE), alert, session.activity.mutes), muted: on }
  }

  async startDryRun({ scope, alerts }: DryRunRequest): Promise<DryRun> {
    const { settings, dryRuns, replays } = this.parts
    const pair = [settings.values, settings.with({ alerts })] as const
    if (scope !== LIVE_SCOPE)
      return dryRuns.overRecording(scope, recordingDryRun(replays.get(scope), pair, settings.timeZone))
    const view = this.scopes.viewOf(scope)
    const session = this.scopes.live
    const dryRun = await historyDryRun(session, view, pair, settings.timeZone, this.scopes.isSample(scope))
    return dryRuns.overHistory(scope, dryRun, (alert) => alertRow(view, alert, []).message)
  }

  readonly dryRun = (id: string): DryRun => this.parts.dryRuns.get(id)
  readonly endDryRun = (id: string): void => this.parts.dryRuns.end(id)

  readonly testChannel = (name: string): Promise<ChannelTest> => this.parts.channels.test(name)

  /** The devices of the real home for a broker; null while there is none. */
  async homeDevices(): Promise<HomeDevice[] | null> {
    const session = this.scopes.live
    if (!this.scopes.isRealHome) return null
    return this.deviceFacts.homeDevices(this.scopes.viewOf(LIVE_SCOPE), session.activity, this.parts.words.kinds)
  }

  readonly changeDevice = (id: string, change: DeviceChange): Promise<Undo> => this.changes.change(id, change)
  readonly people = (): Person[] => listPeople(this.parts.decisions.words)
  readonly addPerson = (person: NewPerson): Promise<PersonAdded> => this.changes.addPerson(person)
  readonly changePerson = (id: string, change: PersonChange): Promise<Undo> => this.changes.changePerson(id, change)
  readonly removePerson = (id: string): Promise<Undo> => this.changes.removePerson(id)
  readonly trackedPeople = (scope: ScopeId, range: Range): Promise<TrackedPerson[]> =>
    trackedPeople(this.scopes.viewOf(scope), range)

  readonly merge = (id: string, into: string): Promise<Undo> => this.changes.merge(id, into)
  readonly split = (id: string): Promise<Undo> => this.changes.split(id)
  readonly mergeOffers = (): MergeOffer[] => this.changes.mergeOffers()
  readonly acceptMerge = (merge: Merge): Promise<Undo> => this.changes.acceptMerge(merge)
  readonly declineMerge = (merge: Merge): Promise<Undo> => this.changes.declineMerge(merge)

  readonly undo = (number: string): Promise<void> => this.changes.undo(number)
  readonly forget = (id: string, ignore: boolean): Promise<Receipt> => this.changes.forget(id, ignore)
  readonly seenOnce = (): Promise<SeenOnce> => this.changes.seenOnce()
  readonly forgetSeenOnce = (until: number): Promise<Receipt> => this.changes.forgetSeenOnce(until)

  ignored(): string[] {
    return this.parts.decisions.ignored.hashes
  }

  readonly unignore = (hash: string): Promise<void> => this.changes.unignore(hash)

  upload(name: string, size: number | null, body: Readable): Promise<Replay> {
    return this.parts.replays.upload(name, size, body)
  }

  readonly replays = (): Replay[] => this.parts.replays.all()
  readonly replay = (id: string): Replay => this.parts.replays.get(id).facts

  async control(id: string, control: ReplayControl): Promise<Replay> {
    return this.parts.replays.control(id, control)
  }

  readonly closeReplay = (id: string): Promise<void> => this.parts.replays.close(id)

  interfaces(): InterfaceChoice[] {
    return interfacesBySide()
      .filter(({ isUp, kind }) => isUp && kind !== 'loopback')
      .map(({ name, addresses, sees }) => ({ name, addresses, sees }))
  }

  settings(): SettingsPage {
    return { ...this.parts.settings.page(), channels: this.parts.channels.facts() }
  }

  async believeClock(): Promise<void> {
    await this.parts.live.believeClock()
    this.parts.steadyClock.believe()
  }

  async changeSettings(values: Record<string, Record<string, unknown>>): Promise<SettingsPage> {
    await this.parts.settings.change(values)
    await this.parts.applySettings()
    await this.parts.channels.apply()
    this.changes.applyPolicy()
    return this.settings()
  }

  async confirmRecovery(): Promise<void> {
    await this.parts.decisions.confirm()
  }

  tickOf(room: Room): TickMessage | null {
    const [kind, ...rest] = room.split(':')
    if (kind === 'home') return this.scopes.live.homeTick
    if (kind === 'device') return this.scopes.live.deviceTick(rest.join(':'))
    const [id = '', ...within] = rest
    const replay = this.parts.replays.find(id)
    if (replay === null) return null
    return within[0] === 'device' ? replay.session.deviceTick(within.slice(1).join(':')) : replay.session.homeTick
  }

  setWatched(isWatched: boolean): void {
    this.parts.live.setWatched(isWatched)
  }

  /** Called regularly: keeps the evidence of alerts that came in since. */
  updateEvidence(): Promise<void> {
    return this.evidence.update()
  }

  private requireAlert(scope: ScopeId, id: string): Alert {
    const alert = this.scopes.sessionOf(scope).activity.alert(id)
    if (alert === null)
      throw new ServiceError(404, 'no-such-alert', 'There is no such alert; its device may have been forgotten')
    return alert
  }

  /** Of the real home it is on the disk then; where that refuses, the command is taken back. */
  private async keepCommand(session: Session, command: AlertCommand, opposite: AlertCommand): Promise<void> {
    session.applyCommand(command)
    try {
      await this.parts.alertStore.saveMemory(session)
    } catch (error) {
      session.applyCommand(opposite)
      await session.remember()
      throw error
    }
  }
}
