// How many messages an incident makes, and when.
import { expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { Pushes } from '../../../server/score-alerts/pushes.ts'

const AT = 1_780_272_000
const update = (bytes: number, facts: Partial<Alert> = {}): Alert => ({
  kind: 'new-destination',
  device: 'camera',
  company: null,
  destination: null,
  from: AT,
  to: AT + 10,
  seen: bytes,
  usual: null,
  unit: 'bytes',
  sent: bytes,
  received: 0,
  sure: 0.9,
  learning: false,
  detail: null,
  reason: 'nameless',
  id: 'alert-1',
  direction: 'out',
  times: 1,
  state: 'open',
  bytes,
  peak: bytes,
  isOver: false,
  destinations: [],
  decided: null,
  ...facts,
})
/** Told a minute and a half apart. */
function tell(updates: readonly Alert[]): { messages: boolean[]; count: number } {
  const pushes = new Pushes()
  const messages = updates.map((alert, index) => pushes.tell(alert, 'Camera', AT + index * 90))
  return { messages, count: pushes.count('alert-1') }
}

test('an incident is told when it begins, when it has grown tenfold and at its end', () => {
  const updates = [update(1_000), update(9_999), update(10_000), update(50_000), update(50_000, { isOver: true })]
  expect(tell(updates)).toEqual({ messages: [true, false, true, false, true], count: 3 })
})

test('what was decided makes no message', () => {
  expect(tell([update(1_000), update(90_000, { state: 'it-was-me' })])).toEqual({ messages: [true, false], count: 1 })
})

test('one that grows and grows makes a message each time where it can be replaced, and few where it cannot', () => {
  const { messages, count } = tell([1e3, 1e4, 1e5, 1e6, 1e7].map((bytes) => update(bytes)))
  expect(messages).toEqual([true, true, true, true, true])
  expect(count).toBe(2)
})
