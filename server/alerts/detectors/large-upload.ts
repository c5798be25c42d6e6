// Alert: a device sends a company more within ten minutes than anybody would expect.
import { Type, type Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { amount, habit } from '../../text/en/amount.ts'
import { type CommonSettings, defineDetector, type TrafficSample } from '../detector.ts'
import { countBefore, DaysSchema, raise, secondLargestBefore } from '../statistics.ts'
import type { Found } from '../found.ts'
import { mayCopyFiles } from '../watched-device.ts'

const MINUTES = 10
/** Above the habit of days by so much. */
const FACTOR = 2
/** Keep-alives are not the beginning of an upload. */
const SMALLEST_PART = 10_000
/** Of devices on which people copy files, large begins later. */
const PERSONAL_FACTOR = 10

const fields = {
  largeUpload: yesNo('Large uploads', 'Much within ten minutes, whatever is usual for others.', true),
  largeUploadMegabytes: number('Large from (MB)', 'For phones and computers ten times as much.', 50, 1, 100_000),
}

function read({ largeUploadMegabytes }: SettingValues<typeof fields>) {
  return { bytes: largeUploadMegabytes * 1e6 }
}

const perMinute = Type.Array(Type.Number(), { minItems: MINUTES, maxItems: MINUTES })
const schema = Type.Object({
  /** Sent in each of the last minutes, and the minute that each place holds. */
  sent: perMinute,
  minutes: perMinute,
  /** Most sent within ten minutes, by day. */
  days: DaysSchema,
})
type Memory = Static<typeof schema>

function fresh(): Memory {
  return { sent: new Array<number>(MINUTES).fill(0), minutes: new Array<number>(MINUTES).fill(-1), days: [] }
}

function detect(
  memory: Memory,
  sample: TrafficSample,
  settings: ReturnType<typeof read> & CommonSettings,
): Found | null {
  const { second, local } = sample
  const minute = Math.floor(second / 60)
  const place = minute % MINUTES
  if (memory.minutes[place] !== minute) {
    memory.minutes[place] = minute
    memory.sent[place] = 0
  }
  memory.sent[place] = memory.sent[place] + sample.sent
  let seen = 0
  let begin = minute
  for (let at = 0; at < MINUTES; at++) {
    if (memory.minutes[at] <= minute - MINUTES) continue
    seen += memory.sent[at]
    if (memory.sent[at] > SMALLEST_PART && memory.minutes[at] < begin) begin = memory.minutes[at]
  }
  const usual = secondLargestBefore(memory.days, local.day)
  const days = countBefore(memory.days, local.day)
  raise(memory.days, local.day, seen)
  if (seen <= Math.max(settings.bytes, FACTOR * usual)) return null
  const isPersonal = settings.allowances && mayCopyFiles(sample.device.kind)
  if (isPersonal && seen <= settings.bytes * PERSONAL_FACTOR) return null
  const isLearning = days < settings.learningDays
  return {
    from: begin * 60,
    to: second,
    seen,
    usual: days < 2 ? null : usual,
    unit: 'bytes',
    sent: seen,
    received: sample.received,
    sure: isLearning ? 0.6 : 0.85,
    learning: isLearning,
    detail: null,
  }
}

export const largeUpload = defineDetector({
  kind: 'large-upload',
  settings: { on: 'largeUpload', fields, read },
  memory: {
    scope: 'pair',
    key: 'large',
    schema,
    fresh,
    baseline: ({ now, day }) => ({ ...fresh(), days: (now?.days ?? []).filter((one) => one.day < day) }),
  },
  streams: { uploadMinutes: detect },
  words: {
    en: {
      title: 'Large upload',
      sentence: ({ seen, usual }, who, whom) =>
        `${who} sent ${amount(seen)} to ${whom} within 10 minutes${usual === null ? '' : `; ${habit(usual)}`}`,
      advice: [
        'A backup or a new recording plan explains most of it.',
        "Look into the device's own settings for what it uploads.",
      ],
    },
  },
  dryRun: 'minute',
  isInSample: true,
  isShownWhileLearning: true,
  group: 'upload',
})
