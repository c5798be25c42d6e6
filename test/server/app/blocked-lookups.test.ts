// A home whose resolver blocks names: every answer of the API says how many look-ups were blocked, a device's level and
// Forget hold for it, and what is asked for again and again is told.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AlertRow, CompanyPage, DeviceListPage, DevicePage, Overview, SearchHit } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { PiholeDatabase } from '../../support/pihole-database.ts'

const TV = '192.168.7.20'
const OTHER = '192.168.7.21'
/** Samsung's; the name stands in no file once the device is forgotten. */
const BLOCKED = 'acr-canary-5d1f0c.samsungacr.com'
const ALLOWED = 'time.samsungcloudsolution.com'
const MINUTE = 60
const HOUR = 3_600

let folder = ''
let log = ''
let home: TestHome | null = null
const now = (): number => Math.floor(Date.now() / 1000)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-blocked-'))
  log = join(folder, 'querylog.json')
})

afterEach(async () => {
  await home?.close()
  home = null
  rmSync(folder, { recursive: true, force: true })
})

/** As AdGuard Home writes it: an answer in each line that is not blocked would be a DNS message, which is left out. */
function line(client: string, name: string, isBlocked: boolean, second = now()): string {
  const entry = {
    T: new Date(second * 1000).toISOString(),
    QH: name,
    QT: 'A',
    QC: 'IN',
    CP: '',
    IP: client,
    Elapsed: 1,
  }
  return `${JSON.stringify({ ...entry, Result: isBlocked ? { IsFiltered: true, Reason: 3 } : {} })}\n`
}

async function open(...sources: string[]): Promise<TestHome['client']> {
  await home?.close()
  home = await startHome({ stateFolder: join(folder, 'state'), sources: sources.map(planOfArgument) })
  return home.client
}

const ask = <Answer>(path: string): Promise<Answer> => (home as TestHome).client.get(`/api/traffic/live/${path}`)
const window = (): string => `from=${now() - 2 * HOUR}&to=${now() + MINUTE}`
const overview = (): Promise<Overview> => ask(`overview?${window()}`)
const until = (blocked: number): Promise<Overview> =>
  eventually(overview, (found) => (found.blocked ?? 0) >= blocked && (found.lookups ?? 0) >= blocked)

/** Look-ups and how many were blocked, by device and host. */
async function byHost(): Promise<Record<string, [number, number]>> {
  const found: Record<string, [number, number]> = {}
  for (const { id } of (await overview()).devices) {
    const { endpoints } = await ask<DevicePage>(`devices/${encodeURIComponent(id)}?${window()}`)
    for (const { host, lookups = 0, blocked = 0 } of endpoints) found[`${id} ${host}`] = [lookups, blocked]
  }
  return found
}

/** Every file under the state folder that holds one of the texts. */
function filesWith(...texts: string[]): string[] {
  return readdirSync(join(folder, 'state'), { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, 'state', name)
    return statSync(path).isFile() && texts.some((text) => readFileSync(path).includes(text))
  })
}

test('every row that counts look-ups says how many were blocked, and nobody was sent anything by them', async () => {
  writeFileSync(
    log,
    line(TV, BLOCKED, true).repeat(388) + line(TV, ALLOWED, false).repeat(24) + line(OTHER, 'plain.example', false),
  )
  await open(`dns:adguard:${log}`)
  const all = await until(388)
  expect(all).toMatchObject({ lookups: 413, blocked: 388, sent: 0, received: 0 })
  expect(all.devices.find(({ id }) => id === TV)).toMatchObject({
    lookups: 412,
    blocked: 388,
    topCompany: 'samsung-tv',
  })
  expect(all.devices.find(({ id }) => id === OTHER)).not.toHaveProperty('blocked')
  const ofSamsung = all.companies.filter(({ slug }) => slug?.startsWith('samsung'))
  expect(ofSamsung.reduce((sum, row) => sum + (row.blocked ?? 0), 0)).toBe(388)
  expect(ofSamsung.reduce((sum, row) => sum + row.sent + row.received, 0)).toBe(0)
  expect(all.lookupCells?.reduce((sum, [, , , , blocked = 0]) => sum + blocked, 0)).toBe(388)
  const { device, endpoints, companies } = await ask<DevicePage>(`devices/${TV}?${window()}`)
  expect(device).toMatchObject({ lookups: 412, blocked: 388, sent: 0 })
  expect(endpoints.find(({ host }) => host === BLOCKED)).toMatchObject({ lookups: 388, blocked: 388, sent: 0 })
  expect(endpoints.find(({ host }) => host === ALLOWED)).not.toHaveProperty('blocked')
  expect(companies.reduce((sum, row) => sum + (row.blocked ?? 0), 0)).toBe(388)
  const page = await ask<CompanyPage>(`companies/samsung?${window()}`)
  expect(page.family?.company).toMatchObject({ lookups: 412, blocked: 388 })
  expect(page.family?.devices).toMatchObject([{ id: TV, lookups: 412, blocked: 388 }])
  expect(page.family?.hosts.find(({ host }) => host === BLOCKED)).toMatchObject({ lookups: 388, blocked: 388 })
  const list = await ask<DeviceListPage>(`device-rows?${window()}&offset=0&limit=10`)
  expect(list.devices.find(({ id }) => id === TV)).toMatchObject({ lookups: 412, blocked: 388 })
  const hits = await ask<SearchHit[]>('search?q=samsung')
  const details = hits.map(({ kind, title, detail }) => `${kind} ${title}: ${detail}`)
  expect(details).toContainEqual(expect.stringMatching(/^company Samsung.*: .*look-ups, (?:388|all) blocked$/))
  expect(details).toContainEqual(expect.stringMatching(/^host acr-canary.* · 388 look-ups, all blocked$/))
  expect(details).toContainEqual(expect.stringMatching(/^host time\.samsung(?!.*blocked)/))
})

