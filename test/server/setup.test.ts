// A fresh clone becomes a service with one command; a build repeats what changed, and leaves alone what runs from the
// last one.
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const repository = join(import.meta.dirname, '../..')
/** For a busy machine. */
const PATIENCE = { timeout: 50_000, interval: 20 }
let clone: string

/** A tiny project around the real scripts, with the real bundler installed. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'telltale-clone-'))
  for (const script of ['build.mjs', 'setup.mjs', 'compile-database.mjs'])
    put(`server/${script}`, readFileSync(join(repository, 'server', script), 'utf8'))
  put('package.json', '{ "type": "module" }')
  put('package-lock.json', '{}')
  put(
    'server/cli.ts',
    "if (process.argv[2] === 'serve') console.log('serving', ...process.argv.slice(3)); else console.log((await import('./word.ts')).word)",
  )
  put('server/word.ts', "export const word: string = 'first'")
  put('server/history/worker.ts', "import { word } from '../word.ts'\nconsole.log('worker', word)")
  put(
    'server/build-rules.ts',
    "import { mkdirSync, writeFileSync } from 'node:fs'\nconst rules = new URL('./rules/', import.meta.url)\nmkdirSync(rules)\nwriteFileSync(new URL('made', rules), `rules by ${process.pid}`)",
  )
  put(
    'server/build-sample.ts',
    "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[2] + '/sample.pcap.gz', `sample by ${process.pid}`)",
  )
  put(
    'server/build-core.mjs',
    "import { writeFileSync } from 'node:fs'\nexport const buildCore = async (file) => writeFileSync(file, `core by ${process.pid}`)",
  )
  put('server/analyze/command.ts', '')
  put(
    'server/build-analyze-cache.ts',
    "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[2] + '/analyze.cache', `cache by ${process.pid}`)",
  )
  for (const name of ['esbuild', '@esbuild']) {
    mkdirSync(join(clone, 'node_modules'), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(clone, 'node_modules', name))
  }
  put('node_modules/.package-lock.json', '{}')
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

function put(file: string, content: string): void {
  mkdirSync(dirname(join(clone, file)), { recursive: true })
  writeFileSync(join(clone, file), content)
}

/** What npm is asked to install it takes from nowhere: no test asks the registry. */
function node(...args: string[]): { status: number | null; said: string; out: string } {
  const env = { ...process.env, npm_config_offline: 'true' }
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8', env })
  return { status, said: stderr, out: stdout }
}

function builtAt(): string {
  return readFileSync(join(clone, 'dist/build.json'), 'utf8')
}

test('start builds, then serves with the arguments it was given; the second start builds nothing', () => {
  const first = node('server/setup.mjs', 'start', '--port', '5000')
  expect(first.said).toContain('Bundling the server.')
  expect([first.status, first.out]).toEqual([0, 'serving --port 5000\n'])
  expect(readFileSync(join(clone, 'dist/rules/made'), 'utf8')).toMatch(/^rules/)
  expect(readFileSync(join(clone, 'dist/sample.pcap.gz'), 'utf8')).toMatch(/^sample/)
  expect(node('dist/history/worker.js').out).toBe('worker first\n')
  const second = node('server/setup.mjs', 'start')
  expect([second.status, second.said, second.out]).toEqual([0, '', 'serving\n'])
})

test('a changed source is built again, and the parts of the last build stay for what still runs from it', () => {
  node('server/build.mjs')
  const parts = readdirSync(join(clone, 'dist')).filter((name) => name.startsWith('chunk-') || name.startsWith('word-'))
  expect(parts.length).toBeGreaterThan(0)
  put('server/word.ts', "export const word: string = 'second'")
  node('server/build.mjs')
  expect(node('dist/cli.js').out).toBe('second\n')
  expect(readdirSync(join(clone, 'dist'))).toEqual(expect.arrayContaining(parts))
  // One build longer, not for ever.
  put('server/word.ts', "export const word: string = 'third'")
  node('server/build.mjs')
  for (const part of parts) expect(existsSync(join(clone, 'dist', part))).toBe(false)
})

const LONG_AGO = new Date('2020-01-01')

/**
 * What the steps left, to compare with later. The programs of the steps write the number of their process, and the
 * bundle gets a date long ago, which only the step itself changes.
 */
function made(): Record<'rules' | 'sample', string> {
  const read = (file: string): string => readFileSync(join(clone, 'dist', file), 'utf8')
  utimesSync(join(clone, 'dist/cli.js'), LONG_AGO, LONG_AGO)
  return { rules: read('rules/made'), sample: read('sample.pcap.gz') }
}

