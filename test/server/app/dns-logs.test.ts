// A resolver's log reaches the traffic history: whose look-ups, of which names, counted once over restarts and
// rotations.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TrafficStatus, CompanyPage, DevicePage, Overview } from '../../../server/api.ts'
import { builtFile } from '../../../server/built-file.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'
import { eventually, logIn, startHome, type TestHome } from '../../support/running.ts'

let folder = ''
let log = ''
let home: TestHome | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-dns-'))
  log = join(folder, 'queries.log')
})

afterEach(async () => {
  await home?.close()
  home = null
  rmSync(folder, { recursive: true, force: true })
})

async function open(...sources: string[]): Promise<TestHome> {
  home = await startHome({ stateFolder: join(folder, 'state'), sources: sources.map(planOfArgument) })
  return home
}

let serial = 0
/** As dnsmasq writes it to a file with log-queries=extra: no year, local time, and a number that grows. */
function line(client: string, name: string, type = 'A'): string {
  serial++
  return `${stamp(new Date())} dnsmasq[1]: ${serial} ${client}/5353 query[${type}] ${name} from ${client}\n`
}

function stamp(date: Date): string {
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getMonth()]
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${month} ${String(date.getDate()).padStart(2)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

async function overview(days = 30): Promise<Overview> {
  const { now } = await (home as TestHome).client.get<TrafficStatus>('/api/traffic/live/status')
  return (home as TestHome).client.get(
    `/api/traffic/live/overview?from=${Math.floor(now) - days * 86_400}&to=${Math.floor(now) + 2}`,
  )
}

async function devicePage(id: string): Promise<DevicePage> {
  const { now } = await (home as TestHome).client.get<TrafficStatus>('/api/traffic/live/status')
  return (home as TestHome).client.get(
    `/api/traffic/live/devices/${encodeURIComponent(id)}?from=${Math.floor(now) - 30 * 86_400}&to=${Math.floor(now) + 2}`,
  )
}

/** "device name" → count, of every device. */
async function lookups(): Promise<Record<string, number>> {
  const { devices } = await overview()
  const found: Record<string, number> = {}
  for (const { id } of devices) {
    // Between the two questions a device may turn out to be another.
    const { endpoints } = await devicePage(id).catch(() => ({ endpoints: [] }))
    for (const { host, lookups: count } of endpoints) if (count !== undefined) found[`${id} ${host}`] = count
  }
  return found
}

const counted = (total: number): Promise<Overview> =>
  eventually(
    () => overview(),
    (answer) => (answer.lookups ?? 0) >= total,
  )

describe('the look-ups of a real resolver', () => {
  const data = realDataFolder()
  const logs = data === null ? '' : join(data, 'dns-logs')
  for (const [format, file] of [
    ['dnsmasq', 'dnsmasq-2.90-log-queries-extra.log'],
    ['unbound', 'unbound-1.17.1-log-queries-replies.log'],
    ['bind', 'bind-9.18-querylog.log'],
  ] as const) {
    test.skipIf(data === null)(
      `are counted per device and name as they were made: ${format}${data === null ? ` (${NO_REAL_DATA})` : ''}`,
      async () => {
        const truth: Record<string, number> = {}
        const rows = readFileSync(join(logs, 'TRUTH.tsv'), 'utf8')
          .trim()
          .split('\n')
          .slice(1)
          .map((row) => row.split('\t'))
        for (const [, , , client = '', name = ''] of rows) {
          const key = `${client} ${name.toLowerCase()}`
          truth[key] = (truth[key] ?? 0) + 1
        }
        await open(`dns:${format}:${join(logs, file)}`)
        const { lookups: total, sent, received, lookupCells = [], companies } = await counted(rows.length)
        expect(total).toBe(rows.length)
        expect([sent, received]).toEqual([0, 0])
        expect(lookupCells.reduce((sum, [, , , count]) => sum + count, 0)).toBe(rows.length)
        expect(companies.reduce((sum, company) => sum + (company.lookups ?? 0), 0)).toBe(rows.length)
        expect(await lookups()).toEqual(truth)
        const status = await (home as TestHome).client.get<TrafficStatus>('/api/traffic/live/status')
        expect(status).toMatchObject({
          lookupsOnly: true,
          sources: [{ kind: 'dns-log', state: 'running', problem: null }],
        })
      },
      60_000,
    )
  }
})

test('a restart and rotations lose no line and count none twice', async () => {
  writeFileSync(log, '')
  let written = 0
  const write = (count: number): void => {
    for (let index = 0; index < count; index++, written++)
      appendFileSync(log, line('192.168.7.2', `host-${written % 7}.example.com`))
  }
  write(20)
  await open(`dns:dnsmasq:${log}`)
  await counted(20)
  write(5)
  renameSync(log, `${log}.1`)
  write(5)
  await counted(30)
  renameSync(`${log}.1`, `${log}.2`)
  writeFileSync(`${log}.1`, readFileSync(log))
  truncateSync(log)
  write(3)
  await counted(33)
  await home?.close()
  write(4)
  renameSync(`${log}.2`, `${log}.3`)
  renameSync(`${log}.1`, `${log}.2`)
  renameSync(log, `${log}.1`)
  write(6)
  await open(`dns:dnsmasq:${log}`)
  await counted(written)
  write(1)
  expect((await counted(written)).lookups).toBe(written)
  const found = await lookups()
  expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(written)
  expect(Object.keys(found).length).toBe(7)
}, 60_000)

test('a process that is killed loses no line and counts none twice', async () => {
  writeFileSync(
    log,
    Array.from({ length: 500 }, (_, index) => line('192.168.7.2', `host-${index % 9}.example.com`)).join(''),
  )
  const program = fileURLToPath(builtFile('cli.js'))
  const child = spawn(
    process.execPath,
    [program, 'serve', '--port', '0', '--state', join(folder, 'state'), '--source', `dns:dnsmasq:${log}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const url = await new Promise<string>((resolve) =>
      child.stdout.on('data', (piece: Buffer) => {
        const found = /http:\S+/.exec(piece.toString())?.[0]
        if (found !== undefined) resolve(found)
      }),
    )
    const client = await logIn({ port: Number(new URL(url).port), url })
    await eventually(
      () => client.get<TrafficStatus>('/api/traffic/live/status'),
      ({ sources }) => sources[0]?.packets === 500,
    )
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
  appendFileSync(log, line('192.168.7.2', 'host-0.example.com').repeat(3))
  await open(`dns:dnsmasq:${log}`)
  expect((await counted(503)).lookups).toBe(503)
}, 60_000)

test('an address becomes the device that the router gave it to, also when that is reported late; a later owner takes nothing along', async () => {
  const leases = join(folder, 'leases')
  writeFileSync(leases, '1900000000 02:00:00:00:00:11 192.168.7.11 kitchen-speaker *\n')
  await open(`dns:dnsmasq:${log}`)
  await home?.client.send('PATCH', '/api/settings', { sources: { leases } })
  writeFileSync(log, line('192.168.7.11', 'a.example.com') + line('192.168.7.12', 'b.example.com'))
  await eventually(
    lookups,
    (found) => found['02:00:00:00:00:11 a.example.com'] === 1 && found['192.168.7.12 b.example.com'] === 1,
  )
  appendFileSync(leases, '1900000000 02:00:00:00:00:12 192.168.7.12 camera *\n')
  const found = await eventually(lookups, (answer) => answer['02:00:00:00:00:12 b.example.com'] === 1)
  expect(found).toEqual({ '02:00:00:00:00:11 a.example.com': 1, '02:00:00:00:00:12 b.example.com': 1 })
  expect((await devicePage('02:00:00:00:00:11')).device.name).toBe('kitchen-speaker')
}, 60_000)

test('a query name that holds a newline, another address or markup is the look-up of nobody else', async () => {
  // What dnsmasq, unbound and BIND write of such names: the newline is escaped, or stands as another letter.
  writeFileSync(
    log,
    [
      line('192.168.7.66', 'x.example.com from 192.168.7.1'),
      line('192.168.7.66', 'y.example.com\\010query[A] forged.example.com from 192.168.7.1'),
      line('192.168.7.66', '<img\u0000src=x\tonerror=alert(1)>.example.com'),
      line('192.168.7.66', '<img/src=x/onerror=alert(1)>.example.com'),
      line('192.168.7.2', 'honest.example.com'),
    ].join(''),
  )
  await open(`dns:dnsmasq:${log}`)
  const found = await eventually(lookups, (answer) => answer['192.168.7.2 honest.example.com'] === 1)
  expect(Object.keys(found).filter((key) => key.startsWith('192.168.7.1 '))).toEqual([])
  expect(Object.entries(found).filter(([key]) => key.startsWith('192.168.7.2 '))).toEqual([
    ['192.168.7.2 honest.example.com', 1],
  ])
  expect((await overview()).devices.map(({ id }) => id)).not.toContain('192.168.7.1')
})

test('a device with its look-ups leaves nothing when it is forgotten, and comes to nothing where it is ignored', async () => {
  writeFileSync(
    log,
    line('192.168.7.5', 'secret-place.example.com').repeat(4) + line('192.168.7.6', 'plain.example.com').repeat(2),
  )
  const { client } = await open(`dns:dnsmasq:${log}`)
  await counted(6)
  await client.send('POST', '/api/devices/192.168.7.5/forget', { ignore: true })
  expect(await lookups()).toEqual({ '192.168.7.6 plain.example.com': 2 })
  appendFileSync(log, line('192.168.7.5', 'secret-place.example.com') + line('192.168.7.6', 'plain.example.com'))
  await eventually(lookups, (found) => found['192.168.7.6 plain.example.com'] === 3)
  expect(await lookups()).toEqual({ '192.168.7.6 plain.example.com': 3 })
  await home?.close()
  home = null
  for (const name of readdirSync(join(folder, 'state'))) {
    const bytes = readFileSync(join(folder, 'state', name))
    for (const needle of ['secret-place', '192.168.7.5"', '192.168.7.5\0'])
      expect(`${name} ${bytes.includes(needle)}`).toBe(`${name} false`)
  }
})

test('a level keeps of look-ups what it keeps of traffic', async () => {
  writeFileSync(log, line('192.168.7.5', 'api.amazonalexa.com').repeat(3))
  const { client } = await open(`dns:dnsmasq:${log}`)
  await counted(3)
  await client.send('PATCH', '/api/devices/192.168.7.5', { level: 'companies' })
  expect(await lookups()).toEqual({ '192.168.7.5 null': 3 })
  expect((await overview()).companies).toMatchObject([{ slug: 'alexa', lookups: 3 }])
  appendFileSync(log, line('192.168.7.5', 'api.amazonalexa.com'))
  await counted(4)
  expect(await lookups()).toEqual({ '192.168.7.5 null': 4 })
  await client.send('PATCH', '/api/devices/192.168.7.5', { level: 'paused' })
  appendFileSync(log, line('192.168.7.5', 'api.amazonalexa.com') + line('192.168.7.6', 'b.example.com'))
  await eventually(lookups, (found) => found['192.168.7.6 b.example.com'] === 1)
  expect((await overview()).lookups).toBe(5)
})

test('a log that is missing or may not be read says what to do, and another one beside it is read', async () => {
  writeFileSync(log, line('192.168.7.5', 'a.example.com'))
  mkdirSync(join(folder, 'sub'))
  const { client } = await open(
    `dns:unbound:${join(folder, 'none.log')}`,
    `dns:bind:${join(folder, 'sub')}`,
    `dns:pihole-ftl:${join(folder, 'none.db')}`,
    `dns:dnsmasq:${log}`,
  )
  await counted(1)
  const { sources } = await client.get<TrafficStatus>('/api/traffic/live/status')
  expect(sources.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'running'])
  expect(sources.slice(0, 3).map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/There is no .*none\.log yet\. Does the resolver write its log there/),
    expect.stringMatching(/is a folder, not a log file/),
    expect.stringMatching(/Pi-hole's database .*none\.db cannot be read .*Is this the right path/),
  ])
})

test("Zeek's logs bring bytes, the names of flows, and whose they are", async () => {
  const conn = join(folder, 'conn.log')
  const ssl = join(folder, 'ssl.log')
  const now = Math.floor(Date.now() / 1000) - 600
  writeFileSync(
    ssl,
    `${JSON.stringify({ _path: 'ssl', ts: now, uid: 'C1', 'id.orig_h': '192.168.7.5', 'id.orig_p': 5000, 'id.resp_h': '198.51.100.7', 'id.resp_p': 443, server_name: 'api.amazonalexa.com' })}\n`,
  )
  await open(`dns:zeek:${ssl}`, `dns:zeek:${conn}`)
  await eventually(
    () => (home as TestHome).client.get<TrafficStatus>('/api/traffic/live/status'),
    ({ sources }) => sources[0]?.packets === 1,
  )
  const flow = (uid: string, client: string, server: string, up: number, down: number): string =>
    `${JSON.stringify({
      _path: 'conn',
      ts: now,
      uid,
      'id.orig_h': client,
      'id.orig_p': 5000,
      'id.resp_h': server,
      'id.resp_p': 443,
      proto: 'tcp',
      duration: 150.5,
      conn_state: 'SF',
      orig_pkts: 9,
      resp_pkts: 9,
      orig_ip_bytes: up,
      resp_ip_bytes: down,
      orig_l2_addr: '02:00:00:00:00:05',
    })}\n`
  writeFileSync(
    conn,
    flow('C1', '192.168.7.5', '198.51.100.7', 1001, 50_003) + flow('C2', '192.168.7.5', '192.168.7.9', 70, 80),
  )
  const { devices, companies } = await eventually(
    () => overview(),
    ({ sent }) => sent > 0,
  )
  expect(
    devices.map(({ id, sent, received, sentLocal, receivedLocal }) => ({
      id,
      sent,
      received,
      sentLocal,
      receivedLocal,
    })),
  ).toEqual([
    { id: '02:00:00:00:00:05', sent: 1001, received: 50_003, sentLocal: 70, receivedLocal: 80 },
    { id: '192.168.7.9', sent: 0, received: 0, sentLocal: 80, receivedLocal: 70 },
  ])
  expect(companies).toMatchObject([{ slug: 'alexa', sent: 1001 }])
  expect((await devicePage('02:00:00:00:00:05')).endpoints).toMatchObject([
    { host: 'api.amazonalexa.com', namedBy: 'tls', addresses: ['198.51.100.7'] },
  ])
  const company = await (home as TestHome).client.get<CompanyPage>(
    `/api/traffic/live/companies/alexa?from=${now - 60}&to=${now + 700}`,
  )
  expect(company.hosts).toMatchObject([{ host: 'api.amazonalexa.com', sent: 1001 }])
  expect((await (home as TestHome).client.get<TrafficStatus>('/api/traffic/live/status')).lookupsOnly).toBeUndefined()
})
