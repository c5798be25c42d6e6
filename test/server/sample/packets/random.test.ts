// The seeded numbers are the same for the same seed, and spread as they should be.
import { describe, expect, test } from 'vitest'
import { derivedSeed, seededRandom } from '../../../../server/sample/packets/random.ts'

describe('seededRandom', () => {
  test('gives the same numbers for the same seed and others for the next seed', () => {
    const draw = (seed: number): number[] => Array.from({ length: 20 }, seededRandom(seed).next)
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  test('spreads numbers evenly over [0, 1)', () => {
    const random = seededRandom(1)
    const tenths = new Array<number>(10).fill(0)
    for (let draw = 0; draw < 100_000; draw++) tenths[Math.floor(random.next() * 10)]++
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  test('includes both ends of a range of whole numbers', () => {
    const random = seededRandom(2)
    const seen = new Set(Array.from({ length: 1000 }, () => random.integer(-1, 2)))
    expect([...seen].sort((one, other) => one - other)).toEqual([-1, 0, 1, 2])
  })

  test('draws exponentially with the mean asked for and Pareto from 1 to the cap', () => {
    const random = seededRandom(3)
    const gaps = Array.from({ length: 50_000 }, () => random.exponential(40))
    expect(gaps.reduce((sum, gap) => sum + gap) / gaps.length).toBeCloseTo(40, -1)
    const tails = Array.from({ length: 50_000 }, () => random.heavyTailed(1.2, 150))
    expect(Math.min(...tails)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...tails)).toBe(150)
  })

  test('fills any length with bytes of all values', () => {
    const bytes = seededRandom(4).bytes(10_001)
    expect(bytes).toHaveLength(10_001)
    expect(new Set(bytes).size).toBe(256)
  })

  test('refuses to pick from nothing', () => {
    expect(() => seededRandom(5).pick([])).toThrow('the list is empty')
  })
})

test('derived seeds of neighbours and of their neighbours are all different', () => {
  const seeds = [1, 2, 3].flatMap((seed) => Array.from({ length: 10_000 }, (_, index) => derivedSeed(seed, index - 3)))
  // 30,000 draws of 32 bits: about 0.1 pairs that are alike by chance.
  expect(new Set(seeds).size).toBeGreaterThan(29_995)
})