/** The steps that ran since. */
function changedSince(before: ReturnType<typeof made>): string[] {
  const isBundled = statSync(join(clone, 'dist/cli.js')).mtime.getTime() !== LONG_AGO.getTime()
  const now = made()
  const steps = (['rules', 'sample'] as const).filter((step) => now[step] !== before[step])
  return [...steps, ...(isBundled ? ['server'] : [])]
}

test.each([
  { changed: 'test/server/word.test.ts', content: "import '../../server/word.ts'", again: [] },
  { changed: 'package.json', content: '{ "type": "module", "scripts": {} }', again: [] },
  { changed: 'server/word.ts', content: "export const word: string = 'second'", again: ['server'] },
  { changed: 'rules/companies/apple.yaml', content: 'name: Apple', again: ['rules'] },
  {
    changed: 'server/build-sample.ts',
    content: "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[2] + '/sample.pcap.gz', 'other')",
    again: ['sample', 'server'],
  },
])('a change of $changed repeats the steps $again', ({ changed, content, again }) => {
  node('server/build.mjs')
  const before = made()
  put(changed, content)
  expect(node('server/build.mjs')).toEqual({ status: 0, said: '', out: '' })
  expect(changedSince(before)).toEqual(again)
  // And the build is at rest after it.
  const after = made()
  node('server/build.mjs')
  expect(changedSince(after)).toEqual([])
})

test('what is missing in dist/ is made again, and --all repeats everything', () => {
  node('server/build.mjs')
  let before = made()
  rmSync(join(clone, 'dist/rules'), { recursive: true })
  node('server/build.mjs')
  expect(changedSince(before)).toEqual(['rules'])
  before = made()
  node('server/build.mjs', '--all')
  expect(changedSince(before)).toEqual(['rules', 'sample', 'server'])
})

