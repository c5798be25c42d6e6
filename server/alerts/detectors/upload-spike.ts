// Alert: a device sends a destination that it knows far more than it ever did within an hour.
import * as Type from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { uploadSentence } from '../../text/en/uploads.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { isPersonal } from '../kind-limits.ts'
import { isJudgedByHabit, uploadFound } from '../upload-finding.ts'

const fields = {
  uploadSpike: yesNo('Sudden uploads', 'Far more than this device ever sent to the same destination.', true),
  // Half of what a spoken request takes is about 50 kB.
  spikeFloorKilobytes: number(
    'Watched by the second from (kB)',
    'An upload with as much within ten seconds is watched while it goes on; slower ones by the minute.',
    50,
    10,
    100_000,
  ),
  spikeFactor: number('Sudden means (times the usual)', 'How far above the busiest hour it must be.', 4, 2, 100),
}
/** What somebody looks at within an hour: some minutes of video, or some times what the camera sends anyway. */
const LOOK_BYTES = 30e6
const LOOK_FACTOR = 3
/** Less within an hour is never told, whatever is usual. */
const FLOOR = 100e3

function read({ spikeFloorKilobytes, spikeFactor }: SettingValues<typeof fields>) {
  return { floorBytes: spikeFloorKilobytes * 1e3, factor: spikeFactor }
}

function detect(_memory: object, sample: UploadSample, { factor }: ReturnType<typeof read>): Found | null {
  const { amounts } = sample
  if (amounts.hour <= FLOOR || !isJudgedByHabit(sample)) return null
  const { usual, ownUsual } = sample
  if (amounts.hour - sample.explained <= Math.max(FLOOR, factor * usual.hour, ownUsual.hour)) return null
  if (isPersonal(sample.device.kind)) return null
  // A look at a camera has a size, too.
  if (sample.isStartedByPerson && amounts.hour <= Math.max(LOOK_BYTES, LOOK_FACTOR * ownUsual.hour)) return null
  return uploadFound(sample, { reason: 'known', seen: amounts.hour, usual: usual.hour, span: 'hour' })
}

export const uploadSpike = defineDetector({
  kind: 'upload-spike',
  settings: { on: 'uploadSpike', fields, read },
  memory: { scope: 'device', key: 'spike', schema: Type.Object({}), fresh: () => ({}) },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'Sudden upload',
      sentence: uploadSentence,
      advice: [
        'Think of what you did with the device at that time.',
        'If it goes on, switch the device off and see who else it talked to.',
      ],
    },
  },
  dryRun: 'hour',
  isInSample: true,
  isShownWhileLearning: false,
  group: 'upload',
})
