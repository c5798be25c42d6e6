// Question: what do companies keep, read, sell or delete? No traffic shows it: where to ask, and what they say.
import type { Evidence } from '../api.ts'
import { CANNOT_SEE, cannotSee, cannotSeeLimits, saidRow } from '../text/en/questions/beyond.ts'
import { needsCompany } from '../text/en/questions/company.ts'
import { parentsOf } from './companies.ts'
import type { Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

const KINDS = ['export', 'deletion', 'retention'] as const
const MOST_COMPANIES = 50

export const question: Question = {
  id: 'cannot-see',
  ...CANNOT_SEE,
  needsNoCapture: true,
  sources: [
    'https://www.ftc.gov/news-events/news/press-releases/2023/05/ftc-doj-charge-amazon-violating-childrens-privacy-law-keeping-kids-alexa-voice-recordings-forever',
  ],
  async subject(facts) {
    const companies = (await companiesOf(facts)).slice(0, MOST_COMPANIES)
    return {
      devices: [],
      companies: companies.map((slug) => ({ slug, name: facts.companyName(slug) })),
      needs: companies.length === 0 ? needsCompany : null,
      weight: 0.1,
    }
  },
  answer,
}

/** Those of which it is known where to ask, first; else by what they got. */
async function companiesOf(facts: Facts): Promise<string[]> {
  const parents = parentsOf(facts, await facts.moved()).map(({ slug }) => slug)
  return [
    ...parents.filter((slug) => saidOf(facts, slug) !== null),
    ...parents.filter((slug) => saidOf(facts, slug) === null),
  ]
}

function saidOf(facts: Facts, slug: string): NonNullable<ReturnType<typeof described>> | null {
  return described(facts, slug) ?? null
}

function described(facts: Facts, slug: string) {
  return facts.view.rules.companies.describe(slug)?.said
}

async function answer(facts: Facts): Promise<Draft> {
  const slug = facts.parentOf(facts.asked.company ?? (await companiesOf(facts))[0])
  const said = saidOf(facts, slug)
  const evidence = KINDS.flatMap((kind): Evidence[] => {
    const one = said?.[kind] ?? null
    if (one === null) return []
    const words = saidRow(kind, one.words, one.date, one.link ?? null)
    return [
      { kind: 'endpoint', ref: one.link ?? one.source, device: null, at: null, words, value: 1, of: 'statements' },
    ]
  })
  return {
    verdict: 'cannot-know',
    company: slug,
    sentence: cannotSee(facts.companyName(slug), (said?.export ?? null) !== null, (said?.deletion ?? null) !== null),
    limits: cannotSeeLimits,
    figures: [{ name: 'statements', value: evidence.length, unit: 'count' }],
    evidence,
  }
}
