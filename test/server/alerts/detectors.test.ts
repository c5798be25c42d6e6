// Does each detector tell what it is for, and hold its tongue otherwise?
import { describe, expect, it } from 'vitest'
import type { WatchedDevice } from '../../../server/alerts/alert.ts'
import { aroundYourDns, newDnsMemory } from '../../../server/alerts/around-your-dns.ts'
import { cameraAway, newAwayMemory } from '../../../server/alerts/camera-away.ts'
import { flood, newFloodMemory } from '../../../server/alerts/flood.ts'
import { largeUpload, newLargeMemory } from '../../../server/alerts/large-upload.ts'
import { localClock } from '../../../server/model/local-time.ts'
import { newCompany, newCompanyMemory } from '../../../server/alerts/new-company.ts'
import { newDevice, newHomeMemory } from '../../../server/alerts/new-device.ts'
import { newQuietMemory, quietHours } from '../../../server/alerts/quiet-hours.ts'
import { DEFAULT_SETTINGS, isWithin, settingsFor } from '../../../server/alerts/settings.ts'
import { heard, newSilentMemory, silent } from '../../../server/alerts/silent.ts'
import { newSourceMemory, sourceStopped } from '../../../server/alerts/source-stopped.ts'
import { median, quantile, secondLargest, spread } from '../../../server/alerts/statistics.ts'
import { newUnencryptedMemory, unencrypted } from '../../../server/alerts/unencrypted.ts'
import { newSpikeMemory, uploadSpike } from '../../../server/alerts/upload-spike.ts'
import { newVoiceMemory, voiceBusy } from '../../../server/alerts/voice-busy.ts'

const DAY = 86_400
const HOUR = 3_600
/** A Monday, 2026-06-01, 00:00 UTC. */
const START = 1_780_272_000
const utc = localClock('UTC')
const settings = DEFAULT_SETTINGS

describe('statistics', () => {
  it('are not moved by one strange value', () => {
    expect([median([1, 2, 3, 4, 1e9]), secondLargest([5, 1e9, 7]), quantile([0, 10], 0.9)]).toEqual([3, 7, 9])
    expect(spread([1, 2, 3, 4, 1e9])).toBeCloseTo(1.4826)
    expect([median([]), spread([]), secondLargest([3])]).toEqual([0, 0, 0])
  })
})

describe('the local clock', () => {
  it.each([
    ['UTC', START, 1, 0, 0],
    ['Asia/Kolkata', START, 1, 5, 330],
    ['America/New_York', START, 0, 20, 1_200],
    // Berlin's clocks went forward at 01:00 UTC on 2026-03-29, a Sunday.
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 59) / 1000, 0, 1, 119],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 1, 0) / 1000, 0, 3, 180],
  ])('of %s tells weekday, hour and minute of %i', (zone, second, weekday, hour, minute) => {
    expect(localClock(zone)(second)).toMatchObject({ weekday, hour, minute })
  })
})

describe('a schedule', () => {
  it('may run past midnight', () => {
    const nights = [{ days: [5], from: 22 * 60, to: 6 * 60 }]
    expect([
      isWithin(nights, 5, 23 * 60),
      isWithin(nights, 6, 60),
      isWithin(nights, 5, 60),
      isWithin(nights, 6, 23 * 60),
    ]).toEqual([true, true, false, false])
  })
})

