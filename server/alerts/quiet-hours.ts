// Does a device send much in an hour in which it always was quiet, or in which the owner wants it quiet?
import { GENERAL_PURPOSE, type Finding } from './alert.ts'
import type { LocalTime } from './local-time.ts'
import { isWithin, type AlertSettings } from './settings.ts'

/** Days that make a habit. */
const ENOUGH_DAYS = 5
const REMEMBERED_DAYS = 14
/**
 * On this share of the days the hour and its neighbours must have been quiet, which is below this part of the floor.
 */
const QUIET_SHARE = 0.5
const QUIET_PART = 0.1
/** And never was it loud by more than a third of what is seen now. */
const FACTOR = 3

export interface QuietMemory {
  /** Sent by day and hour of the day. */
  days: { day: number; hours: number[] }[]
}

export function newQuietMemory(): QuietMemory {
  return { days: [] }
}

export interface QuietSample {
  second: number
  sent: number
  received: number
  local: LocalTime
  kind: string
}

/** The sample is what the device sent the internet in one second. */
export function quietHours(
  memory: QuietMemory,
  sample: QuietSample,
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, local } = sample
  const today = dayOf(memory, local.day)
  const seen = (today.hours[local.hour] as number) + sample.sent
  today.hours[local.hour] = seen
  if (seen < settings.quietFloorBytes) return null
  const isChosen = isWithin(settings.quietHours, local.weekday, local.minute)
  const past = memory.days.slice(0, -1)
  const around = past.map(({ hours }) =>
    Math.max(...[-1, 0, 1].map((step) => hours[(local.hour + step + 24) % 24] as number)),
  )
  const usual = around.length === 0 ? null : Math.max(...around)
  if (!isChosen) {
    if (around.length < ENOUGH_DAYS) return null
    const quiet = around.filter((sent) => sent < settings.quietFloorBytes * QUIET_PART).length
    if (quiet < around.length * QUIET_SHARE || seen < FACTOR * (usual ?? 0)) return null
    if (GENERAL_PURPOSE.includes(sample.kind) || sample.kind === 'storage') return null
  }
  return {
    kind: 'quiet-hours',
    from: second - (local.minute % 60) * 60,
    to: second,
    seen,
    usual,
    unit: 'bytes',
    sent: seen,
    received: sample.received,
    sure: isChosen ? 0.95 : 0.8,
    learning: false,
    detail: null,
  }
}

function dayOf(memory: QuietMemory, day: number): { day: number; hours: number[] } {
  const last = memory.days.at(-1)
  if (last !== undefined && last.day >= day) return last
  const today = { day, hours: new Array<number>(24).fill(0) }
  memory.days.push(today)
  if (memory.days.length > REMEMBERED_DAYS + 1) memory.days.shift()
  return today
}
