// The product behind the page: live history, recordings, decisions and settings, joined. Implements what HTTP and
// sockets call.
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { listInterfaces } from '../../capture/sources/interfaces.ts'
import type {
  AlertPage,
  AlertRow,
  AlertState,
  TrafficStatus,
  ChannelTest,
  EventRow,
  CompanyPage,
  Device,
  DeviceChange,
  DevicePage,
  Health,
  HourGrid,
  InterfaceChoice,
  Overview,
  Receipt,
  Replay,
  ReplayControl,
  Room,
  RuleWords,
  ScopeId,
  SearchHit,
  Series,
  SettingsPage,
  TickMessage,
  Totals,
  DryRun,
  DryRunRequest,
  Undo,
} from '../api.ts'
import type { Alert } from '../alerts/alert.ts'
import { worded } from '../alerts/words.ts'
import { LIVE_SCOPE } from '../api.ts'
import { LocalTime } from '../model/local-time.ts'
import type { StoredEndpoint } from '../history/history.ts'
import type { HomeDevice } from '../notify/home-device.ts'
import type { Replays } from '../replay/replays.ts'
import type { Rules } from '../rulebook/open.ts'
import { type Range, type SeriesQuery, type Service, type ServiceEvents } from '../http/service.ts'
import type { Session } from '../session/session.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import { alertAnswers, alertRow, alertSeries, eventRow } from '../queries/activity.ts'
import { overview, slugOf } from '../queries/overview.ts'
import { companyPage, devicePage } from '../queries/pages.ts'
import { search } from '../queries/search.ts'
import { totals } from '../queries/totals.ts'
import type { AlertStore, Evidence } from './alert-store.ts'
import { DeviceFacts } from './channel-devices.ts'
import type { Channels } from './channels.ts'
import type { Decisions } from './decisions.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { DryRuns } from '../dry-run/dry-runs.ts'
import { historyDryRun, recordingDryRun } from '../dry-run/plan.ts'
import { ServiceError } from '../model/service-error.ts'
import type { ActivityUpdate } from '../detection/activity.ts'

const DAY = 86_400
const GRID_DAYS = 7
/** Events answered at once: the newest. */
const MAX_EVENTS_SHOWN = 2_000
/** What happened this long before and after an alert belongs to its time. */
const AROUND_ALERT_SECONDS = 1_800
const MAX_AROUND = 30
/** Minutes after an alert are complete this long after it. */
const EVIDENCE_SECONDS = 6 * 3_600

export interface AppParts {
  rules: Rules
  words: RuleWords
  decisions: Decisions
  settings: SettingsStore
  replays: Replays
  /** The live session as it is now; another one after the source was changed. */
  live: () => Session
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
}

export class App implements Service {
  private readonly parts: AppParts
  private readonly listeners: { [Name in keyof ServiceEvents]: ServiceEvents[Name][] } = {
    second: [],
    devices: [],
    status: [],
    replay: [],
    alerts: [],
    events: [],
    changed: [],
  }
  private readonly caches = new WeakMap<Session, Map<number, StoredEndpoint>>()
  private readonly deviceFacts = new DeviceFacts()
  private readonly startedAt: number
  private liveFirst: number | null = null

  constructor(parts: AppParts) {
    this.parts = parts
    this.startedAt = parts.clock()
  }

  on<Name extends keyof ServiceEvents>(event: Name, listener: ServiceEvents[Name]): void {
    this.listeners[event].push(listener)
  }

  /** Passes on what a session tells. */
  listen(scope: ScopeId, session: Session): void {
    session.on('tick', () => {
      this.emit('second', scope)
      void this.status(scope).then(
        (status) => this.emit('status', scope, status),
        () => {},
      )
    })
    session.on('devices', (ids) => this.emitDevices(scope, ids))
    session.on('changed', () => this.emit('changed', scope))
    session.on('activity', (update) => {
      this.emitActivity(scope, update)
      if (scope === LIVE_SCOPE && !this.isSample(session)) this.addAlerts(session, update.alerts)
    })
  }

