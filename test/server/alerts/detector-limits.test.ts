// The limits of detectors of devices, companies and habits, one step before and at them, and every figure found.
import { describe, expect, it } from 'vitest'
import type { Found } from '../../../server/alerts/found.ts'
import { aroundYourDns } from '../../../server/alerts/detectors/around-your-dns.ts'
import { cameraAway } from '../../../server/alerts/detectors/camera-away.ts'
import { newCompany } from '../../../server/alerts/detectors/new-company.ts'
import { newDevice } from '../../../server/alerts/detectors/new-device.ts'
import { unencrypted } from '../../../server/alerts/detectors/unencrypted.ts'
import { voiceBusy } from '../../../server/alerts/detectors/voice-busy.ts'
import type { EventEndpoint, EventFact } from '../../../server/events/event.ts'
import {
  COMMON,
  DAY,
  deviceOf,
  freshOf,
  HOUR,
  settingsOf,
  START,
  taking,
  type Traffic,
  traffic,
  utc,
} from '../../support/detector-samples.ts'

describe('new-device', () => {
  const detect = taking(newDevice.streams.newDevice)
  const sample = {
    second: START + 7 * DAY,
    local: utc(START + 7 * DAY),
    device: deviceOf('plug'),
    isLearning: false,
    isRemembered: true,
  }

  it('hands on every figure', () => {
    expect(detect({}, sample, COMMON)).toEqual({
      from: START + 7 * DAY,
      to: START + 7 * DAY,
      seen: 1,
      usual: 0,
      unit: 'devices',
      sent: 0,
      received: 0,
      sure: 0.9,
      learning: false,
      detail: 'plug',
    })
    expect(detect({}, { ...sample, device: deviceOf('unknown') }, COMMON)).toMatchObject({ detail: null })
  })
})

describe('new-company', () => {
  const met = { family: 'stranger', company: 'strange-cloud', purpose: 'cloud' }
  const detect = taking(newCompany.streams.uploads)
  type Memory = ReturnType<typeof newCompany.memory.fresh>
  const meet = (memory: Memory, { family, ...endpoint }: typeof met, second: number, sent: number): Found | null =>
    detect(memory, traffic(second, sent, { kind: 'plug', received: 55, family, endpoint }), COMMON)

  it('tells once the days of learning are over and a thousand bytes were sent', () => {
    const memory = freshOf(newCompany)
    expect(meet(memory, met, START + 7 * DAY, 600)).toBeNull()
    expect(meet(memory, met, START + 7 * DAY, 399)).toBeNull()
    expect(meet(memory, met, START + 7 * DAY + 9, 1)).toEqual({
      company: 'strange-cloud',
      from: START + 7 * DAY + 9,
      to: START + 7 * DAY + 9,
      seen: 1_000,
      usual: 0,
      unit: 'bytes',
      sent: 1_000,
      received: 55,
      sure: 0.85,
      learning: false,
      detail: 'cloud',
      reason: 'new',
    })
    expect(memory).toMatchObject({ known: ['stranger'], meeting: {} })
    expect(meet(memory, met, START + 8 * DAY, 9_000)).toBeNull()
  })

  it('learns a company at its first byte until a second before', () => {
    const memory = freshOf(newCompany)
    expect(meet(memory, met, START + 7 * DAY - 1, 1)).toBeNull()
    expect(memory.known).toEqual(['stranger'])
  })

  it.each(['time', 'dns', 'connectivity', 'cdn', 'update', 'security'])('leaves out what serves %s', (purpose) => {
    const memory = freshOf(newCompany)
    expect(meet(memory, { ...met, purpose }, START + 9 * DAY, 9_000)).toBeNull()
    expect(memory.known).toEqual([])
  })

  it('remembers 256 companies and asks about no more', () => {
    const memory = freshOf(newCompany)
    const found = (family: string): unknown => meet(memory, { ...met, family }, START + 9 * DAY, 9_000)
    for (let index = 0; index < 255; index++) found(`family-${index}`)
    expect(found('one more')).not.toBeNull()
    expect(found('too many')).toBeNull()
    expect(memory.known).toHaveLength(256)
  })
})

