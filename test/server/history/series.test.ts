// Series of the traffic history: steps, borders, and which bytes are in them.
import { describe, expect, test } from 'vitest'
import { batch, deviceName, endpoint } from './histories.ts'
import { filled, NOON, open } from './whole-histories.ts'

const HOUR = 3_600
const DAY = 86_400
const MIDNIGHT = NOON - DAY / 2
/** The endpoint of what moves within the home. */
const AT_HOME = 0

describe('the step of a series', () => {
  const stepOf = (seconds: number, step?: number): number =>
    filled([[NOON - 100 * DAY, 0, 1, 1, 1]]).series({
      from: NOON - 100 * DAY,
      to: NOON - 100 * DAY + seconds,
      ...(step === undefined ? {} : { step }),
    }).step

  test.each([
    [1, 1],
    [600, 1],
    [601, 60],
    [7_200, 60],
    [7_201, 300],
    [129_600, 300],
    [129_601, 3_600],
    [691_200, 3_600],
    [691_201, 10_800],
    [6_048_000, 10_800],
    [6_048_001, 86_400],
  ])('of %i seconds is %i seconds where none is asked for', (seconds, step) => {
    expect(stepOf(seconds)).toBe(step)
  })

  test.each([
    [600, 59, 59],
    [600, 60, 60],
    [600, 61, 120],
    [600, 0.5, 1],
    [DAY, 3_600, 3_600],
    [DAY, 3_601, 7_200],
    [10 * DAY, 86_400, 86_400],
    [10 * DAY, 86_401, 172_800],
    [5_000, 1, 1],
    [5_001, 1, 2],
    [300_000, 1, 60],
    [300_001, 1, 120],
  ])('of %i seconds is, where %s is asked for, %i', (seconds, asked, step) => {
    expect(stepOf(seconds, asked)).toBe(step)
  })

  test('is as long as what is still kept there', () => {
    const database = open({ retention: { minuteHours: 2, hourDays: 2, dayDays: 30 }, keepSeconds: 60 })
    database.tick(MIDNIGHT - 4 * DAY)
    database.add(batch([[MIDNIGHT - 4 * DAY, 0, 1, 1, 2]]))
    for (let hour = -4 * 24; hour <= 0; hour++) database.tick(MIDNIGHT + hour * HOUR)
    database.add(batch([[MIDNIGHT, 0, 1, 4, 8]]))
    database.flush()
    const steps = (from: number): number => database.series({ from, to: from + 60, step: 1 }).step
    expect([steps(MIDNIGHT - 2 * DAY - 1), steps(MIDNIGHT - 2 * DAY)]).toEqual([DAY, HOUR])
    expect([steps(MIDNIGHT - 2 * HOUR - 1), steps(MIDNIGHT - 2 * HOUR)]).toEqual([HOUR, 60])
  })
})

describe('a series', () => {
  const database = filled([
    [NOON, 0, 1, 1, 1_000],
    [NOON + 59, 0, 2, 2, 2_000],
    [NOON + 60, 1, 3, 4, 4_000],
    [NOON + 119, 1, AT_HOME, 8, 8_000],
    [NOON + 120, 0, 1, 16, 16_000],
  ])
  const range = { from: NOON, to: NOON + 180, step: 60 }

  test('holds what was sent and received in each step, without what stays at home', () => {
    const { from, step, sent, received, covered } = database.series(range)
    expect({ from, step, sent, received, covered }).toEqual({
      from: NOON,
      step: 60,
      sent: [3, 4, 16],
      received: [3_000, 4_000, 16_000],
      covered: [1, 1, 1],
    })
  })

  test('is of the devices, the company and the purpose that are asked for, and of all of them at once', () => {
    const sent = (facts: object): number[] => database.series({ ...range, ...facts }).sent
    expect(sent({ devices: [deviceName(0)] })).toEqual([3, 0, 16])
    expect(sent({ devices: [deviceName(1)] })).toEqual([0, 4, 0])
    expect(sent({ devices: ['nobody'] })).toEqual([0, 0, 0])
    expect(sent({ devices: [] })).toEqual([0, 0, 0])
    expect(sent({ companies: ['company-1'] })).toEqual([1, 0, 16])
    expect(sent({ purpose: 'purpose-0' })).toEqual([0, 4, 0])
    expect(sent({ companies: ['company-1'], purpose: 'purpose-1' })).toEqual([1, 0, 16])
    expect(sent({ companies: ['company-1'], purpose: 'purpose-0' })).toEqual([0, 0, 0])
    expect(sent({ companies: [null] })).toEqual([0, 0, 0])
    expect(sent({ devices: [deviceName(1)], companies: ['company-3'] })).toEqual([0, 4, 0])
  })

  test('of an unknown company is what has no company', () => {
    const other = open()
    other.add(
      batch(
        [
          [NOON, 0, 9, 5, 0],
          [NOON, 0, 1, 1, 0],
        ],
        { endpoints: [endpoint(9, { company: null })] },
      ),
    )
    expect(other.series({ from: NOON, to: NOON + 60, step: 60, companies: [null] }).sent).toEqual([5])
    expect(other.series({ from: NOON, to: NOON + 60, step: 60 }).sent).toEqual([6])
  })

  test('of no time is empty, and begins with its step', () => {
    expect(database.series({ from: NOON, to: NOON, step: 60 })).toMatchObject({ sent: [], received: [], covered: [] })
    expect(database.series({ from: NOON + 59, to: NOON + 60, step: 60 })).toMatchObject({ from: NOON, sent: [3] })
    expect(database.series({ from: NOON + 1, to: NOON + 121, step: 60 }).sent).toEqual([3, 4, 16])
  })

  test('of hours and days counts each in its own', () => {
    const days = filled(
      [
        [MIDNIGHT - 1, 0, 1, 1, 10],
        [MIDNIGHT, 0, 1, 2, 20],
        [MIDNIGHT + DAY - 1, 0, 1, 4, 40],
        [MIDNIGHT + DAY, 0, 1, 8, 80],
      ],
      MIDNIGHT + 3 * DAY,
    )
    const series = (step: number, from: number, to: number): number[][] => {
      const { sent, received } = days.series({ from, to, step })
      return [sent, received]
    }
    expect(series(DAY, MIDNIGHT - DAY, MIDNIGHT + 2 * DAY)).toEqual([
      [1, 6, 8],
      [10, 60, 80],
    ])
    expect(series(HOUR, MIDNIGHT - HOUR, MIDNIGHT + HOUR)).toEqual([
      [1, 2],
      [10, 20],
    ])
    expect(series(HOUR, MIDNIGHT + DAY - HOUR, MIDNIGHT + DAY + HOUR)).toEqual([
      [4, 8],
      [40, 80],
    ])
  })
})
