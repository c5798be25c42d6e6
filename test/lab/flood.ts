// A flood of made-up devices over a cable of the lab's own, at the running product: clock, memory, CPU, honest devices.
//   sudo npx tsx test/lab/flood.ts [--count 60000] [--rate 2000]
// Needs dist/ (npm run build), iproute2, tcpdump and tcpreplay. Ends with 1 where a figure is past its bound.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { AlertRow, Overview, TrafficStatus } from '../../server/api.ts'
import { u16, u32 } from '../../server/sample/packets/bytes.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { arpFrom, type Host, ipLength, ROUTER, SERVER, tcpIn, tcpOut, udpOut } from '../server/engine/lab.ts'
import { type Client, logIn } from '../support/running.ts'
import { folderOf, ipIn, makeNamespace, namespaceOf, run } from './namespaces.ts'

const PORT = 8499
/** Devices that are there before the flood, and those that come in its middle. */
const BEFORE = 5
const MEANWHILE = 3
/** One exchange of an honest device for so many packets of the flood. */
const EACH = 100
const MOST_OTHER_ALERTS = 3
const BOUNDS = { lag: 2, growth: 100, overviewBytes: 100_000, overviewMs: 300, toldAfter: 10 }
const HERE = fileURLToPath(import.meta.url)
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const host = (index: number): Host => ({ mac: `02:aa:00:00:00:0${index + 1}`, address: `192.168.1.${11 + index}` })

interface Truth {
  sent: Map<string, number>
  received: Map<string, number>
  /** All that went to the internet. */
  total: number
}

/** Writes the capture that is played, and answers what honest devices did in it. */
function writeFlood(path: string, count: number): Truth {
  const truth: Truth = { sent: new Map(), received: new Map(), total: 0 }
  const payload = new Uint8Array(60).fill(0x61)
  const flood = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.0.0' }, SERVER, { payload })
  const file = openSync(path, 'w')
  let waiting: Uint8Array[] = [pcapHeader({}), pcapRecord({ seconds: 1, nanos: 0, bytes: arpFrom(ROUTER) })]
  const write = (bytes: Uint8Array): void => {
    waiting.push(pcapRecord({ seconds: 1, nanos: 0, bytes: bytes.slice() }))
    if (waiting.length < 4_096) return
    writeSync(file, Buffer.concat(waiting))
    waiting = []
  }
  const exchange = (index: number, number: number): void => {
    const { mac } = host(index)
    const port = 1_024 + (number % 60_000)
    const up = tcpOut(host(index), SERVER, { sourcePort: port, payload: payload.subarray(0, 1 + (number % 59)) })
    const down = tcpIn(host(index), SERVER, { destinationPort: port, payload })
    write(up)
    write(down)
    truth.sent.set(mac, (truth.sent.get(mac) ?? 0) + ipLength(up))
    truth.received.set(mac, (truth.received.get(mac) ?? 0) + ipLength(down))
    truth.total += ipLength(up)
  }
  for (let number = 0; number < count; number++) {
    if (number % EACH === 0) {
      const there = number < count / 2 ? BEFORE : BEFORE + MEANWHILE
      exchange((number / EACH) % there, number / EACH)
    }
    flood.set(u32(number), 8)
    flood.set(u16(number), 28)
    write(flood)
    truth.total += ipLength(flood)
  }
  writeSync(file, Buffer.concat(waiting))
  closeSync(file)
  return truth
}

class Product {
  readonly child: ChildProcess
  client: Client | null = null

  constructor(stateFolder: string, source: string) {
    const args = [CLI, 'serve', '--port', String(PORT), '--state', stateFolder, '--source', source]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  }

  /** Resolves once it is open and its source runs. */
  async ready(): Promise<Client> {
    let said = ''
    const url = await new Promise<string>((resolve) =>
      this.child.stdout?.on('data', (bytes: Buffer) => {
        said += bytes.toString()
        const found = /http:\/\/localhost:\d+\/\S*/.exec(said)
        if (found !== null) resolve(found[0])
      }),
    )
    this.client = await logIn({ port: PORT, url })
    while ((await this.status()).sources.some(({ state }) => state === 'starting')) await sleep(100)
    return this.client
  }

  status(): Promise<TrafficStatus> {
    return (this.client as Client).get<TrafficStatus>('/api/traffic/live/status')
  }

  async overview(): Promise<Overview> {
    const { now } = await this.status()
    const range = `from=${Math.floor(now) - 3_600}&to=${Math.floor(now) + 10}`
    return (this.client as Client).get<Overview>(`/api/traffic/live/overview?${range}`)
  }

  get megabytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }

  get cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    await ended
  }
}

/** Devices whose bytes are not those that were sent. */
function wrong({ devices }: Overview, { sent, received }: Truth): string[] {
  return [...sent.keys()].filter((mac) => {
    const row = devices.find(({ id }) => id === mac)
    return row?.sent !== sent.get(mac) || row?.received !== received.get(mac)
  })
}

