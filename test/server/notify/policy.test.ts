// Which updates of alerts are told: by a clock that the test moves, with memories that went over the disk.
import { describe, expect, it, test } from 'vitest'
import type { Alert, WordedAlert } from '../../../server/alerts/alert.ts'
import { MAX_NEW, NotificationPolicy } from '../../../server/notify/policy.ts'
import {
  MAX_AN_HOUR,
  MAX_TOLD,
  newPolicyMemory,
  type PolicyMemory,
  readPolicyMemory,
} from '../../../server/notify/policy-memory.ts'
import { uploadAlert } from './upload-alert.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOON = Date.UTC(2026, 5, 1, 12)

/** A channel's policy over a memory; what is told is noted as "phase sequence amount". */
class Bench {
  now = NOON
  readonly told: string[] = []
  memory: PolicyMemory = newPolicyMemory()
  readonly updates: boolean

  constructor(updates: boolean) {
    this.updates = updates
  }

  get policy(): NotificationPolicy {
    return new NotificationPolicy(this.memory, { updates: this.updates })
  }

  /** Null where nothing is told. */
  update(more: Partial<WordedAlert> = {}, waits = false): string | null {
    const alert = uploadAlert(more)
    const { told } = this.policy.update({ alert, who: `Device ${alert.device}`, now: this.now, waits })
    if (told === null) return null
    const line = `${told.phase} ${told.sequence} ${alert.bytes}`
    this.told.push(line)
    return line
  }

  /** As after a start of Telltale. */
  restart(): void {
    this.memory = readPolicyMemory(JSON.parse(JSON.stringify(this.memory)))
  }

  get newOnes(): number {
    return this.memory.incidents.reduce((sum, { notifications }) => sum + notifications, 0)
  }
}

const replacing = (): Bench => new Bench(true)
const adding = (): Bench => new Bench(false)

describe.each([
  ['that replaces', replacing],
  ['that cannot replace', adding],
])('an incident on a channel %s', (_name, make) => {
  it('is told at its first update, at ten times as much, and at its end', () => {
    const bench = make()
    for (let second = 0; second < 200; second++) {
      bench.now = NOON + second * 1_000
      bench.update({ bytes: 10_000 * (second + 1), to: 1_000 + second, isOver: false })
    }
    bench.update({ bytes: 2_000_000, to: 1_200, isOver: true })
    bench.update({ bytes: 2_000_000, to: 1_200, isOver: true })
    const growth = make().updates ? ['growth 2 100000', 'growth 3 1000000'] : ['growth 2 610000']
    expect(bench.told).toEqual(['start 1 10000', ...growth, `end ${growth.length + 2} 2000000`])
  })

  it('without a duration has one message', () => {
    const bench = make()
    bench.update({ isOver: true })
    bench.update({ isOver: true })
    bench.update({ isOver: true, bytes: 900_000 })
    expect(bench.told).toEqual(['end 1 100000'])
    bench.now += MINUTE
    expect(bench.update({ isOver: true, bytes: 1_000_000 })).toBe('growth 2 1000000')
  })

  it('that is not about bytes grows by what it counts', () => {
    const bench = make()
    const hold = (): void => void (bench.now += MINUTE)
    const silent = (seen: number): Partial<WordedAlert> => ({ unit: 'seconds', seen, bytes: 0, isOver: false })
    expect([360, 1_000, 3_599, 3_600].map((seen) => (hold(), bench.update(silent(seen))))).toEqual([
      'start 1 0',
      null,
      null,
      'growth 2 0',
    ])
  })

  it('that goes on after its end has another end message once it is twice as much', () => {
    const bench = make()
    const clip = (bytes: number): void => {
      bench.update({ bytes: bytes - 1, isOver: false })
      bench.update({ bytes, isOver: true })
    }
    clip(400_000)
    clip(799_999)
    expect(bench.told).toEqual(['start 1 399999', 'end 2 400000'])
    clip(800_000)
    expect(bench.told.at(-1)).toBe('end 3 800000')
  })

  it('has an end message after a growth, however little came after it', () => {
    const bench = make()
    bench.update({ isOver: false })
    bench.now += MINUTE
    bench.update({ bytes: 1_000_000, isOver: false })
    expect(bench.update({ bytes: 1_000_001, isOver: true })).toBe('end 3 1000001')
  })

  it('pushes nothing for each clip of a rhythm', () => {
    const bench = make()
    for (let clip = 1; clip <= 70; clip++) {
      bench.now += 5 * MINUTE
      bench.update({ bytes: 400_000 * clip - 200_000, times: clip, isOver: false })
      bench.update({ bytes: 400_000 * clip, times: clip, isOver: true })
    }
    // Twice as much each time, and ten times: never more than the logarithm of it.
    expect(bench.told.length).toBeLessThanOrEqual(9)
    expect(bench.newOnes).toBe(bench.updates ? 1 : MAX_NEW + 1)
  })

  it('goes on where it was after a restart in between', () => {
    const bench = make()
    bench.update({ isOver: false })
    bench.now += MINUTE
    bench.restart()
    expect(bench.update({ bytes: 999_999, isOver: false })).toBeNull()
    bench.restart()
    expect(bench.update({ bytes: 1_000_000, isOver: false })).toBe('growth 2 1000000')
    bench.restart()
    expect(bench.policy.know(uploadAlert({ bytes: 5e6 }))).toBe(false)
    expect(bench.update({ bytes: 5_000_000, isOver: true })).toBe('end 3 5000000')
    bench.restart()
    expect(bench.update({ bytes: 5_000_000, isOver: true })).toBeNull()
  })

  it('that was there before is told of once it is ten times as much, and of its end then', () => {
    const bench = make()
    expect(bench.policy.know(uploadAlert())).toBe(true)
    bench.restart()
    expect(bench.update({ isOver: false })).toBeNull()
    expect(bench.update({ bytes: 900_000, isOver: true })).toBeNull()
    expect(bench.update({ bytes: 1_000_000, isOver: false })).toBe('growth 1 1000000')
    bench.now += MINUTE
    expect(bench.update({ bytes: 1_100_000, isOver: true })).toBe('end 2 1100000')
  })

  it.each(['it-was-me', 'expected', 'habit'] as const)('says nothing more once it is decided: %s', (state) => {
    const bench = make()
    bench.update({ isOver: false })
    expect(bench.update({ state, isOver: false, bytes: 1e9 })).toBeNull()
    expect(bench.update({ state, isOver: true, bytes: 1e9 })).toBeNull()
    expect(bench.update({ id: 'alert-2', state, bytes: 1e9 })).toBeNull()
    // Taken back, its end is told after all.
    expect(bench.update({ isOver: true, bytes: 1e9 })).toBe('end 2 1000000000')
  })

  it('is another one under the number of one that was lost', () => {
    const bench = make()
    bench.update({ isOver: true })
    expect(bench.update({ from: 5_000, isOver: true })).toBe('end 1 100000')
  })
})

