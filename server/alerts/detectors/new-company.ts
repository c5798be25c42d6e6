// Alert: a device talks to a company that it never talked to before, or asks for names that are new to it.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { lookups, ofThemBlocked } from '../../text/en/lookups.ts'
import { askedEnough, AskedSchema, domainOf, INFRASTRUCTURE, TRACKER_PURPOSES } from '../asked.ts'
import { farEndOf } from '../destination.ts'
import { type CommonSettings, defineDetector, type LookupSample, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** A connection that was opened and closed is no conversation. */
const ENOUGH_BYTES = 1_000
/** Companies remembered per device, and domains of nobody that is known. */
const MAX_COMPANIES = 256
const MAX_DOMAINS = 64
/**
 * A device that asks for no more than so many companies and domains does one thing, whatever it is. Only of such a
 * device a new domain of nobody means something: a radio asks for a new one with each station.
 */
const FEW = 8
const DAY = 86_400

const schema = Type.Object({
  /** Families of companies that the device knows. */
  known: Type.Array(Type.String()),
  /** Families of which every look-up was blocked when it asked first: it has not talked to them. */
  blockedOnly: Type.Array(Type.String()),
  /** Bytes sent to families that it does not know yet, as far as they count. */
  meeting: Type.Record(Type.String(), Type.Number()),
  /** Domains that it knows, of nobody in particular. */
  domains: Type.Array(Type.String()),
  /** Look-ups of families and domains that it does not know yet. */
  asked: AskedSchema,
  /** First look-up that a log told of. */
  asksSince: Type.Union([Type.Null(), Type.Number()]),
  /** When it last sent something that was seen itself. */
  sentAt: Type.Union([Type.Null(), Type.Number()]),
})
type Memory = Static<typeof schema>

function detect(memory: Memory, sample: UploadSample, settings: CommonSettings): Found | null {
  const { second, family, endpoint, sent, received } = sample
  if (sent <= 0) return null
  memory.sentAt = second
  // Behind a rented address may be anybody.
  if (sample.farEnd.class === 'rented' || family === null || INFRASTRUCTURE.includes(endpoint.purpose)) return null
  if (memory.known.includes(family) || memory.known.length >= MAX_COMPANIES) return null
  const isLearned = second - sample.learnedFrom >= settings.learningDays * DAY
  const met = (memory.meeting[family] ?? 0) + sent
  if (isLearned && met < ENOUGH_BYTES) {
    memory.meeting[family] = met
    return null
  }
  memory.known.push(family)
  memory.blockedOnly = memory.blockedOnly.filter((one) => one !== family)
  delete memory.meeting[family]
  if (!isLearned || GENERAL_PURPOSE.includes(sample.device.kind)) return null
  if (TRACKER_PURPOSES.includes(endpoint.purpose)) return null
  return { ...foundAt(sample), unit: 'bytes', seen: met, sent: met, received, reason: 'new' }
}

function detectLookups(memory: Memory, sample: LookupSample, settings: CommonSettings): Found | null {
  const { second, family, endpoint, device } = sample
  const since = Math.max(sample.learnedFrom, (memory.asksSince ??= second))
  if (INFRASTRUCTURE.includes(endpoint.purpose)) return null
  const domain = family === null ? domainOf(endpoint.host) : null
  const [whom, known, most] =
    family === null ? [domain, memory.domains, MAX_DOMAINS] : [family, memory.known, MAX_COMPANIES]
  if (whom === null || known.includes(whom) || memory.blockedOnly.includes(whom) || known.length >= most) return null
  const isLearned = second - since >= settings.learningDays * DAY
  const asked = isLearned ? askedEnough(memory.asked, whom, sample) : sample
  if (asked === null) return null
  const { count: seen, blocked = 0 } = asked
  const doesOneThing = memory.known.length + memory.domains.length + memory.blockedOnly.length <= FEW
  if (family !== null && blocked >= seen && memory.blockedOnly.length < MAX_COMPANIES) memory.blockedOnly.push(family)
  else known.push(whom)
  if (!isLearned || TRACKER_PURPOSES.includes(endpoint.purpose)) return null
  if (device.kind === 'unknown' ? !doesOneThing : GENERAL_PURPOSE.includes(device.kind)) return null
  const destination = farEndOf(endpoint).key
  if (domain === null) return { ...foundAt(sample), unit: 'lookups', seen, blocked, destination }
  // What it sends is judged by itself where it is seen.
  const isSeen = memory.sentAt !== null && second - memory.sentAt < DAY
  if (isSeen || !doesOneThing) return null
  return { ...foundAt(sample), unit: 'lookups', seen, blocked, destination, sure: 0.7, detail: domain }
}

function foundAt({ second, endpoint }: Pick<LookupSample, 'second' | 'endpoint'>) {
  return {
    company: endpoint.company,
    from: second,
    to: second,
    usual: 0,
    sent: 0,
    received: 0,
    sure: 0.85,
    learning: false,
    detail: endpoint.purpose,
  }
}

export const newCompany = defineDetector({
  kind: 'new-company',
  settings: {
    on: 'newCompany',
    fields: {
      newCompany: yesNo(
        'New companies',
        'A device talks to a company that it never talked to, or asks for its names.',
        true,
      ),
    },
    read: () => ({}),
  },
  memory: {
    scope: 'device',
    key: 'companies',
    schema,
    fresh: () => ({ known: [], blockedOnly: [], meeting: {}, domains: [], asked: {}, asksSince: null, sentAt: null }),
    baseline: ({ endpoints }) => ({
      known: [...new Set(endpoints.flatMap(({ family }) => (family === null ? [] : [family])))],
      blockedOnly: [],
      meeting: {},
      domains: [],
      asked: {},
      asksSince: null,
      sentAt: null,
    }),
  },
  streams: { uploads: detect, lookups: detectLookups },
  words: {
    en: {
      title: 'New company',
      sentence: ({ unit, seen, blocked, bytes, company, detail }, who, whom) => {
        if (unit !== 'lookups') return `${who} sent ${amount(bytes)} to ${whom}, which it never talked to before`
        if (company === null || company === undefined)
          return `${who} asked for names under ${detail ?? 'a domain'}, which nobody we know owns and it never asked for before: ${lookups(seen)}${ofThemBlocked(seen, blocked)}`
        return `${who} asked for names of ${whom}, which it never asked for before: ${lookups(seen)}${ofThemBlocked(seen, blocked)}`
      },
      advice: [
        'A new feature or an update of the device may have brought it.',
        "See on the company's page who else at home talks to it.",
      ],
    },
  },
  dryRun: 'hour',
  isInSample: false,
  isShownWhileLearning: false,
  group: 'upload',
})
