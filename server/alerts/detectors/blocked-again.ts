// Alert: an appliance asks again and again for names that the resolver's filter blocks.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { areFew, CompaniesSchema, domainOf, noteCompany } from '../asked.ts'
import { farEndOf } from '../destination.ts'
import { type BlockedSample, type CommonSettings, defineDetector, type LookupSample } from '../detector.ts'
import type { Found } from '../found.ts'
import { isPersonal } from '../kind-limits.ts'
import { daysBefore, DaysSchema, raise } from '../statistics.ts'

/** So many times as many as in any hour of the days before. */
const FACTOR = 3
/** In the first week only from so many times the setting: what is usual is not known yet. */
const LEARNING_FACTOR = 3
/** A page that is opened asks for everything at once: what goes on is spread over so many minutes of the hour. */
const ENOUGH_MINUTES = 10
/** Companies, and domains of nobody that is known, remembered of a device: those that were blocked last. */
const MAX_BLOCKED = 32
const MINUTE = 60
const DAY = 86_400
/** The last hour, in parts. */
const PART_SECONDS = 600
const PARTS = 6

const fields = {
  blockedAgain: yesNo(
    'Blocked again and again',
    'An appliance asks persistently for names that your resolver blocks, by its log.',
    true,
  ),
  blockedAgainFloor: number('Many from (blocked look-ups in an hour)', 'Fewer are never reported.', 100, 10, 100_000),
}

function read({ blockedAgainFloor }: SettingValues<typeof fields>) {
  return { floor: blockedAgainFloor }
}

const BlockedSchema = Type.Object({
  /** Blocked look-ups of the last hour, and in how many minutes they were. */
  parts: Type.Array(Type.Object({ part: Type.Number(), count: Type.Number(), minutes: Type.Number() })),
  /** The minute that was counted last. */
  minute: Type.Number(),
  /** The most in an hour of each day, as far as that hour is over; and the most since. */
  days: DaysSchema,
  most: Type.Union([Type.Null(), Type.Object({ day: Type.Number(), at: Type.Number(), seen: Type.Number() })]),
  /** When it was first told, and the most that was told since and when; null once a day has passed. */
  told: Type.Union([Type.Null(), Type.Object({ since: Type.Number(), last: Type.Number(), seen: Type.Number() })]),
})
type Blocked = Static<typeof BlockedSchema>

const schema = Type.Object({
  /** First look-up that a log told of. */
  since: Type.Union([Type.Null(), Type.Number()]),
  /** Families of companies that it asks for, blocked or not, as far as they are few. */
  companies: CompaniesSchema,
  /** By family, or by domain where nobody knows whose it is. */
  blocked: Type.Record(Type.String(), BlockedSchema),
})
type Memory = Static<typeof schema>
type Settings = ReturnType<typeof read> & CommonSettings

function note(memory: Memory, sample: LookupSample): null {
  memory.since ??= sample.second
  noteCompany(memory.companies, sample)
  return null
}

function detect(memory: Memory, sample: BlockedSample, settings: Settings): Found | null {
  const { second, local, family, endpoint } = sample
  memory.since ??= second
  const whom = family ?? domainOf(endpoint.host)
  if (whom === null) return null
  const blocked = blockedOf(memory, whom, second)
  const { seen, minutes, from } = addTo(blocked, sample)
  const before = daysBefore(blocked.days, local.day)
  remember(blocked, sample, seen)
  const isLearning = second - Math.max(sample.learnedFrom, memory.since) < settings.learningDays * DAY
  const usual = Math.max(0, ...before)
  if (blocked.told !== null && second - blocked.told.since >= DAY) blocked.told = null
  const goesOn = blocked.told !== null
  if (blocked.told !== null) {
    // One alert a day, which grows with what is seen while it goes on.
    if (seen <= blocked.told.seen || second - blocked.told.last > PARTS * PART_SECONDS) return null
  } else {
    const floor = settings.floor * (isLearning ? LEARNING_FACTOR : 1)
    if (seen < floor || seen < FACTOR * usual || minutes < ENOUGH_MINUTES || !isAppliance(memory, sample)) return null
  }
  blocked.told = { since: blocked.told?.since ?? second, last: second, seen }
  return {
    company: family,
    destination: family === null ? farEndOf(endpoint).key : null,
    from,
    to: second,
    seen,
    usual: isLearning && before.length === 0 ? null : usual,
    unit: 'lookups',
    sent: 0,
    received: 0,
    sure: 0.85,
    learning: false,
    goesOn,
    detail: family === null ? whom : null,
  }
}

