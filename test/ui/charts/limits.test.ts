// Charts at their limits: sums, tables, bars, grids, axes, and where pointer and keys put the cursor.
import { beforeEach, describe, expect, it } from 'vitest'
import type { HourGrid, Series } from '../../../server/api.ts'
import { barsOf, periodName, periodTitle } from '../../../ui/parts/charts/bars.ts'
import { seriesTable, tableOf } from '../../../ui/parts/charts/chart-table.ts'
import { busiestOf, limitsOf, stepOfHour } from '../../../ui/parts/charts/hour-steps.ts'
import { afterKey, selectionBetween, stepOf, type Pointing } from '../../../ui/parts/charts/moving.ts'
import { ChartPointing } from '../../../ui/parts/charts/pointing.svelte.ts'
import { highestOf, mirroredAxes, roundUp } from '../../../ui/parts/charts/rate-ticks.ts'
import { factsOf, momentWords, valueAt } from '../../../ui/parts/charts/series-facts.ts'
import { offsetAt, tickStep, timeTicks } from '../../../ui/parts/charts/time-ticks.ts'
import { clock, clockSeconds, dayClock, setLocale, setTimeZone } from '../../../ui/text/format.ts'

beforeEach(() => {
  setLocale('en-GB')
  setTimeZone('UTC')
})

describe('a series', () => {
  const series: Series = { from: 100, step: 10, sent: [5, null, 9, 9], received: [1, null, 2, 3] }

  it('adds up what was sent and received, its gaps and its highest step', () => {
    expect(factsOf(series)).toEqual({ sent: 23, received: 6, most: 2, gaps: 1, over: 4 })
    expect(factsOf(series, 122)).toMatchObject({ over: 1, gaps: 0 })
    expect(factsOf(series, 123)).toMatchObject({ over: 2, gaps: 1 })
    expect(factsOf({ ...series, sent: [0, null], received: [7, null] })).toMatchObject({ most: -1, received: 7 })
  })

  it('has a value at each second within', () => {
    expect([valueAt(series, 99.9), valueAt(series, 140)]).toEqual([null, null])
    expect(valueAt(series, 100)).toEqual({ start: 100, sent: 5, received: 1 })
    expect(valueAt(series, 139)).toEqual({ start: 130, sent: 9, received: 3 })
    expect(valueAt(series, 119)).toEqual({ start: 110, sent: null, received: null })
  })

  it('is written as exactly as its steps are', () => {
    expect([momentWords(59, 86_400), momentWords(60, 86_400), momentWords(1, 86_401)]).toEqual([
      clockSeconds,
      clock,
      dayClock,
    ])
  })

  it('is a table with the newest step first, of five hundred rows at most', () => {
    const table = seriesTable(series, String)
    expect(table.rows.map(([time]) => time)).toEqual(['130', '120', '110', '100'])
    expect(table.rows[0]).toEqual(['130', '9 bytes', '3 bytes'])
    expect(table.rows[2]?.[1]).toBe(table.rows[2]?.[2])
    expect([table.texts, table.left, table.head.length]).toEqual([1, 0, 3])
    const rows = (count: number) => Array.from({ length: count }, (_, index) => [String(index)])
    expect([
      tableOf([], 1, rows(500)).left,
      tableOf([], 1, rows(503)).left,
      tableOf([], 1, rows(503)).rows.length,
    ]).toEqual([0, 3, 500])
  })
})

describe('bars', () => {
  it('have both figures of their period', () => {
    expect(barsOf([0, 10, 20], [1, 2], [3])).toEqual([
      { from: 0, to: 10, sent: 1, received: 3 },
      { from: 10, to: 20, sent: 2, received: 0 },
    ])
    expect([periodName(0, 'day'), periodName(0, 'week')]).toEqual(['Thu 1 Jan', '1 Jan 1970'])
    expect(periodTitle(0, 3_600, 'week')).toBe('1 Jan 1970 00:00 – 1 Jan 1970 01:00')
  })
})

describe('the grid of hours', () => {
  const grid = (...hours: (number | null)[]): HourGrid => ({ days: [{ date: 'd', hours }] })

  it('has five steps at most between a tenth of its values and the highest', () => {
    expect(limitsOf(grid())).toEqual([])
    expect(limitsOf(grid(null, 0))).toEqual([])
    expect(limitsOf(grid(1_000_000, 100))).toEqual([100, 1_000, 10_000, 100_000, 1_000_000])
    expect(limitsOf(grid(100))).toEqual([30, 40, 60, 80, 100])
  })

  it('takes an hour for the first limit that it does not exceed', () => {
    const limits = [10, 20, 30]
    expect([null, 0, 1, 10, 11, 20, 30, 31].map((value) => stepOfHour(value, limits))).toEqual([
      null,
      0,
      3,
      3,
      4,
      4,
      5,
      5,
    ])
    expect(busiestOf(grid(1, 5, 5, null))).toEqual({ date: 'd', hour: 1, sent: 5 })
    expect(busiestOf(grid(0, null))).toBeNull()
  })
})

