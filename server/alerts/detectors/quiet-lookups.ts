// Alert: a device asks for far more names than ever at this time of the day.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { lookups } from '../../text/en/lookups.ts'
import { areFew, CompaniesSchema, noteCompany } from '../asked.ts'
import { defineDetector, type LookupSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { dayOfLastHour, HoursSchema, hoursOf } from '../statistics.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** Days that make a habit. */
const ENOUGH_DAYS = 5
const REMEMBERED_DAYS = 21
/** So many times as many as ever in this hour of the day or its neighbours. */
const FACTOR = 3
/** When others, too, ask far more often than ever, the way to the internet is down, and they try again and again. */
const OTHERS_BUSY = 1

const fields = {
  quietLookups: yesNo(
    'Look-ups at an unusual hour',
    'Far more names asked for than ever at this time of the day, by a DNS log.',
    true,
  ),
  quietLookupsFloor: number('Many from (look-ups in an hour)', 'Fewer are never reported.', 20, 5, 10_000),
}

function read({ quietLookupsFloor }: SettingValues<typeof fields>) {
  return { floor: quietLookupsFloor }
}

const schema = Type.Object({
  /** Look-ups by day and hour of the day. */
  days: HoursSchema,
  companies: CompaniesSchema,
})
type Memory = Static<typeof schema>

function detect(memory: Memory, sample: LookupSample, { floor }: ReturnType<typeof read>): Found | null {
  const { second, local } = sample
  noteCompany(memory.companies, sample)
  // What is asked then is neither a habit nor unusual.
  if (sample.othersBusy >= OTHERS_BUSY) return null
  const today = hoursOf(memory.days, local.day, REMEMBERED_DAYS + 1)
  const seen = today[local.hour] + sample.count
  today[local.hour] = seen
  if (seen < floor) return null
  const around = memory.days
    .filter(({ day }) => day < dayOfLastHour(local))
    .map(({ hours }) => Math.max(...[-1, 0, 1].map((step) => hours[(local.hour + step + 24) % 24])))
  if (!isUnusual(memory, sample, seen, around)) return null
  return {
    from: second - (local.minute % 60) * 60 - (second % 60),
    to: second,
    seen,
    usual: Math.max(...around),
    unit: 'lookups',
    sent: 0,
    received: 0,
    sure: 0.75,
    learning: sample.isLearning,
    detail: null,
  }
}

function isUnusual(memory: Memory, sample: LookupSample, seen: number, around: number[]): boolean {
  const { kind } = sample.device
  const isAppliance =
    kind === 'unknown' ? areFew(memory.companies) : !GENERAL_PURPOSE.includes(kind) && kind !== 'storage'
  if (!isAppliance || around.length < ENOUGH_DAYS) return false
  return seen >= FACTOR * Math.max(...around)
}

export const quietLookups = defineDetector({
  kind: 'quiet-lookups',
  settings: { on: 'quietLookups', fields, read },
  memory: { scope: 'device', key: 'quiet-lookups', schema, fresh: () => ({ days: [], companies: [] }) },
  streams: { lookups: detect },
  words: {
    en: {
      title: 'Look-ups at an unusual hour',
      sentence: ({ seen, usual }, who) =>
        `${who} made ${lookups(seen)} within an hour; at this time of the day it made at most ${lookups(usual ?? 0)} before`,
      advice: [
        "See on the device's page which names it asked for.",
        'Look whether somebody used the device, or an update was installed.',
      ],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
