// Ends of incidents that a restart found: kept back for a while, and never told by who has stopped.
import { expect, test } from 'vitest'
import { RestoredEnds } from '../../../server/app/restored-ends.ts'

/** Counts the timers that wait; `pass` lets all of them call. */
function countedClock() {
  const calls = new Set<() => void>()
  return {
    calls,
    now: () => 0,
    after: (_milliseconds: number, call: () => void) => {
      calls.add(call)
      return () => void calls.delete(call)
    },
    pass: () => {
      for (const call of calls) call()
    },
  }
}

test('an end is told once its time has passed', () => {
  const clock = countedClock()
  const told: string[] = []
  new RestoredEnds(clock).keepBack('upload', 'camera', () => told.push('upload'))
  clock.pass()
  expect(told).toEqual(['upload'])
})

test('no timer waits once stopped, also of ends that come afterwards: the program can end', () => {
  const clock = countedClock()
  const ends = new RestoredEnds(clock)
  ends.keepBack('before', 'camera', () => {})
  ends.stop()
  ends.keepBack('after', 'camera', () => {})
  expect(clock.calls.size).toBe(0)
})
