// What detectors of uploads have in common: whether habits are known, and the finding.
import type { UploadSample } from './detector.ts'
import type { Found, Reason } from './found.ts'

/** Days of a device's own past that are enough to be judged by. */
const ENOUGH_DAYS = 3

/** The destination is one that the device knows, and the device's habits are known. */
export function isJudgedByHabit(sample: UploadSample): boolean {
  // Most samples are of the time in which the device is learned: the rest is asked only where it matters.
  if (sample.isLearning || sample.farEnd.class === 'nameless') return false
  return !sample.isNew && !sample.isYoung && sample.ownDays >= ENOUGH_DAYS
}

const SURE: Record<Reason, number> = { ceiling: 0.95, nameless: 0.9, new: 0.85, known: 0.8 }

/** `span`: what `seen` and `usual` are about. */
export function uploadFound(
  sample: UploadSample,
  { reason, seen, usual, span }: { reason: Reason; seen: number; usual: number; span: 'ten' | 'hour' | 'day' },
): Found {
  const { second, upload, sent, received } = sample
  return {
    from: upload?.from ?? second,
    to: upload?.last ?? second,
    seen: Math.round(seen),
    usual: Math.round(usual),
    unit: 'bytes',
    sent,
    received,
    sure: SURE[reason],
    learning: false,
    detail: span,
    reason,
  }
}
