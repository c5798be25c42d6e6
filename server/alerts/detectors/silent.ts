// Alert: a device that always talks has stopped talking.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { LocalMoment } from '../../model/local-time.ts'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { duration } from '../../text/en/duration.ts'
import { areFew, CompaniesSchema, noteCompany } from '../asked.ts'
import { type ClockSample, defineDetector, type DeviceSample, type LookupSample } from '../detector.ts'
import { countBefore, daysBefore, DaysSchema, raise, secondLargest } from '../statistics.ts'
import { sourceStopped } from './source-stopped.ts'
import type { Found } from '../found.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** Longer than the longest usual pause by so much. */
const FACTOR = 3
const ENOUGH_DAYS = 5
const DAY = 86_400
/** One that has been away for longer was told of, or is gone for good. */
const LONGEST_SECONDS = 14 * DAY
/** One of which nobody knows what it is counts as an appliance if, besides, it never rests for longer. */
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
  /** As far as it was known: after a restart nobody knows it before it is seen. */
  kind: Type.Union([Type.Null(), Type.String()]),
  companies: CompaniesSchema,
  /** Longest pause by day, in seconds. */
  pauses: DaysSchema,
})
type Memory = Static<typeof schema>

function observe(memory: Memory, { second, local, device, isLookup }: DeviceSample): null {
  if (device.kind !== 'unknown') memory.kind = device.kind
  if (isLookup !== true) memory.seen = second
  if (memory.last !== null) raise(memory.pauses, local.day, second - memory.last)
  // Later by days can only be what a wrong clock left behind.
  if (memory.last === null || second > memory.last || second < memory.last - DAY) memory.last = second
  return null
}

function noteLookup(memory: Memory, sample: LookupSample): null {
  noteCompany(memory.companies, sample)
  return null
}

/** Whatever the rest of the sample says, it finds nothing before. */
function detectFrom(
  { last, pauses }: Memory,
  second: number,
  local: LocalMoment,
  settings: ReturnType<typeof read>,
): number {
  if (last === null || second - last > LONGEST_SECONDS || countBefore(pauses, local.day) < ENOUGH_DAYS)
    return Number.POSITIVE_INFINITY
  return last + settings.seconds
}

function detect(memory: Memory, sample: ClockSample, settings: ReturnType<typeof read>): Found | null {
  const { second, local, device, quietSeconds } = sample
  // With no packet of anybody it is the source that is silent.
  if (quietSeconds > settings.sourceSeconds) return null
  if (memory.last === null || second - memory.last > LONGEST_SECONDS) return null
  const isByLookups = memory.last - (memory.seen ?? Number.NEGATIVE_INFINITY) > DAY
  // A log that held nothing for a while says nothing about its devices; neither does a pause of Telltale itself.
  const from = Math.max(memory.last, (isByLookups ? sample.heardSince : sample.watchedSince) ?? memory.last)
  if (second - from < settings.seconds) return null
  const days = daysBefore(memory.pauses, local.day)
  if (days.length < ENOUGH_DAYS) return null
  const usual = secondLargest(days)
  if (second - from < FACTOR * usual) return null
  const kind = device.kind === 'unknown' ? (memory.kind ?? 'unknown') : device.kind
  const isRestless = isByLookups && kind === 'unknown' && usual <= RESTLESS_SECONDS && areFew(memory.companies)
  if (GENERAL_PURPOSE.includes(kind) && !isRestless) return null
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
  memory: {
    scope: 'device',
    key: 'silent',
    schema,
    fresh: () => ({ last: null, seen: null, kind: null, companies: [], pauses: [] }),
  },
  streams: { activity: observe, lookups: noteLookup, clock: detect, clockFrom: detectFrom },
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
