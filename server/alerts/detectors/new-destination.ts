// Alert: a device sends much to a destination that is new to it, or to an address of which nobody knows whose it is.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { yesNo } from '../../model/setting-fields.ts'
import { uploadSentence } from '../../text/en/uploads.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { isPersonal, limitClassOf, limitsOf, LOWEST_STRANGE } from '../kind-limits.ts'
import { uploadFound } from '../upload-finding.ts'

/** A day may have so many times an hour's limit: a keep-alive every half minute is about 300 kB a day. */
const DAY_FACTOR = 3
/** Above what went to the same destination on the days before. */
const USUAL_FACTOR = 4
/** The same for a day, which a slow upload may have begun in. */
const USUAL_DAY_FACTOR = 2
/** Days of a device's own past that are enough to be judged by. */
const ENOUGH_DAYS = 1
/** Many strange destinations together are told above so many times the limit of one. */
const TOGETHER_FACTOR = 3
/** What comes back of a call, as a share of what is sent, is more than this. */
const CALL_SHARE = 0.3
const HOUR = 3_600

const schema = Type.Object({
  /** Sent to strange destinations in the hour that began at `since`. */
  since: Type.Number(),
  sent: Type.Number(),
})
type Memory = Static<typeof schema>

function detect(memory: Memory, sample: UploadSample): Found | null {
  const reason = strangenessOf(sample)
  if (reason === null) return null
  // Somebody at home looks through a relay.
  if (reason === 'nameless' && sample.isStartedByPerson) return null
  const { amounts, second } = sample
  if (second - memory.since >= HOUR || second < memory.since) Object.assign(memory, { since: second, sent: 0 })
  // What was told before is judged by itself.
  const wasTold = sample.stoodOut > 0
  if (!wasTold) memory.sent += Math.max(0, sample.sent - sample.received)
  if (Math.max(amounts.hour, amounts.day, memory.sent) <= LOWEST_STRANGE) return null
  const isOwned = isPersonal(sample.device.kind)
  if (isOwned && isTwoWay(sample)) return null
  const { usual } = sample
  const limit = limitOf(sample)
  const about = { reason, usual: 0 }
  // To a destination without a name nothing is usual within an hour; keep-alives add up within a day.
  const usualHour = reason === 'nameless' ? 0 : usual.hour
  if (amounts.hour > Math.max(limit, USUAL_FACTOR * usualHour))
    return uploadFound(sample, { ...about, seen: amounts.hour, span: 'hour' })
  if (amounts.day > Math.max(DAY_FACTOR * limit, USUAL_DAY_FACTOR * usual.day))
    return uploadFound(sample, { ...about, seen: amounts.day, span: 'day' })
  if (isOwned || wasTold || sample.isLearning || memory.sent <= TOGETHER_FACTOR * limit) return null
  // The one that went over the limit stands for all.
  memory.sent = 0
  return uploadFound(sample, { ...about, seen: amounts.hour, span: 'hour' })
}

/**
 * Null where the destination is known, or where everything is new because the device is. A rented address without a
 * name is a stranger from the device's second day on: its maker's cloud was there on the first.
 */
function strangenessOf(sample: UploadSample): 'nameless' | 'new' | null {
  const { farEnd } = sample
  if (farEnd.class === 'nameless') return 'nameless'
  if (farEnd.class === 'hidden') return null
  if (sample.isLearning && (farEnd.class !== 'rented' || sample.ownDays === 0)) return null
  return sample.isNew || sample.isYoung ? 'new' : null
}

/** A call: about as much comes back. */
function isTwoWay({ upload, sent, received }: UploadSample): boolean {
  return upload === null ? received > CALL_SHARE * sent : upload.received > CALL_SHARE * upload.sent
}

/** Twice what the device sends within ten minutes anyway, between the limits of its kind. */
function limitOf({ device, ownUsual, ownDays, farEnd, stoodOut }: UploadSample): number {
  const [least, most] = limitsOf(device.kind).strange
  const limit = ownDays < ENOUGH_DAYS ? most : Math.min(most, Math.max(least, 2 * ownUsual.ten))
  // Of an address that was told before half as much is enough; but a camera is watched through such addresses.
  const isJudgedLower = farEnd.class === 'nameless' && stoodOut > 0 && limitClassOf(device.kind) !== 'camera'
  return isJudgedLower ? Math.min(limit, Math.max(least, stoodOut / 2)) : limit
}

export const newDestination = defineDetector({
  kind: 'new-destination',
  settings: {
    on: 'newDestination',
    fields: {
      newDestination: yesNo(
        'Uploads to strangers',
        'A device sends much to a destination that is new to it, or to an address without a name.',
        true,
      ),
    },
    read: () => ({}),
  },
  memory: { scope: 'device', key: 'strange', schema, fresh: (first) => ({ since: first, sent: 0 }) },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'Upload to a stranger',
      sentence: uploadSentence,
      advice: [
        'See on the page of the device who else it talked to at that time.',
        'If you do not know why, take the device off the network and reset it.',
      ],
    },
  },
  dryRun: 'hour',
  isInSample: false,
  isShownWhileLearning: true,
  group: 'upload',
})
