// The capture of a home's everyday traffic has a real home's shape, and the plot and the claims say what was measured.
import { describe, expect, test } from 'vitest'
import { judgement } from './claims.ts'
import { simulateQuietHome } from './home/quiet-home.ts'
import { plot } from './report.ts'

describe('everyday traffic', () => {
  const times: number[] = []
  const facts = simulateQuietHome({ seed: 3, packets: 250_000 }, (micros) => times.push(micros))

  test('is of small packets, 0.2 to 7 a second, with quiet nights', () => {
    expect(Math.abs(facts.bytes / facts.packets - 16 - 121)).toBeLessThan(4)
    const perHour = new Map<number, number>()
    for (const micros of times) {
      const hour = Math.floor(micros / 3.6e9)
      perHour.set(hour, (perHour.get(hour) ?? 0) + 1)
    }
    const rates = [...perHour.values()].map((count) => count / 3600).slice(0, -1)
    expect(Math.min(...rates)).toBeLessThan(0.4)
    expect(Math.max(...rates)).toBeLessThan(8)
    expect(Math.max(...rates)).toBeGreaterThan(6)
    expect(facts.hours).toBeGreaterThan(24)
  })

  test('is in the order of time, and the same for the same seed', () => {
    expect(times.every((time, place) => place === 0 || time > times[place - 1])).toBe(true)
    const sums = [0, 0]
    for (const round of [0, 1])
      simulateQuietHome(
        { seed: 3, packets: 2000 },
        (micros, frame) => (sums[round] += micros + frame.reduce((a, b) => a + b, 0)),
      )
    expect(sums[0]).toBe(sums[1])
  })
})

test('a claim says whether it holds, and that it was not measured', () => {
  expect(judgement('a', '0.5', 0.49, 0.5)).toContain(': holds, measured 0.49')
  expect(judgement('a', '0.5', 0.51, 0.5)).toContain('DOES NOT HOLD')
  expect(judgement('a', '0.5', null, 0.5)).toContain('not measured')
})

test('the plot has a bar for each program, as long as its value', () => {
  const svg = plot('CPU', 's', [
    { group: 'one <1>', program: 'telltale', value: 2 },
    { group: 'one <1>', program: 'other', value: 4 },
  ])
  const widths = [...svg.matchAll(/<rect x="230" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width))
  expect(widths).toEqual([210, 420])
  expect(svg).toContain('one &lt;1>')
})
