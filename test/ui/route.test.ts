// Addresses and screens, in both directions.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashOf, routeOf, SCREENS, type Route } from '../../ui/state/route.ts'

describe('an address and its screen', () => {
  const cases: [hash: string, route: Route][] = [
    ['', { scope: 'live', screen: 'home', id: null, query: {} }],
    ['#/', { scope: 'live', screen: 'home', id: null, query: {} }],
    [
      '#/device/aa%3Abb%2F1?range=24h&from=1&to=2',
      { scope: 'live', screen: 'device', id: 'aa:bb/1', query: { range: '24h', from: '1', to: '2' } },
    ],
    ['#/company/-', { scope: 'live', screen: 'company', id: '-', query: {} }],
    ['#/replay', { scope: 'live', screen: 'replay', id: null, query: {} }],
    ['#/replay/r1', { scope: 'r1', screen: 'home', id: null, query: {} }],
    ['#/replay/r1/device/x', { scope: 'r1', screen: 'device', id: 'x', query: {} }],
    ['#/device', { scope: 'live', screen: 'devices', id: null, query: {} }],
    ['#/nonsense/x', { scope: 'live', screen: 'home', id: null, query: {} }],
    ['#/replay/r1/settings', { scope: 'live', screen: 'replay', id: null, query: {} }],
    ['#/device/%E0%A4%A', { scope: 'live', screen: 'device', id: '%E0%A4%A', query: {} }],
    [
      '#/?constructor=1&__proto__=2',
      {
        scope: 'live',
        screen: 'home',
        id: null,
        query: Object.fromEntries([
          ['constructor', '1'],
          ['__proto__', '2'],
        ]),
      },
    ],
  ]
  test.each(cases)('%s', (hash, route) => expect(routeOf(hash)).toEqual(route))

  test('any device id, company and replay survive the way to an address and back', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('device' as const, 'company' as const),
        fc.option(text),
        (id, screen, replay) => {
          const route: Route = { screen, id, scope: replay ?? 'live', query: { range: '7d' } }
          expect(routeOf(hashOf(route))).toEqual(route)
        },
      ),
    )
  })

  test('every screen without an id has its own address', () => {
    const hashes = SCREENS.map((screen) => hashOf({ screen, id: null, scope: 'live', query: {} }))
    expect(new Set(hashes).size).toBe(SCREENS.length)
  })
})
