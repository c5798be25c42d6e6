// Homes in which nothing happens are told next to nothing by their DNS logs.
import { expect, test } from 'vitest'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { DAY, START } from '../../support/detector-samples.ts'
import { LogLab } from '../../support/log-lab.ts'
import { quietHome } from '../../support/quiet-log-home.ts'

const rules = openRules(compiledRulesFolder())
const DAYS = 28
const HOMES = 6

test('four weeks of made-up homes give at most one alert a week', () => {
  const told = Array.from({ length: HOMES }, (_, seed) => {
    const lab = new LogLab(rules)
    lab.live(quietHome(seed + 1, START, DAYS), START, START + DAYS * DAY, 120)
    return lab.told()
  })
  const each = told.map((alerts) => alerts.length / (DAYS / 7)).sort((one, other) => one - other)
  expect(each.at(-1), JSON.stringify(told)).toBeLessThanOrEqual(1)
  expect(each.reduce((sum, one) => sum + one, 0) / HOMES, JSON.stringify(told)).toBeLessThanOrEqual(0.5)
}, 120_000)
