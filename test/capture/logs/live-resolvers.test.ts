// Logs of the installed dnsmasq, unbound and BIND, run on the loopback interface, are read.
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLogParser, type TextFormat } from '../../../capture/logs/formats.ts'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { DnsLogSource } from '../../../capture/sources/dns-log.ts'
import { answersOf, queriesOf, readLog } from './read-log.ts'

const A = 1
const AAAA = 28
const HTTPS = 65
/** Labels as raw bytes, type, and the loopback address of the device that asks. */
const QUESTIONS: [string[], number, string][] = [
  [['www', 'example', 'test'], A, '127.0.0.11'],
  [['www', 'example', 'test'], AAAA, '127.0.0.12'],
  [['alias', 'example', 'test'], A, '127.0.0.13'],
  [['nothere', 'example', 'test'], A, '127.0.0.14'],
  [['www', 'example', 'test'], HTTPS, '127.0.0.15'],
  [['a from 127', '0', '0', '11'], A, '127.0.0.66'],
  [['evil\nNov 24 10:00:00 dnsmasq[7]: query[A] x', 'test'], A, '127.0.0.66'],
  [['a) IN A + (127', 'example', 'test'], A, '127.0.0.66'],
  [['we"ird;$x', 'test'], A, '127.0.0.66'],
  [['MiXeD', 'Example', 'Test'], A, '127.0.0.17'],
  [['www', 'example', 'test'], A, '127.0.0.20'],
]
const PLAIN = [0, 1, 2, 3, 4, 9, 10].map((index) => QUESTIONS[index])

const seconds = (): number => Date.now() / 1000
const isRoot = process.getuid?.() === 0
const missing = ['dnsmasq', 'unbound', 'named'].filter((name) => !existsSync(`/usr/sbin/${name}`))
const canRun = process.platform === 'linux' && isRoot && missing.length === 0
if (!canRun)
  console.log(
    `skipped: real resolvers need Linux, root, and dnsmasq, unbound and named (missing: ${missing.join(', ') || 'none'})`,
  )

