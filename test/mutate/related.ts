// The tests that import a source, directly or through other files: those of its own folder first, then the nearest.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { SLOW_TESTS } from './areas.ts'

const IMPORT = /(?:from|import|new URL)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g
/** Types alone are gone when a test runs. */
const TYPES_ONLY = /^(?:import|export) type [^'"]*['"][^'"]+['"]/gm
/** A built program that is started by name is made of the source of that name. */
const BUILT = /builtFile\(\s*['"]([\w/-]+)\.js['"]/g
const BUILT_CLI = /['"/]dist\/cli\.js['"]/

/** A test of another folder comes after all of the source's own. */
const OTHER_FOLDER = 100

/** The whole server runs in these: all that reach a source are its tests, however far. */
const WHOLE_SERVER = 'test/server/app/'

/**
 * Answers a file's tests: all of its own folder and of the whole server, and so many of others. `root` is the
 * repository.
 */
export function createRelated(root: string, near: number): (file: string) => string[] {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name}`)
    .filter((file) => file.endsWith('.test.ts') && !SLOW_TESTS.some((folder) => file.startsWith(folder)))
    .sort()
  const imports = new Map<string, string[]>()
  const importsOf = (file: string): string[] => {
    const known = imports.get(file) ?? importsIn(root, file)
    imports.set(file, known)
    return known
  }
  const distances = new Map(tests.map((test) => [test, distancesFrom(test, importsOf)]))
  return (file) => {
    const folder = mirrorOf(file, tests)
    const rank = (test: string): number =>
      (distances.get(test)?.get(file) ?? 0) + (test.startsWith(folder) ? 0 : OTHER_FOLDER)
    const all = tests.filter((test) => distances.get(test)?.has(file)).sort((one, other) => rank(one) - rank(other))
    return all.filter((test, place) => [folder, WHOLE_SERVER].some((one) => test.startsWith(one)) || place < near)
  }
}

/** The folder of tests that mirrors the file's own, or the next above it that has tests. */
function mirrorOf(file: string, tests: readonly string[]): string {
  let folder = `test/${dirname(file)}/`
  while (folder.split('/').length > 3 && !tests.some((test) => test.startsWith(folder))) folder = `${dirname(folder)}/`
  return folder
}

/** True where one of the tests starts a program that the build made of the sources. */
export function needBuild(root: string, tests: readonly string[]): boolean {
  const seen = new Set(tests)
  for (const file of seen) {
    const text = readFileSync(join(root, file), 'utf8')
    if (/builtFile\(|dist\//.test(text)) return true
    for (const next of importsIn(root, file)) seen.add(next)
  }
  return false
}

function distancesFrom(test: string, importsOf: (file: string) => string[]): Map<string, number> {
  const distances = new Map([[test, 0]])
  // Entries that are added while the map is walked are walked as well.
  for (const [file, distance] of distances)
    for (const next of importsOf(file)) if (!distances.has(next)) distances.set(next, distance + 1)
  return distances
}

/** Files of the repository that a file names as its imports. */
export function importsIn(root: string, file: string): string[] {
  if (!/\.(ts|mjs|svelte)$/.test(file)) return []
  const text = readFileSync(join(root, file), 'utf8').replace(TYPES_ONLY, '')
  const named = [...text.matchAll(IMPORT)].map(([, path]) => relative(root, resolve(root, dirname(file), path)))
  const built = [...text.matchAll(BUILT)].map(([, name]) => `server/${name}.ts`)
  const cli = BUILT_CLI.test(text) ? ['server/cli.ts'] : []
  return [...named, ...built, ...cli].filter((path) => /\.(ts|mjs|svelte)$/.test(path) && existsSync(join(root, path)))
}
