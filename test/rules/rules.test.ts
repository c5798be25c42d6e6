// All the rules are in order, and the check notices when they are not.
import Ajv from 'ajv'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { namesMaker } from '../../server/identity/mac-makers.ts'
import { checkRules } from '../../server/rulebook/check.ts'
import { nameCommand, rulesCheckCommand, sentence } from '../../server/rulebook/command.ts'
import { compileCompanies, compileDomains } from '../../server/rulebook/compile.ts'
import { CompanyTable, packDomains } from '../../server/attribution/company-names.ts'
import { readFolder, readRules } from '../../server/rulebook/read.ts'
import { WEIGHTS } from '../../server/identity/recognise.ts'

import { company, device, domain, RULES, temporaryRules } from './temporary-rules.ts'

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
    const event = ajv.compile(readSchema('event'))
    const wrong = [
      ...readFolder(RULES, 'devices').filter(({ content }) => !device(content)),
      ...readFolder(RULES, 'companies').filter(({ content }) => !company(content)),
      ...readFolder(RULES, 'events').filter(({ content }) => !event(content)),
      ...['kinds', 'labels', 'purposes', 'chip-makers'].filter(
        (name) => !ajv.validate(readSchema(name), parse(readFileSync(join(RULES, `${name}.yaml`), 'utf8'))),
      ),
    ]
    expect(wrong).toEqual([])
  })

  it('write every MAC address maker as the IEEE registers it', () => {
    const registry = createRequire(import.meta.url)('oui-data') as Record<string, string>
    const registered = [...new Set(Object.values(registry).map((text) => text.split('\n')[0].toLowerCase()))]
    const { makers, chipMakers } = readRules(RULES)
    const parts = [...makers.values()].flatMap(({ ouis, devices }) => [
      ...(ouis ?? []),
      ...devices.flatMap(({ match, hints }) => [...(match.macMaker ?? []), ...(hints?.macMaker ?? [])]),
    ])
    const unknown = [...parts, ...chipMakers].filter(
      (part) => !registered.some((name) => namesMaker(name, part.toLowerCase())),
    )
    expect(unknown).toEqual([])
  })

  it('name the company behind every host that a device is recognised by', () => {
    const rules = readRules(RULES)
    const table = new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))
    const hosts = [...rules.makers.values()].flatMap(({ devices }) =>
      devices.flatMap(({ match, hints }) => [...(match.host ?? []), ...(hints?.host ?? [])]),
    )
    expect(hosts.length).toBeGreaterThan(100)
    expect(hosts.filter((host) => table.lookUp(host.replaceAll('*', 'x')).company === null)).toEqual([])
  })

  it("are explained by a README whose table of weights is the program's", () => {
    const rows = [...readFileSync(join(RULES, 'README.md'), 'utf8').matchAll(/^\| `(\w+)` \|.*\| ([0-9.]+) \|$/gm)].map(
      ([, key, weight]) => [key, Number(weight)],
    )
    expect(Object.fromEntries(rows)).toEqual(WEIGHTS)
  })
})

