// The most specific suffix decides who is behind a name.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CompanyTable, MAX_CACHED_NAMES, packDomains } from '../../../server/attribution/company-names.ts'
import { compileCompanies, compileDomains } from '../../../server/rulebook/compile.ts'
import { buildSuffixes, SuffixTable, suffixProblem } from '../../../server/rules/suffix-table.ts'
import type { CompanyRule } from '../../../server/rules/types.ts'

describe('a table of suffixes', () => {
  const suffixes = [
    'example.com',
    'api.example.com',
    'stats-*.example.com',
    'stats-eu.example.com',
    '*.cdn.example.net',
    'a-*.b-*.example.org',
    'alexa.*.gateway.example.org',
    'x*y*z.example.org',
    'stats-e*.example.com',
  ]
  const table = new SuffixTable(buildSuffixes(suffixes))
  const find = (host: string): string | undefined => suffixes[table.find(host)]

  it.each([
    ['example.com', 'example.com'],
    ['a.b.c.example.com', 'example.com'],
    ['api.example.com', 'api.example.com'],
    ['v1.api.example.com', 'api.example.com'],
    ['stats-us.example.com', 'stats-*.example.com'],
    ['x.stats-us.example.com', 'stats-*.example.com'],
    ['stats-eu.example.com', 'stats-eu.example.com'],
    ['stats-es.example.com', 'stats-e*.example.com'],
    ['stats-.example.com', 'example.com'],
    ['one.cdn.example.net', '*.cdn.example.net'],
    ['two.one.cdn.example.net', '*.cdn.example.net'],
    ['a-1.b-2.example.org', 'a-*.b-*.example.org'],
    ['alexa.na.gateway.example.org', 'alexa.*.gateway.example.org'],
    ['xAyBz.example.org'.toLowerCase(), 'x*y*z.example.org'],
  ])('finds %s under %s', (host, suffix) => expect(find(host)).toBe(suffix))

  it.each([
    'com',
    'notexample.com',
    'example.com.evil.net',
    'cdn.example.net',
    '.cdn.example.net',
    'b-2.example.org',
    'xyz.example.org',
    'xyyz.example.org',
    '',
    '.',
    '..',
    '__proto__',
    'constructor',
    `${'a.'.repeat(200)}example.com`,
  ])('does not find %j', (host) => expect(find(host)).toBeUndefined())

  it("agrees with a plain search for any names made of the rules' own labels", () => {
    const literal = ['a.b', 'b.a.b', 'c.b', 'a.c.b', 'c.a.b', 'b.b']
    const small = new SuffixTable(buildSuffixes(literal))
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }), (labels) => {
        const host = labels.join('.')
        const [longest] = literal
          .filter((suffix) => host === suffix || host.endsWith(`.${suffix}`))
          .sort((a, b) => b.length - a.length)
        return literal[small.find(host)] === longest
      }),
    )
  })

  it('lists every suffix that holds a name', () => {
    expect(table.findAll('v1.api.example.com').map((index) => suffixes[index])).toEqual([
      'example.com',
      'api.example.com',
    ])
  })

  it('finds nothing when it is empty', () => {
    expect(new SuffixTable(buildSuffixes([])).find('example.com')).toBe(-1)
  })

  it.each([
    ['example.com', null],
    ['s3.*.amazonaws.com', null],
    ['com', 'at least two labels'],
    ['*.com', 'two labels without'],
    ['Example.com', 'lower case'],
    ['.example.com', 'dot'],
    ['exam ple.com', 'not a label'],
    ['a*b*c*.example.com', 'too many *'],
  ])('judges the suffix %s', (suffix, problem) => {
    if (problem === null) expect(suffixProblem(suffix)).toBeNull()
    else expect(suffixProblem(suffix)).toContain(problem)
  })
})

