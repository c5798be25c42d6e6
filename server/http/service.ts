// The service as HTTP and sockets call it; tests replace it by a fake.
import type { Readable } from 'node:stream'
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
  NewPerson,
  Person,
  PersonAdded,
  PersonChange,
  TrackedPerson,
  DeviceListPage,
  DevicePage,
  HourGrid,
  InterfaceChoice,
  Overview,
  QuestionList,
  Receipt,
  Replay,
  ReplayControl,
  Room,
  RuleWords,
  ScopeId,
  SearchHit,
  Merge,
  MergeOffer,
  SeenOnce,
  Series,
  SettingsPage,
  TickMessage,
  Totals,
  DryRun,
  DryRunRequest,
  Undo,
} from '../api.ts'

export interface Range {
  from: number
  to: number
}

export interface SeriesQuery extends Range {
  device?: string
  company?: string
  owner?: string
  purpose?: string
  step?: number
}

export interface DeviceListQuery extends Range {
  offset: number
  limit: number
  q?: string
}

/** What the live feed listens to. */
export interface ServiceEvents {
  /** Called once a second for each scope: rooms are asked for with `tickOf`. */
  second: (scope: ScopeId) => void
  /** Called where `tickOf` gives what a second that is not over has moved so far. */
  part: (scope: ScopeId) => void
  devices: (scope: ScopeId, devices: Device[]) => void
  status: (scope: ScopeId, status: TrafficStatus) => void
  replay: (replay: Replay) => void
  alerts: (scope: ScopeId, alerts: AlertRow[]) => void
  events: (scope: ScopeId, events: EventRow[], withdrawn: string[]) => void
  changed: (scope: ScopeId) => void
}

export interface Service {
  words(): RuleWords
  status(scope: ScopeId): Promise<TrafficStatus>
  devices(scope: ScopeId): Device[]
  overview(scope: ScopeId, range: Range & { device?: string; company?: string; owner?: string }): Promise<Overview>
  series(scope: ScopeId, query: SeriesQuery): Promise<Series>
  device(scope: ScopeId, id: string, range: Range): Promise<DevicePage>
  grid(scope: ScopeId, id: string): Promise<HourGrid>
  company(scope: ScopeId, slug: string, range: Range): Promise<CompanyPage>
  totals(scope: ScopeId, period: Totals['period'], devices?: readonly string[]): Promise<Totals>
  deviceList(scope: ScopeId, query: DeviceListQuery): Promise<DeviceListPage>
  search(scope: ScopeId, text: string): Promise<SearchHit[]>

  /** Every question, and whether the home has what it asks about. */
  questions(scope: ScopeId, range: Range): Promise<QuestionList>
  /** Rejects with a ServiceError where there is no such question, device or company. */
  ask(scope: ScopeId, id: string, query: Range & { device?: string; company?: string }): Promise<Answer>

  alerts(scope: ScopeId): AlertRow[]
  alert(scope: ScopeId, id: string): Promise<AlertPage>
  /** The oldest first; the newest of them where there are too many. */
  events(scope: ScopeId, range: Range & { device?: string }): EventRow[]
  /** `cursor` is `next` of the page before. */
  eventPage(
    scope: ScopeId,
    query: Range & { device?: string; kind?: string; cursor?: string; limit?: number },
  ): Promise<EventPage>
  eventCounts(scope: ScopeId, query: Range & { device?: string }): Promise<EventCounts>
  decide(scope: ScopeId, id: string, decision: AlertDecision['decision']): Promise<AlertRow>
  mute(id: string, on: boolean): Promise<AlertRow>
  /** Begins to try settings of alerts that are not saved. Rejects with a ServiceError that names the field. */
  startDryRun(request: DryRunRequest): Promise<DryRun>
  dryRun(id: string): DryRun
  /** Stops a dry run, or forgets what it found. */
  endDryRun(id: string): void
  /** Rejects where there is no such channel, or it is off. */
  testChannel(name: string): Promise<ChannelTest>

  changeDevice(id: string, change: DeviceChange): Promise<Undo>
  /** Persons and rooms that devices belong to. */
  people(): Person[]
  addPerson(person: NewPerson): Promise<PersonAdded>
  changePerson(id: string, change: PersonChange): Promise<Undo>
  removePerson(id: string): Promise<Undo>
  /** What companies of advertising and tracking got, by person. */
  trackedPeople(scope: ScopeId, range: Range): Promise<TrackedPerson[]>
  merge(id: string, into: string): Promise<Undo>
  split(id: string): Promise<Undo>
  /** Devices that look like one; merging them, and keeping them apart. */
  mergeOffers(): MergeOffer[]
  acceptMerge(merge: Merge): Promise<Undo>
  declineMerge(merge: Merge): Promise<Undo>
  undo(undo: string): Promise<void>
  forget(id: string, ignore: boolean): Promise<Receipt>
  /** Devices that were seen once; and forgetting all of them that were last seen before `until`. */
  seenOnce(): Promise<SeenOnce>
  forgetSeenOnce(until: number): Promise<Receipt>
  /** Ids of the devices that are ignored from now on; and taking one back. */
  ignored(): string[]
  unignore(id: string): Promise<void>

  /**
   * Streams a recording in; rejects with a ServiceError (too large, no room, not a capture). `size` is null where the
   * sender did not say.
   */
  upload(name: string, size: number | null, body: Readable): Promise<Replay>
  replays(): Replay[]
  replay(id: string): Replay
  control(id: string, control: ReplayControl): Promise<Replay>
  closeReplay(id: string): Promise<void>

  /** Interfaces of this machine that are up, what sees most first. */
  interfaces(): InterfaceChoice[]
  settings(): SettingsPage
  /** The machine's clock is right as it is: what is past its time is deleted again. */
  believeClock(): Promise<void>
  /** Rejects with a ServiceError that names the field. */
  changeSettings(values: Record<string, Record<string, unknown>>): Promise<SettingsPage>

  /** The owner has checked what is kept of devices after damage. */
  confirmRecovery(): Promise<void>

  /** The last second's tick for a room, or that of a part of a second; null where there is no such room. */
  tickOf(room: Room): TickMessage | null
  /** Whether somebody looks at the live home: the second at hand comes in parts then. */
  setWatched(isWatched: boolean): void
  on<Name extends keyof ServiceEvents>(event: Name, listener: ServiceEvents[Name]): void
}
