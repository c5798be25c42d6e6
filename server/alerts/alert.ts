// Findings of detectors, and the alerts that they become.
import type { AlertKind } from './detectors/index.ts'
import type { Found } from './found.ts'

export interface Finding extends Omit<Found, 'device'> {
  kind: AlertKind
  /** Device id; null for the home as a whole. */
  device: string | null
  company: string | null
}

export const STATES = ['open', 'it-was-me', 'expected'] as const
export type AlertState = (typeof STATES)[number]

/** One incident. The same id again means that it goes on, or that the owner decided about it. */
export interface Alert extends Finding {
  id: string
  direction: 'out' | 'in' | 'none'
  /** Findings that went into it. */
  times: number
  state: AlertState
}

/** An alert with its words, for channels and answers: made when it is needed, with the names of that time. */
export interface WordedAlert extends Alert {
  /** One sentence. */
  message: string
  /** What one can do about it, one sentence each. */
  advice: readonly string[]
}