describe('upload-spike', () => {
  /** Sends so many bytes in each of the seconds; the last finding. */
  const feed = (
    memory: ReturnType<typeof newSpikeMemory>,
    from: number,
    seconds: readonly number[],
    own = settings,
  ): ReturnType<typeof uploadSpike> => {
    let found: ReturnType<typeof uploadSpike> = null
    for (const [index, sent] of seconds.entries())
      found = uploadSpike(memory, { second: from + index, sent, received: 0, local: utc(from + index) }, own) ?? found
    return found
  }

  it('has nothing to say without a past', () => {
    expect(feed(newSpikeMemory(START), START, [80_000, 80_000, 80_000])).toBeNull()
  })

  it('finds a request that straddles two windows of ten seconds, against the quiet before, and says that it is learning', () => {
    const memory = newSpikeMemory(START)
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
    const memory = newSpikeMemory(START)
    feed(memory, START, [100])
    expect(feed(memory, START + 60, [20_000, 20_000])).toBeNull()
  })

  it('takes what happens every day for usual, and three times as much for a spike, without learning any more', () => {
    const memory = newSpikeMemory(START)
    for (let day = 0; day < 8; day++) feed(memory, START + day * DAY + 9 * HOUR, [100_000, 100, 100])
    const at = START + 8 * DAY + 9 * HOUR
    feed(memory, at, [100])
    expect(feed(memory, at + 120, [110_000])).toBeNull()
    expect(feed(memory, at + 300, [300_000])).toMatchObject({ usual: 100_200, seen: 300_000, learning: false })
  })

  it('does not let one wild day raise the bar', () => {
    const memory = newSpikeMemory(START)
    for (let day = 0; day < 8; day++) feed(memory, START + day * DAY, [day === 3 ? 9_000_000 : 100_000])
    feed(memory, START + 8 * DAY, [100])
    expect(feed(memory, START + 8 * DAY + 60, [300_000])).toMatchObject({ usual: 100_000 })
  })

  it('finds an upload that grows second by second, after two weeks as well: it is no part of its own past', () => {
    const memory = newSpikeMemory(START)
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
    const memory = newSpikeMemory(START)
    for (let day = 0; day < 15; day++) feed(memory, START + day * DAY + 20 * HOUR, [400_000])
    const morning = START + 15 * DAY + 8 * HOUR
    feed(memory, morning, [100])
    expect(feed(memory, morning + 60, [500_000])).toMatchObject({ kind: 'upload-spike' })
    const evening = START + 15 * DAY + 20 * HOUR
    feed(memory, evening, [100])
    expect(feed(memory, evening + 60, [500_000])).toBeNull()
  })

  it("allows people's own devices more", () => {
    expect(settingsFor(settings, 'phone')).toMatchObject({
      spikeFloorBytes: Number.POSITIVE_INFINITY,
      largeUploadBytes: 10 * settings.largeUploadBytes,
    })
    expect(settingsFor(settings, 'unknown')).toBe(settings)
    expect(settingsFor(settings, 'camera')).toBe(settings)
  })
})

describe('large-upload', () => {
  const feed = (
    memory: ReturnType<typeof newLargeMemory>,
    from: number,
    seconds: number,
    sent: number,
  ): ReturnType<typeof largeUpload> => {
    let found: ReturnType<typeof largeUpload> = null
    for (let index = 0; index < seconds; index++)
      found =
        largeUpload(memory, { second: from + index, sent, received: 0, local: utc(from + index) }, settings) ?? found
    return found
  }

  it('adds up ten minutes', () => {
    expect(feed(newLargeMemory(), START, 500, 99_000)).toBeNull()
    expect(feed(newLargeMemory(), START, 550, 99_000)).toMatchObject({
      kind: 'large-upload',
      from: START,
      learning: true,
      usual: null,
    })
  })

  it('expects what every day brings', () => {
    const memory = newLargeMemory()
    for (let day = 0; day < 8; day++) feed(memory, START + day * DAY, 60, 2_000_000)
    expect(feed(memory, START + 8 * DAY, 60, 2_500_000)).toBeNull()
    expect(feed(memory, START + 8 * DAY + HOUR, 60, 5_000_000)).toMatchObject({ learning: false, usual: 120_000_000 })
  })
})

