// What do the server and the page say to each other? Types and constants only: the one file the page may import.
//
// Times are seconds since 1970-01-01 UTC, ranges are half-open [from, to). Bytes are IP bytes seen from the device.
// Texts that came off the wire are hostile: they are shown as text, never as markup.

import type { SourceKind } from '../capture/sources/sources.ts'

export type Role = 'viewer' | 'admin'

/** How much is kept of a device: every endpoint, its companies only, its totals only, or its packets are not parsed. */
export const LEVELS = ['everything', 'companies', 'totals', 'paused'] as const
export type Level = (typeof LEVELS)[number]

/** The traffic history a request is about: the home as it is now, or a replayed recording, by its id. */
export const LIVE_SCOPE = 'live'
export type ScopeId = string

/**
 * Best first; see README, "How a connection gets its name". "kept-back" is what a device's level does not keep; "other"
 * what was folded to save room.
 */
export const NAME_SOURCES = [
  'tls',
  'quic',
  'http',
  'dns',
  'dns-other',
  'remembered',
  'range',
  'network',
  'none',
  'kept-back',
  'other',
] as const
export type NameSource = (typeof NAME_SOURCES)[number]

/** A company's slug in rules/companies; null where nobody knows; OTHER_COMPANY where it was folded to save room. */
export const OTHER_COMPANY = '*other'
/** What a device with level "totals" sends to is not kept. */
export const KEPT_BACK_COMPANY = '*kept-back'
export type CompanySlug = string | null

/**
 * Errors of every route: `{ "error": ApiError }`. `message` is one English sentence; `code` is stable, for the page's
 * own words.
 */
export interface ApiError {
  code: string
  message: string
}

// ── Access ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET /api/session */
export interface SessionFacts {
  /** False until somebody set the first password. */
  claimed: boolean
  role: Role | null
  /** Sent back as header x-csrf-token with every change, and as `auth.csrf` when the socket connects. */
  csrf: string | null
  version: string
  /** Open to the home's network, or to this machine only. */
  lan: boolean
  hasViewer: boolean
}

/** GET /api/access-log: who came in, for the household to read. No address, no device. */
export interface AccessEntry {
  at: number
  what: 'claimed' | 'login' | 'login-failed' | 'logout' | 'password-changed' | 'forgot-device' | 'settings' | 'replay'
  role: Role | null
}

/** GET /api/recorded: what is recorded here, for anyone on the network. No device. */
export interface Recorded {
  /** What was said is never recorded, and nothing leaves the house. */
  payload: false
  leavesTheHouse: false
  levels: Level[]
  newDevices: Level
  minuteHours: number
  hourDays: number
  dayDays: number
  saveEverySeconds: number
}

// ── Books: the same for live and replay, under /api/traffic/:scope
// ─────────────────────────────────────────────────────

export interface Traffic {
  /** To and from the internet. */
  sent: number
  received: number
}

/** What is counted out of resolvers' logs. Absent: nothing was looked up. */
export interface LookedUp {
  /** How often names were looked up. */
  lookups?: number
}

/** GET /api/traffic/:scope/status */
export interface TrafficStatus {
  scope: ScopeId
  /** Where the packets come from. */
  sources: SourceStatus[]
  /** The history's own clock: now when live, the recording's when replayed. */
  now: number
  /** Start of the first and end of the last second that the traffic history know. Null while they are empty. */
  first: number | null
  last: number | null
  /** IANA name of the zone in which hours and days are cut. */
  timeZone: string
  /** Until when the home is being learned; null when done, or in a replay. */
  learningUntil: number | null
  /** True while the sample home plays: said on every screen. */
  sample: boolean
  /** True where no source tells bytes: look-ups out of a resolver's log are all there is. Absent: false. */
  lookupsOnly?: boolean
  health: Health
}

export interface SourceStatus {
  id: string
  kind: 'sample' | 'file' | SourceKind
  title: string
  state: 'starting' | 'running' | 'quiet' | 'failed' | 'ended' | 'off'
  packets: number
  packetsPerSecond: number
  /** Packets that the kernel or the router dropped before they reached us. */
  dropped: number
  /** Capture time of the last packet. */
  lastPacket: number | null
  /** One English sentence about what is wrong and what to do; null when all is well. */
  problem: string | null
  /**
   * True where it runs and sees nobody but this machine: no switch or Wi-Fi hands it the others' traffic. Absent:
   * false.
   */
  onlyOwnTraffic?: boolean
  /** True where `packets` counts look-ups out of a log. Absent: false. */
  countsLookups?: boolean
}

