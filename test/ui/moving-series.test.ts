// A chart's series moves on with each tick, to the byte and without growing.
import { describe, expect, test } from 'vitest'
import type { Series } from '../../server/api.ts'
import { advance, Increments, RecentTicks } from '../../ui/state/moving-series.ts'

function series(from: number, step: number, sent: (number | null)[]): Series {
  return { from, step, sent: [...sent], received: sent.map((value) => (value === null ? null : 0)) }
}

describe('a series moved on by ticks', () => {
  test('a tick inside the window adds to its step', () => {
    const moved = series(100, 10, [1, 2, 3])
    advance(moved, [125, 1, 7, 9])
    expect(moved).toEqual({ from: 100, step: 10, sent: [1, 2, 10], received: [0, 0, 9] })
  })

  test('a tick past the end moves the window on', () => {
    const moved = series(100, 10, [1, 2, 3])
    advance(moved, [130, 1, 7, 9])
    expect(moved).toEqual({ from: 110, step: 10, sent: [2, 3, 7], received: [0, 0, 9] })
  })

  test('seconds that never ticked are a gap, not zero', () => {
    const moved = series(0, 1, [1, 2, 3, 4])
    advance(moved, [6, 1, 5, 0])
    expect(moved.sent).toEqual([4, null, null, 5])
    advance(moved, [1000, 1, 8, 0])
    expect(moved).toMatchObject({ from: 997, sent: [null, null, null, 8] })
  })

  test('a tick from before the window changes nothing', () => {
    const moved = series(100, 10, [1, 2, 3])
    advance(moved, [99, 1, 7, 9])
    expect(moved).toEqual(series(100, 10, [1, 2, 3]))
  })

  test('a day of ticks leaves the length as it was and keeps every byte of the window', () => {
    const moved = series(0, 1, new Array<number>(300).fill(0))
    for (let second = 300; second < 86_700; second++) advance(moved, [second, 1, second, 1])
    expect(moved.sent).toHaveLength(300)
    expect(moved.from).toBe(86_400)
    expect(moved.sent).toEqual(Array.from({ length: 300 }, (_, place) => 86_400 + place))
  })
})

describe('what came since the lists were asked for', () => {
  test('adds up per number and in all', () => {
    const increments = new Increments()
    increments.add([1, 1, 30, 3, 7, 10, 1, 9, 20, 2])
    increments.add([2, 1, 5, 0, 7, 5, 0])
    expect(increments.of(7)).toEqual({ sent: 15, received: 1 })
    expect(increments.of(9)).toEqual({ sent: 20, received: 2 })
    expect(increments.of(8)).toEqual({ sent: 0, received: 0 })
    expect([increments.sent, increments.received]).toEqual([35, 3])
  })

  test('includes the part of a second, until the whole second takes its place', () => {
    const increments = new Increments()
    increments.add([1, 1, 30, 3, 7, 30, 3])
    increments.showPart([2, 0, 5, 1, 7, 5, 1])
    increments.showPart([2, 0, 8, 2, 7, 8, 2])
    expect([increments.of(7), increments.sent, increments.received]).toEqual([{ sent: 38, received: 5 }, 38, 5])
    increments.add([2, 1, 9, 2, 7, 9, 2])
    expect([increments.of(7), increments.sent, increments.received]).toEqual([{ sent: 39, received: 5 }, 39, 5])
    increments.showPart([3, 0, 4, 0])
    increments.clear()
    expect([increments.sent, increments.received]).toEqual([4, 0])
  })

  test('the ticks remembered are a fixed number', () => {
    const recent = new RecentTicks(5)
    for (let second = 0; second < 100; second++) recent.add([second, 1, 0, 0])
    expect(recent.length).toBe(5)
    expect(recent.since(98).map((tick) => tick[0])).toEqual([98, 99])
  })
})