  emitActivity(scope: ScopeId, { events, withdrawn, alerts, mutes, replace }: ActivityUpdate): void {
    const view = this.viewOf(scope)
    const { activity } = this.sessionOf(scope)
    if (replace) return this.emit('changed', scope)
    if (events.length > 0 || withdrawn.length > 0)
      this.emit(
        'events',
        scope,
        events.map((event) => eventRow(view, event)).slice(-MAX_AROUND),
        withdrawn.slice(0, MAX_AROUND),
      )
    const told = mutes === null ? alerts : activity.allAlerts()
    if (told.length > 0)
      this.emit(
        'alerts',
        scope,
        told.map((alert) => alertRow(view, alert, activity.mutes)),
      )
  }

  emitReplay(replay: Replay): void {
    this.emit('replay', replay)
  }

  emitTick(scope: ScopeId): void {
    this.emit('second', scope)
  }

  emitChanged(scope: ScopeId): void {
    this.emit('changed', scope)
  }

  emitDevices(scope: ScopeId, ids: string[]): void {
    const wanted = new Set(ids.map((id) => this.sessionOf(scope).registry.rootOf(id)))
    this.emit(
      'devices',
      scope,
      this.devices(scope).filter(({ id }) => wanted.has(id)),
    )
  }

  words(): RuleWords {
    return this.parts.words
  }

  async status(scope: ScopeId): Promise<TrafficStatus> {
    const session = this.sessionOf(scope)
    const facts = await session.history.facts()
    if (scope === LIVE_SCOPE) this.liveFirst = facts.first
    const now = this.nowOf(session)
    return {
      scope,
      sources: session.sources.map(({ tellsBytes: _, ...source }) => ({
        ...source,
        packetsPerSecond: session.packetsPerSecond,
      })),
      now,
      first: facts.first,
      last: facts.last,
      timeZone: this.parts.settings.timeZone,
      learningUntil: this.learningUntil(scope),
      sample: this.isSample(session),
      ...(session.sources.length > 0 && session.sources.every(({ tellsBytes }) => tellsBytes === false)
        ? { lookupsOnly: true }
        : {}),
      health: this.healthOf(session, facts),
    }
  }

  devices(scope: ScopeId): Device[] {
    return this.sessionOf(scope).registry.devices(this.learningEnd(scope))
  }

  async overview(scope: ScopeId, range: Range & { device?: string; company?: string }): Promise<Overview> {
    return overview(this.viewOf(scope), range)
  }

