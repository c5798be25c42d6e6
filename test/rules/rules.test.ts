// Are all the rules in order, and does the check notice when they are not?
import Ajv from 'ajv'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { WEIGHTS } from '../../server/identity/identify.ts'
import { namesMaker } from '../../server/identity/mac-makers.ts'
import { checkRules } from '../../server/rules/check.ts'
import { nameCommand, rulesCheckCommand, sentence } from '../../server/rules/command.ts'
import { compileCompanies, compileDomains } from '../../server/rules/compile.ts'
import { CompanyTable, packDomains } from '../../server/attribution/company-names.ts'
import { readFolder, readRules } from '../../server/rules/read.ts'

const RULES = fileURLToPath(new URL('../../rules', import.meta.url))

describe('the rules of this repository', () => {
  it('have no problem that the check knows of', () => {
    expect(checkRules(RULES).map(sentence)).toEqual([])
  })

  it('cover at least sixty makers of devices', () => {
    expect(readFolder(RULES, 'devices').length).toBeGreaterThanOrEqual(60)
  })

  it('have the shape of their JSON Schemas by an independent validator', () => {
    const ajv = new Ajv({ allErrors: true })
    const device = ajv.compile(readSchema('device'))
    const company = ajv.compile(readSchema('company'))
    const wrong = [
      ...readFolder(RULES, 'devices').filter(({ content }) => !device(content)),
      ...readFolder(RULES, 'companies').filter(({ content }) => !company(content)),
      ...['kinds', 'labels', 'purposes', 'chip-makers'].filter((name) => !ajv.validate(readSchema(name), parse(readFileSync(join(RULES, `${name}.yaml`), 'utf8')))),
    ]
    expect(wrong).toEqual([])
  })

  it('write every MAC address maker as the IEEE registers it', () => {
    const registry = createRequire(import.meta.url)('oui-data') as Record<string, string>
    const registered = [...new Set(Object.values(registry).map((text) => text.split('\n')[0].toLowerCase()))]
    const { makers, chipMakers } = readRules(RULES)
    const parts = [...makers.values()].flatMap(({ ouis, devices }) => [...(ouis ?? []), ...devices.flatMap(({ match, hints }) => [...(match.macMaker ?? []), ...(hints?.macMaker ?? [])])])
    const unknown = [...parts, ...chipMakers].filter((part) => !registered.some((name) => namesMaker(name, part.toLowerCase())))
    expect(unknown).toEqual([])
  })

  it('are explained by a README whose table of weights is the program\'s', () => {
    const rows = [...readFileSync(join(RULES, 'README.md'), 'utf8').matchAll(/^\| `(\w+)` \|.*\| ([0-9.]+) \|$/gm)].map(([, key, weight]) => [key, Number(weight)])
    expect(Object.fromEntries(rows)).toEqual(WEIGHTS)
  })
})

