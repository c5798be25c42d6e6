// Counts of a device's events by hour of the day.
import { expect, it } from 'vitest'
import { countEvent, countsAround, newEventCounts } from '../../../server/alerts/event-counts.ts'
import { DAY, HOUR, START, utc } from '../../support/detector-samples.ts'

const DAYS = 14
const NOON = START + 12 * HOUR

it('counts an event once that comes again after a power cut', () => {
  const counts = newEventCounts()
  for (const at of [NOON, NOON + 60, NOON, NOON + 60]) countEvent(counts, at, utc(at), DAYS)
  expect(countEvent(counts, NOON + 120, utc(NOON + 120), DAYS)).toBe(3)
  expect(counts.days).toMatchObject([{ hours: expect.arrayContaining([3]) as number[] }])
})

it('holds the hour that ends with the event, and hours about the same time on the days before', () => {
  const counts = newEventCounts()
  for (let day = 0; day < 5; day++)
    for (const at of [NOON, NOON + HOUR]) countEvent(counts, at + day * DAY, utc(at + day * DAY), DAYS)
  expect(countsAround(counts, utc(NOON + 4 * DAY), 5)).toBeNull()
  const around = countsAround(counts, utc(NOON + 5 * DAY), 5)
  expect([around?.days, Math.max(...(around?.counts ?? []))]).toEqual([5, 1])
})
