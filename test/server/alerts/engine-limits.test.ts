// What the alert engine keeps and looks at, at its limits.
import { describe, expect, it } from 'vitest'
import type { newCompany } from '../../../server/alerts/detectors/new-company.ts'
import type { quietHours } from '../../../server/alerts/detectors/quiet-hours.ts'
import type { silent } from '../../../server/alerts/detectors/silent.ts'
import type { voiceBusy } from '../../../server/alerts/detectors/voice-busy.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS, detectorSettings, RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import type { EventFact } from '../../../server/events/event.ts'
import { endpoint, Home, nameless, ownSettings, settled } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

type MemoryOf<Detector extends { memory: { fresh(first: number): unknown } }> = ReturnType<Detector['memory']['fresh']>
/** What the engine keeps of a device, by the keys of detectors. */
interface Kept {
  first: number
  companies: MemoryOf<typeof newCompany>
  quiet: MemoryOf<typeof quietHours>
  silent: MemoryOf<typeof silent>
  voice: MemoryOf<typeof voiceBusy>
}
const deviceIn = (engine: AlertEngine, id: string): Kept | undefined =>
  engine.toJSON().devices[id] as unknown as Kept | undefined

describe('the habits that are kept', () => {
  it('are of 512 devices; beyond, the newest makes room', () => {
    const home = new Home()
    for (let index = 0; index < 512; index++) {
      home.device(index, `device-${index}`)
      home.send(START, 600, 100, index)
    }
    expect(Object.keys(home.engine.toJSON().devices)).toHaveLength(512)
    home.device(512, 'late')
    home.send(START, 600, 100, 512)
    const kept = Object.keys(home.engine.toJSON().devices)
    expect([kept.length, kept[0], kept.at(-2), kept.at(-1)]).toEqual([512, 'device-0', 'device-510', 'late'])
  })

  it('are of 2,048 pairs of device and destination; beyond, the newest makes room', () => {
    const home = new Home()
    for (let number = 2; number <= 2_049; number++) {
      home.engine.addEndpoints([endpoint(number, { company: `company-${number}` })])
      home.send(START, 600, 100, 0, number)
    }
    home.engine.finish()
    expect(Object.keys(home.engine.toJSON().pairs)).toHaveLength(2_048)
    home.send(START, 600)
    home.engine.finish()
    const kept = Object.keys(home.engine.toJSON().pairs)
    expect([kept.length, kept[0], kept.at(-2), kept.at(-1)]).toEqual([
      2_048,
      '["aa","company:company-2"]',
      '["aa","company:company-2048"]',
      '["aa","company:aws"]',
    ])
  })

  it('are of the 64 latest addresses without a name of each device, of which those with 50 kB are written', () => {
    const home = new Home(ownSettings('upload-spike', { floorBytes: 1e15 }))
    home.device(1, 'bb')
    for (let at = 0; at < 70; at++) {
      home.engine.addEndpoints([nameless(100 + at, `198.51.100.${at}`)])
      home.send(START + at, at % 2 === 0 ? 50_000 : 49_999, 0, 0, 100 + at)
      if (at < 2) home.send(START + at, 50_000, 0, 1, 100 + at)
    }
    home.engine.finish()
    // One that is used again is among the latest.
    const before = Object.keys(home.engine.toJSON().pairs)
    expect(before.filter((key) => key.startsWith('["aa"'))).toEqual(
      Array.from({ length: 32 }, (_, at) => `["aa","address:198.51.100.${6 + 2 * at}"]`),
    )
    expect(before.filter((key) => key.startsWith('["bb"'))).toHaveLength(2)
    home.send(START + 700, 1, 0, 0, 106)
    home.engine.mark(START + 1_200)
    home.engine.addEndpoints([nameless(200, '198.51.100.200')])
    home.send(START + 1_201, 90_000, 0, 0, 200)
    home.engine.finish()
    const after = Object.keys(home.engine.toJSON().pairs)
    expect(after).toContain('["aa","address:198.51.100.6"]')
    expect(after.filter((key) => key.startsWith('["aa"'))).toHaveLength(33)
  })

  it('hold a destination from its first byte on, once it is reported', () => {
    const home = new Home()
    home.send(START, 1)
    expect(home.engine.toJSON().pairs).toEqual({})
    home.engine.mark(START + 600)
    expect(home.engine.toJSON().pairs).toMatchObject({ '["aa","company:aws"]': { first: START, total: 1 } })
  })

  it('are not touched by what stays at home or has an end that nobody knows', () => {
    const home = new Home()
    home.send(START, 90_000, 100, 0, 0)
    home.send(START, 90_000, 100, 0, 77)
    home.engine.finish()
    expect(home.engine.toJSON().pairs).toEqual({})
    expect(deviceIn(home.engine, 'aa')?.quiet.days).toEqual([])
    expect(deviceIn(home.engine, 'aa')?.silent.last).toBe(START)
    home.send(START + 1, 1)
    home.engine.finish()
    expect(deviceIn(home.engine, 'aa')?.quiet.days[0]?.hours[0]).toBe(1)
  })

  it('hold of what is only received that it came', () => {
    const home = new Home()
    home.send(START, 0, 90_000)
    home.send(START + 600, 0, 90_000)
    home.engine.finish()
    const past = home.engine.toJSON().pairs['["aa","company:aws"]']
    expect(past).toMatchObject({ total: 0, days: [{ ten: 0, hour: 0, whole: 0 }] })
  })

  it('are learned of sums of a minute or an hour as well', () => {
    const home = new Home()
    for (const hour of [1, 2]) home.engine.addSum(START + hour * 3_600 - 1, 0, 1, 9_000, 100, 3_600)
    expect(home.engine.toJSON().pairs['["aa","company:aws"]']).toMatchObject({ total: 18_000, days: [{ hour: 8_995 }] })
  })

  it('come back from what was written, all of them', () => {
    const before = settled()
    before.send(START + 8 * DAY, 60_000)
    before.engine.mute({ device: 'aa', company: null, kind: 'silent', until: 5 })
    const written = JSON.stringify(before.engine.toJSON())
    const after = new Home(DEFAULT_SETTINGS, JSON.parse(written) as AlertMemory)
    expect(JSON.stringify(after.engine.toJSON())).toBe(written)
    expect(after.engine.mutes).toEqual([{ device: 'aa', company: null, kind: 'silent', until: 5 }])
    expect(after.engine.learningUntil).toBe(START + 7 * DAY)
    expect(written).toContain('"version":2')
  })

  it('are learned anew for one device, with its alerts gone, and for no other', () => {
    const home = new Home()
    home.device(1, 'bb')
    for (const device of [0, 1]) {
      home.send(START, 600, 100, device)
      for (let at = 0; at < 9; at++) home.send(START + 60 + at, 90_000_000, 100, device)
    }
    home.engine.mark(START + 700)
    expect(Object.keys(home.engine.toJSON().pairs)).toHaveLength(2)
    home.engine.relearn('aa')
    const { pairs } = home.engine.toJSON()
    expect(Object.keys(pairs)).toEqual(['["bb","company:aws"]'])
    expect(deviceIn(home.engine, 'aa')).toMatchObject({ first: START + 700, companies: { known: [], meeting: {} } })
    expect(deviceIn(home.engine, 'bb')?.first).toBe(START)
    expect(home.engine.alerts.map(({ device }) => device)).toEqual(['bb'])
    home.engine.relearn('nobody')
    expect(Object.keys(home.engine.toJSON().devices)).toEqual(['bb', 'aa'])
  })

  it('go with a device that is forgotten: its next packet makes it new', () => {
    const home = new Home()
    home.device(1, 'bb')
    home.send(START, 600)
    home.send(START, 600, 100, 1)
    home.engine.finish()
    home.engine.forget(new Set(['aa']))
    const { devices, pairs, home: known } = home.engine.toJSON()
    expect([Object.keys(devices), Object.keys(pairs), Object.keys(known.devices)]).toEqual([
      ['bb'],
      ['["bb","company:aws"]'],
      ['bb'],
    ])
    home.send(START + 1, 600)
    expect(Object.keys(home.engine.toJSON().devices)).toEqual(['bb'])
  })
})

