// Sums by the owner of the companies: brands add up, rented clouds stand apart, and nothing is lost.
import { describe, expect, test } from 'vitest'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import { ownersOf } from '../../../server/analyze/owners.ts'
import { CompanyTable, packDomains } from '../../../server/attribution/company-names.ts'
import type { DeviceFacts, EndpointFacts } from '../../../server/resolve/facts.ts'
import { compileCompanies, compileDomains } from '../../../server/rulebook/compile.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { readRules } from '../../../server/rulebook/read.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { RULES } from '../../rules/temporary-rules.ts'
import { realCaptures } from '../../support/real-captures.ts'

const files = readRules(RULES)
const companies = new CompanyTable(compileCompanies(files), packDomains(compileDomains(files)))

function device(...talks: [company: string | null, sent: number, received: number][]): DeviceFacts {
  return {
    endpoints: talks.map(([company, sent, received]) => ({ company, sent, received }) as EndpointFacts),
  } as DeviceFacts
}

const sum = (rows: readonly { sent: number; received: number }[]): [number, number] => [
  rows.reduce((total, { sent }) => total + sent, 0),
  rows.reduce((total, { received }) => total + received, 0),
]

describe('owners of companies', () => {
  const devices = [
    device(['ring', 61_600, 900], ['alexa', 3_000, 4_000], ['aws', 1_800, 5_000], [null, 70, 80], ['nest', 40, 2]),
    device(['alexa', 200, 1], ['cloudfront', 10, 90_000], ['youtube', 500, 9], ['denon', 7, 7], ['samsung-tv', 9, 1]),
  ]

  test('add up their brands over all devices, those that got most first', () => {
    expect(ownersOf(devices, companies)).toEqual([
      { owner: 'amazon', name: 'Amazon', sent: 64_800, received: 4_901, companies: ['ring', 'alexa'] },
      { owner: 'aws', name: 'Amazon Web Services', sent: 1_800, received: 5_000, companies: ['aws'], ...rented },
      { owner: 'google', name: 'Google', sent: 540, received: 11, companies: ['youtube', 'nest'] },
      { owner: 'samsung', name: 'Samsung', sent: 16, received: 8, companies: ['samsung-tv', 'denon'] },
      {
        owner: 'cloudfront',
        name: 'Amazon CloudFront',
        sent: 10,
        received: 90_000,
        companies: ['cloudfront'],
        ...rented,
      },
    ])
  })

  test('and the bytes of no company are all the bytes', () => {
    const all = devices.flatMap(({ endpoints }) => endpoints)
    const nobody = all.filter(({ company }) => company === null)
    expect(sum([...ownersOf(devices, companies), ...nobody])).toEqual(sum(all))
  })

  test('keep a company apart that no rule knows any more', () => {
    expect(ownersOf([device(['forgotten', 5, 6])], companies)).toEqual([
      { owner: 'forgotten', name: 'forgotten', sent: 5, received: 6, companies: ['forgotten'] },
    ])
  })

  test('are at the top of the rules: each has a name, and no cloud owns a brand', () => {
    for (const [slug, { cloud }] of files.companies) {
      const top = companies.parentOf(slug)
      expect(companies.describe(top), slug).not.toBeNull()
      if (cloud !== true) expect(companies.describe(top)?.cloud, slug).toBe(false)
      if (cloud !== true) expect(companies.familyOf(top).brands, slug).toContain(slug)
      else if (top !== slug && companies.describe(top)?.cloud === false)
        expect(companies.familyOf(top).rented, slug).toContain(slug)
    }
  })
})

const rented = { cloud: true, partOf: 'amazon' }

/** Small ones of every source of captures. */
const REAL = (realCaptures() ?? []).filter((_, place) => place % 131 === 7).slice(0, 15)

describe.skipIf(REAL.length === 0)('owners of real captures', () => {
  const rules = openRules(compiledRulesFolder())

  test.each(REAL.map(({ path }) => path))('add up to the internet and to their companies in %s', async (path) => {
    const { devices, owners } = await analyzeFile(path, { rules })
    const all = devices.flatMap(({ endpoints }) => endpoints)
    const nobody = all.filter(({ company }) => company === null)
    expect(sum([...owners, ...nobody])).toEqual(sum(devices))
    for (const { companies: brands, ...owner } of owners)
      expect(sum([owner])).toEqual(sum(all.filter(({ company }) => company !== null && brands.includes(company))))
    expect(owners.map(({ sent }) => sent)).toEqual(owners.map(({ sent }) => sent).sort((one, other) => other - one))
  })
})
