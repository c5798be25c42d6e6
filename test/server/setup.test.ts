// Does a fresh clone become a service with one command, and does a build leave alone what runs from the last one?
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const repository = join(import.meta.dirname, '../..')
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
    "import { mkdirSync, writeFileSync } from 'node:fs'\nconst rules = new URL('./rules/', import.meta.url)\nmkdirSync(rules)\nwriteFileSync(new URL('made', rules), 'rules')",
  )
  put(
    'test/sample/build.ts',
    "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[2] + '/sample.pcap.gz', 'sample')",
  )
  for (const name of ['esbuild', '@esbuild']) {
    mkdirSync(join(clone, 'node_modules'), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(clone, 'node_modules', name))
  }
  put('node_modules/.package-lock.json', '{}')
  const longAgo = new Date('2020-01-01')
  utimesSync(join(clone, 'package-lock.json'), longAgo, longAgo)
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

function put(file: string, content: string): void {
  mkdirSync(dirname(join(clone, file)), { recursive: true })
  writeFileSync(join(clone, file), content)
}

function node(...args: string[]): { status: number | null; said: string; out: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8' })
  return { status, said: stderr, out: stdout }
}

function builtAt(): string {
  return readFileSync(join(clone, 'dist/build.json'), 'utf8')
}

test('start builds, then serves with the arguments it was given; the second start builds nothing', () => {
  const first = node('server/setup.mjs', 'start', '--port', '5000')
  expect(first.said).toContain('Bundling the server.')
  expect([first.status, first.out]).toEqual([0, 'serving --port 5000\n'])
  expect(readFileSync(join(clone, 'dist/rules/made'), 'utf8')).toBe('rules')
  expect(readFileSync(join(clone, 'dist/sample.pcap.gz'), 'utf8')).toBe('sample')
  expect(node('dist/history/worker.js').out).toBe('worker first\n')
  const second = node('server/setup.mjs', 'start')
  expect([second.status, second.said, second.out]).toEqual([0, '', 'serving\n'])
})

test('a changed source is built again, and the parts of the last build stay for what still runs from it', () => {
  node('server/build.mjs')
  const parts = readdirSync(join(clone, 'dist')).filter((name) => name.startsWith('chunk-') || name.startsWith('word-'))
  expect(parts.length).toBeGreaterThan(0)
  put('server/word.ts', "export const word: string = 'second'")
  node('server/build.mjs', '--unless-fresh')
  expect(node('dist/cli.js').out).toBe('second\n')
  expect(readdirSync(join(clone, 'dist'))).toEqual(expect.arrayContaining(parts))
  // One build longer, not for ever.
  put('server/word.ts', "export const word: string = 'third'")
  node('server/build.mjs', '--unless-fresh')
  for (const part of parts) expect(existsSync(join(clone, 'dist', part))).toBe(false)
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
    said: 'telltale: name what to set up for: start or test\n',
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
  expect(node('server/setup.mjs', 'start').status).toBe(0)
  expect(readFileSync(join(clone, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'), 'utf8')).toBe(
    'compiled',
  )
  expect(readdirSync(join(clone, 'node_modules')).filter((name) => name.startsWith('.telltale-database'))).toEqual([])
})