describe('the clock', () => {
  /** Beats each hour for six days; then only others send. */
  const beating = (): Home => {
    const home = new Home(detectorSettings({ silentHours: 2 }))
    home.device(1, 'other', 'phone')
    for (let hour = 0; hour < 6 * 24; hour++) home.send(START + hour * HOUR, 600)
    return home
  }
  const last = START + (6 * 24 - 1) * HOUR

  it('looks for silence while others send, up to five minutes after their last packet', () => {
    const home = beating()
    home.send(last + 3 * HOUR - 300, 100, 100, 1)
    home.engine.mark(last + 3 * HOUR)
    expect(home.of('silent')).toMatchObject([{ device: 'aa', from: last, to: last + 3 * HOUR, seen: 3 * HOUR }])
    const alone = beating()
    alone.send(last + 3 * HOUR - 301, 100, 100, 1)
    alone.engine.mark(last + 3 * HOUR)
    expect(alone.of('silent')).toEqual([])
  })

  it('looks once a minute, and never back', () => {
    const home = beating()
    home.send(last + 3 * HOUR - 59, 100, 100, 1)
    home.engine.mark(last + 3 * HOUR)
    expect(home.of('silent')).toEqual([])
    home.engine.mark(last + 3 * HOUR + 1)
    expect(home.of('silent')).toHaveLength(1)
    home.engine.mark(last + 3 * HOUR)
    home.engine.mark(last + 3 * HOUR + 60)
    expect(home.of('silent')).toHaveLength(1)
    home.engine.mark(last + 3 * HOUR + 61)
    expect(home.of('silent')).toHaveLength(2)
  })
})

