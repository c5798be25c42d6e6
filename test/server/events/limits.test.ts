// Heartbeats and verdicts at their limits, and every figure of an event.
import { describe, expect, it } from 'vitest'
import { EventEngine, MAX_BEATING } from '../../../server/events/engine.ts'
import type { Burst, EventEndpoint, EventFact } from '../../../server/events/event.ts'
import { Heartbeats, periodOf } from '../../support/heartbeats.ts'
import { isNamed, judge, smallestAsked, type Scene } from '../../../server/events/judge.ts'
import type { CompiledEventRule, EventConditions } from '../../../server/events/rules.ts'

type Cell = [second: number, device: number, endpoint: number, sent: number, received: number]

const burst = (facts: Partial<Burst> = {}): Burst => ({
  device: 1,
  endpoint: 2,
  first: 1_000,
  last: 1_000,
  sent: 120,
  received: 90,
  peak: 120,
  steady: 0,
  early: 0,
  ...facts,
})

describe('a heartbeat', () => {
  const beats = (count: number, period: number, facts: Partial<Burst> = {}): unknown[] => {
    const heartbeats = new Heartbeats()
    return Array.from({ length: count }, (_, index) =>
      heartbeats.observe(burst({ ...facts, first: 1_000 + index * period })),
    ).filter((found) => found !== null)
  }

  it('is known with the fifth interval of at least five seconds', () => {
    expect([beats(5, 60), beats(6, 60)]).toEqual([[], [{ seconds: 60, share: 1 }]])
    expect([beats(9, 4), beats(9, 5).length]).toEqual([[], 1])
  })

  it('is at most 6,000 bytes both ways, and something is sent', () => {
    expect(beats(6, 60, { sent: 3_000, received: 3_000 })).toHaveLength(1)
    expect(beats(6, 60, { sent: 3_000, received: 3_001 })).toEqual([])
    expect(beats(6, 60, { sent: 0, received: 500 })).toEqual([])
  })

  it('may stray by two seconds or a tenth, and by twice of it where one went missing', () => {
    const shareOf = (interval: number, period: number): number | undefined =>
      periodOf([period, period, period, interval])?.share ??
      periodOf([...new Array<number>(7).fill(period), interval])?.share
    expect([shareOf(12, 10), shareOf(13, 10)]).toEqual([1, 7 / 8])
    expect([shareOf(110, 100), shareOf(111, 100)]).toEqual([1, 7 / 8])
    expect([shareOf(220, 100), shareOf(221, 100), shareOf(180, 100), shareOf(179, 100)]).toEqual([1, 7 / 8, 1, 7 / 8])
  })

  it('is regular from three in four on', () => {
    expect(periodOf([60, 60, 60, 60, 60, 60, 300, 900])).toEqual({ seconds: 60, share: 0.75 })
    expect(periodOf([60, 60, 60, 60, 60, 300, 900])).toBeNull()
  })

  it('is reported again once its period is off by more than a quarter', () => {
    const reported = (next: number): number[] => {
      const heartbeats = new Heartbeats()
      let at = 1_000
      const found: number[] = []
      for (const period of [...new Array<number>(13).fill(100), ...new Array<number>(13).fill(next)]) {
        const found_ = heartbeats.observe(burst({ first: at }))
        if (found_ !== null) found.push(found_.seconds)
        at += period
      }
      return found
    }
    expect(reported(125)).toEqual([100])
    expect(reported(126)).toEqual([100, 126])
  })

  it('remembers twelve intervals', () => {
    const heartbeats = new Heartbeats()
    let at = 0
    const take = (period: number): number | undefined => heartbeats.observe(burst({ first: (at += period) }))?.seconds
    for (let index = 0; index < 14; index++) take(100)
    // Nine of twelve intervals are three in four.
    expect(Array.from({ length: 9 }, () => take(400)).filter((found) => found !== undefined)).toEqual([400])
  })

  it('is known of 8,192 pairs; the first met makes room', () => {
    const heartbeats = new Heartbeats()
    /** Six beats: how often a period was reported. */
    const learn = (endpoint: number, from = 0): number =>
      Array.from({ length: 6 }, (_, index) => heartbeats.observe(burst({ endpoint, first: from + index * 60 }))).filter(
        (period) => period !== null,
      ).length
    for (let endpoint = 1; endpoint <= 8_192; endpoint++) expect(learn(endpoint)).toBe(1)
    expect([learn(1, 360), learn(2, 360)]).toEqual([0, 0])
    expect(learn(9_000)).toBe(1)
    // What is known is not reported again; what made room is.
    expect([learn(2, 720), learn(8_192, 360), learn(1, 720)]).toEqual([0, 0, 1])
  })
})

