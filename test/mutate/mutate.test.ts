// The sampler of faults: what it finds in a source, what it draws, and which tests it runs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterEach, describe, expect, it } from 'vitest'
import { AREAS, sourcesOf } from './areas.ts'
import { apply, candidatesIn } from './candidates.ts'
import { createChecker } from './checker.ts'
import { chooser } from './choose.ts'
import { createRelated } from './related.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function repository(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'telltale-mutate-test-'))
  folders.push(root)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}

function mutantsOf(source: string): string[] {
  const file = ts.createSourceFile('one.ts', source, ts.ScriptTarget.Latest, true)
  return candidatesIn(file).map((candidate) => `${candidate.kind}: ${apply(source, candidate)}`)
}

describe('the faults of a source', () => {
  it.each([
    ['x = a < b', ['removed statement: {}', 'boundary: x = a <= b']],
    ['const x = a !== b', ['equality: const x = a === b']],
    ['const x = a - b || c', ['arithmetic: const x = a + b || c', 'logic: const x = a - b && c']],
    ['const x = Math.max(a, b)', ['min-max: const x = Math.min(a, b)']],
    ['const LIMIT = 500', ['constant: const LIMIT = 250', 'constant: const LIMIT = 501']],
    ['const x = () => 1', ['number: const x = () => 2']],
    ['if (full) {}', ['removed condition: {}']],
    ['const x = await save()', ['await removed: const x = save()']],
    ['const x = f(a.sent, a.received)', ['swapped: const x = f(a.received, a.sent)']],
    [
      'const x = { sent, received }',
      [
        'figure lost: const x = { sent: 0, received }',
        'swapped: const x = { sent: received, received: sent }',
        'figure lost: const x = { sent, received: 0 }',
      ],
    ],
    [
      'function f(): void { a }',
      ['early return: function f(): void { return; a }', 'removed statement: function f(): void { {} }'],
    ],
    ['type A = { a: 5 } | "x"; interface B { b: 1 }', []],
  ])('%s', (source, mutants) => {
    expect(mutantsOf(source)).toEqual(mutants)
  })
})

it('keeps to what compiles, and knows the other words of a type', () => {
  const root = repository({
    'tsconfig.json': '{ "compilerOptions": { "strict": true, "noEmit": true, "types": [] }, "include": ["a.ts"] }',
    'a.ts': "export const kind: 'one' | 'two' = 'one'",
  })
  const checker = createChecker(root)
  expect(candidatesIn(checker.source('a.ts'), checker.types()).map(({ text }) => text)).toEqual(["'two'"])
  expect(checker.compiles('a.ts', "export const kind: 'one' | 'two' = 'two'")).toBe(true)
  expect(checker.compiles('a.ts', "export const kind: 'one' | 'two' = 'three'")).toBe(false)
  expect(checker.source('a.ts').text).toContain("= 'one'")
})

describe('the draw', () => {
  const all = Array.from({ length: 50 }, (_, index) => ({ kind: index < 40 ? 'common' : 'rare', index }))
  const drawn = (seed: number): (number | undefined)[] => {
    const next = chooser(all, seed)
    return Array.from({ length: 51 }, () => next()?.index)
  }

  it('takes everything once, and the same for the same seed', () => {
    expect(drawn(7)).toEqual(drawn(7))
    expect(drawn(7)).not.toEqual(drawn(8))
    expect(drawn(7)[50]).toBeUndefined()
    expect(new Set(drawn(7)).size).toBe(51)
  })

  it('takes rare kinds of faults as often as common ones', () => {
    const rare = drawn(7).slice(0, 20)
    expect(rare.filter((index) => index !== undefined && index >= 40).length).toBeGreaterThanOrEqual(5)
  })
})

it('runs the tests that import a source, the nearest first, and no slow ones', () => {
  const root = repository({
    'server/a.ts': '',
    'server/b.ts': "import './a.ts'",
    'server/unused.ts': '',
    'test/far.test.ts': "import { b } from '../server/b.ts'",
    'test/near.test.ts': "const a = await import('../server/a.ts')",
    'test/none.test.ts': "import type { A } from '../server/a.ts'",
    'test/e2e/slow.test.ts': "import '../../server/a.ts'",
  })
  const related = createRelated(root, 6)
  expect(related('server/a.ts')).toEqual(['test/near.test.ts', 'test/far.test.ts'])
  expect(related('server/unused.ts')).toEqual([])
})

it('runs all tests of the nearest folder that mirrors the source, and all that run the whole server', () => {
  const root = repository({
    'server/a/parts/one.ts': '',
    'server/app/all.ts': "import '../a/parts/one.ts'",
    'test/server/a/far.test.ts': "import '../../../server/app/all.ts'",
    'test/server/a/other.test.ts': '',
    'test/server/app/all.test.ts': "import '../../../server/app/all.ts'",
    'test/server/b/near.test.ts': "import '../../../server/a/parts/one.ts'",
  })
  expect(createRelated(root, 1)('server/a/parts/one.ts')).toEqual([
    'test/server/a/far.test.ts',
    'test/server/app/all.test.ts',
  ])
  expect(createRelated(root, 2)('server/a/parts/one.ts')).toEqual([
    'test/server/a/far.test.ts',
    'test/server/b/near.test.ts',
    'test/server/app/all.test.ts',
  ])
})

it('finds sources in each area', () => {
  const root = join(import.meta.dirname, '../..')
  for (const area of Object.keys(AREAS)) expect(sourcesOf(root, area).length, area).toBeGreaterThan(5)
})