  async series(scope: ScopeId, { device, company, purpose, step, ...range }: SeriesQuery): Promise<Series> {
    const view = this.viewOf(scope)
    const {
      from,
      step: chosen,
      sent,
      received,
      covered,
    } = await view.history.series({
      ...range,
      ...(device === undefined ? {} : { devices: view.membersOf(device) }),
      ...(company === undefined ? {} : { company: slugOf(company) }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(step === undefined ? {} : { step }),
    })
    const gaps = (values: number[]): (number | null)[] =>
      values.map((value, index) => (covered[index] === 0 && value === 0 ? null : value))
    return { from, step: chosen, sent: gaps(sent), received: gaps(received) }
  }

  async device(scope: ScopeId, id: string, range: Range): Promise<DevicePage> {
    return (await devicePage(this.viewOf(scope), id, range)) ?? noSuchDevice()
  }

  async grid(scope: ScopeId, id: string): Promise<HourGrid> {
    const view = this.viewOf(scope)
    if (!view.devices().some((device) => device.id === id)) return noSuchDevice()
    return { days: await view.history.grid(view.membersOf(id), GRID_DAYS, view.now()) }
  }

  async company(scope: ScopeId, slug: string, range: Range): Promise<CompanyPage> {
    const page = await companyPage(this.viewOf(scope), slug, range)
    if (page === null)
      throw new ServiceError(404, 'no-such-company', 'No device talked to this company, and no rule knows it')
    return page
  }

  async totals(scope: ScopeId, period: Totals['period']): Promise<Totals> {
    return totals(this.viewOf(scope), period)
  }

  async search(scope: ScopeId, text: string): Promise<SearchHit[]> {
    return search(this.viewOf(scope), text)
  }

  alerts(scope: ScopeId): AlertRow[] {
    const view = this.viewOf(scope)
    const { activity } = this.sessionOf(scope)
    return activity
      .allAlerts()
      .map((alert) => alertRow(view, alert, activity.mutes))
      .sort((one, other) => other.to - one.to)
  }

  async alert(scope: ScopeId, id: string): Promise<AlertPage> {
    const view = this.viewOf(scope)
    const alert = this.requireAlert(scope, id)
    const { series, answers } = await this.evidenceOf(scope, alert)
    const then = { from: alert.from - AROUND_ALERT_SECONDS, to: alert.to + AROUND_ALERT_SECONDS }
    return {
      alert: alertRow(view, alert, this.sessionOf(scope).activity.mutes),
      series,
      answers,
      around: this.events(scope, then)
        .filter(({ kind }) => kind !== 'heartbeat')
        .slice(-MAX_AROUND),
      alsoThen: this.alerts(scope)
        .filter((other) => other.id !== id && other.from < then.to && other.to >= then.from)
        .slice(0, MAX_AROUND),
    }
  }

  events(scope: ScopeId, { from, to, device }: Range & { device?: string }): EventRow[] {
    const view = this.viewOf(scope)
    const events = this.sessionOf(scope)
      .activity.allEvents()
      .filter(
        (event) => event.at >= from && event.at < to && (device === undefined || view.rootOf(event.device) === device),
      )
    return events
      .sort((one, other) => one.at - other.at)
      .slice(-MAX_EVENTS_SHOWN)
      .map((event) => eventRow(view, event))
  }

  decide(scope: ScopeId, id: string, decision: AlertState): AlertRow {
    const alert = this.requireAlert(scope, id)
    const session = this.sessionOf(scope)
    session.applyCommand({ order: decision, id })
    return alertRow(this.viewOf(scope), { ...alert, state: decision }, session.activity.mutes)
  }

  mute(id: string, on: boolean): AlertRow {
    const session = this.parts.live()
    const alert = this.requireAlert(LIVE_SCOPE, id)
    const { device, company, kind } = alert
    session.applyCommand(
      on
        ? { order: 'mute', mute: { device, company, kind, until: null } }
        : { order: 'unmute', mute: { device, company, kind } },
    )
    return { ...alertRow(this.viewOf(LIVE_SCOPE), alert, session.activity.mutes), muted: on }
  }

  async startDryRun({ scope, alerts }: DryRunRequest): Promise<DryRun> {
    const { settings, dryRuns, replays } = this.parts
    const pair = [settings.values, settings.with({ alerts })] as const
    if (scope !== LIVE_SCOPE)
      return dryRuns.overRecording(scope, recordingDryRun(replays.get(scope), pair, settings.timeZone))
    const view = this.viewOf(scope)
    const session = this.parts.live()
    const dryRun = await historyDryRun(session, view, pair, settings.timeZone, this.isSample(session))
    return dryRuns.overHistory(scope, dryRun, (alert) => alertRow(view, alert, []).message)
  }

  dryRun(id: string): DryRun {
    return this.parts.dryRuns.get(id)
  }

  endDryRun(id: string): void {
    this.parts.dryRuns.end(id)
  }

  testChannel(name: string): Promise<ChannelTest> {
    return this.parts.channels.test(name)
  }

  /** What a broker is told of the devices of the real home; null while there is none. */
  async homeDevices(): Promise<HomeDevice[] | null> {
    const session = this.parts.live()
    if (this.isSample(session) || Number.isNaN(session.now)) return null
    return this.deviceFacts.gather(this.viewOf(LIVE_SCOPE), session.activity, this.parts.words.kinds)
  }

  async changeDevice(id: string, change: DeviceChange): Promise<Undo> {
    this.requireDevice(id)
    if (typeof change.kind === 'string' && !Object.hasOwn(this.parts.words.kinds, change.kind))
      throw new ServiceError(400, 'no-such-kind', `There is no kind of device "${change.kind}"`)
    const undo = await this.parts.decisions.change(id, change)
    if (change.level !== undefined && change.level !== 'everything') {
      this.parts.dryRuns.stop()
      this.applyPolicy()
      this.parts.live().activity.forget(this.parts.live().registry.membersOf(id))
      for (const member of this.parts.live().registry.membersOf(id))
        await this.parts.live().history.coarsen(member, change.level)
    }
    this.reword()
    return { undo }
  }

  async merge(id: string, into: string): Promise<Undo> {
    this.requireDevice(id)
    this.requireDevice(into)
    if (id === into) throw new ServiceError(400, 'same-device', 'A device cannot be merged with itself')
    const undo = await this.parts.decisions.merge(id, into)
    this.reword()
    return { undo }
  }

  async split(id: string): Promise<Undo> {
    this.requireDevice(id)
    const undo = await this.parts.decisions.split(id)
    this.reword()
    return { undo }
  }

  async undo(number: string): Promise<void> {
    await this.parts.decisions.undo(number)
    this.reword()
  }

  async forget(id: string, ignore: boolean): Promise<Receipt> {
    this.requireDevice(id)
    const session = this.parts.live()
    const ids = session.registry.membersOf(id)
    this.parts.dryRuns.stop()
    const decided = await this.parts.decisions.forget(ids, ignore)
    this.applyPolicy()
    await session.forget(ids)
    const { rows, files } = await session.history.forget(ids)
    const rewritten = (await this.parts.forgetElsewhere(ids)) + (await this.parts.channels.forget(ids))
    this.caches.delete(session)
    this.reword()
    return {
      id: randomBytes(8).toString('hex'),
      at: Math.floor(this.parts.clock()),
      rows,
      files: files + decided + rewritten,
      ignored: ignore,
    }
  }

  ignored(): string[] {
    return this.parts.decisions.ignored.hashes
  }

  async unignore(hash: string): Promise<void> {
    await this.parts.decisions.unignore(hash)
    this.applyPolicy()
  }

  upload(name: string, size: number | null, body: Readable): Promise<Replay> {
    return this.parts.replays.upload(name, size, body)
  }

  replays(): Replay[] {
    return this.parts.replays.all()
  }

  replay(id: string): Replay {
    return this.parts.replays.get(id).facts
  }

  async control(id: string, control: ReplayControl): Promise<Replay> {
    return this.parts.replays.control(id, control)
  }

  closeReplay(id: string): Promise<void> {
    return this.parts.replays.close(id)
  }

  interfaces(): InterfaceChoice[] {
    return listInterfaces()
      .filter(({ isUp, kind }) => isUp && kind !== 'loopback')
      .map(({ name, addresses, sees }) => ({ name, addresses, sees }))
  }

  settings(): SettingsPage {
    return { ...this.parts.settings.page(), channels: this.parts.channels.facts() }
  }

  async changeSettings(values: Record<string, Record<string, unknown>>): Promise<SettingsPage> {
    await this.parts.settings.change(values)
    await this.parts.applySettings()
    await this.parts.channels.apply()
    this.applyPolicy()
    return this.settings()
  }

  tickOf(room: Room): TickMessage | null {
    const [kind, ...rest] = room.split(':')
    if (kind === 'home') return this.parts.live().homeTick
    if (kind === 'device') return this.parts.live().deviceTick(rest.join(':'))
    const [id = '', ...within] = rest
    const replay = this.parts.replays.find(id)
    if (replay === null) return null
    return within[0] === 'device' ? replay.session.deviceTick(within.slice(1).join(':')) : replay.session.homeTick
  }

  /** Tells the live session what the owner wants. */
  applyPolicy(): void {
    const session = this.parts.live()
    session.setPolicy(
      this.parts.decisions.policy(this.parts.settings.values.privacy.newDevices, (id) =>
        session.registry.membersOf(id),
      ),
    )
  }

  private emit<Name extends keyof ServiceEvents>(event: Name, ...args: Parameters<ServiceEvents[Name]>): void {
    for (const listener of this.listeners[event])
      (listener as (...args: Parameters<ServiceEvents[Name]>) => void)(...args)
  }

  private reword(): void {
    this.parts.live().registry.refresh()
    this.applyPolicy()
    this.emit('changed', LIVE_SCOPE)
  }

  private sessionOf(scope: ScopeId): Session {
    return scope === LIVE_SCOPE ? this.parts.live() : this.parts.replays.get(scope).session
  }

  private viewOf(scope: ScopeId): TrafficView {
    const session = this.sessionOf(scope)
    const { registry, history } = session
    const cache = this.caches.get(session) ?? new Map<number, StoredEndpoint>()
    this.caches.set(session, cache)
    return {
      history,
      rules: this.parts.rules,
      localTime: new LocalTime(this.parts.settings.timeZone),
      now: () => this.nowOf(session),
      devices: () => registry.devices(this.learningEnd(scope)),
      rootOf: (id) => registry.rootOf(id),
      membersOf: (id) => registry.membersOf(id),
      endpointCache: cache,
      learningUntil: () => this.learningUntil(scope),
    }
  }

  private nowOf(session: Session): number {
    return Number.isNaN(session.now) ? Math.floor(this.parts.clock()) : session.now
  }

  /**
   * When the learning time ends or ended; null where nothing is learned: in a recording, in the sample, before the
   * first packet.
   */
  private learningEnd(scope: ScopeId): number | null {
    if (scope !== LIVE_SCOPE || this.liveFirst === null || this.isSample(this.parts.live())) return null
    return this.liveFirst + this.parts.settings.values.home.learningDays * DAY
  }

  private learningUntil(scope: ScopeId): number | null {
    const end = this.learningEnd(scope)
    return end !== null && end > this.parts.clock() ? end : null
  }

  private healthOf(
    session: Session,
    { databaseBytes, writtenBytes }: { databaseBytes: number; writtenBytes: number },
  ): Health {
    const { user, system } = process.cpuUsage()
    return {
      ...session.counters,
      databaseBytes,
      writtenBytes,
      memoryBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      startedAt: this.startedAt,
    }
  }

  private isSample(session: Session): boolean {
    return session.sources.some(({ kind }) => kind === 'sample')
  }

  private requireAlert(scope: ScopeId, id: string): Alert {
    const alert = this.sessionOf(scope).activity.alert(id)
    if (alert === null)
      throw new ServiceError(404, 'no-such-alert', 'There is no such alert; its device may have been forgotten')
    return alert
  }

  /** Channels hear of alerts of the real home, and their minutes are kept before they age. */
  private addAlerts(session: Session, alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const { message } = alertRow(this.viewOf(LIVE_SCOPE), alert, session.activity.mutes)
      void this.parts.channels.emit(worded(alert, message)).catch(() => undefined)
      if (this.parts.alertStore.evidenceOf(alert.id) === null)
        void this.evidenceOf(LIVE_SCOPE, alert).catch(() => undefined)
    }
  }

