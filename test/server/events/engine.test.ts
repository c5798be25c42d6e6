// The engine of events: cells become events, whatever is known when.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EventEngine } from '../../../server/events/engine.ts'
import type { EventEndpoint, EventFact } from '../../../server/events/event.ts'
import { compileEventRules } from '../../../server/events/rules.ts'
import { readRules } from '../../../server/rulebook/read.ts'

const files = readRules(fileURLToPath(new URL('../../../rules', import.meta.url)))
const RULES = compileEventRules(files.events, new Map([...files.companies].map(([slug, { partOf }]) => [slug, partOf])))

const far = (number: number, facts: Partial<EventEndpoint> = {}): EventEndpoint => ({
  number,
  host: null,
  address: '192.0.2.1',
  company: null,
  purpose: 'unknown',
  network: null,
  labels: [],
  namedBy: 'network',
  ...facts,
})
const AVS = far(1, { company: 'aws', purpose: 'cloud' })
const METRICS = far(2, {
  host: 'device-metrics-us.amazon.com',
  company: 'amazon-devices',
  purpose: 'telemetry',
  namedBy: 'tls',
})
const MUSIC = far(3, { host: 'd1.cloudfront.net', company: 'cloudfront', purpose: 'cdn', namedBy: 'tls' })

/** A request as an Echo sends it: a start, speech, the end. */
const REQUEST = [27_000, 7_900, 7_900, 7_900, 7_900, 7_800, 4_500]

class Watcher {
  readonly events = new Map<string, EventFact>()
  readonly engine = new EventEngine(RULES, {
    event: (event) => this.events.set(event.id, event),
    withdrawn: (id) => this.events.delete(id),
  })

  constructor(...endpoints: EventEndpoint[]) {
    this.engine.addEndpoints(endpoints)
  }

  send(at: number, endpoint: number, seconds: readonly number[], received = 1_000, device = 0): void {
    this.engine.add(Float64Array.from(seconds.flatMap((sent, index) => [at + index, device, endpoint, sent, received])))
  }

  get kinds(): string[] {
    return [...this.events.values()].map(({ kind }) => kind)
  }
}

describe('an event', () => {
  it("is a possible voice request where an open connection of a speaker into its maker's cloud carries speech", () => {
    const watcher = new Watcher(AVS)
    watcher.engine.setKind(0, 'speaker')
    watcher.send(1_000, 1, REQUEST)
    watcher.engine.mark(1_020)
    const [event] = watcher.events.values()
    expect(event).toMatchObject({
      kind: 'voice-request',
      at: 1_000,
      seconds: 7,
      sent: 70_900,
      company: 'aws',
      host: null,
    })
    expect(event?.confidence).toBeLessThan(0.9)
    expect(event?.reasons.join('; ')).toMatch(/possibly a spoken request.*only the owner of the network is known/)
  })

  it('is no voice request where the same amount goes out at once, as statistics do', () => {
    const watcher = new Watcher(AVS)
    watcher.engine.setKind(0, 'speaker')
    watcher.send(1_000, 1, [71_000])
    watcher.send(2_000, 1, [90_000, 52_000])
    watcher.engine.finish()
    expect(watcher.kinds).toEqual(['unknown-upload', 'unknown-upload'])
  })

  it('is telemetry where it goes to where statistics go, at whatever pace', () => {
    const watcher = new Watcher(METRICS)
    watcher.engine.setKind(0, 'speaker')
    watcher.send(1_000, 2, REQUEST)
    watcher.engine.finish()
    expect(watcher.kinds).toEqual(['telemetry-upload'])
  })

  it('is judged again when it becomes known what the device is', () => {
    const watcher = new Watcher(AVS)
    watcher.send(1_000, 1, REQUEST)
    watcher.engine.mark(1_020)
    expect(watcher.kinds).toEqual(['unknown-upload'])
    watcher.engine.setKind(0, 'speaker')
    expect(watcher.kinds).toEqual(['voice-request'])
    watcher.engine.setKind(0, 'plug')
    expect(watcher.kinds).toEqual(['unknown-upload'])
  })

  it('may depend on what went before: music after a request', () => {
    const watcher = new Watcher(AVS, MUSIC)
    watcher.engine.setKind(0, 'speaker')
    watcher.send(500, 3, [9_000, 9_000], 400_000)
    watcher.send(1_000, 1, REQUEST)
    watcher.send(1_010, 3, [9_000, 9_000], 400_000)
    watcher.engine.finish()
    expect(watcher.kinds).toEqual(['voice-request', 'streaming'])
  })

  it("goes when its bytes turn out to be another device's", () => {
    const watcher = new Watcher(AVS)
    watcher.engine.setKind(0, 'speaker')
    watcher.send(1_000, 1, REQUEST)
    watcher.engine.mark(1_020)
    const moved = REQUEST.flatMap((sent, index) => [
      1_000 + index,
      0,
      1,
      -sent,
      -1_000,
      1_000 + index,
      4,
      1,
      sent,
      1_000,
    ])
    watcher.engine.setKind(4, 'speaker')
    watcher.engine.add(Float64Array.from(moved))
    watcher.engine.finish()
    expect([...watcher.events.values()].map(({ device, kind, sent }) => [device, kind, sent])).toEqual([
      [4, 'voice-request', 70_900],
    ])
  })

  it('is a heartbeat once its period is known, reported once', () => {
    const watcher = new Watcher(far(9, { host: 'mqtt.tuya.example', namedBy: 'tls' }))
    for (let index = 0; index < 20; index++) watcher.send(1_000 + index * 60, 9, [130], 90)
    watcher.engine.finish()
    expect([...watcher.events.values()].map(({ kind, seconds }) => [kind, seconds])).toEqual([['heartbeat', 60]])
  })

  it('never claims to know what was said or shown', () => {
    for (const { reason } of RULES) expect(reason).not.toMatch(/\b(said|says|asked|question|command|picture of|saw)\b/i)
  })

  it('is forgotten with its device', () => {
    const watcher = new Watcher(AVS)
    watcher.send(1_000, 1, REQUEST)
    watcher.engine.mark(1_020)
    watcher.engine.forget(0)
    watcher.engine.setKind(0, 'speaker')
    expect(watcher.kinds).toEqual(['unknown-upload'])
  })
})
