// A host's own words give a purpose where only a general rule matches.
import { describe, expect, it } from 'vitest'
import { CompanyTable, packDomains } from '../../../server/attribution/company-names.ts'
import { isGeneralRule, purposeOfWords } from '../../../server/attribution/name-words.ts'
import { compileCompanies, compileDomains } from '../../../server/rulebook/compile.ts'
import { nameCommand } from '../../../server/rulebook/command.ts'
import type { CompanyRule } from '../../../server/rules/types.ts'

const source = 'https://acme.example'
const entry = { title: 'A purpose', words: 'A purpose in plain words.' }
const purposes = Object.fromEntries(
  [
    'streaming',
    'control',
    'web',
    'telemetry',
    'tracking',
    'ads',
    'update',
    'time',
    'account',
    'cloud',
    'cdn',
    'video',
  ].map((purpose) => [purpose, entry]),
)

function tableOf(acme: Record<string, string>, network: Record<string, string> = {}): CompanyTable {
  const company = (domains: Record<string, string>): CompanyRule => ({
    name: 'Acme',
    home: source,
    about: 'Lamps.',
    domains: Object.entries(domains).map(([suffix, purpose]) => ({ suffix, purpose, source })),
  })
  const rules = {
    purposes,
    companies: new Map([
      ['acme', company(acme)],
      ['network', company(network)],
    ]),
  }
  return new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))
}

describe('words of a host name', () => {
  it.each([
    ['log', 'web', 'telemetry'],
    ['eu-logs-2', 'web', 'telemetry'],
    ['metrics1', 'streaming', 'telemetry'],
    ['ads', 'streaming', 'ads'],
    ['x-ad', 'web', 'ads'],
    ['track', 'web', 'tracking'],
    ['ota', 'web', 'update'],
    ['ota-log', 'web', 'telemetry'],
    ['time3', 'web', 'time'],
    ['oauth', 'web', 'account'],
    ['mqtt-eu', 'web', 'control'],
  ])('%s under a rule for %s is for %s', (label, rulePurpose, purpose) =>
    expect(purposeOfWords([label], rulePurpose)).toBe(purpose),
  )

  it.each(['login1234', 'blog', 'catalog', 'adapter', 'tracks', 'statsfe', 'real-time', 'thread', 'status', 'data'])(
    '%s says nothing',
    (label) => expect(purposeOfWords([label], 'web')).toBeNull(),
  )

  it('do not take the device service of a cloud of devices for advertising', () => {
    expect(purposeOfWords(['ads-field'], 'control')).toBeNull()
    expect(purposeOfWords(['adserver'], 'control')).toBe('ads')
  })

  it.each([
    ['acme.example', 'streaming', true],
    ['api.acme.example', 'control', true],
    ['api.acme.example', 'streaming', false],
    ['acme.example', 'cloud', false],
    ['acme.example', 'tracking', false],
    ['acme.co.uk', 'video', true],
  ])('count under a rule %s for %s: %s', (suffix, purpose, general) =>
    expect(isGeneralRule(suffix, purpose)).toBe(general),
  )
})

describe('a table of companies', () => {
  const table = tableOf({
    'acme.example': 'streaming',
    'log.acme.example': 'control',
    'films.acme.example': 'streaming',
    'acme-cloud.example': 'cloud',
  })
  const purposeOf = (host: string): [string | null, string | null] => {
    const { purpose, purposeFrom } = table.lookUp(host)
    return [purpose, purposeFrom]
  }

  it('says whether a purpose is read from the name', () => {
    expect(purposeOf('eu.metrics.acme.example')).toEqual(['telemetry', 'name'])
    expect(purposeOf('eu.acme.example')).toEqual(['streaming', 'rule'])
    expect(purposeOf('acme.example')).toEqual(['streaming', 'rule'])
    expect(purposeOf('metrics.stranger.example')).toEqual([null, null])
  })

  it('leaves a rule for the host itself, and for a part of the company, as it is', () => {
    expect(purposeOf('log.acme.example')).toEqual(['control', 'rule'])
    expect(purposeOf('log.films.acme.example')).toEqual(['streaming', 'rule'])
  })

  it("does not read the names that a cloud's customers give", () => {
    expect(purposeOf('logs.acme-cloud.example')).toEqual(['cloud', 'rule'])
  })

  it('keeps the two ways to one purpose apart, and either spelling together', () => {
    expect(purposeOf('ads.acme.example')).toEqual(['ads', 'name'])
    expect(purposeOf('ADS.Acme.example.')).toEqual(['ads', 'name'])
    expect(purposeOf('log.acme.example')).toEqual(['control', 'rule'])
  })

  it.each([
    ['www.acme.example.edgekey.net', 'acme', 'streaming'],
    ['log.acme.example.akadns.net', 'acme', 'control'],
    ['www.acme.example.edgekey.net.edgesuite.net', 'acme', 'streaming'],
    ['e123.edgekey.net', 'network', 'cdn'],
    ['www.stranger.example.edgekey.net', 'network', 'cdn'],
    ['www.stranger.example.nsatc.net', null, null],
    ['acme.example.edgekey.net.stranger.example', null, null],
    ['known.example.edgekey.net', 'acme', 'web'],
  ])('gives %s of a delivery network to %s', (host, company, purpose) => {
    const served = tableOf(
      { 'acme.example': 'streaming', 'log.acme.example': 'control', 'known.example.edgekey.net': 'web' },
      { 'edgekey.net': 'cdn', 'akadns.net': 'cdn', 'edgesuite.net': 'cdn' },
    )
    expect(served.lookUp(host)).toMatchObject({ company, purpose })
  })

  it('marks it in the last column of the command', () => {
    const lines: string[] = []
    nameCommand(['ads.acme.example', 'eu.acme.example'], (line) => lines.push(line), table)
    expect(lines).toEqual([
      'ads.acme.example\tacme\tads\trules/companies/acme.yaml\tread from the name',
      'eu.acme.example\tacme\tstreaming\trules/companies/acme.yaml',
    ])
  })
})
