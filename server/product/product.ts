// The product behind the page: live books, recordings, decisions and settings, joined. Implements what HTTP and sockets call.
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type {
  BookStatus, CompanyPage, Device, DeviceChange, DevicePage, Health, HourGrid, Overview, Receipt, Replay, ReplayControl, Room, RuleWords,
  ScopeId, SearchHit, Series, SettingsPage, TickMessage, Totals, Undo,
} from '../api.ts'
import { LIVE_SCOPE } from '../api.ts'
import { LocalTime } from '../history/local-time.ts'
import type { StoredEndpoint } from '../history/history.ts'
import type { Replays } from '../replay/replays.ts'
import type { Rules } from '../rules/open.ts'
import { type Range, type SeriesQuery, type Service, ServiceError, type ServiceEvents } from '../service.ts'
import type { Session } from '../session/session.ts'
import type { BookView } from '../views/book-view.ts'
import { overview, slugOf } from '../views/overview.ts'
import { companyPage, devicePage } from '../views/pages.ts'
import { search } from '../views/search.ts'
import { totals } from '../views/totals.ts'
import type { Decisions } from './decisions.ts'
import type { SettingsBook } from './settings-book.ts'

const DAY = 86_400
const GRID_DAYS = 7
/** A source without a packet for this long is called quiet. */
const QUIET_SECONDS = 10

export interface ProductParts {
  rules: Rules
  words: RuleWords
  decisions: Decisions
  settings: SettingsBook
  replays: Replays
  /** The live session as it is now; another one after the source was changed. */
  live: () => Session
  /** Restarts the live session where a setting asks for it. */
  applySettings: () => Promise<void>
  /** Removes devices from the files that are neither books nor decisions. Resolves to how many files were rewritten. */
  forgetElsewhere: (ids: string[]) => Promise<number>
  /** The machine's clock in seconds. */
  clock: () => number
}

export class Product implements Service {
  private readonly parts: ProductParts
  private readonly listeners: { [Name in keyof ServiceEvents]: ServiceEvents[Name][] } = { second: [], devices: [], status: [], replay: [], changed: [] }
  private readonly caches = new WeakMap<Session, Map<number, StoredEndpoint>>()
  private readonly startedAt: number
  private liveFirst: number | null = null

