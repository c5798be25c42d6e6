// Question: what did one company get with all that is part of it, by service?
import type { Evidence, Figure } from '../api.ts'
import type { Movement } from '../queries/traffic-view.ts'
import { parentsOf } from './companies.ts'
import {
  brandLookups,
  brandPart,
  COMPANY_ALL,
  companyAll,
  companyLimits,
  companyLookups,
  companyNothing,
  likelyLimit,
  lookupsLimit,
  needsCompany,
} from '../text/en/questions/company.ts'
import { amount } from '../text/en/questions/common.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import type { Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

/** The company of the story, where the home talks to it. */
const OF_THE_STORY = 'amazon'
const MOST_COMPANIES = 50

export const question: Question = {
  id: 'company-all',
  ...COMPANY_ALL,
  sources: [
    'https://www.ftc.gov/news-events/news/press-releases/2023/05/ftc-says-ring-employees-illegally-surveilled-customers-failed-stop-hackers-taking-control-users',
  ],
  async subject(facts) {
    const parents = parentsOf(facts, await facts.moved())
    const companies = parents.slice(0, MOST_COMPANIES).map(({ slug }) => ({ slug, name: facts.companyName(slug) }))
    return {
      devices: [],
      companies,
      needs: companies.length === 0 ? needsCompany : null,
      weight: companies.some(({ slug }) => slug === OF_THE_STORY) ? 0.9 : 0.5,
    }
  },
  answer,
}

async function answer(facts: Facts): Promise<Draft> {
  const moved = await facts.moved()
  const parents = parentsOf(facts, moved)
  const asked = facts.asked.company ?? parents.find(({ slug }) => slug === OF_THE_STORY)?.slug ?? parents[0]?.slug
  const slug = facts.parentOf(asked)
  const { brands, rented } = facts.view.rules.companies.familyOf(slug)
  const own = ofCompanies(moved, brands.length > 0 ? brands : [slug])
  const cloud = ofCompanies(moved, rented)
  const since = facts.view.localTime.dateOf(facts.asked.from)
  const name = facts.companyName(slug)
  const rest = {
    company: slug,
    limits: [...companyLimits, facts.source.lookupsOnly ? lookupsLimit : likelyLimit],
    figures: figuresOf(facts, own, cloud),
    evidence: [
      ...evidenceOf(facts, own, facts.source.lookupsOnly ? 'look-ups' : 'sent'),
      ...(facts.source.lookupsOnly ? [] : evidenceOf(facts, cloud, 'sent to rented computers')),
    ],
  }
  if (own.length === 0) {
    const isNo = (await facts.capturedSeconds()) >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
    return { ...rest, verdict: isNo ? 'no' : 'cannot-know', sentence: companyNothing(name, since) }
  }
  const sentence = facts.source.lookupsOnly
    ? lookupSentence(facts, own, name, since)
    : companyAll(name, sumOf(own, 'sent'), devicesIn(own), since, brandsOf(facts, own), rentedOf(cloud))
  return { ...rest, verdict: 'number', sentence }
}

function ofCompanies(moved: readonly Movement[], companies: readonly string[]): Movement[] {
  return moved.filter(({ endpoint }) => endpoint !== null && companies.includes(endpoint.company ?? ''))
}

function sumOf(moved: readonly Movement[], of: 'sent' | 'received' | 'lookups' | 'blocked'): number {
  return moved.reduce((sum, movement) => sum + movement[of], 0)
}

function devicesIn(moved: readonly Movement[]): number {
  return new Set(moved.map(({ device }) => device)).size
}

function rentedOf(cloud: readonly Movement[]): { sent: number } | null {
  const sent = sumOf(cloud, 'sent')
  return sent === 0 ? null : { sent }
}

/** Brand by brand, each with what most of its bytes were for; the one that got most first. */
function brandsOf(facts: Facts, own: readonly Movement[]): string[] {
  return byCompany(own, 'sent').map(({ company, total, rows }) => {
    const purposes = new Map<string, number>()
    for (const { endpoint, sent } of rows)
      if (endpoint !== null) purposes.set(endpoint.purpose, (purposes.get(endpoint.purpose) ?? 0) + sent)
    const [purpose = 'unknown'] = [...purposes].sort((one, other) => other[1] - one[1])[0] ?? []
    return brandPart(facts.companyName(company), total, facts.source.purposeTitle(purpose))
  })
}

function lookupSentence(facts: Facts, own: readonly Movement[], name: string, since: string): string {
  const brands = byCompany(own, 'lookups').map(({ company, total }) => brandLookups(facts.companyName(company), total))
  return companyLookups(name, sumOf(own, 'lookups'), sumOf(own, 'blocked'), devicesIn(own), since, brands)
}

function byCompany(
  own: readonly Movement[],
  of: 'sent' | 'lookups',
): { company: string | null; total: number; rows: Movement[] }[] {
  const found = new Map<string | null, Movement[]>()
  for (const movement of own) {
    const company = movement.endpoint?.company ?? null
    found.set(company, [...(found.get(company) ?? []), movement])
  }
  return [...found]
    .map(([company, rows]) => ({ company, rows, total: sumOf(rows, of) }))
    .sort((one, other) => other.total - one.total)
}

function figuresOf(facts: Facts, own: readonly Movement[], cloud: readonly Movement[]): Figure[] {
  if (facts.source.lookupsOnly) return [{ name: 'look-ups', value: sumOf(own, 'lookups'), unit: 'lookups' }]
  return [
    { name: 'sent', value: sumOf(own, 'sent'), unit: 'bytes' },
    { name: 'received', value: sumOf(own, 'received'), unit: 'bytes' },
    { name: 'sent to rented computers', value: sumOf(cloud, 'sent'), unit: 'bytes' },
    { name: 'devices', value: devicesIn(own), unit: 'count' },
  ]
}

function evidenceOf(facts: Facts, moved: readonly Movement[], of: string): Evidence[] {
  return moved.flatMap((movement): Evidence[] => {
    const { device, endpoint, sent, lookups } = movement
    const value = of === 'look-ups' ? lookups : sent
    if (endpoint === null || value === 0) return []
    const far = endpoint.host ?? endpoint.addresses[0] ?? facts.companyName(endpoint.company)
    const shown = of === 'look-ups' ? `${lookups.toLocaleString('en')} look-ups` : amount(sent)
    return [
      {
        kind: of === 'look-ups' ? 'look-up' : 'endpoint',
        ref: far,
        device,
        at: null,
        words: `${facts.nameOf(device)} to ${far}: ${shown}`,
        value,
        of,
      },
    ]
  })
}
