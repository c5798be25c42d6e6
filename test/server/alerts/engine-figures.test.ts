// What the alert engine hands on, every figure of it.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { DEFAULT_SETTINGS, detectorSettings } from '../../../server/alerts/settings.ts'
import { messageOf } from '../../../server/alerts/words.ts'
import type { EventFact } from '../../../server/events/event.ts'
import { endpoint, Home, LEARNED, learned, ownSettings, settled } from '../../support/alert-home.ts'
import { DAY, START } from '../../support/detector-samples.ts'

describe('an alert', () => {
  it('hands on what was received as well as what was sent', () => {
    const home = learned('camera')
    for (let at = 0; at < 10; at++) home.send(LEARNED + at, 90_000, 1_234)
    home.engine.finish()
    // 61.7 of each second acknowledge what was received.
    expect(home.latest).toMatchObject([
      {
        kind: 'upload-spike',
        device: 'aa',
        company: 'aws',
        sent: 900_000,
        received: 9 * 1_234,
        seen: 900_000 - 617 + 1_995,
        usual: 1_995,
        destinations: [{ company: 'aws', host: 'api.aws.example', address: '192.0.2.1', bytes: 900_000 }],
      },
    ])
    expect(messageOf(home.latest[0], { device: 'Name of aa', company: 'AWS' })).toContain(
      'Name of aa sent 900 kB to AWS',
    )
  })

  it('of a large upload hands on both as well, also for a person who may send more at once', () => {
    const home = new Home(ownSettings('upload-spike', { floorBytes: 1e12 }))
    home.device(0, 'aa', 'tv')
    home.send(START, 50_000_002, 20)
    home.engine.mark(START + 60)
    expect(home.latest).toMatchObject([{ kind: 'large-upload', sent: 50_000_002, received: 20 }])
    const allowed = new Home()
    allowed.device(0, 'aa', 'phone')
    allowed.send(START, 600)
    allowed.send(START + 60, 4_999_000_000)
    expect(allowed.reported).toEqual([])
    allowed.send(START + 61, 2_000_000, 9)
    expect(allowed.reported).toMatchObject([{ kind: 'large-upload', sent: 5_001_000_000, received: 9 }])
  })

  it('of a new company hands on both, for each family once', () => {
    const home = settled()
    home.engine.addEndpoints([
      endpoint(2, { company: 'ring', purpose: 'video' }),
      endpoint(3, { company: 'amazon', purpose: 'cloud' }),
      endpoint(4, { company: '*unknown', purpose: 'cloud' }),
    ])
    for (const number of [2, 3, 4]) home.send(START + 8 * DAY, 5_000, 678, 0, number)
    home.engine.finish()
    expect(home.latest).toMatchObject([
      { kind: 'new-company', company: 'ring', detail: 'video', sent: 5_000, received: 678 },
    ])
  })

  it('of a foreign resolver and of readable text hands on both, once device and home are learned', () => {
    const home = settled()
    home.engine.addEndpoints([
      endpoint(2, { company: null, host: 'dns.example', purpose: 'dns' }),
      endpoint(3, { company: null, host: 'plain.example', namedBy: 'http' }),
    ])
    home.device(1, 'young', 'plug', START + 8 * DAY)
    home.send(START + 8 * DAY, 100, 200, 1, 2)
    home.send(START + 8 * DAY, 100, 200, 0, 2)
    home.send(START + 8 * DAY, 30_000, 300, 0, 3)
    home.engine.finish()
    expect(home.of('around-your-dns')).toMatchObject([{ device: 'aa', sent: 100, received: 200, learning: false }])
    expect(home.of('unencrypted')).toMatchObject([{ detail: 'plain.example', sent: 30_000, received: 300 }])
  })

  it('that depends on habits waits for exactly the days of learning', () => {
    const ask = (second: number): Alert[] => {
      const home = settled()
      home.engine.addEndpoints([endpoint(2, { company: null, host: 'dns.example', purpose: 'dns' })])
      home.send(second, 100, 200, 0, 2)
      home.engine.finish()
      return home.reported
    }
    expect(ask(START + 7 * DAY - 1)).toEqual([])
    expect(ask(START + 7 * DAY)).toHaveLength(1)
  })

  it('of quiet hours and of a camera while away hands on both', () => {
    const always = ['Mo-Su 00:00-24:00']
    const big = { spikeFloorKilobytes: 1e9 }
    const home = new Home(detectorSettings({ quietHours: always, away: always, ...big }))
    home.send(START, 3_000_000, 987)
    home.engine.finish()
    // Which of the two tells it first is the order of the settings form.
    expect(home.latest).toMatchObject([{ kind: 'quiet-hours', sent: 3_000_000, received: 987 }])
    const away = new Home(detectorSettings({ away: always, ...big }))
    away.send(START, 200_000, 986)
    away.engine.finish()
    expect(away.latest).toMatchObject([{ kind: 'camera-away', sent: 200_000, received: 986 }])
  })

  it('is not reported where its kind is switched off, and again once it is on', () => {
    const home = learned('camera', 2_000, { on: { ...DEFAULT_SETTINGS.on, 'upload-spike': false } })
    home.send(LEARNED, 400_000)
    expect(home.reported).toEqual([])
    home.engine.changeSettings(DEFAULT_SETTINGS)
    home.send(LEARNED + 1, 90_000)
    expect(home.latest).toMatchObject([{ kind: 'upload-spike', bytes: 490_000 }])
  })

  it('follows settings that were changed for kinds of devices that were met before', () => {
    const home = learned('camera', 2_000, ownSettings('upload-spike', { floorBytes: 1e12 }))
    home.send(LEARNED, 200_000)
    expect(home.reported).toEqual([])
    home.engine.changeSettings({ ...DEFAULT_SETTINGS, ...ownSettings('upload-spike', { floorBytes: 1_000 }) })
    home.send(LEARNED + 1, 2_000)
    expect(home.latest).toHaveLength(1)
  })
})
describe('a voice request', () => {
  const request = (at: number, facts: Partial<EventFact> = {}): EventFact => ({
    id: `0-1-${at}`,
    at,
    device: 0,
    endpoint: 1,
    kind: 'voice-request',
    company: 'alexa',
    host: null,
    purpose: 'voice',
    sent: 70_000,
    received: 9_876,
    seconds: 7,
    confidence: 0.5,
    reasons: [],
    ...facts,
  })
  const busy = (facts: Partial<EventFact> = {}, times = 9): Home => {
    const home = new Home()
    home.engine.event(request(START))
    for (let index = 0; index < times; index++) home.engine.event(request(START + 6 * DAY + index, facts))
    return home
  }

  it('counts from half sure on, and hands on both figures', () => {
    expect(busy().reported).toMatchObject([
      { kind: 'voice-busy', company: 'alexa', sent: 70_000, received: 9_876, seen: 9 },
    ])
    expect(busy({}, 8).reported).toEqual([])
    expect(busy({ confidence: 0.49 }).reported).toEqual([])
    expect(busy({ kind: 'live-view' }).reported).toEqual([])
    expect(busy({ device: 5 }).reported).toEqual([])
  })

  it('counts once however often it is reported of', () => {
    const home = new Home()
    home.engine.event(request(START))
    for (let index = 0; index < 20; index++) home.engine.event(request(START + 6 * DAY))
    expect(home.reported).toEqual([])
  })

  it('is remembered among the last 2,048', () => {
    const recent = (more: number): number | undefined => {
      const home = new Home()
      for (let index = 0; index < more; index++) home.engine.event(request(START + index, { id: `request ${index}` }))
      home.engine.event(request(START + more, { id: 'request 0' }))
      return (home.engine.toJSON().devices['aa']?.['voice'] as { recent: number[] } | undefined)?.recent.length
    }
    expect(recent(2_048)).toBe(2_048)
    expect(recent(2_049)).toBe(2_050)
  })
})
