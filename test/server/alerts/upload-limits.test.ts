// The limits of settings and of detectors of uploads, one step before and at them, and every figure found.
import { describe, expect, it } from 'vitest'
import type { Found } from '../../../server/alerts/found.ts'
import { mayCopyFiles } from '../../../server/alerts/watched-device.ts'
import { largeUpload } from '../../../server/alerts/detectors/large-upload.ts'
import { quietHours } from '../../../server/alerts/detectors/quiet-hours.ts'
import { uploadSpike } from '../../../server/alerts/detectors/upload-spike.ts'
import { DEFAULT_SETTINGS, RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { countBefore, daysBefore, raise, secondLargestBefore, type Days } from '../../../server/alerts/statistics.ts'
import { isWithin } from '../../../server/model/schedule.ts'
import { DAY, freshOf, HOUR, settingsOf, START, taking, traffic, utc } from '../../support/detector-samples.ts'

it('the settings are these unless the owner changes them', () => {
  const on = {
    'upload-spike': true,
    'large-upload': true,
    'quiet-hours': true,
    'new-device': true,
    'new-company': true,
    'new-tracker': true,
    'quiet-lookups': true,
    'voice-busy': true,
    'camera-away': true,
    'around-your-dns': true,
    unencrypted: true,
    silent: true,
    'source-stopped': true,
    'engine-stopped': true,
    flood: true,
    'address-conflict': true,
  }
  const own = {
    'upload-spike': { floorBytes: 50_000, factor: 2 },
    'large-upload': { bytes: 50_000_000 },
    'quiet-hours': { floorBytes: 3_000_000, hours: [] },
    'new-device': {},
    'new-company': {},
    'new-tracker': {},
    'quiet-lookups': { floor: 20 },
    'voice-busy': { floor: 8 },
    'camera-away': { away: [], floorBytes: 200_000 },
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
    allowances: true,
  }
  expect(DEFAULT_SETTINGS).toEqual(expected)
  expect(RECORDING_SETTINGS).toEqual({ ...expected, coolDownSeconds: 15, reportWhileLearning: true, allowances: false })
})
describe('allowances', () => {
  const spikeOf = (kind: string, allowances = true): Found | null => {
    const memory = freshOf(uploadSpike)
    const settings = { ...settingsOf('upload-spike'), allowances }
    const detect = taking(uploadSpike.streams.uploadSeconds)
    detect(memory, traffic(START, 100, { kind }), settings)
    return detect(memory, traffic(START + 60, 1e12, { kind }), settings)
  }
  const largeOf = (kind: string, sent: number, allowances = true): Found | null => {
    const settings = { ...settingsOf('large-upload'), allowances }
    return taking(largeUpload.streams.uploadMinutes)(freshOf(largeUpload), traffic(START, sent, { kind }), settings)
  }

  it.each(['phone', 'tablet', 'computer', 'console', 'tv', 'streamer', 'reader', 'vehicle', 'storage'])(
    'let a %s send as much as it likes at once, and ten times as much in ten minutes',
    (kind) => {
      expect(mayCopyFiles(kind)).toBe(true)
      expect(spikeOf(kind)).toBeNull()
      expect(largeOf(kind, 500_000_000)).toBeNull()
      expect(largeOf(kind, 500_000_001)).toMatchObject({ seen: 500_000_001 })
      expect(spikeOf(kind, false)).toMatchObject({ seen: 1e12 })
      expect(largeOf(kind, 50_000_001, false)).toMatchObject({ seen: 50_000_001 })
    },
  )

  it.each(['unknown', 'camera', 'plug', 'speaker'])('are none for %s', (kind) => {
    expect(mayCopyFiles(kind)).toBe(false)
    expect(spikeOf(kind)).toMatchObject({ seen: 1e12 })
    expect(largeOf(kind, 50_000_001)).toMatchObject({ seen: 50_000_001 })
  })
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
describe('upload-spike', () => {
  type Memory = ReturnType<typeof uploadSpike.memory.fresh>
  const detect = taking(uploadSpike.streams.uploadSeconds)
  const send = (memory: Memory, second: number, sent: number, received = 77): Found | null =>
    detect(memory, traffic(second, sent, { received }), settingsOf('upload-spike'))
  /** One quiet minute before `START + 60`. */
  const quiet = (): Memory => {
    const memory = freshOf(uploadSpike)
    send(memory, START, 100)
    send(memory, START + 49, 100)
    return memory
  }

  it('adds up the ten seconds that end now, whatever they lie over', () => {
    const memory = quiet()
    for (let second = 0; second < 9; second++)
      expect(send(memory, START + 65 + second, 6_000)?.seen ?? 0).toBeLessThan(60_000)
    expect(send(memory, START + 74, 6_000, 88)).toEqual({
      from: START + 65,
      to: START + 74,
      seen: 60_000,
      usual: 0,
      unit: 'bytes',
      sent: 60_000,
      received: 88,
      sure: 0.5,
      learning: true,
      detail: null,
    })
    expect(send(memory, START + 75, 6_000)).toMatchObject({ from: START + 66, seen: 60_000 })
    expect(send(memory, START + 75, 500)).toMatchObject({ seen: 60_500 })
  })

  it('leaves out what lies ten seconds back', () => {
    const memory = quiet()
    send(memory, START + 60, 49_000)
    expect(send(memory, START + 69, 2_000)).toMatchObject({ seen: 51_000, from: START + 60 })
    const other = quiet()
    send(other, START + 60, 49_000)
    expect(send(other, START + 70, 2_000)).toBeNull()
  })

  it('says nothing of exactly the floor, and finds one byte more', () => {
    expect(send(quiet(), START + 60, 50_000)).toBeNull()
    expect(send(quiet(), START + 60, 50_001)).toMatchObject({ seen: 50_001 })
  })

  it('begins with the first second of at least 500 bytes', () => {
    const memory = quiet()
    send(memory, START + 60, 499)
    send(memory, START + 61, 500)
    expect(send(memory, START + 62, 60_000)).toMatchObject({ from: START + 61, seen: 60_999 })
  })

  it('needs three whole windows of past, none of which overlaps with what is judged', () => {
    const memory = freshOf(uploadSpike)
    send(memory, START, 100)
    expect(send(memory, START + 38, 60_000)).toBeNull()
    const later = freshOf(uploadSpike)
    send(later, START, 100)
    expect(send(later, START + 39, 60_000)).toMatchObject({ seen: 60_000 })
  })

  it('knows the last sixty windows, and no more', () => {
    const memory = freshOf(uploadSpike)
    for (let window = 0; window < 61; window++) send(memory, START + window * 10, 1_000 + window)
    send(memory, START + 610, 0)
    expect(memory.past).toHaveLength(60)
    expect([memory.past[0], memory.past.at(-1), memory.current, memory.closed]).toEqual([
      1_001,
      1_060,
      0,
      START / 10 + 60,
    ])
    send(memory, START + 610 + 10_000, 5)
    expect(memory.past).toEqual(new Array<number>(60).fill(0))
  })

  it('counts windows in which nothing was sent as quiet ones', () => {
    const memory = freshOf(uploadSpike)
    send(memory, START, 100)
    send(memory, START + 40, 200)
    expect(memory.past).toEqual([100, 0, 0, 0])
    send(memory, START + 50, 300)
    expect(memory.past).toEqual([100, 0, 0, 0, 200])
  })

  it('needs more than three spreads above the median of the windows before', () => {
    const past = (last: number): Found | null => {
      const memory = freshOf(uploadSpike)
      // Windows of 100, 110 and 120 kB in turn, and an empty one: median 110 kB, spread 14.826 kB.
      for (let window = 0; window < 9; window++) send(memory, START + window * 10, 100_000 + (window % 3) * 10_000)
      return send(memory, START + 109, last)
    }
    const limit = 154_478
    expect(past(limit)).toBeNull()
    expect(past(limit + 1)).toMatchObject({ usual: 110_000, seen: limit + 1 })
  })

  it('takes days for a habit from the second on, and stops learning with the seventh', () => {
    const after = (days: number, sent: number): Found | null => {
      const memory = freshOf(uploadSpike)
      for (let day = 0; day < days; day++) send(memory, START + day * DAY + 9 * HOUR, 100_000)
      const at = START + days * DAY + 9 * HOUR
      send(memory, at, 100)
      return send(memory, at + 300, sent)
    }
    expect(after(1, 60_000)).toMatchObject({ usual: 0, learning: true, sure: 0.5 })
    expect(after(2, 200_000)).toBeNull()
    expect(after(2, 200_001)).toMatchObject({ usual: 100_000, learning: true, sure: 0.5 })
    expect(after(6, 200_001)).toMatchObject({ learning: true, sure: 0.5 })
    expect(after(7, 200_001)).toMatchObject({ usual: 100_000, learning: false, sure: 0.8 })
  })

  it('knows the hour of the week, and those beside it, from the fourteenth day on', () => {
    const after = (days: number, hour: number, sent: number): Found | null => {
      const memory = freshOf(uploadSpike)
      for (let day = 0; day < days; day++) send(memory, START + day * DAY + 20 * HOUR, 400_000)
      const at = START + days * DAY + hour * HOUR
      send(memory, at, 100)
      return send(memory, at + 300, sent)
    }
    expect(after(13, 8, 800_000)).toBeNull()
    expect(after(14, 8, 400_000)).toBeNull()
    expect(after(14, 8, 400_001)).toMatchObject({ usual: 200_000 })
    for (const hour of [19, 20, 21]) expect(after(14, hour, 800_000)).toBeNull()
    for (const hour of [18, 22]) expect(after(14, hour, 800_000)).toMatchObject({ usual: 200_000 })
    // The hour after the week's last is its first.
    const memory = freshOf(uploadSpike)
    for (let day = 0; day < 20; day++) send(memory, START + day * DAY + 23 * HOUR, 400_000)
    const sunday = START + 20 * DAY
    send(memory, sunday, 100)
    expect(utc(sunday).weekday).toBe(0)
    expect(send(memory, sunday + 300, 800_000)).toBeNull()
  })
})
describe('large-upload', () => {
  type Memory = ReturnType<typeof largeUpload.memory.fresh>
  const detect = taking(largeUpload.streams.uploadMinutes)
  const send = (memory: Memory, second: number, sent: number): Found | null =>
    detect(memory, traffic(second, sent, { received: 33 }), settingsOf('large-upload'))

  it('adds up ten minutes, finds one byte more than the limit, and tells since when', () => {
    const memory = freshOf(largeUpload)
    for (let minute = 0; minute < 9; minute++) send(memory, START + minute * 60, 5_000_000)
    expect(send(memory, START + 599, 5_000_000)).toBeNull()
    expect(send(memory, START + 599, 1)).toEqual({
      from: START,
      to: START + 599,
      seen: 50_000_001,
      usual: null,
      unit: 'bytes',
      sent: 50_000_001,
      received: 33,
      sure: 0.6,
      learning: true,
      detail: null,
    })
    // The first minute lies ten minutes back.
    expect(send(memory, START + 600, 1)).toBeNull()
  })

  it('begins with the first minute of more than 10 kB', () => {
    const memory = freshOf(largeUpload)
    send(memory, START, 10_000)
    send(memory, START + 60, 10_001)
    expect(send(memory, START + 120, 60_000_000)).toMatchObject({ from: START + 60, seen: 60_020_001 })
  })

  it('needs more than twice what happened on two days, and learns for seven', () => {
    const after = (days: number, sent: number): Found | null => {
      const memory = freshOf(largeUpload)
      for (let day = 0; day < days; day++) send(memory, START + day * DAY, 40_000_000)
      return send(memory, START + days * DAY, sent)
    }
    expect(after(1, 50_000_001)).toMatchObject({ usual: null })
    expect(after(2, 80_000_000)).toBeNull()
    expect(after(2, 80_000_001)).toMatchObject({ usual: 40_000_000, learning: true, sure: 0.6 })
    expect(after(6, 80_000_001)).toMatchObject({ learning: true })
    expect(after(7, 80_000_001)).toMatchObject({ learning: false, sure: 0.85 })
  })
})
describe('quiet-hours', () => {
  type Memory = ReturnType<typeof quietHours.memory.fresh>
  const detect = taking(quietHours.streams.traffic)
  const send = (memory: Memory, second: number, sent: number, kind = 'camera'): Found | null =>
    detect(memory, traffic(second, sent, { received: 44, kind }), settingsOf('quiet-hours'))
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
      detail: null,
    })
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
