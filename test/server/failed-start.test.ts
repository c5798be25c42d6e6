// A service that cannot start, or stops, by the real program: its exit status, its sentence, and what it leaves.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadDriver } from '../../capture/sources/sqlite.ts'
import { lockStateFolder } from '../../server/store/lock.ts'

const repository = join(import.meta.dirname, '../..')
const PATIENCE = { timeout: 30_000, interval: 20 }

let folder: string
let state: string
let captures: string
const running: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-start-'))
  state = join(folder, 'state')
  captures = join(folder, 'captures')
  mkdirSync(captures)
})
afterEach(() => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  status: number | null
  /** Without warnings. */
  said: string
}

/** As root it says so. */
function withoutWarnings(said: string): string {
  return said.replace(/^\{"level":"warn".*\}\n/gm, '')
}

class Run {
  said = ''
  readonly child: ChildProcess
  readonly ended: Promise<Ended>

  constructor(args: string[], { home = repository, command = [process.execPath], env = {} }: RunOptions = {}) {
    const [program, ...before] = command
    this.child = spawn(program, [...before, join(home, 'dist/cli.js'), 'serve', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, INIT_CWD: folder, ...env },
    })
    running.push(this.child)
    const read = (piece: Buffer): void => void (this.said += piece.toString())
    this.child.stdout?.on('data', read)
    this.child.stderr?.on('data', read)
    this.ended = new Promise((resolve) =>
      this.child.on('close', (status: number | null) => resolve({ status, said: withoutWarnings(this.said) })),
    )
  }

  async says(text: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.said).toMatch(text), PATIENCE)
  }
}

interface RunOptions {
  home?: string
  command?: string[]
  env?: Record<string, string>
}

/** A real home: capture, engine and history run before the port is asked for. */
const serve = (...more: string[]): string[] => [
  '--state',
  state,
  '--source',
  `folder:${captures}`,
  ...(more.includes('--port') ? [] : ['--port', '0']),
  ...more,
]

/** Throws where the folder is still locked. */
function lockIsFree(): boolean {
  lockStateFolder(state).release()
  return true
}

async function takenPort(): Promise<{ port: number; release: () => void }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, release: () => server.close() }
}

/** The built program in a folder of its own, so that parts of it can be missing. */
function copyOfProgram(packages: (name: string) => boolean = () => true): string {
  const home = join(folder, 'program')
  cpSync(join(repository, 'dist'), join(home, 'dist'), { recursive: true })
  cpSync(join(repository, 'package.json'), join(home, 'package.json'))
  mkdirSync(join(home, 'node_modules'))
  for (const name of readdirSync(join(repository, 'node_modules')))
    if (packages(name)) symlinkSync(join(repository, 'node_modules', name), join(home, 'node_modules', name))
  return home
}

