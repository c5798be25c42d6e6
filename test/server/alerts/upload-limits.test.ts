// The limits of settings, schedules and quiet hours, one step before and at them, and every figure found.
import { describe, expect, it } from 'vitest'
import type { Found } from '../../../server/alerts/found.ts'
import { quietHours } from '../../../server/alerts/detectors/quiet-hours.ts'
import { DEFAULT_SETTINGS, RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { countBefore, daysBefore, raise, secondLargestBefore, type Days } from '../../../server/alerts/statistics.ts'
import { isWithin } from '../../../server/model/schedule.ts'
import { DAY, freshOf, HOUR, settingsOf, START, taking, type Traffic, traffic } from '../../support/detector-samples.ts'

it('the settings are these unless the owner changes them', () => {
  const on = {
    'new-destination': true,
    'upload-spike': true,
    'long-upload': true,
    'large-upload': true,
    'quiet-hours': true,
    'new-device': true,
    'new-company': true,
    'new-tracker': true,
    'quiet-lookups': true,
    'blocked-again': true,
    'voice-busy': true,
    'child-trackers': true,
    'camera-busy': true,
    'camera-away': true,
    'many-addresses': true,
    'around-your-dns': true,
    unencrypted: true,
    silent: true,
    'source-stopped': true,
    'engine-stopped': true,
    flood: true,
    'address-conflict': true,
  }
  const own = {
    'new-destination': {},
    'upload-spike': { floorBytes: 50_000, factor: 4 },
    'long-upload': { factor: 4 },
    'large-upload': { bytes: 50_000_000 },
    'quiet-hours': { floorBytes: 3_000_000, hours: [] },
    'new-device': {},
    'new-company': {},
    'new-tracker': {},
    'quiet-lookups': { floor: 20 },
    'blocked-again': { floor: 100 },
    'voice-busy': { floor: 8 },
    'child-trackers': { floor: 1_000_000 },
    'camera-busy': { floor: 16 },
    'camera-away': { away: [], floorBytes: 200_000 },
    'many-addresses': { floor: 100 },
    'around-your-dns': {},
    unencrypted: {},
    silent: { seconds: 21_600, sourceSeconds: 300 },
    'source-stopped': { seconds: 300 },
    'engine-stopped': {},
    flood: { devices: 25 },
    'address-conflict': {},
  }
  const expected = {
    on,
    own,
    learningDays: 7,
    coolDownSeconds: 3_600,
    reportWhileLearning: false,
  }
  expect(DEFAULT_SETTINGS).toEqual(expected)
  expect(RECORDING_SETTINGS).toEqual({ ...expected, reportWhileLearning: true })
})
describe('a schedule', () => {
  it('begins with its first minute and ends before its last, on its days', () => {
    const day = [{ days: [1, 2], from: 510, to: 1_020 }]
    expect([509, 510, 1_019, 1_020].map((minute) => isWithin(day, 1, minute))).toEqual([false, true, true, false])
    expect([isWithin(day, 3, 600), isWithin(day, 0, 600), isWithin([], 1, 600)]).toEqual([false, false, false])
  })

  it('past midnight begins on its day and ends on the next, also from Saturday to Sunday', () => {
    const night = [{ days: [6], from: 1_320, to: 420 }]
    expect([1_319, 1_320, 1_439].map((minute) => isWithin(night, 6, minute))).toEqual([false, true, true])
    expect([0, 419, 420].map((minute) => isWithin(night, 0, minute))).toEqual([true, true, false])
    expect(isWithin(night, 1, 60)).toBe(false)
  })
})
describe('the values of days', () => {
  it('are the largest of each of the last 28 days', () => {
    const days: Days = []
    for (let day = 100; day < 129; day++) {
      raise(days, day, 5)
      raise(days, day, 7)
      raise(days, day, 6)
    }
    expect(days).toHaveLength(28)
    expect(days[0]).toEqual({ day: 101, value: 7 })
    raise(days, 127, 1_000)
    expect(days.at(-2)).toEqual({ day: 127, value: 7 })
    expect(days.at(-1)).toEqual({ day: 128, value: 7 })
    expect(days).toHaveLength(28)
  })

  it('count before a day, without that day', () => {
    const days: Days = [
      { day: 1, value: 10 },
      { day: 2, value: 30 },
      { day: 3, value: 20 },
    ]
    expect([countBefore(days, 3), daysBefore(days, 3), secondLargestBefore(days, 3)]).toEqual([2, [10, 30], 10])
    expect([countBefore(days, 4), secondLargestBefore(days, 4)]).toEqual([3, 20])
    expect([secondLargestBefore(days, 2), secondLargestBefore(days.slice(0, 1), 4)]).toEqual([0, 0])
    expect(secondLargestBefore(days.slice(0, 2), 4)).toBe(10)
  })
})
describe('quiet-hours', () => {
  type Memory = ReturnType<typeof quietHours.memory.fresh>
  const detect = taking(quietHours.streams.uploads)
  const send = (memory: Memory, second: number, sent: number, kind = 'camera', inHour = 1e12): Found | null => {
    const amounts = { ten: 0, hour: inHour, day: 0 }
    return detect(memory, traffic(second, sent, { received: 44, kind, amounts }), settingsOf('quiet-hours'))
  }
  /** So many days, of which `loud` sent so much at three at night. */
  const nights = (days: number, loud = 0, sent = 0): Memory => {
    const memory = freshOf(quietHours)
    for (let day = 0; day < days; day++) {
      send(memory, START + day * DAY + 14 * HOUR, 20_000_000)
      if (day < loud) send(memory, START + day * DAY + 3 * HOUR, sent)
    }
    return memory
  }
  const night = (days: number): number => START + days * DAY + 3 * HOUR + 61

  it('finds what reaches the floor in an hour after five days, and says since when', () => {
    expect(send(nights(4), night(4), 3_000_000)).toBeNull()
    const memory = nights(5)
    send(memory, night(5), 1_000_000)
    expect(send(memory, night(5) + 60, 1_999_999)).toBeNull()
    expect(send(memory, night(5) + 60, 1)).toEqual({
      from: START + 5 * DAY + 3 * HOUR + 1,
      to: night(5) + 60,
      seen: 3_000_000,
      usual: 0,
      unit: 'bytes',
      sent: 3_000_000,
      received: 44,
      sure: 0.8,
      learning: false,
      detail: 'hour',
      reason: 'known',
    })
  })

  it('is found of the destination that was sent half of the hour, and of no other', () => {
    const memory = nights(5)
    expect(send(memory, night(5), 9_000_000, 'camera', 4_499_999)).toBeNull()
    expect(send(memory, night(5), 0, 'camera', 4_500_000)).toMatchObject({ seen: 9_000_000 })
  })

  it('is nothing while the device is learned, or where events explain it', () => {
    const found = (more: Traffic): Found | null => {
      const memory = nights(6)
      return detect(memory, traffic(night(6), 9_000_000, more), settingsOf('quiet-hours'))
    }
    expect(found({ isLearning: true })).toBeNull()
    expect(found({ explained: 6_000_001 })).toBeNull()
    expect(found({ explained: 6_000_000 })).not.toBeNull()
  })

  it('asks for half of the nights below a tenth of the floor, and for three times the loudest', () => {
    expect(send(nights(6, 3, 300_000), night(6), 9_000_000)).toMatchObject({ usual: 300_000 })
    expect(send(nights(6, 4, 300_000), night(6), 9_000_000)).toBeNull()
    expect(send(nights(6, 4, 299_999), night(6), 9_000_000)).toMatchObject({ usual: 299_999 })
    expect(send(nights(6, 1, 1_200_000), night(6), 3_599_999)).toBeNull()
    expect(send(nights(6, 1, 1_200_000), night(6), 3_600_000)).toMatchObject({ usual: 1_200_000 })
  })

  it('takes the hour before and the hour after for the same time, over midnight as well', () => {
    for (const hour of [13, 15]) expect(send(nights(6), START + 6 * DAY + hour * HOUR, 50_000_000)).toBeNull()
    for (const hour of [12, 16])
      expect(send(nights(6), START + 6 * DAY + hour * HOUR, 50_000_000)).toMatchObject({ usual: 0 })
    const late = freshOf(quietHours)
    for (let day = 0; day < 6; day++) send(late, START + day * DAY + 23 * HOUR, 20_000_000)
    expect(send(late, START + 6 * DAY + HOUR / 2, 50_000_000)).toBeNull()
  })

  it.each(['phone', 'storage', 'unknown', 'computer'])('leaves a %s alone', (kind) => {
    expect(send(nights(6), night(6), 9_000_000, kind)).toBeNull()
  })

  it('remembers fourteen days and today', () => {
    const memory = nights(16)
    expect(memory.days.map(({ day }) => day - START / DAY)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1))
  })

  it('is 0.95 sure in hours that the owner named, and knows no usual without a past', () => {
    const own = settingsOf('quiet-hours', { quietHours: ['Mo 03:00-04:00'] })
    const sending = (sent: number): Found | null =>
      detect(freshOf(quietHours), traffic(START + 3 * HOUR, sent, { kind: 'phone' }), own)
    expect(sending(3_000_000)).toMatchObject({ sure: 0.95, usual: null, seen: 3_000_000 })
    expect(sending(2_999_999)).toBeNull()
  })
})
