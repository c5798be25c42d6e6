// Alerts in lists: order, groups, and the events that are a part of an alert.
import { describe, expect, test } from 'vitest'
import type { AlertRow, EventRow } from '../../server/api.ts'
import { bySeriousness, commonDestination, groupsOf, isOpen, PartOf, sumOf } from '../../ui/state/incidents.ts'
import { alertRowOf, eventRowOf } from '../support/alert-row.ts'

const ids = (alerts: readonly AlertRow[]): string[] => alerts.map(({ id }) => id)
const ring = { slug: 'ring', name: 'Ring', cloud: false }
const nobody = { slug: null, name: '', cloud: false }

describe('the order', () => {
  test('is by seriousness, then the latest, and equals keep one order whatever order they came in', () => {
    const alerts = [
      alertRowOf('mild and late', { rank: 1, to: 9_000 }),
      alertRowOf('b', { rank: 2, to: 500 }),
      alertRowOf('a', { rank: 2, to: 500 }),
      alertRowOf('late', { rank: 2, to: 600 }),
      alertRowOf('worst', { rank: 3.2, to: 1 }),
    ]
    const expected = ['worst', 'late', 'a', 'b', 'mild and late']
    expect(ids(alerts.toSorted(bySeriousness))).toEqual(expected)
    expect(ids(alerts.toReversed().toSorted(bySeriousness))).toEqual(expected)
  })

  test.each([
    ['open', false, true],
    ['open', true, false],
    ['habit', false, false],
    ['expected', false, false],
    ['it-was-me', false, false],
  ] as const)('%s, muted: %s, is open: %s', (state, muted, open) => expect(isOpen({ state, muted })).toBe(open))
})

describe('groups', () => {
  test('hold the alerts of one device and kind, and stand where their most serious one does', () => {
    const groups = groupsOf([
      alertRowOf('1', { rank: 1 }),
      alertRowOf('2', { rank: 2, kind: 'long-upload' }),
      alertRowOf('3', { rank: 3 }),
      alertRowOf('4', { rank: 2.5, device: 'bb' }),
      alertRowOf('5', { rank: 0.5, device: null, kind: 'source-stopped' }),
      alertRowOf('6', { rank: 2, device: null, kind: 'source-stopped' }),
    ])
    expect(groups.map(({ alerts }) => ids(alerts))).toEqual([['3', '1'], ['4'], ['2'], ['6', '5']])
    expect(groups[0]?.first.id).toBe('3')
    expect(new Set(groups.map(({ key }) => key)).size).toBe(4)
  })

  test('have the sum of their uploads, and go on while one of them does', () => {
    const sum = sumOf([
      alertRowOf('1', { bytes: 632e6, times: 1, from: 100, to: 200 }),
      alertRowOf('2', { bytes: 640e6, times: 3, from: 50, to: 150, isOver: false }),
    ])
    expect(sum).toEqual({ bytes: 1_272e6, times: 4, from: 50, to: 200, isOver: false })
  })
})

describe('the common destination', () => {
  const to = (company: typeof ring | null, host: string | null, address: string): AlertRow =>
    alertRowOf(address, { destinations: [{ company, host, address, bytes: 1 }] })
  const nameOf = (...alerts: AlertRow[]): string | null | undefined => {
    const found = commonDestination(alerts)
    return found === null ? null : (found.company?.name ?? found.host ?? found.address)
  }

  test.each([
    ['Ring', [to(ring, 'a.ring.com', '192.0.2.1'), to(ring, 'b.ring.com', '192.0.2.2')]],
    ['evil.example', [to(null, 'evil.example', '192.0.2.1'), to(null, 'evil.example', '192.0.2.2')]],
    ['192.0.2.1', [to(null, null, '192.0.2.1'), to(null, null, '192.0.2.1')]],
    [null, [to(null, null, '192.0.2.1'), to(null, null, '192.0.2.2')]],
    [null, [to(null, 'evil.example', '192.0.2.1'), to(null, null, '192.0.2.1')]],
    [null, [to(ring, 'a.ring.com', '192.0.2.1'), to(null, null, '192.0.2.1')]],
    [null, [to(ring, 'a.ring.com', '192.0.2.1'), alertRowOf('none')]],
  ])('is %s', (expected, alerts) => expect(nameOf(...alerts)).toBe(expected))
})

