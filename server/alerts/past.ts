// The past of uploads of one device, or of one device to one destination: what was usual, and what is going on.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { REMEMBERED_DAYS } from './statistics.ts'

/** Sums are kept by periods of ten minutes; an hour is the last six of them, the one that goes on among them. */
export const PERIOD_SECONDS = 600
const PERIODS = 6

const perPeriod = Type.Array(Type.Number(), { minItems: PERIODS, maxItems: PERIODS })

/**
 * Amounts are bytes sent beyond acknowledgements of what was received, except `total` and `sent`, which are all bytes.
 */
export const PastSchema = Type.Object({
  first: Type.Number(),
  /** The local day of `first`. */
  firstDay: Type.Number(),
  last: Type.Number(),
  /** All bytes sent since `first`, and how many of them were part of incidents or decided about. */
  total: Type.Number(),
  counted: Type.Number(),
  /** Uploads of note among what is not counted yet, as far as they are over. */
  uploads: Type.Number(),
  /** The first second of what is not counted yet. */
  since: Type.Number(),
  /** By period modulo six: its number, what was sent in it beyond acknowledgements, and all bytes. */
  periods: perPeriod,
  amounts: perPeriod,
  sent: perPeriod,
  /** The local day that goes on, and what was sent in it. */
  day: Type.Number(),
  today: Type.Number(),
  /** Most within ten minutes and within an hour, and the whole, of each of the last days; the last may go on. */
  days: Type.Array(Type.Object({ day: Type.Number(), ten: Type.Number(), hour: Type.Number(), whole: Type.Number() })),
  /** What came again and again, within an hour, though it was unusual at first; 0 for nothing. */
  habit: Type.Number(),
  /** Periods before this second are not learned from: something of them stood out. */
  learnFrom: Type.Number(),
  /** Hours that stood out, by day: what came on several days is a habit. */
  unusual: Type.Array(Type.Object({ day: Type.Number(), hour: Type.Number() })),
})
export type Past = Static<typeof PastSchema>

export function newPast(first: number, firstDay = 0): Past {
  return {
    first,
    firstDay,
    last: first,
    total: 0,
    counted: 0,
    uploads: 0,
    since: first,
    periods: new Array<number>(PERIODS).fill(-1),
    amounts: new Array<number>(PERIODS).fill(0),
    sent: new Array<number>(PERIODS).fill(0),
    day: 0,
    today: 0,
    days: [],
    habit: 0,
    learnFrom: Number.MIN_SAFE_INTEGER,
    unusual: [],
  }
}

/** What was sent lately. */
export interface Amounts {
  ten: number
  hour: number
  day: number
}

/**
 * Adds what was sent from `from` to `second`, which is in the local day `day`; returns the amounts with it. Of a longer
 * time no period is known to have had more than its part. A period that is over is learned from.
 */
export function addToPast(
  past: Past,
  second: number,
  day: number,
  amount: number,
  sent: number,
  from = second,
): Amounts {
  const period = Math.floor(second / PERIOD_SECONDS)
  const place = period % PERIODS
  if (Math.floor(past.last / PERIOD_SECONDS) < period) learnLast(past)
  const parts = Math.max(1, Math.min(PERIODS, Math.ceil((second - from + 1) / PERIOD_SECONDS)))
  for (let part = parts - 1; part >= 0; part--) addToPeriod(past, period - part, amount / parts, sent / parts)
  if (past.day !== day) {
    past.day = day
    past.today = 0
  }
  past.today = Math.max(0, past.today + amount)
  past.since = past.total <= past.counted ? from : Math.min(past.since, from)
  past.total = Math.max(0, past.total + sent)
  past.last = Math.max(past.last, second)
  return { ten: past.amounts[place], hour: lastHour(past.amounts, past.periods, period), day: past.today }
}

function addToPeriod(past: Past, period: number, amount: number, sent: number): void {
  const place = period % PERIODS
  if (past.periods[place] !== period) {
    past.periods[place] = period
    past.amounts[place] = 0
    past.sent[place] = 0
  }
  past.amounts[place] = Math.max(0, past.amounts[place] + amount)
  past.sent[place] = Math.max(0, past.sent[place] + sent)
}

