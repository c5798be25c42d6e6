// Alert: a device sends more than any device of its kind should, to whomever: a ceiling that always holds.
import * as Type from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { uploadSentence } from '../../text/en/uploads.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { limitsOf, LOWEST_CEILING } from '../kind-limits.ts'
import { uploadFound } from '../upload-finding.ts'

const fields = {
  largeUpload: yesNo('Large uploads', 'More than a device of its kind should send, whatever is usual.', true),
  largeUploadMegabytes: number(
    'Large from (MB within ten minutes)',
    'Of a television. Ceilings of other kinds follow it: a plug a fifth, a camera six times, a phone a hundred times.',
    50,
    1,
    100_000,
  ),
}

function read({ largeUploadMegabytes }: SettingValues<typeof fields>) {
  return { bytes: largeUploadMegabytes * 1e6 }
}

const SPANS = ['ten', 'hour', 'day'] as const

function detect(_memory: object, sample: UploadSample, { bytes }: ReturnType<typeof read>): Found | null {
  const { amounts } = sample
  // What the device is costs more to ask than what it sent.
  if (amounts.day <= LOWEST_CEILING * bytes && amounts.hour <= LOWEST_CEILING * bytes) return null
  const { ceiling } = limitsOf(sample.device.kind)
  const { usual } = sample
  for (const span of SPANS)
    if (amounts[span] > ceiling[span] * bytes)
      return uploadFound(sample, { reason: 'ceiling', seen: amounts[span], usual: usual[span], span })
  return null
}

export const largeUpload = defineDetector({
  kind: 'large-upload',
  settings: { on: 'largeUpload', fields, read },
  memory: { scope: 'device', key: 'large', schema: Type.Object({}), fresh: () => ({}) },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'Large upload',
      sentence: uploadSentence,
      advice: [
        'A backup or a new recording plan explains most of it.',
        "Look into the device's own settings for what it uploads.",
      ],
    },
  },
  dryRun: 'hour',
  isInSample: true,
  isShownWhileLearning: true,
  group: 'upload',
})
