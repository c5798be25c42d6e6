// The limits of detectors of devices, companies and habits, one step before and at them, and every figure found.
import { describe, expect, it } from 'vitest'
import { aroundYourDns, newDnsMemory } from '../../../server/alerts/detectors/around-your-dns.ts'
import { cameraAway, newAwayMemory } from '../../../server/alerts/detectors/camera-away.ts'
import { localClock } from '../../../server/model/local-time.ts'
import { newCompany, newCompanyMemory } from '../../../server/alerts/detectors/new-company.ts'
import { newDevice, newHomeMemory } from '../../../server/alerts/detectors/new-device.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { newUnencryptedMemory, unencrypted } from '../../../server/alerts/detectors/unencrypted.ts'
import { newVoiceMemory, voiceBusy } from '../../../server/alerts/detectors/voice-busy.ts'

const DAY = 86_400
const HOUR = 3_600
/** A Monday, 2026-06-01, 00:00 UTC. */
const START = 1_780_272_000
const utc = localClock('UTC')
const settings = DEFAULT_SETTINGS

describe('new-device', () => {
  const device = (id: string, kind = 'plug') => ({ id, name: null, kind, firstSeen: START })

  it('waits for exactly the days of learning', () => {
    const memory = newHomeMemory()
    newDevice(memory, { second: START, device: device('a') }, settings)
    expect(newDevice(memory, { second: START + 7 * DAY - 1, device: device('b') }, settings)).toBeNull()
    expect(newDevice(memory, { second: START + 7 * DAY, device: device('c') }, settings)).toEqual({
      kind: 'new-device',
      device: 'c',
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
    expect(newDevice(memory, { second: START + 8 * DAY, device: device('d', 'unknown') }, settings)).toMatchObject({
      detail: null,
    })
    expect(memory).toEqual({
      first: START,
      devices: { a: START, b: START + 7 * DAY - 1, c: START + 7 * DAY, d: START + 8 * DAY },
    })
  })
})

describe('new-company', () => {
  const met = { family: 'stranger', company: 'strange-cloud', purpose: 'tracking' }
  const sample = (second: number, sent: number, kind = 'plug') => ({ second, kind, sent, received: 55 })

  it('tells once the days of learning are over and a thousand bytes were sent', () => {
    const memory = newCompanyMemory(START)
    expect(newCompany(memory, met, sample(START + 7 * DAY, 600), settings)).toBeNull()
    expect(newCompany(memory, met, sample(START + 7 * DAY, 399), settings)).toBeNull()
    expect(newCompany(memory, met, sample(START + 7 * DAY + 9, 1), settings)).toEqual({
      kind: 'new-company',
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
      detail: 'tracking',
    })
    expect(memory).toEqual({ first: START, known: ['stranger'], meeting: {} })
    expect(newCompany(memory, met, sample(START + 8 * DAY, 9_000), settings)).toBeNull()
  })

  it('learns a company at its first byte until a second before', () => {
    const memory = newCompanyMemory(START)
    expect(newCompany(memory, met, sample(START + 7 * DAY - 1, 1), settings)).toBeNull()
    expect(memory.known).toEqual(['stranger'])
  })

  it.each(['time', 'dns', 'connectivity', 'cdn', 'update', 'security'])('leaves out what serves %s', (purpose) => {
    const memory = newCompanyMemory(START)
    expect(newCompany(memory, { ...met, purpose }, sample(START + 9 * DAY, 9_000), settings)).toBeNull()
    expect(memory.known).toEqual([])
  })

  it('remembers 256 companies and asks about no more', () => {
    const memory = newCompanyMemory(START)
    const found = (family: string): unknown =>
      newCompany(memory, { ...met, family }, sample(START + 9 * DAY, 9_000), settings)
    for (let index = 0; index < 255; index++) found(`family-${index}`)
    expect(found('one more')).not.toBeNull()
    expect(found('too many')).toBeNull()
    expect(memory.known).toHaveLength(256)
  })
})

describe('voice-busy', () => {
  type Memory = ReturnType<typeof newVoiceMemory>
  const speak = (memory: Memory, at: number): ReturnType<typeof voiceBusy> =>
    voiceBusy(memory, { at, company: 'alexa', sent: 70_000, received: 9_000, local: utc(at) }, settings)
  const busy = (memory: Memory, at: number, times: number): ReturnType<typeof voiceBusy>[] =>
    Array.from({ length: times }, (_, index) => speak(memory, at + index * 10))

  it('needs five days, and more than eight requests within an hour', () => {
    const memory = newVoiceMemory()
    speak(memory, START)
    const early = busy(structuredClone(memory), START + 4 * DAY, 9)
    expect(early.at(-1)).toBeNull()
    const found = busy(memory, START + 5 * DAY, 9)
    expect(found.slice(0, 8)).toEqual(new Array(8).fill(null))
    expect(found[8]).toEqual({
      kind: 'voice-busy',
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
    const memory = newVoiceMemory()
    speak(memory, START)
    const at = START + 6 * DAY
    busy(memory, at, 8)
    expect(speak(structuredClone(memory), at + 3_599)).toMatchObject({ seen: 9, from: at })
    expect(speak(memory, at + 3_600)).toBeNull()
    expect(memory.recent).toHaveLength(8)
  })

  it('asks for more than two and a half times of what nine in ten hours have', () => {
    const memory = newVoiceMemory()
    for (let day = 0; day < 7; day++) busy(memory, START + day * DAY + 19 * HOUR, 4)
    const found = busy(memory, START + 7 * DAY + 19 * HOUR, 11)
    // 7 of 21 counts are 4: at nine in ten it is 4, and the limit 10.
    expect(found.findIndex((one) => one !== null)).toBe(10)
    expect(found[10]).toMatchObject({ usual: 4, seen: 11 })
  })

  it('counts no more days than there were since the first request', () => {
    const memory = newVoiceMemory()
    for (let day = 0; day < 5; day++) busy(memory, START + day * DAY + 19 * HOUR, 4)
    expect(busy(memory, START + 5 * DAY + 19 * HOUR, 11).at(-1)).toMatchObject({ usual: 4, seen: 11 })
  })

  it('counts days without a request as such, and the hours beside', () => {
    const memory = newVoiceMemory()
    for (let day = 0; day < 2; day++) busy(memory, START + day * DAY + 18 * HOUR, 6)
    // Of 14 days with 42 hours 2 have 6 requests: 1 in 21 is usual for nobody.
    expect(busy(memory, START + 14 * DAY + 19 * HOUR, 9)[8]).toMatchObject({ usual: 0, seen: 9 })
    const lively = newVoiceMemory()
    for (let day = 0; day < 6; day++) busy(lively, START + day * DAY + 18 * HOUR, 6)
    expect(busy(structuredClone(lively), START + 6 * DAY + 19 * HOUR, 16).at(-1)).toMatchObject({ usual: 6, seen: 16 })
    expect(busy(structuredClone(lively), START + 6 * DAY + 19 * HOUR, 15).at(-1)).toBeNull()
    expect(busy(structuredClone(lively), START + 6 * DAY + 20 * HOUR, 9).at(-1)).toMatchObject({ usual: 0 })
    expect(busy(lively, START + 6 * DAY + 17 * HOUR, 15).at(-1)).toBeNull()
  })

  it('remembers fourteen days', () => {
    const memory = newVoiceMemory()
    for (let day = 0; day < 16; day++) speak(memory, START + day * DAY)
    expect(memory.days.map(({ day }) => day - START / DAY)).toEqual(Array.from({ length: 14 }, (_, index) => index + 2))
    expect(memory.first).toBe(START / DAY)
  })
})

describe('camera-away', () => {
  const away = { ...settings, away: [{ days: [1], from: 540, to: 1_020 }] }
  const at = (second: number, sent: number, kind = 'camera') => ({
    second,
    sent,
    received: 66,
    local: utc(second),
    kind,
  })

  it.each(['camera', 'doorbell'])('tells of a %s that reaches the floor', (kind) => {
    const memory = newAwayMemory()
    const from = START + 9 * HOUR
    expect(cameraAway(memory, at(from, 199_999, kind), away)).toBeNull()
    expect(cameraAway(memory, at(from + 5, 1, kind), away)).toEqual({
      kind: 'camera-away',
      from,
      to: from + 5,
      seen: 200_000,
      usual: 0,
      unit: 'bytes',
      sent: 200_000,
      received: 66,
      sure: 0.9,
      learning: false,
      detail: null,
    })
  })

  it('begins anew with the next absence', () => {
    const memory = newAwayMemory()
    cameraAway(memory, at(START + 9 * HOUR, 150_000), away)
    cameraAway(memory, at(START + 17 * HOUR, 150_000), away)
    expect(memory.away).toBeNull()
    expect(cameraAway(memory, at(START + 7 * DAY + 9 * HOUR, 150_000), away)).toBeNull()
  })
})

describe('around-your-dns', () => {
  const sample = {
    second: START,
    company: 'google-dns',
    host: 'dns.google',
    address: '8.8.8.8',
    purpose: 'dns',
    labels: [] as const,
    sent: 100,
    received: 200,
    learning: true,
  }

  it('hands on every figure', () => {
    const found = {
      kind: 'around-your-dns',
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
    expect(aroundYourDns(newDnsMemory(), sample)).toEqual({ ...found, sure: 0.75, detail: 'open' })
    const hidden = { ...sample, purpose: 'cloud', labels: ['hidden-dns'] as const }
    expect(aroundYourDns(newDnsMemory(), hidden)).toEqual({ ...found, sure: 0.9, detail: 'hidden' })
  })

  it('knows a resolver by its company, else its host, else its address', () => {
    const memory = newDnsMemory()
    aroundYourDns(memory, sample)
    aroundYourDns(memory, { ...sample, company: null })
    aroundYourDns(memory, { ...sample, company: null, host: null })
    aroundYourDns(memory, { ...sample, company: null, host: null, address: null })
    expect(memory.known).toEqual(['google-dns', 'dns.google', '8.8.8.8', ''])
  })

  it('tells of 64 resolvers at most', () => {
    const memory = newDnsMemory()
    for (let index = 0; index < 63; index++) aroundYourDns(memory, { ...sample, company: `resolver-${index}` })
    expect(aroundYourDns(memory, { ...sample, company: 'one more' })).not.toBeNull()
    expect(aroundYourDns(memory, { ...sample, company: 'too many' })).toBeNull()
    expect(memory.known).toHaveLength(64)
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
    sent: 19_999,
    received: 200,
    learning: true,
  } as const

  it('tells once 20 kB were sent, and hands on every figure', () => {
    const memory = newUnencryptedMemory()
    expect(unencrypted(memory, sample)).toBeNull()
    expect(memory.sent).toEqual({ tuya: 19_999 })
    expect(unencrypted(memory, { ...sample, second: START + 9, sent: 1 })).toEqual({
      kind: 'unencrypted',
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
    const login = { ...sample, sent: 1, namedBy: 'tls', labels: ['unencrypted-login'] } as const
    expect(unencrypted(newUnencryptedMemory(), login)).toMatchObject({ sure: 0.9, detail: 'login', seen: 1 })
    expect(unencrypted(newUnencryptedMemory(), { ...sample, sent: 90_000, purpose: 'connectivity' })).toBeNull()
  })

  it('tells of 64 receivers at most, each known by its company or its host', () => {
    const memory = newUnencryptedMemory()
    const loud = { ...sample, sent: 20_000 }
    for (let index = 0; index < 62; index++) unencrypted(memory, { ...loud, company: `company-${index}` })
    expect(unencrypted(memory, { ...loud, company: null, host: 'a.example' })).toMatchObject({ detail: 'a.example' })
    expect(unencrypted(memory, { ...loud, company: null, host: null })).toMatchObject({ detail: null })
    expect(unencrypted(memory, { ...loud, company: 'too many' })).toBeNull()
    expect(memory.known.slice(-2)).toEqual(['a.example', ''])
  })
})