test("Pi-hole's log and its database together count each look-up and each verdict once", async () => {
  const [text, path] = [join(folder, 'pihole.log'), join(folder, 'pihole-FTL.db')]
  const database = new PiholeDatabase(path)
  const at = now() - 60
  const date = new Date(at * 1000)
  const stamp = `${date.toLocaleString('en', { month: 'short' })} ${String(date.getDate()).padStart(2)} ${date.toTimeString().slice(0, 8)}`
  for (let index = 0; index < 5; index++) {
    database.ask(at, TV, BLOCKED, 1, 1)
    appendFileSync(
      text,
      `${stamp} dnsmasq[7]: query[A] ${BLOCKED} from ${TV}\n${stamp} dnsmasq[7]: gravity blocked ${BLOCKED} is 0.0.0.0\n`,
    )
  }
  database.close()
  await open(`dns:pihole:${text}`, `dns:pihole-ftl:${path}`)
  await until(5)
  appendFileSync(text, `${stamp} dnsmasq[7]: query[A] end.example from ${OTHER}\n`)
  await eventually(byHost, (found) => found[`${OTHER} end.example`] !== undefined)
  expect((await byHost())[`${TV} ${BLOCKED}`]).toEqual([5, 5])
})

test('a level keeps of verdicts what it keeps of look-ups, and of a device that is not looked at nothing more', async () => {
  writeFileSync(log, line(TV, BLOCKED, true).repeat(3) + line(TV, ALLOWED, false))
  const client = await open(`dns:adguard:${log}`)
  await until(3)
  for (const [level, company] of [
    ['companies', 'samsung'],
    ['totals', '*kept-back'],
  ] as const) {
    const before = await overview()
    await client.send('PATCH', `/api/devices/${TV}`, { level })
    const kept = await overview()
    expect([kept.lookups, kept.blocked]).toEqual([before.lookups, before.blocked])
    expect(Object.keys(await byHost())).toEqual([`${TV} null`])
    expect(kept.companies.map(({ slug }) => slug?.slice(0, company.length))).toContain(company)
    appendFileSync(log, line(TV, BLOCKED, true))
    await eventually(overview, ({ lookups = 0 }) => lookups === (before.lookups ?? 0) + 1)
    const after = await overview()
    expect([after.lookups, after.blocked]).toEqual([(before.lookups ?? 0) + 1, (before.blocked ?? 0) + 1])
    expect(filesWith(BLOCKED)).toEqual([])
  }
  await client.send('PATCH', `/api/devices/${TV}`, { level: 'paused' })
  appendFileSync(log, line(TV, BLOCKED, true) + line(OTHER, 'plain.example', true))
  const last = await until(6)
  expect([last.lookups, last.blocked]).toEqual([7, 6])
})

test('what is asked for again and again is told with its figures, and leaves no trace once the device is forgotten', async () => {
  const start = Math.floor(now() / HOUR) * HOUR - 2 * 86_400
  const tries = Array.from(
    { length: 60 },
    (_, minute) =>
      line(TV, BLOCKED, true, start + minute * MINUTE).repeat(7) +
      line(OTHER, 'plain.example', false, start + minute * MINUTE),
  )
  writeFileSync(log, tries.join(''))
  await open(`dns:adguard:${log}`)
  const [alert] = await eventually(
    () => ask<AlertRow[]>('alerts'),
    (rows) => rows.some(({ kind, seen }) => kind === 'blocked-again' && seen >= 400),
  )
  expect(alert).toMatchObject({ kind: 'blocked-again', device: TV, unit: 'lookups', seen: 420, times: 1, sent: 0 })
  expect(alert?.company?.slug).toBe('samsung')
  expect(alert?.message).toMatch(
    /keeps asking for names of Samsung, which your resolver blocks: 420 blocked look-ups within an hour\. A blocked look-up gives no address, so it reached nobody by it$/,
  )
  expect(alert?.advice.length).toBeGreaterThan(0)
  // Once a day, however long it goes on.
  await home?.close()
  await open(`dns:adguard:${log}`)
  const again = await eventually(
    () => ask<AlertRow[]>('alerts'),
    (rows) => rows.length > 0,
  )
  expect(again.map(({ kind, seen }) => `${kind} ${seen}`)).toEqual(['blocked-again 420'])
  await (home as TestHome).client.send('POST', `/api/devices/${TV}/forget`, { ignore: false })
  expect(await ask<AlertRow[]>('alerts')).toEqual([])
  await home?.close()
  home = null
  expect(filesWith(BLOCKED, 'acr-canary', 'samsungacr', `${TV}"`, `${TV}\0`)).toEqual([])
})
