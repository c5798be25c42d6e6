// What does each answer look like on the wire? The schemas of server/api.ts; the compiler fails where the two differ.
import { Type, type Static, type TSchema } from 'typebox'
import { SOURCE_KINDS } from '../../capture/sources/sources.ts'
import * as api from '../api.ts'

type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false

/** Takes a schema only where it describes exactly this type. */
function describes<Shape>() {
  return <Schema extends TSchema>(
    schema: Schema & (Same<Static<Schema>, Shape> extends true ? unknown : never),
  ): Schema => schema
}

const text = Type.String()
const number = Type.Number()
const flag = Type.Boolean()
const texts = Type.Array(text)
const numbers = Type.Array(number)
// Type lists instead of anyOf: the serialiser checks a list with one typeof, and anyOf with a validator per value.
const textOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const numberOrNull = Type.Unsafe<number | null>({ type: ['number', 'null'] })
const numbersOrNulls = Type.Array(numberOrNull)
const counts = Type.Unsafe<Record<string, number>>({ type: 'object', additionalProperties: { type: 'number' } })
const anything = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] })

const Role = oneOf(['viewer', 'admin'])
const RoleOrNull = Type.Unsafe<api.Role | null>({ type: ['string', 'null'], enum: ['viewer', 'admin', null] })
const Level = oneOf(api.LEVELS)
const NameSource = oneOf(api.NAME_SOURCES)
const coverage = Type.Unsafe<Partial<Record<api.NameSource, number>>>({
  type: 'object',
  additionalProperties: { type: 'number' },
})
const traffic = { sent: number, received: number }
const lookedUp = { lookups: Type.Optional(number) }

const ApiError = describes<api.ApiError>()(Type.Object({ code: text, message: text }))

export const SessionFacts = describes<api.SessionFacts>()(
  Type.Object({ claimed: flag, role: RoleOrNull, csrf: textOrNull, version: text, lan: flag, hasViewer: flag }),
)
export const AccessLog = describes<api.AccessEntry[]>()(
  Type.Array(
    Type.Object({
      at: number,
      what: oneOf([
        'claimed',
        'login',
        'login-failed',
        'logout',
        'password-changed',
        'forgot-device',
        'settings',
        'replay',
      ]),
      role: RoleOrNull,
    }),
  ),
)
export const Recorded = describes<api.Recorded>()(
  Type.Object({
    payload: Type.Literal(false),
    leavesTheHouse: Type.Literal(false),
    levels: Type.Array(Level),
    newDevices: Level,
    minuteHours: number,
    hourDays: number,
    dayDays: number,
    saveEverySeconds: number,
  }),
)

const sourceStatus = Type.Object({
  id: text,
  kind: oneOf(['sample', 'file', ...SOURCE_KINDS]),
  title: text,
  state: oneOf(['starting', 'running', 'quiet', 'failed', 'ended', 'off']),
  packets: number,
  packetsPerSecond: number,
  dropped: number,
  lastPacket: numberOrNull,
  problem: textOrNull,
  onlyOwnTraffic: Type.Optional(flag),
  countsLookups: Type.Optional(flag),
})
const health = Type.Object({
  packets: number,
  dropped: number,
  paused: number,
  damaged: counts,
  limits: counts,
  memoryBytes: number,
  databaseBytes: number,
  writtenBytes: number,
  cpuSeconds: number,
  startedAt: number,
})
export const TrafficStatus = describes<api.TrafficStatus>()(
  Type.Object({
    scope: text,
    sources: Type.Array(sourceStatus),
    now: number,
    first: numberOrNull,
    last: numberOrNull,
    timeZone: text,
    learningUntil: numberOrNull,
    sample: flag,
    lookupsOnly: Type.Optional(flag),
    health,
  }),
)

const device = {
  id: text,
  index: number,
  name: textOrNull,
  namedByOwner: flag,
  kind: text,
  kindByOwner: flag,
  vendor: textOrNull,
  why: texts,
  confidence: number,
  mac: textOrNull,
  privateMac: flag,
  addresses: texts,
  level: Level,
  merged: texts,
  firstSeen: number,
  lastSeen: number,
  isNew: flag,
}
export const Devices = describes<api.Device[]>()(Type.Array(Type.Object(device)))
const DeviceRow = describes<api.DeviceRow>()(
  Type.Object({
    ...device,
    ...traffic,
    ...lookedUp,
    sentLocal: number,
    receivedLocal: number,
    topCompany: textOrNull,
    sparkline: numbers,
  }),
)