describe('an event is a part of an alert', () => {
  const upload = alertRowOf('upload', {
    from: 1_000,
    to: 1_600,
    bytes: 667e6,
    destinations: [{ company: ring, host: 'clips.ring.com', address: '192.0.2.1', bytes: 667e6 }],
  })
  const foundIn = (event: Partial<EventRow>, ...alerts: AlertRow[]): string | null =>
    new PartOf(alerts).find(eventRowOf('event', event))?.id ?? null

  test.each([
    ['within it', { at: 1_100, seconds: 100 }],
    ['that began before and ends within', { at: 900, seconds: 200 }],
    ['that spans it, as its burst is cut otherwise', { at: 900, seconds: 1_800 }],
    ['that ended shortly before, as a pause divides them', { at: 980, seconds: 4 }],
    ['to another host of the same company', { host: 'other.ring.com' }],
    ['to the same host, whose company was not known then', { company: nobody }],
  ])('%s', (_what, event) => expect(foundIn(event, upload)).toBe('upload'))

  test.each([
    ['of another device', { device: 'bb' }],
    ['long before', { at: 900, seconds: 10 }],
    ['long after', { at: 1_700 }],
    ['to another company', { company: { slug: 'aws', name: 'AWS', cloud: true }, host: 'x.amazonaws.com' }],
    ['to nobody known', { company: nobody, host: null }],
    ['that received more than it sent: no alert counts that', { kind: 'streaming', sent: 5, received: 900 }],
    ['that is a heartbeat, whose length is its interval', { kind: 'heartbeat' }],
  ])('not one %s', (_what, event) => expect(foundIn(event, upload)).toBeNull())

  test('not of one that is about no upload', () => expect(foundIn({}, { ...upload, bytes: 0 })).toBeNull())

  test('to an address without a name, by there being neither host nor company', () => {
    const nameless = alertRowOf('nameless', {
      company: null,
      bytes: 5e6,
      destinations: [{ company: null, host: null, address: '203.0.113.7', bytes: 5e6 }],
    })
    expect(foundIn({ company: nobody, host: null }, nameless)).toBe('nameless')
    expect(foundIn({ company: nobody, host: 'a.example' }, nameless)).toBeNull()
    expect(foundIn({}, nameless)).toBeNull()
  })

  test('of a rented computer without a name is another than one to a named host of the same cloud', () => {
    const aws = { slug: 'aws', name: 'AWS', cloud: true }
    const to = (host: string | null): AlertRow =>
      alertRowOf('rented', {
        company: aws,
        bytes: 5e6,
        destinations: [{ company: aws, host, address: '203.0.113.7', bytes: 5e6 }],
      })
    const event = (host: string | null): Partial<EventRow> => ({ company: aws, host })
    expect(foundIn(event(null), to(null))).toBe('rented')
    expect(foundIn(event('s3.amazonaws.com'), to(null))).toBeNull()
    expect(foundIn(event(null), to('s3.amazonaws.com'))).toBeNull()
    expect(foundIn(event('other.amazonaws.com'), to('s3.amazonaws.com'))).toBe('rented')
  })

  test('of one of version 0.1.0, whose destinations were not kept, by its company or its device', () => {
    const old = { bytes: 5e6, destinations: [] }
    expect(foundIn({}, alertRowOf('old', old))).toBe('old')
    expect(foundIn({ company: nobody }, alertRowOf('old', old))).toBeNull()
    expect(foundIn({ company: nobody }, alertRowOf('old', { ...old, company: null }))).toBe('old')
  })

  test('that is the most serious of several', () => {
    expect(foundIn({}, upload, { ...upload, id: 'worse', rank: 3 })).toBe('worse')
  })
})