describe('new devices', () => {
  it('are reported from exactly the end of the days of learning on, and known from then on', () => {
    const home = settled()
    for (const [index, second] of [START + 7 * DAY - 1, START + 7 * DAY, START + 8 * DAY].entries()) {
      home.device(index + 1, `new-${index}`, 'plug', second)
      home.send(second, 600, 100, index + 1)
      home.send(second + 1, 600, 100, index + 1)
    }
    expect(home.of('new-device').map(({ device, from }) => [device, from])).toEqual([
      ['new-1', START + 7 * DAY],
      ['new-2', START + 8 * DAY],
    ])
    expect(home.engine.toJSON().home).toEqual({
      first: START,
      asked: null,
      devices: { aa: START, 'new-0': START + 7 * DAY - 1, 'new-1': START + 7 * DAY, 'new-2': START + 8 * DAY },
    })
  })

  it('while the home is learned are neither reported nor a flood; after, each is reported and 26 are a flood', () => {
    const home = new Home({ ...DEFAULT_SETTINGS })
    for (let index = 1; index <= 40; index++) {
      home.device(index, `early-${index}`)
      home.send(START + index, 600, 100, index)
    }
    expect(home.reported).toEqual([])
    for (let index = 41; index <= 65; index++) {
      home.device(index, `late-${index}`)
      home.send(START + 8 * DAY, 600, 100, index)
    }
    expect([home.of('new-device').length, home.of('flood').length]).toEqual([25, 0])
    home.device(66, 'late-66')
    home.send(START + 8 * DAY, 600, 100, 66)
    expect(home.of('flood')).toMatchObject([{ device: null, company: null, seen: 26, direction: 'none' }])
    expect(home.of('new-device').at(-1)).toMatchObject({
      device: 'late-66',
    })
  })

  it('are asked for where nobody reported of them', () => {
    const asked: number[][] = []
    const engine = new AlertEngine({
      settings: RECORDING_SETTINGS,
      timeZone: 'UTC',
      onAlert: () => undefined,
      endpointOf: (number) => endpoint(number),
      deviceOf: (index, second) => {
        asked.push([index, second])
        return { id: `device-${index}`, name: null, kind: 'plug', firstSeen: second }
      },
    })
    engine.add(Float64Array.from([START, 3, 9, 600, 1, START + 1, 3, 9, 600, 1]))
    expect(asked).toEqual([[3, START]])
    engine.finish()
    expect(Object.keys(engine.toJSON().pairs)).toEqual(['["device-3","company:aws"]'])
    // It is known from then on: to its events as well.
    const event = { id: 'one', at: START, device: 3, kind: 'voice-request', confidence: 1, company: null }
    engine.event(event as EventFact)
    expect(deviceIn(engine, 'device-3')?.voice.recent).toEqual([START])
  })
})

it('caps of the engine and stopped sources become alerts of the home', () => {
  const home = new Home()
  home.engine.limits(START, { flows: 0 })
  home.engine.limits(START + 1, { flows: 3 })
  home.engine.source({ second: START, source: 'eth0', lastPacket: START - 300, isWanted: true })
  expect(home.reported).toMatchObject([
    { kind: 'flood', device: null, detail: 'flows', from: START + 1 },
    { kind: 'source-stopped', device: null, detail: 'eth0', seen: 300 },
  ])
})
