// What is worth a person's minute, and what does an alert say?

/** A closed list; one detector each, in the file of the same name. */
export const ALERT_KINDS = [
  'upload-spike',
  'large-upload',
  'quiet-hours',
  'new-device',
  'new-company',
  'voice-busy',
  'camera-away',
  'around-your-dns',
  'unencrypted',
  'silent',
  'source-stopped',
  'flood',
] as const

export type AlertKind = (typeof ALERT_KINDS)[number]

/** What `seen` and `usual` count. */
export type Unit = 'bytes' | 'requests' | 'seconds' | 'devices'

/** What a detector hands on. */
export interface Finding {
  kind: AlertKind
  /** Device id; null for the home as a whole. */
  device: string | null
  company: string | null
  from: number
  to: number
  seen: number
  /** Null where nothing is usual yet. */
  usual: number | null
  unit: Unit
  sent: number
  received: number
  /** 0 to 1. */
  sure: number
  /** The habit is still being learned: "usual" is what little was seen so far. */
  learning: boolean
  /** What the words need beside the numbers: a name of a service, of a source. */
  detail: string | null
}

export type AlertState = 'open' | 'it-was-me' | 'expected'

/** One incident. The same id again means that it goes on, or that somebody decided about it. */
export interface Alert extends Finding {
  id: string
  direction: 'out' | 'in' | 'none'
  /** Findings that went into it. */
  times: number
  state: AlertState
  /** One English sentence. */
  message: string
  /** What one can do about it, one sentence each. */
  advice: string[]
}

/** A device as detectors know it. `id` survives restarts. */
export interface WatchedDevice {
  id: string
  name: string | null
  /** One of rules/kinds.yaml. */
  kind: string
  firstSeen: number
}

/** Devices on which people start what they please: their new companies, loud nights and long silences mean nothing. */
export const GENERAL_PURPOSE: readonly string[] = [
  'phone',
  'tablet',
  'computer',
  'console',
  'tv',
  'streamer',
  'reader',
  'vehicle',
  'unknown',
]
