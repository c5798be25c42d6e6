// Question: which services for books, music and films are used, on which days and for how long?
import type { AnswerDay, Evidence } from '../api.ts'
import { duration } from '../text/en/duration.ts'
import {
  noReading,
  READING_LISTENING,
  readingLimits,
  readingSentence,
  servicePart,
} from '../text/en/questions/media.ts'
import { isNamed } from './companies.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import type { CapturedDay, Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

const PURPOSES = ['reading', 'streaming']
const MINUTE = 60
/** Received in a minute that counts. */
const USED_FROM_BYTES = 50_000
/** Companies looked at minute by minute: those that brought most. */
const MOST_COMPANIES = 12

interface Use {
  company: string
  day: number
  seconds: number
}

export const question: Question = {
  id: 'reading-listening',
  needsBytes: true,
  ...READING_LISTENING,
  sources: [],
  async subject(facts) {
    const companies = (await companiesOf(facts)).map((slug) => ({ slug, name: facts.companyName(slug) }))
    return { devices: [], companies, needs: companies.length === 0 ? noReading : null, weight: 0.3 }
  },
  answer,
}

/** Those that brought something for reading or listening, the one that brought most first. */
async function companiesOf(facts: Facts): Promise<string[]> {
  const sums = new Map<string, number>()
  for (const { endpoint, received, lookups } of await facts.moved()) {
    const company = endpoint?.company ?? null
    if (company === null || !isNamed(company) || !PURPOSES.includes(endpoint?.purpose ?? '')) continue
    sums.set(company, (sums.get(company) ?? 0) + (facts.source.lookupsOnly ? lookups : received))
  }
  const asked = facts.asked.company
  return [...sums]
    .filter(([slug, sum]) => sum > 0 && (asked === null || slug === asked || facts.parentOf(slug) === asked))
    .sort((one, other) => other[1] - one[1])
    .map(([slug]) => slug)
}

async function answer(facts: Facts): Promise<Draft> {
  const days = await facts.days()
  const uses: Use[] = []
  for (const company of (await companiesOf(facts)).slice(0, MOST_COMPANIES))
    for (const day of days) {
      const seconds = await secondsOfDay(facts, company, day)
      if (seconds > 0) uses.push({ company, day: day.day, seconds })
    }
  const services = servicesOf(uses)
  const rest = {
    limits: readingLimits,
    perDay: days.map(({ day, captured }): AnswerDay => ({
      day,
      captured,
      sure: minutesOn(uses, day),
      possible: 0,
      sent: 0,
    })),
    figures: services.map(({ company, seconds }) => ({
      name: facts.companyName(company),
      value: seconds,
      unit: 'seconds' as const,
    })),
    evidence: uses.map((use) => evidenceOf(facts, use)),
  }
  if (services.length > 0)
    return {
      ...rest,
      verdict: 'number',
      sentence: readingSentence(
        services.map(({ company, days: count, seconds }) => servicePart(facts.companyName(company), count, seconds)),
      ),
    }
  const isNo = (await facts.capturedSeconds()) >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
  return { ...rest, verdict: isNo ? 'no' : 'cannot-know', sentence: noReading }
}

/** Seconds of the minutes in which enough came; where minutes are not kept any more, those of the streams counted. */
async function secondsOfDay(facts: Facts, company: string, { day, from, to }: CapturedDay): Promise<number> {
  const minutes = new Set<number>()
  for (const purpose of PURPOSES) {
    const series = await facts.view.history.series({
      from,
      to,
      step: MINUTE,
      companies: [company],
      purpose,
      ...devicesOf(facts),
    })
    if (series.step > MINUTE) return streamedSeconds(facts, company, day)
    series.received.forEach((bytes, place) => {
      if (bytes > USED_FROM_BYTES) minutes.add(series.from + place * series.step)
    })
  }
  return minutes.size * MINUTE
}

function devicesOf(facts: Facts): { devices?: string[] } {
  const { devices } = facts.asked
  return devices.length === 0 ? {} : { devices: devices.flatMap((id) => facts.view.membersOf(id)) }
}

async function streamedSeconds(facts: Facts, company: string, wanted: number): Promise<number> {
  return (await facts.counts(['streaming'])).reduce(
    (sum, count) => sum + (count.company === company && count.day === wanted ? count.seconds : 0),
    0,
  )
}

function servicesOf(uses: readonly Use[]): { company: string; days: number; seconds: number }[] {
  const found = new Map<string, { company: string; days: number; seconds: number }>()
  for (const { company, seconds } of uses) {
    const service = found.get(company) ?? { company, days: 0, seconds: 0 }
    service.days++
    service.seconds += seconds
    found.set(company, service)
  }
  return [...found.values()].sort((one, other) => other.seconds - one.seconds)
}

function minutesOn(uses: readonly Use[], wanted: number): number {
  return uses.reduce((sum, { day, seconds }) => sum + (day === wanted ? seconds / MINUTE : 0), 0)
}

function evidenceOf(facts: Facts, { company, day, seconds }: Use): Evidence {
  const date = facts.view.localTime.dateOf(day)
  const name = facts.companyName(company)
  const words = `${date}: ${name}, ${duration(seconds)}`
  return { kind: 'cell', ref: date, device: null, at: day, words, value: seconds, of: name }
}
