// Alerts, decisions and habits as version 1 of the alert memory kept them: the most within ten minutes to a company.
import { isRecord } from '../model/record.ts'
import { UNNAMED } from './destination.ts'
import { newPast, type Past } from './past.ts'
import { REMEMBERED_DAYS, secondLargest } from './statistics.ts'
import { newUploadHabits, type UploadHabits } from './upload-habits.ts'

interface DayValue {
  day: number
  value: number
}
interface DayHours {
  day: number
  hours: number[]
}

const MINUTE = 60
const PERIODS_AN_HOUR = 6
const HOURS_A_DAY = 24

/** What a device sends to all, of which version 1 kept the hours of the last two weeks, and the companies it knows. */
export function habitsOfVersion1(
  memory: Record<string, unknown>,
  first: number,
  strange: ReadonlySet<number>,
): UploadHabits {
  const habits = newUploadHabits(first)
  const quiet = isRecord(memory['quiet']) ? memory['quiet']['days'] : null
  const days = listOf(quiet, isDayHours).map(({ day, hours }) => ({
    day,
    hour: Math.max(...hours),
    whole: hours.reduce((sum, one) => sum + one, 0),
  }))
  const hour = usualMost(days, 'hour', strange)
  const whole = usualMost(days, 'whole', strange)
  habits.own.days = days.map((one) => {
    const most = Math.min(one.hour, hour)
    return { day: one.day, ten: most, hour: most, whole: Math.min(one.whole, whole) }
  })
  const companies = isRecord(memory['companies']) ? memory['companies']['known'] : null
  const known = listOf(companies, (one) => typeof one === 'string')
  habits.families = Object.fromEntries(known.map((family) => [family, 0]))
  return habits
}

/** What a device sent a company, as pasts of the destinations that the company may be now. */
export function pairsOfVersion1(
  key: string,
  memory: Record<string, unknown>,
  first: number,
  habitsOf: (device: string) => UploadHabits | undefined,
  strangeDays: (device: string) => ReadonlySet<number>,
): [string, Past][] {
  const [device, company] = JSON.parse(key) as [string, unknown]
  // Hours to one company were not kept: at most six times ten minutes, and no more than the device sent to all.
  const own = habitsOf(device)?.own.days ?? []
  const most = (span: 'hour' | 'whole'): number =>
    own.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...own.map((one) => one[span]))
  const sums = listOf(daysOf(memory), isDayValue).slice(-REMEMBERED_DAYS)
  const usual = usualMost(sums, 'value', strangeDays(device))
  const days = sums.map(({ day, value }) => {
    const ten = Math.min(value, usual)
    const hour = Math.max(ten, Math.min(ten * PERIODS_AN_HOUR, most('hour')))
    return { day, ten, hour, whole: Math.max(hour, Math.min(hour * HOURS_A_DAY, most('whole'))) }
  })
  const keys = typeof company === 'string' ? [`company:${company}`, `cloud:${company}`] : [UNNAMED]
  const past = { ...newPast(first), last: lastUpload(memory) ?? first }
  return keys.map((destination) => [
    JSON.stringify([device, destination]),
    { ...structuredClone(past), days: days.map((one) => ({ ...one })) },
  ])
}

/**
 * Version 1 learned from what stood out as well: the most of the days on which nothing did. Where there was no such
 * day, a single one makes nothing usual.
 */
function usualMost<Span extends string>(
  days: readonly ({ day: number } & Record<Span, number>)[],
  span: Span,
  strange: ReadonlySet<number>,
): number {
  const everyday = days.filter(({ day }) => !strange.has(day)).map((one) => one[span])
  return everyday.length > 0 ? Math.max(...everyday) : secondLargest(days.map((one) => one[span]))
}

const ABOUT_AMOUNTS: readonly unknown[] = ['upload-spike', 'large-upload', 'quiet-hours']
/** Local days are at most so many seconds apart from those of UTC. */
const MOST_APART = 14 * 3_600
const DAY = 86_400

