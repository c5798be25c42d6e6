// The past of uploads: sums of ten minutes, an hour and a day, what is usual, and what is accounted for.
import { describe, expect, it } from 'vitest'
import {
  addToPast,
  type Amounts,
  daysKnown,
  hourSent,
  learn,
  newPast,
  type Past,
  rememberUnusual,
  settle,
  usualOf,
} from '../../../server/alerts/past.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

const TODAY = START / DAY
const add = (past: Past, second: number, amount: number, sent = amount, from = second): Amounts =>
  addToPast(past, second, Math.floor(second / DAY), amount, sent, from)

describe('the sums of what was sent', () => {
  it('are of the ten minutes of the clock, of six of them, and of the local day', () => {
    const past = newPast(START)
    expect(add(past, START, 5)).toEqual({ ten: 5, hour: 5, day: 5 })
    expect(add(past, START + 599, 7)).toEqual({ ten: 12, hour: 12, day: 12 })
    expect(add(past, START + 600, 1)).toEqual({ ten: 1, hour: 13, day: 13 })
    expect(add(past, START + 3_599, 1)).toEqual({ ten: 1, hour: 14, day: 14 })
    expect(add(past, START + 3_600, 1)).toEqual({ ten: 1, hour: 3, day: 15 })
    expect(add(past, START + 9 * HOUR, 2)).toEqual({ ten: 2, hour: 2, day: 17 })
    expect(add(past, START + DAY - 1, 2)).toEqual({ ten: 2, hour: 2, day: 19 })
    expect(add(past, START + DAY, 3)).toEqual({ ten: 3, hour: 5, day: 3 })
  })

  it.each([1, 2, 3])('are those of the same times in a list of all (seed %i)', (seed) => {
    const { next, integer } = seededRandom(seed)
    const past = newPast(START)
    const all: [second: number, amount: number][] = []
    let second = START
    for (let step = 0; step < 2_000; step++) {
      second += next() < 0.1 ? integer(0, 3 * HOUR) : integer(0, 200)
      const amount = integer(0, 9_999)
      all.push([second, amount])
      const period = Math.floor(second / 600)
      const sumOf = (isIn: (at: number) => boolean): number =>
        all.reduce((sum, [at, sent]) => (isIn(at) ? sum + sent : sum), 0)
      expect(add(past, second, amount)).toEqual({
        ten: sumOf((at) => Math.floor(at / 600) === period),
        hour: sumOf((at) => Math.floor(at / 600) > period - 6),
        day: sumOf((at) => Math.floor(at / DAY) === Math.floor(second / DAY)),
      })
    }
  })

  it('are lowered by what is taken back, never below nothing', () => {
    const past = newPast(START)
    add(past, START, 500)
    expect(add(past, START + 1, -200)).toEqual({ ten: 300, hour: 300, day: 300 })
    expect(add(past, START + 2, -900)).toEqual({ ten: 0, hour: 0, day: 0 })
    expect(past.total).toBe(0)
  })
})

describe('the last hour', () => {
  it('begins with the first ten minutes that have a share of it', () => {
    const past = newPast(START)
    add(past, START, 20, 20)
    add(past, START + 1_300, 500, 980)
    expect(hourSent(past, START + 1_300)).toEqual({ from: START + 1_200, bytes: 980 })
    add(past, START + 1_900, 0, 20)
    expect(hourSent(past, START + 1_900)).toEqual({ from: START + 1_200, bytes: 1_000 })
    const even = newPast(START)
    add(even, START, 21)
    add(even, START + 1_300, 979)
    expect(hourSent(even, START + 1_300)).toEqual({ from: START, bytes: 1_000 })
  })

  it('has nothing of what lies six periods back', () => {
    const past = newPast(START)
    add(past, START, 900)
    expect(hourSent(past, START + 3_599)).toEqual({ from: START, bytes: 900 })
    expect(hourSent(past, START + 3_600)).toEqual({ from: START + 3_600, bytes: 0 })
  })
})