  /** Now and then: what came after an alert is kept with it, too, until its six hours are over. */
  async gatherEvidence(): Promise<void> {
    const session = this.parts.live()
    if (this.isSample(session) || Number.isNaN(session.now)) return
    for (const alert of session.activity.allAlerts()) {
      const kept = this.parts.alertStore.evidenceOf(alert.id)
      if (kept !== null && kept.at <= alert.to + EVIDENCE_SECONDS) await this.evidenceOf(LIVE_SCOPE, alert)
    }
  }

  /**
   * Of a real home what was gathered in time; of the sample and of recordings, whose history keep all, what they say
   * now.
   */
  private async evidenceOf(scope: ScopeId, alert: Alert): Promise<Pick<Evidence, 'series' | 'answers'>> {
    const view = this.viewOf(scope)
    const isKept = scope === LIVE_SCOPE && !this.isSample(this.sessionOf(scope))
    const kept = isKept ? this.parts.alertStore.evidenceOf(alert.id) : null
    if (kept !== null && kept.at > alert.to + EVIDENCE_SECONDS) return kept
    const minutesEnd = view.now() - this.parts.settings.values.storage.minuteHours * 3_600
    // What was gathered while there were minutes is better than what is left of them.
    if (kept !== null && alert.from - EVIDENCE_SECONDS < minutesEnd) return kept
    const [series, answers] = await Promise.all([alertSeries(view, alert), alertAnswers(view, alert)])
    const evidence = { device: alert.device, at: view.now(), series, answers }
    if (isKept) this.parts.alertStore.keepEvidence(alert.id, evidence)
    return evidence
  }

  private requireDevice(id: string): void {
    if (!this.parts.live().registry.has(id)) noSuchDevice()
  }
}

function noSuchDevice(): never {
  throw new ServiceError(404, 'no-such-device', 'There is no such device; it may have been forgotten')
}
