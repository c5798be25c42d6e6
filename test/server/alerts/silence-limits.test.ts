// The limits of detectors of silent devices, stopped sources and floods, and every figure found.
import { describe, expect, it } from 'vitest'
import type { Found } from '../../../server/alerts/found.ts'
import { flood } from '../../../server/alerts/detectors/flood.ts'
import { silent } from '../../../server/alerts/detectors/silent.ts'
import { sourceStopped } from '../../../server/alerts/detectors/source-stopped.ts'
import { DAY, deviceOf, freshOf, HOUR, settingsOf, START, taking, utc } from '../../support/detector-samples.ts'

describe('silent', () => {
  type Memory = ReturnType<typeof silent.memory.fresh>
  const observe = taking(silent.streams.activity)
  const detect = taking(silent.streams.clock)
  const beat = (memory: Memory, second: number): Found | null =>
    observe(memory, { second, local: utc(second), device: deviceOf('plug') }, settingsOf('silent'))
  /** Beats every two hours on so many days. */
  const beating = (days: number): Memory => {
    const memory = freshOf(silent)
    for (let index = 0; index < days * 12; index++) beat(memory, START + index * 2 * HOUR)
    return memory
  }
  const ask = (days: number, pause: number, values: { silentHours?: number } = {}, quietSeconds = 0): Found | null => {
    const memory = beating(days)
    const second = (memory.last as number) + pause
    return detect(
      memory,
      { second, local: utc(second), device: deviceOf('plug'), quietSeconds },
      settingsOf('silent', values),
    )
  }

  it('takes six hours and three times the longest usual pause', () => {
    expect(ask(6, 6 * HOUR - 1)).toBeNull()
    expect(ask(6, 6 * HOUR)).toEqual({
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
    const short = { silentHours: 1 }
    expect(ask(6, 6 * HOUR - 1, short)).toBeNull()
    expect(ask(6, 6 * HOUR, short)).not.toBeNull()
  })

  it('is not reported where nobody at home was heard for more than five minutes', () => {
    expect(ask(6, 6 * HOUR, {}, 300)).not.toBeNull()
    expect(ask(6, 6 * HOUR, {}, 301)).toBeNull()
  })

  it('needs five days before', () => {
    expect(ask(4, 8 * HOUR)).toBeNull()
    expect(ask(5, 8 * HOUR)).not.toBeNull()
  })

  it('does not turn its clock back for a late packet', () => {
    const memory = freshOf(silent)
    beat(memory, START + 100)
    beat(memory, START + 50)
    beat(memory, START + 160)
    expect(memory).toEqual({
      last: START + 160,
      seen: START + 160,
      kind: 'plug',
      companies: [],
      pauses: [{ day: START / DAY, value: 60 }],
    })
  })
})
describe('source-stopped', () => {
  const detect = taking(sourceStopped.streams.sources)
  const settings = settingsOf('source-stopped')
  const sample = { second: START + 300, source: 'router', lastPacket: START, isWanted: true }

  it('takes exactly five minutes, and hands on every figure', () => {
    expect(detect(freshOf(sourceStopped), { ...sample, second: START + 299 }, settings)).toBeNull()
    expect(detect(freshOf(sourceStopped), sample, settings)).toEqual({
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
    const memory = freshOf(sourceStopped)
    const ask = (second: number, isWanted = true): unknown =>
      detect(memory, { ...sample, second, lastPacket: null, isWanted }, settings)
    expect([ask(START), ask(START + 299)]).toEqual([null, null])
    expect(ask(START + 300)).toMatchObject({ from: START })
    expect(ask(START + 301, false)).toBeNull()
    expect(ask(START + 400)).toBeNull()
    expect(ask(START + 700)).toMatchObject({ from: START + 400, seen: 300 })
  })
})
describe('flood', () => {
  type Memory = ReturnType<typeof flood.memory.fresh>
  const settings = settingsOf('flood')
  const turnUp = (memory: Memory, second: number, devices: number): Found | null => {
    const sample = { second, local: utc(second), device: deviceOf('unknown'), isLearning: false, isRemembered: true }
    let found: Found | null = null
    for (let index = 0; index < devices; index++) found = taking(flood.streams.newDevice)(memory, sample, settings)
    return found
  }

  it('is more than 25 devices within ten minutes', () => {
    const memory = freshOf(flood)
    expect(turnUp(memory, START, 20)).toBeNull()
    expect(turnUp(memory, START + 599, 5)).toBeNull()
    expect(turnUp(structuredClone(memory), START + 600, 1)).toBeNull()
    expect(turnUp(memory, START + 599, 1)).toEqual({
      device: null,
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

  it('is a cap that is reached more often than before, the first of them', () => {
    const memory = freshOf(flood)
    const reach = (limits: Record<string, number>): unknown =>
      taking(flood.streams.limits)(memory, { second: START, limits, flooding: null }, settings)
    expect(reach({ flows: 0, names: 0 })).toBeNull()
    expect(reach({ flows: 1, names: 1 })).toMatchObject({ detail: 'flows', seen: 0, from: START })
    expect(reach({ flows: 1, names: 1 })).toBeNull()
    expect(reach({ flows: 1, names: 2 })).toMatchObject({ detail: 'names' })
  })
})