describe('a start that fails ends with a sentence, and leaves nothing running:', () => {
  test('the port is in use, while packets are captured already', async () => {
    const { port, release } = await takenPort()
    // Stands in for tcpdump: it says that it runs, and runs until it is told to end.
    const programs = join(folder, 'programs')
    mkdirSync(programs)
    writeFileSync(join(programs, 'tcpdump'), `#!/bin/sh\necho $$ > ${folder}/capture\nexec sleep 600\n`)
    chmodSync(join(programs, 'tcpdump'), 0o755)
    const run = new Run(['--state', state, '--source', 'lo', '--port', String(port)], {
      env: { PATH: `${programs}:${process.env['PATH']}` },
    })
    expect(await run.ended).toEqual({
      status: 2,
      said: 'telltale: This port is in use, perhaps by another Telltale; name a free one with --port\n',
    })
    if (existsSync(join(folder, 'capture'))) {
      const pid = Number(readFileSync(join(folder, 'capture'), 'utf8'))
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    }
    expect(lockIsFree()).toBe(true)
    release()
    // The port is free again: the same folder starts.
    const again = new Run(serve('--port', String(port)))
    await again.says('Telltale is at')
    again.child.kill('SIGTERM')
    expect((await again.ended).status).toBe(0)
  })

  test('the address of the page is none of this machine', async () => {
    const module = join(folder, 'elsewhere.mjs')
    // An address of the documentation's network in place of the asked one.
    writeFileSync(
      module,
      `import { Server } from 'node:net'
      const { listen } = Server.prototype
      Server.prototype.listen = function (options) { return listen.call(this, { ...options, host: '2001:db8::1' }) }`,
    )
    const { status, said } = await new Run(serve(), { command: [process.execPath, `--import=${module}`] }).ended
    expect([status, said]).toEqual([2, expect.stringMatching(/^telltale: The page cannot be opened on .*127\.0\.0\.1/)])
    expect(lockIsFree()).toBe(true)
  })

  test('the history is of a newer version', async () => {
    const first = new Run(serve())
    await first.says('Telltale is at')
    first.child.kill('SIGTERM')
    expect((await first.ended).status).toBe(0)
    const database = loadDriver().open(join(state, 'history.db'))
    database.exec('PRAGMA user_version = 99')
    database.close()
    const { status, said } = await new Run(serve()).ended
    expect([status, said]).toEqual([2, expect.stringMatching(/^telltale: This traffic history was written by a newer/)])
    expect(lockIsFree()).toBe(true)
  })

  test.each([
    ['companies.json', '{ "companies'],
    ['words.json', null],
  ])('the compiled rules lack %s, or it breaks off', async (name, text) => {
    const home = copyOfProgram()
    const file = join(home, 'dist/rules', name)
    if (text === null) rmSync(file)
    else writeFileSync(file, text)
    const { status, said } = await new Run(serve(), { home }).ended
    expect([status, said]).toEqual([2, expect.stringMatching(/^telltale: The compiled rules in .* cannot be read \(/)])
    expect(lockIsFree()).toBe(true)
  })

  test('there is no library for databases', async ({ skip }) => {
    if (isBuiltin('node:sqlite')) skip('this Node has one of its own')
    const home = copyOfProgram((name) => !/sqlite|libsql/.test(name))
    const { status, said } = await new Run(serve(), { home }).ended
    expect([status, said]).toEqual([2, expect.stringMatching(/^telltale: No SQLite library works on this machine/)])
  })

  test('the state folder is a file, or in a place where nothing can be written', async () => {
    writeFileSync(state, '')
    const isFile = await new Run(serve()).ended
    expect([isFile.status, isFile.said]).toEqual([
      2,
      expect.stringMatching(/^telltale: .*state is no folder; name another/),
    ])
    const nowhere = await new Run(['--state', '/proc/telltale', '--port', '0']).ended
    expect([nowhere.status, nowhere.said]).toEqual([
      2,
      expect.stringMatching(/^telltale: the folder \/proc\/telltale cannot be made: .*--state DIR/),
    ])
  })

  test('an argument is wrong', async () => {
    const { status, said } = await new Run(serve('--port', '70000')).ended
    expect([status, said]).toEqual([2, 'telltale: --port 70000: a port is a whole number up to 65535\n'])
    expect(existsSync(state)).toBe(false)
  })

  test('another Telltale is using the folder, which goes on as before', async () => {
    const first = new Run(serve())
    await first.says('Telltale is at')
    const { status, said } = await new Run(serve()).ended
    expect([status, said]).toEqual([2, expect.stringMatching(/^telltale: Another Telltale \(process \d+\) is using/)])
    expect(first.child.exitCode).toBe(null)
    first.child.kill('SIGTERM')
    expect((await first.ended).status).toBe(0)
    expect(lockIsFree()).toBe(true)
  })
})

test('while one Telltale is still writing down its last minutes, a second one is refused', async () => {
  const first = new Run(serve())
  await first.says('Telltale is at')
  // As a slow disk would, this holds up the last commit.
  const database = loadDriver().open(join(state, 'history.db'))
  database.exec('BEGIN IMMEDIATE')
  first.child.kill('SIGTERM')
  await first.says('Telltale stops')
  const second = await new Run(serve()).ended
  const firstStatus = first.child.exitCode
  database.exec('ROLLBACK')
  database.close()
  expect(firstStatus).toBe(null)
  expect([second.status, second.said]).toEqual([2, expect.stringContaining('Another Telltale')])
  await first.ended
  expect(lockIsFree()).toBe(true)
})

test.each(['error', 'rejection'])('one %s that nobody catches in the serving thread ends it, closed', async (kind) => {
  const module = join(folder, 'mistake.mjs')
  writeFileSync(
    module,
    `import { isMainThread } from 'node:worker_threads'
    const fail = { error: () => { throw new Error('a mistake') }, rejection: () => void Promise.reject(new Error('a mistake')) }
    if (isMainThread) process.on('SIGUSR2', fail[process.env.MISTAKE])`,
  )
  const run = new Run(serve(), { command: [process.execPath, `--import=${module}`], env: { MISTAKE: kind } })
  await run.says('Telltale is at')
  run.child.kill('SIGUSR2')
  const { status, said } = await run.ended
  expect([status, said]).toEqual([1, expect.stringContaining('Telltale made a mistake and stops')])
  expect(said).toContain('a mistake')
  expect(lockIsFree()).toBe(true)
  // Closed in order: the history's log was taken into its file.
  expect(existsSync(join(state, 'history.db-wal'))).toBe(false)
  expect(execFileSync('cat', [join(state, 'history.db')]).length).toBeGreaterThan(0)
})
