// Hosts of public evidence: what counts as the same company and purpose, and how many hosts the rules know.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { company, domain, RULES, temporaryRules } from '../rules/temporary-rules.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import {
  companiesOf,
  contradictions,
  type Evidence,
  judge,
  type Judged,
  readEvidence,
  scoreByWeight,
} from './hosts-evidence.ts'

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)

const LEAST_COMPANIES = 0.95
const LEAST_PURPOSES = 0.9
const CODE_OR_DOCUMENT = 3

describe('a host of public evidence', () => {
  const rules = temporaryRules()
  let judged: (evidence: Partial<Evidence>) => Judged

  beforeEach(() => {
    rules.put('companies/acme.yaml', company(domain('acme.example') + domain('stats.acme.example', 'tracking')))
    rules.put(
      'companies/acme-lights.yaml',
      company(domain('eu-*.lamps.example'), 'partOf: acme\n').replace('Acme', 'Lights (Glow, Beam)'),
    )
    rules.put('companies/other.yaml', company(domain('other.example')).replace('Acme', 'Other'))
    const { table, families } = companiesOf(rules.folder())
    judged = (evidence) =>
      judge(
        {
          company: 'Acme',
          product: '',
          purpose: 'control',
          source: '',
          suffix: 'acme.example',
          weight: 3,
          ...evidence,
        },
        table,
        families,
      )
  })

  it.each([
    ['is the one named', { suffix: 'api.acme.example' }, 'right'],
    ['is a part of the one named', { suffix: 'eu-1.lamps.example' }, 'right'],
    ['is named by one of its brands', { suffix: 'eu-1.lamps.example', company: 'Glow' }, 'right'],
    ['owns the one named', { company: 'Beam' }, 'right'],
    ['is another', { suffix: 'other.example' }, 'wrong'],
    ['is unknown', { suffix: 'nobody.example' }, 'none'],
    ['is found with a made-up label for what the source left open', { suffix: 'eu-*.lamps.example' }, 'right'],
  ])('has a company that %s', (_what, evidence, verdict) => {
    expect(judged(evidence).companyVerdict).toBe(verdict)
  })

  it.each([
    ['client code gives it', { purpose: 'control', weight: 3 }, 'right'],
    ['client code gives another', { purpose: 'account', weight: 3 }, 'wrong'],
    ['no rule knows the host', { suffix: 'nobody.example', weight: 3 }, 'wrong'],
    ['the evidence gives none', { purpose: 'unknown', weight: 2 }, 'not tested'],
    ['a list calls it advertising', { suffix: 'stats.acme.example', purpose: 'ads', weight: 2 }, 'right'],
    ['client code calls it advertising', { suffix: 'stats.acme.example', purpose: 'ads', weight: 3 }, 'wrong'],
    ['a list calls control tracking', { purpose: 'tracking', weight: 2 }, 'wrong'],
  ])('has a purpose that is judged where %s', (_what, evidence, verdict) => {
    expect(judged(evidence).purposeVerdict).toBe(verdict)
  })

  it('is listed where the rules contradict it, and counted by the weight of its source', () => {
    const all = [judged({}), judged({ purpose: 'voice' }), judged({ suffix: 'other.example', weight: 1 })]
    expect(contradictions(all).map((line) => line.split('\t').slice(0, 2))).toEqual([
      ['3', 'acme.example'],
      ['1', 'other.example'],
    ])
    expect(scoreByWeight(all).map(({ weight, hosts, company }) => [weight, hosts, company.right])).toEqual([
      [3, 2, 2],
      [2, 0, 0],
      [1, 1, 0],
    ])
  })
})

describe.skipIf(folder === null)('the rules', () => {
  it('name the company of the hosts that client code shows, and what they are for', () => {
    const { table, families } = companiesOf(RULES)
    const evidence = readEvidence(readFileSync(join(folder!, 'hosts-evidence.tsv'), 'utf8'))
    const shown = evidence.filter(({ weight }) => weight === CODE_OR_DOCUMENT)
    const judged = shown.map((line) => judge(line, table, families))
    const [{ hosts, company, purpose }] = scoreByWeight(judged)
    const lines = contradictions(judged).join('\n')
    expect(company.right / hosts, lines).toBeGreaterThanOrEqual(LEAST_COMPANIES)
    expect(purpose.right / (purpose.right + purpose.wrong), lines).toBeGreaterThanOrEqual(LEAST_PURPOSES)
  })
})
