// A flow's bytes over its seconds and minutes: each in its share, and all of them.
import { expect, test } from 'vitest'
import { minutesOf, secondsOf } from '../../../server/session/flow-spread.ts'

const pieces = (start: number, seconds: number, most = 600): number[][] =>
  [...secondsOf({ start, seconds, sent: 1_000, received: 10 }, most)].map(({ second, sent }) => [second, sent])

test('each second has its share, the first and the last as much as they took part', () => {
  expect(pieces(100, 4)).toEqual([
    [100, 250],
    [101, 250],
    [102, 250],
    [103, 250],
    [104, 0],
  ])
  expect(pieces(100.5, 2)).toEqual([
    [100, 250],
    [101, 500],
    [102, 250],
  ])
})

test('what took no time is of one second, and what took less than one of the seconds that it touched', () => {
  expect(pieces(100.7, 0)).toEqual([[100, 1_000]])
  expect(pieces(100.75, 0.5)).toEqual([
    [100, 500],
    [101, 500],
  ])
})

test('a long flow is spread over as many seconds as there may be, without a byte lost', () => {
  for (const [seconds, most] of [
    [3_600, 600],
    [3_601.5, 7],
    [12, 1],
    [4_500, 599],
  ] as const) {
    const spread = [...secondsOf({ start: 1_000.3, seconds, sent: 1_234_567, received: 89 }, most)]
    expect(spread.length).toBeLessThanOrEqual(most)
    expect(spread.reduce((sum, { sent }) => sum + sent, 0)).toBe(1_234_567)
    expect(spread.reduce((sum, { received }) => sum + received, 0)).toBe(89)
    expect(spread[0]?.second).toBe(1_000)
  }
})

test('what is told once is spread over its minutes', () => {
  const spread = [...minutesOf({ start: 6_000, seconds: 180, sent: 10, received: 7 })]
  expect(spread.map(({ second, sent, received }) => [second, sent, received])).toEqual([
    [6_000, 3, 2],
    [6_060, 3, 2],
    [6_120, 4, 3],
  ])
})
