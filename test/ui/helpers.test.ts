// Helpers of the screens: sums, orders, limits and what stands in rows, sent and received each.
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { CompanyRow, DeviceRow, EventRow, Overview, Totals } from '../../server/api.ts'
import { companiesStory, companyRows, lookupsStory } from '../../ui/screens/companies.ts'
import { slotsOf } from '../../ui/state/event-slots.ts'
import { companyName, companyWords, deviceName, kindName, purposeName, slugInAddress } from '../../ui/state/names.ts'
import { dayStart, localHour, rangeNamed, selectionIn, windowOf } from '../../ui/state/ranges.ts'
import { fieldNamed, sectionsOf, typed, valueOf } from '../../ui/state/settings-form.ts'
import { activeDevices, deviceState, inOrder } from '../../ui/state/story.ts'
import { matching, newestPeriods, sorted, sumOf, totalsRows } from '../../ui/state/totals-table.ts'
import { setLocale, setTimeZone } from '../../ui/text/format.ts'

beforeEach(() => {
  setLocale('en-GB')
  setTimeZone('UTC')
})
const device = (id: string, more: Partial<DeviceRow> = {}): DeviceRow =>
  ({
    id,
    name: id,
    kind: 'plug',
    vendor: null,
    mac: null,
    addresses: [],
    level: 'everything',
    isNew: false,
    firstSeen: 0,
    lastSeen: 1_000,
    sent: 0,
    received: 0,
    sentLocal: 0,
    receivedLocal: 0,
    ...more,
  }) as DeviceRow
const company = (slug: string | null, more: Partial<CompanyRow> = {}): CompanyRow =>
  ({ slug, name: slug ?? '', sent: 0, received: 0, devices: 1, purposes: [], ...more }) as CompanyRow
const ids = (rows: readonly { id?: string; slug?: string | null }[]): unknown[] => rows.map((row) => row.id ?? row.slug)

describe('the list of companies', () => {
  const overview = {
    companies: [
      company('a', { sent: 5, received: 1 }),
      company('b', { sent: 5, received: 2 }),
      company('c', { sent: 9 }),
    ],
    purposes: ['video', 'time'],
    cells: [
      [0, 0, 0, 10, 100],
      [1, 0, 0, 20, 200],
      [0, 1, 0, 30, 50],
      [0, 1, 1, 1_000, 2_000],
      [0, 9, 0, 1, 1],
    ],
    lookupCells: [
      [2, 0, 0, 7],
      [2, 0, 1, 70],
    ],
  } as unknown as Overview

  it('begins with who got most, then who sent most back, then who was looked up most', () => {
    expect(ids(companyRows(overview, null))).toEqual(['c', 'b', 'a'])
    const lookedUp = {
      companies: [company('a', { lookups: 1 }), company('b', { lookups: 2 }), company('c')],
    } as Overview
    expect(ids(companyRows(lookedUp, null))).toEqual(['b', 'a', 'c'])
  })

  it('of one purpose adds up its cells, sent, received, look-ups and devices', () => {
    expect(companyRows(overview, 'video')).toEqual([
      company('a', { sent: 30, received: 300, lookups: 7, devices: 3, purposes: ['video'] }),
      company('b', { sent: 30, received: 50, lookups: 0, devices: 1, purposes: ['video'] }),
    ])
    expect(
      companyRows(overview, 'time').map(({ slug, sent, received, lookups }) => [slug, sent, received, lookups]),
    ).toEqual([
      ['b', 1_000, 2_000, 0],
      ['a', 0, 0, 70],
    ])
  })

  it('has a sentence that counts real companies only', () => {
    const rows = [
      company('ring', { sent: 750, name: 'Ring' }),
      company(null, { sent: 200 }),
      company('*other', { sent: 50 }),
      company('idle'),
    ]
    expect(companiesStory(rows, 'today')).toBe('1 company got 1 kB today. Ring got most: 750 bytes, 75% of it.')
    expect(companiesStory([company('idle')], 'today')).toBe('Nothing left the home in this time.')
    expect(companiesStory([], 'today')).toBe('Nothing left the home in this time.')
    expect(
      lookupsStory(
        [company('a', { lookups: 2 }), company('*x', { lookups: 1 }), company(null, { lookups: 1 })],
        'today',
      ),
    ).toBe('Names of 1 company were looked up today: 4 look-ups.')
    expect(lookupsStory([company('a')], 'today')).toBe('No name was looked up in this time.')
  })
})