export interface Health {
  packets: number
  dropped: number
  /** Packets of paused devices, not looked into. */
  paused: number
  /** Layers cut off or damaged, by layer. */
  damaged: Record<string, number>
  /** Caps that were reached, by name (server/engine/limits.ts), and how often. */
  limits: Record<string, number>
  memoryBytes: number
  databaseBytes: number
  /** Bytes that the database wrote to the disk since the start. */
  writtenBytes: number
  cpuSeconds: number
  startedAt: number
}

export type DeviceKind = string

/** Who a device is. `index` is its number in ticks, stable while the server runs. */
export interface Device {
  /** Its MAC, or its address where no MAC is known; of a merged device the one merged into. */
  id: string
  index: number
  /** The owner's name, else what it calls itself, else what it seems to be; null where nothing is known. */
  name: string | null
  namedByOwner: boolean
  kind: DeviceKind
  kindByOwner: boolean
  vendor: string | null
  why: string[]
  /** How sure, 0 to 1. */
  confidence: number
  mac: string | null
  privateMac: boolean
  addresses: string[]
  level: Level
  /** Ids of the devices merged into this one. */
  merged: string[]
  firstSeen: number
  lastSeen: number
  /** Seen for less than the learning time. */
  isNew: boolean
}

/** A device with what it did in the range asked for. */
export interface DeviceRow extends Device, Traffic, LookedUp {
  sentLocal: number
  receivedLocal: number
  /** The company it sent most to. */
  topCompany: CompanySlug
  /** Sent bytes in equal parts of the range. */
  sparkline: number[]
}

export interface Company {
  slug: CompanySlug
  /** Display name; empty for unknown, other and kept back: the page has words for those. */
  name: string
  /** A cloud or delivery network: whoever rents it stays unknown. */
  cloud: boolean
}

export interface CompanyRow extends Company, Traffic, LookedUp {
  devices: number
  purposes: string[]
  first: number | null
  last: number | null
}

/**
 * How much went between a device, a company and for a purpose: places in Overview's arrays. The cells of an overview
 * add up to its totals.
 */
export type Cell = [device: number, company: number, purpose: number, sent: number, received: number]

/**
 * GET /api/traffic/:scope/overview?from&to[&device][&company]: one answer for everything a page filters by its range.
 */
export interface Overview extends Traffic, LookedUp {
  from: number
  to: number
  sentLocal: number
  receivedLocal: number
  devices: DeviceRow[]
  companies: CompanyRow[]
  purposes: string[]
  cells: Cell[]
  /**
   * Places of device, company and purpose as in `cells`, and how often they were looked up. Absent where nothing was.
   */
  lookupCells?: [device: number, company: number, purpose: number, lookups: number][]
  /** Sent + received bytes by how they were named. */
  coverage: Partial<Record<NameSource, number>>
}

/**
 * GET /api/traffic/:scope/series?from&to[&device][&company][&purpose][&step]: null where nothing was captured: a gap,
 * never zero.
 */
export interface Series {
  from: number
  /** Seconds per value; the server chooses unless asked. */
  step: number
  sent: (number | null)[]
  received: (number | null)[]
}

/** One line of "to whom": a host, or an address without a name. */
export interface EndpointRow extends Traffic, LookedUp {
  id: number
  host: string | null
  addresses: string[]
  company: Company
  purpose: string
  /** ISO 3166 code of the network's registration. */
  country: string | null
  /** Whose network, in words, where no name is known. */
  network: string | null
  labels: string[]
  namedBy: NameSource
  ech: boolean
  first: number | null
  last: number | null
  /** Never seen with this device before the learning time ended. */
  isNew: boolean
}

/** GET /api/traffic/:scope/devices/:id?from&to */
export interface DevicePage {
  device: DeviceRow
  endpoints: EndpointRow[]
  companies: CompanyRow[]
  coverage: Partial<Record<NameSource, number>>
}

/**
 * GET /api/traffic/:scope/devices/:id/grid: sent bytes by local day and hour, newest day last; null where nothing was
 * captured.
 */
export interface HourGrid {
  days: { date: string; hours: (number | null)[] }[]
}

/** GET /api/traffic/:scope/companies/:slug?from&to (slug "-" is unknown) */
export interface CompanyPage {
  company: CompanyRow
  home: string | null
  about: string | null
  devices: DeviceRow[]
  hosts: (EndpointRow & { device: string })[]
}

/** GET /api/traffic/:scope/totals?period: every device's totals per local day, week or month, newest last. */
export interface Totals {
  period: 'day' | 'week' | 'month'
  /** Starts of the periods, and the end of the last. */
  bounds: number[]
  devices: { id: string; sent: number[]; received: number[] }[]
}

