// Alert: a child's device meets a company of advertising or tracking that it never talked to, or talks to such
// companies far more than usual.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { amount } from '../../text/en/amount.ts'
import { lookups, ofThemBlocked } from '../../text/en/lookups.ts'
import { askedEnough, AskedSchema } from '../asked.ts'
import { type CommonSettings, defineDetector, type LookupSample, type UploadSample } from '../detector.ts'
import type { Found } from '../found.ts'

const PURPOSES: readonly string[] = ['ads', 'tracking']
/** What works for the whole home: that it belongs to a child says nothing about who uses it. */
const SHARED_KINDS: readonly string[] = ['router', 'storage', 'hub', 'printer']
const ENOUGH_BYTES = 1_000
/** A tablet meets new ones with every app: one is told, then none for so many days. */
const PAUSE_DAYS = 7
/** What is usual is the most of a day within so many days, of which so many are needed. */
const REMEMBERED_DAYS = 14
const ENOUGH_DAYS = 5
const FACTOR = 3
/** A look-up stands for about so many bytes, where only look-ups are known. */
const BYTES_OF_LOOKUP = 2_000
/** Companies remembered per device. */
const MAX_COMPANIES = 256
/** A smaller report opens no incident of its own. */
const SMALLEST_TOLD = 5_000
const DAY = 86_400

const fields = {
  childTrackers: yesNo(
    "Ads and tracking on children's devices",
    'A device that belongs to a child meets a new company of advertising or tracking, or talks to them far more than usual: at most once a week each.',
    true,
  ),
  childTrackersFrom: number('Far more from (kB a day)', 'Less on a day is never reported.', 1_000, 50, 1_000_000),
}

function read({ childTrackersFrom }: SettingValues<typeof fields>) {
  return { floor: childTrackersFrom * 1_000 }
}

const AmountsSchema = Type.Object({
  /** The local day that is counted, and how much was on it. */
  day: Type.Union([Type.Null(), Type.Number()]),
  today: Type.Number(),
  /** How much there was on the days before, the last of them last. */
  before: Type.Array(Type.Number()),
})
type DayAmounts = Static<typeof AmountsSchema>

const schema = Type.Object({
  /** Since when it is learned. */
  since: Type.Union([Type.Null(), Type.Number()]),
  /** Families of companies that it knows. */
  known: Type.Array(Type.String()),
  /** Bytes to those that it does not know yet. */
  meeting: Type.Record(Type.String(), Type.Number()),
  asked: AskedSchema,
  bytes: AmountsSchema,
  lookups: AmountsSchema,
  /** When a new company, and when much, was told last. */
  toldNew: Type.Union([Type.Null(), Type.Number()]),
  toldMuch: Type.Union([Type.Null(), Type.Number()]),
})
type Memory = Static<typeof schema>
type Settings = ReturnType<typeof read> & CommonSettings
type Sample = Pick<UploadSample, 'second' | 'local' | 'device' | 'endpoint' | 'family' | 'learnedFrom'>

/** Every device learns, whomever it belongs to: that it is a child's may be said later. */
function detect(memory: Memory, sample: UploadSample, settings: Settings): Found | null {
  const { sent, received, second } = sample
  const isLearned = learned(memory, sample, settings)
  if (sent <= 0 || !isWatched(sample)) return null
  const isTold = isLearned && sample.device.isChilds === true
  const amounts = { sent, received, unit: 'bytes', reason: 'new' } as const
  const much = count(memory.bytes, sample, sent)
  const met = meet(memory, sample.family, sent, isLearned)
  if (met !== null && isTold && mayTell(memory.toldNew, second)) {
    memory.toldNew = second
    return { ...foundAt(sample), ...amounts, seen: met, usual: 0 }
  }
  if (sent < SMALLEST_TOLD || much === null || much.today <= settings.floor) return null
  if (!isTold || !mayTell(memory.toldMuch, second)) return null
  memory.toldMuch = second
  return { ...foundAt(sample), ...amounts, seen: much.today, usual: much.usual, detail: null, reason: 'known' }
}

function detectLookups(memory: Memory, sample: LookupSample, settings: Settings): Found | null {
  const { count: times, family, second } = sample
  const isLearned = learned(memory, sample, settings)
  if (!isWatched(sample)) return null
  const isTold = isLearned && sample.device.isChilds === true
  const rest = { sent: 0, received: 0, unit: 'lookups' } as const
  const much = count(memory.lookups, sample, times)
  const asked = family === null || !isNew(memory, family) ? null : askedBy(memory, family, sample, isLearned)
  if (asked !== null && isTold && mayTell(memory.toldNew, second)) {
    memory.toldNew = second
    return { ...foundAt(sample), ...rest, seen: asked.count, blocked: asked.blocked, usual: 0 }
  }
  const floor = settings.floor / BYTES_OF_LOOKUP
  if (much === null || much.today <= floor || !isTold || !mayTell(memory.toldMuch, second)) return null
  memory.toldMuch = second
  return { ...foundAt(sample), ...rest, seen: much.today, usual: much.usual, detail: null }
}