describe('the check', () => {
  const { folder, put, problems } = temporaryRules()

  it('finds nothing wrong with the worked examples of the README', () => {
    const blocks = [...readFileSync(join(RULES, 'README.md'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, text]) => text,
    )
    put('companies/acme-lights.yaml', blocks[0])
    put('devices/acme-lights.yaml', blocks[1])
    put('events/acme-lights.yaml', blocks[2])
    expect(problems()).toEqual([])
  })

  it.each([
    [
      'a suffix in capitals',
      domain('ACME.example'),
      'rules/companies/acme.yaml, domains[0].suffix (ACME.example): write it in lower case: acme.example',
    ],
    [
      'a public suffix',
      domain('co.uk'),
      'rules/companies/acme.yaml, domains[0].suffix (co.uk): anyone can register a name below it: add the name in front, as in example.co.uk',
    ],
    [
      'a wildcard too near the end',
      domain('*.example'),
      'rules/companies/acme.yaml, domains[0].suffix (*.example): leave at least two labels without a * at its end',
    ],
    [
      'a purpose nobody knows',
      domain('acme.example', 'contrl'),
      'rules/companies/acme.yaml, domains[0].purpose (acme.example): "contrl" is not in rules/purposes.yaml: did you mean control? rules/purposes.yaml lists all',
    ],
    [
      'the same suffix twice',
      domain('acme.example') + domain('acme.example'),
      'rules/companies/acme.yaml, domains[1] (acme.example): acme.example is given twice: remove one',
    ],
    [
      'a missing source',
      '  - suffix: acme.example\n    purpose: control\n',
      'rules/companies/acme.yaml, domains[0].source (acme.example): is missing: add it (Where this is known from',
    ],
    [
      'a field nobody knows',
      `${domain('acme.example')}    sorce: x\n`,
      'rules/companies/acme.yaml, domains[0].sorce (acme.example): is not a field of this kind of file: remove it, or use one of suffix, purpose, source',
    ],
  ])('says what to change about %s', (_what, domains, message) => {
    put('companies/acme.yaml', company(domains))
    expect(problems()).toEqual([expect.stringContaining(message)])
  })

  it('names both files and their places when a suffix belongs to two companies, and blames neither', () => {
    put('companies/acme.yaml', company(domain('acme.example')))
    put('companies/zenith.yaml', company(domain('zenith.example') + domain('acme.example')))
    expect(problems()).toEqual([
      'acme.example is in both rules/companies/acme.yaml (domains[0]) and rules/companies/zenith.yaml (domains[1]): a suffix belongs to one company; take it out of the one you just added',
    ])
  })

  it('names both files when a network belongs to two companies', () => {
    put(
      'companies/acme.yaml',
      company(domain('acme.example'), 'asns: [64500]\nranges:\n  - {cidr: 192.0.2.0/24, source: a page}\n'),
    )
    put(
      'companies/zenith.yaml',
      company(domain('zenith.example'), 'asns: [64501, 64500]\nranges:\n  - {cidr: 192.0.2.0/24, source: a page}\n'),
    )
    expect(problems()).toEqual([
      '192.0.2.0/24 is in both rules/companies/acme.yaml (ranges[0]) and rules/companies/zenith.yaml (ranges[0]): a network belongs to one company; take it out of the one you just added',
      '64500 is in both rules/companies/acme.yaml (asns[0]) and rules/companies/zenith.yaml (asns[1]): a network belongs to one company; take it out of the one you just added',
    ])
  })

  it.each([
    ['Control', 'control'],
    ['updates', 'update'],
    ['statistics', 'telemetry'],
    ['films', 'streaming'],
    ['clock', 'time'],
    ['trakcing', 'tracking'],
  ])('takes the purpose "%s" for a slip or another word for %s', (given, meant) => {
    put('companies/acme.yaml', company(domain('acme.example', given)))
    expect(problems()).toEqual([
      `rules/companies/acme.yaml, domains[0].purpose (acme.example): "${given}" is not in rules/purposes.yaml: did you mean ${meant}? rules/purposes.yaml lists all`,
    ])
  })

  it.each(['gardening', 'the', 'constructor'])('lists every purpose where none is near "%s"', (given) => {
    put('companies/acme.yaml', company(domain('acme.example', given)))
    const all = Object.keys(readRules(RULES).purposes).join(', ')
    expect(problems()).toEqual([
      `rules/companies/acme.yaml, domains[0].purpose (acme.example): "${given}" is not in rules/purposes.yaml: choose one of: ${all} (rules/purposes.yaml says what each means)`,
    ])
  })

  it.each([
    ['lamp', 'bulb'],
    ['lights', 'bulb'],
    ['Camera', 'camera'],
    ['themostat', 'thermostat'],
    ['socket', 'plug'],
  ])('takes the kind "%s" for %s', (given, meant) => {
    put(
      'devices/acme.yaml',
      device("dhcpHostname: ['^acme']", 'dhcpHostname: acme').replace('kind: bulb', `kind: ${given}`),
    )
    expect(problems()).toEqual([
      `rules/devices/acme.yaml, devices[0].kind (Acme lamp): "${given}" is not in rules/kinds.yaml: did you mean ${meant}? rules/kinds.yaml lists all`,
    ])
  })

  it('wants partOf to name a file, and no circle of owners', () => {
    put('companies/acme.yaml', company(domain('acme.example'), 'partOf: zenit\n'))
    put('companies/zenith.yaml', company(domain('zenith.example'), 'partOf: zenith\n'))
    expect(problems()).toEqual([
      'rules/companies/acme.yaml, partOf: there is no rules/companies/zenit.yaml: add that file, or use zenith',
      'rules/companies/zenith.yaml, partOf: goes round in a circle: one of these companies must stand alone',
    ])
  })

  it('wants no circle of owners, however long, and names each of its companies', () => {
    put('companies/acme.yaml', company(domain('acme.example'), 'partOf: gizmo\n'))
    put('companies/gizmo.yaml', company(domain('gizmo.example'), 'partOf: zenith\n'))
    put('companies/zenith.yaml', company(domain('zenith.example'), 'partOf: acme\n'))
    expect(problems()).toEqual(
      ['acme', 'gizmo', 'zenith'].map(
        (slug) =>
          `rules/companies/${slug}.yaml, partOf: goes round in a circle: one of these companies must stand alone`,
      ),
    )
  })

  it('wants no brand to be part of a rented cloud, but a cloud may be', () => {
    put('companies/acme.yaml', company(domain('acme.example'), 'cloud: true\n'))
    put('companies/gizmo.yaml', company(domain('gizmo.example'), 'partOf: acme\n'))
    put('companies/zenith.yaml', company(domain('zenith.example'), 'partOf: acme\ncloud: true\n'))
    expect(problems()).toEqual([
      'rules/companies/gizmo.yaml, partOf: is a rented cloud, whose sums stand apart: name the company that owns acme',
    ])
  })

  it('refuses a file of more than 200 entries', () => {
    put('companies/acme.yaml', company(Array.from({ length: 201 }, (_, i) => domain(`a${i}.acme.example`)).join('')))
    expect(problems()).toEqual(['rules/companies/acme.yaml, domains: has 201 entries: split it, 200 are allowed'])
  })

  it('wants file names in small letters and hyphens', () => {
    put('companies/Acme_Lamps.yaml', company(domain('acme.example')))
    expect(problems()).toEqual([
      'rules/companies/Acme_Lamps.yaml: rename the file: small letters, digits and single hyphens only, such as acme-lamps.yaml',
    ])
  })

  it('names a company whose file is missing without offering strangers', () => {
    put('companies/acme.yaml', company(domain('acme.example'), 'partOf: gizmo\n'))
    expect(problems()).toEqual([
      'rules/companies/acme.yaml, partOf: there is no rules/companies/gizmo.yaml: add that file',
    ])
  })

  it.each([
    [
      'an unquoted colon',
      'name: Acme\ndomains:\n  - suffix: a.example\n    source: capture: my lamp # mine\n',
      'line 4: a text with ": " in it needs quotation marks: source: "capture: my lamp"',
    ],
    [
      'an unquoted colon and a quotation mark',
      'about: Makes: "lamps"\n',
      'line 1: a text with ": " in it needs quotation marks: about: \'Makes: "lamps"\'',
    ],
    [
      'an unquoted colon in a list',
      'domains:\n  - source: a: b\n',
      'line 2: a text with ": " in it needs quotation marks: source: "a: b"',
    ],
    [
      'an entry that is not indented',
      'domains:\n  - suffix: a.example\n   purpose: control\n',
      'line 3: this line is not indented like its neighbours',
    ],
    [
      'an entry that is indented too little',
      'domains:\n  - suffix: a\n - suffix: b\n',
      'line 3: this line is not indented like its neighbours',
    ],
    ['a field that is not indented', 'a:\n  b: 1\n c: 2\n', 'line 3: this line is not indented like its neighbours'],
    [
      'a field that is indented too far',
      'name: Acme\n home: https://acme.example\n',
      'line 2: this line is not indented like its neighbours',
    ],
    ['a tab', 'domains:\n  - suffix: a.example\n\tpurpose: control\n', 'line 3: indent with spaces, not tabs'],
    [
      'a tab after spaces',
      'domains:\n  - suffix: a.example\n  \tpurpose: control\n',
      'line 3: indent with spaces, not tabs',
    ],
    [
      'an open quotation mark',
      'name: "Acme\nhome: x\nabout: y\n\n',
      'a quotation mark is opened but not closed (noticed at line 3)',
    ],
    ['an open bracket', 'name: [', 'a [ is opened but not closed (noticed at line 1)'],
    ['an open brace', 'ranges:\n  - {cidr: 192.0.2.0/24\n', 'a { is opened but not closed (noticed at line 2)'],
    [
      'text behind a quotation mark',
      "name: 'it's'\n",
      "line 1: something follows a closing quotation mark or bracket; write '' for a ' between 'single' ones",
    ],
    ['a field given twice', 'name: a\nname: b\n', 'line 2: name is given twice: remove one'],
    [
      'a colon without a space',
      'name: a\nhome:b\nabout: c\n',
      'line 2: write a field and its text as "field: text", with a space after the colon',
    ],
    [
      'a field without a colon',
      'name: a\nhome\n',
      'line 2: write a field and its text as "field: text", with a space after the colon',
    ],
    [
      'a text that starts with a star',
      'domains:\n  - suffix: *.acme.example\n',
      'line 2: a text that starts with * needs quotation marks: suffix: "*.acme.example"',
    ],
    [
      'a text that starts with an at',
      'name: @acme\n',
      'line 1: a text that starts with @ needs quotation marks: name: "@acme"',
    ],
    [
      'a pattern in double quotation marks',
      'name: "\\d"\n',
      'line 1: a \\ has a meaning of its own between "double" quotation marks: use \'single\' ones',
    ],
    ['anything else', 'name: |x\n', 'line 1: Block scalar header includes extra characters: |x'],
  ])('says what to change where a file is no YAML for %s', (_what, text, message) => {
    put('companies/acme.yaml', text)
    expect(problems()).toEqual([`rules/companies/acme.yaml: ${message}`])
  })

  it.each([
    [
      'nested repeats',
      "dhcpHostname: ['^(a+)+$']",
      'dhcpHostname: aaa',
      'repeats a group that repeats or chooses inside',
    ],
    [
      'a repeated choice',
      "dhcpHostname: ['^(a|aa){1,9}$']",
      'dhcpHostname: aaa',
      'repeats a group that repeats or chooses inside',
    ],
    ['a look ahead', "dhcpHostname: ['^(?=a)a']", 'dhcpHostname: aaa', 'looks ahead, behind or names a group'],
    ['a reference back', "dhcpHostname: ['^(a)\\1']", 'dhcpHostname: aaa', 'refers back to a group'],
    [
      'many open repeats',
      "dhcpHostname: ['a*b*c*d*e']",
      'dhcpHostname: abcde',
      'has more than 3 repeats without a bound',
    ],
    ['no regular expression', "dhcpHostname: ['acme(']", 'dhcpHostname: acme', 'is not a regular expression'],
    ['a pattern for everything', "dhcpHostname: ['a?']", 'dhcpHostname: acme', 'fits every text'],
    [
      'a service type in prose',
      'mdnsService: [acme lamp]',
      'mdnsService: _acme._tcp',
      'write it as _name._tcp or _name._udp',
    ],
  ])('refuses %s in a device', (_what, match, example, message) => {
    put('devices/acme.yaml', device(match, example))
    expect(problems()).toContainEqual(expect.stringContaining(message))
  })

  it('reports when a closed list differs from the program', () => {
    put('kinds.yaml', readFileSync(join(RULES, 'kinds.yaml'), 'utf8').replace('\nbulb:', '\nlamp:'))
    expect(problems()).toEqual([
      'rules/kinds.yaml, bulb: is missing: add it with a title and words',
      'rules/kinds.yaml, lamp: is not known to the program: the list is closed, in server/rules/types.ts',
    ])
  })

  it('prints each problem and a count as a command, and fails', async () => {
    put('companies/acme.yaml', company(domain('ACME.example')))
    const lines: string[] = []
    expect(await rulesCheckCommand([folder()], (line) => lines.push(line))).toBe(1)
    expect(lines).toEqual([
      expect.stringContaining('write it in lower case'),
      '1 problem in the rules (1 company and 0 makers of devices).',
    ])
  })

  it('succeeds as a command when there is no problem, and refuses a folder that is not there', async () => {
    const lines: string[] = []
    put('companies/acme.yaml', company(domain('acme.example')))
    expect(await rulesCheckCommand([folder()], (line) => lines.push(line))).toBe(0)
    expect(await rulesCheckCommand([join(folder(), 'nowhere')], (line) => lines.push(line))).toBe(2)
    expect(lines[0]).toBe('The rules are in order: 1 company and 0 makers of devices.')
    expect(lines[1]).toContain('There is no folder')
  })

  it('names hosts with tabs between, and leaves columns empty for a stranger', () => {
    put('companies/acme.yaml', company(domain('acme.example')))
    const rules = readRules(folder())
    const table = new CompanyTable(compileCompanies(rules), packDomains(compileDomains(rules)))
    const lines: string[] = []
    expect(nameCommand(['eu.acme.example', 'stranger.example'], (line) => lines.push(line), table)).toBe(0)
    expect(lines).toEqual(['eu.acme.example\tacme\tcontrol\trules/companies/acme.yaml', 'stranger.example\t\t\t'])
  })
})

function readSchema(name: string): object {
  return JSON.parse(readFileSync(join(RULES, 'schema', `${name}.json`), 'utf8')) as object
}
