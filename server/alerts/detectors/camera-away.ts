// Alert: a camera sends while a schedule says that nobody is home.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { isWithin, parseSchedules } from '../../model/schedule.ts'
import { number, schedules, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'

const fields = {
  cameraAway: yesNo('Cameras while nobody is home', 'A camera sends in the times below.', true),
  away: schedules('Nobody is home', 'When cameras should send nothing.'),
  awayFloorKilobytes: number('Cameras: from (kB)', 'Less while nobody is home is never reported.', 200, 10, 1_000_000),
}

function read({ away, awayFloorKilobytes }: SettingValues<typeof fields>) {
  return { away: parseSchedules(away), floorBytes: awayFloorKilobytes * 1e3 }
}

/** Of all destinations those stand out that were sent this part of the floor within an hour. */
const PART_OF_IT = 0.1

const schema = Type.Object({
  /** Sent since the absence began; null at home. */
  away: Type.Union([Type.Null(), Type.Object({ since: Type.Number(), sent: Type.Number() })]),
})

function detect(
  memory: Static<typeof schema>,
  sample: UploadSample,
  { away, floorBytes }: ReturnType<typeof read>,
): Found | null {
  const { second, local, device } = sample
  if (!isWithin(away, local.weekday, local.minute)) {
    memory.away = null
    return null
  }
  if (device.kind !== 'camera' && device.kind !== 'doorbell') return null
  memory.away ??= { since: second, sent: 0 }
  memory.away.sent += sample.sent
  const { since, sent } = memory.away
  if (sent < floorBytes || sample.amounts.hour < PART_OF_IT * floorBytes) return null
  return {
    from: since,
    to: second,
    seen: sent,
    usual: 0,
    unit: 'bytes',
    sent,
    received: sample.received,
    sure: 0.9,
    learning: false,
    detail: 'hour',
    // The owner's own rule: it holds however often it is broken.
    reason: null,
  }
}

export const cameraAway = defineDetector({
  kind: 'camera-away',
  settings: { on: 'cameraAway', fields, read },
  memory: { scope: 'device', key: 'away', schema, fresh: () => ({ away: null }) },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'Camera while nobody is home',
      sentence: ({ bytes }, who, whom) => `${who} sent ${amount(bytes)} to ${whom} while nobody should be home`,
      advice: ["Look at the camera's recordings of that time.", "See in the maker's app who watched."],
    },
  },
  dryRun: 'hour',
  isInSample: true,
  isShownWhileLearning: false,
  group: 'upload',
})
