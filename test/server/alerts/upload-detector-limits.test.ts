// The limits of the detectors of uploads, one step before and at them, and every figure found.
import { describe, expect, it } from 'vitest'
import type { UploadSample } from '../../../server/alerts/detector.ts'
import { largeUpload } from '../../../server/alerts/detectors/large-upload.ts'
import { longUpload } from '../../../server/alerts/detectors/long-upload.ts'
import { newDestination } from '../../../server/alerts/detectors/new-destination.ts'
import { uploadSpike } from '../../../server/alerts/detectors/upload-spike.ts'
import type { Found } from '../../../server/alerts/found.ts'
import type { Amounts } from '../../../server/alerts/past.ts'
import {
  COMMON,
  DAY,
  freshOf,
  HOUR,
  settingsOf,
  START,
  taking,
  type Traffic,
  traffic,
} from '../../support/detector-samples.ts'

/** What the detector says of a sample with so much in the last hour; all else is as in `traffic`. */
const hourOf = (hour: number, more: Traffic = {}): UploadSample =>
  traffic(START + 8 * DAY, 1_000, { amounts: { ten: hour, hour, day: hour }, ...more })
const dayOf = (day: number, more: Traffic = {}): UploadSample =>
  traffic(START + 8 * DAY, 1_000, { amounts: { ten: 0, hour: 0, day }, ...more })
const amountsOf = (amount: number): Amounts => ({ ten: amount, hour: amount, day: amount })
/** Samples of which habits say nothing. */
const UNKNOWN: readonly Traffic[] = [
  { isLearning: true },
  { isNew: true },
  { isYoung: true },
  { ownDays: 2 },
  { endpoint: { company: null, host: null, namedBy: 'none' } },
]
const UPLOAD = { from: START + 8 * DAY - 9, last: START + 8 * DAY - 1, sent: 9, received: 8, peak: 7 }

