// Alert: a device sends a destination that it knows far more than it ever did within a day.
import * as Type from 'typebox'
import { type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { uploadSentence } from '../../text/en/uploads.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { isPersonal } from '../kind-limits.ts'
import { isJudgedByHabit, uploadFound } from '../upload-finding.ts'
import { uploadSpike } from './upload-spike.ts'

const fields = {
  longUpload: yesNo(
    'Uploads over hours',
    'Far more in a day than this device ever sent to the same destination.',
    true,
  ),
}
const borrowed = { spikeFactor: uploadSpike.settings.fields.spikeFactor }
/** Less in a day is never told. */
const FLOOR = 1e6

function read({ spikeFactor }: SettingValues<typeof fields & typeof borrowed>) {
  return { factor: spikeFactor }
}

function detect(_memory: object, sample: UploadSample, { factor }: ReturnType<typeof read>): Found | null {
  const { amounts } = sample
  if (amounts.day <= FLOOR || !isJudgedByHabit(sample)) return null
  const { usual, ownUsual } = sample
  if (amounts.day <= Math.max(FLOOR, factor * usual.day, ownUsual.day)) return null
  if (isPersonal(sample.device.kind) || sample.isStartedByPerson) return null
  // Many clips on one day are each explained: it is the number that is unusual then, which others see.
  if (amounts.hour > 0 && sample.explained > amounts.hour / 2) return null
  return uploadFound(sample, { reason: 'known', seen: amounts.day, usual: usual.day, span: 'day' })
}

export const longUpload = defineDetector({
  kind: 'long-upload',
  settings: { on: 'longUpload', fields, borrowed, read },
  memory: { scope: 'device', key: 'long', schema: Type.Object({}), fresh: () => ({}) },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'Upload over hours',
      sentence: uploadSentence,
      advice: [
        "Look into the device's own settings for what it uploads.",
        'If nothing explains it, switch the device off for a night and see whether it goes on.',
      ],
    },
  },
  dryRun: 'minute',
  isInSample: false,
  isShownWhileLearning: false,
  group: 'upload',
})
