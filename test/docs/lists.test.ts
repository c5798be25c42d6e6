// The lists of README.md match the definitions.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { README, withLists } from './lists.ts'

test('README.md lists the sources and log formats that there are', () => {
  const text = readFileSync(README, 'utf8')
  expect(text.match(/<!-- list: .+ -->/g)).toEqual(['<!-- list: sources -->', '<!-- list: log formats -->'])
  expect(
    text === withLists(text),
    'A definition changed: run npx tsx test/docs/lists.ts, which writes README.md.',
  ).toBe(true)
})
