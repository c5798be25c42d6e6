// Does a device send a company more within ten minutes than anybody would expect?
import type { Finding } from './alert.ts'
import type { LocalTime } from './local-time.ts'
import type { AlertSettings } from './settings.ts'
import { countBefore, raise, secondLargestBefore, type Days } from './statistics.ts'

const MINUTES = 10
/** Above the habit of days by so much. */
const FACTOR = 2
/** Keep-alives are not the beginning of an upload. */
const SMALLEST_PART = 10_000

export interface LargeMemory {
  /** Sent in each of the last minutes, and the minute that each place holds. */
  sent: number[]
  minutes: number[]
  /** Most sent within ten minutes, by day. */
  days: Days
}

export function newLargeMemory(): LargeMemory {
  return { sent: new Array<number>(MINUTES).fill(0), minutes: new Array<number>(MINUTES).fill(-1), days: [] }
}

/** The sample is what was sent in one second. */
export function largeUpload(
  memory: LargeMemory,
  sample: { second: number; sent: number; received: number; local: LocalTime },
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, local } = sample
  const minute = Math.floor(second / 60)
  const place = minute % MINUTES
  if (memory.minutes[place] !== minute) {
    memory.minutes[place] = minute
    memory.sent[place] = 0
  }
  memory.sent[place] = (memory.sent[place] as number) + sample.sent
  let seen = 0
  let begin = minute
  for (let at = 0; at < MINUTES; at++) {
    if ((memory.minutes[at] as number) <= minute - MINUTES) continue
    seen += memory.sent[at] as number
    if ((memory.sent[at] as number) > SMALLEST_PART && (memory.minutes[at] as number) < begin)
      begin = memory.minutes[at] as number
  }
  const habit = secondLargestBefore(memory.days, local.day)
  const days = countBefore(memory.days, local.day)
  raise(memory.days, local.day, seen)
  if (seen <= Math.max(settings.largeUploadBytes, FACTOR * habit)) return null
  const isLearning = days < settings.learningDays
  return {
    kind: 'large-upload',
    from: begin * 60,
    to: second,
    seen,
    usual: days < 2 ? null : habit,
    unit: 'bytes',
    sent: seen,
    received: sample.received,
    sure: isLearning ? 0.6 : 0.85,
    learning: isLearning,
    detail: null,
  }
}