describe('voice-busy', () => {
  type Memory = ReturnType<typeof voiceBusy.memory.fresh>
  const detect = taking(voiceBusy.streams.events)
  const request = (at: number): EventFact => ({
    id: `event-${at}`,
    at,
    device: 0,
    endpoint: 1,
    kind: 'voice-request',
    company: 'alexa',
    host: null,
    purpose: 'voice',
    sent: 70_000,
    received: 9_000,
    seconds: 4,
    confidence: 0.8,
    reasons: [],
  })
  const speak = (memory: Memory, at: number): Found | null =>
    detect(
      memory,
      { second: at, local: utc(at), device: deviceOf('speaker'), event: request(at) },
      settingsOf('voice-busy'),
    )
  const busy = (memory: Memory, at: number, times: number): (Found | null)[] =>
    Array.from({ length: times }, (_, index) => speak(memory, at + index * 10))

  it('needs five days, and more than eight requests within an hour', () => {
    const memory = freshOf(voiceBusy)
    speak(memory, START)
    const early = busy(structuredClone(memory), START + 4 * DAY, 9)
    expect(early.at(-1)).toBeNull()
    const found = busy(memory, START + 5 * DAY, 9)
    expect(found.slice(0, 8)).toEqual(new Array(8).fill(null))
    expect(found[8]).toEqual({
      company: 'alexa',
      from: START + 5 * DAY,
      to: START + 5 * DAY + 80,
      seen: 9,
      usual: 0,
      unit: 'requests',
      sent: 70_000,
      received: 9_000,
      sure: 0.75,
      learning: false,
      detail: null,
    })
  })

  it('forgets a request after an hour', () => {
    const memory = freshOf(voiceBusy)
    speak(memory, START)
    const at = START + 6 * DAY
    busy(memory, at, 8)
    expect(speak(structuredClone(memory), at + 3_599)).toMatchObject({ seen: 9, from: at })
    expect(speak(memory, at + 3_600)).toBeNull()
    expect(memory.recent).toHaveLength(8)
  })

  it('asks for more than two and a half times of what nine in ten hours have', () => {
    const memory = freshOf(voiceBusy)
    for (let day = 0; day < 7; day++) busy(memory, START + day * DAY + 19 * HOUR, 4)
    const found = busy(memory, START + 7 * DAY + 19 * HOUR, 11)
    // 7 of 21 counts are 4: at nine in ten it is 4, and the limit 10.
    expect(found.findIndex((one) => one !== null)).toBe(10)
    expect(found[10]).toMatchObject({ usual: 4, seen: 11 })
  })

  it('counts no more days than there were since the first request', () => {
    const memory = freshOf(voiceBusy)
    for (let day = 0; day < 5; day++) busy(memory, START + day * DAY + 19 * HOUR, 4)
    expect(busy(memory, START + 5 * DAY + 19 * HOUR, 11).at(-1)).toMatchObject({ usual: 4, seen: 11 })
  })

  it('counts days without a request as such, and the hours beside', () => {
    const memory = freshOf(voiceBusy)
    for (let day = 0; day < 2; day++) busy(memory, START + day * DAY + 18 * HOUR, 6)
    // Of 14 days with 42 hours 2 have 6 requests: 1 in 21 is usual for nobody.
    expect(busy(memory, START + 14 * DAY + 19 * HOUR, 9)[8]).toMatchObject({ usual: 0, seen: 9 })
    const lively = freshOf(voiceBusy)
    for (let day = 0; day < 6; day++) busy(lively, START + day * DAY + 18 * HOUR, 6)
    expect(busy(structuredClone(lively), START + 6 * DAY + 19 * HOUR, 16).at(-1)).toMatchObject({ usual: 6, seen: 16 })
    expect(busy(structuredClone(lively), START + 6 * DAY + 19 * HOUR, 15).at(-1)).toBeNull()
    expect(busy(structuredClone(lively), START + 6 * DAY + 20 * HOUR, 9).at(-1)).toMatchObject({ usual: 0 })
    expect(busy(lively, START + 6 * DAY + 17 * HOUR, 15).at(-1)).toBeNull()
  })

  it('remembers fourteen days', () => {
    const memory = freshOf(voiceBusy)
    for (let day = 0; day < 16; day++) speak(memory, START + day * DAY)
    expect(memory.days.map(({ day }) => day - START / DAY)).toEqual(Array.from({ length: 14 }, (_, index) => index + 2))
    expect(memory.first).toBe(START / DAY)
  })
})

describe('camera-away', () => {
  const detect = taking(cameraAway.streams.uploads)
  type Memory = ReturnType<typeof cameraAway.memory.fresh>
  const send = (memory: Memory, second: number, sent: number, kind = 'camera', sentInHour = 200_000): Found | null =>
    detect(
      memory,
      traffic(second, sent, { kind, received: 66, amounts: { ten: sent, hour: sentInHour, day: sentInHour } }),
      settingsOf('camera-away', { away: ['Mo 09:00-17:00'] }),
    )

  it.each(['camera', 'doorbell'])('tells of a %s that reaches the floor', (kind) => {
    const memory = freshOf(cameraAway)
    const from = START + 9 * HOUR
    expect(send(memory, from, 199_999, kind)).toBeNull()
    expect(send(memory, from + 5, 1, kind)).toEqual({
      from,
      to: from + 5,
      seen: 200_000,
      usual: 0,
      unit: 'bytes',
      sent: 200_000,
      received: 66,
      sure: 0.9,
      learning: false,
      detail: 'hour',
      reason: 'known',
    })
  })

  it('tells of a destination that was sent a tenth of the floor within an hour, and of no other', () => {
    const memory = freshOf(cameraAway)
    expect(send(memory, START + 9 * HOUR, 900_000, 'camera', 19_999)).toBeNull()
    expect(send(memory, START + 9 * HOUR, 1, 'camera', 20_000)).toMatchObject({ seen: 900_001 })
  })

  it('begins anew with the next absence', () => {
    const memory = freshOf(cameraAway)
    send(memory, START + 9 * HOUR, 150_000)
    send(memory, START + 17 * HOUR, 150_000)
    expect(memory.away).toBeNull()
    expect(send(memory, START + 7 * DAY + 9 * HOUR, 150_000)).toBeNull()
  })
})

