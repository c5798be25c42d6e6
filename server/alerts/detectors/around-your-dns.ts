// Alert: a device asks others than the home's own resolver for names.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { EventEndpoint } from '../../events/event.ts'
import { yesNo } from '../../model/setting-fields.ts'
import { lookups } from '../../text/en/lookups.ts'
import { type CommonSettings, defineDetector, type LookupSample, type TrafficSample } from '../detector.ts'
import type { Found } from '../found.ts'

const MAX_KNOWN = 64
const DAY = 86_400
/** What a resolver's own name looks like; names under which makers let their devices be found do not. */
const RESOLVER = /(^|[.-])(doh|dot|resolver\d*)[.-]|dns|one\.one\.one/
const NO_RESOLVER = /ddns|dyndns|tplinkdns|iot-dns|loxonecloud|ultradns|use-application-dns/

const schema = Type.Object({
  /** Who answered names for the device, and was reported or known before. */
  known: Type.Array(Type.String()),
  /** First look-up that a log told of. */
  asksSince: Type.Union([Type.Null(), Type.Number()]),
})
type Memory = Static<typeof schema>

/** Any endpoint on the internet that answers names is not the home's resolver. */
function detect(memory: Memory, sample: TrafficSample): Found | null {
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

/** Who looks up another resolver is about to ask it: the names that follow are in no log of the home. */
function detectLookups(memory: Memory, sample: LookupSample, { learningDays }: CommonSettings): Found | null {
  const { second, endpoint, count } = sample
  const since = (memory.asksSince ??= second)
  const host = endpoint.host?.toLowerCase() ?? ''
  if (!answersNames(endpoint) || !RESOLVER.test(host) || NO_RESOLVER.test(host)) return null
  const who = nameOf(endpoint)
  if (memory.known.includes(who) || memory.known.length >= MAX_KNOWN) return null
  memory.known.push(who)
  return {
    company: endpoint.company,
    from: second,
    to: second,
    seen: count,
    usual: 0,
    unit: 'lookups',
    sent: 0,
    received: 0,
    sure: 0.7,
    learning: sample.isLearning || second - since < learningDays * DAY,
    detail: 'name',
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
      aroundYourDns: yesNo(
        'DNS bypass',
        'A device asks another resolver than the one of the home, or asks where to find one.',
        true,
      ),
    },
    read: () => ({}),
  },
  memory: {
    scope: 'device',
    key: 'dns',
    schema,
    fresh: () => ({ known: [], asksSince: null }),
    baseline: ({ endpoints }) => ({ known: [...new Set(endpoints.filter(answersNames).map(nameOf))], asksSince: null }),
  },
  streams: { traffic: detect, lookups: detectLookups },
  words: {
    en: {
      title: 'DNS bypass',
      sentence: ({ detail, seen }, who, whom) =>
        detail === 'name'
          ? `${who} asked where ${whom} is, another resolver than your home's own: ${lookups(seen)}. What it asks there cannot be seen`
          : `${who} asks ${whom} for names${detail === 'hidden' ? ', hidden in an encrypted connection' : ''} instead of your home's own resolver`,
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