describe('the table of totals', () => {
  const totals = {
    bounds: [0, 10, 20, 30],
    devices: [
      { id: 'b', sent: [1, 2, 3], received: [10, 20, 30] },
      { id: 'a', sent: [4, 5, 6], received: [40, 50, 60] },
    ],
  } as unknown as Totals
  const rows = totalsRows(
    [device('a', { sent: 7, lastSeen: 5 }), device('b', { sent: 7, lookups: 3, lastSeen: 9 }), device('c')],
    totals,
    [2, 0],
  )

  it('has the newest periods first', () => {
    expect(newestPeriods(totals, 2)).toEqual([
      { from: 20, to: 30, place: 2 },
      { from: 10, to: 20, place: 1 },
    ])
    expect(rows.map(({ name, sent, received }) => [name, sent, received])).toEqual([
      ['a', [6, 4], [60, 40]],
      ['b', [3, 1], [30, 10]],
      ['c', [0, 0], [0, 0]],
    ])
    expect(totalsRows([device('a')], null, [0])[0]?.sent).toEqual([0])
  })

  it.each([
    ['name', true, 'abc'],
    ['name', false, 'cba'],
    ['last', true, 'abc'],
    ['last', false, 'cba'],
    ['shown', true, 'cab'],
    ['shown', false, 'bac'],
    [0, true, 'cba'],
    [1, false, 'abc'],
  ] as const)('is sorted by %s, upwards %s', (key, upwards, order) => {
    expect(
      sorted(rows, key, upwards)
        .map(({ name }) => name)
        .join(''),
    ).toBe(order)
  })

  it('is summed up, and searched in every word', () => {
    expect(sumOf(rows, 0)).toEqual({ sent: 9, received: 90 })
    const named = totalsRows(
      [
        device('x', { vendor: 'Ring' }),
        device('y', { mac: 'AA:01' }),
        device('z', { addresses: ['10.0.0.7'], kind: 'tv' }),
      ],
      null,
      [],
    )
    const found = (text: string): string =>
      matching(named, text)
        .map(({ name }) => name)
        .join('')
    expect([
      found(' ring'),
      found('aa:0'),
      found('10.0.0.'),
      found('TV'),
      found('plug'),
      found('  '),
      found('no'),
    ]).toEqual(['x', 'y', 'z', 'z', 'xy', 'xyz', ''])
  })
})

describe('devices on Home', () => {
  it('are active with any byte or look-up', () => {
    const rows = [
      device('none'),
      device('s', { sent: 1 }),
      device('r', { received: 1 }),
      device('sl', { sentLocal: 1 }),
      device('rl', { receivedLocal: 1 }),
      device('l', { lookups: 1 }),
    ]
    expect(ids(activeDevices({ devices: rows } as Overview))).toEqual(['s', 'r', 'sl', 'rl', 'l'])
  })

  it('are quiet after more than ten minutes', () => {
    const word = (now: number): string => deviceState(device('a'), now, false).word
    expect([word(1_600), word(1_601)]).toEqual(['Active', 'Quiet'])
    expect(deviceState(device('a', { isNew: true }), 1_000, false)).toEqual({ tone: 'notice', word: 'New' })
    expect(deviceState(device('a', { isNew: true }), 1_000, true)).toEqual({ tone: 'calm', word: 'Active' })
    expect(deviceState(device('a', { isNew: true, level: 'paused' }), 1_000, false, true)).toEqual({
      tone: 'plain',
      word: 'Not looked at',
    })
    expect(deviceState(device('a'), 9_000, false, true).tone).toBe('notice')
  })

  it('stand in the order of alarm, newness, sent, received, look-ups and id', () => {
    const rows = [
      device('f'),
      device('e'),
      device('d', { lookups: 1 }),
      device('c', { received: 1 }),
      device('b', { sent: 1 }),
      device('new', { isNew: true }),
      device('odd'),
    ]
    expect(ids(inOrder(rows, false, new Set(['odd'])))).toEqual(['odd', 'new', 'b', 'c', 'd', 'e', 'f'])
    expect(ids(inOrder(rows, true))).toEqual(['b', 'c', 'd', 'e', 'f', 'new', 'odd'])
  })
})

