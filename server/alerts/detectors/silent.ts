// Alert: a device that always talks has stopped talking.
import { Type, type Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { duration } from '../../text/en/duration.ts'
import { type ClockSample, defineDetector, type DeviceSample } from '../detector.ts'
import { daysBefore, DaysSchema, raise, secondLargest } from '../statistics.ts'
import { sourceStopped } from './source-stopped.ts'
import type { Found } from '../found.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** Longer than the longest usual pause by so much. */
const FACTOR = 3
const ENOUGH_DAYS = 5
const DAY = 86_400
/** One of which nobody knows what it is counts as an appliance if it never rests for longer. */
const RESTLESS_SECONDS = 7_200

const fields = {
  silent: yesNo('Silent devices', 'A device that is always active has gone silent.', true),
  silentHours: number('Silent from (hours)', 'Shorter silence is never reported.', 6, 1, 720),
}
const borrowed = { sourceMinutes: sourceStopped.settings.fields.sourceMinutes }

function read({ silentHours, sourceMinutes }: SettingValues<typeof fields & typeof borrowed>) {
  return { seconds: silentHours * 3_600, sourceSeconds: sourceMinutes * 60 }
}

const schema = Type.Object({
  last: Type.Union([Type.Null(), Type.Number()]),
  /** When it was last seen itself, and not just in a resolver's log. */
  seen: Type.Union([Type.Null(), Type.Number()]),
  /** Longest pause by day, in seconds. */
  pauses: DaysSchema,
})
type Memory = Static<typeof schema>

function observe(memory: Memory, { second, local, isLookup }: DeviceSample): null {
  if (isLookup !== true) memory.seen = second
  if (memory.last !== null) raise(memory.pauses, local.day, second - memory.last)
  // Later by days can only be what a wrong clock left behind.
  if (memory.last === null || second > memory.last || second < memory.last - DAY) memory.last = second
  return null
}

function detect(memory: Memory, sample: ClockSample, settings: ReturnType<typeof read>): Found | null {
  const { second, local, device, quietSeconds } = sample
  // With no packet of anybody it is the source that is silent.
  if (quietSeconds > settings.sourceSeconds) return null
  if (memory.last === null) return null
  const isByLookups = memory.last - (memory.seen ?? Number.NEGATIVE_INFINITY) > DAY
  // A log that held nothing for a while says nothing about its devices.
  const from = isByLookups ? Math.max(memory.last, sample.heardSince ?? memory.last) : memory.last
  if (second - from < settings.seconds) return null
  const days = daysBefore(memory.pauses, local.day)
  if (days.length < ENOUGH_DAYS) return null
  const usual = secondLargest(days)
  if (second - from < FACTOR * usual) return null
  const mayRest = GENERAL_PURPOSE.includes(device.kind)
  if (mayRest && !(isByLookups && device.kind === 'unknown' && usual <= RESTLESS_SECONDS)) return null
  return {
    from: memory.last,
    to: second,
    seen: second - memory.last,
    usual,
    unit: 'seconds',
    sent: 0,
    received: 0,
    sure: 0.7,
    learning: false,
    detail: isByLookups ? 'lookups' : null,
  }
}

export const silent = defineDetector({
  kind: 'silent',
  settings: { on: 'silent', fields, borrowed, read },
  memory: { scope: 'device', key: 'silent', schema, fresh: () => ({ last: null, seen: null, pauses: [] }) },
  streams: { activity: observe, clock: detect },
  words: {
    en: {
      title: 'Gone silent',
      sentence: ({ from, to, usual, detail }, who) =>
        detail === 'lookups'
          ? `${who} has made no look-ups for ${duration(to - from)}; usual are pauses of at most ${duration(usual ?? 0)}. Whether it is off or asks another resolver cannot be seen`
          : `${who} has been silent for ${duration(to - from)}; usual are at most ${duration(usual ?? 0)}`,
      advice: ['Look whether it has power and Wi-Fi.', 'Pull the plug and put it back.'],
    },
  },
  dryRun: 'minute',
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