/** By device: local days on which an upload stood out that the owner did not expect. */
export function strangeDaysOf(incidents: unknown): (device: string) => ReadonlySet<number> {
  const alerts = isRecord(incidents) ? listOf(incidents['alerts'], isRecord) : []
  const days = new Map<unknown, Set<number>>()
  for (const { kind, device, state, from, to } of alerts) {
    if (!ABOUT_AMOUNTS.includes(kind) || state === 'expected' || !isNumber(from) || !isNumber(to)) continue
    const strange = days.get(device) ?? new Set()
    days.set(device, strange)
    const last = Math.floor((to + MOST_APART) / DAY)
    for (let day = Math.floor((from - MOST_APART) / DAY); day <= last && strange.size < REMEMBERED_DAYS; day++)
      strange.add(day)
  }
  return (device) => days.get(device) ?? new Set()
}

function daysOf(memory: Record<string, unknown>): unknown {
  return isRecord(memory['large']) ? memory['large']['days'] : null
}

function lastUpload(memory: Record<string, unknown>): number | null {
  const minutes = isRecord(memory['large']) ? listOf(memory['large']['minutes'], isNumber) : []
  const last = Math.max(-1, ...minutes)
  return last < 0 ? null : last * MINUTE
}

/** What version 1 said of an upload is of the most within these times: it did not add up whole uploads. */
const WINDOWS: Record<string, string> = { 'upload-spike': 'ten-seconds', 'large-upload': 'ten-minutes' }

/** An alert of version 1 with what this one knows more; `times` counted findings there, one a second. */
export function alertOfVersion1(alert: Record<string, unknown>): Record<string, unknown> {
  const kind = String(alert['kind'])
  const isWindow = Object.hasOwn(WINDOWS, kind)
  return {
    ...alert,
    ...(alert['unit'] === 'bytes' ? { times: 1 } : {}),
    ...(isWindow ? { detail: WINDOWS[kind] } : {}),
    ...(isWindow || kind === 'quiet-hours' || kind === 'camera-away' ? { reason: 'known' } : {}),
    ...(kind === 'new-company' ? { reason: 'new' } : {}),
  }
}

/**
 * Sudden uploads were expected up to so much within ten seconds. What was sent then within ten minutes is among the
 * days of the pair.
 */
export function expectationOfVersion1(
  expectation: Record<string, unknown>,
  pairs: Record<string, unknown>,
): Record<string, unknown> {
  const { kind, device, company, upTo } = expectation
  const pair = pairs[JSON.stringify([device, company])]
  if (kind !== 'upload-spike' || !isNumber(upTo) || !isRecord(pair)) return expectation
  return { ...expectation, upTo: Math.max(upTo, ...listOf(daysOf(pair), isDayValue).map(({ value }) => value)) }
}

function listOf<One>(value: unknown, fits: (one: unknown) => one is One): One[] {
  return Array.isArray(value) ? value.filter(fits) : []
}

function isNumber(one: unknown): one is number {
  return Number.isFinite(one)
}

function isDayValue(one: unknown): one is DayValue {
  return isRecord(one) && Number.isFinite(one['day']) && Number.isFinite(one['value'])
}

function isDayHours(one: unknown): one is DayHours {
  return (
    isRecord(one) &&
    Number.isFinite(one['day']) &&
    Array.isArray(one['hours']) &&
    one['hours'].length === HOURS_A_DAY &&
    one['hours'].every(Number.isFinite)
  )
}

/** A tracker that the device knew as a company is none that is new to it. */
export function withTrackersOfVersion1(memory: Record<string, unknown>, first: number): Record<string, unknown> {
  const { companies } = memory
  const known = isRecord(companies) && Array.isArray(companies['known']) ? (companies['known'] as unknown[]) : []
  return { ...memory, trackers: { since: first, trackers: known.filter((one) => typeof one === 'string') } }
}