describe('a channel that cannot replace', () => {
  it('gets the start, one growth and the end of an incident that grows and grows', () => {
    const bench = adding()
    for (let bytes = 100_000; bytes <= 1e10; bytes *= 10) {
      bench.update({ bytes, isOver: false })
      bench.now += MINUTE
    }
    bench.update({ bytes: 2e10, isOver: true })
    expect(bench.told).toEqual(['start 1 100000', 'growth 2 1000000', 'end 3 20000000000'])
    expect(bench.newOnes).toBe(MAX_NEW)
  })

  it('keeps its third one for the end of what goes on after an end', () => {
    const bench = adding()
    bench.update({ bytes: 50_000, isOver: false })
    bench.update({ bytes: 5e6, isOver: true })
    bench.update({ bytes: 5e7, isOver: false })
    bench.update({ bytes: 3.05e8, isOver: true })
    expect(bench.told).toEqual(['start 1 50000', 'end 2 5000000', 'end 3 305000000'])
  })

  it('is told the end of ten times as much, whatever was told before', () => {
    const bench = adding()
    for (const bytes of [1e5, 2e5, 3e5]) {
      bench.update({ bytes: bytes / 2, isOver: false })
      bench.update({ bytes, isOver: true })
    }
    expect(bench.told).toEqual(['start 1 50000', 'end 2 100000', 'end 3 200000'])
    expect(bench.update({ bytes: 1.9e6, isOver: true })).toBeNull()
    bench.update({ bytes: 5e9, isOver: false })
    expect(bench.update({ bytes: 5e9, isOver: true })).toBe('end 4 5000000000')
  })

  it('counts a message once that another one replaced while it waited', () => {
    const bench = adding()
    bench.update({ isOver: false })
    for (let bytes = 1e6; bytes <= 1e9; bytes *= 10) bench.update({ bytes, isOver: false }, true)
    bench.update({ bytes: 2e9, isOver: true }, true)
    expect(bench.told.at(-1)).toBe('end 6 2000000000')
    expect(bench.newOnes).toBe(1)
  })
})