const rule = (when: EventConditions, facts: Partial<CompiledEventRule> = {}): CompiledEventRule =>
  ({ kind: 'telemetry-upload', confidence: 0.8, reason: 'because', when, ...facts }) as CompiledEventRule
const scene = (facts: Partial<Burst> = {}, more: Partial<Scene> = {}): Scene => ({
  device: null,
  endpoint: { host: 'a.example.com', company: 'example', purpose: 'cloud', labels: [], namedBy: 'tls' },
  burst: burst(facts),
  before: [],
  ...more,
})

describe('a verdict', () => {
  it.each([
    ['sent', 5_000, 9_000],
    ['received', 5_000, 9_000],
    ['peak', 5_000, 9_000],
    ['steady', 5, 9],
    ['early', 5_000, 9_000],
  ] as const)('takes both bounds of %s as part of them', (measure, from, to) => {
    const ask = (value: number): string | undefined =>
      judge(scene({ [measure]: value }), [rule({ [measure]: { from, to } })])?.kind
    expect([from - 1, from, to, to + 1].map(ask)).toEqual([
      undefined,
      'telemetry-upload',
      'telemetry-upload',
      undefined,
    ])
  })

  it('counts seconds with both ends, and takes pace and ratio from what was sent', () => {
    const kindOf = (facts: Partial<Burst>, when: EventConditions): string | undefined =>
      judge(scene(facts), [rule(when)])?.kind
    expect(kindOf({ last: 1_009 }, { seconds: { from: 10, to: 10 } })).toBe('telemetry-upload')
    expect(kindOf({ last: 1_009, sent: 1_000 }, { pace: { from: 100, to: 100 } })).toBe('telemetry-upload')
    expect(kindOf({ sent: 1_000, received: 500 }, { ratio: { from: 2, to: 2 } })).toBe('telemetry-upload')
    expect(kindOf({ sent: 1_000, received: 0 }, { ratio: { from: 1e9 } })).toBe('telemetry-upload')
    expect(kindOf({ sent: 1_000, received: 0 }, { ratio: { to: 1e9 } })).toBeUndefined()
  })

  it('is the surest rule, the first of equals', () => {
    const rules = [
      rule({}, { kind: 'backup', confidence: 0.5 }),
      rule({}, { kind: 'call' }),
      rule({}, { kind: 'streaming' }),
    ]
    expect(judge(scene(), rules)).toMatchObject({ kind: 'call', confidence: 0.8 })
  })

  it('is a tenth less sure of a second-hand name', () => {
    const ask = (namedBy: 'tls' | 'dns-other' | 'remembered'): unknown =>
      judge(scene({}, { endpoint: { ...scene().endpoint, namedBy } }), [rule({}, { confidence: 0.75 })])
    expect(ask('tls')).toMatchObject({
      confidence: 0.75,
      reasons: ['because', expect.any(String), 'the name is known'],
    })
    for (const namedBy of ['dns-other', 'remembered'] as const)
      expect(ask(namedBy)).toMatchObject({
        confidence: 0.68,
        reasons: ['because', expect.any(String), 'the name is from another look-up'],
      })
  })

  it('without a rule is an unknown upload from 50 kB on, where no more was received', () => {
    const ask = (sent: number, received: number): unknown => judge(scene({ sent, received }), [])
    expect(ask(49_999, 0)).toBeNull()
    expect(ask(50_000, 50_001)).toBeNull()
    expect(ask(50_000, 50_000)).toEqual({
      kind: 'unknown-upload',
      isClear: false,
      confidence: 0.3,
      reasons: [
        'more was sent than received, and no rule knows what for',
        '50 kB sent and 50 kB received in one second',
        'the name is known',
      ],
    })
  })

  it('looks at what went before, up to the seconds that the rule names', () => {
    const when = { after: { kind: ['doorbell' as const], within: 30 } }
    const ask = (at: number, kind: 'doorbell' | 'call' = 'doorbell'): string | undefined =>
      judge(scene({}, { before: [{ kind, at }] }), [rule(when)])?.kind
    expect([969, 970, 1_000, 1_001].map((at) => ask(at))).toEqual([
      undefined,
      'telemetry-upload',
      'telemetry-upload',
      undefined,
    ])
    expect(ask(1_000, 'call')).toBeUndefined()
  })

  it.each([
    [{ company: ['example'] }, true],
    [{ company: ['other'] }, false],
    [{ purpose: ['cloud'] }, true],
    [{ purpose: ['video'] }, false],
    [{ host: ['example.com'] }, true],
    [{ host: ['a.example.com'] }, true],
    [{ host: ['xample.com'] }, false],
    [{ label: ['hidden-dns'] }, false],
    [{ named: true }, true],
    [{ named: false }, false],
    [{ device: ['unknown'] }, true],
    [{ device: ['plug'] }, false],
    [{ vendor: ['Amazon'] }, false],
    [{ beats: true }, false],
    [{ beats: false }, true],
    [{ alongside: ['call'] }, false],
  ] as [EventConditions, boolean][])('asks for %o', (when, fits) => {
    expect(judge(scene(), [rule(when)]) !== null).toBe(fits)
  })

  it("asks for a heartbeat with the far end, and for what the device's other bursts with it clearly are", () => {
    const ask = (when: EventConditions, more: Partial<Scene>): string | undefined =>
      judge(scene({}, more), [rule(when)])?.kind
    expect(ask({ beats: true }, { beats: true })).toBe('telemetry-upload')
    expect(ask({ beats: false }, { beats: true })).toBeUndefined()
    expect(ask({ alongside: ['doorbell', 'call'] }, { alongside: new Set(['call']) })).toBe('telemetry-upload')
    expect(ask({ alongside: ['doorbell'] }, { alongside: new Set(['call']) })).toBeUndefined()
  })

  it('is clear where its rule asks for no other event with the far end', () => {
    const isClear = (when: EventConditions): boolean | undefined =>
      judge(scene({}, { alongside: new Set(['call']) }), [rule(when)])?.isClear
    expect([isClear({}), isClear({ alongside: ['call'] })]).toEqual([true, false])
  })

  it('knows a name by where it comes from', () => {
    const from = (namedBy: EventEndpoint['namedBy']): boolean => isNamed({ host: 'a.example', namedBy })
    expect((['tls', 'quic', 'http', 'dns', 'certificate', 'dns-other', 'remembered'] as const).map(from)).not.toContain(
      false,
    )
    expect([from('network'), isNamed({ host: null, namedBy: 'tls' })]).toEqual([false, false])
  })

  it('is asked for only where a rule may hold', () => {
    expect(smallestAsked([])).toEqual({ sent: 50_000, received: Number.POSITIVE_INFINITY })
    const rules = [
      rule({ sent: { from: 7_000 } }),
      rule({ sent: { from: 8_000 } }),
      rule({ received: { from: 900 } }),
      rule({ received: { from: 500 } }),
    ]
    expect(smallestAsked(rules)).toEqual({ sent: 7_000, received: 500 })
    expect(smallestAsked([rule({})])).toEqual({ sent: 50_000, received: 0 })
  })
})

