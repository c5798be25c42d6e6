// Events share a line of time in slots that a finger can hit.
import { describe, expect, test } from 'vitest'
import type { EventRow } from '../../server/api.ts'
import { slotsOf } from '../../ui/state/event-slots.ts'

function event(at: number, kind: string): EventRow {
  return {
    id: `${at}-${kind}`,
    at,
    device: 'd',
    kind,
    company: { slug: null, name: '', cloud: false },
    host: null,
    purpose: 'unknown',
    sent: 1,
    received: 0,
    seconds: 1,
    confidence: 1,
    message: '',
    reasons: [],
  }
}

describe('events on a line', () => {
  test('fall into equal slots, and empty slots have no button', () => {
    const slots = slotsOf([event(0, 'streaming'), event(9, 'call'), event(95, 'backup')], 0, 100, 10)
    expect(slots.map(({ from, to, events }) => [from, to, events.length])).toEqual([
      [0, 10, 2],
      [90, 100, 1],
    ])
  })

  test('of one slot are counted by kind, the most important kind first', () => {
    const [slot] = slotsOf(
      [event(1, 'streaming'), event(2, 'streaming'), event(3, 'voice-request'), event(4, 'telemetry-upload')],
      0,
      10,
      1,
    )
    expect(slot?.counts).toEqual([
      { kind: 'voice-request', count: 1 },
      { kind: 'telemetry-upload', count: 1 },
      { kind: 'streaming', count: 2 },
    ])
  })

  test('outside of the span are left out, and the last second has a slot', () => {
    expect(
      slotsOf([event(-1, 'call'), event(100, 'call'), event(99.99, 'call')], 0, 100, 3).map(
        ({ events }) => events.length,
      ),
    ).toEqual([1])
  })
})
