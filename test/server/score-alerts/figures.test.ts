// The figures of a run: recall, quantiles, false alerts by week, and the last line.
import { expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { falsePerWeek, quantile, recallOf, rowsOf, totalLine } from '../../../server/score-alerts/figures.ts'
import type { HomeScore } from '../../../server/score-alerts/run-home.ts'
import type { Told } from '../../../server/score-alerts/scorer.ts'
import type { Incident } from '../../../server/simulate/incident.ts'
import { DAY, START } from '../../../server/simulate/tape.ts'

const told = (facts: Partial<Incident>, delay: number | null = 1): Told => ({
  incident: { kind: 'upload', size: '5 MB', target: 'nameless', isPersonal: false, ...facts } as Incident,
  delay,
  pushes: 2,
})
const score = (all: Told[], falseDays: number[] = [], days = 21): HomeScore => ({
  home: { days } as HomeScore['home'],
  told: all,
  falseAlerts: falseDays.map((day) => ({ alert: { kind: 'silent' } as Alert, at: START + day * DAY })),
})

test('the smallest value that a share of the values does not exceed', () => {
  expect(quantile([], 0.5)).toBeNull()
  expect(quantile([3, 1, 2], 0.5)).toBe(2)
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2)
  expect(quantile([1, 2, 3, 4], 0.95)).toBe(4)
})

test('recall is the share that was told, and nothing where nothing was to be told', () => {
  expect(recallOf([])).toBeNull()
  expect(recallOf([told({}), told({}, null), told({}), told({})])).toBe(0.75)
})

test('false alerts are counted by week from the eighth day on', () => {
  expect(falsePerWeek([score([], [1, 6.9, 7, 13.9, 14])])).toEqual([2, 1])
  // 23 days are three stretches; a count is that of seven days.
  expect(falsePerWeek([score([], [29.9], 30)])).toEqual([0, 0, 21 / 23])
  expect(falsePerWeek([score([], [8])], 'flood')).toEqual([0, 0])
})

test('each row is one kind, size, sender and destination', () => {
  const rows = rowsOf([
    score([told({}), told({ isPersonal: true }), told({}, null), told({ kind: 'scan', size: null, target: null })]),
  ])
  expect(rows.map(({ name, told: { length } }) => [name, length])).toEqual([
    ['scan', 1],
    ['upload: appliance, 5 MB to nameless', 2],
    ['upload: person, 5 MB to nameless', 1],
  ])
})

test('the last line has what was found of each goal, and the median of false alerts', () => {
  const all = [
    told({}),
    told({ kind: 'known destination', size: null }, null),
    told({ size: '200 kB' }),
    told({ kind: 'slow', size: null }, null),
    // Neither large nor small: people's devices have a line of their own.
    told({ isPersonal: true, size: '300 MB' }, null),
  ]
  expect(totalLine([score(all, [8, 9, 15])])).toBe(
    'total large 0.500 small 1.000 slow 0.000 first-week - false-per-week 1.00',
  )
})
