// A service reports to systemd that it is ready, alive and stopping: to a socket like systemd's own, and nobody else.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ServiceNotifier } from '../../../server/service-units/service-notifier.ts'
import {
  type Connector,
  type ServiceOptions,
  STATE_FOLDER,
  type UnitFile,
  unitFiles,
} from '../../../server/service-units/units.ts'
import { eventually } from '../../support/running.ts'

const OPTIONS: Omit<ServiceOptions, 'program' | 'connector'> = {
  node: process.execPath,
  interfaceName: 'br-lan',
  lan: false,
  port: 0,
  notifyOutside: false,
  logGroups: [],
}

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

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.log('skipped: python3 is not installed')

/**
 * Prints the sender's process and what arrives; file descriptors that are passed along are closed at once: until then
 * systemd-notify waits, for five seconds at most.
 */
const RECEIVER = `
import array, os, socket, struct, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
receiver.bind(sys.argv[1])
print("bound", flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(4096, 1024)
    for _, kind, one in ancillary:
        if kind == socket.SCM_RIGHTS:
            for descriptor in array.array("i", one): os.close(descriptor)
    pid = next((struct.unpack("3i", one)[0] for _, kind, one in ancillary if kind == socket.SCM_CREDENTIALS), 0)
    print(pid, data.decode().replace("\\n", " "), flush=True)
`

/** As systemd does it: the last argument groups are quoted, and a doubled dollar is one. */
function argumentsOf(execStart: string): string[] {
  return [...execStart.matchAll(/'([^']*)'|(\S+)/g)].map((found) => (found[1] ?? found[2] ?? '').replaceAll('$$', '$'))
}

const CONNECTORS: (Connector | null)[] = [
  { language: 'perl', path: '/usr/bin/perl' },
  { language: 'python3', path: '/usr/bin/python3' },
  // Without one, in a unit of somebody's own: the program systemd-notify reports.
  null,
]

describe.skipIf(!hasPython)('the command of the unit', () => {
  const cli = join(import.meta.dirname, '../../../dist/cli.js')

  test.each(CONNECTORS)('connected by %j reports', async (connector) => {
    const program = connector?.path ?? 'systemd-notify'
    if (spawnSync(program, ['--version']).status !== 0) return console.log(`skipped: ${program} is not installed`)
    const folder = mkdtempSync(join(tmpdir(), 'telltale-notify-'))
    const socket = join(folder, 'notify.sock')
    const received: string[] = []
    const children: ChildProcess[] = []
    try {
      const receiver = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(receiver)
      createInterface({ input: receiver.stdout }).on('line', (line) => received.push(line))
      const reported = (report: string): Promise<string[]> =>
        eventually(
          async () => received,
          (lines) => lines.some((line) => line.includes(report)),
        )
      await reported('bound')
      const { text } = unitFiles({ ...OPTIONS, program: cli, connector }).find(({ path }) =>
        path.endsWith('/telltale.service'),
      ) as UnitFile
      const [command = '', ...rest] = argumentsOf(/^ExecStart=(.*)$/m.exec(text)?.[1] ?? '')
      const state = rest.map((argument) => (argument === STATE_FOLDER ? join(folder, 'state') : argument))
      const service = spawn(command, state, {
        stdio: 'ignore',
        env: { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000000' },
      })
      children.push(service)
      await reported('READY=1')
      await reported('WATCHDOG=1')
      const ended = new Promise<number | null>((resolve) => service.on('exit', resolve))
      service.kill('SIGTERM')
      await reported('STOPPING=1')
      expect(await ended).toBe(0)
      const senders = new Set(received.slice(1).map((line) => Number(line.split(' ')[0])))
      // NotifyAccess=main: only the service's first process is listened to.
      if (connector !== null) expect([...senders]).toEqual([service.pid])
    } finally {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('connects nothing where there is no socket, and starts all the same', () => {
    for (const connector of CONNECTORS) {
      if (connector === null || spawnSync(connector.path, ['--version']).status !== 0) continue
      const { text } = unitFiles({ ...OPTIONS, program: cli, connector }).find(({ path }) =>
        path.endsWith('/telltale.service'),
      ) as UnitFile
      const [command = '', ...rest] = argumentsOf(/^ExecStart=(.*)$/m.exec(text)?.[1] ?? '')
      const place = rest.indexOf('serve')
      const { stdout, status } = spawnSync(command, [...rest.slice(0, place - 1), '--version'], {
        encoding: 'utf8',
        env: { ...process.env, NOTIFY_SOCKET: '/nowhere/at/all' },
      })
      expect([status, stdout]).toEqual([0, expect.stringMatching(/\d+\.\d+\.\d+/)])
    }
  })
})