const company = { slug: textOrNull, name: text, cloud: flag }
const CompanyRow = describes<api.CompanyRow>()(
  Type.Object({
    ...company,
    ...traffic,
    ...lookedUp,
    devices: number,
    purposes: texts,
    first: numberOrNull,
    last: numberOrNull,
  }),
)
const cell = Type.Unsafe<api.Cell>({ type: 'array', items: { type: 'number' }, minItems: 5, maxItems: 5 })
const lookupCell = Type.Unsafe<NonNullable<api.Overview['lookupCells']>[number]>({
  type: 'array',
  items: { type: 'number' },
  minItems: 4,
  maxItems: 4,
})
export const Overview = describes<api.Overview>()(
  Type.Object({
    ...traffic,
    ...lookedUp,
    from: number,
    to: number,
    sentLocal: number,
    receivedLocal: number,
    devices: Type.Array(DeviceRow),
    companies: Type.Array(CompanyRow),
    purposes: texts,
    cells: Type.Array(cell),
    lookupCells: Type.Optional(Type.Array(lookupCell)),
    coverage,
  }),
)
export const Series = describes<api.Series>()(
  Type.Object({ from: number, step: number, sent: numbersOrNulls, received: numbersOrNulls }),
)

const endpoint = {
  ...traffic,
  ...lookedUp,
  id: number,
  host: textOrNull,
  addresses: texts,
  company: Type.Object(company),
  purpose: text,
  country: textOrNull,
  network: textOrNull,
  labels: texts,
  namedBy: NameSource,
  ech: flag,
  first: numberOrNull,
  last: numberOrNull,
  isNew: flag,
}
const EndpointRow = describes<api.EndpointRow>()(Type.Object(endpoint))
export const DevicePage = describes<api.DevicePage>()(
  Type.Object({ device: DeviceRow, endpoints: Type.Array(EndpointRow), companies: Type.Array(CompanyRow), coverage }),
)
export const HourGrid = describes<api.HourGrid>()(
  Type.Object({ days: Type.Array(Type.Object({ date: text, hours: numbersOrNulls })) }),
)
export const CompanyPage = describes<api.CompanyPage>()(
  Type.Object({
    company: CompanyRow,
    home: textOrNull,
    about: textOrNull,
    devices: Type.Array(DeviceRow),
    hosts: Type.Array(Type.Object({ ...endpoint, device: text })),
  }),
)
export const Period = oneOf(['day', 'week', 'month'])
export const Totals = describes<api.Totals>()(
  Type.Object({
    period: Period,
    bounds: numbers,
    devices: Type.Array(Type.Object({ id: text, sent: numbers, received: numbers })),
  }),
)
export const SearchHits = describes<api.SearchHit[]>()(
  Type.Array(Type.Object({ kind: oneOf(['device', 'company', 'host']), id: text, title: text, detail: text })),
)

export const InterfaceChoices = describes<api.InterfaceChoice[]>()(
  Type.Array(Type.Object({ name: text, addresses: texts, sees: text })),
)
const eventRow = Type.Object({
  ...traffic,
  id: text,
  at: number,
  device: text,
  kind: text,
  company: Type.Object(company),
  host: textOrNull,
  purpose: text,
  seconds: number,
  confidence: number,
  message: text,
  reasons: texts,
})
export const EventRows = describes<api.EventRow[]>()(Type.Array(eventRow))
const AlertState = oneOf(api.ALERT_STATES)
export const AlertRow = describes<api.AlertRow>()(
  Type.Object({
    ...traffic,
    id: text,
    kind: text,
    device: textOrNull,
    company: Type.Union([Type.Object(company), Type.Null()]),
    from: number,
    to: number,
    seen: number,
    usual: numberOrNull,
    unit: oneOf(['bytes', 'requests', 'seconds', 'devices']),
    sure: number,
    learning: flag,
    detail: textOrNull,
    times: number,
    state: AlertState,
    muted: flag,
    title: text,
    message: text,
    advice: texts,
  }),
)
export const AlertRows = Type.Array(AlertRow)
const alertSeries = Type.Object({
  from: number,
  step: number,
  sent: numbersOrNulls,
  received: numbersOrNulls,
  usual: Type.Union([Type.Object({ from: number, step: number, low: numbers, high: numbers }), Type.Null()]),
})
const alertHost = Type.Object({
  ...traffic,
  host: textOrNull,
  address: textOrNull,
  country: textOrNull,
  network: textOrNull,
  namedBy: NameSource,
})
const alertAnswers = Type.Object({
  triggered: Type.Union([Type.Object({ people: texts, local: number }), Type.Null()]),
  makers: oneOf(['yes', 'no', 'cloud', 'unknown']),
  vendor: textOrNull,
  countries: texts,
  hosts: Type.Array(alertHost),
})
export const AlertPage = describes<api.AlertPage>()(
  Type.Object({
    alert: AlertRow,
    series: alertSeries,
    answers: alertAnswers,
    around: Type.Array(eventRow),
    alsoThen: Type.Array(AlertRow),
  }),
)
export const AlertDecision = describes<api.AlertDecision>()(
  Type.Object({ decision: AlertState }, { additionalProperties: false }),
)
export const AlertMute = describes<api.AlertMute>()(Type.Object({ on: flag }, { additionalProperties: false }))
export const DryRunRequest = describes<api.DryRunRequest>()(
  Type.Object(
    {
      scope: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: '"live", or the id of a recording' }),
      alerts: Type.Record(Type.String(), Type.Unknown()),
    },
    { additionalProperties: false },
  ),
)
const triedAlert = Type.Object({
  ...traffic,
  change: oneOf(['new', 'same', 'gone']),
  kind: text,
  title: text,
  from: number,
  to: number,
  device: textOrNull,
  message: text,
})
const dryRunReach = Type.Object({
  kind: text,
  title: text,
  grain: Type.Unsafe<api.DryRunReach['grain']>({
    type: ['string', 'null'],
    enum: ['second', 'event', 'minute', 'hour', null],
  }),
  from: numberOrNull,
})
const dryRunResult = Type.Object({
  from: number,
  to: number,
  today: number,
  tried: number,
  alerts: Type.Array(triedAlert),
  more: number,
  reach: Type.Array(dryRunReach),
})
export const DryRun = describes<api.DryRun>()(
  Type.Object({
    id: text,
    scope: text,
    state: oneOf(['running', 'done', 'failed']),
    progress: number,
    result: Type.Union([dryRunResult, Type.Null()]),
    error: Type.Union([ApiError, Type.Null()]),
  }),
)
export const ChannelTest = describes<api.ChannelTest>()(Type.Object({ delivered: flag, reason: textOrNull }))

