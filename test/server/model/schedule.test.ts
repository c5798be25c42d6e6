// Tests of schedules as the owner writes them.
import { describe, expect, test } from 'vitest'
import { isWithin, parseSchedule } from '../../../server/model/schedule.ts'

describe('a schedule', () => {
  test.each([
    ['Mo-Fr 08:30-17:00', { days: [1, 2, 3, 4, 5], from: 510, to: 1020 }],
    ['Sa,Su 22:00-07:00', { days: [0, 6], from: 1320, to: 420 }],
    ['fr-mo 9:00-24:00', { days: [0, 1, 5, 6], from: 540, to: 1440 }],
    ['00:00-06:00', { days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 360 }],
  ])('%s is understood', (text, schedule) => expect(parseSchedule(text)).toEqual(schedule))

  test.each([
    '',
    'Mo',
    'Xx 08:00-09:00',
    'Mo 8-9',
    'Mo 08:60-09:00',
    'Mo 25:00-26:00',
    'Mo 09:00-09:00',
    'Mo 08:00-09:00 and more',
  ])('"%s" is none', (text) => expect(parseSchedule(text)).toBeNull())

  test('that runs past midnight belongs to the day on which it began', () => {
    const nights = [parseSchedule('Sa 22:00-07:00')].filter((one) => one !== null)
    expect([
      isWithin(nights, 6, 23 * 60),
      isWithin(nights, 0, 60),
      isWithin(nights, 6, 60),
      isWithin(nights, 0, 23 * 60),
    ]).toEqual([true, true, false, false])
  })
})
