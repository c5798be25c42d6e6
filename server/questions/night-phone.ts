// Question: does a phone send something every night, and what of it are heartbeats and backups?
import type { Evidence } from '../api.ts'
import {
  largerSentence,
  needsNights,
  needsPhone,
  NIGHT_PHONE,
  nightPhoneLimits,
  nightSentence,
} from '../text/en/questions/night.ts'
import { amount } from '../text/en/questions/common.ts'
import type { Facts } from './facts.ts'
import { isFamily, isNamed } from './companies.ts'
import type { Movement } from '../queries/traffic-view.ts'
import { minutesOfNight, type Night, type NightMinute, nightsOf } from './nights.ts'
import type { Draft, Question } from './question.ts'
import { shortTime } from './times.ts'

const PHONES = ['phone', 'tablet']
/** The company of the story, where the home talks to it. */
const OF_THE_STORY = 'whatsapp'
/** A stretch of minutes with more is no message: it is named by itself. */
const LARGE_BYTES = 1_000_000
/** Minutes without traffic that a stretch may hold. */
const PAUSE_SECONDS = 180
const MOST_NIGHTS = 35
const FEWEST_BEATS = 6

export const question: Question = {
  id: 'night-phone',
  needsBytes: true,
  ...NIGHT_PHONE,
  sources: [],
  async subject(facts) {
    const phones = facts.devicesOf(PHONES).map(({ id }) => id)
    const met = new Map<string, number>()
    for (const { device, endpoint, sent } of await facts.moved())
      if (phones.includes(device) && isNamed(endpoint?.company ?? null))
        met.set(endpoint?.company ?? '', (met.get(endpoint?.company ?? '') ?? 0) + sent)
    const companies = [...met].sort((one, other) => other[1] - one[1]).map(([slug]) => slug)
    return {
      devices: phones,
      companies: companies.slice(0, 50).map((slug) => ({ slug, name: facts.companyName(slug) })),
      needs: phones.length === 0 ? needsPhone : null,
      weight: companies.includes(OF_THE_STORY) ? 0.7 : 0.3,
    }
  },
  answer,
}

interface Upload {
  device: string
  at: number
  bytes: number
  minute: NightMinute
}

async function answer(facts: Facts): Promise<Draft> {
  const phones = new Set(facts.devicesOf(PHONES).map(({ id }) => id))
  const nights = await readNights(facts, phones)
  const base = { limits: nightPhoneLimits }
  if (nights.length === 0) {
    const sentence = needsNights(0)
    return { ...base, verdict: 'not-enough', sentence, devices: [...phones] }
  }
  const { phone, company } = chosen(facts, await facts.moved(), phones, nights)
  const ofPhone = nights.map((night) => ({ day: night.day, asleep: night.of.get(phone)?.asleep ?? [] }))
  const uploads = ofPhone.flatMap(({ asleep }) => uploadsOf(phone, asleep))
  const large = new Set(uploads.flatMap(({ rows }) => rows))
  const rows = ofPhone.map((night) => ({
    day: night.day,
    minutes: night.asleep.filter((minute) => isOf(facts, minute, company) && !large.has(minute)),
  }))
  const sums = rows.map(({ day, minutes }) => ({ day, sent: sentOf(minutes), minutes }))
  const sending = sums.filter(({ sent }) => sent > 0)
  const amounts = sending.map(({ sent }) => sent)
  const largest = [...uploads].sort((one, other) => other.bytes - one.bytes)
  return {
    ...base,
    verdict: sending.length > 0 || uploads.length > 0 ? 'yes' : 'no',
    devices: [phone],
    company,
    sentence:
      nightSentence({
        phone: facts.nameOf(phone),
        company: facts.companyName(company),
        nights: nights.length,
        sending: sending.length,
        low: Math.min(...amounts, Infinity),
        high: Math.max(...amounts, 0),
        beat: beatOf(sums.map(({ minutes }) => minutes)),
      }) +
      largerSentence(
        largest.map(({ at, bytes, minute }) => ({
          bytes,
          to: farOf(facts, minute),
          when: shortTime(facts.view.localTime, at),
          isBackup: minute.endpoint.purpose === 'data',
        })),
      ),
    figures: [
      { name: 'captured nights', value: nights.length, unit: 'days' },
      { name: 'nights with something sent', value: sending.length, unit: 'days' },
      { name: 'sent while asleep', value: amounts.reduce((sum, sent) => sum + sent, 0), unit: 'bytes' },
      { name: 'larger uploads', value: uploads.reduce((sum, { bytes }) => sum + bytes, 0), unit: 'bytes' },
    ],
    perDay: sums.map(({ day, sent }) => ({ day, captured: 6 * 3_600, sure: 0, possible: 0, sent })),
    evidence: [
      ...sending.map(({ day, sent }) => nightEvidence(facts, phone, company, day, sent)),
      ...uploads.map((upload) => uploadEvidence(facts, upload)),
    ],
  }
}

