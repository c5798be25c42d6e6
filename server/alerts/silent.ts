// Has a device that always talks stopped talking?
import { GENERAL_PURPOSE, type Finding } from './alert.ts'
import type { LocalTime } from './local-time.ts'
import type { AlertSettings } from './settings.ts'
import { daysBefore, raise, secondLargest, type Days } from './statistics.ts'

/** Longer than the longest usual pause by so much. */
const FACTOR = 3
const ENOUGH_DAYS = 5

export interface SilentMemory {
  last: number | null
  /** Longest pause by day, in seconds. */
  pauses: Days
}

export function newSilentMemory(): SilentMemory {
  return { last: null, pauses: [] }
}

/** The device moved something, at home or to the internet. */
export function heard(memory: SilentMemory, second: number, local: LocalTime): void {
  if (memory.last !== null) raise(memory.pauses, local.day, second - memory.last)
  if (memory.last === null || second > memory.last) memory.last = second
}

/** The sample is the clock, while packets of others come in: with none at all it is the source that is silent. */
export function silent(
  memory: SilentMemory,
  sample: { second: number; local: LocalTime; kind: string },
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, local } = sample
  if (memory.last === null || second - memory.last < settings.silentHours * 3_600) return null
  const days = daysBefore(memory.pauses, local.day)
  if (days.length < ENOUGH_DAYS) return null
  const usual = secondLargest(days)
  const seen = second - memory.last
  if (seen < FACTOR * usual || GENERAL_PURPOSE.includes(sample.kind)) return null
  return {
    kind: 'silent',
    from: memory.last,
    to: second,
    seen,
    usual,
    unit: 'seconds',
    sent: 0,
    received: 0,
    sure: 0.7,
    learning: false,
    detail: null,
  }
}
