// The line of a recording whose clock jumped: places on it, and moments.
import { describe, expect, test } from 'vitest'
import { stretchesOf } from '../../ui/state/stretches.ts'

const jumped = {
  stretches: [
    { from: 20, to: 24 },
    { from: 1_795_946_400, to: 1_795_946_410 },
  ],
}

describe('the line of a recording', () => {
  test('leaves out the years in which nothing is', () => {
    const line = stretchesOf(jumped, 20, 1_795_946_410)
    expect(line.length).toBe(14)
    expect([20, 22, 24, 1_000_000, 1_795_946_400, 1_795_946_405, 1_795_946_410].map(line.placeOf)).toEqual([
      0, 2, 4, 4, 4, 9, 14,
    ])
    expect([0, 2, 4, 9, 14].map(line.secondAt)).toEqual([20, 22, 1_795_946_400, 1_795_946_405, 1_795_946_410])
  })

  test('offers each stretch as a range that holds its last second', () => {
    expect(stretchesOf(jumped, 20, 1_795_946_410).spans).toEqual([
      { from: 20, to: 25 },
      { from: 1_795_946_400, to: 1_795_946_411 },
    ])
  })

  test('is in the order of time, whichever way the clock jumped', () => {
    const back = { stretches: [...jumped.stretches].reverse() }
    expect(stretchesOf(back, 20, 1_795_946_410).spans[0]).toEqual({ from: 20, to: 25 })
  })

  test('is the recording itself where its clock went on', () => {
    const line = stretchesOf({}, 1_000.5, 1_060.5)
    expect([line.length, line.placeOf(1_030.5), line.secondAt(30), line.secondAt(60), line.spans]).toEqual([
      60,
      30,
      1_030.5,
      1_060.5,
      [],
    ])
  })

  test('of one moment has no length', () => {
    const line = stretchesOf({}, 5, 5)
    expect([line.length, line.placeOf(5), line.secondAt(0)]).toEqual([0, 0, 5])
  })
})
