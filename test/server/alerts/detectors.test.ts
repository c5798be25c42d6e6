// Each detector reports what it is for, and nothing otherwise.
import { describe, expect, it } from 'vitest'
import type { UploadSample } from '../../../server/alerts/detector.ts'
import { aroundYourDns } from '../../../server/alerts/detectors/around-your-dns.ts'
import { cameraAway } from '../../../server/alerts/detectors/camera-away.ts'
import { flood } from '../../../server/alerts/detectors/flood.ts'
import { newCompany } from '../../../server/alerts/detectors/new-company.ts'
import { newDevice } from '../../../server/alerts/detectors/new-device.ts'
import { silent } from '../../../server/alerts/detectors/silent.ts'
import { sourceStopped } from '../../../server/alerts/detectors/source-stopped.ts'
import { unencrypted } from '../../../server/alerts/detectors/unencrypted.ts'
import { voiceBusy } from '../../../server/alerts/detectors/voice-busy.ts'
import { median, quantile, secondLargest, spread } from '../../../server/alerts/statistics.ts'
import type { EventEndpoint, EventFact } from '../../../server/events/event.ts'
import { localClock } from '../../../server/model/local-time.ts'
import { isWithin } from '../../../server/model/schedule.ts'
import type { Found } from '../../../server/alerts/found.ts'
import type { WatchedDevice } from '../../../server/alerts/watched-device.ts'
import { DAY, HOUR, START, utc, COMMON, settingsOf, deviceOf, traffic, taking } from '../../support/detector-samples.ts'

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
  ])('of %s has weekday, hour and minute of %i', (zone, second, weekday, hour, minute) => {
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

describe('new-device', () => {
  const detect = taking(newDevice.streams.newDevice)
  const sample = {
    second: START,
    local: utc(START),
    device: deviceOf('plug', 'b'),
    isLearning: false,
    isRemembered: true,
  }

  it('reports a device once the home has been learned, and as long as there is room for it', () => {
    expect(detect({}, sample, COMMON)).toMatchObject({ detail: 'plug' })
    expect(detect({}, { ...sample, device: deviceOf('unknown') }, COMMON)).toMatchObject({ detail: null })
    expect(detect({}, { ...sample, isLearning: true }, COMMON)).toBeNull()
    expect(detect({}, { ...sample, isRemembered: false }, COMMON)).toBeNull()
  })
})

describe('new-company', () => {
  const detect = taking(newCompany.streams.uploads)
  const fresh = (): ReturnType<typeof newCompany.memory.fresh> => newCompany.memory.fresh(START)
  const detectAt = (
    memory: ReturnType<typeof fresh>,
    { day = 8, sent = 5_000, family = 'stranger', kind = 'plug', purpose = 'cloud' },
  ): Found | null =>
    detect(
      memory,
      traffic(START + day * DAY, sent, { kind, family, endpoint: { company: family, purpose } }),
      settingsOf('new-company'),
    )

  it('reports a company that the device never talked to', () => {
    expect(detectAt(fresh(), {})).toMatchObject({ company: 'stranger', detail: 'cloud' })
  })

  it.each([
    ['while the device is learned', { day: 6 }],
    ['for a delivery network', { purpose: 'cdn' }],
    ['for a phone', { kind: 'phone' }],
    ['for a tracker, which has an alert of its own', { purpose: 'tracking' }],
    ['before anything was said', { sent: 60 }],
  ])('says nothing %s', (_when, more) => {
    expect(detectAt(fresh(), more)).toBeNull()
  })

  it('takes all of a family for known once one of it is', () => {
    const memory = fresh()
    detectAt(memory, { family: 'amazon', day: 0 })
    expect(detectAt(memory, { family: 'amazon' })).toBeNull()
  })
})

describe('voice-busy', () => {
  const eventAt = (at: number, kind: EventFact['kind']): EventFact => ({
    id: `event-${at}`,
    at,
    device: 0,
    endpoint: 1,
    kind,
    company: 'alexa',
    host: null,
    purpose: 'voice',
    sent: 70_000,
    received: 9_000,
    seconds: 4,
    confidence: 0.8,
    reasons: [],
  })

  it('finds a tripling of the requests of an hour, and lets a lively evening pass', () => {
    const memory = voiceBusy.memory.fresh(START)
    const detect = taking(voiceBusy.streams.events)
    const request = (at: number, kind: EventFact['kind'] = 'voice-request'): Found | null =>
      detect(
        memory,
        { second: at, local: utc(at), device: deviceOf('speaker'), event: eventAt(at, kind) },
        settingsOf('voice-busy'),
      )
    for (let day = 0; day < 7; day++)
      for (let index = 0; index < 4; index++) request(START + day * DAY + 19 * HOUR + index * 600)
    const evening = START + 7 * DAY + 19 * HOUR
    const found = Array.from({ length: 12 }, (_, index) => request(evening + index * 200))
    expect(request(evening + 2_300, 'streaming')).toBeNull()
    expect(found.slice(0, 10).every((one) => one === null)).toBe(true)
    expect(found[11]).toMatchObject({ company: 'alexa', seen: 12, usual: 4 })
  })
})

describe('camera-away', () => {
  const detect = taking(cameraAway.streams.uploads)
  const memory = cameraAway.memory.fresh(START)
  const send = (hour: number, sent: number, kind = 'camera'): Found | null =>
    detect(
      memory,
      traffic(START + hour * HOUR, sent, { kind }),
      settingsOf('camera-away', { away: ['Mo 09:00-17:00'] }),
    )

  it('reports a camera that sends while nobody is home, and nothing else', () => {
    expect([send(8, 900_000), send(10, 150_000), send(11, 900_000, 'plug')]).toEqual([null, null, null])
    expect(send(12, 100_000)).toMatchObject({ seen: 250_000, from: START + 10 * HOUR })
    expect(send(18, 900_000)).toBeNull()
  })
})

describe('around-your-dns', () => {
  const detect = taking(aroundYourDns.streams.traffic)
  const GOOGLE = { company: 'google-dns', host: 'dns.google', address: '8.8.8.8', purpose: 'dns' }

  it('reports each foreign resolver once, and whether it is hidden', () => {
    const memory = aroundYourDns.memory.fresh(START)
    const ask = (endpoint: Partial<EventEndpoint>): Found | null =>
      detect(memory, traffic(START, 100, { endpoint: { ...GOOGLE, ...endpoint } }), COMMON)
    expect(ask({})).toMatchObject({ detail: 'open' })
    expect(ask({})).toBeNull()
    expect(ask({ company: 'quad9', labels: ['hidden-dns'] })).toMatchObject({ detail: 'hidden', company: 'quad9' })
    expect(ask({ company: 'ring', purpose: 'video' })).toBeNull()
  })
})

describe('unencrypted', () => {
  const detect = taking(unencrypted.streams.traffic)
  const fresh = (): ReturnType<typeof unencrypted.memory.fresh> => unencrypted.memory.fresh(START)
  const readable = (sent: number, endpoint: Partial<EventEndpoint> = {}): UploadSample =>
    traffic(START, sent, { endpoint: { namedBy: 'http', ...endpoint } })

  it("reports readable traffic once it is more than a page's request", () => {
    const memory = fresh()
    expect(detect(memory, readable(15_000), COMMON)).toBeNull()
    expect(detect(memory, readable(15_000), COMMON)).toMatchObject({ seen: 30_000, detail: 'a.tuya.example' })
    expect(detect(memory, readable(15_000), COMMON)).toBeNull()
  })

  it('reports a readable login at once, and nothing where it is encrypted', () => {
    expect(detect(fresh(), readable(60, { labels: ['unencrypted-login'] }), COMMON)).toMatchObject({ detail: 'login' })
    expect(detect(fresh(), readable(90_000, { namedBy: 'tls' }), COMMON)).toBeNull()
  })
})

describe('silent', () => {
  const observe = taking(silent.streams.activity)
  const detect = taking(silent.streams.clock)

  it('reports a device that always beat every hour and stopped, but no phone, and not where everybody is silent', () => {
    const memory = silent.memory.fresh(START)
    const settings = settingsOf('silent')
    const beat = (second: number): { second: number; local: ReturnType<typeof utc>; device: WatchedDevice } => ({
      second,
      local: utc(second),
      device: deviceOf('plug'),
    })
    for (let hour = 0; hour < 7 * 24; hour++) observe(memory, beat(START + hour * HOUR), settings)
    const at = (hours: number, kind: string, quietSeconds = 0): Found | null =>
      detect(memory, { ...beat(START + (7 * 24 - 1 + hours) * HOUR), device: deviceOf(kind), quietSeconds }, settings)
    expect(at(5, 'plug')).toBeNull()
    expect(at(7, 'plug')).toMatchObject({ seen: 7 * HOUR, usual: HOUR })
    expect(at(7, 'plug', 301)).toBeNull()
    expect(at(7, 'phone')).toBeNull()
  })
})

describe('source-stopped', () => {
  it('reports a wanted source without packets, and not one that was stopped', () => {
    const detect = taking(sourceStopped.streams.sources)
    const memory = sourceStopped.memory.fresh(START)
    const settings = settingsOf('source-stopped')
    const sample = { second: START + 400, source: 'eth0', lastPacket: START, isWanted: true }
    expect(detect(memory, { ...sample, second: START + 200 }, settings)).toBeNull()
    expect(detect(memory, sample, settings)).toMatchObject({ seen: 400, detail: 'eth0' })
    expect(detect(memory, { ...sample, isWanted: false }, settings)).toBeNull()
  })
})

describe('flood', () => {
  it('reports many new devices, and a cap that is reached anew', () => {
    const memory = flood.memory.fresh(START)
    const settings = settingsOf('flood')
    const detectAt = (second: number, isLearning = false): Found | null =>
      taking(flood.streams.newDevice)(
        memory,
        { second, local: utc(second), device: deviceOf('unknown'), isLearning, isRemembered: true },
        settings,
      )
    for (let index = 0; index < settings.devices; index++) expect(detectAt(START + index)).toBeNull()
    expect(detectAt(START + 30, true)).toBeNull()
    expect(detectAt(START + 60)).toMatchObject({ seen: settings.devices + 1, detail: null })
    const reach = (limits: Record<string, number>): Found | null =>
      taking(flood.streams.limits)(memory, { second: START + HOUR, limits, flooding: null }, settings)
    expect(reach({ names: 4 })).toMatchObject({ detail: 'names' })
    expect(reach({ names: 4 })).toBeNull()
  })
})
