// Tests of verdicts on look-ups: each look-up gets one, whatever a log writes about its answer and in which order.
import { beforeEach, describe, expect, test } from 'vitest'
import type { AnswerStatus } from '../../../capture/logs/record.ts'
import { LookupVerdicts, type VerdictCounts } from '../../../server/session/lookup-verdicts.ts'

const A = 1
const AAAA = 28

let verdicts: LookupVerdicts<VerdictCounts>
let counts: VerdictCounts
beforeEach(() => {
  verdicts = new LookupVerdicts()
  counts = { blocked: 0, answered: 0 }
})

interface Of {
  client?: string
  name?: string
  type?: number
  counts?: VerdictCounts
}
const about = ({ client = '192.0.2.5', name = 'ads.example.com', type = A }: Of) => ({ client, name, type })
const ask = (time: number, of: Of = {}): void => verdicts.asked({ ...about(of), time }, of.counts ?? counts)
const answer = (time: number, status: AnswerStatus, of: Of = {}): VerdictCounts | null =>
  verdicts.answered({ ...about(of), status, time })

test('a look-up is blocked or answered once, however many lines repeat it', () => {
  ask(1000)
  expect(answer(1000, 'blocked')).toBe(counts)
  // The reply behind the filter's line, and a second log of the same resolver.
  expect([answer(1000, 'blocked'), answer(1001, 'blocked'), answer(1030, 'blocked')]).toEqual([null, null, null])
  ask(1040)
  for (let record = 0; record < 4; record++) answer(1040, 'answered')
  expect(counts).toEqual({ blocked: 1, answered: 1 })
})

test.each<[AnswerStatus, VerdictCounts]>([
  ['answered', { blocked: 0, answered: 1 }],
  ['blocked', { blocked: 1, answered: 0 }],
  ['no-name', { blocked: 0, answered: 0 }],
  ['no-data', { blocked: 0, answered: 0 }],
  ['refused', { blocked: 0, answered: 0 }],
  ['failed', { blocked: 0, answered: 0 }],
])('%s counts as what it is: a name that is nowhere is no block', (status, expected) => {
  ask(1000)
  answer(1000, status)
  expect(counts).toEqual(expected)
})

test('an alias that turns out to lead to a blocked name is blocked, not answered as well', () => {
  ask(1000)
  answer(1000, 'answered')
  expect(answer(1001, 'blocked')).toBe(counts)
  expect(counts).toEqual({ blocked: 1, answered: 0 })
  answer(1001, 'answered')
  expect(counts).toEqual({ blocked: 1, answered: 0 })
})

test('an error of one upstream before the answer of another is an answer', () => {
  ask(1000)
  answer(1000, 'failed')
  answer(1002, 'answered')
  expect(counts).toEqual({ blocked: 0, answered: 1 })
})

describe('look-ups of one name', () => {
  test('made at once get a verdict each', () => {
    ask(1000)
    ask(1000)
    ask(1000)
    for (let line = 0; line < 5; line++) answer(1001, 'blocked')
    expect(counts.blocked).toBe(3)
  })

  test('that nobody answered stay without a verdict when the next is answered in several lines', () => {
    ask(1000)
    ask(1030)
    answer(1030, 'answered')
    answer(1030, 'answered')
    answer(1030, 'answered')
    expect(counts.answered).toBe(1)
  })

  test('long ago, or still to come, are not what a line is about', () => {
    ask(1000)
    expect(answer(1100, 'blocked')).toBeNull()
    ask(2000)
    expect(answer(1990, 'blocked')).toBeNull()
    expect(answer(2000, 'blocked')).toBe(counts)
  })

  test('of other clients, names and letters of another size are told apart as resolvers do', () => {
    const other = { blocked: 0, answered: 0 }
    ask(1000)
    ask(1000, { client: '192.0.2.6', counts: other })
    expect(answer(1000, 'blocked', { name: 'example.com' })).toBeNull()
    answer(1000, 'blocked', { name: 'ADS.Example.com' })
    expect([counts.blocked, other.blocked]).toEqual([1, 0])
  })

  test('of two types are blocked both, where the log does not say which line is about which', () => {
    ask(1000, { type: A })
    ask(1000, { type: AAAA })
    answer(1000, 'blocked', { type: AAAA })
    answer(1000, 'blocked', { type: AAAA })
    expect(counts.blocked).toBe(2)
    ask(1010, { type: A })
    ask(1010, { type: AAAA })
    answer(1010, 'answered', { type: AAAA })
    answer(1010, 'answered', { type: AAAA })
    expect(counts.answered).toBe(1)
  })
})

test('a verdict counts in the minute of its look-up, and for nothing once that is forgotten', () => {
  const next = { blocked: 0, answered: 0 }
  ask(1019)
  ask(1020, { counts: next })
  answer(1021, 'blocked')
  answer(1021, 'blocked')
  expect([counts.blocked, next.blocked]).toEqual([1, 1])
  ask(1030)
  ask(1031, { counts: next })
  verdicts.forget((one) => one === counts)
  expect(answer(1031, 'blocked')).toBe(next)
  expect(answer(1031, 'blocked')).toBeNull()
  expect([counts.blocked, next.blocked]).toEqual([1, 2])
})

test('more names than there is room for lose their verdicts, the oldest first', () => {
  for (let name = 0; name < 20_001; name++) ask(1000, { name: `n${name}.example` })
  expect(answer(1000, 'blocked', { name: 'n0.example' })).toBeNull()
  expect(answer(1000, 'blocked', { name: 'n1.example' })).toBe(counts)
  for (let again = 0; again < 40; again++) ask(1000, { name: 'n2.example' })
  counts.blocked = 0
  for (let line = 0; line < 50; line++) answer(1000, 'blocked', { name: 'n2.example' })
  expect(counts.blocked).toBe(32)
})