function learned(memory: Memory, { second, learnedFrom }: Sample, { learningDays }: CommonSettings): boolean {
  const since = Math.max(learnedFrom, (memory.since ??= second))
  return second - since >= learningDays * DAY
}

function isWatched({ endpoint, device }: Sample): boolean {
  return PURPOSES.includes(endpoint.purpose) && !SHARED_KINDS.includes(device.kind)
}

function isNew({ known }: Memory, family: string): boolean {
  return !known.includes(family) && known.length < MAX_COMPANIES
}

/** Bytes to a company that is new, once they are enough; it is known then. */
function meet(memory: Memory, family: string | null, sent: number, isLearned: boolean): number | null {
  if (family === null || !isNew(memory, family)) return null
  const met = (Object.hasOwn(memory.meeting, family) ? memory.meeting[family] : 0) + sent
  if (met < ENOUGH_BYTES && isLearned) {
    if (Object.hasOwn(memory.meeting, family) || Object.keys(memory.meeting).length < MAX_COMPANIES)
      memory.meeting[family] = met
    return null
  }
  remember(memory, family)
  return met
}

function askedBy(
  memory: Memory,
  family: string,
  sample: LookupSample,
  isLearned: boolean,
): { count: number; blocked: number } | null {
  const { count: times, blocked = 0 } = sample
  const asked = isLearned ? askedEnough(memory.asked, family, sample) : { count: times, blocked }
  if (asked !== null) remember(memory, family)
  return asked
}

function remember(memory: Memory, family: string): void {
  memory.known.push(family)
  delete memory.meeting[family]
  delete memory.asked[family]
}

/** Adds to the day; what it holds and the most of the days before, where it is far more. */
function count(amounts: DayAmounts, { local }: Sample, more: number): { today: number; usual: number } | null {
  if (amounts.day === null || local.day > amounts.day) {
    if (amounts.day !== null) {
      const idle = Math.min(local.day - amounts.day - 1, REMEMBERED_DAYS)
      amounts.before.push(amounts.today, ...new Array<number>(idle).fill(0))
      amounts.before.splice(0, amounts.before.length - REMEMBERED_DAYS)
    }
    amounts.day = local.day
    amounts.today = 0
  }
  amounts.today += more
  if (amounts.before.length < ENOUGH_DAYS) return null
  const usual = Math.max(...amounts.before)
  return amounts.today > FACTOR * usual ? { today: amounts.today, usual } : null
}

function mayTell(told: number | null, second: number): boolean {
  return told === null || second - told >= PAUSE_DAYS * DAY
}

function foundAt({ second, endpoint }: Sample) {
  return {
    company: endpoint.company,
    from: second,
    to: second,
    sure: 0.85,
    learning: false,
    detail: endpoint.purpose,
  }
}

function newDays(): DayAmounts {
  return { day: null, today: 0, before: [] }
}

function fresh(): Memory {
  return {
    since: null,
    known: [],
    meeting: {},
    asked: {},
    bytes: newDays(),
    lookups: newDays(),
    toldNew: null,
    toldMuch: null,
  }
}

function doing(purpose: string | null): string {
  return purpose === 'ads' ? 'which deals in advertising' : 'which follows what people do'
}

export const childTrackers = defineDetector({
  kind: 'child-trackers',
  settings: { on: 'childTrackers', fields, read },
  memory: {
    scope: 'device',
    key: 'childTrackers',
    schema,
    fresh,
    baseline: ({ endpoints }) => {
      const known = endpoints.flatMap(({ family, purpose }) =>
        family !== null && PURPOSES.includes(purpose) ? [family] : [],
      )
      return { ...fresh(), since: 0, known: [...new Set(known)].slice(0, MAX_COMPANIES) }
    },
  },
  streams: { uploads: detect, lookups: detectLookups },
  words: {
    en: {
      title: "Ads or tracking on a child's device",
      sentence: ({ unit, seen, usual, blocked, bytes, detail }, who, whom) => {
        const tell = (value: number): string => (unit === 'lookups' ? lookups(value) : amount(value))
        if (detail === null)
          return `${who}, a child's device, ${unit === 'lookups' ? 'asked for names of' : 'talked to'} companies of advertising and tracking far more than usual today: ${tell(seen)}; the most on a day before were ${tell(usual ?? 0)}`
        return unit === 'lookups'
          ? `${who}, a child's device, asked for names of ${whom}, ${doing(detail)}, for the first time: ${lookups(seen)}${ofThemBlocked(seen, blocked)}`
          : `${who}, a child's device, sent ${amount(bytes)} to ${whom}, ${doing(detail)}, for the first time`
      },
      advice: [
        'An app or game that was installed lately is the likeliest reason: look for its settings, or take it away.',
        "Switch the advertising ID off in the device's settings, or block the company's names on your home's resolver.",
      ],
    },
  },
  dryRun: 'hour',
  isInSample: false,
  isShownWhileLearning: false,
  group: 'upload',
})