/** GET /api/traffic/:scope/search?q */
export interface SearchHit {
  kind: 'device' | 'company' | 'host'
  /** Device id or company slug that the hit opens. */
  id: string
  title: string
  detail: string
}

// ── Events and alerts ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * GET /api/traffic/:scope/events?from&to[&device]: bursts with a meaning, the oldest first. What was said or shown is
 * never known.
 */
export interface EventRow extends Traffic {
  id: string
  at: number
  device: string
  /** server/events/event.ts has the closed list. */
  kind: string
  company: Company
  host: string | null
  purpose: string
  /** Length; of a heartbeat the time from one beat to the next. */
  seconds: number
  /** 0 to 1. */
  confidence: number
  /** "Possible voice request: 108 kB to Amazon"; texts of the network in it are hostile. */
  message: string
  reasons: string[]
}

export const ALERT_STATES = ['open', 'it-was-me', 'expected'] as const
export type AlertState = (typeof ALERT_STATES)[number]

/** GET /api/traffic/:scope/alerts: newest first. */
export interface AlertRow extends Traffic {
  id: string
  /** server/alerts/detectors/index.ts has the closed list. */
  kind: string
  /** Device id; null for the home as a whole. */
  device: string | null
  /** Null where the alert is about no company. */
  company: Company | null
  from: number
  to: number
  /** In the alert's own unit. */
  seen: number
  usual: number | null
  unit: 'bytes' | 'requests' | 'seconds' | 'devices'
  /** 0 to 1. */
  sure: number
  learning: boolean
  detail: string | null
  times: number
  state: AlertState
  muted: boolean
  /** What this kind of alert is called. */
  title: string
  /** One English sentence with the device's present name; texts of the network in it are hostile. */
  message: string
  advice: string[]
}

/**
 * Sent and received by the minute around an alert; kept with it. `low` and `high` are per hour: least and most of the
 * days before.
 */
export interface AlertSeries extends Series {
  usual: { from: number; step: number; low: number[]; high: number[] } | null
}

/** What traffic can say to the four questions. */
export interface AlertAnswers {
  /**
   * Who moved something with it just before: devices of people that talked to the same company, or somebody at home.
   * Null: too long ago to know.
   */
  triggered: { people: string[]; local: number } | null
  /** "cloud": rented out, to whom is not visible. */
  makers: 'yes' | 'no' | 'cloud' | 'unknown'
  vendor: string | null
  countries: string[]
  hosts: ({
    host: string | null
    address: string | null
    country: string | null
    network: string | null
    namedBy: NameSource
  } & Traffic)[]
}

/** GET /api/traffic/:scope/alerts/:id */
export interface AlertPage {
  alert: AlertRow
  series: AlertSeries
  answers: AlertAnswers
  /** What else happened then. */
  around: EventRow[]
  alsoThen: AlertRow[]
}

/** POST /api/alerts/:id/decision (?scope of a recording): "open" takes a decision back. */
export interface AlertDecision {
  decision: AlertState
}
/** POST /api/alerts/:id/mute { on }: the alert's device × company × kind. */
/** Settings of alerts to be tried before they are saved, as the fields of the section "alerts". */
export interface DryRunRequest {
  /** The home's history, or a recording that is open. */
  scope: ScopeId
  alerts: Record<string, unknown>
}

/** How far back a kind of alert can be tried, and on what; null where it cannot be. */
export interface DryRunReach {
  kind: string
  title: string
  grain: 'second' | 'event' | 'minute' | 'hour' | null
  from: number | null
}

/** What the tried settings would have told: `new` beside today's, the `same`, or `gone` with them. */
export interface DryRunAlert extends Traffic {
  change: 'new' | 'same' | 'gone'
  kind: string
  title: string
  from: number
  to: number
  device: string | null
  /** Texts of the network are hostile. */
  message: string
}

export interface DryRunResult {
  from: number
  to: number
  /** How many alerts with the settings as they are, and as tried. */
  today: number
  tried: number
  /** The latest first; `more` are not listed. */
  alerts: DryRunAlert[]
  more: number
  reach: DryRunReach[]
}

/** One dryRun at a time: another one takes its place. */
export interface DryRun {
  id: string
  scope: ScopeId
  state: 'running' | 'done' | 'failed'
  /** 0 to 1. */
  progress: number
  result: DryRunResult | null
  error: ApiError | null
}

export interface AlertMute {
  on: boolean
}

