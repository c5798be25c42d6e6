// Files of Pi-hole and AdGuard Home, as they document them, reach the traffic history of the whole service.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'dns-packet'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TrafficStatus, DevicePage, Overview } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { PiholeDatabase } from '../../support/pihole-database.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'

const SPEAKER = '02:00:00:00:00:11'
let folder = ''
let home: TestHome | null = null
const now = (): number => Math.floor(Date.now() / 1000)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-resolver-files-'))
})

afterEach(async () => {
  await home?.close()
  home = null
  rmSync(folder, { recursive: true, force: true })
})

async function open(...sources: string[]): Promise<void> {
  await home?.close()
  home = await startHome({ stateFolder: join(folder, 'state'), sources: sources.map(planOfArgument) })
}

const ask = <Answer>(path: string): Promise<Answer> => (home as TestHome).client.get(`/api/traffic/live/${path}`)
const window = (): string => `from=${now() - 3600}&to=${now() + 60}`

/** The look-ups of one device by name, once there are `total` at home. */
async function lookupsOf(id: string, total: number): Promise<Record<string, number>> {
  await eventually(
    () => ask<Overview>(`overview?${window()}`),
    ({ lookups = 0 }) => lookups >= total,
  )
  const { endpoints } = await ask<DevicePage>(`devices/${encodeURIComponent(id)}?${window()}`)
  return Object.fromEntries(endpoints.map(({ host, lookups = 0 }) => [host ?? '', lookups]))
}

async function total(): Promise<number> {
  return (await ask<Overview>(`overview?${window()}`)).lookups ?? 0
}

/** As AdGuard Home writes it (querylog/entry.go): one JSON object a line, the answer a DNS message in base64. */
function entry(client: string, name: string, address: string): string {
  const answer = encode({
    type: 'response',
    id: 1,
    questions: [{ type: 'A', name }],
    answers: [{ type: 'A', name, data: address }],
  }).toString('base64')
  return `${JSON.stringify({ T: new Date().toISOString(), QH: name, QT: 'A', QC: 'IN', CP: '', Answer: answer, Upstream: '192.0.2.53:53', IP: client, Elapsed: 1_000_000, Result: {} })}\n`
}

/** As Pi-hole's dnsmasq writes it: without a host name in front. */
function line(client: string, name: string): string {
  const [, month = '', day = '', , time = ''] = /^\w+ (\w+) (\d+) (\d+) ([\d:]+)/.exec(new Date().toString()) ?? []
  return `${month} ${String(Number(day)).padStart(2)} ${time} dnsmasq[7]: query[A] ${name} from ${client}\n`
}

test("AdGuard Home: look-ups per device, counted on after a restart, a hostile name nobody else's", async () => {
  const log = join(folder, 'querylog.json')
  writeFileSync(
    log,
    entry('192.168.7.5', 'api.amazonalexa.com', '198.51.100.7').repeat(3) +
      entry('192.168.7.66', 'x\n192.168.7.5', '198.51.100.8'),
  )
  await open(`dns:adguard:${log}`)
  expect(await lookupsOf('192.168.7.5', 4)).toEqual({ 'api.amazonalexa.com': 3 })
  const { sources, lookupsOnly } = await ask<TrafficStatus>('status')
  expect([sources.map(({ state, packets, problem }) => [state, packets, problem]), lookupsOnly]).toEqual([
    [['running', 4, null]],
    true,
  ])
  await home?.close()
  home = null
  appendFileSync(
    log,
    entry('192.168.7.5', 'api.amazonalexa.com', '198.51.100.7') + entry('192.168.7.5', 'b.example.com', '198.51.100.9'),
  )
  await open(`dns:adguard:${log}`)
  expect(await lookupsOf('192.168.7.5', 6)).toEqual({ 'api.amazonalexa.com': 4, 'b.example.com': 1 })
  expect(await total()).toBe(6)
})

test("Pi-hole's database: look-ups under the device's own name, counted on after a restart", async () => {
  const path = join(folder, 'pihole-FTL.db')
  const database = new PiholeDatabase(path)
  database.know(SPEAKER, '192.168.7.11', 'kitchen-speaker', now())
  for (let index = 0; index < 5; index++) database.ask(now(), '192.168.7.11', 'api.amazonalexa.com')
  await open(`dns:pihole-ftl:${path}`)
  expect(await lookupsOf(SPEAKER, 5)).toEqual({ 'api.amazonalexa.com': 5 })
  expect((await ask<DevicePage>(`devices/${encodeURIComponent(SPEAKER)}?${window()}`)).device.name).toBe(
    'kitchen-speaker',
  )
  await home?.close()
  home = null
  database.ask(now(), '192.168.7.11', 'b.example.com')
  await open(`dns:pihole-ftl:${path}`)
  expect(await lookupsOf(SPEAKER, 6)).toEqual({ 'api.amazonalexa.com': 5, 'b.example.com': 1 })
  expect(await total()).toBe(6)
  database.close()
})

test("Pi-hole's log and its database at once tell each look-up once", async () => {
  const path = join(folder, 'pihole-FTL.db')
  const log = join(folder, 'pihole.log')
  const database = new PiholeDatabase(path)
  writeFileSync(log, '')
  await open(`dns:pihole:${log}`, `dns:pihole-ftl:${path}`)
  // Far from the end of a minute: both tell the same one.
  const time = Math.floor(now() / 60) * 60
  const text = [
    ...Array.from({ length: 7 }, () => line('192.168.7.11', 'a.example.com')),
    line('192.168.7.11', 'only-in-the-log.example.com'),
  ].join('')
  appendFileSync(log, text)
  for (let index = 0; index < 7; index++) database.ask(time, '192.168.7.11', 'a.example.com')
  database.ask(time, '192.168.7.11', 'only-in-the-database.example.com')
  await eventually(
    () => ask<TrafficStatus>('status'),
    ({ sources }) => sources.length === 2 && sources.every(({ packets }) => packets === 8),
  )
  expect(await lookupsOf('192.168.7.11', 9)).toEqual({
    'a.example.com': 7,
    'only-in-the-log.example.com': 1,
    'only-in-the-database.example.com': 1,
  })
  database.close()
})