const far = (number: number): EventEndpoint => ({
  number,
  host: 'a.example.com',
  address: '192.0.2.1',
  company: 'example',
  purpose: 'cloud',
  network: null,
  labels: [],
  namedBy: 'tls',
})

class Watcher {
  readonly reported: (EventFact | string)[] = []
  readonly engine: EventEngine

  constructor(rules: CompiledEventRule[], keptPerDevice?: number) {
    const listener = {
      event: (event: EventFact) => this.reported.push(event),
      withdrawn: (id: string) => this.reported.push(id),
    }
    this.engine = new EventEngine(rules, listener, keptPerDevice === undefined ? {} : { keptPerDevice })
    this.engine.addEndpoints(Array.from({ length: 20 }, (_, index) => far(index + 1)))
  }

  cells(...cells: Cell[]): void {
    this.engine.add(Float64Array.from(cells.flat()))
  }

  get sizes(): unknown[] {
    return this.reported.map((one) => (typeof one === 'string' ? one : [one.id, one.kind, one.sent, one.received]))
  }
}

describe('an event', () => {
  it('has every figure of its burst', () => {
    const watcher = new Watcher([])
    watcher.cells([1_000, 3, 7, 60_000, 777], [1_001, 3, 7, 2_000, 1])
    watcher.engine.finish()
    expect(watcher.reported.at(0)).toEqual({
      id: '3-7-1000',
      at: 1_000,
      device: 3,
      endpoint: 7,
      kind: 'unknown-upload',
      company: 'example',
      host: 'a.example.com',
      purpose: 'cloud',
      sent: 62_000,
      received: 778,
      seconds: 2,
      confidence: 0.3,
      reasons: expect.any(Array),
    })
  })

  it('is reported again with exactly the rest when a part of it goes to a late owner', () => {
    const watcher = new Watcher([])
    watcher.cells([1_000, 0, 1, 100_000, 700])
    watcher.engine.mark(2_000)
    watcher.cells([1_000, 0, 1, -30_000, -200])
    watcher.cells([1_000, 0, 1, -10_000, -100])
    expect(watcher.sizes).toEqual([
      ['0-1-1000', 'unknown-upload', 100_000, 700],
      ['0-1-1000', 'unknown-upload', 70_000, 500],
      ['0-1-1000', 'unknown-upload', 60_000, 400],
    ])
    watcher.cells([1_000, 0, 1, -10_001, -1_000])
    expect(watcher.reported.at(-1)).toBe('0-1-1000')
    watcher.cells([1_000, 0, 1, -1_000, -1_000])
    expect(watcher.reported).toHaveLength(4)
  })

  it('stays as it is when bytes of another second, endpoint or device are taken back', () => {
    const watcher = new Watcher([])
    watcher.cells([1_000, 0, 1, 60_000, 700], [1_001, 0, 1, 40_000, 700])
    watcher.engine.mark(2_000)
    watcher.cells([999, 0, 1, -1_000, 0], [1_002, 0, 1, -1_000, 0], [1_000, 0, 2, -1_000, 0], [1_000, 1, 1, -1_000, 0])
    expect(watcher.reported).toHaveLength(1)
    watcher.cells([1_001, 0, 1, -1_000, 0])
    expect(watcher.sizes.at(-1)).toEqual(['0-1-1000', 'unknown-upload', 99_000, 1_400])
  })

  it('begins with exactly what a rule, or an unknown upload, asks for', () => {
    const reported = (sent: number, received: number, rules: CompiledEventRule[] = []): unknown[] => {
      const watcher = new Watcher(rules)
      watcher.cells([1_000, 0, 1, sent, received])
      watcher.engine.finish()
      return watcher.sizes
    }
    expect([reported(49_999, 9), reported(50_000, 9)]).toEqual([[], [['0-1-1000', 'unknown-upload', 50_000, 9]]])
    const rules = [
      rule({ company: ['other'], sent: { from: 10 } }),
      rule({ company: ['example'], received: { from: 80_000 } }, { kind: 'streaming' }),
    ]
    expect([reported(5_000, 79_999, rules), reported(5_000, 80_000, rules)]).toEqual([
      [],
      [['0-1-1000', 'streaming', 5_000, 80_000]],
    ])
    expect(reported(50_000, 9, rules)).toEqual([['0-1-1000', 'unknown-upload', 50_000, 9]])
  })

  it('that changed in nothing is not reported again', () => {
    const watcher = new Watcher([rule({ device: ['camera'] }, { kind: 'motion-upload' })])
    watcher.cells([1_000, 0, 1, 100_000, 700])
    watcher.engine.finish()
    watcher.engine.setKind(0, 'plug')
    watcher.engine.setKind(0, 'plug', 'Amazon')
    expect(watcher.reported).toHaveLength(1)
    watcher.engine.setKind(0, 'camera', 'Amazon')
    watcher.engine.setKind(0, 'camera', 'Amazon')
    expect(watcher.sizes).toEqual([
      ['0-1-1000', 'unknown-upload', 100_000, 700],
      ['0-1-1000', 'motion-upload', 100_000, 700],
    ])
  })

  it('is judged again for the last bursts of a device, as many as are kept', () => {
    const again = (keptPerDevice: number | undefined, bursts: number): number => {
      const watcher = new Watcher([rule({ device: ['camera'] }, { kind: 'motion-upload' })], keptPerDevice)
      for (let index = 0; index < bursts; index++) watcher.cells([1_000 + index * 10, 0, 1, 60_000, 7])
      watcher.engine.finish()
      watcher.engine.setKind(0, 'camera')
      return watcher.reported.length - bursts
    }
    expect([again(3, 2), again(3, 3), again(3, 5)]).toEqual([2, 3, 3])
    expect([again(undefined, 512), again(undefined, 513)]).toEqual([512, 512])
  })

  it('may come after one of the last eight events of the device', () => {
    const rules = [
      rule({ sent: { from: 1_000, to: 1_999 } }, { kind: 'doorbell' }),
      rule({ sent: { from: 2_000, to: 2_999 } }, { kind: 'call' }),
      rule({ sent: { from: 3_000 }, after: { kind: ['doorbell'], within: 1e6 } }, { kind: 'live-view' }),
    ]
    const after = (others: number): unknown => {
      const watcher = new Watcher(rules)
      watcher.cells([1_000, 0, 1, 1_500, 7])
      for (let index = 1; index <= others; index++) watcher.cells([1_000 + index * 10, 0, 1, 2_500, 7])
      watcher.cells([5_000, 0, 1, 3_500, 7])
      watcher.engine.finish()
      return watcher.sizes.at(-1)
    }
    expect(after(7)).toEqual(['0-1-5000', 'live-view', 3_500, 7])
    expect(after(8)).toEqual(['0-1-1080', 'call', 2_500, 7])
  })

  it('is judged anew once the far end turns out to be called at regular times', () => {
    const watcher = new Watcher([rule({ beats: true }, { kind: 'call' })])
    watcher.cells([500, 0, 1, 60_000, 7], [500, 0, 2, 60_000, 7])
    for (let index = 0; index < 7; index++) watcher.cells([1_000 + index * 60, 0, 1, 130, 90])
    watcher.engine.finish()
    expect(watcher.sizes).toContainEqual(['0-1-500', 'call', 60_000, 7])
    expect(watcher.sizes).not.toContainEqual(['0-2-500', 'call', 60_000, 7])
  })

  it('may ask for regular calls of as many far ends of a device as are remembered, the first of which makes room', () => {
    const kindAfter = (others: number): unknown => {
      const watcher = new Watcher([rule({ beats: true }, { kind: 'call' })])
      watcher.engine.addEndpoints(Array.from({ length: 100 }, (_, index) => far(index + 21)))
      for (let endpoint = 1; endpoint <= others + 1; endpoint++)
        for (let index = 0; index < 7; index++) watcher.cells([endpoint * 1_000 + index * 60, 0, endpoint, 130, 90])
      watcher.cells([500_000, 0, 1, 60_000, 7])
      watcher.engine.finish()
      return watcher.sizes.at(-1)
    }
    expect(kindAfter(MAX_BEATING - 1)).toEqual(['0-1-500000', 'call', 60_000, 7])
    expect(kindAfter(MAX_BEATING)).toEqual(['0-1-500000', 'unknown-upload', 60_000, 7])
  })

  it('may lean on a clear one with the same far end, earlier or later, and goes with it', () => {
    const watcher = new Watcher([
      rule({ device: ['camera'], sent: { from: 5_000 } }, { kind: 'call' }),
      rule({ alongside: ['call'], sent: { from: 1_000, to: 2_000 } }, { kind: 'doorbell' }),
    ])
    watcher.cells([1_000, 0, 1, 1_500, 7], [1_000, 0, 2, 1_500, 7], [1_100, 0, 1, 1_600, 7], [1_200, 0, 1, 9_000, 7])
    watcher.cells([1_300, 0, 1, 1_700, 7])
    watcher.engine.finish()
    expect(watcher.sizes).toEqual([])
    watcher.engine.setKind(0, 'camera')
    expect(watcher.sizes.map((one) => (one as unknown[]).slice(0, 2))).toEqual([
      ['0-1-1200', 'call'],
      ['0-1-1000', 'doorbell'],
      ['0-1-1100', 'doorbell'],
      ['0-1-1300', 'doorbell'],
    ])
    watcher.reported.length = 0
    watcher.engine.setKind(0, 'plug')
    expect(watcher.reported.filter((one) => typeof one === 'string').sort()).toEqual([
      '0-1-1000',
      '0-1-1100',
      '0-1-1200',
      '0-1-1300',
    ])
  })

  it('as a heartbeat says how regular it is', () => {
    const watcher = new Watcher([])
    for (let index = 0; index < 7; index++) watcher.cells([1_000 + index * 60, 0, 1, 130, 90])
    watcher.engine.finish()
    expect(watcher.reported).toEqual([
      {
        ...far(1),
        number: undefined,
        address: undefined,
        network: undefined,
        labels: undefined,
        namedBy: undefined,
        id: '0-1-beat',
        at: 1_300,
        device: 0,
        endpoint: 1,
        kind: 'heartbeat',
        sent: 130,
        received: 90,
        seconds: 60,
        confidence: 1,
        reasons: ['a few packets every 60 s', '100 % of the last pauses fit'],
      },
    ])
  })
})