test('builds at the same time end with a whole dist/', async () => {
  const build = (): Promise<number | null> =>
    new Promise((done) => spawn(process.execPath, ['server/build.mjs'], { cwd: clone }).on('exit', done))
  expect(await Promise.all([build(), build(), build()])).toEqual([0, 0, 0])
  expect(node('dist/cli.js').out).toBe('first\n')
  expect(readdirSync(clone).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
})

test('a stack trace of the program, and of a thread of it, names the line of the source', () => {
  const broken =
    "interface Gone { x: number }\n\nexport function fail(gone: Gone): never {\n  throw new Error('boom ' + gone.x)\n}"
  put('server/fail.ts', broken)
  put('server/cli.ts', "process.setSourceMapsEnabled(true)\nconst { start } = await import('./start.ts')\nstart()")
  put(
    'server/start.ts',
    "import { Worker } from 'node:worker_threads'\nimport { fail } from './fail.ts'\nexport function start(): void {\n  if (process.argv[2] !== 'thread') return fail({ x: 1 })\n  new Worker(new URL('./history/worker.js', import.meta.url))\n}",
  )
  put('server/history/worker.ts', "import { fail } from '../fail.ts'\nfail({ x: 2 })")
  node('server/build.mjs')
  expect(node('dist/cli.js').said).toMatch(/boom 1\n.*at fail \(.*server[/\\]fail\.ts:4:9\)/)
  expect(node('dist/cli.js', 'thread').said).toMatch(/boom 2\n.*at fail \(.*server[/\\]fail\.ts:4:9\)/)
})

test('packages as the lock file names them count as installed, whatever the dates of the files', () => {
  const lock = (version: string): string =>
    JSON.stringify({
      packages: {
        '': { version: '1' },
        'node_modules/a': { version },
        'node_modules/b': { version: '1', optional: true },
      },
    })
  put('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '2' } } }))
  put('package-lock.json', lock('2'))
  expect(node('server/setup.mjs', 'packages')).toEqual({ status: 0, said: '', out: '' })
  put('package-lock.json', lock('3'))
  expect(node('server/setup.mjs', 'packages').said).toContain('Installing the packages of the lock file')
})

test('a build that fails leaves the last one in place and nothing behind', () => {
  node('server/build.mjs')
  const before = builtAt()
  put('server/word.ts', 'export const word: string = ')
  const failed = node('server/setup.mjs', 'start')
  expect(failed.status).toBe(1)
  expect(failed.said).toContain('telltale: The build failed')
  expect(builtAt()).toBe(before)
  expect(node('dist/cli.js').out).toBe('first\n')
  expect(readdirSync(clone).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
})

test('without saying what for, it says one sentence', () => {
  expect(node('server/setup.mjs')).toEqual({
    status: 1,
    said: 'telltale: name what to set up for: start, packages or test\n',
    out: '',
  })
})

test('a database library that another process finished compiling is put in its place', () => {
  const work = 'node_modules/.telltale-database-999999999/better-sqlite3'
  put('node_modules/better-sqlite3/package.json', '{}')
  put(
    `${work}/index.js`,
    "module.exports = class { constructor() { require('./build/Release/better_sqlite3.node.js') } }",
  )
  put(`${work}/package.json`, '{ "main": "index.js" }')
  put(`${work}/build/Release/better_sqlite3.node.js`, '')
  put(`${work}/build/Release/better_sqlite3.node`, 'compiled')
  cpSync(join(clone, work), join(clone, 'node_modules/.telltale-database-999999998/better-sqlite3'), {
    recursive: true,
  })
  rmSync(join(clone, 'node_modules/.telltale-database-999999998/better-sqlite3/build'), { recursive: true })
  const { status, out } = node(
    '--eval',
    "import('./server/compile-database.mjs').then((it) => console.log(it.adopt(process.cwd())))",
  )
  expect([status, out]).toEqual([0, 'true\n'])
  expect(readFileSync(join(clone, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'), 'utf8')).toBe(
    'compiled',
  )
  expect(readdirSync(join(clone, 'node_modules')).filter((name) => name.startsWith('.telltale-database'))).toEqual([])
})

describe('a database library that has to be compiled', () => {
  const library = 'node_modules/better-sqlite3'
  const binary = join('build', 'Release', 'better_sqlite3.node')

  /** Compiling tells that it began, and ends when the file "go" is there: with the library, or with an error. */
  function putLibrary(ends: 'well' | 'badly'): void {
    put(`${library}/package.json`, '{ "main": "index.js", "scripts": { "install": "node compile.cjs" } }')
    put(`${library}/index.js`, "module.exports = class { constructor() { require('./build/Release/made.js') } }")
    put(
      `${library}/compile.cjs`,
      `const fs = require('node:fs')
      fs.appendFileSync(${JSON.stringify(join(clone, 'begun'))}, 'begun ')
      const wait = () => {
        if (!fs.existsSync(${JSON.stringify(join(clone, 'go'))})) return setTimeout(wait, 10)
        if (${JSON.stringify(ends)} === 'badly') process.exit(1)
        fs.mkdirSync('build/Release', { recursive: true })
        fs.writeFileSync('build/Release/made.js', '')
        fs.writeFileSync('build/Release/better_sqlite3.node', 'compiled')
      }
      wait()`,
    )
  }

  function compilations(): number {
    return existsSync(join(clone, 'begun')) ? readFileSync(join(clone, 'begun'), 'utf8').split(' ').length - 1 : 0
  }

  const hasWork = (): boolean =>
    readdirSync(join(clone, 'node_modules')).some(
      (name) =>
        /^\.telltale-database-\d+$/.test(name) &&
        existsSync(join(clone, 'node_modules', name, 'better-sqlite3', binary)),
    )

  test.skipIf(!isBuiltin('node:sqlite'))('is not compiled where Node brings SQLite, for a start or for tests', () => {
    putLibrary('badly')
    put('go', '')
    expect(node('server/setup.mjs', 'start').out).toBe('serving\n')
    expect(node('server/setup.mjs', 'test').status).toBe(0)
    expect(compilations()).toBe(0)
  })

  describe.skipIf(isBuiltin('node:sqlite'))('on a Node without SQLite', () => {
    test('does not hold up the first start where a ready-made one works, and is there for the next', async () => {
      putLibrary('well')
      put('node_modules/libsql/index.js', 'module.exports = class {}')
      // Ends only because nothing waits for the file "go".
      expect(node('server/setup.mjs', 'start').out).toBe('serving\n')
      await vi.waitUntil(() => compilations() === 1, PATIENCE)
      put('go', '')
      await vi.waitUntil(hasWork, PATIENCE)
      expect(node('server/setup.mjs', 'start').out).toBe('serving\n')
      expect(readFileSync(join(clone, library, binary), 'utf8')).toBe('compiled')
      expect(compilations()).toBe(1)
    })

    test('is waited for where none is ready made, and before tests', () => {
      putLibrary('well')
      put('go', '')
      expect(node('server/setup.mjs', 'start').out).toBe('serving\n')
      expect(readFileSync(join(clone, library, binary), 'utf8')).toBe('compiled')
    })

    test('that cannot be compiled is not tried at each start, and without any the reason is said', () => {
      putLibrary('badly')
      put('go', '')
      const first = node('server/setup.mjs', 'start')
      expect([first.status, first.said]).toEqual([1, expect.stringContaining('No database library works here')])
      put('node_modules/libsql/index.js', 'module.exports = class {}')
      const second = node('server/setup.mjs', 'test')
      expect([second.status, second.said]).toEqual([
        0,
        'telltale: The database library could not be compiled here; a ready-made one does the same.\n',
      ])
      expect(compilations()).toBe(1)
    })
  })
})