describe.skipIf(!canRun)('a resolver that runs now', () => {
  let folder = ''
  let upstream: ChildProcess
  const upstreamPort = 20_000 + (process.pid % 20_000)
  const port = upstreamPort + 1
  const started: ChildProcess[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'telltale-resolvers-'))
    upstream = run('dnsmasq', [
      // It knows all of "test" and asks nobody else.
      ...dnsmasqArguments(upstreamPort),
      '--no-resolv',
      '--local=/test/',
      '--log-facility=/dev/null',
      '--host-record=www.example.test,192.0.2.4,2001:db8::1',
      '--host-record=target.cdn.test,192.0.2.6',
      '--cname=mid.cdn.test,target.cdn.test',
      '--cname=alias.example.test,mid.cdn.test',
    ])
    // Asked before this one answers, a resolver would wait for it.
    await untilAnswered(upstreamPort)
  })

  afterEach(() => stop(started.splice(0)))

  afterAll(async () => {
    await stop([upstream])
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([['--log-queries'], ['--log-queries=extra']])(
    'dnsmasq with %s',
    async (option) => {
      const log = join(folder, `dnsmasq${option}.log`)
      started.push(
        run('dnsmasq', [
          ...dnsmasqArguments(port),
          `--log-facility=${log}`,
          '--no-resolv',
          `--server=127.0.0.1#${upstreamPort}`,
          option,
        ]),
      )
      await askAll()
      const records = await readWhenWritten('dnsmasq', log)
      // dnsmasq itself writes "<name unprintable>" for the two with spaces before a dot, and for the line break.
      expect(withoutHostile(queriesOf(records))).toEqual(PLAIN.map(asText))
      expectNobodyElse(records)
      const answers = answersOf(records)
      expect(answers).toContain('127.0.0.11 www.example.test answered 192.0.2.4')
      expect(answers).toContain('127.0.0.12 www.example.test answered 2001:db8::1')
      expect(answers).toContain('127.0.0.13 alias.example.test answered 192.0.2.6')
      expect(answers).toContain('127.0.0.20 www.example.test answered 192.0.2.4')
    },
    30_000,
  )

  test('dnsmasq is followed through a rename with SIGUSR2, a copy cut short, and a restart of ours', async () => {
    const log = join(folder, 'followed.log')
    const server = run('dnsmasq', [
      ...dnsmasqArguments(port),
      `--log-facility=${log}`,
      '--no-resolv',
      `--server=127.0.0.1#${upstreamPort}`,
      '--log-queries=extra',
    ])
    started.push(server)
    await untilAnswered()
    const records: LogRecord[] = []
    const onRecord = (record: LogRecord): void => void records.push(record)
    const first = new DnsLogSource(log, { onRecord })
    await first.look()
    const asked: string[] = []
    const askNumbered = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const name = `n${asked.length}`
        asked.push(`127.0.0.30 ${name}.test 1`)
        await ask(asked.length, [name, 'test'], A, '127.0.0.30')
      }
    }
    await askNumbered(5)
    renameSync(log, `${log}.1`)
    await askNumbered(5)
    await first.look()
    server.kill('SIGUSR2')
    await askNumbered(5)
    await first.look()
    await askNumbered(5)
    const position = first.position()
    await first.stop()
    renameSync(`${log}.1`, `${log}.2`)
    copyFileSync(log, `${log}.1`)
    truncateSync(log)
    await askNumbered(5)
    const second = new DnsLogSource(log, { onRecord, position })
    await second.look()
    await wait(300)
    await second.look()
    await second.stop()
    expect(queriesOf(records).filter((line) => line.startsWith('127.0.0.30'))).toEqual(asked)
  }, 30_000)

  test.each([['no'], ['yes']])(
    'unbound with log-tag-queryreply: %s',
    async (tag) => {
      const log = join(folder, `unbound-${tag}.log`)
      const configuration = join(folder, 'unbound.conf')
      writeFileSync(configuration, unboundConfiguration(log, tag))
      started.push(run('unbound', ['-d', '-c', configuration]))
      await askAll()
      const records = await readWhenWritten('unbound', log)
      expect(withoutHostile(queriesOf(records))).toEqual(PLAIN.map(asText))
      expect(queriesOf(records)).toHaveLength(QUESTIONS.length)
      expectNobodyElse(records)
      expect(answersOf(records)).toContain('127.0.0.13 alias.example.test answered')
    },
    30_000,
  )

  test.each([['yes'], ['no'], ['iso8601']])(
    'BIND with print-time %s',
    async (printTime) => {
      const home = join(folder, `named-${printTime}`)
      const log = join(home, 'query.log')
      mkdirSync(home)
      writeFileSync(join(home, 'named.conf'), bindConfiguration(home, log, printTime))
      started.push(run('named', ['-f', '-u', 'root', '-c', join(home, 'named.conf')]))
      await askAll()
      const records = await readWhenWritten('bind', log)
      expect(withoutHostile(queriesOf(records))).toEqual(PLAIN.map(asText))
      expect(queriesOf(records)).toContain('127.0.0.66 a) IN A + (127.example.test 1')
      expect(queriesOf(records)).toContain('127.0.0.66 evil\\010Nov 24 10:00:00 dnsmasq[7]: query[A] x.test 1')
      expect(queriesOf(records)).toHaveLength(QUESTIONS.length)
      expectNobodyElse(records)
    },
    30_000,
  )

  async function askAll(): Promise<void> {
    await untilAnswered()
    for (const [index, [labels, type, source]] of QUESTIONS.entries()) await ask(index + 1, labels, type, source)
  }

  /**
   * The resolver takes a moment to start. Its own question is about a name of its own, which the comparison leaves out.
   */
  async function untilAnswered(to = port): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if (await ask(999, ['ready', 'test'], A, '127.0.0.99', to)) return
      await wait(50)
    }
    throw new Error('the resolver did not start')
  }

  /** Resolves to whether an answer came: no as soon as nobody listens at the port, which a connected socket is told. */
  function ask(id: number, labels: string[], type: number, source: string, to = port): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createSocket('udp4')
      const finish = (answered: boolean): void => {
        clearTimeout(timer)
        socket.close()
        resolve(answered)
      }
      const timer = setTimeout(() => finish(false), 10_000)
      socket.once('message', () => finish(true))
      socket.once('error', () => finish(false))
      socket.once('connect', () => socket.send(questionMessage(id, labels, type)))
      socket.bind(0, source, () => socket.connect(to, '127.0.0.1'))
    })
  }

  async function readWhenWritten(format: TextFormat, log: string): Promise<LogRecord[]> {
    for (let tries = 0; ; tries++) {
      const records = existsSync(log) ? readLog(createLogParser(format, seconds), readFileSync(log, 'utf8')) : []
      const kept = records.filter((record) => !('client' in record) || record.client !== '127.0.0.99')
      if (queriesOf(kept).some((line) => line.startsWith('127.0.0.20')) || tries === 300) return kept
      await wait(100)
    }
  }

  function unboundConfiguration(log: string, tag: string): string {
    return `server:
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
  log-tag-queryreply: ${tag}
  log-time-ascii: ${tag}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "test." nodefault
  num-threads: 1
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${upstreamPort}
remote-control:
  control-enable: no
`
  }

  function bindConfiguration(home: string, log: string, printTime: string): string {
    return `options { directory "${home}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "${home}/pid"; session-keyfile "${home}/key";
  recursion yes; allow-query { any; }; dnssec-validation no; forward only; forwarders port ${upstreamPort} { 127.0.0.1; }; querylog yes; empty-zones-enable no; };
logging { channel file { file "${log}"; print-time ${printTime}; print-category ${printTime === 'yes' ? 'yes' : 'no'}; print-severity ${printTime === 'no' ? 'no' : 'yes'}; };
  category queries { file; }; category query-errors { file; }; };
controls { };
`
  }
})

function run(program: string, options: string[]): ChildProcess {
  return spawn(`/usr/sbin/${program}`, options, { stdio: 'ignore' })
}

async function stop(children: ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
}

function dnsmasqArguments(port: number): string[] {
  return [
    '--conf-file=/dev/null',
    '--no-hosts',
    `--port=${port}`,
    '--keep-in-foreground',
    '--bind-interfaces',
    '--listen-address=127.0.0.1',
    '--user=root',
    '--pid-file=',
  ]
}

function asText([labels, type, source]: (typeof QUESTIONS)[number]): string {
  return `${source} ${labels.join('.')} ${type}`
}

function withoutHostile(queries: string[]): string[] {
  return queries.filter((query) => !query.startsWith('127.0.0.66'))
}

/** Whatever the hostile device asked, every question of the others is one that they asked. */
function expectNobodyElse(records: LogRecord[]): void {
  const asked = new Set(QUESTIONS.map(([labels, , source]) => `${source} ${labels.join('.')}`))
  for (const record of records) {
    if ((record.kind === 'query' || record.kind === 'answer') && record.client !== '127.0.0.66')
      expect(asked).toContain(`${record.client} ${record.name}`)
  }
}

function questionMessage(id: number, labels: string[], type: number): Buffer {
  const header = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  const name = labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')])
  return Buffer.concat([header, Buffer.from([...name, 0, type >> 8, type & 255, 0, 1])])
}
