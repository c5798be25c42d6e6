// The benchmark of attribution without names: what it cuts out, and how it judges.
import { expect, test } from 'vitest'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../../server/built-file.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { judgeCapture, readCapture, shareOf, sumUp } from './masked.ts'
import { NAMED_BY_WORDS } from '../../server/engine/named-by.ts'
import { HOW_MASK } from '../../server/engine/row-table.ts'

const SAMPLE = fileURLToPath(builtFile('sample.pcap.gz'))
const NAMELESS = ['none', 'range', 'network']

test('no name is left of the sample home, and its companies are judged by what was cut out', async () => {
  const engine = await readCapture(SAMPLE, true)
  const sources = new Set<string>()
  for (let row = 0; row < engine.rows.used; row++) sources.add(NAMED_BY_WORDS[engine.rows.how(row) & HOW_MASK])
  expect([...sources].filter((source) => !NAMELESS.includes(source))).toEqual([])

  const judged = await judgeCapture(SAMPLE, openRules(compiledRulesFolder()))
  const sums = sumUp(judged)
  expect(judged.length).toBeGreaterThan(20)
  expect(shareOf(sums, 'right', 'family')).toBeGreaterThan(0.1)
  expect(shareOf(sums, 'wrong')).toBeLessThan(0.02)
})
