// Habits as version 1 of the alert memory kept them: most within ten minutes to each company, and hours of each device.
import { isRecord } from '../model/record.ts'
import { newPast, type Past } from './past.ts'
import { REMEMBERED_DAYS } from './statistics.ts'
import { newUploadHabits, type UploadHabits } from './upload-habits.ts'

interface DayValue {
  day: number
  value: number
}
interface DayHours {
  day: number
  hours: number[]
}

const PERIODS_AN_HOUR = 6
const HOURS_A_DAY = 24

/** What a device sends to all: version 1 kept its hours of the last two weeks. */
export function habitsOfVersion1(memory: Record<string, unknown>, first: number): UploadHabits {
  const habits = newUploadHabits(first)
  const quiet = isRecord(memory['quiet']) ? memory['quiet']['days'] : null
  habits.own.days = listOf(quiet, isDayHours).map(({ day, hours }) => {
    const hour = Math.max(...hours)
    return { day, ten: hour, hour, whole: hours.reduce((sum, one) => sum + one, 0) }
  })
  return habits
}

/** What a device sent a company, as pasts of the destinations that the company may be now. */
export function pairsOfVersion1(
  key: string,
  memory: Record<string, unknown>,
  first: number,
  habitsOf: (device: string) => UploadHabits | undefined,
): [string, Past][] {
  const [device, company] = JSON.parse(key) as [string, unknown]
  // Without a company it was everybody without one.
  if (typeof company !== 'string') return []
  const large = isRecord(memory['large']) ? memory['large']['days'] : null
  // Hours to one company were not kept: at most six times ten minutes, and no more than the device sent to all.
  const own = habitsOf(String(device))?.own.days ?? []
  const most = (span: 'hour' | 'whole'): number =>
    own.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...own.map((one) => one[span]))
  const days = listOf(large, isDayValue)
    .slice(-REMEMBERED_DAYS)
    .map(({ day, value }) => {
      const hour = Math.max(value, Math.min(value * PERIODS_AN_HOUR, most('hour')))
      return { day, ten: value, hour, whole: Math.max(hour, Math.min(hour * HOURS_A_DAY, most('whole'))) }
    })
  return ['company', 'cloud'].map((how) => [
    JSON.stringify([device, `${how}:${company}`]),
    { ...newPast(first), days: days.map((one) => ({ ...one })) },
  ])
}

function listOf<One>(value: unknown, fits: (one: unknown) => one is One): One[] {
  return Array.isArray(value) ? value.filter(fits) : []
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
