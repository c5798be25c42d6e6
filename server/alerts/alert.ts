// Findings of detectors, and the alerts that they become.
import type { AlertKind } from './detectors/index.ts'
import type { Found } from './found.ts'

export interface Finding extends Omit<Found, 'device' | 'goesOn'> {
  kind: AlertKind
  /** Device id; null for the home as a whole. */
  device: string | null
  company: string | null
  /** Key of the far end (server/alerts/destination.ts); null where the alert is about none. */
  destination: string | null
}

/** `habit`: it came again and again in the same size, and is no alert any more. */
export const STATES = ['open', 'it-was-me', 'expected', 'habit'] as const
export type AlertState = (typeof STATES)[number]

/** Where an upload went. Null: not known, or not kept for the privacy level of the device. */
export interface Destination {
  company: string | null
  host: string | null
  address: string | null
  /** Sent there since the incident began. */
  bytes: number
}

/** Destinations kept of an incident: those with the most bytes. */
export const MAX_DESTINATIONS = 8

/** One incident. The same id again means that it goes on, or that the owner decided about it. */
export interface Alert extends Finding {
  id: string
  direction: 'out' | 'in' | 'none'
  /** How often it happened: separate uploads, or findings. */
  times: number
  state: AlertState
  /** The whole upload from `from` to `to`, pauses included; 0 where it is not about an upload. */
  bytes: number
  /** Most bytes within ten seconds. */
  peak: number
  /** Nothing of it goes on: its upload has paused for 20 s or more. It may begin again as the same incident. */
  isOver: boolean
  /** The most bytes first. */
  destinations: Destination[]
  /** When the owner decided, how many bytes it had then, and whether it was over; null before. */
  decided: { at: number; bytes: number; isOver: boolean } | null
}

/** An alert with its words, for channels and answers: made when it is needed, with the names of that time. */
export interface WordedAlert extends Alert {
  /** One sentence. */
  message: string
  /** What one can do about it, one sentence each. */
  advice: readonly string[]
}
