// Companies stand under their owners on the page, to the byte.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Cell, CompanyRow, Overview } from '../../server/api.ts'
import { ribbonOf } from '../../ui/parts/charts/ribbon.ts'
import { brandWords, hoveredWords } from '../../ui/parts/charts/ribbon-words.ts'
import { ownerRows } from '../../ui/screens/companies.ts'
import { byOwner, isOwner } from '../../ui/state/owners.ts'
import { setLocale } from '../../ui/text/format.ts'

beforeEach(() => setLocale('en-GB'))

const amazon = { slug: 'amazon', name: 'Amazon' }
function company(slug: string | null, name: string, more: Partial<CompanyRow> = {}): CompanyRow {
  return { slug, name, cloud: false, sent: 0, received: 0, devices: 1, purposes: [], first: null, last: null, ...more }
}
const COMPANIES = [
  company('ring', 'Ring', { owner: amazon }),
  company('amazon', 'Amazon'),
  company('aws', 'Amazon Web Services', { owner: amazon, cloud: true }),
  company('wyze', 'Wyze'),
  company(null, ''),
  company('nest', 'Nest', { owner: { slug: 'google', name: 'Google' } }),
  company('alexa', 'Alexa', { owner: amazon }),
]

/** As the server sums cells up. */
function overview(cells: Cell[], lookupCells: NonNullable<Overview['lookupCells']> = []): Overview {
  const rows = COMPANIES.map((row, place) => {
    const own = cells.filter(([, company]) => company === place)
    const total = (at: 3 | 4): number => own.reduce((sum, cell) => sum + cell[at], 0)
    return { ...row, sent: total(3), received: total(4), devices: new Set(own.map(([device]) => device)).size }
  })
  return { companies: rows, purposes: ['video', 'voice'], cells, lookupCells, devices: [] } as unknown as Overview
}

const home = overview([
  [0, 0, 0, 61_600_000, 10],
  [1, 6, 1, 3_000_000, 20],
  [1, 1, 1, 2_200_000, 30],
  [1, 2, 0, 1_800_000, 40],
  [2, 3, 0, 500_000, 50],
  [2, 5, 0, 400_000, 60],
  [0, 6, 1, 1_000, 70],
])

describe('companies under their owners', () => {
  test('add up to their brands, and a rented cloud is not among them', () => {
    const rows = ownerRows(home, null)
    expect(rows.map(({ slug, sent, received, devices }) => [slug, sent, received, devices])).toEqual([
      ['amazon', 66_801_000, 130, 2],
      ['aws', 1_800_000, 40, 1],
      ['wyze', 500_000, 50, 1],
      ['google', 400_000, 60, 1],
      [null, 0, 0, 0],
    ])
    expect(rows[0]?.brands.map(({ slug, sent }) => [slug, sent])).toEqual([
      ['ring', 61_600_000],
      ['alexa', 3_001_000],
      ['amazon', 2_200_000],
    ])
    expect(rows.map((row) => [row.name, isOwner(row)])).toEqual([
      ['Amazon', true],
      ['Amazon Web Services', false],
      ['Wyze', false],
      ['Google', true],
      ['', false],
    ])
    expect(rows[1]?.owner).toEqual(amazon)
    expect(rows[0]?.owner).toBeUndefined()
  })

  test('of one purpose add up what went there for it, with the devices that did so', () => {
    expect(
      ownerRows(home, 'voice').map(({ slug, sent, devices, brands }) => [slug, sent, devices, brands.length]),
    ).toEqual([['amazon', 5_201_000, 2, 2]])
    const lookedUp = overview(
      [],
      [
        [0, 0, 0, 7],
        [1, 6, 0, 2],
      ],
    )
    expect(ownerRows(lookedUp, 'video').map(({ slug, lookups, devices }) => [slug, lookups, devices])).toEqual([
      ['amazon', 9, 2],
    ])
  })

  test('leave the overview as it was, and hold each of its bytes', () => {
    const cell = fc.tuple(fc.nat(4), fc.nat(6), fc.nat(1), fc.nat(1e9), fc.nat(1e9))
    fc.assert(
      fc.property(fc.array(cell), (cells) => {
        const given = overview(cells)
        const before = structuredClone(given)
        const owned = byOwner(given)
        expect(given).toEqual(before)
        for (const [place, row] of owned.companies.entries()) {
          const own = owned.cells.filter(([, company]) => company === place)
          expect(row.sent).toBe(own.reduce((sum, cell) => sum + cell[3], 0))
          expect(row.received).toBe(own.reduce((sum, cell) => sum + cell[4], 0))
          expect(row.sent).toBe(row.brands.reduce((sum, brand) => sum + brand.sent, 0))
        }
        expect(owned.cells.map(([device, , ...rest]) => [device, ...rest])).toEqual(
          given.cells.map(([device, , ...rest]) => [device, ...rest]),
        )
      }),
    )
  })

  test('are what the ribbon shows, with the largest brands named', () => {
    const ribbon = ribbonOf(byOwner(home))
    const nodes = new Map(ribbon.nodes.map((node) => [node.key, node]))
    const named = (name: string) => ribbon.nodes.find((node) => node.name === name)
    const node = named('Amazon')
    expect([node?.sent, node?.pick]).toEqual([66_801_000, { company: 'amazon' }])
    expect(node && brandWords(node)).toBe('Ring 62 MB, Alexa 3 MB, Amazon 2.2 MB')
    expect(
      ['Google', 'Wyze', 'Amazon Web Services'].map((name) => named(name)).map((one) => one && brandWords(one)),
    ).toEqual(['Nest 400 kB', '', ''])
    const names = { purposeName: (purpose: string) => purpose }
    expect(hoveredWords(node?.key ?? null, ribbon, nodes, names)).toBe(
      'Amazon: 67 MB sent, 96% of all: Ring 62 MB, Alexa 3 MB, Amazon 2.2 MB',
    )
  })
})
