// A browser is told of an alert once, and its notification is brought up to date at ten times as much and at the end.
import { expect, test } from 'vitest'
import { keyOf, ToldAlerts } from '../../../ui/state/told-alerts.ts'

type Facts = Parameters<ToldAlerts['take']>[0]
const alert = (bytes: number, isOver = false, more: Partial<Facts> = {}): Facts => ({
  ...{ id: 'alert-1', from: 1_000, bytes, seen: bytes, unit: 'bytes', isOver, state: 'open', muted: false },
  ...more,
})

test('an upload is shown at its start, at ten times as much and at its end', () => {
  const told = new ToldAlerts()
  expect([1e5, 5e5, 999_999, 1e6, 2e6].map((bytes) => told.take(alert(bytes)))).toEqual([
    'new',
    null,
    null,
    'update',
    null,
  ])
  expect([told.take(alert(2e6, true)), told.take(alert(2e6, true))]).toEqual(['update', null])
  // It goes on, and ends again: worth it once it is twice as much.
  expect([3e6, 3.9e6].map((bytes) => told.take(alert(bytes, true)))).toEqual([null, null])
  expect(told.take(alert(4e6, true))).toBe('update')
})

test('what has no duration is shown once, and what is not about bytes by what it counts', () => {
  const told = new ToldAlerts()
  expect([told.take(alert(1e5, true)), told.take(alert(3e5, true))]).toEqual(['new', null])
  const busy = (seen: number): Facts => alert(0, true, { id: 'alert-2', seen, unit: 'requests' })
  expect([9, 20, 90].map((seen) => told.take(busy(seen)))).toEqual(['new', null, 'update'])
})

test('what was there before is news once it is ten times as much; what was decided or muted never is', () => {
  const told = new ToldAlerts()
  told.know(alert(1e5))
  expect([told.take(alert(2e5)), told.take(alert(2e5, true)), told.take(alert(1e6))]).toEqual([null, null, 'new'])
  for (const more of [{ state: 'expected' }, { state: 'habit' }, { muted: true }] as Partial<Facts>[])
    expect(told.take(alert(1e9, false, { id: 'alert-3', ...more }))).toBeNull()
})

test('the oldest of five hundred is forgotten, and each has a tag of its own', () => {
  const told = new ToldAlerts()
  for (let number = 0; number <= 500; number++) told.know(alert(1e5, true, { id: `alert-${number}` }))
  expect(told.take(alert(1e5, true, { id: 'alert-0' }))).toBe('new')
  expect(told.take(alert(1e5, true, { id: 'alert-500' }))).toBeNull()
  expect(keyOf({ id: 'alert-7', from: 3 })).toBe('telltale-alert-7-3')
})
