// Bursts described by examples of rule files and by rows of a table.
import { EARLY_SENT_BYTES, SPEECH_BYTES_PER_SECOND } from './bursts.ts'
import type { Scene } from './judge.ts'
import type { EventExample } from './rules.ts'

/** What the same device did in an example was this long before. */
const BEFORE_SECONDS = 10

/** The scene of an example. What is left out is taken as spread evenly over its length. */
export function sceneOf(example: EventExample): Scene {
  const {
    device,
    vendor,
    host,
    company,
    purpose,
    label,
    sent = 0,
    received = 0,
    seconds = 1,
    beats,
    after,
    alongside,
  } = example
  const length = Math.max(1, Math.round(seconds))
  const pace = sent / Math.max(1, seconds)
  return {
    device: device ?? null,
    vendor: vendor ?? null,
    endpoint: {
      host: host ?? null,
      company: company ?? null,
      purpose: purpose ?? 'unknown',
      labels: label ?? [],
      namedBy: host === undefined ? 'network' : 'tls',
    },
    burst: {
      device: 0,
      endpoint: 1,
      first: 0,
      last: length - 1,
      sent,
      received,
      peak: example.peak ?? pace,
      steady: example.steady ?? (pace >= SPEECH_BYTES_PER_SECOND ? length : 0),
      early: example.early ?? evenlyEarly(sent, received),
    },
    before: after === undefined ? [] : [{ kind: after, at: -BEFORE_SECONDS }],
    ...(alongside === undefined ? {} : { alongside: new Set([alongside]) }),
    ...(beats === undefined ? {} : { beats }),
  }
}

/** What comes early where sent and received are spread evenly. */
export function evenlyEarly(sent: number, received: number): number {
  return sent <= EARLY_SENT_BYTES ? received : (received * EARLY_SENT_BYTES) / sent
}