describe('axes', () => {
  it('have round rates', () => {
    expect([0, 1, 1.5, 2, 2.1, 5, 5.1, 10, 11, 500, 501].map(roundUp)).toEqual([
      1, 1, 2, 2, 5, 5, 10, 10, 20, 500, 1_000,
    ])
    expect(highestOf([null, 3, 9, 2])).toBe(9)
    const { up, down } = mirroredAxes(100, 300, 4, false)
    expect([up.top, down.top, up.ticks, down.ticks]).toEqual([108, 324, [], [200]])
    expect(mirroredAxes(10, 300, 4, false).up.top).toBeCloseTo(108)
    const own = mirroredAxes(10, 300, 4, true)
    expect([own.up.top, own.down.top, own.up.share, own.down.share]).toEqual([10.8, 324, 1, 1])
    expect([own.up.ticks, own.down.ticks]).toEqual([[10], [200]])
  })

  it('have round local times, as many as fit', () => {
    expect([tickStep(10, 10), tickStep(11, 10), tickStep(3_600, 4), tickStep(86_400, 4)]).toEqual([1, 2, 900, 21_600])
    expect(tickStep(400 * 86_400 + 1, 1)).toBe(401 * 86_400)
    expect([offsetAt(0, 'UTC'), offsetAt(0.9, 'Asia/Kolkata')]).toEqual([0, 19_800])
    expect(timeTicks(0, 7_200, 'UTC', 2)).toEqual({ step: 3_600, ticks: [0, 3_600, 7_200] })
    expect(timeTicks(1, 7_199, 'UTC', 2).ticks).toEqual([3_600])
  })
})

describe('the cursor of a chart', () => {
  const bounds = { from: 100, to: 200, step: 10 }
  const none: Pointing = { cursor: null, anchor: null, selection: null }

  it.each([
    ['ArrowLeft', 150, 140],
    ['ArrowRight', 150, 160],
    ['PageUp', 190, 100],
    ['PageDown', 100, 190],
    ['PageDown', 95, 190],
    ['Home', 150, 100],
    ['End', 150, 190],
    ['ArrowRight', 190, 190],
    ['ArrowLeft', 100, 100],
  ])('goes at %s from %i to %i', (key, from, to) => {
    expect(afterKey(key, false, { ...none, cursor: from }, bounds)?.cursor).toBe(to)
  })

  it('of a wide chart goes ten steps with a page', () => {
    const wide = { from: 0, to: 1_000, step: 10 }
    expect(afterKey('PageUp', false, { ...none, cursor: 500 }, wide)?.cursor).toBe(400)
    expect(afterKey('PageDown', false, { ...none, cursor: 500 }, wide)?.cursor).toBe(600)
    expect(afterKey('ArrowLeft', false, none, wide)?.cursor).toBe(990)
    expect(afterKey('Home', false, none, wide)?.cursor).toBe(0)
    expect(afterKey('x', false, none, wide)).toBeNull()
  })

  it('lies in a step, and selects whole ones', () => {
    expect([stepOf(109.9, bounds), stepOf(110, bounds), stepOf(50, bounds), stepOf(999, bounds)]).toEqual([
      100, 110, 100, 190,
    ])
    expect(selectionBetween(155, 131, bounds)).toEqual({ from: 130, to: 160 })
    expect(selectionBetween(130, 130, bounds)).toEqual({ from: 130, to: 140 })
  })

  const opened = () => {
    const reported: unknown[] = []
    const pointing = new ChartPointing({
      bounds: () => bounds,
      cursor: () => 150,
      selection: () => null,
      oncursor: (second) => reported.push(second),
      onselect: (selection) => reported.push(selection),
    })
    const target = { getBoundingClientRect: () => ({ left: 50, width: 100 }), setPointerCapture: () => undefined }
    const at = (clientX: number, more: object = {}): never =>
      ({ clientX, button: 0, pointerId: 1, pointerType: 'mouse', currentTarget: target, ...more }) as never
    return { reported, pointing, at }
  }

  it('follows the pointer, and a drag of six pixels selects', () => {
    const { reported, pointing, at } = opened()
    pointing.pointerdown(at(75))
    pointing.pointermove(at(80))
    expect(pointing.shown).toBeNull()
    pointing.pointermove(at(81))
    expect(pointing.shown).toEqual({ from: 120, to: 140 })
    pointing.pointerleave(at(81))
    pointing.pointerup()
    expect(reported).toEqual([120, 130, 130, { from: 120, to: 140 }])
    expect(pointing.shown).toBeNull()
  })

  it('does not select with a tap, another button, or where the finger scrolls', () => {
    const { reported, pointing, at } = opened()
    pointing.pointerdown(at(75))
    pointing.pointerup()
    pointing.pointerdown(at(75, { button: 2 }))
    pointing.pointermove(at(120))
    pointing.pointerup()
    pointing.pointerdown(at(75))
    pointing.pointermove(at(95))
    pointing.pointercancel()
    pointing.pointerup()
    expect(reported).toEqual([120, 170, 120, 140])
    pointing.pointerleave(at(95, { pointerType: 'touch' }))
    expect(reported).toHaveLength(4)
    pointing.pointerleave(at(95))
    expect(reported.at(-1)).toBeNull()
  })

  it('goes on by keys, which the page then does not hear', () => {
    const { reported, pointing } = opened()
    let stopped = 0
    const key = (name: string, shiftKey = false): void =>
      pointing.keydown({
        key: name,
        shiftKey,
        preventDefault: () => stopped++,
        stopPropagation: () => stopped++,
      } as never)
    key('x')
    expect([reported, stopped]).toEqual([[], 0])
    key('ArrowRight')
    key('ArrowLeft', true)
    expect([reported, stopped]).toEqual([[160, 140, { from: 140, to: 160 }], 4])
  })
})