/** All bytes of the last hour since the first period with a share of them, and the second in which it begins. */
export function hourSent({ periods, sent }: Past, second: number): { from: number; bytes: number } {
  const period = Math.floor(second / PERIOD_SECONDS)
  const all = lastHour(sent, periods, period)
  let first = period
  for (let place = 0; place < PERIODS; place++)
    if (periods[place] > period - PERIODS && periods[place] < first && sent[place] > SMALL_SHARE * all)
      first = periods[place]
  return { from: first * PERIOD_SECONDS, bytes: lastHour(sent, periods, period, first) }
}

/** A period with less of an hour's bytes is not the beginning of what stands out. */
const SMALL_SHARE = 0.02

function lastHour(
  values: readonly number[],
  periods: readonly number[],
  period: number,
  first = period - PERIODS + 1,
): number {
  let sum = 0
  for (let place = 0; place < PERIODS; place++)
    if (periods[place] >= first && periods[place] <= period) sum += values[place]
  return sum
}

/** The last period becomes part of the past: not where it stood out, or one incident would excuse the next. */
function learnLast(past: Past): void {
  const period = Math.floor(past.last / PERIOD_SECONDS)
  const place = period % PERIODS
  if (period * PERIOD_SECONDS < past.learnFrom || past.periods[place] !== period) return
  const ten = past.amounts[place]
  learn(past, past.day, { ten, hour: lastHour(past.amounts, past.periods, period), day: past.today })
}

/** Raises the day's figures to these. */
export function learn(past: Past, day: number, { ten, hour, day: whole }: Amounts): void {
  let today = past.days.at(-1)
  if (today === undefined || today.day < day) {
    past.days.push((today = { day, ten: 0, hour: 0, whole: 0 }))
    if (past.days.length > REMEMBERED_DAYS) past.days.shift()
  }
  if (today.day !== day) return
  if (ten > today.ten) today.ten = ten
  if (hour > today.hour) today.hour = hour
  if (whole > today.whole) today.whole = whole
}

/** Takes what was sent to one destination lately from what was sent to all. */
export function takeFrom(own: Past, past: Past): void {
  for (let place = 0; place < PERIODS; place++) {
    if (own.periods[place] !== past.periods[place]) continue
    const amount = Math.min(own.amounts[place], past.amounts[place])
    own.amounts[place] -= amount
    own.today = Math.max(0, own.today - amount)
  }
}

/** What came again and again within an hour comes several times a day. */
const HABITS_A_DAY = 6

/** The most of each on the days before; 0 where there was none. */
export function usualOf(past: Past, day: number): Amounts {
  const usual = { ten: past.habit, hour: past.habit, day: HABITS_A_DAY * past.habit }
  for (const one of past.days) {
    if (one.day >= day) continue
    if (one.ten > usual.ten) usual.ten = one.ten
    if (one.hour > usual.hour) usual.hour = one.hour
    if (one.whole > usual.day) usual.day = one.whole
  }
  return usual
}

/** Days before with traffic. */
export function daysKnown({ days }: Past, day: number): number {
  let count = 0
  for (const one of days) if (one.day < day) count++
  return count
}

/** What was sent so far is part of an incident. */
export function markCounted(past: Past): void {
  past.counted = past.total
  past.uploads = 0
}

/** What was sent so far is accounted for: it is part of no later incident. */
export function settle(past: Past): void {
  markCounted(past)
  past.amounts.fill(0)
  past.sent.fill(0)
  past.today = 0
}

/** Days on which about as much must have stood out before it is a habit. */
const HABIT_DAYS = 3
const MAX_UNUSUAL_DAYS = 8
const SIMILAR = 2

/** Remembers that an hour stood out; returns whether it has come on enough days to be a habit. */
export function rememberUnusual(past: Past, day: number, hour: number): boolean {
  const last = past.unusual.at(-1)
  if (last?.day === day) last.hour = Math.max(last.hour, hour)
  else past.unusual.push({ day, hour })
  if (past.unusual.length > MAX_UNUSUAL_DAYS) past.unusual.shift()
  const similar = past.unusual.filter((one) => one.hour * SIMILAR >= hour)
  return similar.length >= HABIT_DAYS
}
