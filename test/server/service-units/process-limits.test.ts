// What the running service sets for itself, and what it says where few files may be open.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectionShare, openFilesProblem, tooFewFiles } from '../../../server/open-files.ts'

const cli = join(import.meta.dirname, '../../../dist/cli.js')
const setup = join(import.meta.dirname, '../../../server/setup.mjs')
const isLinux = process.platform === 'linux'
let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-limits-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

/** The service behind a command of the shell; resolves once it says where it is. */
async function serve(before: string): Promise<{ child: ChildProcess; port: number; said: () => string }> {
  const state = join(folder, 'state')
  const command = `${before}; exec "${process.execPath}" "${cli}" serve --port 0 --state "${state}"`
  const child = spawn('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (text += piece.toString()))
  await until(() => /localhost:\d+/.test(text) || child.exitCode !== null)
  expect(text).toMatch(/localhost:\d+/)
  return { child, port: Number(/localhost:(\d+)/.exec(text)?.[1]), said: () => text }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10))
}

const coreLimit = (pid: number): string | undefined =>
  /^Max core file size\s+(\S+\s+\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]

describe.skipIf(!isLinux)('a core dump', () => {
  test('is not left by the service, whatever the limit it was started with, and has no memory in it', async () => {
    const { child } = await serve('ulimit -c unlimited')
    const pid = child.pid as number
    expect(coreLimit(pid)).toMatch(/^0\s+0$/)
    expect(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8').trim()).toBe('00000000')
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    child.kill('SIGABRT')
    expect(await ended).toBe('SIGABRT')
    expect(readdirSync(folder)).toEqual(['state'])
  })

  test('is not left by the process that captures either', async () => {
    const socket = join(folder, 'packets.sock')
    const command = `ulimit -c unlimited; exec "${process.execPath}" --jitless "${cli}" capture --interface lo --socket "${socket}"`
    const child = spawn('sh', ['-c', command], { cwd: folder, stdio: 'ignore' })
    children.push(child)
    await until(() => existsSync(socket))
    expect(coreLimit(child.pid as number)).toMatch(/^0\s+0$/)
  })
})

describe.skipIf(!isLinux)('where few files may be open', () => {
  const run = (limit: number, ...args: string[]) =>
    spawnSync('sh', ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath, ...args], { encoding: 'utf8' })

  test.each([24, 40, 64, 128, 255])('the service says so and does not start with %i', (limit) => {
    const { status, stdout, stderr } = run(limit, cli, 'serve', '--port', '0', '--state', join(folder, 'state'))
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toBe(
      `telltale: Only ${limit} files may be open at once here, and the service needs 256 or more: raise the limit first (ulimit -n 1024; as a service: LimitNOFILE=1024)\n`,
    )
    expect(existsSync(join(folder, 'state'))).toBe(false)
  })

  test('npm start says so before it installs or builds', () => {
    const { status, stderr } = run(64, setup, 'start')
    expect(status).toBe(1)
    expect(stderr).toBe(
      'telltale: Only 64 files may be open at once here, and Telltale needs 256 or more: raise the limit first (ulimit -n 1024).\n',
    )
  })

  test('analyze, which needs fewer, reads with 22, or says that they are not enough', () => {
    const { status, stdout, stderr } = run(22, cli, 'analyze', '-', '--json')
    expect([status, stdout]).toEqual([2, ''])
    // Which of both depends on how many the version of Node opens for itself.
    expect(stderr).toMatch(
      /^telltale: (-: the file is empty: [^\n]+|Too few files may be open at once here: raise the limit first \(ulimit -n 1024\))\n$/,
    )
  })

  test('the service has fewer places for connections, says so, and answers while all are taken', async () => {
    const { port, said } = await serve('ulimit -n 256')
    expect(said()).toContain('Only 256 files may be open at once here')
    const sockets: Socket[] = []
    for (let index = 0; index < 300; index++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      sockets.push(socket)
      await new Promise((resolve) => socket.once('connect', resolve))
    }
    const answer = await fetch(`http://localhost:${port}/api/session`)
    expect(answer.status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })

  test('a capture that cannot start for it says so, is no failure of the program, and stopping it signals nobody', async () => {
    const script = join(import.meta.dirname, 'starved.ts')
    const command = `ulimit -n 256; exec "${process.execPath}" --import tsx "${script}"`
    // A process group of its own: a signal to all of its group must not reach these tests.
    const child = spawn('sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()))
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()))
    const end = await new Promise((resolve) => child.once('close', (...how) => resolve(how)))
    expect([end, stderr]).toEqual([[0, null], ''])
    expect(stdout).toBe(
      'Capture on eth0 cannot start: too many files are open on this machine or in Telltale (ulimit -n). It is tried again.\n',
    )
  })
})

test.each([
  [null, null, 1],
  [255, /Only 255 files/, 135 / 500],
  [256, null, 136 / 500],
  [100, /Only 100 files/, 0],
  [1024, null, 1],
  [Infinity, null, 1],
])('a limit of %s is too few: %s; %d of the places remain', (limit, sentence, share) => {
  if (sentence === null) expect(tooFewFiles(limit)).toBeNull()
  else expect(tooFewFiles(limit)).toMatch(sentence)
  expect(connectionShare(limit, 500)).toBe(share)
})

test('other errors are no matter of files', () => {
  expect(openFilesProblem(Object.assign(new Error(), { code: 'ENFILE' }))).toContain('on this machine')
  expect(openFilesProblem(Object.assign(new Error(), { code: 'ENOENT' }))).toBeNull()
  expect(openFilesProblem('EMFILE')).toBeNull()
})
