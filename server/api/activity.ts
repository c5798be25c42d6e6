// Events and alerts, and the decisions on them.
import type { NameSource } from './common.ts'
import type { Company, Likely, Series, Traffic } from './traffic.ts'

/**
 * GET /api/traffic/:scope/events?from&to[&device]: bursts with a meaning, the oldest first. Content is
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
  /** Of an events page: how many events this stretch is, 1 of a single one; bytes and seconds are of all of them. */
  count?: number
  /** End of the last of them. */
  until?: number
}

/**
 * GET /api/traffic/:scope/events/page?from&to[&device][&kind][&limit][&cursor]: single events of the range, the newest
 * `limit` (500, at most 2,000), or those before the cursor. Adjacent streaming, statistics and heartbeats older than a
 * day are one stretch.
 */
export interface EventPage {
  /** The oldest first. */
  events: EventRow[]
  /** In the whole range. */
  total: number
  /** Cursor of the page of older ones; null where there is none. */
  next: string | null
  /**
   * Single events are kept from then on; null: all. `long`: voice requests, live views, motion, doorbell, calls,
   * backups and updates. Counts of days are kept for longer.
   */
  keptFrom: { long: number | null; brief: number | null }
  /** The range begins before what is kept. */
  isCut: boolean
}

/**
 * GET /api/traffic/:scope/counts?from&to[&device]: events by local day, device, company and kind. Of a day that is
 * partly in the range those that began in it, as far as single events are kept.
 */
export interface EventCounts {
  /** What was before was not counted; null: all was. */
  countedFrom: number | null
  /** Captured days of the range; any other is a gap, not a zero. */
  days: { day: number; date: string; from: number; to: number; captured: number }[]
  counts: EventCountRow[]
}

export interface EventCountRow extends Traffic {
  /** Local midnight. */
  day: number
  device: string
  company: Company
  kind: string
  /** How many with a confidence of 0.85 or more, and how many others. */
  sure: number
  possible: number
  /** All of them together. */
  seconds: number
}

/** `habit`: it came again and again in the same size, and is no alert any more. No decision of the owner. */
export const ALERT_STATES = ['open', 'it-was-me', 'expected', 'habit'] as const
export type AlertState = (typeof ALERT_STATES)[number]
export const ALERT_DECISIONS = ['open', 'it-was-me', 'expected'] as const

/** Where an upload went; null is what is not known, or not kept for the device's privacy level. */
export interface AlertDestination {
  company: Company | null
  host: string | null
  address: string | null
  bytes: number
}

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
  unit: 'bytes' | 'requests' | 'lookups' | 'seconds' | 'devices' | 'events' | 'addresses'
  /** 0 to 1. */
  sure: number
  learning: boolean
  detail: string | null
  /** How often it happened: separate uploads, or findings. */
  times: number
  state: AlertState
  /** The whole upload of the incident, in bytes; 0 where it is not about an upload. */
  bytes: number
  /** Most bytes within ten seconds. */
  peak: number
  /** Nothing of it goes on at the moment. */
  isOver: boolean
  /** Where an upload went, the most bytes first. */
  destinations: AlertDestination[]
  /** Why an upload stands out; null where the alert is about none. */
  reason: 'ceiling' | 'nameless' | 'new' | 'known' | null
  /** How serious it is, beside others: more is worse. */
  rank: number
  /** What "expected from now on" would cover, or covers, in words; null where the kind has no size. */
  covers: string | null
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

/** Answers to the four questions of an alert, as far as traffic can give them. */
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
    /** As of the traffic history: where no company was seen, or only one that rents out its network. */
    likely?: Likely
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
  decision: (typeof ALERT_DECISIONS)[number]
}

/** POST /api/alerts/:id/mute { on }: the alert's device × company × kind. */
export interface AlertMute {
  on: boolean
}
