// Alert: a device sends more to a company within ten seconds than it usually does.
import { Type, type Static } from 'typebox'
import type { LocalMoment } from '../../model/local-time.ts'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { amount, habit } from '../../text/en/amount.ts'
import { type CommonSettings, defineDetector, type TrafficSample } from '../detector.ts'
import { countBefore, daysBefore, DaysSchema, median, raise, secondLargest, spread } from '../statistics.ts'
import type { Found } from '../found.ts'
import { mayCopyFiles } from '../watched-device.ts'

const WINDOW_SECONDS = 10
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

const fields = {
  uploadSpike: yesNo('Sudden uploads', 'More within ten seconds than this device usually sends this company.', true),
  // Half of what a spoken request takes is about 50 kB.
  spikeFloorKilobytes: number('Sudden from (kB)', 'Less within ten seconds is never reported.', 50, 10, 100_000),
  spikeFactor: number('Sudden means (times the usual)', 'How far above the usual it must be.', 2, 2, 100),
}

function read({ spikeFloorKilobytes, spikeFactor }: SettingValues<typeof fields>) {
  return { floorBytes: spikeFloorKilobytes * 1e3, factor: spikeFactor }
}
type Own = ReturnType<typeof read>

const perSecond = Type.Array(Type.Number(), { minItems: WINDOW_SECONDS, maxItems: WINDOW_SECONDS })
const perHour = Type.Record(Type.Integer(), Type.Number())
/** What one device sends one company. All but `days`, `hours` and `first` may be lost over a restart. */
const schema = Type.Object({
  first: Type.Number(),
  /** Sent in each of the last ten seconds, by second modulo ten, and the second that each place holds. */
  window: perSecond,
  seconds: perSecond,
  /** Sent in each of the last whole windows; `closed` is the number of the last one. */
  past: Type.Array(Type.Number()),
  closed: Type.Number(),
  current: Type.Number(),
  /** Most sent within ten seconds, by day. */
  days: DaysSchema,
  /** The same by hour of the week, of the days before; sparse. */
  hours: perHour,
  /** Today's part of it: an upload is no part of its own past. Null before the first. */
  today: Type.Union([Type.Null(), Type.Object({ day: Type.Number(), hours: perHour })]),
})
type Memory = Static<typeof schema>

function fresh(first: number): Memory {
  return {
    first,
    window: new Array<number>(WINDOW_SECONDS).fill(0),
    seconds: new Array<number>(WINDOW_SECONDS).fill(-1),
    past: [],
    closed: Math.floor(first / WINDOW_SECONDS) - 1,
    current: 0,
    days: [],
    hours: {},
    today: null,
  }
}

/** Null where what was sent is nothing unusual. */
function detect(memory: Memory, sample: TrafficSample, settings: Own & CommonSettings): Found | null {
  const { second, local } = sample
  slide(memory, second, sample.sent)
  const today = hoursOf(memory, local.day)
  const seen = sumOf(memory, second)
  const isLooked = seen >= settings.floorBytes && !(settings.allowances && mayCopyFiles(sample.device.kind))
  const usual = isLooked ? usualOf(memory, second, local, settings) : null
  const days = countBefore(memory.days, local.day)
  raise(memory.days, local.day, seen)
  const hour = local.weekday * 24 + local.hour
  if (seen > (today[hour] ?? 0)) today[hour] = seen
  if (usual === null || seen <= usual.limit) return null
  const isLearning = days < settings.learningDays
  return {
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
  memory: Memory,
  second: number,
  local: LocalMoment,
  { floorBytes, factor }: Own,
): { usual: number; limit: number } | null {
  const past = pastOf(memory, second)
  if (past.length < ENOUGH_WINDOWS) return null
  const recent = median(past)
  const recentLimit = recent + SPREADS * spread(past)
  const days = daysBefore(memory.days, local.day)
  if (days.length < ENOUGH_DAYS) return { usual: recent, limit: Math.max(floorBytes, recentLimit) }
  const daily =
    days.length >= HOURS_KNOWN_DAYS ? Math.max(hourOf(memory, local), secondLargest(days) / 2) : secondLargest(days)
  return { usual: Math.max(recent, daily), limit: Math.max(floorBytes, recentLimit, factor * daily) }
}

/** Hours of the days before are joined by today's once the day is over. */
function hoursOf(memory: Memory, day: number): Record<number, number> {
  if (memory.today?.day === day) return memory.today.hours
  for (const [at, value] of Object.entries(memory.today?.hours ?? {}))
    memory.hours[Number(at)] = Math.max(memory.hours[Number(at)] ?? 0, value)
  memory.today = { day, hours: {} }
  return memory.today.hours
}

/** Most within ten seconds in this hour of the week and those beside it. */
function hourOf({ hours }: Memory, { weekday, hour }: LocalMoment): number {
  const at = weekday * 24 + hour
  return Math.max(...[-1, 0, 1].map((step) => hours[(at + step + HOURS_A_WEEK) % HOURS_A_WEEK] ?? 0))
}

/** Whole windows that ended before the sliding one began: what is judged is no part of its own past. */
function pastOf({ past, closed }: Memory, second: number): number[] {
  const begin = Math.floor((second - WINDOW_SECONDS + 1) / WINDOW_SECONDS) - 1
  return past.slice(0, Math.max(0, past.length - (closed - begin)))
}

function slide(memory: Memory, second: number, sent: number): void {
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
  memory.window[place] = memory.window[place] + sent
}

/** The first second of the window in which anything was sent. */
function beginOf({ window, seconds }: Memory, second: number): number {
  let first = second
  for (let place = 0; place < WINDOW_SECONDS; place++) {
    const at = seconds[place]
    if (at > second - WINDOW_SECONDS && at < first && window[place] >= SMALLEST_PART) first = at
  }
  return first
}

function sumOf({ window, seconds }: Memory, second: number): number {
  let sum = 0
  for (let place = 0; place < WINDOW_SECONDS; place++)
    if (seconds[place] > second - WINDOW_SECONDS) sum += window[place]
  return sum
}

export const uploadSpike = defineDetector({
  kind: 'upload-spike',
  settings: { on: 'uploadSpike', fields, read },
  memory: {
    scope: 'pair',
    key: 'spike',
    schema,
    fresh,
    baseline: ({ now, fresh: empty, day }) =>
      now === null ? empty : { ...fresh(now.first), days: now.days.filter((one) => one.day < day) },
  },
  streams: { uploadSeconds: detect },
  words: {
    en: {
      title: 'Sudden upload',
      sentence: ({ seen, usual }, who, whom) =>
        `${who} sent ${amount(seen)} to ${whom} within 10 seconds; ${habit(usual)}`,
      advice: [
        'Think of what you did with the device at that time.',
        'If it goes on, switch the device off and see who else it talked to.',
      ],
    },
  },
  dryRun: 'event',
  isInSample: false,
  isShownWhileLearning: true,
  group: 'upload',
})