test('names are those of the page where there is none', () => {
  const words = { purposes: { v: { title: 'Video' } }, kinds: { tv: { title: 'TV' } } } as never
  expect([kindName('tv', words), kindName('x', words), purposeName('v', words), purposeName('y', words)]).toEqual([
    'TV',
    'x',
    'Video',
    'y',
  ])
  expect([companyName({ slug: 'ring', name: 'Ring' }), companyName({ slug: 'ring', name: '' })]).toEqual([
    'Ring',
    'ring',
  ])
  const odd = [null, '*other', '*kept-back'] as const
  expect(new Set(odd.map((slug) => companyName({ slug, name: 'x' }))).size).toBe(3)
  expect(new Set(odd.map((slug) => companyWords(slug))).size).toBe(3)
  expect([companyWords('ring'), slugInAddress(null), slugInAddress('ring')]).toEqual([null, '-', 'ring'])
  const named = (name: string | null, vendor: string | null): string => deviceName({ name, vendor, id: 'aa:bb:cc' })
  expect([named('Cam', 'Ring'), named(' ', 'Ring'), named(null, null)]).toEqual([
    'Cam',
    'Ring bb:cc',
    'Unnamed device bb:cc',
  ])
})

describe('ranges', () => {
  it('end now and begin at time zero at the earliest', () => {
    expect(windowOf('5m', 1_000.2, null)).toEqual({ from: 701, to: 1_001 })
    expect(windowOf('1h', 100, null)).toEqual({ from: 0, to: 100 })
    expect(windowOf('all', 1_000, 400)).toEqual({ from: 400, to: 1_000 })
    expect(windowOf('all', 1_000, null)).toEqual({ from: 700, to: 1_000 })
    expect(windowOf('all', 1_000, 5_000)).toEqual({ from: 999, to: 1_000 })
    expect(windowOf('24h', -5, null)).toEqual({ from: 0, to: 1 })
    expect([windowOf('7d', 1e6, null).from, windowOf('30d', 1e7, null).from]).toEqual([395_200, 7_408_000])
    expect([rangeNamed('all', '1h'), rangeNamed('24h', '1h'), rangeNamed('toString', '1h')]).toEqual([
      'all',
      '24h',
      '1h',
    ])
  })

  it.each([
    ['0', '1', true],
    ['5', '5', false],
    ['6', '5', false],
    ['-1', '5', false],
    ['x', '5', false],
    ['1', '', false],
  ])('from %s to %s hold a selection: %s', (from, to, holds) => {
    expect(selectionIn({ from, to })).toEqual(holds ? { from: Number(from), to: Number(to) } : null)
  })

  it('find the local day and hour over a change of the clocks', () => {
    const at = (text: string): number => Date.parse(text) / 1_000
    expect(dayStart(at('2026-03-29T12:00:00Z'), 'Europe/Berlin')).toBe(at('2026-03-28T23:00:00Z'))
    expect(dayStart(at('2026-03-28T23:00:00Z'), 'Europe/Berlin')).toBe(at('2026-03-28T23:00:00Z'))
    expect(dayStart(at('2026-03-28T22:59:59Z'), 'Europe/Berlin')).toBe(at('2026-03-27T23:00:00Z'))
    expect(dayStart(at('2026-06-01T00:00:00Z'), 'Asia/Kolkata')).toBe(at('2026-05-31T18:30:00Z'))
    expect(localHour('2026-06-01', 21, 'Asia/Kolkata')).toEqual({
      from: at('2026-06-01T15:30:00Z'),
      to: at('2026-06-01T16:30:00Z'),
    })
    expect(localHour('2026-10-25', 2, 'Europe/Berlin')).toEqual({
      from: at('2026-10-25T00:00:00Z'),
      to: at('2026-10-25T02:00:00Z'),
    })
  })
})