export const DeviceChange = describes<api.DeviceChange>()(
  Type.Object(
    {
      name: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()])),
      kind: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 40 }), Type.Null()])),
      level: Type.Optional(Level),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
)
export const Undo = describes<api.Undo>()(Type.Object({ undo: text }))
export const Receipt = describes<api.Receipt>()(
  Type.Object({ id: text, at: number, rows: number, files: number, ignored: flag }),
)

const speed = Type.Union([Type.Literal(1), Type.Literal(10), Type.Literal(100), Type.Literal('max')])
export const Replay = describes<api.Replay>()(
  Type.Object({
    id: text,
    name: text,
    state: oneOf(['uploading', 'inspecting', 'ready', 'playing', 'paused', 'ended', 'failed', 'cancelled']),
    format: Type.Unsafe<'pcap' | 'pcapng' | null>({ type: ['string', 'null'], enum: ['pcap', 'pcapng', null] }),
    linkTypes: texts,
    bytesTotal: number,
    bytesRead: number,
    packetsTotal: numberOrNull,
    packets: number,
    packetsPerSecond: number,
    secondsLeft: numberOrNull,
    first: numberOrNull,
    last: numberOrNull,
    position: numberOrNull,
    speed,
    skipQuiet: flag,
    revision: number,
    problems: Type.Array(Type.Object({ packet: number, offset: number, message: text })),
    error: Type.Union([ApiError, Type.Null()]),
  }),
)
export const Replays = Type.Array(Replay)
const closed = { additionalProperties: false }
export const ReplayControl = describes<api.ReplayControl>()(
  Type.Union([
    Type.Object({ action: oneOf(['play', 'pause', 'cancel']) }, closed),
    Type.Object({ action: Type.Literal('speed'), speed }, closed),
    Type.Object({ action: Type.Literal('seek'), to: number }, closed),
    Type.Object({ action: Type.Literal('skip-quiet'), on: flag }, closed),
  ]),
)

const values = Type.Unsafe<Record<string, Record<string, unknown>>>({
  type: 'object',
  additionalProperties: { type: 'object', additionalProperties: true },
})
export const SettingsValues = values
export const SettingsPage = describes<api.SettingsPage>()(
  Type.Object({
    schema: anything,
    values,
    channels: Type.Optional(Type.Record(Type.String(), Type.Object({ waiting: number, problem: textOrNull }))),
  }),
)

const words = Type.Unsafe<Record<string, { title: string; words: string }>>({
  type: 'object',
  additionalProperties: { type: 'object', properties: { title: { type: 'string' }, words: { type: 'string' } } },
})
export const RuleWords = describes<api.RuleWords>()(
  Type.Object({ purposes: words, kinds: words, labels: words, networksDate: text }),
)

export const Done = Type.Object({ done: Type.Literal(true) })
export const Password = Type.String({ maxLength: 1024 })
export { Role }
