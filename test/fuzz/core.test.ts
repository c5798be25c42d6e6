// 20,000 inputs through the packet core as the product has it, and that the fuzzing would find what it looks for.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWithCover, type CoverPoint, withCover } from './core/cover-build.ts'
import { CoreFuzzer } from './core/fuzz-core.ts'
import { bytesInput, type CoreInput } from './core/input.ts'
import { productBuild } from './core/product-build.ts'
import { coreSeeds } from './core/seeds.ts'

const SEED = 3
const sources = fileURLToPath(new URL('../../capture/core', import.meta.url))

test('the core survives 20,000 inputs, reads nothing behind their ends, and loses no byte', () => {
  const fuzzer = new CoreFuzzer(productBuild(), coreSeeds(), SEED)
  fuzzer.run(20_000)
  expect(fuzzer.finding).toBeNull()
  expect(fuzzer.inputs).toBe(20_000)
  expect(fuzzer.packets).toBeGreaterThan(40_000)
})

describe('cover points', () => {
  test('stand in each function, branch, loop and case, and change nothing else', () => {
    const points: CoverPoint[] = []
    const source = [
      '// A comment.',
      "import { byteAt } from './memory'",
      'const LIMIT: i32 = 3',
      'export function count(at: i32): i32 {',
      '  if (at > LIMIT) return at > 9 ? 1 : 2',
      '  else if (at == 1) at++',
      '  for (let index = 0; index < at; index++) at += byteAt(index)',
      '  switch (at) {',
      '    case 1:',
      '      return 4',
      '  }',
      '  return at',
      '}',
    ].join('\n')
    const covered = withCover('wire/count.ts', source, points)
    expect(points.map(({ kind, line, name }) => `${kind} ${line} ${name}`)).toEqual([
      'function 4 count',
      'then 5 count',
      'choice 5 count',
      'choice 5 count',
      'else 6 count',
      'then 6 count',
      'no else 6 count',
      'loop 7 count',
      'case 9 count',
    ])
    expect(covered).toMatch(/^import \{ cover \} from '\.\.\/cover'\n\/\/ A comment\./)
    expect(covered).toContain('if (at > LIMIT) { cover(1); return at > 9 ? (cover(2), 1) : (cover(3), 2) }')
    expect(covered).toContain('{ cover(5); at++ } else { cover(6) }')
    expect(covered.replace(/ ?\{? ?\(?cover\(\d+\)[;,]? ?/g, '')).toContain('const LIMIT: i32 = 3')
    expect(withCover('limits.ts', 'export const A = 1\n', points)).toBe('export const A = 1\n')
  })
})

describe('a core that reads on behind the packet', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'telltale-broken-core-'))
    cpSync(sources, folder, { recursive: true })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** One check less. */
  function breakCheck(file: string, before: string, after: string): void {
    const path = join(folder, file)
    const source = readFileSync(path, 'utf8')
    expect(source).toContain(before)
    writeFileSync(path, source.replace(before, after))
  }

  test('is found, and the input that shows it; its cover points are told', () => {
    breakCheck('wire/udp.ts', 'have < HEADER_LENGTH', 'have < 0')
    const build = buildWithCover(folder, 0)
    const fuzzer = new CoreFuzzer({ ...build, importsMemory: true }, coreSeeds(), SEED)
    fuzzer.run(5_000)
    expect(fuzzer.finding?.message).toMatch(/bytes outside of the input|a payload from|stopped at/)
    const finding = fuzzer.replay(fuzzer.finding!)
    expect(finding?.inputs.at(-1)?.kind).toBe('packets')
    expect(fuzzer.reached.reduce((sum, hit) => sum + hit, 0)).toBeGreaterThan(build.points.length / 3)
    expect(fuzzer.kept.length).toBeGreaterThan(20)
  })
})

test('the same seed makes the same inputs', () => {
  const seeds: CoreInput[] = [bytesInput('payload', new Uint8Array(60).fill(3), 1)]
  const run = (seed: number): number => {
    const fuzzer = new CoreFuzzer(productBuild(), seeds, seed)
    fuzzer.run(50)
    return fuzzer.sum
  }
  expect(run(4)).toBe(run(4))
  expect(run(4)).not.toBe(run(5))
})