describe('the schema of the settings', () => {
  const [section] = sectionsOf({
    properties: {
      mail: {
        title: 'E-mail',
        'x-channel': 'email',
        'x-needs': ['host', 5],
        properties: {
          host: { type: 'string', maxLength: 9, default: 'x', description: 'Where.' },
          port: { type: 'integer', minimum: 1, maximum: 9, title: 'Port' },
          how: { enum: ['a', 'b'] },
          on: { type: 'boolean' },
          list: { type: 'array' },
          authority: { type: 'string', 'x-format': 'certificate' },
          password: { type: 'string', 'x-secret': true },
          kinds: { 'x-switches': true },
        },
      },
    },
  })

  it('becomes sections and fields', () => {
    expect(section).toMatchObject({ name: 'mail', title: 'E-mail', channel: 'email', needs: ['host'] })
    expect(section?.fields.map(({ name, kind }) => [name, kind])).toEqual([
      ['host', 'text'],
      ['port', 'integer'],
      ['how', 'choice'],
      ['on', 'switch'],
      ['list', 'lines'],
      ['authority', 'block'],
      ['password', 'text'],
    ])
    expect(section?.fields[0]).toEqual({
      section: 'mail',
      name: 'host',
      title: 'host',
      description: 'Where.',
      kind: 'text',
      minimum: null,
      maximum: null,
      maxLength: 9,
      options: [],
      standard: 'x',
      secret: false,
    })
    expect(section?.fields[1]).toMatchObject({ title: 'Port', minimum: 1, maximum: 9 })
    expect(section?.fields[2]?.options).toEqual(['a', 'b'])
    expect(section?.fields[6]?.secret).toBe(true)
    expect(sectionsOf({ properties: { bare: {} } })).toEqual([
      { name: 'bare', title: 'bare', channel: null, needs: [], fields: [] },
    ])
  })

  it('says what was typed', () => {
    const [host, port, , on, list] = section?.fields ?? []
    expect([valueOf(host, ' a '), valueOf(on, true), valueOf(on, 'x'), valueOf(list, 'a\n\n b ')]).toEqual([
      { value: 'a' },
      { value: true },
      { value: false },
      { value: ['a', 'b'] },
    ])
    expect([valueOf(port, '1'), valueOf(port, '9'), valueOf({ ...port, minimum: null, maximum: null }, '-5')]).toEqual([
      { value: 1 },
      { value: 9 },
      { value: -5 },
    ])
    expect([typed(null), typed(undefined), typed(5), typed(false), typed([1, 2])]).toEqual(['', '', '5', false, '1\n2'])
    expect(fieldNamed('mail.port ("Port") must be odd')).toEqual({ key: 'mail.port', words: 'Must be odd' })
    expect([fieldNamed('mail.port is odd')?.words, fieldNamed('Not now.')]).toEqual(['Is odd', null])
  })
})

test('events fall into slots from the first to before the last second', () => {
  const event = (at: number, kind = 'call'): EventRow => ({ at, kind }) as EventRow
  const slots = slotsOf(
    [event(99), event(100), event(149), event(150, 'doorbell'), event(150), event(199), event(200)],
    100,
    200,
    2,
  )
  expect(slots.map(({ from, to, events }) => [from, to, events.length])).toEqual([
    [100, 150, 2],
    [150, 200, 3],
  ])
  expect(slots[1]?.counts).toEqual([
    { kind: 'doorbell', count: 1 },
    { kind: 'call', count: 2 },
  ])
})