describe('quiet-hours', () => {
  const send = (
    memory: ReturnType<typeof newQuietMemory>,
    second: number,
    sent: number,
    kind = 'camera',
    own = settings,
  ): ReturnType<typeof quietHours> => quietHours(memory, { second, sent, received: 0, local: utc(second), kind }, own)
  const week = (night = 0): ReturnType<typeof newQuietMemory> => {
    const memory = newQuietMemory()
    for (let day = 0; day < 7; day++) {
      send(memory, START + day * DAY + 3 * HOUR, night)
      send(memory, START + day * DAY + 14 * HOUR, 20_000_000)
    }
    return memory
  }

  it('finds an upload at three at night that never was before', () => {
    expect(send(week(), START + 7 * DAY + 3 * HOUR, 4_000_000)).toMatchObject({
      kind: 'quiet-hours',
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
    const chosen = { ...settings, quietHours: [{ days: [0, 1, 2, 3, 4, 5, 6], from: 23 * 60, to: 6 * 60 }] }
    expect(send(newQuietMemory(), START + 3 * HOUR, 9_000_000, 'phone', chosen)).toMatchObject({ sure: 0.95 })
  })
})

describe('new-device', () => {
  const device = (id: string): WatchedDevice => ({ id, name: null, kind: 'plug', firstSeen: START })

  it('tells of a device once, and only after the home has been learned', () => {
    const memory = newHomeMemory()
    expect(newDevice(memory, { second: START, device: device('a') }, settings)).toBeNull()
    expect(newDevice(memory, { second: START + 8 * DAY, device: device('b') }, settings)).toMatchObject({
      device: 'b',
      detail: 'plug',
    })
    expect(newDevice(memory, { second: START + 8 * DAY, device: device('b') }, settings)).toBeNull()
    expect(newDevice(memory, { second: START + 8 * DAY, device: device('a') }, settings)).toBeNull()
  })
})

describe('new-company', () => {
  const sample = {
    second: START + 8 * DAY,
    family: 'stranger',
    company: 'stranger',
    purpose: 'tracking',
    kind: 'plug',
    sent: 5_000,
    received: 100,
  }

  it('tells of a company that the device never talked to', () => {
    expect(newCompany(newCompanyMemory(START), sample, sample, settings)).toMatchObject({
      company: 'stranger',
      detail: 'tracking',
    })
  })

  it.each([
    ['while the device is learned', { second: START + 6 * DAY }],
    ['for a delivery network', { purpose: 'cdn' }],
    ['for a phone', { kind: 'phone' }],
    ['before anything was said', { sent: 60 }],
  ])('says nothing %s', (_when, more) => {
    expect(newCompany(newCompanyMemory(START), { ...sample, ...more }, { ...sample, ...more }, settings)).toBeNull()
  })

  it('takes all of a family for known once one of it is', () => {
    const memory = newCompanyMemory(START)
    newCompany(memory, { ...sample, family: 'amazon', company: 'alexa' }, { ...sample, second: START }, settings)
    expect(newCompany(memory, { ...sample, family: 'amazon', company: 'amazon-devices' }, sample, settings)).toBeNull()
  })
})

describe('voice-busy', () => {
  it('finds a tripling of the requests of an hour, and lets a lively evening pass', () => {
    const memory = newVoiceMemory()
    const speak = (at: number): ReturnType<typeof voiceBusy> =>
      voiceBusy(memory, { at, company: 'alexa', sent: 70_000, received: 9_000, local: utc(at) }, settings)
    for (let day = 0; day < 7; day++)
      for (let index = 0; index < 4; index++) speak(START + day * DAY + 19 * HOUR + index * 600)
    const evening = START + 7 * DAY + 19 * HOUR
    const found = Array.from({ length: 12 }, (_, index) => speak(evening + index * 200))
    expect(found.slice(0, 10).every((one) => one === null)).toBe(true)
    expect(found[11]).toMatchObject({ kind: 'voice-busy', seen: 12, usual: 4 })
  })
})

describe('camera-away', () => {
  const away = { ...settings, away: [{ days: [1], from: 9 * 60, to: 17 * 60 }] }
  const send = (
    memory: ReturnType<typeof newAwayMemory>,
    hour: number,
    sent: number,
    kind = 'camera',
  ): ReturnType<typeof cameraAway> =>
    cameraAway(memory, { second: START + hour * HOUR, sent, received: 0, local: utc(START + hour * HOUR), kind }, away)

  it('tells of a camera that sends while nobody is home, and of nothing else', () => {
    const memory = newAwayMemory()
    expect([send(memory, 8, 900_000), send(memory, 10, 150_000), send(memory, 11, 900_000, 'plug')]).toEqual([
      null,
      null,
      null,
    ])
    expect(send(memory, 12, 100_000)).toMatchObject({ kind: 'camera-away', seen: 250_000, from: START + 10 * HOUR })
    expect(send(memory, 18, 900_000)).toBeNull()
  })
})

describe('around-your-dns', () => {
  const sample = {
    second: START,
    company: 'google-dns',
    host: 'dns.google',
    address: '8.8.8.8',
    purpose: 'dns',
    labels: [],
    sent: 100,
    received: 200,
    learning: false,
  }

  it('tells of each foreign resolver once, and whether it is hidden', () => {
    const memory = newDnsMemory()
    expect(aroundYourDns(memory, sample)).toMatchObject({ detail: 'open' })
    expect(aroundYourDns(memory, sample)).toBeNull()
    expect(aroundYourDns(memory, { ...sample, company: 'quad9', labels: ['hidden-dns'] })).toMatchObject({
      detail: 'hidden',
      company: 'quad9',
    })
    expect(aroundYourDns(memory, { ...sample, company: 'ring', purpose: 'video' })).toBeNull()
  })
})

describe('unencrypted', () => {
  const sample = {
    second: START,
    company: 'tuya',
    host: 'a.tuya.example',
    purpose: 'control',
    namedBy: 'http',
    labels: [],
    sent: 15_000,
    received: 200,
    learning: false,
  } as const

  it("tells of readable traffic once it is more than a page's request", () => {
    const memory = newUnencryptedMemory()
    expect(unencrypted(memory, sample)).toBeNull()
    expect(unencrypted(memory, sample)).toMatchObject({ seen: 30_000, detail: 'a.tuya.example' })
    expect(unencrypted(memory, sample)).toBeNull()
  })

  it('tells of a readable login at once, and of nothing where it is encrypted', () => {
    expect(unencrypted(newUnencryptedMemory(), { ...sample, sent: 60, labels: ['unencrypted-login'] })).toMatchObject({
      detail: 'login',
    })
    expect(unencrypted(newUnencryptedMemory(), { ...sample, namedBy: 'tls', sent: 90_000 })).toBeNull()
  })
})

describe('silent', () => {
  it('tells of a device that always beat every hour and stopped, but of no phone', () => {
    const memory = newSilentMemory()
    for (let hour = 0; hour < 7 * 24; hour++) heard(memory, START + hour * HOUR, utc(START + hour * HOUR))
    const at = (hours: number, kind: string): ReturnType<typeof silent> =>
      silent(
        memory,
        { second: START + (7 * 24 - 1 + hours) * HOUR, local: utc(START + (7 * 24 - 1 + hours) * HOUR), kind },
        settings,
      )
    expect(at(5, 'plug')).toBeNull()
    expect(at(7, 'plug')).toMatchObject({ kind: 'silent', seen: 7 * HOUR, usual: HOUR })
    expect(at(7, 'phone')).toBeNull()
  })
})

describe('source-stopped', () => {
  it('tells of a wanted source without packets, and not of one that was stopped', () => {
    const memory = newSourceMemory()
    const sample = { second: START + 400, source: 'eth0', lastPacket: START, isWanted: true }
    expect(sourceStopped(memory, { ...sample, second: START + 200 }, settings)).toBeNull()
    expect(sourceStopped(memory, sample, settings)).toMatchObject({ seen: 400, detail: 'eth0' })
    expect(sourceStopped(memory, { ...sample, isWanted: false }, settings)).toBeNull()
  })
})

describe('flood', () => {
  it('tells of many new devices, and of a cap that is reached anew', () => {
    const memory = newFloodMemory()
    for (let index = 0; index < settings.floodDevices; index++)
      expect(flood(memory, { second: START + index, devices: 1, limits: null }, settings)).toBeNull()
    expect(flood(memory, { second: START + 60, devices: 1, limits: null }, settings)).toMatchObject({
      kind: 'flood',
      detail: null,
    })
    const later = START + HOUR
    expect(flood(memory, { second: later, devices: 0, limits: { names: 4 } }, settings)).toMatchObject({
      detail: 'names',
    })
    expect(flood(memory, { second: later, devices: 0, limits: { names: 4 } }, settings)).toBeNull()
  })
})
