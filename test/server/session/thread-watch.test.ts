// A thread is given up once it gave no sign of life for ten seconds in which somebody could have seen one.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Pulse, ThreadWatch } from '../../../server/session/thread-watch.ts'

let clock = 0
beforeEach(() => {
  vi.useFakeTimers()
  clock = 0
})
afterEach(() => vi.useRealTimers())

function watched() {
  const shared = Pulse.newMemory()
  const pulse = new Pulse(shared)
  const late: number[] = []
  const watch = new ThreadWatch(new Pulse(shared), {
    onLate: (milliseconds) => late.push(milliseconds),
    clock: () => clock,
  })
  /** Seconds in which the watching thread runs. */
  const pass = (seconds: number): void => {
    for (let step = 0; step < seconds * 2; step++) {
      clock += 500
      vi.advanceTimersByTime(500)
    }
  }
  return { pulse, late, watch, pass }
}

describe('a thread', () => {
  test('that gives signs of life is left alone', () => {
    const { pulse, late, pass } = watched()
    for (let second = 0; second < 100; second++) {
      pulse.beat()
      pass(9)
    }
    expect(late).toEqual([])
  })

  test('that falls silent is given up after ten seconds, once', () => {
    const { pulse, late, pass } = watched()
    pulse.beat()
    pass(9.5)
    expect(late).toEqual([])
    pass(1)
    expect(late).toEqual([10_000])
    pass(100)
    expect(late).toHaveLength(1)
  })

  test('has a minute for its start', () => {
    const { late, pass } = watched()
    pass(59)
    expect(late).toEqual([])
    pass(2)
    expect(late).toHaveLength(1)
  })

  test('is not blamed for a time in which the whole machine slept', () => {
    const { pulse, late, pass } = watched()
    pulse.beat()
    pass(2)
    clock += 3_600_000
    vi.advanceTimersByTime(500)
    expect(late).toEqual([])
    pulse.beat()
    pass(9)
    expect(late).toEqual([])
  })
})
