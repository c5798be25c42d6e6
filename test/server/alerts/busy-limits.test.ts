// The limits of the detectors of many clips and of many addresses, and every figure found.
import { describe, expect, it } from 'vitest'
import { cameraBusy } from '../../../server/alerts/detectors/camera-busy.ts'
import { manyAddresses } from '../../../server/alerts/detectors/many-addresses.ts'
import type { Found } from '../../../server/alerts/found.ts'
import type { EventFact } from '../../../server/events/event.ts'
import {
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

describe('camera-busy', () => {
  type Memory = ReturnType<typeof cameraBusy.memory.fresh>
  const settings = settingsOf('camera-busy')
  const FLOOR = settings.floor
  const clip = (at: number, kind: EventFact['kind']): EventFact => ({
    id: `event-${at}`,
    at,
    device: 0,
    endpoint: 1,
    kind,
    company: 'ring',
    host: null,
    purpose: 'video',
    sent: 400_000,
    received: 9_000,
    seconds: 9,
    confidence: 0.8,
    reasons: [],
  })
  const record = (memory: Memory, at: number, kind: EventFact['kind'] = 'motion-upload'): Found | null =>
    taking(cameraBusy.streams.events)(
      memory,
      { second: at, local: utc(at), device: deviceOf('camera'), event: clip(at, kind) },
      settings,
    )
  const clips = (memory: Memory, at: number, times: number, kind?: EventFact['kind']): (Found | null)[] =>
    Array.from({ length: times }, (_, index) => record(memory, at + index * 60, kind))
  /** So many days on which a clip came at noon. */
  const after = (days: number, each = 1): Memory => {
    const memory = freshOf(cameraBusy)
    for (let day = 0; day < days; day++) clips(memory, START + day * DAY + 12 * HOUR, each)
    return memory
  }
  const noon = (day: number): number => START + day * DAY + 12 * HOUR

  it('needs five days, and more clips than the floor', () => {
    expect(clips(after(4), noon(4), FLOOR + 9).every((one) => one === null)).toBe(true)
    const found = clips(after(5), noon(5), FLOOR + 1)
    expect(found.slice(0, FLOOR).every((one) => one === null)).toBe(true)
    expect(found[FLOOR]).toEqual({
      company: 'ring',
      from: noon(5),
      to: noon(5) + FLOOR * 60,
      seen: FLOOR + 1,
      usual: 1,
      unit: 'events',
      sent: 400_000,
      received: 9_000,
      sure: 0.75,
      learning: false,
      detail: null,
    })
  })

  it('needs half as many at night', () => {
    const night = START + 6 * DAY + 2 * HOUR
    const found = clips(after(6), night, FLOOR / 2 + 1)
    expect(found.findIndex((one) => one !== null)).toBe(FLOOR / 2)
    expect(found.at(-1)).toMatchObject({ detail: 'night', usual: 0 })
  })

  it('asks for more than three times the busiest of the hours about this time', () => {
    const found = clips(after(6, 10), noon(6), 31)
    expect(found.findIndex((one) => one !== null)).toBe(30)
    for (const hours of [-1, 1])
      expect(clips(after(6, 10), noon(6) + hours * HOUR, 30).every((one) => one === null)).toBe(true)
    expect(clips(after(6, 10), noon(6) + 2 * HOUR, FLOOR + 1).at(-1)).toMatchObject({ usual: 0 })
  })

  it('forgets a clip after an hour', () => {
    const memory = after(6)
    clips(memory, noon(6), FLOOR)
    expect(record(memory, noon(6) + HOUR)).toBeNull()
  })

  it('counts live views and rings, and nothing else', () => {
    for (const kind of ['live-view', 'doorbell'] as const)
      expect(clips(after(6), noon(6), FLOOR + 1, kind).at(-1)).not.toBeNull()
    expect(clips(after(6), noon(6), 200, 'heartbeat').every((one) => one === null)).toBe(true)
  })
})

describe('many-addresses', () => {
  type Memory = ReturnType<typeof manyAddresses.memory.fresh>
  const settings = settingsOf('many-addresses')
  const FLOOR = settings.floor
  const NAMELESS = { company: null, host: null, namedBy: 'none' } as const
  const attempt = (memory: Memory, second: number, more: Traffic = {}, sent = 60): Found | null =>
    taking(manyAddresses.streams.traffic)(
      memory,
      traffic(second, sent, { endpoint: NAMELESS, firstSent: second, received: 40, ...more }),
      settings,
    )
  const scan = (memory: Memory, from: number, times: number, more: Traffic = {}, sent = 60): Found | null => {
    let found: Found | null = null
    for (let index = 0; index < times; index++) found = attempt(memory, from + (index % 600), more, sent) ?? found
    return found
  }

  it('finds as many as the floor within ten minutes, with every figure', () => {
    const memory = freshOf(manyAddresses)
    expect(scan(memory, START, FLOOR - 1)).toBeNull()
    expect(attempt(memory, START + 599)).toEqual({
      from: START,
      to: START + 599,
      seen: FLOOR,
      usual: 0,
      unit: 'addresses',
      sent: FLOOR * 60,
      received: 0,
      sure: 0.8,
      learning: false,
      detail: null,
    })
  })

  it('begins anew with the next ten minutes', () => {
    const memory = freshOf(manyAddresses)
    scan(memory, START, FLOOR - 1)
    expect(scan(memory, START + 600, FLOOR - 1)).toBeNull()
  })

  it('asks for more than three times the most of the days before', () => {
    const memory = freshOf(manyAddresses)
    scan(memory, START, FLOOR / 2)
    expect(scan(structuredClone(memory), START + DAY, (3 * FLOOR) / 2)).toBeNull()
    expect(scan(memory, START + DAY, (3 * FLOOR) / 2 + 1)).toMatchObject({ usual: FLOOR / 2 })
  })

  it.each([
    ['while it is learned', { isLearning: true }, 60],
    ['of known companies', { endpoint: { namedBy: 'tls' } }, 60],
    ['of an address that it knew before', { firstSent: START - 700 }, 60],
    ['of what is a conversation', {}, 961],
    ['of what is only received', {}, 0],
  ] as [string, Traffic, number][])('says nothing %s', (_when, more, sent) => {
    expect(scan(freshOf(manyAddresses), START, 3 * FLOOR, more, sent)).toBeNull()
  })

  it('counts addresses of clouds without a name too', () => {
    const rented = { endpoint: { company: 'aws', host: null, namedBy: 'network' }, firstSent: 0 } as const
    expect(scan(freshOf(manyAddresses), START, FLOOR, rented)).not.toBeNull()
  })
})
