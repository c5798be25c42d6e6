// Alert: a device asks others than the home's own resolver for names.
import { Type, type Static } from 'typebox'
import type { EventEndpoint } from '../../events/event.ts'
import { yesNo } from '../../model/setting-fields.ts'
import { defineDetector, type TrafficSample } from '../detector.ts'
import type { Found } from '../found.ts'

const MAX_KNOWN = 64

const schema = Type.Object({
  /** Who answered names for the device, and was reported or known before. */
  known: Type.Array(Type.String()),
})

/** Any endpoint on the internet that answers names is not the home's resolver. */
function detect(memory: Static<typeof schema>, sample: TrafficSample): Found | null {
  const { second, endpoint, sent, received } = sample
  if (!answersNames(endpoint)) return null
  const who = nameOf(endpoint)
  if (memory.known.includes(who) || memory.known.length >= MAX_KNOWN) return null
  memory.known.push(who)
  const isHidden = endpoint.labels.includes('hidden-dns')
  return {
    company: endpoint.company,
    from: second,
    to: second,
    seen: sent,
    usual: 0,
    unit: 'bytes',
    sent,
    received,
    sure: isHidden ? 0.9 : 0.75,
    learning: sample.isLearning,
    detail: isHidden ? 'hidden' : 'open',
  }
}

function answersNames({ labels, purpose }: EventEndpoint): boolean {
  return purpose === 'dns' || labels.includes('hidden-dns')
}

function nameOf({ company, host, address }: EventEndpoint): string {
  return company ?? host ?? address ?? ''
}

export const aroundYourDns = defineDetector({
  kind: 'around-your-dns',
  settings: {
    on: 'aroundYourDns',
    fields: {
      aroundYourDns: yesNo('DNS bypass', 'A device asks another resolver than the one of the home.', true),
    },
    read: () => ({}),
  },
  memory: {
    scope: 'device',
    key: 'dns',
    schema,
    fresh: () => ({ known: [] }),
    baseline: ({ endpoints }) => ({ known: [...new Set(endpoints.filter(answersNames).map(nameOf))] }),
  },
  streams: { traffic: detect },
  words: {
    en: {
      title: 'DNS bypass',
      sentence: ({ detail }, who, whom) =>
        `${who} asks ${whom} for names${detail === 'hidden' ? ', hidden in an encrypted connection' : ''} instead of your home's own resolver`,
      advice: [
        'Filters on your own resolver do not see these names.',
        'Block the address or port 853 on the router if you want them to.',
      ],
    },
  },
  dryRun: 'hour',
  isInSample: true,
  isShownWhileLearning: false,
  group: null,
})
