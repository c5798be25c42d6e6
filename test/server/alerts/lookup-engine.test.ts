// The engine of alerts over look-ups alone: devices, silence, clocks and what is kept over a restart.
import { describe, expect, it } from 'vitest'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { readAlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { endpoint, Home } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

const MINUTE = 60

/** A home with a plug (0), a hub (1) and a phone (2) that only a resolver's log shows. */
class LogHome extends Home {
  constructor(memory: AlertMemory | null = null) {
    super(DEFAULT_SETTINGS, memory)
    for (const [index, id, kind] of [
      [0, '02:00:00:00:00:01', 'plug'],
      [1, '02:00:00:00:00:02', 'hub'],
      [2, '02:00:00:00:00:03', 'phone'],
    ] as const)
      this.device(index, id, kind)
    this.engine.addEndpoints([
      endpoint(1, { company: 'tuya', host: 'a.tuya.example', purpose: 'control' }),
      endpoint(2, { company: 'ring', host: 'api.ring.example', purpose: 'video' }),
      endpoint(3, { company: 'amplitude', host: 'api.amplitude.example', purpose: 'tracking' }),
      endpoint(4, { company: 'google-dns', host: 'dns.google', purpose: 'dns' }),
    ])
  }

  /** Look-ups in the minute of `second`, a second before it is told that they are over. */
  ask(second: number, device: number, number = 1, count = 1): string[] {
    const minute = Math.floor(second / MINUTE) * MINUTE
    this.engine.mark(second)
    const gone = this.engine.addLookups(Float64Array.from([minute, device, number, count]))
    this.engine.mark(second + 1)
    return gone
  }

  /** Each device of `devices` asks every ten minutes. */
  live(from: number, until: number, devices = [0, 1, 2]): void {
    for (let second = from; second < until; second += 600) {
      for (const device of devices) this.ask(second, device)
      for (let minute = 1; minute < 10; minute++) this.engine.mark(second + minute * MINUTE)
    }
  }

  kinds(): string[] {
    return [...new Set(this.reported.map(({ kind, device }) => `${kind} ${device}`))]
  }
}

describe('a home that only has a log', () => {
  it('is learned from its first look-up on, and quiet while nothing is new', () => {
    const home = new LogHome()
    home.live(START, START + 9 * DAY)
    expect(home.engine.learningUntil).toBe(START + 7 * DAY)
    expect(home.reported).toEqual([])
  })

  it('is told of a new device at once, and of new companies, trackers and resolvers in look-ups', () => {
    const home = new LogHome()
    home.live(START, START + 8 * DAY)
    home.device(3, '02:00:00:00:00:09', 'camera', START + 8 * DAY)
    home.ask(START + 8 * DAY + 30, 3)
    for (const minute of [1, 2]) for (const number of [2, 3]) home.ask(START + 8 * DAY + minute * MINUTE, 0, number)
    home.ask(START + 8 * DAY + 300, 0, 4)
    expect(home.reported).toMatchObject([
      { kind: 'new-device', device: '02:00:00:00:00:09', unit: 'devices', from: START + 8 * DAY + 30 },
      { kind: 'new-company', company: 'ring', unit: 'lookups', seen: 2, bytes: 0 },
      { kind: 'new-tracker', company: 'amplitude', unit: 'lookups', seen: 2 },
      { kind: 'around-your-dns', company: 'google-dns', unit: 'lookups', seen: 1 },
    ])
  })

  it('is told that a device asks no more, with the others still asking', () => {
    const home = new LogHome()
    home.live(START, START + 8 * DAY)
    home.live(START + 8 * DAY, START + 8 * DAY + 7 * HOUR, [1, 2])
    expect(home.kinds()).toEqual(['silent 02:00:00:00:00:01'])
    expect(home.reported[0]).toMatchObject({ detail: 'lookups', from: START + 8 * DAY - 600 })
  })

  it('is not told of silence when the log itself holds nothing, nor when it goes on', () => {
    const home = new LogHome()
    home.live(START, START + 8 * DAY)
    const back = START + 8 * DAY + 9 * HOUR
    for (let second = START + 8 * DAY; second < back; second += MINUTE) home.engine.mark(second)
    // The phone asks first.
    home.ask(back, 2)
    for (let second = back; second < back + 5 * MINUTE; second += MINUTE) home.engine.mark(second)
    home.live(back + 600, back + 8 * HOUR)
    expect(home.reported).toEqual([])
  })

  it('keeps what it learned over a restart, and tells of silence across it', () => {
    const before = new LogHome()
    before.live(START, START + 8 * DAY)
    const kept = readAlertMemory(JSON.parse(JSON.stringify(before.engine.toJSON())))
    const after = new LogHome(kept)
    // The lines of the pause are read first, then those of now.
    const pause = START + 8 * DAY
    for (let second = pause; second < pause + 2 * HOUR; second += 600)
      after.engine.addLookups(Float64Array.from([second, 1, 1, 1]))
    after.live(pause + 2 * HOUR, pause + 7 * HOUR, [1, 2])
    after.ask(pause + 7 * HOUR, 0, 2, 9)
    expect(after.kinds()).toEqual(['silent 02:00:00:00:00:01', 'new-company 02:00:00:00:00:01'])
  })

  it('tells of nobody as silent while an old log is read', () => {
    const home = new LogHome()
    const now = START + 30 * DAY
    home.engine.add(Float64Array.from([now, 2, 1, 700, 0]))
    home.engine.mark(now)
    // Two months of the log come in pieces of five days, one each minute; packets show the phone meanwhile.
    for (let piece = 0; piece < 6; piece++) {
      const cells: number[] = []
      for (let second = START + piece * 5 * DAY; second < START + (piece + 1) * 5 * DAY; second += 600)
        cells.push(second, 0, 1, 1, second, 1, 1, 1)
      home.engine.addLookups(Float64Array.from(cells))
      const here = now + piece * MINUTE
      home.engine.add(Float64Array.from([here, 2, 1, 700, 0]))
      home.engine.mark(here + 59)
    }
    expect(home.of('silent')).toEqual([])
  })

  it('reads look-ups of months ago as what was usual then', () => {
    const home = new LogHome()
    const cells: number[] = []
    for (let second = START; second < START + 30 * DAY; second += 600) cells.push(second, 0, 1, 1)
    cells.push(START + 30 * DAY, 0, 2, 5)
    home.engine.addLookups(Float64Array.from(cells))
    expect(home.reported).toMatchObject([{ kind: 'new-company', company: 'ring', to: START + 30 * DAY }])
  })
})

describe('an address', () => {
  it('that turns out to be a known device was no new one', () => {
    const home = new LogHome()
    home.live(START, START + 8 * DAY)
    const now = START + 8 * DAY
    home.device(3, '192.168.1.77', 'unknown', now)
    home.ask(now + 30, 3)
    expect(home.kinds()).toEqual(['new-device 192.168.1.77'])
    const id = home.reported[0]?.id
    expect(home.engine.addLookups(Float64Array.from([now, 3, 1, -1, now, 0, 1, 1]))).toEqual([id])
    expect(home.engine.alerts).toEqual([])
    expect(home.ask(now + 60, 0)).toEqual([])
  })

  it('is the only sort of device whose alert goes with its look-ups', () => {
    const home = new LogHome()
    home.live(START, START + 8 * DAY)
    home.device(3, '02:00:00:00:00:09', 'plug', START + 8 * DAY)
    home.ask(START + 8 * DAY, 3)
    expect(home.engine.addLookups(Float64Array.from([START + 8 * DAY, 3, 1, -1]))).toEqual([])
    expect(home.engine.alerts).toHaveLength(1)
  })
})

it('a log that is new to an old home makes no new devices of old ones for a week', () => {
  const home = new Home(DEFAULT_SETTINGS)
  home.send(START, 600)
  const day = (number: number, index: number): void => {
    home.device(index, `02:00:00:00:01:0${index}`, 'plug', START + number * DAY)
    home.engine.addLookups(Float64Array.from([START + number * DAY, index, 1, 1]))
  }
  day(30, 1)
  day(36, 2)
  expect(home.reported).toEqual([])
  day(37, 3)
  expect(home.reported).toMatchObject([{ kind: 'new-device', device: '02:00:00:00:01:03' }])
})

it('packets and a log of one home tell of one company once', () => {
  const home = new LogHome()
  home.live(START, START + 8 * DAY)
  const now = START + 8 * DAY
  home.ask(now, 0, 2, 9)
  home.send(now + 1, 5_000, 100, 0, 2)
  home.engine.finish()
  expect(home.reported).toMatchObject([{ kind: 'new-company', unit: 'lookups' }])
  const other = new LogHome()
  other.live(START, START + 8 * DAY)
  other.send(now, 5_000, 100, 0, 2)
  other.engine.finish()
  other.ask(now + 60, 0, 2, 9)
  expect(other.kinds()).toEqual(['new-company 02:00:00:00:00:01'])
  expect(other.reported[0]).toMatchObject({ unit: 'bytes', bytes: 5_000 })
})

it('an alert of look-ups is no upload that goes on after a restart', () => {
  const before = new LogHome()
  before.live(START, START + 8 * DAY)
  before.ask(START + 8 * DAY, 0, 2, 9)
  expect(before.reported).toMatchObject([{ kind: 'new-company', destination: 'company:ring' }])
  const after = new LogHome(readAlertMemory(JSON.parse(JSON.stringify(before.engine.toJSON()))))
  for (let second = 60; second < 120; second++) after.send(START + 8 * DAY + second, 50_000, 100, 0, 2)
  after.engine.finish()
  expect(after.engine.alerts).toMatchObject([
    { kind: 'new-company', unit: 'lookups', seen: 9, bytes: 0 },
    { unit: 'bytes', bytes: 3_000_000 },
  ])
})

it('look-ups of a device whose names are not kept count as activity alone', () => {
  const home = new LogHome()
  home.engine.addEndpoints([endpoint(5, { company: null, host: null, purpose: 'unknown' })])
  home.live(START, START + 8 * DAY)
  home.ask(START + 8 * DAY, 0, 5, 50)
  home.ask(START + 8 * DAY, 0, 99, 50)
  expect(home.of('new-company')).toEqual([])
})

describe('after a restart', () => {
  it('one that is not seen any more is silent, counted from the first packet of the run', () => {
    const first = new LogHome()
    first.device(7, '02:00:00:00:00:77', 'plug')
    for (let second = START; second < START + 8 * DAY; second += 600) {
      first.send(second, 600, 0, 7)
      first.send(second, 600, 0, 2)
    }
    const after = new LogHome(readAlertMemory(JSON.parse(JSON.stringify(first.engine.toJSON()))))
    const back = START + 8 * DAY + 20 * HOUR
    for (let second = back; second < back + 6 * HOUR; second += MINUTE) after.send(second, 600, 0, 2)
    expect(after.of('silent')).toEqual([])
    for (let second = back + 6 * HOUR; second < back + 7 * HOUR; second += MINUTE) after.send(second, 600, 0, 2)
    expect(after.kinds()).toEqual(['silent 02:00:00:00:00:77'])
  })

  it('an address is none, where others have a MAC by now', () => {
    const before = new LogHome()
    before.live(START, START + 8 * DAY)
    const memory = before.engine.toJSON()
    const habits = memory.devices['02:00:00:00:00:01']
    const withAddress = { ...memory, devices: { ...memory.devices, '192.168.1.9': structuredClone(habits) } }
    const home = new LogHome(withAddress)
    const back = START + 9 * DAY
    home.live(back, back + 7 * HOUR, [1, 2])
    expect(home.kinds()).toEqual(['silent 02:00:00:00:00:01'])
  })
})