describe('a channel that replaces', () => {
  it('has one notification of an incident, however often it is brought up to date', () => {
    const bench = replacing()
    for (let bytes = 100_000; bytes <= 1e10; bytes *= 10) bench.update({ bytes, isOver: false })
    bench.update({ bytes: 2e10, isOver: true })
    expect(bench.told).toHaveLength(7)
    expect(bench.newOnes).toBe(1)
    expect(bench.memory.recent).toHaveLength(1)
  })
})

describe('an hour', () => {
  const begin = (bench: Bench, number: number, more: Partial<WordedAlert> = {}): string | null =>
    bench.update({ id: `alert-${number}`, device: number % 2 === 0 ? 'even' : 'odd', isOver: true, ...more })

  it('has twelve new notifications at most, and one summary at its end that names the devices', () => {
    const bench = replacing()
    for (let number = 0; number < 25; number++) {
      bench.now = NOON + number * MINUTE
      begin(bench, number)
    }
    expect(bench.told).toHaveLength(MAX_AN_HOUR)
    expect(bench.policy.wait(bench.now)).toBe(36 * MINUTE)
    bench.now = NOON + HOUR - 1
    expect(bench.policy.summary(bench.now)).toBeNull()
    bench.restart()
    bench.now = NOON + HOUR
    expect(bench.policy.summary(bench.now)).toEqual({
      devices: [
        { name: 'Device even', count: 7 },
        { name: 'Device odd', count: 6 },
      ],
      about: ['even', 'odd'],
      kind: 'upload-spike',
    })
    expect(bench.policy.summary(bench.now)).toBeNull()
    expect(bench.policy.wait(bench.now)).toBeNull()
  })

  it('never has more than twelve and a summary, wherever it begins', () => {
    const bench = replacing()
    const sent: number[] = []
    const sums: number[] = []
    for (let minute = 0; minute < 600; minute++) {
      bench.now = NOON + minute * MINUTE
      if (bench.policy.summary(bench.now) !== null) sums.push(bench.now)
      if (begin(bench, minute) !== null) sent.push(bench.now)
    }
    const within = (times: number[], from: number): number =>
      times.filter((at) => at >= from && at < from + HOUR).length
    for (const from of [...sent, ...sums]) {
      expect(within(sent, from)).toBeLessThanOrEqual(MAX_AN_HOUR)
      expect(within(sums, from)).toBeLessThanOrEqual(1)
    }
    expect(sent.length).toBeGreaterThan(100)
    expect(sums.length).toBeGreaterThan(8)
  })

  it.each(['ceiling', 'nameless', 'new'] as const)('is passed by what is serious: %s', (reason) => {
    const bench = replacing()
    for (let number = 0; number < 20; number++) begin(bench, number)
    expect(begin(bench, 100)).toBeNull()
    expect(begin(bench, 101, { reason })).toBe('end 1 100000')
    // What is in the summary is told after all once it has become serious.
    expect(begin(bench, 100, { reason })).toBe('end 1 100000')
    bench.now += HOUR
    expect(bench.policy.summary(bench.now)?.devices.reduce((sum, { count }) => sum + count, 0)).toBe(8)
  })

  it('drops no end of an incident whose start was sent', () => {
    const bench = adding()
    bench.update({ isOver: false })
    for (let number = 10; number < 40; number++) begin(bench, number)
    expect(bench.update({ bytes: 1e6, isOver: false })).toBeNull()
    expect(bench.update({ bytes: 2e6, isOver: true })).toBe('end 2 2000000')
    expect(begin(bench, 41)).toBeNull()
  })

  it('leaves room again, and what is told then is in no summary', () => {
    const bench = replacing()
    for (let number = 0; number < 13; number++) begin(bench, number, { isOver: false })
    expect(begin(bench, 12, { isOver: false, bytes: 500_000 })).toBeNull()
    bench.now += HOUR
    expect(begin(bench, 12, { isOver: false, bytes: 600_000 })).toBe('start 1 600000')
    expect(bench.policy.summary(bench.now)).toBeNull()
  })

  it('has nothing in its summary that was decided or whose device was forgotten', () => {
    const bench = replacing()
    for (let number = 0; number < 15; number++) begin(bench, number)
    begin(bench, 12, { state: 'it-was-me' })
    bench.policy.forget(['odd'])
    expect(JSON.stringify(bench.memory)).not.toContain('odd')
    bench.now += HOUR
    expect(bench.policy.summary(bench.now)).toMatchObject({ devices: [{ name: 'Device even', count: 1 }] })
  })

  it('once it is summed up, an incident is told by itself at ten times as much', () => {
    const bench = replacing()
    for (let number = 0; number < 13; number++) begin(bench, number)
    bench.now += HOUR
    expect(bench.policy.summary(bench.now)).not.toBeNull()
    expect(begin(bench, 12, { bytes: 900_000 })).toBeNull()
    expect(begin(bench, 12, { bytes: 1_000_000 })).toBe('end 1 1000000')
  })

  it('ends though the clock was years ahead for a while', () => {
    const bench = replacing()
    bench.now = NOON + 10_000 * HOUR
    for (let number = 0; number < 13; number++) begin(bench, number)
    bench.now = NOON
    expect(bench.policy.wait(bench.now)).toBe(HOUR)
    expect(bench.policy.summary(bench.now)).not.toBeNull()
    expect(begin(bench, 50)).toBe('end 1 100000')
  })
})