describe('a table of companies', () => {
  const source = 'https://acme.example'
  const companies = new Map<string, CompanyRule>([
    [
      'acme',
      {
        name: 'Acme',
        home: source,
        about: 'Lamps.',
        domains: [
          { suffix: 'acme.example', purpose: 'control', source },
          { suffix: 'stats.acme.example', purpose: 'telemetry', source },
        ],
        ranges: [
          { cidr: '17.0.0.0/8', source },
          { cidr: '2620:149::/32', source },
        ],
      },
    ],
    [
      'acme-cloud',
      {
        name: 'Acme Cloud',
        home: source,
        about: 'Rents machines.',
        partOf: 'acme',
        cloud: true,
        asns: [64500],
        ranges: [{ cidr: '17.1.0.0/16', source }],
      },
    ],
    ['zenith', { name: 'Zenith', home: source, about: 'Shops.', partOf: 'acme-cloud' }],
  ])
  const rules = { companies, purposes: {} }
  const table = (): CompanyTable => new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))

  it('gives an address the purpose that all names of its company share, and none where they differ', () => {
    const resolver: CompanyRule = {
      name: 'Resolver',
      home: source,
      about: 'Answers.',
      domains: [
        { suffix: 'dns.example', purpose: 'dns', source },
        { suffix: 'dns6.example', purpose: 'dns', source },
      ],
    }
    const all = { companies: new Map([...companies, ['resolver', resolver]]), purposes: {} }
    const known = new CompanyTable(compileCompanies(all), packDomains(compileDomains(all)))
    expect(['resolver', 'acme', 'zenith', 'nobody'].map((slug) => known.onlyPurposeOf(slug))).toEqual([
      'dns',
      null,
      null,
      null,
    ])
  })

  it('answers with company, purpose and the file that says so', () => {
    expect(table().lookUp('eu.stats.acme.example')).toEqual({
      company: 'acme',
      purpose: 'telemetry',
      ruleFile: 'rules/companies/acme.yaml',
      purposeFrom: 'rule',
    })
    expect(table().lookUp('acme.example')).toEqual({
      company: 'acme',
      purpose: 'control',
      ruleFile: 'rules/companies/acme.yaml',
      purposeFrom: 'rule',
    })
  })

  it('says nothing of a stranger', () => {
    expect(table().lookUp('stranger.example')).toEqual({
      company: null,
      purpose: null,
      ruleFile: null,
      purposeFrom: null,
    })
  })

  it('minds neither capitals nor a closing dot', () => {
    expect(table().lookUp('WWW.Acme.Example.').company).toBe('acme')
  })

  it('gives the same answers after more names than it keeps', () => {
    const flooded = table()
    for (let i = 0; i < 3 * MAX_CACHED_NAMES; i++) flooded.lookUp(`n${i}.stranger.example`)
    expect(flooded.lookUp('n1.stranger.example').company).toBeNull()
    expect(flooded.lookUp('n1.acme.example').company).toBe('acme')
    expect(
      Object.values(flooded)
        .filter((value): value is Map<string, unknown> => value instanceof Map)
        .every(({ size }) => size <= MAX_CACHED_NAMES),
    ).toBe(true)
  })

  it("takes the narrowest range that holds an address, and the network's number", () => {
    expect(table().companyOfAddress('17.200.0.1')).toBe('acme')
    expect(table().companyOfAddress('17.1.2.3')).toBe('acme-cloud')
    expect(table().companyOfAddress('2620:149:1::1')).toBe('acme')
    expect(table().companyOfAddress('18.0.0.0')).toBeNull()
    expect(table().companyOfAddress('nonsense')).toBeNull()
    expect(table().companyOfAsn(64500)).toBe('acme-cloud')
    expect(table().companyOfAsn(64501)).toBeNull()
    expect(table().companyOfAsn(null)).toBeNull()
  })

  it('leads from a company to the one that owns it all', () => {
    expect(table().parentOf('zenith')).toBe('acme')
    expect(table().parentOf('stranger')).toBe('stranger')
    expect(table().describe('zenith')).toMatchObject({ name: 'Zenith', partOf: 'acme-cloud', cloud: false })
    expect(table().describe('__proto__')).toBeNull()
  })
})