describe('what is not counted yet', () => {
  it('begins with its first byte, also after all before was accounted for', () => {
    const past = newPast(START)
    add(past, START + 60, 10, 10, START + 7)
    expect([past.total - past.counted, past.since]).toEqual([10, START + 7])
    // Another row of the same destination is reported later, of an earlier time.
    add(past, START + 61, 10, 10, START + 3)
    expect([past.total - past.counted, past.since]).toEqual([20, START + 3])
    settle(past)
    expect(past.total - past.counted).toBe(0)
    add(past, START + 900, 1, 5, START + 890)
    expect([past.total - past.counted, past.since]).toEqual([5, START + 890])
  })

  it('is what was sent since, and none of it is in the sums', () => {
    const past = newPast(START)
    add(past, START, 10)
    settle(past)
    expect(add(past, START + 1, 4)).toEqual({ ten: 4, hour: 4, day: 4 })
    expect(hourSent(past, START + 1).bytes).toBe(4)
  })
})

describe('what is usual', () => {
  const after = (days: readonly [day: number, Amounts][]): Past => {
    const past = newPast(START)
    for (const [day, amounts] of days) learn(past, TODAY + day, amounts)
    return past
  }
  const of = (ten: number, hour: number, day: number): Amounts => ({ ten, hour, day })

  it('is the most of each span on the days before, and not of today', () => {
    const past = after([
      [0, of(1, 20, 300)],
      [0, of(2, 10, 400)],
      [1, of(1, 30, 200)],
      [3, of(9, 90, 900)],
    ])
    expect(usualOf(past, TODAY + 3)).toEqual(of(2, 30, 400))
    expect(usualOf(past, TODAY + 4)).toEqual(of(9, 90, 900))
    expect(usualOf(past, TODAY)).toEqual(of(0, 0, 0))
    expect([0, 1, 3, 4].map((day) => daysKnown(past, TODAY + day))).toEqual([0, 1, 2, 3])
  })

  it('is of the last 28 days with traffic', () => {
    const past = newPast(START)
    for (let day = 0; day < 40; day++) learn(past, TODAY + day, of(100 - day, 100 - day, 100 - day))
    expect(past.days).toHaveLength(28)
    expect(usualOf(past, TODAY + 40)).toEqual(of(88, 88, 88))
  })

  it('is not changed by a day that is over, nor before its time', () => {
    const past = after([[5, of(1, 1, 1)]])
    learn(past, TODAY + 4, of(9, 9, 9))
    expect(past.days).toEqual([{ day: TODAY + 5, ten: 1, hour: 1, whole: 1 }])
  })

  it('is at least the habit, of ten minutes and of an hour', () => {
    const past = after([[0, of(5, 50, 500)]])
    past.habit = 40
    expect(usualOf(past, TODAY + 1)).toEqual(of(40, 50, 500))
    past.habit = 100
    expect(usualOf(past, TODAY + 1)).toEqual(of(100, 100, 600))
  })
})

describe('an hour that stood out', () => {
  const HABIT_DAYS = 3
  it(`is a habit on the ${HABIT_DAYS}rd day with half as much or more, and not on one day alone`, () => {
    const past = newPast(START)
    for (let times = 0; times < 20; times++) expect(rememberUnusual(past, TODAY, 800)).toBe(false)
    for (let day = 1; day < HABIT_DAYS - 1; day++) expect(rememberUnusual(past, TODAY + day, 500)).toBe(false)
    const large = structuredClone(past)
    expect(rememberUnusual(large, TODAY + 9, 1_001)).toBe(false)
    expect(rememberUnusual(past, TODAY + 9, 1_000)).toBe(true)
  })

  it('is remembered with its most, for the last eight days', () => {
    const past = newPast(START)
    for (let day = 0; day < 12; day++) {
      rememberUnusual(past, TODAY + day, 10 + day)
      rememberUnusual(past, TODAY + day, 5)
    }
    expect(past.unusual).toEqual(Array.from({ length: 8 }, (_, at) => ({ day: TODAY + 4 + at, hour: 14 + at })))
  })
})

it('goes on after a restart as if there had been none', () => {
  const { integer } = seededRandom(11)
  const one = newPast(START)
  let other = newPast(START)
  let second = START
  for (let step = 0; step < 3_000; step++) {
    second += integer(1, 900)
    const [amount, day] = [integer(0, 5_000), Math.floor(second / DAY)]
    for (const past of [one, other]) learn(past, day, add(past, second, amount))
    if (step % 50 === 0) expect(rememberUnusual(one, day, amount)).toBe(rememberUnusual(other, day, amount))
    other = JSON.parse(JSON.stringify(other)) as Past
    expect(other).toEqual(one)
  }
})
