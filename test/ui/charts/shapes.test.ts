// Step outlines, axes and round times against the numbers that they draw.
import { describe, expect, test } from 'vitest'
import { drawSteps, runsOf } from '../../../ui/parts/charts/step-path.ts'
import { mirroredAxes, roundUp } from '../../../ui/parts/charts/rate-ticks.ts'
import { offsetAt, timeTicks } from '../../../ui/parts/charts/time-ticks.ts'

const at = (text: string): number => Date.parse(text) / 1000

function strokesOf(values: (number | null)[]): { area: string; edge: string } {
  const pen = () => {
    const strokes: string[] = []
    return {
      strokes,
      moveTo: (x: number, y: number) => {
        strokes.push(`M${x},${y}`)
      },
      lineTo: (x: number, y: number) => {
        strokes.push(`L${x},${y}`)
      },
      closePath: () => {
        strokes.push('Z')
      },
    }
  }
  const area = pen()
  const edge = pen()
  drawSteps(values, { x: (place) => place * 10, y: (value) => 100 - value }, area, edge)
  return { area: area.strokes.join(' '), edge: edge.strokes.join(' ') }
}

describe('steps', () => {
  test('hold a value over its own seconds, and merge equal neighbours', () => {
    expect(strokesOf([5, 5, 7]).edge).toBe('M0,95 L20,95 L20,93 L30,93')
  })

  test('a gap is left empty on both sides, never drawn as zero', () => {
    expect(strokesOf([5, null, 7]).edge).toBe('M0,95 L10,95 M20,93 L30,93')
    expect(strokesOf([5, null, 7]).area).toBe('M0,100 L0,95 L10,95 L10,100 Z M20,100 L20,93 L30,93 L30,100 Z')
  })

  test('runs end where a gap begins and at the end', () => {
    expect(runsOf([null, 1, 2, null, null, 3])).toEqual([
      { from: 1, to: 3 },
      { from: 5, to: 6 },
    ])
    expect(runsOf([null, null])).toEqual([])
  })
})

describe('the rate axis', () => {
  test.each([
    [0, 1],
    [1, 1],
    [1.2, 2],
    [3, 5],
    [5.1, 10],
    [900, 1000],
    [1001, 2000],
  ])('rounds %d up to %d', (value, expected) => {
    expect(roundUp(value)).toBe(expected)
  })

  test('has the same round rates and the same scale on both sides', () => {
    const { up, down } = mirroredAxes(73_000, 41_000, 4, false)
    expect(up.ticks).toEqual([50_000])
    expect(down.ticks).toEqual([])
    const many = mirroredAxes(73_000, 41_000, 12, false)
    expect(many.up.ticks).toEqual([20_000, 40_000, 60_000])
    expect(many.down.ticks).toEqual([20_000, 40_000])
    expect(many.up.share / many.up.top).toBeCloseTo(many.down.share / many.down.top)
  })

  test('leaves the flatter side a third, and reaches over the highest on each', () => {
    const { up, down } = mirroredAxes(10, 900_000, 6, false)
    expect(up.share * 3).toBeCloseTo(down.share)
    expect(up.top).toBeGreaterThan(10)
    expect(down.top).toBeGreaterThan(900_000)
  })

  test('gives each side its own scale and the same height when asked', () => {
    const { up, down } = mirroredAxes(4_200, 900_000, 6, true)
    expect([up.share, down.share]).toEqual([1, 1])
    expect(up.ticks).toEqual([2_000, 4_000])
    expect(down.ticks).toEqual([500_000])
  })

  test('has at least one rate on the higher side, whatever the value', () => {
    for (const value of [0, 1, 1.9, 4.2, 21, 49, 999, 1_000_001])
      expect(mirroredAxes(value, 0, 2, false).up.ticks.length).toBeGreaterThan(0)
  })
})

describe('round times', () => {
  test('stand on the full half hours of India, at UTC+5:30', () => {
    expect(offsetAt(at('2026-11-24T00:00:00Z'), 'Asia/Kolkata')).toBe(19_800)
    const { step, ticks } = timeTicks(at('2026-11-23T18:30:00Z'), at('2026-11-24T18:30:00Z'), 'Asia/Kolkata', 6)
    expect(step).toBe(6 * 3600)
    expect(ticks.map((tick) => new Date(tick * 1000).toISOString().slice(11, 16))).toEqual([
      '18:30',
      '00:30',
      '06:30',
      '12:30',
      '18:30',
    ])
  })

  test('days start at local midnight on both sides of a change of the clocks', () => {
    const { ticks } = timeTicks(at('2026-10-23T00:00:00Z'), at('2026-10-28T00:00:00Z'), 'Europe/Berlin', 7)
    expect(ticks.map((tick) => new Date(tick * 1000).toISOString().slice(5, 16))).toEqual([
      '10-23T22:00',
      '10-24T22:00',
      '10-25T23:00',
      '10-26T23:00',
      '10-27T23:00',
    ])
  })

  test('a span across the lost hour has no time twice', () => {
    const { ticks } = timeTicks(at('2026-03-29T00:00:00Z'), at('2026-03-29T04:00:00Z'), 'Europe/Berlin', 5)
    expect(new Set(ticks).size).toBe(ticks.length)
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b))
  })
})
