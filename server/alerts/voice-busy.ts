// Are there more voice requests than usual at this time of the day?
import type { Finding } from './alert.ts'
import type { LocalTime } from './local-time.ts'
import type { AlertSettings } from './settings.ts'
import { quantile } from './statistics.ts'

const ENOUGH_DAYS = 5
const REMEMBERED_DAYS = 14
/** Two and a half times of what nine in ten of the hours have at most: a tripling is told before it is complete. */
const FACTOR = 2.5
const USUAL_SHARE = 0.9

export interface VoiceMemory {
  /** Beginnings of the requests of the last hour. */
  recent: number[]
  /** Requests by day and hour of the day. */
  days: { day: number; hours: number[] }[]
  /** When the first request was. */
  first: number | null
}

export function newVoiceMemory(): VoiceMemory {
  return { recent: [], days: [], first: null }
}

/** The sample is one voice request. */
export function voiceBusy(
  memory: VoiceMemory,
  sample: { at: number; company: string | null; sent: number; received: number; local: LocalTime },
  settings: AlertSettings,
): Omit<Finding, 'device'> | null {
  const { at, local } = sample
  memory.first ??= local.day
  memory.recent = memory.recent.filter((begin) => begin > at - 3_600)
  memory.recent.push(at)
  const seen = memory.recent.length
  const usual = usualOf(memory, local)
  const today = dayOf(memory, local.day)
  today.hours[local.hour] = (today.hours[local.hour] as number) + 1
  if (usual === null || seen <= Math.max(settings.voiceFloor, FACTOR * usual)) return null
  return {
    kind: 'voice-busy',
    company: sample.company,
    from: memory.recent[0] as number,
    to: at,
    seen,
    usual: Math.round(usual * 10) / 10,
    unit: 'requests',
    sent: sample.sent,
    received: sample.received,
    sure: 0.75,
    learning: false,
    detail: null,
  }
}

/** Requests an hour about this time of the day; days without any count as such. Null while there are too few days. */
function usualOf({ days, first }: VoiceMemory, { day, hour }: LocalTime): number | null {
  if (first === null || day - first < ENOUGH_DAYS) return null
  const past = days.filter((entry) => entry.day < day)
  const counts = [-1, 0, 1].flatMap((step) => past.map(({ hours }) => hours[(hour + step + 24) % 24] as number))
  const missing = 3 * Math.max(0, Math.min(day - first, REMEMBERED_DAYS) - past.length)
  return quantile([...counts, ...new Array<number>(missing).fill(0)], USUAL_SHARE)
}

function dayOf(memory: VoiceMemory, day: number): { day: number; hours: number[] } {
  const last = memory.days.at(-1)
  if (last !== undefined && last.day >= day) return last
  const today = { day, hours: new Array<number>(24).fill(0) }
  memory.days.push(today)
  if (memory.days.length > REMEMBERED_DAYS) memory.days.shift()
  return today
}
