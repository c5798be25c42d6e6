// Does a device send more to a company within ten seconds than it usually does?
import type { LocalTime } from './local-time.ts'
import type { AlertSettings } from './settings.ts'
import type { Finding } from './alert.ts'
import { countBefore, daysBefore, median, raise, secondLargest, spread, type Days } from './statistics.ts'

export const WINDOW_SECONDS = 10
/** Windows of the sliding past: ten minutes. */
const PAST_WINDOWS = 60
/** Fewer windows are no past. */
const ENOUGH_WINDOWS = 3
/** Above the median of the past by so many spreads. */
const SPREADS = 3
/** Days after which the habit of days counts, and days after which the hour of the week has been seen twice. */
const ENOUGH_DAYS = 2
const HOURS_KNOWN_DAYS = 14
/** A keep-alive in the window is not the beginning of what stands out. */
const SMALLEST_PART = 500
const HOURS_A_WEEK = 168

/** What one device sends one company. All but `days`, `hours` and `first` may be lost over a restart. */
export interface SpikeMemory {
  first: number
  /** Sent in each of the last ten seconds, by second modulo ten, and the second that each place holds. */
  window: number[]
  seconds: number[]
  /** Sent in each of the last whole windows; `closed` is the number of the last one. */
  past: number[]
  closed: number
  current: number
  /** Most sent within ten seconds, by day. */
  days: Days
  /** The same by hour of the week, of the days before; sparse. */
  hours: Record<number, number>
  /** Today's part of it: an upload is no part of its own past. Absent in what was kept by earlier versions. */
  today?: { day: number; hours: Record<number, number> }
}

export interface SpikeSample {
  second: number
  sent: number
  received: number
  local: LocalTime
}

export function newSpikeMemory(second: number): SpikeMemory {
  return {
    first: second,
    window: new Array<number>(WINDOW_SECONDS).fill(0),
    seconds: new Array<number>(WINDOW_SECONDS).fill(-1),
    past: [],
    closed: Math.floor(second / WINDOW_SECONDS) - 1,
    current: 0,
    days: [],
    hours: {},
  }
}

/** The sample is what was sent in one second. Null where that is nothing unusual. */
export function uploadSpike(
  memory: SpikeMemory,
  sample: SpikeSample,
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, local } = sample
  slide(memory, second, sample.sent)
  const today = hoursOf(memory, local.day)
  const seen = sumOf(memory, second)
  const usual = seen >= settings.spikeFloorBytes ? usualOf(memory, second, local, settings) : null
  const days = countBefore(memory.days, local.day)
  raise(memory.days, local.day, seen)
  const hour = local.weekday * 24 + local.hour
  if (seen > (today[hour] ?? 0)) today[hour] = seen
  if (usual === null || seen <= usual.limit) return null
  const isLearning = days < settings.learningDays
  return {
    kind: 'upload-spike',
    from: beginOf(memory, second),
    to: second,
    seen,
    usual: Math.round(usual.usual),
    unit: 'bytes',
    sent: seen,
    received: sample.received,
    sure: isLearning ? 0.5 : 0.8,
    learning: isLearning,
    detail: null,
  }
}

/** What is usual, and from where on it is not any more; null where there is no past. */
function usualOf(
  memory: SpikeMemory,
  second: number,
  local: LocalTime,
  { spikeFloorBytes, spikeFactor }: AlertSettings,
): { usual: number; limit: number } | null {
  const past = pastOf(memory, second)
  if (past.length < ENOUGH_WINDOWS) return null
  const recent = median(past)
  const recentLimit = recent + SPREADS * spread(past)
  const days = daysBefore(memory.days, local.day)
  if (days.length < ENOUGH_DAYS) return { usual: recent, limit: Math.max(spikeFloorBytes, recentLimit) }
  const habit =
    days.length >= HOURS_KNOWN_DAYS ? Math.max(hourOf(memory, local), secondLargest(days) / 2) : secondLargest(days)
  return { usual: Math.max(recent, habit), limit: Math.max(spikeFloorBytes, recentLimit, spikeFactor * habit) }
}

/** Hours of the days before are joined by today's once the day is over. */
function hoursOf(memory: SpikeMemory, day: number): Record<number, number> {
  if (memory.today?.day === day) return memory.today.hours
  for (const [at, value] of Object.entries(memory.today?.hours ?? {}))
    memory.hours[Number(at)] = Math.max(memory.hours[Number(at)] ?? 0, value)
  memory.today = { day, hours: {} }
  return memory.today.hours
}

/** Most within ten seconds in this hour of the week and those beside it. */
function hourOf({ hours }: SpikeMemory, { weekday, hour }: LocalTime): number {
  const at = weekday * 24 + hour
  return Math.max(...[-1, 0, 1].map((step) => hours[(at + step + HOURS_A_WEEK) % HOURS_A_WEEK] ?? 0))
}

/** Whole windows that ended before the sliding one began: what is judged is no part of its own past. */
function pastOf({ past, closed }: SpikeMemory, second: number): number[] {
  const begin = Math.floor((second - WINDOW_SECONDS + 1) / WINDOW_SECONDS) - 1
  return past.slice(0, Math.max(0, past.length - (closed - begin)))
}

function slide(memory: SpikeMemory, second: number, sent: number): void {
  const number = Math.floor(second / WINDOW_SECONDS)
  const missed = number - memory.closed - 1
  if (missed > 0) {
    memory.past.push(memory.current)
    for (let quiet = 1; quiet < Math.min(missed, PAST_WINDOWS); quiet++) memory.past.push(0)
    if (memory.past.length > PAST_WINDOWS) memory.past.splice(0, memory.past.length - PAST_WINDOWS)
    memory.closed = number - 1
    memory.current = 0
  }
  memory.current += sent
  const place = second % WINDOW_SECONDS
  if (memory.seconds[place] !== second) {
    memory.seconds[place] = second
    memory.window[place] = 0
  }
  memory.window[place] = (memory.window[place] as number) + sent
}

/** The first second of the window in which anything was sent. */
function beginOf({ window, seconds }: SpikeMemory, second: number): number {
  let first = second
  for (let place = 0; place < WINDOW_SECONDS; place++) {
    const at = seconds[place] as number
    if (at > second - WINDOW_SECONDS && at < first && (window[place] as number) >= SMALLEST_PART) first = at
  }
  return first
}

function sumOf({ window, seconds }: SpikeMemory, second: number): number {
  let sum = 0
  for (let place = 0; place < WINDOW_SECONDS; place++)
    if ((seconds[place] as number) > second - WINDOW_SECONDS) sum += window[place] as number
  return sum
}
