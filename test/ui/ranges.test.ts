// Windows, days and hours are cut in the home's time zone.
import { describe, expect, test } from 'vitest'
import { dayStart, localHour, rangeNamed, selectionIn, windowOf } from '../../ui/state/ranges.ts'

const at = (text: string): number => Date.parse(text) / 1000

describe('days and hours of the home', () => {
  test.each([
    ['Europe/Berlin', '2026-11-24T12:34:56Z', '2026-11-23T23:00:00Z'],
    ['Asia/Kolkata', '2026-11-24T12:34:56Z', '2026-11-23T18:30:00Z'],
    ['Europe/Berlin', '2026-03-29T20:00:00Z', '2026-03-28T23:00:00Z'],
    ['Europe/Berlin', '2026-10-25T20:00:00Z', '2026-10-24T22:00:00Z'],
    ['America/St_Johns', '2026-07-01T00:00:00Z', '2026-06-30T02:30:00Z'],
    ['UTC', '2026-11-24T00:00:00Z', '2026-11-24T00:00:00Z'],
  ])('the day in %s of %s began at %s', (zone, second, start) => expect(dayStart(at(second), zone)).toBe(at(start)))

  test.each([
    ['Europe/Berlin', '2026-11-24', 21, '2026-11-24T20:00:00Z', 3600],
    ['Asia/Kolkata', '2026-11-24', 0, '2026-11-23T18:30:00Z', 3600],
    ['Pacific/Auckland', '2026-11-24', 23, '2026-11-24T10:00:00Z', 3600],
    ['Pacific/Honolulu', '2026-11-24', 5, '2026-11-24T15:00:00Z', 3600],
    // Two o'clock comes twice in that night.
    ['Europe/Berlin', '2026-10-25', 2, '2026-10-25T00:00:00Z', 7200],
    ['Europe/Berlin', '2026-10-25', 3, '2026-10-25T02:00:00Z', 3600],
    ['Europe/Berlin', '2026-03-29', 3, '2026-03-29T01:00:00Z', 3600],
  ])('the hour in %s on %s at %i', (zone, date, hour, from, seconds) => {
    expect(localHour(date, hour, zone)).toEqual({ from: at(from), to: at(from) + seconds })
  })
})

describe('the time in an address', () => {
  test('an unknown range is the standard one', () => {
    expect(rangeNamed('constructor', '1h')).toBe('1h')
    expect(rangeNamed('7d', '1h')).toBe('7d')
    expect(rangeNamed(undefined, 'all')).toBe('all')
  })

  test.each([
    [
      { from: '10', to: '20' },
      { from: 10, to: 20 },
    ],
    [{ from: '20', to: '10' }, null],
    [{ from: 'x', to: '10' }, null],
    [{ from: '10' }, null],
    [{}, null],
  ])('%o holds the selection %o', (query, selection) =>
    expect(selectionIn(query as Record<string, string>)).toEqual(selection),
  )

  test('a window ends now and never begins before time', () => {
    expect(windowOf('5m', 1000.2, null)).toEqual({ from: 701, to: 1001 })
    expect(windowOf('30d', 1000, null)).toEqual({ from: 0, to: 1000 })
    expect(windowOf('all', 1000, 400)).toEqual({ from: 400, to: 1000 })
  })
})
