// The detectors of uploads and of loud hours report what they are for, and nothing otherwise.
import { describe, expect, it } from 'vitest'
import { largeUpload } from '../../../server/alerts/detectors/large-upload.ts'
import { quietHours } from '../../../server/alerts/detectors/quiet-hours.ts'
import { uploadSpike } from '../../../server/alerts/detectors/upload-spike.ts'
import type { Found } from '../../../server/alerts/found.ts'
import { DAY, HOUR, START, settingsOf, traffic, taking } from '../../support/detector-samples.ts'

describe('upload-spike', () => {
  type Memory = ReturnType<typeof uploadSpike.memory.fresh>
  const fresh = (): Memory => uploadSpike.memory.fresh(START)
  const detect = taking(uploadSpike.streams.uploadSeconds)
  /** Sends so many bytes in each of the seconds; the last finding. */
  const feed = (memory: Memory, from: number, seconds: readonly number[], kind = 'camera'): Found | null => {
    let found: Found | null = null
    for (const [index, sent] of seconds.entries())
      found = detect(memory, traffic(from + index, sent, { kind }), settingsOf('upload-spike')) ?? found
    return found
  }

  it('has nothing to say without a past', () => {
    expect(feed(fresh(), START, [80_000, 80_000, 80_000])).toBeNull()
  })

  it('finds a request that straddles two windows of ten seconds, against the quiet before, and says that it is learning', () => {
    const memory = fresh()
    feed(memory, START, [100])
    feed(memory, START + 30, [100])
    expect(feed(memory, START + 57, [41_000, 0, 0, 32_000])).toMatchObject({
      seen: 73_000,
      from: START + 57,
      to: START + 60,
      learning: true,
    })
  })

  it('stays quiet below the floor of bytes', () => {
    const memory = fresh()
    feed(memory, START, [100])
    expect(feed(memory, START + 60, [20_000, 20_000])).toBeNull()
  })

  it('takes what happens every day for usual, and three times as much for a spike, without learning any more', () => {
    const memory = fresh()
    for (let day = 0; day < 8; day++) feed(memory, START + day * DAY + 9 * HOUR, [100_000, 100, 100])
    const at = START + 8 * DAY + 9 * HOUR
    feed(memory, at, [100])
    expect(feed(memory, at + 120, [110_000])).toBeNull()
    expect(feed(memory, at + 300, [300_000])).toMatchObject({ usual: 100_200, seen: 300_000, learning: false })
  })

  it('does not let one wild day raise the bar', () => {
    const memory = fresh()
    for (let day = 0; day < 8; day++) feed(memory, START + day * DAY, [day === 3 ? 9_000_000 : 100_000])
    feed(memory, START + 8 * DAY, [100])
    expect(feed(memory, START + 8 * DAY + 60, [300_000])).toMatchObject({ usual: 100_000 })
  })

  it('finds an upload that grows second by second, after two weeks as well: it is no part of its own past', () => {
    const memory = fresh()
    for (let day = 0; day < 16; day++) feed(memory, START + day * DAY + 20 * HOUR, [200_000])
    const at = START + 16 * DAY + 2 * HOUR
    feed(memory, at, [100])
    expect(feed(memory, at + 60, [180_000, 180_000, 180_000, 180_000, 180_000])).toMatchObject({
      seen: 900_000,
      learning: false,
    })
    expect(feed(memory, at + 7 * DAY, [100])).toBeNull()
    expect(memory.hours[3 * 24 + 2]).toBe(900_000)
  })

  it('knows the hour of the week after two weeks: a daily evening upload is a spike in the morning', () => {
    const memory = fresh()
    for (let day = 0; day < 15; day++) feed(memory, START + day * DAY + 20 * HOUR, [400_000])
    const morning = START + 15 * DAY + 8 * HOUR
    feed(memory, morning, [100])
    expect(feed(memory, morning + 60, [500_000])).toMatchObject({ seen: 500_000 })
    const evening = START + 15 * DAY + 20 * HOUR
    feed(memory, evening, [100])
    expect(feed(memory, evening + 60, [500_000])).toBeNull()
  })

  it("leaves people's own devices alone, but no unknown one", () => {
    const kinds = ['phone', 'storage', 'unknown', 'camera'].map((kind) => {
      const memory = fresh()
      feed(memory, START, [100], kind)
      return [kind, feed(memory, START + 60, [90_000], kind) !== null]
    })
    expect(Object.fromEntries(kinds)).toEqual({ phone: false, storage: false, unknown: true, camera: true })
  })
})

describe('large-upload', () => {
  type Memory = ReturnType<typeof largeUpload.memory.fresh>
  const fresh = (): Memory => largeUpload.memory.fresh(START)
  const detect = taking(largeUpload.streams.uploadMinutes)
  const feed = (memory: Memory, from: number, seconds: number, sent: number, kind = 'camera'): Found | null => {
    let found: Found | null = null
    for (let index = 0; index < seconds; index++)
      found = detect(memory, traffic(from + index, sent, { kind }), settingsOf('large-upload')) ?? found
    return found
  }

  it('adds up ten minutes', () => {
    expect(feed(fresh(), START, 500, 99_000)).toBeNull()
    expect(feed(fresh(), START, 550, 99_000)).toMatchObject({
      from: START,
      learning: true,
      usual: null,
    })
  })

  it('expects what every day brings', () => {
    const memory = fresh()
    for (let day = 0; day < 8; day++) feed(memory, START + day * DAY, 60, 2_000_000)
    expect(feed(memory, START + 8 * DAY, 60, 2_500_000)).toBeNull()
    expect(feed(memory, START + 8 * DAY + HOUR, 60, 5_000_000)).toMatchObject({ learning: false, usual: 120_000_000 })
  })

  it("begins at ten times as much on people's own devices", () => {
    expect(feed(fresh(), START, 100, 4_900_000, 'phone')).toBeNull()
    expect(feed(fresh(), START, 103, 4_900_000, 'phone')).toMatchObject({ seen: 103 * 4_900_000 })
  })
})

describe('quiet-hours', () => {
  type Memory = ReturnType<typeof quietHours.memory.fresh>
  const fresh = (): Memory => quietHours.memory.fresh(START)
  const detect = taking(quietHours.streams.traffic)
  const send = (memory: Memory, second: number, sent: number, kind = 'camera', chosen: string[] = []): Found | null =>
    detect(memory, traffic(second, sent, { kind }), settingsOf('quiet-hours', { quietHours: chosen }))
  const week = (night = 0): Memory => {
    const memory = fresh()
    for (let day = 0; day < 7; day++) {
      send(memory, START + day * DAY + 3 * HOUR, night)
      send(memory, START + day * DAY + 14 * HOUR, 20_000_000)
    }
    return memory
  }

  it('finds an upload at three at night that never was before', () => {
    expect(send(week(), START + 7 * DAY + 3 * HOUR, 4_000_000)).toMatchObject({
      seen: 4_000_000,
      usual: 0,
    })
  })

  it('leaves the afternoon alone, and nights that are never quiet', () => {
    expect(send(week(), START + 7 * DAY + 14 * HOUR, 30_000_000)).toBeNull()
    expect(send(week(2_000_000), START + 7 * DAY + 3 * HOUR, 7_000_000)).toBeNull()
  })

  it("leaves people's own devices alone, unless the owner names the hours", () => {
    expect(send(week(), START + 7 * DAY + 3 * HOUR, 9_000_000, 'phone')).toBeNull()
    expect(send(fresh(), START + 3 * HOUR, 9_000_000, 'phone', ['23:00-06:00'])).toMatchObject({ sure: 0.95 })
  })
})
