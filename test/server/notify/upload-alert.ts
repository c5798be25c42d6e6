// An alert about an upload, and its updates as it grows and ends.
import type { WordedAlert } from '../../../server/alerts/alert.ts'

/** It began at 1,000 and has sent 100 kB to a known company. */
export function uploadAlert(more: Partial<WordedAlert> = {}): WordedAlert {
  const { bytes = 100_000 } = more
  return {
    id: 'alert-1',
    kind: 'upload-spike',
    device: 'aa',
    company: 'ring',
    destination: 'ring',
    from: 1_000,
    to: 1_003,
    seen: 100_000,
    usual: 430_000,
    unit: 'bytes',
    sent: bytes,
    received: 0,
    sure: 0.9,
    learning: false,
    detail: null,
    reason: 'known',
    direction: 'out',
    times: 1,
    state: 'open',
    bytes,
    peak: bytes,
    isOver: false,
    decided: null,
    destinations: [{ company: 'ring', host: 'clips.ring.com', address: '203.0.113.9', bytes }],
    message: 'Hall camera sent Ring more than usual',
    advice: ['Think of what you did with the device at that time.'],
    ...more,
  }
}
