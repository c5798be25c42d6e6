// The engine of alerts: findings become incidents that people can decide about, over a restart too.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS, RECORDING_SETTINGS, type AlertSettings } from '../../../server/alerts/settings.ts'
import { messageOf } from '../../../server/alerts/words.ts'
import type { EventEndpoint } from '../../../server/events/event.ts'

const DAY = 86_400
const START = 1_780_272_000
const AVS: EventEndpoint = {
  number: 1,
  host: null,
  address: '192.0.2.1',
  company: 'aws',
  purpose: 'cloud',
  network: null,
  labels: [],
  namedBy: 'network',
}

class Home {
  readonly reported: Alert[] = []
  readonly engine: AlertEngine

  constructor(settings: AlertSettings = RECORDING_SETTINGS, memory: AlertMemory | null = null) {
    this.engine = new AlertEngine({
      settings,
      timeZone: 'UTC',
      onAlert: (alert) => this.reported.push({ ...alert }),
      memory,
    })
    this.engine.addEndpoints([AVS])
    this.engine.setDevice(0, { id: 'aa', name: 'Kitchen Echo', kind: 'speaker', firstSeen: START })
  }

  send(second: number, sent: number, device = 0): void {
    this.engine.add(Float64Array.from([second, device, 1, sent, 100]))
  }

  /** A keep-alive, half a minute of quiet, and 90 kB in two seconds. */
  spike(at: number): void {
    this.send(at - 50, 600)
    this.send(at, 45_000)
    this.send(at + 1, 45_000)
  }

  get ids(): string[] {
    return [...new Set(this.reported.map(({ id }) => id))]
  }
}

describe('an incident', () => {
  it('is one alert that grows', () => {
    const home = new Home()
    home.spike(START + 100)
    home.send(START + 103, 40_000)
    expect(home.ids).toEqual(['alert-1'])
    expect(home.reported.at(-1)).toMatchObject({
      kind: 'upload-spike',
      device: 'aa',
      company: 'aws',
      seen: 130_000,
      from: START + 100,
      to: START + 103,
      direction: 'out',
      state: 'open',
    })
    const names = { device: 'Kitchen Echo', company: 'Amazon Web Services' }
    expect(messageOf(home.reported.at(-1) as Alert, names)).toMatch(
      /^Kitchen Echo sent 130 kB to Amazon Web Services within 10 seconds; .*still learning/,
    )
  })

  it('begins anew after its cool-down', () => {
    const home = new Home()
    home.spike(START + 100)
    home.spike(START + 200)
    expect(home.ids).toHaveLength(2)
    const live = new Home({ ...RECORDING_SETTINGS, coolDownSeconds: DEFAULT_SETTINGS.coolDownSeconds })
    live.spike(START + 100)
    live.spike(START + 200)
    expect(live.ids).toHaveLength(1)
  })

  it('says nothing while learning, unless it is a recording', () => {
    const home = new Home(DEFAULT_SETTINGS)
    home.spike(START + 100)
    expect(home.reported).toEqual([])
    expect(home.engine.learningUntil).toBe(START + 50 + DEFAULT_SETTINGS.learningDays * DAY)
  })

  it('that is expected from now on is reported again only when it is much larger', () => {
    const home = new Home()
    home.spike(START + 100)
    expect(home.engine.expectFromNowOn('alert-1')).toMatchObject({ state: 'expected' })
    home.spike(START + 200)
    expect(home.ids).toEqual(['alert-1'])
    home.send(START + 300, 400_000)
    expect(home.ids).toEqual(['alert-1', 'alert-2'])
  })

  it('that somebody explained does not silence the next one', () => {
    const home = new Home()
    home.spike(START + 100)
    expect(home.engine.itWasMe('alert-1')).toMatchObject({ state: 'it-was-me' })
    home.spike(START + 200)
    expect(home.ids).toEqual(['alert-1', 'alert-2'])
    expect(home.engine.itWasMe('nobody')).toBeNull()
  })

  it('is muted for device, company and kind until the time is over', () => {
    const home = new Home()
    home.engine.mute({ device: 'aa', company: null, kind: 'upload-spike', until: START + 150 })
    home.spike(START + 100)
    expect(home.reported).toEqual([])
    home.spike(START + 200)
    expect(home.ids).toHaveLength(1)
    home.engine.mute({ device: 'bb', company: null, kind: 'upload-spike', until: null })
    home.spike(START + 300)
    expect(home.ids).toHaveLength(2)
  })

  it('is reopened when the decision is taken back', () => {
    const home = new Home()
    home.spike(START + 100)
    home.engine.expectFromNowOn('alert-1')
    expect(home.engine.reopen('alert-1')).toMatchObject({ state: 'open' })
    home.spike(START + 200)
    expect(home.ids).toHaveLength(2)
  })
})

describe('habits and decisions', () => {
  it('survive a restart as JSON', () => {
    const before = new Home()
    before.spike(START + 100)
    before.engine.expectFromNowOn('alert-1')
    const memory = JSON.parse(JSON.stringify(before.engine.toJSON())) as AlertMemory
    const after = new Home(RECORDING_SETTINGS, memory)
    expect(after.engine.toJSON()).toEqual(memory)
    after.spike(START + 200)
    expect(after.reported).toEqual([])
    after.send(START + 300, 400_000)
    expect(after.ids).toEqual(['alert-2'])
  })

  it('are learned anew after the level of a device was changed, by its very next packet', () => {
    const home = new Home()
    home.send(START + 100, 600)
    home.engine.relearn('aa')
    home.send(START + 200, 600)
    expect(home.engine.toJSON().devices['aa']).toMatchObject({ first: START + 100, silent: { last: START + 200 } })
  })

  it('of a forgotten device are gone', () => {
    const home = new Home()
    home.spike(START + 100)
    home.engine.expectFromNowOn('alert-1')
    home.engine.mute({ device: 'aa', company: null, kind: 'silent', until: null })
    home.engine.forget(new Set(['aa']))
    expect(JSON.stringify(home.engine.toJSON())).not.toContain('aa')
  })

  it('stay bounded and keep the old ones when a flood of devices comes', () => {
    const home = new Home()
    home.spike(START + 100)
    for (let index = 1; index <= 3_000; index++) {
      home.engine.setDevice(index, { id: `flood-${index}`, name: null, kind: 'unknown', firstSeen: START })
      home.send(START + 200, 600, index)
    }
    const memory = home.engine.toJSON()
    expect(Object.keys(memory.devices).length).toBeLessThanOrEqual(512)
    expect(Object.keys(memory.pairs).length).toBeLessThanOrEqual(2_048)
    expect(memory.devices['aa']).toBeDefined()
  })
})

describe('a new device after the learning days', () => {
  it('is reported once, and of many at once as a flood', () => {
    const home = new Home(DEFAULT_SETTINGS)
    home.send(START, 600)
    for (let index = 1; index <= 30; index++) {
      home.engine.setDevice(index, { id: `new-${index}`, name: null, kind: 'plug', firstSeen: START + 8 * DAY })
      home.send(START + 8 * DAY + index, 600, index)
      home.send(START + 8 * DAY + index, 600, index)
    }
    expect(home.ids).toHaveLength(31)
    expect(home.reported.filter(({ kind }) => kind === 'flood').length).toBeGreaterThan(0)
  })
})
