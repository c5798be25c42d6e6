// The ribbon adds up to the byte, whatever is folded.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  OTHER_COMPANY,
  type Cell,
  type CompanyRow,
  type CompanySlug,
  type DeviceRow,
  type Overview,
} from '../../../server/api.ts'
import { lit, linkKey, ribbonOf, type Column, type Ribbon } from '../../../ui/parts/charts/ribbon.ts'
import { spread } from '../../../ui/parts/charts/ribbon-layout.ts'

function device(id: string): DeviceRow {
  return {
    id,
    index: 0,
    name: id,
    namedByOwner: false,
    kind: 'unknown',
    kindByOwner: false,
    vendor: null,
    why: [],
    confidence: 0,
    mac: null,
    privateMac: false,
    addresses: [],
    level: 'everything',
    merged: [],
    firstSeen: 0,
    lastSeen: 0,
    isNew: false,
    sent: 0,
    received: 0,
    sentLocal: 0,
    receivedLocal: 0,
    topCompany: null,
    sparkline: [],
  }
}

function company(slug: CompanySlug): CompanyRow {
  return {
    slug,
    name: slug ?? '',
    cloud: false,
    sent: 0,
    received: 0,
    devices: 1,
    purposes: [],
    first: null,
    last: null,
  }
}

function overview(devices: number, companies: CompanySlug[], purposes: string[], cells: Cell[]): Overview {
  return {
    from: 0,
    to: 1,
    sent: 0,
    received: 0,
    sentLocal: 0,
    receivedLocal: 0,
    coverage: {},
    attributed: { seen: 0, likely: 0, of: 0 },
    purposes,
    cells,
    devices: Array.from({ length: devices }, (_, index) => device(`d${index}`)),
    companies: companies.map(company),
  }
}

function columnSum(ribbon: Ribbon, column: Column): number {
  return ribbon.nodes.filter((node) => node.column === column).reduce((sum, node) => sum + node.sent, 0)
}

const slugs: CompanySlug[] = [null, OTHER_COMPANY, ...Array.from({ length: 30 }, (_, index) => `c${index}`)]
const purposeNames = ['unknown', ...Array.from({ length: 12 }, (_, index) => `p${index}`)]
const cells = fc.array(
  fc.tuple(fc.nat(39), fc.nat(slugs.length - 1), fc.nat(purposeNames.length - 1), fc.nat(2 ** 40), fc.nat(1000)),
  { maxLength: 200 },
)

describe('the ribbon', () => {
  test('adds up to the total in each column and between columns, for any cells and limits', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 12 }), (list, limit) => {
        const ribbon = ribbonOf(overview(40, slugs, purposeNames, list), {
          device: limit,
          company: limit,
          purpose: limit,
        })
        const total = list.reduce((sum, cell) => sum + cell[3], 0)
        expect(ribbon.total).toBe(total)
        for (const column of ['device', 'company', 'purpose'] as const) expect(columnSum(ribbon, column)).toBe(total)
        for (const column of ['device', 'company'] as const) {
          const out = ribbon.links
            .filter((link) => link.source.startsWith(column))
            .reduce((sum, link) => sum + link.sent, 0)
          expect(out).toBe(total)
        }
        for (const node of ribbon.nodes) {
          const inward = ribbon.links
            .filter((link) => link.target === node.key)
            .reduce((sum, link) => sum + link.sent, 0)
          const outward = ribbon.links
            .filter((link) => link.source === node.key)
            .reduce((sum, link) => sum + link.sent, 0)
          if (node.column !== 'device') expect(inward).toBe(node.sent)
          if (node.column !== 'purpose') expect(outward).toBe(node.sent)
        }
      }),
    )
  })

  test('keeps Unknown as its own node however small, and puts what the server folded into Other', () => {
    const list: Cell[] = [
      [0, 0, 0, 1, 0],
      [0, 1, 0, 5, 0],
      [0, 2, 0, 900, 0],
      [0, 3, 0, 800, 0],
      [0, 4, 0, 7, 0],
      [0, 5, 0, 6, 0],
    ]
    const ribbon = ribbonOf(overview(1, slugs, purposeNames, list), { device: 8, company: 2, purpose: 6 })
    const companies = ribbon.nodes.filter((node) => node.column === 'company')
    expect(companies.map((node) => [node.role, node.sent])).toEqual([
      ['named', 900],
      ['named', 800],
      ['unknown', 1],
      ['other', 18],
    ])
    expect(companies.at(-1)).toMatchObject({ members: 3, pick: { rest: 'company' } })
  })

  test('does not fold a single small one into an Other of one', () => {
    const list: Cell[] = [
      [0, 2, 1, 3, 0],
      [1, 2, 1, 2, 0],
      [2, 2, 1, 1, 0],
    ]
    const ribbon = ribbonOf(overview(3, slugs, purposeNames, list), { device: 2, company: 2, purpose: 2 })
    expect(ribbon.nodes.filter((node) => node.column === 'device').map((node) => node.role)).toEqual([
      'named',
      'named',
      'named',
    ])
  })

  test('lights what a hovered node touches and nothing else', () => {
    const ribbon = ribbonOf(
      overview(2, slugs, purposeNames, [
        [0, 2, 1, 3, 0],
        [1, 3, 2, 2, 0],
      ]),
    )
    const keys = lit(ribbon, 'device:0')
    expect(keys.has('company:2')).toBe(true)
    expect(keys.has('company:3')).toBe(false)
    expect(ribbon.links.filter((link) => keys.has(linkKey(link))).map(linkKey)).toEqual(['device:0 company:2'])
  })

  test('of nothing sent is empty', () => {
    expect(ribbonOf(overview(1, slugs, purposeNames, [[0, 1, 1, 0, 500]]))).toEqual({ total: 0, nodes: [], links: [] })
  })
})

describe('labels of a column', () => {
  test('keep their room, their order and their box, and stay where they are where there is room', () => {
    expect(spread([20, 100, 200], 44, 300)).toEqual([22, 100, 200])
    expect(spread([100, 101, 102], 44, 300)).toEqual([100, 144, 188])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 460 }), { maxLength: 10 }), (drawn) => {
        const places = spread(
          drawn.sort((a, b) => a - b),
          44,
          460,
        )
        places.forEach((place, index) => {
          expect(place).toBeGreaterThanOrEqual(22)
          expect(place).toBeLessThanOrEqual(438)
          if (index > 0) expect(place - places[index - 1]).toBeGreaterThanOrEqual(44)
        })
      }),
    )
  })
})
