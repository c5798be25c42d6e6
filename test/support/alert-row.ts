// An alert as a row of the API, with plain values where a test names none.
import type { AlertRow, EventRow } from '../../server/api.ts'

export function alertRowOf(id: string, facts: Partial<AlertRow> = {}): AlertRow {
  return {
    id,
    kind: 'large-upload',
    device: 'aa',
    company: { slug: 'ring', name: 'Ring', cloud: false },
    from: 1_000,
    to: 1_010,
    seen: 5,
    usual: null,
    unit: 'bytes',
    sent: 5,
    received: 6,
    sure: 0.9,
    learning: false,
    detail: null,
    times: 1,
    state: 'open',
    bytes: 0,
    peak: 0,
    isOver: true,
    destinations: [],
    reason: null,
    rank: 1,
    covers: null,
    muted: false,
    title: 'Large upload',
    message: `message of ${id}`,
    advice: [],
    ...facts,
  }
}

export function eventRowOf(id: string, facts: Partial<EventRow> = {}): EventRow {
  return {
    id,
    at: 1_000,
    device: 'aa',
    kind: 'motion-upload',
    company: { slug: 'ring', name: 'Ring', cloud: false },
    host: 'clips.ring.com',
    purpose: 'video',
    seconds: 10,
    confidence: 0.9,
    sent: 400_000,
    received: 9_000,
    message: 'Recording: 400 kB to Ring',
    reasons: [],
    ...facts,
  }
}
