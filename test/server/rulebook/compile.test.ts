// Compiled rules open as what was written, and a missing register costs only its own answers.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identify } from '../../../server/identity/identify.ts'
import { compileRules, writeRules } from '../../../server/rulebook/compile.ts'
import { openRules } from '../../../server/rulebook/open.ts'

describe('compiled rules', () => {
  let folder = ''
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'telltale-compile-'))
    put(
      'rules/companies/acme.yaml',
      'name: Acme\nhome: https://acme.example\nabout: Makes lamps.\nasns: [64500]\ndomains:\n  - suffix: acme.example\n    purpose: control\n    source: https://acme.example\n',
    )
    put(
      'rules/devices/acme.yaml',
      'maker: Acme\ncompany: acme\nouis: [Acme Lighting]\ndevices:\n  - name: Acme lamp\n    kind: bulb\n    match:\n      dhcpHostname: [^acme-]\n    examples:\n      - dhcpHostname: acme-1\n',
    )
    put('packages/oui-data/package.json', '{}')
    put('packages/oui-data/index.json', '{"001788": "Acme Lighting Ltd\\nStreet"}')
    put('packages/@ip-location-db/asn/package.json', '{"version": "2.3.2026061719"}')
    put('packages/@ip-location-db/asn/asn-ipv4.csv', '192.0.2.0,192.0.2.255,64500,"Acme, Inc."\n')
    put(
      'packages/@ip-location-db/asn/asn-ipv6.csv',
      '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64500,"Acme, Inc."\n',
    )
    put('packages/@ip-location-db/asn-country/package.json', '{"version": "2.3.2026061719"}')
    put('packages/@ip-location-db/asn-country/asn-country-ipv4.csv', '192.0.2.0,192.0.2.255,SE\n')
    put('packages/@ip-location-db/asn-country/asn-country-ipv6.csv', '')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('open as what the files say', () => {
    writeRules(join(folder, 'rules'), join(folder, 'out'), { packagesFolder: join(folder, 'packages') })
    const rules = openRules(join(folder, 'out'))
    expect(rules.companies.lookUp('eu.acme.example')).toEqual({
      company: 'acme',
      purpose: 'control',
      ruleFile: 'rules/companies/acme.yaml',
      purposeFrom: 'rule',
    })
    expect(rules.networks.lookUp('192.0.2.1')).toEqual({ asn: 64500, owner: 'Acme, Inc.', country: 'SE' })
    expect(rules.networks.lookUp('2001:db8::1')).toEqual({ asn: 64500, owner: 'Acme, Inc.', country: null })
    expect(rules.networks.date).toBe('2026-06-17')
    const evidence = {
      mac: '00:17:88:00:00:01',
      dhcpHostnames: ['acme-1'],
      dhcpVendorClasses: [],
      dhcpParameterLists: [],
      mdnsServices: [],
      mdnsNames: [],
      mdnsTxt: [],
      ssdpServers: [],
      ssdpTypes: [],
      userAgents: [],
      companies: ['acme'],
      hosts: [],
    }
    expect(identify(evidence, rules.devices)).toMatchObject({
      vendor: 'Acme',
      kind: 'bulb',
      why: ['DHCP name acme-1', 'MAC maker Acme Lighting Ltd', 'talks to Acme'],
    })
  })

  it('are the same bytes each time', () => {
    const compile = (): string[] =>
      [...compileRules(join(folder, 'rules'), { packagesFolder: join(folder, 'packages') })].map(
        ([name, bytes]) => `${name} ${Buffer.from(bytes).toString('base64')}`,
      )
    expect(compile()).toEqual(compile())
  })

  it('do without registers that are not installed', () => {
    const written = writeRules(join(folder, 'rules'), join(folder, 'out'), {
      packagesFolder: join(folder, 'nowhere'),
    }).map(({ name }) => name)
    expect(written).toEqual(['companies.json', 'companies.bin', 'devices.json', 'events.json', 'words.json'])
    const rules = openRules(join(folder, 'out'))
    expect(rules.companies.lookUp('acme.example').company).toBe('acme')
    expect(rules.networks.lookUp('192.0.2.1')).toBeNull()
    expect(rules.devices.macMakers.lookUp('00:17:88:00:00:01')).toBeNull()
  })

  it("take the owner's own table of networks instead of the built one", () => {
    writeRules(join(folder, 'rules'), join(folder, 'out'), { packagesFolder: join(folder, 'packages') })
    put('mine.csv', '192.0.2.0,192.0.2.255,64999,Newer Owner\n')
    const rules = openRules(join(folder, 'out'), { networksFile: join(folder, 'mine.csv'), networksDate: '2026-11-01' })
    expect(rules.networks.lookUp('192.0.2.1')).toEqual({ asn: 64999, owner: 'Newer Owner', country: null })
  })

  it('say what to do when they are not there, or when a rule is no YAML', () => {
    expect(() => openRules(join(folder, 'nowhere'))).toThrow(/are not in .*nowhere: run "npm run build" once/)
    put('rules/companies/broken.yaml', 'name: [')
    expect(() => compileRules(join(folder, 'rules'), { macMakers: false, networks: false })).toThrow(
      'rules/companies/broken.yaml: ',
    )
  })

  it('are written whole, file by file', () => {
    const written = writeRules(join(folder, 'rules'), join(folder, 'out'), { packagesFolder: join(folder, 'packages') })
    for (const { name, bytes } of written) expect(readFileSync(join(folder, 'out', name)).length).toBe(bytes)
  })
})