async function inside(count: number, rate: number, folder: string): Promise<boolean> {
  const path = join(folder, 'flood.pcap')
  const truth = writeFlood(path, count)
  const stateFolder = join(folder, 'state')
  let product = new Product(stateFolder, 'home0')
  const client = await product.ready()
  await sleep(3_000)
  const quiet = product.cpuSeconds
  await sleep(5_000)
  const before = { memory: product.megabytes, cpu: product.cpuSeconds, idle: (product.cpuSeconds - quiet) / 5 }
  const began = Date.now() / 1000
  const player = spawn('tcpreplay', ['-q', '-i', 'far0', `--pps=${rate}`, path], { stdio: 'ignore' })
  let isPlaying = true
  player.once('exit', () => (isPlaying = false))
  const worst = { lag: 0, memory: 0, dropped: 0 }
  const after: { told?: number; announced?: number } = {}
  const look = async (): Promise<void> => {
    const status = await product.status()
    worst.lag = Math.max(worst.lag, Date.now() / 1000 - status.now)
    worst.memory = Math.max(worst.memory, product.megabytes)
    worst.dropped = Math.max(worst.dropped, status.health.dropped)
    if (status.flood !== undefined) after.announced ??= Date.now() / 1000 - began
    if (after.told !== undefined) return
    const alerts = await client.get<AlertRow[]>('/api/traffic/live/alerts')
    if (alerts.some(({ kind }) => kind === 'flood')) after.told = Date.now() / 1000 - began
  }
  while (isPlaying) {
    await look()
    await sleep(500)
  }
  // The last packets are given up a few seconds later.
  let shown = await product.overview()
  for (let turn = 0; turn < 40 && shown.sent < truth.total; turn++) {
    await look()
    await sleep(500)
    shown = await product.overview()
  }
  const cpu = product.cpuSeconds - before.cpu - before.idle * (Date.now() / 1000 - began)
  const asked = performance.now()
  shown = await product.overview()
  const overviewMs = performance.now() - asked
  const alerts = await client.get<AlertRow[]>('/api/traffic/live/alerts')
  await product.stop()
  product = new Product(stateFolder, 'home0')
  await product.ready()
  const restarted = await product.overview()
  await product.stop()
  const report: [what: string, figure: string, isGood: boolean][] = [
    ['packets', `${count} at ${rate}/s; ${worst.dropped} dropped by the capture`, true],
    ['clock lag at most', `${worst.lag.toFixed(1)} s`, worst.lag <= BOUNDS.lag],
    [
      'memory',
      `${before.memory.toFixed(0)} → ${worst.memory.toFixed(0)} MB`,
      worst.memory - before.memory <= BOUNDS.growth,
    ],
    ['honest devices wrong on the page', wrong(shown, truth).join(' ') || 'none', wrong(shown, truth).length === 0],
    ['after a restart', wrong(restarted, truth).join(' ') || 'none', wrong(restarted, truth).length === 0],
    ['bytes in all', `${shown.sent} of ${truth.total}, ${restarted.sent} after`, shown.sent === truth.total],
    ['rows of devices', String(shown.devices.length), shown.devices.length < 60],
    [
      'overview',
      `${JSON.stringify(shown).length} bytes in ${overviewMs.toFixed(0)} ms`,
      JSON.stringify(shown).length <= BOUNDS.overviewBytes && overviewMs <= BOUNDS.overviewMs,
    ],
    [
      'flood told after',
      `${after.told?.toFixed(1) ?? '–'} s; announced after ${after.announced?.toFixed(1) ?? '–'} s`,
      (after.told ?? Infinity) <= BOUNDS.toldAfter,
    ],
    [
      'alerts',
      alerts.map(({ kind }) => kind).join(' '),
      alerts.filter(({ kind }) => kind === 'flood').length === 1 && alerts.length <= 1 + MOST_OTHER_ALERTS,
    ],
    [
      'CPU per packet',
      `${((cpu / count) * 1e6).toFixed(1)} µs beyond an idle process, its status asked twice a second`,
      true,
    ],
  ]
  for (const [what, figure, isGood] of report) console.log(`${isGood ? 'ok  ' : 'FAIL'} ${what}: ${figure}`)
  return report.every(([, , isGood]) => isGood)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '60000' },
      rate: { type: 'string', default: '2000' },
      inside: { type: 'string' },
    },
  })
  if (values.inside !== undefined) {
    process.exitCode = (await inside(Number(values.count), Number(values.rate), values.inside)) ? 0 : 1
    return
  }
  const namespace = namespaceOf(process.pid, 'flood')
  const folder = folderOf(process.pid)
  mkdirSync(folder, { recursive: true })
  makeNamespace(namespace)
  try {
    run('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-w', 'net.ipv6.conf.default.disable_ipv6=1'])
    ipIn(namespace, 'link add home0 type veth peer name far0')
    for (const end of ['home0', 'far0']) ipIn(namespace, `link set ${end} up`)
    const args = ['--count', values.count, '--rate', values.rate, '--inside', folder]
    const command = ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', HERE, ...args]
    process.exitCode = spawnSync('ip', command, { stdio: 'inherit' }).status ?? 1
  } finally {
    run('ip', ['netns', 'delete', namespace])
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