  constructor(parts: ProductParts) {
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
      void this.status(scope).then((status) => this.emit('status', scope, status), () => {})
    })
    session.on('devices', (ids) => this.tellDevices(scope, ids))
    session.on('changed', () => this.emit('changed', scope))
  }

  tellReplay(replay: Replay): void {
    this.emit('replay', replay)
  }

  tellTick(scope: ScopeId): void {
    this.emit('second', scope)
  }

  tellChanged(scope: ScopeId): void {
    this.emit('changed', scope)
  }

  tellDevices(scope: ScopeId, ids: string[]): void {
    const wanted = new Set(ids.map((id) => this.sessionOf(scope).registry.rootOf(id)))
    this.emit('devices', scope, this.devices(scope).filter(({ id }) => wanted.has(id)))
  }

  words(): RuleWords {
    return this.parts.words
  }

  async status(scope: ScopeId): Promise<BookStatus> {
    const session = this.sessionOf(scope)
    const facts = await session.history.facts()
    if (scope === LIVE_SCOPE) this.liveFirst = facts.first
    const isSample = session.sources.some(({ kind }) => kind === 'sample')
    const now = this.nowOf(session)
    return {
      scope,
      sources: session.sources.map(({ tellsBytes: _, ...source }) => ({
        ...source,
        packetsPerSecond: session.packetsPerSecond,
        // Nobody asking for a while is no sign of trouble.
        state: source.state === 'running' && !isSample && source.kind !== 'dns-log' && now - (source.lastPacket ?? 0) > QUIET_SECONDS ? 'quiet' : source.state,
      })),
      now, first: facts.first, last: facts.last,
      timeZone: this.parts.settings.timeZone,
      learningUntil: this.learningUntil(scope),
      sample: isSample,
      ...(session.sources.length > 0 && session.sources.every(({ tellsBytes }) => tellsBytes === false) ? { lookupsOnly: true } : {}),
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
    const { from, step: chosen, sent, received, covered } = await view.history.series({
      ...range,
      ...(device === undefined ? {} : { devices: view.membersOf(device) }),
      ...(company === undefined ? {} : { company: slugOf(company) }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(step === undefined ? {} : { step }),
    })
    const gaps = (values: number[]): (number | null)[] => values.map((value, index) => (covered[index] === 0 && value === 0 ? null : value))
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
    if (page === null) throw new ServiceError(404, 'no-such-company', 'No device talked to this company, and no rule knows it')
    return page
  }

  async totals(scope: ScopeId, period: Totals['period']): Promise<Totals> {
    return totals(this.viewOf(scope), period)
  }

  async search(scope: ScopeId, text: string): Promise<SearchHit[]> {
    return search(this.viewOf(scope), text)
  }

  async changeDevice(id: string, change: DeviceChange): Promise<Undo> {
    this.requireDevice(id)
    if (typeof change.kind === 'string' && !Object.hasOwn(this.parts.words.kinds, change.kind)) throw new ServiceError(400, 'no-such-kind', `There is no kind of device "${change.kind}"`)
    const undo = await this.parts.decisions.change(id, change)
    if (change.level !== undefined && change.level !== 'everything') {
      this.wishAgain()
      for (const member of this.parts.live().registry.membersOf(id)) await this.parts.live().history.coarsen(member, change.level)
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
    const decided = await this.parts.decisions.forget(ids, ignore)
    this.wishAgain()
    session.forget(ids)
    const { rows, files } = await session.history.forget(ids)
    const rewritten = await this.parts.forgetElsewhere(ids)
    this.caches.delete(session)
    this.reword()
    return { id: randomBytes(8).toString('hex'), at: Math.floor(this.parts.clock()), rows, files: files + decided + rewritten, ignored: ignore }
  }

  ignored(): string[] {
    return this.parts.decisions.ignored.hashes
  }

  async unignore(hash: string): Promise<void> {
    await this.parts.decisions.unignore(hash)
    this.wishAgain()
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

  settings(): SettingsPage {
    return this.parts.settings.page()
  }

  async changeSettings(values: Record<string, Record<string, unknown>>): Promise<SettingsPage> {
    await this.parts.settings.change(values)
    await this.parts.applySettings()
    this.wishAgain()
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
  wishAgain(): void {
    const session = this.parts.live()
    session.wish(this.parts.decisions.wishes(this.parts.settings.values.privacy.newDevices, (id) => session.registry.membersOf(id)))
  }

  private emit<Name extends keyof ServiceEvents>(event: Name, ...args: Parameters<ServiceEvents[Name]>): void {
    for (const listener of this.listeners[event]) (listener as (...args: Parameters<ServiceEvents[Name]>) => void)(...args)
  }

  private reword(): void {
    this.parts.live().registry.reword()
    this.wishAgain()
    this.emit('changed', LIVE_SCOPE)
  }

  private sessionOf(scope: ScopeId): Session {
    return scope === LIVE_SCOPE ? this.parts.live() : this.parts.replays.get(scope).session
  }

  private viewOf(scope: ScopeId): BookView {
    const session = this.sessionOf(scope)
    const { registry, history } = session
    const cache = this.caches.get(session) ?? new Map<number, StoredEndpoint>()
    this.caches.set(session, cache)
    return {
      history, rules: this.parts.rules,
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

  /** When the learning time ends or ended; null where nothing is learned: in a recording, in the sample, before the first packet. */
  private learningEnd(scope: ScopeId): number | null {
    if (scope !== LIVE_SCOPE || this.liveFirst === null || this.parts.live().sources.some(({ kind }) => kind === 'sample')) return null
    return this.liveFirst + this.parts.settings.values.home.learningDays * DAY
  }

  private learningUntil(scope: ScopeId): number | null {
    const end = this.learningEnd(scope)
    return end !== null && end > this.parts.clock() ? end : null
  }

  private healthOf(session: Session, { databaseBytes, writtenBytes }: { databaseBytes: number; writtenBytes: number }): Health {
    const { user, system } = process.cpuUsage()
    return {
      ...session.counters, databaseBytes, writtenBytes,
      memoryBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      startedAt: this.startedAt,
    }
  }

  private requireDevice(id: string): void {
    if (!this.parts.live().registry.has(id)) noSuchDevice()
  }
}

function noSuchDevice(): never {
  throw new ServiceError(404, 'no-such-device', 'There is no such device; it may have been forgotten')
}
