// Alert: a device sends something that anybody on the way can read.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { EventEndpoint } from '../../events/event.ts'
import { yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { defineDetector, type TrafficSample } from '../detector.ts'
import type { Found } from '../found.ts'

/** A request for a page or a connection check is small; what is reported here is worth reading. */
const ENOUGH_BYTES = 20_000
const MAX_KNOWN = 64

const schema = Type.Object({
  /** Who was sent something readable, and was reported or known before. */
  known: Type.Array(Type.String()),
  /** Bytes sent so far to others. */
  sent: Type.Record(Type.String(), Type.Number()),
})

/** A name read from an HTTP request means that all of the traffic could be read. */
function detect(memory: Static<typeof schema>, sample: TrafficSample): Found | null {
  const { second, endpoint, received } = sample
  const { company, host, purpose } = endpoint
  const isLogin = hasLogin(endpoint)
  if (!isLogin && (endpoint.namedBy !== 'http' || purpose === 'connectivity')) return null
  const who = company ?? host ?? ''
  if (memory.known.includes(who) || memory.known.length >= MAX_KNOWN) return null
  const sent = (memory.sent[who] ?? 0) + sample.sent
  memory.sent[who] = sent
  if (!isLogin && sent < ENOUGH_BYTES) return null
  memory.known.push(who)
  delete memory.sent[who]
  return {
    company,
    from: second,
    to: second,
    seen: sent,
    usual: 0,
    unit: 'bytes',
    sent,
    received,
    sure: isLogin ? 0.9 : 0.8,
    learning: sample.isLearning,
    detail: isLogin ? 'login' : host,
  }
}

function hasLogin({ labels }: EventEndpoint): boolean {
  return labels.includes('unencrypted-login')
}

export const unencrypted = defineDetector({
  kind: 'unencrypted',
  settings: {
    on: 'unencrypted',
    fields: { unencrypted: yesNo('Unencrypted', 'A device sends what anybody on the way can read.', true) },
    read: () => ({}),
  },
  memory: {
    scope: 'device',
    key: 'unencrypted',
    schema,
    fresh: () => ({ known: [], sent: {} }),
    baseline: ({ endpoints }) => {
      const readable = endpoints.filter((one) => hasLogin(one) || one.namedBy === 'http')
      return {
        known: [...new Set(readable.map(({ company, host, address }) => company ?? host ?? address ?? ''))],
        sent: {},
      }
    },
  },
  streams: { traffic: detect },
  words: {
    en: {
      title: 'Readable on the way',
      sentence: ({ sent, detail }, who, whom) =>
        detail === 'login'
          ? `${who} uses a login that anybody on the way can read, at ${whom}`
          : `${who} sent ${amount(sent)} to ${detail ?? whom} that anybody on the way can read`,
      advice: ['Look for an update of the device.', 'Use it only in networks that you trust.'],
    },
  },
  dryRun: 'hour',
  isInSample: true,
  isShownWhileLearning: false,
  group: null,
})
