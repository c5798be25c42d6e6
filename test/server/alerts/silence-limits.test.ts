// The limits of detectors of silent devices, stopped sources and floods, and every figure found.
import { describe, expect, it } from 'vitest'
import { flood, newFloodMemory } from '../../../server/alerts/detectors/flood.ts'
import { localClock } from '../../../server/model/local-time.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { heard, newSilentMemory, silent } from '../../../server/alerts/detectors/silent.ts'
import { newSourceMemory, sourceStopped } from '../../../server/alerts/detectors/source-stopped.ts'

const DAY = 86_400
const HOUR = 3_600
/** A Monday, 2026-06-01, 00:00 UTC. */
const START = 1_780_272_000
const utc = localClock('UTC')
const settings = DEFAULT_SETTINGS

describe('silent', () => {
  /** Beats every two hours on so many days. */
  const beating = (days: number): ReturnType<typeof newSilentMemory> => {
    const memory = newSilentMemory()
    for (let beat = 0; beat < days * 12; beat++) heard(memory, START + beat * 2 * HOUR, utc(START + beat * 2 * HOUR))
    return memory
  }
  const ask = (days: number, pause: number, own = settings): ReturnType<typeof silent> => {
    const memory = beating(days)
    const second = (memory.last as number) + pause
    return silent(memory, { second, local: utc(second), kind: 'plug' }, own)
  }

  it('takes six hours and three times the longest usual pause', () => {
    expect(ask(6, 6 * HOUR - 1)).toBeNull()
    expect(ask(6, 6 * HOUR)).toEqual({
      kind: 'silent',
      from: START + 6 * DAY - 2 * HOUR,
      to: START + 6 * DAY + 4 * HOUR,
      seen: 6 * HOUR,
      usual: 2 * HOUR,
      unit: 'seconds',
      sent: 0,
      received: 0,
      sure: 0.7,
      learning: false,
      detail: null,
    })
    const short = { ...settings, silentHours: 1 }
    expect(ask(6, 6 * HOUR - 1, short)).toBeNull()
    expect(ask(6, 6 * HOUR, short)).not.toBeNull()
  })

  it('needs five days before', () => {
    expect(ask(4, 8 * HOUR)).toBeNull()
    expect(ask(5, 8 * HOUR)).not.toBeNull()
  })

  it('does not turn its clock back for a late packet', () => {
    const memory = newSilentMemory()
    heard(memory, START + 100, utc(START + 100))
    heard(memory, START + 50, utc(START + 50))
    heard(memory, START + 160, utc(START + 160))
    expect(memory).toEqual({ last: START + 160, pauses: [{ day: START / DAY, value: 60 }] })
  })
})
describe('source-stopped', () => {
  const sample = { second: START + 300, source: 'router', lastPacket: START, isWanted: true }

  it('takes exactly five minutes, and hands on every figure', () => {
    expect(sourceStopped(newSourceMemory(), { ...sample, second: START + 299 }, settings)).toBeNull()
    expect(sourceStopped(newSourceMemory(), sample, settings)).toEqual({
      kind: 'source-stopped',
      from: START,
      to: START + 300,
      seen: 300,
      usual: 0,
      unit: 'seconds',
      sent: 0,
      received: 0,
      sure: 0.95,
      learning: false,
      detail: 'router',
    })
  })

  it('counts one that never delivered from when it was first asked, and anew once it was stopped on purpose', () => {
    const memory = newSourceMemory()
    const ask = (second: number, isWanted = true): unknown =>
      sourceStopped(memory, { ...sample, second, lastPacket: null, isWanted }, settings)
    expect([ask(START), ask(START + 299)]).toEqual([null, null])
    expect(ask(START + 300)).toMatchObject({ from: START })
    expect(ask(START + 301, false)).toBeNull()
    expect(ask(START + 400)).toBeNull()
    expect(ask(START + 700)).toMatchObject({ from: START + 400, seen: 300 })
  })
})
describe('flood', () => {
  const turnUp = (memory: ReturnType<typeof newFloodMemory>, second: number, devices: number): unknown =>
    flood(memory, { second, devices, limits: null }, settings)

  it('is more than 25 devices within ten minutes', () => {
    const memory = newFloodMemory()
    expect(turnUp(memory, START, 20)).toBeNull()
    expect(turnUp(memory, START + 599, 5)).toBeNull()
    expect(turnUp(structuredClone(memory), START + 600, 1)).toBeNull()
    expect(turnUp(memory, START + 599, 1)).toEqual({
      kind: 'flood',
      from: START,
      to: START + 599,
      seen: 26,
      usual: 0,
      unit: 'devices',
      sent: 0,
      received: 0,
      sure: 0.8,
      learning: false,
      detail: null,
    })
  })

  it('keeps no more of them than it needs', () => {
    const memory = newFloodMemory()
    turnUp(memory, START, 1_000)
    expect(memory.recent).toHaveLength(26)
  })

  it('is a cap that is reached more often than before, the first of them', () => {
    const memory = newFloodMemory()
    const reach = (limits: Record<string, number>): unknown =>
      flood(memory, { second: START, devices: 0, limits }, settings)
    expect(reach({ flows: 0, names: 0 })).toBeNull()
    expect(reach({ flows: 1, names: 1 })).toMatchObject({ detail: 'flows', seen: 0, from: START })
    expect(reach({ flows: 1, names: 1 })).toBeNull()
    expect(reach({ flows: 1, names: 2 })).toMatchObject({ detail: 'names' })
  })
})
