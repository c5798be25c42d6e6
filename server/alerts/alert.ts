// Findings of detectors, and the alerts that they become.
import type { AlertKind } from './detectors/index.ts'

/** What `seen` and `usual` count. */
export const UNITS = ['bytes', 'requests', 'seconds', 'devices'] as const
export type Unit = (typeof UNITS)[number]

/** What a detector hands on. The engine adds its kind and the device of the sample. */
export interface Found {
  /** Null: it is about the home as a whole, not about the sample's device. */
  device?: null
  /** Left out by who does not look at companies; of a pair of device and company the engine adds it. */
  company?: string | null
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

export interface Finding extends Omit<Found, 'device'> {
  kind: AlertKind
  /** Device id; null for the home as a whole. */
  device: string | null
  company: string | null
}

export const STATES = ['open', 'it-was-me', 'expected'] as const
export type AlertState = (typeof STATES)[number]

/** One incident. The same id again means that it goes on, or that somebody decided about it. */
export interface Alert extends Finding {
  id: string
  direction: 'out' | 'in' | 'none'
  /** Findings that went into it. */
  times: number
  state: AlertState
}

/** An alert with its words, for who hands it on: made when it is asked for, with the names of that time. */
export interface WordedAlert extends Alert {
  /** One sentence. */
  message: string
  /** What one can do about it, one sentence each. */
  advice: readonly string[]
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

/**
 * People copy photos and files from their own devices, and to stores, whenever they please. An unknown device gets no
 * allowance.
 */
export function mayCopyFiles(kind: string): boolean {
  return kind === 'storage' || (kind !== 'unknown' && GENERAL_PURPOSE.includes(kind))
}
