// Tests of hours and days in the home's zone.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LocalTime } from '../../../server/model/local-time.ts'

const at = (text: string): number => Date.parse(text) / 1_000
const ZONES = [
  'Europe/Berlin',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'UTC',
  'America/Goose_Bay',
  'Africa/Casablanca',
]

describe('days and hours of a home', () => {
  test.each([
    ['Europe/Berlin', '2026-03-28T23:00:00Z', 23],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', 25],
    ['Asia/Kolkata', '2026-10-24T18:30:00Z', 24],
    ['America/Sao_Paulo', '2018-11-04T03:00:00Z', 23],
    ['America/Sao_Paulo', '2018-02-17T02:00:00Z', 25],
    ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', 23.5],
    ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', 24.5],
  ])('%s: the day from %s has %d hours', (zone, start, hours) => {
    const local = new LocalTime(zone)
    expect(local.dayStart(at(start) + 40_000)).toBe(at(start))
    expect(local.nextDay(at(start))).toBe(at(start) + hours * 3_600)
  })

  test('in Kolkata an hour begins at half past of UTC', () => {
    const local = new LocalTime('Asia/Kolkata')
    expect(local.hourStart(at('2026-01-01T10:15:00Z'))).toBe(at('2026-01-01T09:30:00Z'))
    expect(local.hourOf(at('2026-01-01T10:15:00Z'))).toBe(15)
    expect(local.dateOf(at('2026-01-01T18:30:00Z'))).toBe('2026-01-02')
  })

  test('a day that Samoa skipped has no length', () => {
    const local = new LocalTime('Pacific/Apia')
    const start = local.dayStart(at('2011-12-29T20:00:00Z'))
    expect(local.dateOf(start)).toBe('2011-12-29')
    expect(local.dateOf(local.nextDay(start))).toBe('2011-12-31')
  })

  test('hours make up days without a hole or an overlap, in every zone and at any time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: at('2001-01-01'), max: at('2037-12-31') }),
        (zone, time) => {
          const local = new LocalTime(zone)
          const start = local.dayStart(time)
          expect(start).toBeLessThanOrEqual(time)
          expect(local.nextDay(time)).toBeGreaterThan(time)
          expect(local.dayStart(start)).toBe(start)
          expect(local.nextDay(start)).toBe(local.nextDay(time))
          let hour = start
          while (hour < local.nextDay(time)) {
            const next = local.nextHour(hour)
            expect(local.hourStart(hour)).toBe(hour)
            expect(local.hourStart(next - 1)).toBe(hour)
            expect(next - hour).toBeLessThanOrEqual(3_600)
            hour = next
          }
          expect(hour).toBe(local.nextDay(time))
        },
      ),
      { numRuns: 150, seed: 7 },
    )
  })
})
