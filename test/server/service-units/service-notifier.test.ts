// A service reports to systemd that it is ready, alive and stopping: to a socket like systemd's own, and nobody else.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ServiceNotifier } from '../../../server/service-units/service-notifier.ts'
import { eventually } from '../../support/running.ts'

describe('reports', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  function notifier(environment: NodeJS.ProcessEnv, problem: string | null = null) {
    const sent: string[] = []
    const said: string[] = []
    const state = { isAlive: true }
    const reports = new ServiceNotifier({
      isAlive: () => state.isAlive,
      say: (sentence) => said.push(sentence),
      environment,
      send: async (assignment) => {
        sent.push(assignment)
        return problem
      },
    })
    return { reports, sent, said, state }
  }
  const SYSTEMD = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '60000000' }

  test('that it is alive come only while it is', async () => {
    const { reports, sent, state } = notifier(SYSTEMD)
    await reports.ready()
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1'])
    state.isAlive = false
    vi.advanceTimersByTime(600_000)
    expect(sent).toHaveLength(5)
    state.isAlive = true
    vi.advanceTimersByTime(15_000)
    expect(sent).toHaveLength(6)
    await reports.stopping()
    vi.advanceTimersByTime(60_000)
    expect(sent.slice(6)).toEqual(['STOPPING=1'])
  })

  test('go to nobody where systemd did not ask', async () => {
    const alone = notifier({})
    await alone.reports.ready()
    await alone.reports.stopping()
    expect(alone.sent).toEqual([])
    const another = notifier({ ...SYSTEMD, WATCHDOG_PID: '1' })
    await another.reports.ready()
    vi.advanceTimersByTime(60_000)
    expect(another.sent).toEqual(['READY=1'])
  })

  test('that fail are said once', async () => {
    const { reports, said } = notifier(SYSTEMD, 'spawn systemd-notify ENOENT')
    await reports.ready()
    vi.advanceTimersByTime(60_000)
    await reports.stopping()
    expect(said).toEqual([
      'systemd could not be told READY=1 (spawn systemd-notify ENOENT); it may start the service again.',
    ])
  })
})

const missing = ['systemd-notify', 'python3'].find((program) => spawnSync(program, ['--version']).status !== 0)
if (missing !== undefined) console.log(`skipped: ${missing} is not installed`)

/** Prints what arrives; passed file descriptors are closed at once, which is what systemd-notify waits for. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(receiver.recv(4096).decode().replace("\\n", " "), flush=True)
`

test.skipIf(missing !== undefined)('the service itself reports to a socket like that of systemd', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-notify-'))
  const socket = join(folder, 'notify.sock')
  const received: string[] = []
  const children: ChildProcess[] = []
  try {
    const receiver = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(receiver)
    createInterface({ input: receiver.stdout }).on('line', (line) => received.push(line))
    const has = (report: string): Promise<unknown> =>
      eventually(
        async () => received,
        (lines) => lines.some((line) => line.startsWith(report)),
      )
    await has('bound')
    const cli = join(import.meta.dirname, '../../../dist/cli.js')
    const service = spawn(process.execPath, [cli, 'serve', '--port', '0', '--state', join(folder, 'state')], {
      stdio: 'ignore',
      env: { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000000' },
    })
    children.push(service)
    await has('READY=1')
    await has('WATCHDOG=1')
    const ended = new Promise<number | null>((resolve) => service.on('exit', resolve))
    service.kill('SIGTERM')
    await has('STOPPING=1')
    expect(await ended).toBe(0)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