describe('the memory', () => {
  it('has a cap, and forgets what goes on last', () => {
    const bench = replacing()
    bench.update({ isOver: false })
    for (let number = 10; number < 10 + 2 * MAX_TOLD; number++) bench.update({ id: `alert-${number}`, isOver: true })
    expect(bench.memory.incidents).toHaveLength(MAX_TOLD)
    expect(bench.update({ bytes: 200_000, isOver: true })).toBe('end 2 200000')
  })

  it('is read as far as it can be used', () => {
    for (const damaged of [null, 7, 'x', {}, { incidents: 3, recent: ['x'], summed: [null], due: 'soon' }])
      expect(readPolicyMemory(damaged)).toEqual(newPolicyMemory())
    const bench = adding()
    bench.update()
    const [good] = bench.memory.incidents
    expect(readPolicyMemory({ incidents: [good, { ...good, phase: 'else' }, null] }).incidents).toEqual([good])
  })

  it('of the version before says what was told once, and the next update how much it is', () => {
    const bench = replacing()
    bench.memory = readPolicyMemory(['alert-1-1000', 7])
    expect(bench.update({ bytes: 5e6, isOver: false })).toBeNull()
    expect(bench.update({ bytes: 4.9e7, isOver: false })).toBeNull()
    expect(bench.update({ bytes: 5e7, isOver: false })).toBe('growth 2 50000000')
  })
})

/** Numbers that look like chance and are the same each time. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each([
  ['replaces', true],
  ['cannot replace', false],
])('whatever incidents do, a channel that %s keeps to its limits and hears every end', (_name, updates) => {
  const random = chance(updates ? 1 : 2)
  const bench = new Bench(updates)
  const incidents = new Map<string, Alert>()
  const texts = new Map<string, Set<string>>()
  const lastTold = new Map<string, { bytes: number; phase: string }>()
  for (let step = 0; step < 20_000; step++) {
    bench.now += Math.floor(random() * 20_000)
    if (random() < 0.02) bench.restart()
    bench.policy.summary(bench.now)
    const id = `alert-${Math.floor(step / 400) * 10 + Math.floor(random() * 10)}`
    const before = incidents.get(id) ?? uploadAlert({ id, bytes: 50_000 })
    const isOver = random() < 0.3
    const bytes = isOver && !before.isOver ? before.bytes : Math.round(before.bytes * (1 + random() ** 6 * 20))
    const alert = uploadAlert({ id, bytes, isOver })
    incidents.set(id, alert)
    const line = bench.update(alert)
    if (line === null) continue
    const [phase = ''] = line.split(' ')
    const known = texts.get(id) ?? new Set()
    const content = `${isOver} ${bytes}`
    expect(known.has(content)).toBe(false)
    texts.set(id, known.add(content))
    lastTold.set(id, { bytes, phase })
  }
  for (const [id, { bytes, phase }] of lastTold) {
    const alert = incidents.get(id) as Alert
    const told = bench.memory.incidents.find((one) => one.id === `${id}-1000`)
    // Three, and the ends of ten times as much.
    const tenfolds = Math.max(0, Math.ceil(Math.log10(alert.bytes / 50_000)))
    expect(told?.notifications ?? 1).toBeLessThanOrEqual(updates ? 1 : MAX_NEW + tenfolds)
    if (alert.isOver) expect([phase, bytes * 10 > alert.bytes]).toEqual(['end', true])
  }
  expect(lastTold.size).toBeGreaterThan(100)
})
