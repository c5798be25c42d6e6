// Alert: an appliance talks to a company that follows people, sells advertising or collects statistics, for the first
// time.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { lookups, ofThemBlocked } from '../../text/en/lookups.ts'
import { askedEnough, AskedSchema, TRACKER_PURPOSES } from '../asked.ts'
import { type CommonSettings, defineDetector, type LookupSample, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { isPersonal } from '../kind-limits.ts'
import { GENERAL_PURPOSE } from '../watched-device.ts'

/** What a device is made for: whom it talks to about that may as well ask how it is used. */
const OWN_PURPOSES: readonly string[] = [
  ...['voice', 'video', 'control', 'data', 'streaming', 'reading', 'messaging', 'calls'],
]
const ENOUGH_BYTES = 1_000
/** Companies remembered per device, of each sort. */
const MAX_COMPANIES = 128
const DAY = 86_400

const schema = Type.Object({
  /** Since when it is learned. */
  since: Type.Union([Type.Null(), Type.Number()]),
  /** Families of companies that collected something of the device before. */
  trackers: Type.Array(Type.String()),
  /** Families of companies that it does its work with. */
  own: Type.Array(Type.String()),
  /** Bytes and look-ups of those that it does not know yet. */
  meeting: Type.Record(Type.String(), Type.Number()),
  asked: AskedSchema,
})
type Memory = Static<typeof schema>
type Sample = Pick<UploadSample, 'second' | 'device' | 'endpoint' | 'family' | 'learnedFrom'>

function detect(memory: Memory, sample: UploadSample, settings: CommonSettings): Found | null {
  const { family, sent, received } = sample
  const isLearned = learned(memory, sample, settings)
  if (sent <= 0 || family === null || !isNew(memory, sample, family)) return null
  const met = (memory.meeting[family] ?? 0) + sent
  if (met < ENOUGH_BYTES && isLearned) {
    if (Object.hasOwn(memory.meeting, family) || Object.keys(memory.meeting).length < MAX_COMPANIES)
      memory.meeting[family] = met
    return null
  }
  const isTold = isUnusual(memory, sample.device.kind) && isLearned
  remember(memory, family)
  return isTold ? { ...foundAt(sample), unit: 'bytes', seen: met, sent: met, received, reason: 'new' } : null
}

function detectLookups(memory: Memory, sample: LookupSample, settings: CommonSettings): Found | null {
  const { family } = sample
  const isLearned = learned(memory, sample, settings)
  if (family === null || !isNew(memory, sample, family)) return null
  const asked = isLearned ? askedEnough(memory.asked, family, sample) : sample
  if (asked === null) return null
  const isTold = isUnusual(memory, sample.device.kind) && isLearned
  remember(memory, family)
  if (!isTold) return null
  const { count, blocked = 0 } = asked
  return { ...foundAt(sample), unit: 'lookups', seen: count, blocked, sent: 0, received: 0 }
}

function learned(memory: Memory, { second, learnedFrom }: Sample, { learningDays }: CommonSettings): boolean {
  const since = Math.max(learnedFrom, (memory.since ??= second))
  return second - since >= learningDays * DAY
}

/** A company that collects, new to the device. Those that it does its work with are remembered. */
function isNew(memory: Memory, { endpoint }: Sample, family: string): boolean {
  const { own, trackers } = memory
  if (OWN_PURPOSES.includes(endpoint.purpose) && !own.includes(family) && own.length < MAX_COMPANIES) own.push(family)
  if (!TRACKER_PURPOSES.includes(endpoint.purpose)) return false
  return !trackers.includes(family) && !own.includes(family) && trackers.length < MAX_COMPANIES
}

/** One with apps, or of which nobody knows what it is, meets a new one with every app: only its first is news. */
function isUnusual({ trackers }: Memory, kind: string): boolean {
  if (isPersonal(kind)) return false
  return !GENERAL_PURPOSE.includes(kind) || trackers.length === 0
}

function remember(memory: Memory, family: string): void {
  memory.trackers.push(family)
  delete memory.meeting[family]
  delete memory.asked[family]
}

function foundAt({ second, endpoint }: Sample) {
  return {
    company: endpoint.company,
    from: second,
    to: second,
    usual: 0,
    sure: 0.85,
    learning: false,
    detail: endpoint.purpose,
  }
}

function doing(purpose: string | null): string {
  if (purpose === 'ads') return 'which deals in advertising'
  return purpose === 'tracking' ? 'which follows what people do' : 'which collects how devices are used'
}

export const newTracker = defineDetector({
  kind: 'new-tracker',
  settings: {
    on: 'newTracker',
    fields: {
      newTracker: yesNo(
        'New trackers',
        'An appliance talks to a company of advertising, tracking or statistics that it never talked to, or asks for its names.',
        true,
      ),
    },
    read: () => ({}),
  },
  memory: {
    scope: 'device',
    key: 'trackers',
    schema,
    fresh: () => ({ since: null, trackers: [], own: [], meeting: {}, asked: {} }),
    baseline: ({ endpoints }) => {
      const familiesWith = (purposes: readonly string[]): string[] => [
        ...new Set(
          endpoints.flatMap(({ family, purpose }) => (family !== null && purposes.includes(purpose) ? [family] : [])),
        ),
      ]
      return {
        since: 0,
        trackers: familiesWith(TRACKER_PURPOSES),
        own: familiesWith(OWN_PURPOSES),
        meeting: {},
        asked: {},
      }
    },
  },
  streams: { uploads: detect, lookups: detectLookups },
  words: {
    en: {
      title: 'New tracker',
      sentence: ({ unit, seen, blocked, bytes, detail }, who, whom) =>
        unit === 'lookups'
          ? `${who} asked for names of ${whom}, ${doing(detail)}, for the first time: ${lookups(seen)}${ofThemBlocked(seen, blocked)}`
          : `${who} sent ${amount(bytes)} to ${whom}, ${doing(detail)}, for the first time`,
      advice: [
        'An update of the device or its app may have brought it: look for a setting that switches it off.',
        "Block the company's names on your home's resolver if the device works without them.",
      ],
    },
  },
  dryRun: 'hour',
  isInSample: false,
  isShownWhileLearning: false,
  group: 'upload',
})