async function readNights(
  facts: Facts,
  phones: ReadonlySet<string>,
): Promise<{ day: number; of: Map<string, Night> }[]> {
  const found: { day: number; of: Map<string, Night> }[] = []
  for (const night of (await nightsOf(facts)).slice(-MOST_NIGHTS)) {
    const of = await minutesOfNight(facts.view, night, phones)
    if (of !== null) found.push({ day: night.from, of })
  }
  return found
}

/** The phone and the company asked about; else that of the story, else those with the most. */
function chosen(
  facts: Facts,
  moved: readonly Movement[],
  phones: ReadonlySet<string>,
  nights: readonly { of: Map<string, Night> }[],
): { phone: string; company: string | null } {
  const sums = new Map<string, { phone: string; company: string | null; sent: number }>()
  for (const { of } of nights)
    for (const [phone, { asleep }] of of)
      for (const { endpoint, sent } of asleep) {
        const key = `${phone} ${endpoint.company ?? ''}`
        const sum = sums.get(key) ?? { phone, company: endpoint.company, sent: 0 }
        sum.sent += sent
        sums.set(key, sum)
      }
  const wanted = facts.asked.company ?? OF_THE_STORY
  const rows = [...sums.values()].sort((one, other) => other.sent - one.sent)
  const of = rows.find(({ company }) => isFamily(facts, company, wanted))
  const [anyPhone = ''] = phones
  if (of !== undefined) return { phone: of.phone, company: of.company }
  // Nothing at night is an answer, too: of the phone that talks to it by day.
  const user = moved.find(
    ({ device, endpoint }) => phones.has(device) && isFamily(facts, endpoint?.company ?? null, wanted),
  )
  if (user !== undefined) return { phone: user.device, company: user.endpoint?.company ?? wanted }
  if (facts.asked.company !== null) return { phone: rows[0]?.phone ?? anyPhone, company: facts.asked.company }
  return { phone: rows[0]?.phone ?? anyPhone, company: rows[0]?.company ?? OF_THE_STORY }
}

function isOf(facts: Facts, { endpoint }: NightMinute, company: string | null): boolean {
  return company === null ? endpoint.company === null : isFamily(facts, endpoint.company, company)
}

function sentOf(minutes: readonly NightMinute[]): number {
  return minutes.reduce((sum, { sent }) => sum + sent, 0)
}

/** Stretches of minutes to one company in which much was sent. */
function uploadsOf(device: string, asleep: readonly NightMinute[]): (Upload & { rows: NightMinute[] })[] {
  const open = new Map<string | null, NightMinute[]>()
  const stretches: NightMinute[][] = []
  for (const minute of asleep) {
    const { company } = minute.endpoint
    const before = open.get(company)
    const last = before?.at(-1)
    if (before !== undefined && last !== undefined && minute.at - last.at <= PAUSE_SECONDS) before.push(minute)
    else {
      const begun = [minute]
      open.set(company, begun)
      stretches.push(begun)
    }
  }
  return stretches
    .map((rows) => {
      const most = rows.reduce((found, one) => (one.sent > found.sent ? one : found))
      return { device, at: rows[0].at, bytes: sentOf(rows), minute: most, rows }
    })
    .filter(({ bytes }) => bytes >= LARGE_BYTES)
}

/** The usual minute with traffic, and the usual time from one to the next, over all nights. */
function beatOf(nights: readonly (readonly NightMinute[])[]): { bytes: number; minutes: number } | null {
  const amounts: number[] = []
  const pauses: number[] = []
  for (const minutes of nights) {
    const byMinute = new Map<number, number>()
    for (const { at, sent } of minutes) if (sent > 0) byMinute.set(at, (byMinute.get(at) ?? 0) + sent)
    const times = [...byMinute.keys()].sort((one, other) => one - other)
    amounts.push(...byMinute.values())
    for (let place = 1; place < times.length; place++) pauses.push((times[place] - times[place - 1]) / 60)
  }
  if (pauses.length < FEWEST_BEATS) return null
  return { bytes: middle(amounts), minutes: Math.round(middle(pauses)) }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function farOf(facts: Facts, { endpoint }: NightMinute): string {
  return endpoint.company === null
    ? (endpoint.host ?? endpoint.addresses[0] ?? 'an unknown address')
    : facts.companyName(endpoint.company)
}

function nightEvidence(facts: Facts, device: string, company: string | null, day: number, sent: number): Evidence {
  const date = facts.view.localTime.dateOf(day)
  const words = `Night to ${date}: ${amount(sent)} to ${facts.companyName(company)}`
  return { kind: 'cell', ref: date, device, at: day, words, value: sent, of: 'sent while asleep' }
}

function uploadEvidence(facts: Facts, { device, at, bytes, minute }: Upload): Evidence {
  const far = minute.endpoint.host ?? minute.endpoint.addresses[0] ?? farOf(facts, minute)
  const words = `${shortTime(facts.view.localTime, at)}: ${amount(bytes)} to ${far}`
  return { kind: 'endpoint', ref: far, device, at, words, value: bytes, of: 'larger uploads' }
}
