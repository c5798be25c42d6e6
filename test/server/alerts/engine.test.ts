// The engine of alerts: findings become incidents that people can decide about, over a restart too.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { messageOf } from '../../../server/alerts/words.ts'
import { endpoint, Home, LEARNED, learned } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

/** A speaker that sends next to nothing, in a home that is learned. */
const speaker = (): Home => learned('speaker')
const parts = (bytes: number): number[] => new Array<number>(10).fill(bytes / 10)
const spike = (home: Home, at: number, bytes = 900_000): void => home.upload(at, parts(bytes))

describe('an incident', () => {
  it('is one alert that grows', () => {
    const home = speaker()
    spike(home, LEARNED)
    spike(home, LEARNED + 600, 400_000)
    expect(home.ids).toEqual(['alert-1'])
    expect(home.reported.at(-1)).toMatchObject({
      kind: 'upload-spike',
      device: 'aa',
      company: 'aws',
      bytes: 1_300_000,
      from: LEARNED,
      to: LEARNED + 609,
      direction: 'out',
      state: 'open',
      times: 2,
    })
    const names = { device: 'Kitchen Echo', company: 'Amazon Web Services' }
    expect(messageOf(home.reported.at(-1) as Alert, names)).toBe(
      'Kitchen Echo sent 1.3 MB to Amazon Web Services in 2 uploads within 10 minutes; usual are up to 2.0 kB an hour',
    )
  })

  it('says nothing while learning', () => {
    const home = new Home(DEFAULT_SETTINGS)
    spike(home, START + 100)
    expect(home.reported).toEqual([])
    expect(home.engine.learningUntil).toBe(START + 100 + DEFAULT_SETTINGS.learningDays * DAY)
  })

  it('that is expected from now on is reported again only when it is much larger', () => {
    const home = speaker()
    spike(home, LEARNED + 10 * HOUR)
    expect(home.engine.expectFromNowOn('alert-1')).toMatchObject({ state: 'expected' })
    spike(home, LEARNED + 10 * HOUR + 100)
    expect(home.ids).toEqual(['alert-1'])
    spike(home, LEARNED + 10 * HOUR + 200, 4_000_000)
    expect(home.ids).toEqual(['alert-1', 'alert-2'])
  })

  it('that somebody explained does not silence the next one', () => {
    const home = speaker()
    spike(home, LEARNED)
    expect(home.engine.itWasMe('alert-1')).toMatchObject({
      state: 'it-was-me',
      decided: { at: LEARNED + 30, bytes: 900_000 },
    })
    spike(home, LEARNED + 200)
    expect(home.ids).toEqual(['alert-1', 'alert-2'])
    expect(home.engine.itWasMe('nobody')).toBeNull()
  })

  it('is muted for device, company and kind until the time is over', () => {
    const home = speaker()
    home.engine.mute({ device: 'aa', company: null, kind: 'upload-spike', until: LEARNED + 100 })
    spike(home, LEARNED, 200_000)
    expect(home.reported).toEqual([])
    spike(home, LEARNED + 200)
    expect(home.ids).toHaveLength(1)
    home.engine.mute({ device: 'bb', company: null, kind: 'upload-spike', until: null })
    home.engine.itWasMe('alert-1')
    spike(home, LEARNED + 300)
    expect(home.ids).toHaveLength(2)
  })

  it('is reopened when the decision is taken back', () => {
    const home = speaker()
    spike(home, LEARNED)
    home.engine.expectFromNowOn('alert-1')
    expect(home.engine.reopen('alert-1')).toMatchObject({ state: 'open' })
    spike(home, LEARNED + 200)
    expect(home.latest).toMatchObject([{ id: 'alert-1', times: 2, bytes: 1_800_000 }])
  })
})

describe('alerts of other kinds', () => {
  const resolver = endpoint(2, { company: null, host: 'dns.example', purpose: 'dns' })
  const told = (coolDownSeconds: number): string[] => {
    const home = learned('plug', 2_000, { coolDownSeconds })
    home.engine.limits(LEARNED, { flows: 1 })
    home.engine.limits(LEARNED + 100, { flows: 2 })
    return home.ids
  }

  it('begin anew after their cool-down', () => {
    expect([told(99), told(100)].map(({ length }) => length)).toEqual([2, 1])
  })

  it('hold no upload, and have no reason', () => {
    const home = learned('plug')
    home.engine.addEndpoints([resolver])
    home.send(LEARNED, 400, 100, 0, 2)
    home.engine.finish()
    expect(home.latest).toMatchObject([
      { kind: 'around-your-dns', bytes: 0, peak: 0, isOver: true, destination: null, destinations: [], reason: null },
    ])
  })
})

describe('habits and decisions', () => {
  it('survive a restart as JSON', () => {
    const before = speaker()
    spike(before, LEARNED + 10 * HOUR)
    before.engine.expectFromNowOn('alert-1')
    const memory = JSON.parse(JSON.stringify(before.engine.toJSON())) as AlertMemory
    const after = new Home(DEFAULT_SETTINGS, memory)
    after.device(0, 'aa', 'speaker')
    expect(after.engine.toJSON()).toEqual(memory)
    spike(after, LEARNED + 10 * HOUR + 200)
    expect(after.reported).toEqual([])
    spike(after, LEARNED + 10 * HOUR + 300, 4_000_000)
    expect(after.ids).toEqual(['alert-2'])
  })

  it('are learned anew after the level of a device was changed, by its very next packet', () => {
    const home = new Home()
    home.send(START + 100, 600)
    home.engine.relearn('aa')
    home.send(START + 200, 600)
    home.engine.finish()
    expect(home.engine.toJSON().devices['aa']).toMatchObject({ first: START + 100, silent: { last: START + 200 } })
  })

  it('of a forgotten device are gone', () => {
    const home = speaker()
    spike(home, LEARNED)
    home.engine.expectFromNowOn('alert-1')
    home.engine.mute({ device: 'aa', company: null, kind: 'silent', until: null })
    home.engine.forget(new Set(['aa']))
    expect(JSON.stringify(home.engine.toJSON())).not.toContain('aa')
  })

  it('stay bounded and keep the old ones when a flood of devices comes', () => {
    const home = new Home()
    spike(home, START + 100)
    for (let index = 1; index <= 3_000; index++) {
      home.device(index, `flood-${index}`, 'unknown')
      home.send(START + 200, 600, 100, index)
    }
    home.engine.finish()
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
      home.device(index, `new-${index}`, 'plug', START + 8 * DAY)
      for (let times = 0; times < 2; times++) home.send(START + 8 * DAY + index, 600, 100, index)
    }
    expect(home.ids).toHaveLength(31)
    expect(home.of('flood').length).toBeGreaterThan(0)
  })
})
