// How many messages an incident makes.
import { expect, test } from 'vitest'
import { Pushes } from '../../../server/score-alerts/pushes.ts'

const update = (bytes: number, isOver = false, state: 'open' | 'it-was-me' = 'open') => ({ bytes, isOver, state })

test('an incident is told when it begins, when it has grown tenfold and at its end', () => {
  const pushes = new Pushes()
  const phases = [update(1_000), update(9_999), update(10_000), update(50_000), update(50_000, true)].map((one) =>
    pushes.tell(one),
  )
  expect(phases).toEqual(['start', null, 'growth', null, 'end'])
  expect(pushes.count).toBe(3)
})

test('an end that says nothing new is no message, nor is what comes after a decision', () => {
  const pushes = new Pushes()
  expect(pushes.tell(update(0, true))).toBe('start')
  expect(pushes.tell(update(0, true))).toBeNull()
  expect(pushes.tell(update(900, false, 'it-was-me'))).toBeNull()
  expect(pushes.count).toBe(1)
})

test('an incident that goes on and on makes three messages at most', () => {
  const pushes = new Pushes()
  for (let bytes = 1; bytes < 1e9; bytes *= 10) pushes.tell(update(bytes, bytes % 3 === 0))
  expect(pushes.count).toBeLessThanOrEqual(3)
})