describe('the check', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'telltale-rules-'))
    for (const name of readdirSync(RULES)) if (!['companies', 'devices'].includes(name)) cpSync(join(RULES, name), join(folder, name), { recursive: true })
    mkdirSync(join(folder, 'companies'))
    mkdirSync(join(folder, 'devices'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const put = (path: string, text: string): void => writeFileSync(join(folder, path), text)
  const company = (domains: string, more = ''): string => `name: Acme\nhome: https://acme.example\nabout: Makes lamps.\n${more}domains:\n${domains}`
  const domain = (suffix: string, purpose = 'control'): string => `  - suffix: '${suffix}'\n    purpose: ${purpose}\n    source: https://acme.example\n`
  const device = (match: string, example: string, more = ''): string => `maker: Acme\n${more}devices:\n  - name: Acme lamp\n    kind: bulb\n    match:\n      ${match}\n    examples:\n      - ${example}\n`
  const say = (): string[] => checkRules(folder).map(sentence)

  it('finds nothing wrong with the worked examples of the README', () => {
    const blocks = [...readFileSync(join(RULES, 'README.md'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text)
    put('companies/acme-lights.yaml', blocks[0])
    put('devices/acme-lights.yaml', blocks[1])
    expect(say()).toEqual([])
  })

  it.each([
    ['a suffix in capitals', domain('ACME.example'), 'rules/companies/acme.yaml, domains[0].suffix: ACME.example: write it in lower case: acme.example'],
    ['a public suffix', domain('co.uk'), 'rules/companies/acme.yaml, domains[0].suffix: co.uk: anyone can register a name below it: add the name in front, as in example.co.uk'],
    ['a wildcard too near the end', domain('*.example'), 'rules/companies/acme.yaml, domains[0].suffix: *.example: leave at least two labels without a * at its end'],
    ['a purpose nobody knows', domain('acme.example', 'contrl'), 'rules/companies/acme.yaml, domains[0].purpose: "contrl" is not in rules/purposes.yaml: use control, '],
    ['the same suffix twice', domain('acme.example') + domain('acme.example'), 'rules/companies/acme.yaml, domains[1].suffix: acme.example is given twice: remove one'],
    ['a missing source', '  - suffix: acme.example\n    purpose: control\n', 'rules/companies/acme.yaml, domains[0].source: is missing: add it (Where this is known from'],
    ['a field nobody knows', `${domain('acme.example')}    sorce: x\n`, 'rules/companies/acme.yaml, domains[0].sorce: is not a field of this kind of file: remove it, or use one of suffix, purpose, source'],
  ])('says what to change about %s', (_what, domains, message) => {
    put('companies/acme.yaml', company(domains))
    expect(say()).toEqual([expect.stringContaining(message)])
  })

  it('names the other file when a suffix belongs to two companies', () => {
    put('companies/acme.yaml', company(domain('acme.example')))
    put('companies/zenith.yaml', company(domain('acme.example')))
    expect(say()).toEqual(['rules/companies/zenith.yaml, domains[0].suffix: acme.example already belongs to rules/companies/acme.yaml: keep it in one of the two'])
  })

  it('wants partOf to name a file, and no circle of owners', () => {
    put('companies/acme.yaml', company(domain('acme.example'), 'partOf: zenit\n'))
    put('companies/zenith.yaml', company(domain('zenith.example'), 'partOf: zenith\n'))
    expect(say()).toEqual([
      'rules/companies/acme.yaml, partOf: there is no rules/companies/zenit.yaml: add that file, or use zenith or acme',
      'rules/companies/zenith.yaml, partOf: goes round in a circle: one of these companies must stand alone',
    ])
  })

  it('refuses a file of more than 200 entries', () => {
    put('companies/acme.yaml', company(Array.from({ length: 201 }, (_, i) => domain(`a${i}.acme.example`)).join('')))
    expect(say()).toEqual(['rules/companies/acme.yaml, domains: has 201 entries: split it, 200 are allowed'])
  })

  it('wants file names in small letters and hyphens', () => {
    put('companies/Acme_Lamps.yaml', company(domain('acme.example')))
    expect(say()).toEqual(['rules/companies/Acme_Lamps.yaml: rename the file: small letters, digits and single hyphens only, such as acme-lamps.yaml'])
  })

  it('shows where a file is no YAML instead of failing', () => {
    put('companies/acme.yaml', 'name: [')
    expect(say()).toEqual([expect.stringMatching(/^rules\/companies\/acme\.yaml: is not YAML that can be read: .*line 1/)])
  })

  it.each([
    ['nested repeats', "dhcpHostname: ['^(a+)+$']", 'dhcpHostname: aaa', 'repeats a group that repeats or chooses inside'],
    ['a repeated choice', "dhcpHostname: ['^(a|aa){1,9}$']", 'dhcpHostname: aaa', 'repeats a group that repeats or chooses inside'],
    ['a look ahead', "dhcpHostname: ['^(?=a)a']", 'dhcpHostname: aaa', 'looks ahead, behind or names a group'],
    ['a reference back', "dhcpHostname: ['^(a)\\1']", 'dhcpHostname: aaa', 'refers back to a group'],
    ['many open repeats', "dhcpHostname: ['a*b*c*d*e']", 'dhcpHostname: abcde', 'has more than 3 repeats without a bound'],
    ['no regular expression', "dhcpHostname: ['acme(']", 'dhcpHostname: acme', 'is not a regular expression'],
    ['a pattern for everything', "dhcpHostname: ['a?']", 'dhcpHostname: acme', 'fits every text'],
    ['a service type in prose', 'mdnsService: [acme lamp]', 'mdnsService: _acme._tcp', 'write it as _name._tcp or _name._udp'],
  ])('refuses %s in a device', (_what, match, example, message) => {
    put('devices/acme.yaml', device(match, example))
    expect(say()).toContainEqual(expect.stringContaining(message))
  })

  it('notices an example that its own device does not recognise', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: emca'))
    expect(say()).toEqual(['rules/devices/acme.yaml, devices[0].examples[0]: dhcpHostname emca: "Acme lamp" does not recognise its own example: mend the match or the example'])
  })

  it('notices an example that another maker would claim too', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: acme-1'))
    put('devices/zenith.yaml', device("dhcpHostname: ['^ac']", 'dhcpHostname: ac').replaceAll('Acme', 'Zenith'))
    expect(say()).toEqual(['rules/devices/acme.yaml, devices[0].examples[0]: dhcpHostname acme-1: this is recognised as "Zenith lamp" of rules/devices/zenith.yaml too: make one of the two patterns narrower'])
  })

  it('wants a device to name a kind, companies and a wider device that exist', () => {
    put('devices/acme.yaml', `${device("dhcpHostname: ['^acme']", 'dhcpHostname: acme').replace('kind: bulb', 'kind: lamp\n    narrows: Lamp')}    expects: [acme]\n`)
    expect(say()).toContainEqual(expect.stringContaining('"lamp" is not in rules/kinds.yaml'))
    expect(say()).toContainEqual('rules/devices/acme.yaml, devices[0].narrows: there is no other device "Lamp" in this file: use Acme lamp')
    expect(say()).toContainEqual('rules/devices/acme.yaml, devices[0].expects[0]: there is no rules/companies/acme.yaml: add that file, or use none (the list is empty)')
  })

  it('wants one maker for each name in the MAC register', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: acme', 'ouis: [Acme Lighting]\n'))
    put('devices/zenith.yaml', device("dhcpHostname: ['^zen']", 'dhcpHostname: zen', 'ouis: [Acme Lighting Ltd]\n').replaceAll('Acme lamp', 'Zenith lamp'))
    expect(say()).toEqual(['rules/devices/zenith.yaml, ouis[0]: "Acme Lighting Ltd" also fits "acme lighting" of rules/devices/acme.yaml: make it longer, or keep it in one place'])
  })

  it('tells when a closed list differs from the program', () => {
    put('kinds.yaml', readFileSync(join(RULES, 'kinds.yaml'), 'utf8').replace('\nbulb:', '\nlamp:'))
    expect(say()).toEqual([
      'rules/kinds.yaml, bulb: is missing: add it with a title and words',
      'rules/kinds.yaml, lamp: is not known to the program: the list is closed, in server/rules/types.ts',
    ])
  })

  it('prints each problem and a count as a command, and fails', async () => {
    put('companies/acme.yaml', company(domain('ACME.example')))
    const lines: string[] = []
    expect(await rulesCheckCommand([folder], (line) => lines.push(line))).toBe(1)
    expect(lines).toEqual([expect.stringContaining('write it in lower case'), '1 problem in the rules (1 company and 0 makers of devices).'])
  })

  it('succeeds as a command when there is no problem, and refuses a folder that is not there', async () => {
    const lines: string[] = []
    put('companies/acme.yaml', company(domain('acme.example')))
    expect(await rulesCheckCommand([folder], (line) => lines.push(line))).toBe(0)
    expect(await rulesCheckCommand([join(folder, 'nowhere')], (line) => lines.push(line))).toBe(2)
    expect(lines[0]).toBe('The rules are in order: 1 company and 0 makers of devices.')
    expect(lines[1]).toContain('There is no folder')
  })

  it('names hosts with tabs between, and leaves columns empty for a stranger', () => {
    put('companies/acme.yaml', company(domain('acme.example')))
    const rules = readRules(folder)
    const table = new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))
    const lines: string[] = []
    expect(nameCommand(['eu.acme.example', 'stranger.example'], (line) => lines.push(line), table)).toBe(0)
    expect(lines).toEqual(['eu.acme.example\tacme\tcontrol\trules/companies/acme.yaml', 'stranger.example\t\t\t'])
  })
})

function readSchema(name: string): object {
  return JSON.parse(readFileSync(join(RULES, 'schema', `${name}.json`), 'utf8')) as object
}