function blockedOf({ blocked }: Memory, whom: string, second: number): Blocked {
  if (Object.hasOwn(blocked, whom)) return blocked[whom]
  const names = Object.keys(blocked)
  if (names.length >= MAX_BLOCKED)
    delete blocked[names.reduce((one, other) => (blocked[other].minute < blocked[one].minute ? other : one))]
  return (blocked[whom] = { parts: [], minute: Math.floor(second / MINUTE) - 1, days: [], most: null, told: null })
}

/** Adds the sample to the running hour, which ends with the latest sample; a late one counts where it belongs. */
function addTo(blocked: Blocked, { second, count }: BlockedSample): { seen: number; minutes: number; from: number } {
  const part = Math.floor(second / PART_SECONDS)
  const minute = Math.floor(second / MINUTE)
  const newest = Math.max(part, ...blocked.parts.map((one) => one.part))
  blocked.parts = blocked.parts.filter((one) => one.part > newest - PARTS)
  if (part > newest - PARTS) {
    let own = blocked.parts.find((one) => one.part === part)
    if (own === undefined) blocked.parts.push((own = { part, count: 0, minutes: 0 }))
    own.count += count
    if (minute > blocked.minute) own.minutes++
  }
  blocked.minute = Math.max(blocked.minute, minute)
  const sum = (of: 'count' | 'minutes'): number => blocked.parts.reduce((all, one) => all + one[of], 0)
  const from = Math.min(...blocked.parts.map((one) => one.part)) * PART_SECONDS
  return { seen: sum('count'), minutes: sum('minutes'), from }
}

/** What goes on must not become usual while it is looked at. */
function remember(blocked: Blocked, { second, local }: BlockedSample, seen: number): void {
  const { most, days } = blocked
  if (most !== null && second - most.at >= PARTS * PART_SECONDS) {
    raise(days, most.day, most.seen)
    blocked.most = null
  }
  if (seen > (blocked.most?.seen ?? 0)) blocked.most = { day: local.day, at: second, seen }
}

/** People open what they please, with what is blocked in it: their own devices ask for it all day long. */
function isAppliance({ companies }: Memory, { device: { kind } }: BlockedSample): boolean {
  return kind === 'unknown' ? areFew(companies) : !isPersonal(kind)
}

function many(count: number): string {
  const rounded = Math.round(count)
  return rounded === 1 ? '1 blocked look-up' : `${rounded.toLocaleString('en')} blocked look-ups`
}

export const blockedAgain = defineDetector({
  kind: 'blocked-again',
  settings: { on: 'blockedAgain', fields, read },
  memory: {
    scope: 'device',
    key: 'blocked-again',
    schema,
    fresh: () => ({ since: null, companies: [], blocked: {} }),
  },
  streams: { lookups: note, blocked: detect },
  words: {
    en: {
      title: 'Blocked again and again',
      sentence: ({ seen, usual, company, detail }, who, whom) => {
        const known = company !== null && company !== undefined
        const names = known ? `names of ${whom}` : `names under ${detail ?? 'a domain'}`
        const before = usual === null ? '' : usual === 0 ? ', none before' : `, at most ${Math.round(usual)} before`
        return `${who} keeps asking for ${names}, which your resolver blocks: ${many(seen)} within an hour${before}. A blocked look-up gives no address, so it reached nobody by it`
      },
      advice: [
        "See on the device's page which names it asks for.",
        'Many devices ask until they are answered: while they do their work, nothing needs to be done.',
        'Allow a name on your resolver if something on the device no longer works without it.',
      ],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