/** POST /api/channels/:name/test: what the channel answered. */
export interface ChannelTest {
  delivered: boolean
  /** One sentence where it was not. */
  reason: string | null
}

// ── Changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** PATCH /api/devices/:id */
export interface DeviceChange {
  /** Null takes the owner's name back. */
  name?: string | null
  kind?: DeviceKind | null
  level?: Level
}

/** POST /api/devices/:id/merge { into }, POST /api/devices/:id/split, PATCH …: each answers how to undo it. */
export interface Undo {
  /** POST /api/undo/:undo takes the change back. */
  undo: string
}

/** POST /api/devices/:id/forget { ignore }: counts and a random id only. */
export interface Receipt {
  id: string
  at: number
  rows: number
  files: number
  ignored: boolean
}

// ── Replay ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const SPEEDS = [1, 10, 100, 'max'] as const
export type Speed = (typeof SPEEDS)[number]

/** GET /api/replays, GET /api/replays/:id */
export interface Replay {
  id: string
  /** The file's own name, cleaned for showing. */
  name: string
  state: 'uploading' | 'inspecting' | 'ready' | 'playing' | 'paused' | 'ended' | 'failed' | 'cancelled'
  format: 'pcap' | 'pcapng' | null
  linkTypes: string[]
  bytesTotal: number
  bytesRead: number
  /** Packets in the file once inspected; packets played so far. */
  packetsTotal: number | null
  packets: number
  packetsPerSecond: number
  secondsLeft: number | null
  first: number | null
  last: number | null
  /** Capture time now. */
  position: number | null
  speed: Speed
  skipQuiet: boolean
  /**
   * Grows with each change: of two, the higher one is the later. An answer can arrive behind the news that followed it.
   */
  revision: number
  problems: { packet: number; offset: number; message: string }[]
  error: ApiError | null
}

/** POST /api/replays/:id/control */
export type ReplayControl =
  | { action: 'play' | 'pause' | 'cancel' }
  | { action: 'speed'; speed: Speed }
  | { action: 'seek'; to: number }
  | { action: 'skip-quiet'; on: boolean }

// ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * GET /api/settings: `schema` is JSON Schema (title, description, default, enum, minimum, maximum per field), grouped
 * by section.
 */
export interface SettingsPage {
  schema: Record<string, unknown>
  values: Record<string, Record<string, unknown>>
  /** How the channels are that are on, by section. */
  channels?: Record<string, ChannelFacts>
}

export interface ChannelFacts {
  /** Notices that wait for delivery. */
  waiting: number
  /** One sentence about the last attempt where it failed; null where all is well. */
  problem: string | null
}

/** GET /api/words: titles and plain words of purposes, kinds and labels, by slug, in English. */
export interface RuleWords {
  purposes: Record<string, { title: string; words: string }>
  kinds: Record<string, { title: string; words: string }>
  labels: Record<string, { title: string; words: string }>
  networksDate: string
}

/** GET /api/interfaces: where this machine could capture, what sees most first. */
export interface InterfaceChoice {
  name: string
  addresses: string[]
  /** One English sentence: what capturing there shows. */
  sees: string
}

// ── Socket ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Client → server: `join` with a room, `leave`. A client is in one room of each kind at most.
 * `home` and `replay:<id>` tick every device; `device:<id>` and `replay:<id>:device:<id>` tick one device's endpoints.
 */
export type Room = 'home' | `device:${string}` | `replay:${string}`

/**
 * Once a second while the room has news or not: [second, seconds covered, sent, received, then triples of device index
 * (in a device's room: endpoint id), sent, received]. Second is the history's clock. Seconds covered is above 1 where a
 * replay runs faster.
 */
export type TickMessage = number[]

export interface ServerEvents {
  tick: (room: Room, tick: TickMessage) => void
  /** Devices that are new or became better known. */
  devices: (scope: ScopeId, devices: Device[]) => void
  status: (scope: ScopeId, status: TrafficStatus) => void
  replay: (replay: Replay) => void
  /** New alerts, or more of known ones. */
  alerts: (scope: ScopeId, alerts: AlertRow[]) => void
  /** New events, or more of known ones; ids that turned out to be nothing. */
  events: (scope: ScopeId, events: EventRow[], withdrawn: string[]) => void
  /** The traffic history changed behind the page's back (forgotten, merged, seek): ask again. */
  changed: (scope: ScopeId) => void
  /** Logged out elsewhere, or the password changed. */
  bye: () => void
}

export interface ClientEvents {
  join: (room: Room, done: (error: ApiError | null) => void) => void
  leave: (room: Room) => void
}
