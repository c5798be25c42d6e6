// Types of what goes wrong in simulated homes.
import type { Kind } from '../rules/types.ts'

export const INCIDENT_KINDS = [
  'upload',
  'known destination',
  'slow',
  'night',
  'first week',
  'right after another',
  'after "it was me"',
  'after "expected"',
  'hijacked camera',
  'busy speaker',
  'new tracker',
  'scan',
  'look-ups: new device',
  'look-ups: new company',
  'look-ups: tracker',
  'look-ups: unusual hours',
  'look-ups: own DNS',
  'look-ups: silence',
] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

/** Where an upload goes. `known`: where the device sends most anyway. */
export const TARGETS = ['new host', 'known cloud', 'nameless', 'known'] as const
export type Target = (typeof TARGETS)[number]

/** Decimal units. */
export const SIZES = { '200 kB': 200_000, '5 MB': 5_000_000, '300 MB': 300_000_000, '5 GB': 5_000_000_000 } as const
export type Size = keyof typeof SIZES

export interface Incident {
  /** Unique in its home. */
  id: number
  kind: IncidentKind
  /** Null where the amount is not one of them. */
  size: Size | null
  target: Target | null
  /** The device's index and kind; whether people copy files with it. */
  device: number
  deviceKind: Kind
  isPersonal: boolean
  /** Numbers of the far ends of an upload; empty where it does not matter which. */
  endpoints: readonly number[]
  /** Sent to them from begin to end, exactly; 0 where bytes do not matter. */
  bytes: number
  /** Seconds since 1970-01-01 UTC; it must have been told by `due`. */
  begin: number
  end: number
  due: number
  /**
   * The moment from which the delay counts: when the upload has reached the amount that makes it one (`floorOf`), or
   * when what is not about bytes begins.
   */
  floorAt: number
  /** The earlier incident of which this is the sequel. */
  follows: number | null
}

/** What the owner says about an incident. */
export interface Decision {
  incident: number
  at: number
  decision: 'it-was-me' | 'expected'
}

/**
 * Something like an incident that the owner has said is expected: telling it is a false alert. `endpoints` as above.
 */
export interface Expected {
  device: number
  endpoints: readonly number[]
  begin: number
  end: number
}

/**
 * The bytes after which an upload could be told at the earliest. Of 200 kB most of it: three quarters. Of 5 MB as
 * much as a small device's whole incident. Of a phone or a computer what a person would not send unnoticed.
 */
export function floorOf(bytes: number, isPersonal: boolean): number {
  if (isPersonal) return Math.min(bytes, 200_000_000)
  return bytes <= SIZES['200 kB'] ? bytes * 0.75 : bytes <= SIZES['5 MB'] ? 200_000 : 2_000_000
}
