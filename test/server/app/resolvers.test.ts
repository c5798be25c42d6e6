// Look-ups in the logs of real resolvers, which answer on this machine's loopback, are counted to the last one.
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { DevicePage, Overview } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'

interface Resolver {
  format: string
  program: string
  /** Writes its configuration into the folder; answers how it is started. */
  set: (folder: string, port: number, log: string) => string[]
}

const ADDRESS = '198.51.100.9'
const RESOLVERS: Resolver[] = [
  {
    format: 'dnsmasq',
    program: '/usr/sbin/dnsmasq',
    set: (_folder, port, log) => [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      `--port=${port}`,
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      '--no-resolv',
      '--no-hosts',
      '--user=root',
      '--group=root',
      '--pid-file=',
      '--log-queries=extra',
      `--log-facility=${log}`,
      `--address=/example.com/${ADDRESS}`,
    ],
  },
  {
    format: 'unbound',
    program: '/usr/sbin/unbound',
    set: (folder, port, log) => {
      writeFileSync(
        join(folder, 'unbound.conf'),
        `server:
  interface: 127.0.0.1@${port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: "${log}"
  log-queries: yes
  log-replies: yes
  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  local-zone: "example.com." redirect
  local-data: "example.com. A ${ADDRESS}"
remote-control:
  control-enable: no
`,
      )
      return ['-d', '-c', join(folder, 'unbound.conf')]
    },
  },
  {
    format: 'bind',
    program: '/usr/sbin/named',
    set: (folder, port, log) => {
      writeFileSync(
        join(folder, 'zone'),
        `$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\n* A ${ADDRESS}\n`,
      )
      writeFileSync(
        join(folder, 'named.conf'),
        `options { directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; dnssec-validation no; };
controls { };
logging { channel queries { file "${log}"; print-time yes; print-category yes; print-severity yes; }; category queries { queries; }; };
zone "example.com" { type primary; file "${join(folder, 'zone')}"; };
`,
      )
      return ['-f', '-c', join(folder, 'named.conf')]
    },
  },
]

let folder = ''
let child: ChildProcess | null = null
let home: TestHome | null = null

afterEach(async () => {
  await home?.close()
  home = null
  child?.kill('SIGKILL')
  child = null
  rmSync(folder, { recursive: true, force: true })
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number }
        server.close(() => resolve(port))
      })
  })
}

/** RFC 1035 section 4: one question for an A record. */
function question(id: number, name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]))
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])])
}

/** Asks once. Resolves to whether an answer came: no, as soon as nobody listens at the port. */
function ask(from: string, port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const timer = setTimeout(() => {
      socket.close()
      resolve(false)
    }, 10_000)
    const end = (isAnswered: boolean): void => {
      clearTimeout(timer)
      socket.close()
      resolve(isAnswered)
    }
    socket.once('message', () => end(true))
    // A connected socket is told that its port is closed.
    socket.once('error', () => end(false))
    socket.once('connect', () => socket.send(question(7, name)))
    socket.bind(0, from, () => socket.connect(port, '127.0.0.1'))
  })
}

for (const { format, program, set } of RESOLVERS) {
  const isHere = existsSync(program)
  if (!isHere) console.log(`skipped: there is no ${program}`)
  test.skipIf(!isHere)(
    `${format}: each client's look-ups, with a name that tries to be another line`,
    async () => {
      folder = mkdtempSync(join(tmpdir(), 'telltale-resolver-'))
      mkdirSync(join(folder, 'own'))
      const log = join(folder, 'queries.log')
      const port = await freePort()
      child = spawn(program, set(join(folder, 'own'), port, log), { stdio: 'ignore' })
      await eventually(
        () => ask('127.0.0.9', port, 'ready.example.com'),
        (isAnswered) => isAnswered,
      )
      home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`dns:${format}:${log}`)] })
      const { client } = home
      for (let index = 0; index < 30; index++)
        expect(await ask(`127.0.0.${2 + (index % 2)}`, port, `host-${index % 5}.example.com`)).toBe(true)
      const hostile = 'x\nquery[A] forged from 127.0.0.2'
      expect(await ask('127.0.0.4', port, `${hostile.replaceAll('.', '-')}.example.com`)).toBe(true)
      expect(await ask('127.0.0.2', port, 'last.example.com')).toBe(true)
      const window = `from=${Math.floor(Date.now() / 1000) - 600}&to=${Math.floor(Date.now() / 1000) + 600}`
      const pageOf = (address: string): Promise<DevicePage> =>
        client.get(`/api/traffic/live/devices/${address}?${window}`)
      const { devices } = await eventually(
        () => client.get<Overview>(`/api/traffic/live/overview?${window}`),
        (overview) => overview.devices.find(({ id }) => id === '127.0.0.2')?.lookups === 16,
      )
      expect(devices.map(({ id }) => id).filter((id) => !/^127\.0\.0\.[2349]$/.test(id))).toEqual([])
      const counts = async (address: string): Promise<Record<string, number>> =>
        Object.fromEntries((await pageOf(address)).endpoints.map(({ host, lookups = 0 }) => [host, lookups]))
      const expected = {
        'host-0.example.com': 3,
        'host-1.example.com': 3,
        'host-2.example.com': 3,
        'host-3.example.com': 3,
        'host-4.example.com': 3,
      }
      expect(await counts('127.0.0.2')).toEqual({ ...expected, 'last.example.com': 1 })
      expect(await counts('127.0.0.3')).toEqual(expected)
    },
    60_000,
  )
}