describe('around-your-dns', () => {
  const detect = taking(aroundYourDns.streams.traffic)
  const google = { company: 'google-dns', host: 'dns.google', address: '8.8.8.8', purpose: 'dns' }
  const ask = (
    memory: ReturnType<typeof aroundYourDns.memory.fresh>,
    endpoint: Partial<EventEndpoint> = {},
  ): Found | null =>
    detect(
      memory,
      traffic(START, 100, { received: 200, isLearning: true, endpoint: { ...google, ...endpoint } }),
      COMMON,
    )

  it('hands on every figure', () => {
    const found = {
      company: 'google-dns',
      from: START,
      to: START,
      seen: 100,
      usual: 0,
      unit: 'bytes',
      sent: 100,
      received: 200,
      learning: true,
    }
    expect(ask(freshOf(aroundYourDns))).toEqual({ ...found, sure: 0.75, detail: 'open' })
    const hidden = { purpose: 'cloud', labels: ['hidden-dns'] as const }
    expect(ask(freshOf(aroundYourDns), hidden)).toEqual({ ...found, sure: 0.9, detail: 'hidden' })
  })

  it('knows a resolver by its company, else its host, else its address', () => {
    const memory = freshOf(aroundYourDns)
    ask(memory)
    ask(memory, { company: null })
    ask(memory, { company: null, host: null })
    ask(memory, { company: null, host: null, address: null })
    expect(memory.known).toEqual(['google-dns', 'dns.google', '8.8.8.8', ''])
  })

  it('tells of 64 resolvers at most', () => {
    const memory = freshOf(aroundYourDns)
    for (let index = 0; index < 63; index++) ask(memory, { company: `resolver-${index}` })
    expect(ask(memory, { company: 'one more' })).not.toBeNull()
    expect(ask(memory, { company: 'too many' })).toBeNull()
    expect(memory.known).toHaveLength(64)
  })
})

describe('unencrypted', () => {
  const detect = taking(unencrypted.streams.traffic)
  type Memory = ReturnType<typeof unencrypted.memory.fresh>
  const send = (
    memory: Memory,
    sent: number,
    endpoint: Partial<EventEndpoint> = {},
    more: Traffic = {},
  ): Found | null =>
    detect(
      memory,
      traffic(START, sent, {
        received: 200,
        isLearning: true,
        endpoint: { purpose: 'control', namedBy: 'http', ...endpoint },
        ...more,
      }),
      COMMON,
    )

  it('tells once 20 kB were sent, and hands on every figure', () => {
    const memory = freshOf(unencrypted)
    expect(send(memory, 19_999)).toBeNull()
    expect(memory.sent).toEqual({ tuya: 19_999 })
    expect(send(memory, 1, {}, { second: START + 9 })).toEqual({
      company: 'tuya',
      from: START + 9,
      to: START + 9,
      seen: 20_000,
      usual: 0,
      unit: 'bytes',
      sent: 20_000,
      received: 200,
      sure: 0.8,
      learning: true,
      detail: 'a.tuya.example',
    })
    expect(memory).toEqual({ known: ['tuya'], sent: {} })
  })

  it('is surer of a login, and leaves connection checks alone', () => {
    const login = { namedBy: 'tls', labels: ['unencrypted-login'] } as const
    expect(send(freshOf(unencrypted), 1, login)).toMatchObject({ sure: 0.9, detail: 'login', seen: 1 })
    expect(send(freshOf(unencrypted), 90_000, { purpose: 'connectivity' })).toBeNull()
  })

  it('tells of 64 receivers at most, each known by its company or its host', () => {
    const memory = freshOf(unencrypted)
    for (let index = 0; index < 62; index++) send(memory, 20_000, { company: `company-${index}` })
    expect(send(memory, 20_000, { company: null, host: 'a.example' })).toMatchObject({ detail: 'a.example' })
    expect(send(memory, 20_000, { company: null, host: null })).toMatchObject({ detail: null })
    expect(send(memory, 20_000, { company: 'too many' })).toBeNull()
    expect(memory.known.slice(-2)).toEqual(['a.example', ''])
  })
})
