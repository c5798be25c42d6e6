// Tests that run without a build use nothing of dist/, and the page's fingerprint covers what the page is made of.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isPageSource } from '../../server/build.mjs'
import { reachedFrom, root } from './imports.ts'
import { areUnbuilt, UNBUILT } from './unbuilt.mjs'

/** Reads the packet core, which is compiled alone before these tests. */
const CORE_FILE = 'capture/sources/core-file.ts'
/** How our code comes by a file of dist/. */
const USES_DIST = /['"`/]dist\/|\b(builtFile|workerFile|compiledRulesFolder)\(/

function filesUnder(place: string): string[] {
  if (statSync(join(root, place)).isFile()) return [place]
  return readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).map((name) => join(place, name))
}

test('a test that no build comes before uses nothing of dist/ but the packet core', () => {
  const tests = UNBUILT.flatMap(filesUnder).filter((file) => file.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(50)
  const users = [...reachedFrom(tests)].filter((file) => USES_DIST.test(readFileSync(join(root, file), 'utf8')))
  expect(users).toEqual([CORE_FILE])
})

test('a file that the page imports is part of its fingerprint', () => {
  const sources = filesUnder('ui').filter((file) => /\.(ts|svelte)$/.test(file))
  expect([...reachedFrom(sources)].filter((file) => !isPageSource(file))).toEqual([])
  expect(isPageSource('server/cli.ts')).toBe(false)
})

test.each([
  { words: ['test/capture/wire/udp.test.ts'], unbuilt: true },
  { words: ['test/capture', 'test/ui/route.test.ts', '--reporter=verbose'], unbuilt: true },
  { words: ['test/capture', 'test/server/history'], unbuilt: false },
  { words: ['test/capture-elsewhere'], unbuilt: false },
  { words: ['-t', 'a name'], unbuilt: false },
  { words: ['--bail=1'], unbuilt: false },
  { words: [], unbuilt: false },
])('npm test -- $words: without a build: $unbuilt', ({ words, unbuilt }) => {
  expect(areUnbuilt(words)).toBe(unbuilt)
})
