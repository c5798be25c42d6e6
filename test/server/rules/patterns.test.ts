// A pattern's needed text never keeps it from a match.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compilePattern, neededText, matchesPattern } from '../../../server/rules/patterns.ts'
import { PATTERN_KEYS } from '../../../server/rules/types.ts'

describe('the text that a pattern needs', () => {
  test.each([
    ['^Ring-[0-9a-f]{6}', 'ring-'],
    ['colou?r lamp', 'r lamp'],
    ['ab+c', 'ab'],
    ['abc*', 'ab'],
    ['abc{0,2}de', 'ab'],
    ['one|two', ''],
    ['(?:one|two) three', ' three'],
    ['[abc]xyz', 'xyz'],
    ['[\\]a]xyz', 'xyz'],
    ['a\\.b\\dc', 'a.b'],
    ['^$', ''],
  ])('of %s is "%s"', (source, needs) => {
    expect(neededText(source)).toBe(needs)
  })

  test('is in every text that the pattern matches, for the patterns of all rules and their examples', () => {
    let matches = 0
    for (const file of readdirSync('rules/devices')) {
      for (const { match, examples } of (parse(readFileSync(`rules/devices/${file}`, 'utf8')) as Rule).devices) {
        for (const key of PATTERN_KEYS) {
          for (const source of match?.[key] ?? []) {
            for (const text of (examples ?? []).flatMap((example) => example[key] ?? [])) {
              const expected = new RegExp(source, 'i').test(text)
              expect(
                matchesPattern(compilePattern(source), text, text.toLowerCase()),
                `${file}: ${source} on ${text}`,
              ).toBe(expected)
              if (expected) matches++
            }
          }
        }
      }
    }
    expect(matches).toBeGreaterThan(200)
  })
})

interface Rule {
  devices: { match?: Record<string, string[]>; examples?: Record<string, string | string[]>[] }[]
}
