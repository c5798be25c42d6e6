// Alert: a device sends much in an hour in which it always was quiet, or in which the owner wants it quiet.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { isWithin, parseSchedules } from '../../model/schedule.ts'
import { number, schedules, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import { dayOfLastHour, HoursSchema, hoursOf } from '../statistics.ts'
import type { Found } from '../found.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** Days that make a habit. */
const ENOUGH_DAYS = 5
const REMEMBERED_DAYS = 14
/**
 * On this share of the days the hour and its neighbours must have been quiet, which is below this part of the floor.
 */
const QUIET_SHARE = 0.5
const QUIET_PART = 0.1
/** The destination is told to which at least this share of the hour went. */
const MAIN_SHARE = 0.5
/** And never was it loud by more than a third of what is seen now. */
const FACTOR = 3

const fields = {
  quietHoursAlert: yesNo(
    'Sending in quiet hours',
    'Much in an hour in which the device always was quiet, or in which you want it quiet.',
    true,
  ),
  quietFloorMegabytes: number('Loud from (MB in an hour)', 'Less is never reported.', 3, 1, 10_000),
  quietHours: schedules(
    'Quiet hours at home',
    'When devices should send next to nothing. Empty: found from their habits.',
  ),
}

function read({ quietFloorMegabytes, quietHours }: SettingValues<typeof fields>) {
  return { floorBytes: quietFloorMegabytes * 1e6, hours: parseSchedules(quietHours) }
}

const schema = Type.Object({
  /** Sent by day and hour of the day. */
  days: HoursSchema,
})

function detect(memory: Static<typeof schema>, sample: UploadSample, settings: ReturnType<typeof read>): Found | null {
  const { second, local, device } = sample
  const today = hoursOf(memory.days, local.day, REMEMBERED_DAYS + 1)
  const seen = Math.max(0, today[local.hour] + sample.sent)
  today[local.hour] = seen
  if (seen < settings.floorBytes) return null
  // What another destination was sent is told of that one.
  if (sample.amounts.hour < seen * MAIN_SHARE) return null
  const isChosen = isWithin(settings.hours, local.weekday, local.minute)
  // Clips and spoken requests of a usual size are no alarm; their number is judged elsewhere.
  if (!isChosen && seen - sample.explained < settings.floorBytes) return null
  const past = memory.days.filter(({ day }) => day < dayOfLastHour(local))
  const around = past.map(({ hours }) => Math.max(...[-1, 0, 1].map((step) => hours[(local.hour + step + 24) % 24])))
  const usual = around.length === 0 ? null : Math.max(...around)
  if (!isChosen) {
    if (sample.isLearning || around.length < ENOUGH_DAYS) return null
    // By day it sends twice as much within ten minutes.
    if (seen < sample.ownUsual.ten / 2 || sample.isStartedByPerson) return null
    const quiet = around.filter((sent) => sent < settings.floorBytes * QUIET_PART).length
    if (quiet < around.length * QUIET_SHARE || seen < FACTOR * (usual ?? 0)) return null
    if (GENERAL_PURPOSE.includes(device.kind) || device.kind === 'storage') return null
  }
  return {
    from: second - (local.minute % 60) * 60,
    to: second,
    seen,
    usual,
    unit: 'bytes',
    sent: seen,
    received: sample.received,
    sure: isChosen ? 0.95 : 0.8,
    learning: false,
    detail: 'hour',
    // The owner's own rule holds however often it is broken.
    reason: isChosen ? null : 'known',
  }
}

export const quietHours = defineDetector({
  kind: 'quiet-hours',
  settings: { on: 'quietHoursAlert', fields, read },
  memory: { scope: 'device', key: 'quiet', schema, fresh: () => ({ days: [] }) },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'Busy in quiet hours',
      sentence: ({ bytes, usual }, who, whom) =>
        `${who} sent ${amount(bytes)} to ${whom} in an hour that is usually quiet${usual === null ? '' : ` (at most ${amount(usual)} before)`}`,
      advice: [
        'Look whether somebody or something was in front of the device.',
        "Change its password, and see in the maker's app who has access.",
      ],
    },
  },
  dryRun: 'hour',
  isInSample: true,
  isShownWhileLearning: false,
  group: 'upload',
})