describe('upload-spike', () => {
  const detect = (sample: UploadSample, factor = 4): Found | null =>
    taking(uploadSpike.streams.uploads)({}, sample, settingsOf('upload-spike', { spikeFactor: factor }))
  const FLOOR = 100_000

  it('says nothing of exactly the floor of an hour, and finds one byte more, with every figure', () => {
    expect(detect(hourOf(FLOOR))).toBeNull()
    expect(detect(hourOf(FLOOR + 1, { received: 77, upload: UPLOAD }))).toEqual({
      from: UPLOAD.from,
      to: UPLOAD.last,
      seen: FLOOR + 1,
      usual: 0,
      unit: 'bytes',
      sent: 1_000,
      received: 77,
      sure: 0.8,
      learning: false,
      detail: 'hour',
      reason: 'known',
    })
    expect(detect(hourOf(FLOOR + 1))).toMatchObject({ from: START + 8 * DAY, to: START + 8 * DAY })
  })

  it('asks for more than the factor times the busiest hour to the destination, and than the busiest to all', () => {
    const usual = amountsOf(50_000)
    expect(detect(hourOf(200_000, { usual }))).toBeNull()
    expect(detect(hourOf(200_001, { usual }))).toMatchObject({ usual: 50_000 })
    expect(detect(hourOf(200_001, { usual }), 5)).toBeNull()
    expect(detect(hourOf(300_000, { usual, ownUsual: amountsOf(300_000) }))).toBeNull()
    expect(detect(hourOf(300_001, { usual, ownUsual: amountsOf(300_000) }))).not.toBeNull()
  })

  it('leaves out what events explain', () => {
    expect(detect(hourOf(900_000, { explained: 800_000 }))).toBeNull()
    expect(detect(hourOf(900_001, { explained: 800_000 }))).toMatchObject({ seen: 900_001 })
  })

  it.each(UNKNOWN)('says nothing where habits are not known (%o)', (more) => {
    expect(detect(hourOf(1e12, more))).toBeNull()
  })

  it('judges from the third day on', () => expect(detect(hourOf(1e12, { ownDays: 3 }))).not.toBeNull())

  it.each(['phone', 'tablet', 'computer', 'console', 'storage', 'reader', 'vehicle'])('leaves a %s alone', (kind) => {
    expect(detect(hourOf(1e12, { kind }))).toBeNull()
  })

  it.each(['unknown', 'camera', 'plug', 'speaker', 'tv', 'streamer'])('does not leave a %s alone', (kind) => {
    expect(detect(hourOf(1e12, { kind }))).toMatchObject({ seen: 1e12 })
    expect(detect(hourOf(30e6, { kind, isStartedByPerson: true }))).toBeNull()
    expect(detect(hourOf(30e6 + 1, { kind, isStartedByPerson: true }))).not.toBeNull()
  })
})
describe('long-upload', () => {
  const detect = (sample: UploadSample): Found | null =>
    taking(longUpload.streams.uploads)({}, sample, settingsOf('long-upload'))
  const FLOOR = 1_000_000

  it('says nothing of exactly the floor of a day, and finds one byte more', () => {
    expect(detect(dayOf(FLOOR))).toBeNull()
    expect(detect(dayOf(FLOOR + 1))).toMatchObject({ seen: FLOOR + 1, usual: 0, detail: 'day', reason: 'known' })
  })

  it('asks for more than the factor times the busiest day to the destination, and than the busiest to all', () => {
    const usual = amountsOf(500_000)
    expect(detect(dayOf(2_000_000, { usual }))).toBeNull()
    expect(detect(dayOf(2_000_001, { usual }))).toMatchObject({ usual: 500_000 })
    expect(detect(dayOf(3_000_000, { usual, ownUsual: amountsOf(3_000_000) }))).toBeNull()
  })

  it('leaves out days of which events explain more than half of the hour', () => {
    const more = { amounts: { ten: 10, hour: 10, day: 9e6 } }
    expect(detect(traffic(START, 1, { ...more, explained: 6 }))).toBeNull()
    expect(detect(traffic(START, 1, { ...more, explained: 5 }))).not.toBeNull()
  })

  it.each([...UNKNOWN, { kind: 'phone' }, { isStartedByPerson: true }])('says nothing of %o', (more) => {
    expect(detect(dayOf(1e12, more))).toBeNull()
  })
})
describe('large-upload', () => {
  const detect = (amounts: Amounts, kind: string, megabytes = 50, more: Traffic = {}): Found | null =>
    taking(largeUpload.streams.uploads)(
      {},
      traffic(START, 1, { kind, amounts, ...more }),
      settingsOf('large-upload', { largeUploadMegabytes: megabytes }),
    )
  /** Megabytes within ten minutes, an hour and a day with the setting as it comes: the README has the same. */
  const CEILINGS: Record<string, [number, number, number]> = {
    plug: [10, 20, 100],
    speaker: [30, 100, 500],
    tv: [50, 150, 1_000],
    camera: [300, 1_500, 25_000],
    unknown: [100, 300, 2_000],
    phone: [5_000, 20_000, 60_000],
  }
  const SPANS = ['ten', 'hour', 'day'] as const

  describe.each(Object.entries(CEILINGS))('of a %s', (kind, ceilings) => {
    it.each(SPANS.map((span, at) => [span, ceilings[at] * 1e6] as const))(
      'is above the ceiling of %s',
      (span, most) => {
        const sums = (amount: number): Amounts => ({
          ten: span === 'ten' ? amount : 0,
          hour: span === 'day' ? 0 : amount,
          day: amount,
        })
        expect(detect(sums(most), kind)).toBeNull()
        expect(detect(sums(most + 1), kind)).toMatchObject({
          seen: most + 1,
          sure: 0.95,
          detail: span,
          reason: 'ceiling',
          learning: false,
        })
        expect(detect(sums(most / 2 + 1), kind, 25)).not.toBeNull()
        expect(detect(sums(most + 1), kind, 51)).toBeNull()
      },
    )
  })

  it.each([
    ...UNKNOWN,
    { usual: amountsOf(1e15), ownUsual: amountsOf(1e15) },
    { explained: 1e15 },
    { isStartedByPerson: true },
  ])('holds whatever else is known (%o)', (more) => {
    expect(detect(amountsOf(1e12), 'plug', 50, more)).toMatchObject({ reason: 'ceiling', detail: 'ten' })
  })
})
describe('new-destination', () => {
  type Memory = ReturnType<typeof newDestination.memory.fresh>
  const detect = (sample: UploadSample, memory: Memory = freshOf(newDestination)): Found | null =>
    taking(newDestination.streams.uploads)(memory, sample, COMMON)
  const NAMELESS = { endpoint: { company: null, host: null, namedBy: 'none' } } as const
  /** Kilobytes an hour: the least and the most. The README has the same. */
  const LIMITS: Record<string, [number, number]> = {
    plug: [150, 500],
    speaker: [150, 1_000],
    tv: [150, 2_000],
    camera: [150, 4_800],
    unknown: [150, 3_000],
    phone: [250_000, 250_000],
  }
  /** Days of the device's own past below which only the most is told. */
  const ENOUGH_DAYS = 1
  /** So many times an hour's limit are a day's. */
  const DAY_FACTOR = 3

  it.each(Object.entries(LIMITS))('of a %s has its limits', (kind, [least, most]) => {
    const isTold = (kilobytes: number, more: Traffic = {}): boolean[] =>
      [0, 1].map((excess) => detect(hourOf(kilobytes * 1e3 + excess, { kind, ...NAMELESS, ...more })) !== null)
    for (const isLearning of [false, true]) {
      expect(isTold(least, { isLearning })).toEqual([false, true])
      expect(isTold(most, { isLearning, ownUsual: amountsOf(1e12) })).toEqual([false, true])
      expect(isTold(most, { isLearning, ownDays: ENOUGH_DAYS - 1 })).toEqual([false, true])
      const between = (least + most) / 2
      expect(isTold(between, { isLearning, ownUsual: amountsOf((between * 1e3) / 2) })).toEqual([false, true])
    }
  })

  it('is none of people in a call, in which about as much comes back', () => {
    const call = (kind: string, received: number, upload: UploadSample['upload'] = null): boolean =>
      detect(hourOf(1e9, { kind, ...NAMELESS, received, upload })) === null
    expect([call('phone', 300), call('phone', 301)]).toEqual([false, true])
    expect(call('phone', 0, { ...UPLOAD, sent: 1_000, received: 301 })).toBe(true)
    expect(call('phone', 900, { ...UPLOAD, sent: 1_000, received: 300 })).toBe(false)
    expect(call('camera', 900)).toBe(false)
  })

  it('has every figure', () => {
    expect(detect(hourOf(5e6, { ...NAMELESS, upload: UPLOAD, received: 3 }))).toEqual({
      from: UPLOAD.from,
      to: UPLOAD.last,
      seen: 5e6,
      usual: 0,
      unit: 'bytes',
      sent: 1_000,
      received: 3,
      sure: 0.9,
      learning: false,
      detail: 'hour',
      reason: 'nameless',
    })
    expect(detect(hourOf(5e6, { isNew: true }))).toMatchObject({ reason: 'new', sure: 0.85 })
    expect(detect(hourOf(5e6, { isYoung: true }))).toMatchObject({ reason: 'new' })
  })

  it('is none where the destination is known or hidden, or everything is new', () => {
    expect(detect(hourOf(1e12))).toBeNull()
    expect(detect(hourOf(1e12, { isNew: true, endpoint: { company: null, host: null, address: null } }))).toBeNull()
    expect(detect(hourOf(1e12, { isNew: true, isLearning: true }))).toBeNull()
    const rented = { endpoint: { host: null, namedBy: 'network' }, isNew: true, isLearning: true } as const
    expect(detect(hourOf(1e12, { ...rented, ownDays: 0 }))).toBeNull()
    expect(detect(hourOf(1e12, { ...rented, ownDays: 1 }))).toMatchObject({ reason: 'new' })
  })

  it('is above twice what went there on the days before in a day; in an hour nothing is usual', () => {
    const usual = amountsOf(100_000)
    expect(detect(hourOf(150_000, { ...NAMELESS, usual }))).toBeNull()
    expect(detect(hourOf(150_001, { ...NAMELESS, usual }))).toMatchObject({ detail: 'hour' })
    expect(detect(dayOf(DAY_FACTOR * 150_000, NAMELESS))).toBeNull()
    expect(detect(dayOf(DAY_FACTOR * 150_000 + 1, NAMELESS))).toMatchObject({ detail: 'day' })
    expect(detect(dayOf(800_000, { ...NAMELESS, usual: amountsOf(400_000) }))).toBeNull()
  })

  it('is also what many strange destinations were sent within an hour, once, but not by people', () => {
    const memory = freshOf(newDestination)
    const many = (count: number, more: Traffic = {}, each = 45_000): number => {
      let found = 0
      for (let at = 0; at < count; at++)
        if (detect(traffic(START + at * 60, each, { ...NAMELESS, kind: 'plug', ...more }), memory) !== null) found++
      return found
    }
    expect(many(10)).toBe(0)
    expect(many(1)).toBe(1)
    expect(memory.sent).toBe(0)
    expect(many(22)).toBe(2)
    expect(many(22, { isLearning: true })).toBe(0)
    expect(many(30, { kind: 'phone' }, 60_000_000)).toBe(0)
  })

  it('counts them anew after an hour', () => {
    const memory = freshOf(newDestination)
    for (let hour = 0; hour < 3; hour++)
      for (let at = 0; at < 10; at++)
        expect(detect(traffic(START + hour * HOUR + at, 45_000, { ...NAMELESS, kind: 'plug' }), memory)).toBeNull()
  })
})
