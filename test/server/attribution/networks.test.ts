// An address is found in the network that holds it, and a cloud is never taken for its customer.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CompanyTable, packDomains } from '../../../server/attribution/company-names.ts'
import {
  attributeAddress,
  buildNetworks,
  csvRows,
  networksFromBytes,
  networksFromCsv,
  noNetworks,
  type NetworkRow,
} from '../../../server/attribution/networks.ts'
import { compileCompanies } from '../../../server/rulebook/compile.ts'

const owners: NetworkRow[] = [
  { first: '17.0.0.0', last: '17.255.255.255', asn: 64501, owner: 'Acme Inc.' },
  { first: '52.0.0.0', last: '52.0.255.255', asn: 64502, owner: 'Cloud, Inc.' },
  { first: '52.1.0.0', last: '52.1.255.255', asn: 64502, owner: 'Cloud, Inc.' },
  { first: '2620:149::', last: '2620:149:ffff:ffff:ffff:ffff:ffff:ffff', asn: 64501, owner: 'Acme Inc.' },
  { first: '203.0.113.0', last: '203.0.113.255', asn: 64503, owner: 'Ætt "Net"' },
]
const countries = [
  { first: '17.0.0.0', last: '17.255.255.255', country: 'US' },
  { first: '52.0.0.0', last: '52.255.255.255', country: 'IE' },
]
const table = networksFromBytes(() => buildNetworks(owners, countries, '2026-06-17'))

describe('a table of networks', () => {
  it('finds the owner and the country of registration at the first and the last address', () => {
    for (const address of ['17.0.0.0', '17.57.1.1', '17.255.255.255'])
      expect(table.lookUp(address)).toEqual({ asn: 64501, owner: 'Acme Inc.', country: 'US' })
    expect(table.lookUp('2620:149:a::1')).toEqual({ asn: 64501, owner: 'Acme Inc.', country: null })
    expect(table.lookUp('203.0.113.7')).toEqual({ asn: 64503, owner: 'Ætt "Net"', country: null })
  })

  it('gives the country where no owner is known', () => {
    expect(table.lookUp('52.200.0.1')).toEqual({ asn: null, owner: null, country: 'IE' })
  })

  it.each([
    '16.255.255.255',
    '18.0.0.0',
    '192.168.1.1',
    '10.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    'fe80::1',
    'ff02::fb',
    '2620:14a::',
    'nonsense',
    '',
  ])('knows nothing of %j', (address) => {
    expect(table.lookUp(address)).toBeNull()
  })

  it('says how old it is', () => {
    expect(table.date).toBe('2026-06-17')
    expect(noNetworks().date).toBeNull()
    expect(noNetworks().lookUp('17.0.0.1')).toBeNull()
  })

  it('is not read before the first question', () => {
    let reads = 0
    const lazy = networksFromBytes(() => {
      reads++
      return buildNetworks(owners, [], '2026-06-17')
    })
    expect(reads).toBe(0)
    lazy.lookUp('17.0.0.1')
    lazy.lookUp('17.0.0.2')
    expect(reads).toBe(1)
  })

  it('lets the later, narrower of two overlapping rows win and goes on with the wider after it, for any rows', () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
    )
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (given) => {
        // Nested or apart only: that is what registries hold.
        const rows = given.filter(([start, length], at) =>
          given
            .slice(0, at)
            .every(([s, l]) => start + length < s || start > s + l || (start > s && start + length < s + l)),
        )
        const built = networksFromBytes(() =>
          buildNetworks(
            rows.map(([start, length, asn]) => ({
              first: `9.0.1.${start}`,
              last: `9.0.1.${start + length}`,
              asn,
              owner: `n${asn}`,
            })),
            [],
            '2026-01-01',
          ),
        )
        for (let address = 0; address < 60; address++) {
          const holding = rows
            .filter(([start, length]) => address >= start && address <= start + length)
            .sort((a, b) => b[0] - a[0])
          if ((built.lookUp(`9.0.1.${address}`)?.asn ?? null) !== (holding[0]?.[2] ?? null)) return false
        }
        return true
      }),
    )
  })

  it('refuses bytes that are no table', () => {
    expect(() => networksFromBytes(() => Buffer.from('not a table at all')).lookUp('17.0.0.1')).toThrow(
      'is not a compiled table: run "npm run build" again',
    )
    const bytes = buildNetworks(owners, countries, '2026-06-17')
    expect(() => networksFromBytes(() => bytes.slice(0, bytes.length - 64)).lookUp('17.0.0.1')).toThrow('is cut short')
  })
})

describe("the owner's own table", () => {
  it('takes both versions, quoted names and an optional country', () => {
    const own = networksFromCsv(
      '# mine\n192.0.2.0,192.0.2.255,64510,"Acme, Inc. ""Home"""\r\n2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64511,Zenith,SE\n',
      '2026-11-01',
    )
    expect(own.lookUp('192.0.2.9')).toEqual({ asn: 64510, owner: 'Acme, Inc. "Home"', country: null })
    expect(own.lookUp('2001:db8::9')).toEqual({ asn: 64511, owner: 'Zenith', country: 'SE' })
    expect(own.date).toBe('2026-11-01')
  })

  it('says which line is none', () => {
    expect(() => networksFromCsv('192.0.2.0,192.0.2.255,64510,Acme\nhello\n', '2026-11-01')).toThrow(
      'Line 2 of the network table should read "first address,last address,AS number,owner": hello',
    )
  })

  it('is read line by line without regard to an open quote', () => {
    expect([...csvRows('a,"b\nc,d\n')].map(({ row, line }) => [line, row.length])).toEqual([
      [1, 2],
      [2, 2],
    ])
  })
})

describe('an address without a name', () => {
  const source = 'https://acme.example'
  const compiled = compileCompanies({
    purposes: {},
    companies: new Map([
      ['acme', { name: 'Acme', home: source, about: 'Lamps.', asns: [64501] }],
      ['cloud', { name: 'Cloud Services', home: source, about: 'Rents machines.', cloud: true, asns: [64502] }],
    ]),
  })
  const companies = new CompanyTable(compiled, packDomains([]))

  it('belongs to the company that runs the network for itself', () => {
    expect(attributeAddress('17.1.1.1', table, companies)).toMatchObject({
      company: 'acme',
      networkCompany: 'acme',
      cloud: false,
      words: "Acme's network",
    })
  })

  it('in a cloud belongs to nobody in particular', () => {
    expect(attributeAddress('52.0.0.1', table, companies)).toMatchObject({
      company: null,
      networkCompany: 'cloud',
      cloud: true,
      words: "Cloud Services' network: its own service or a customer of its cloud",
    })
  })

  it("is named after the network's owner where no rule knows the network", () => {
    expect(attributeAddress('203.0.113.1', table, companies)).toMatchObject({
      company: null,
      networkCompany: null,
      cloud: false,
      asn: 64503,
      words: 'Ætt "Net"\'s network',
    })
  })

  it("at home is nobody's", () => {
    expect(attributeAddress('192.168.1.1', table, companies)).toEqual({
      asn: null,
      owner: null,
      country: null,
      company: null,
      networkCompany: null,
      cloud: false,
      published: false,
      words: null,
    })
  })
})
