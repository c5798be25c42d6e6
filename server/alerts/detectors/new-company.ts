// Alert: a device talks to a company that it never talked to before.
import { Type, type Static } from 'typebox'
import { yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { type CommonSettings, defineDetector, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** Whose names every device uses, whoever made it: a new one of them is no evidence about the device. */
const INFRASTRUCTURE: readonly string[] = ['time', 'dns', 'connectivity', 'cdn', 'update', 'security']
/** A connection that was opened and closed is no conversation. */
const ENOUGH_BYTES = 1_000
/** Companies remembered per device. */
const MAX_COMPANIES = 256

const schema = Type.Object({
  /** Families of companies that the device knows. */
  known: Type.Array(Type.String()),
  /** Bytes sent to families that it does not know yet, as far as they count. */
  meeting: Type.Record(Type.String(), Type.Number()),
})

function detect(memory: Static<typeof schema>, sample: UploadSample, settings: CommonSettings): Found | null {
  const { second, family, endpoint, sent, received } = sample
  // Behind a rented address may be anybody.
  if (sample.farEnd.class === 'rented') return null
  if (sent <= 0 || family === null || INFRASTRUCTURE.includes(endpoint.purpose)) return null
  if (memory.known.includes(family) || memory.known.length >= MAX_COMPANIES) return null
  const isLearned = second - sample.learnedFrom >= settings.learningDays * 86_400
  const met = (memory.meeting[family] ?? 0) + sent
  if (isLearned && met < ENOUGH_BYTES) {
    memory.meeting[family] = met
    return null
  }
  memory.known.push(family)
  delete memory.meeting[family]
  if (!isLearned || GENERAL_PURPOSE.includes(sample.device.kind)) return null
  return {
    company: endpoint.company,
    from: second,
    to: second,
    seen: met,
    usual: 0,
    unit: 'bytes',
    sent: met,
    received,
    sure: 0.85,
    learning: false,
    detail: endpoint.purpose,
    reason: 'new',
  }
}

export const newCompany = defineDetector({
  kind: 'new-company',
  settings: {
    on: 'newCompany',
    fields: { newCompany: yesNo('New companies', 'A device talks to a company that it never talked to.', true) },
    read: () => ({}),
  },
  memory: {
    scope: 'device',
    key: 'companies',
    schema,
    fresh: () => ({ known: [], meeting: {} }),
    baseline: ({ endpoints }) => ({
      known: [...new Set(endpoints.flatMap(({ family }) => (family === null ? [] : [family])))],
      meeting: {},
    }),
  },
  streams: { uploads: detect },
  words: {
    en: {
      title: 'New company',
      sentence: ({ bytes }, who, whom) => `${who} sent ${amount(bytes)} to ${whom}, which it never talked to before`,
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
