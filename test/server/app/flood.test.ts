// A flood of made-up devices through the whole product, and a home that an older version let a flood cripple.
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { AlertRow, DeviceListPage, Overview, Receipt, SeenOnce, TrafficStatus } from '../../../server/api.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { MAX_DEVICES, OTHERS_ID } from '../../../server/model/others.ts'
import { concat, u16, u32 } from '../../../server/sample/packets/bytes.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, type Host, ipLength, PHONE, ROUTER, SERVER, tcpIn, tcpOut, udpOut } from '../engine/lab.ts'
import { batch, endpoint, type TestCell } from '../history/histories.ts'

const folders: string[] = []
let home: TestHome | null = null

afterEach(async () => {
  await home?.close()
  home = null
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): { captures: string; stateFolder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-flood-'))
  folders.push(folder)
  mkdirSync(join(folder, 'captures'))
  writeFileSync(join(folder, 'captures', 'home-1.pcap'), pcapHeader({}))
  return { captures: join(folder, 'captures'), stateFolder: join(folder, 'state') }
}

async function open({ captures, stateFolder }: ReturnType<typeof newFolder>): Promise<TestHome> {
  home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
  return home
}

async function restart(folder: ReturnType<typeof newFolder>): Promise<TestHome> {
  await home?.close()
  return open(folder)
}

const range = (now: number): string => `from=${Math.floor(now) - 30 * 86_400}&to=${Math.floor(now) + 10}`

async function overviewOf({ client }: TestHome): Promise<Overview> {
  const { now } = await client.get<TrafficStatus>('/api/traffic/live/status')
  return client.get<Overview>(`/api/traffic/live/overview?${range(now)}`)
}

const sentBy = ({ devices }: Overview, id: string): number => devices.find((device) => device.id === id)?.sent ?? 0

test('a flood is announced, is one row and one alert; honest devices are exact on the page and after a restart', async () => {
  const folder = newFolder()
  const { client } = await open(folder)
  const payload = new Uint8Array(60)
  const flood = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.0.0' }, SERVER, { payload })
  const up = (host: Host, port: number): Uint8Array => tcpOut(host, SERVER, { sourcePort: port, payload })
  const down = (host: Host, port: number): Uint8Array => tcpIn(host, SERVER, { destinationPort: port, payload })
  const records: Uint8Array[] = []
  const seconds = Math.floor(Date.now() / 1000)
  const add = (bytes: Uint8Array): void => void records.push(pcapRecord({ seconds, nanos: 0, bytes: bytes.slice() }))
  let sent = 0
  const count = 20_000
  add(arpFrom(ROUTER))
  for (let index = 0; index < count; index++) {
    flood.set(u32(index), 8)
    flood.set(u16(index), 28)
    add(flood)
    if (index % 1_000 !== 500) continue
    for (const host of [PHONE, CAMERA]) {
      add(up(host, 4_000 + index / 100))
      add(down(host, 4_000 + index / 100))
    }
    sent += ipLength(up(PHONE, 4_000))
  }
  appendFileSync(join(folder.captures, 'home-1.pcap'), concat(...records))
  const total = count * ipLength(flood) + 2 * sent
  const shown = await eventually(
    () => overviewOf(home as TestHome),
    (answer) => answer.sent === total,
  )
  expect([sentBy(shown, PHONE.mac), sentBy(shown, CAMERA.mac)]).toEqual([sent, sent])
  expect(shown.devices.length).toBeLessThan(25)
  expect(shown.devices.find(({ id }) => id === OTHERS_ID)?.why.join()).toContain('counted here in one row')
  expect(JSON.stringify(shown).length).toBeLessThan(100_000)
  const status = await client.get<TrafficStatus>('/api/traffic/live/status')
  expect(status.flood?.devices).toBeGreaterThan(10_000)
  expect(status.flood?.sentence).toContain('more than a home has')
  const alerts = await eventually(
    () => client.get<AlertRow[]>('/api/traffic/live/alerts'),
    (rows) => rows.length > 0,
  )
  expect(alerts.map(({ kind }) => kind)).toEqual(['flood'])
  const after = await overviewOf(await restart(folder))
  expect([sentBy(after, PHONE.mac), sentBy(after, CAMERA.mac), after.sent]).toEqual([sent, sent, total])
}, 60_000)

test('a home that 50,000 devices had crippled answers in bounded pages, and forgets them with one receipt', async () => {
  const folder = newFolder()
  const { stateFolder } = folder
  mkdirSync(stateFolder)
  const now = Math.floor(Date.now() / 1000)
  const junk = (index: number): string => `02:66:00:00:${index.toString(16).padStart(4, '0').replace(/^../, '$&:')}`
  const path = join(stateFolder, 'history.db')
  const history = new HistoryDatabase({ path, timeZone: 'Etc/UTC', limits: { devices: 1e6 } })
  const devices = Array.from({ length: 50_000 }, (_, index) => ({ index: 10 + index, id: junk(index) }))
  history.add(
    batch([], {
      devices: [{ index: 0, id: PHONE.mac }, { index: 1, id: 'named' }, ...devices],
      endpoints: Array.from({ length: 300 }, (_, index) => endpoint(index + 1)),
    }),
  )
  const second = now - 86_400
  history.add(batch([0, 1, 2].map((day): TestCell => [second - day * 86_400, 0, 1, 500, 900])))
  history.add(batch(devices.map(({ index }): TestCell => [second, index, 1 + (index % 300), 88, 0])))
  history.add(batch([[second, 1, 1, 77, 0]]))
  history.tick(second + 4_000)
  history.close()
  writeFileSync(
    join(stateFolder, 'decisions.json'),
    JSON.stringify({ devices: { named: { name: 'Mine' } }, merges: {}, ignored: { salt: 'aa', hashes: [] } }),
  )

  const { client } = await open(folder)
  const first = await overviewOf(home as TestHome)
  expect(first.sent).toBe(1_500 + 50_000 * 88 + 77)
  expect([sentBy(first, PHONE.mac), first.devices.length]).toEqual([1_500, 100])
  expect(JSON.stringify(first).length).toBeLessThan(100_000)
  const listed = first.devices.reduce((sum, device) => sum + device.sent, 0)
  expect(listed + (first.moreDevices?.sent ?? 0)).toBe(first.sent)
  expect(first.cells.reduce((sum, cell) => sum + cell[3], 0)).toBe(first.sent)

  const page = (query: string): Promise<DeviceListPage> =>
    client.get<DeviceListPage>(`/api/traffic/live/device-rows?${range(now)}&${query}`)
  const { total } = await page('limit=10')
  expect(total).toBeLessThanOrEqual(MAX_DEVICES)
  expect(total).toBe(first.devices.length + (first.moreDevices?.count ?? 0))
  const ids = new Set<string>()
  for (let offset = 0; offset < total; offset += 100)
    for (const { id } of (await page(`offset=${offset}`)).devices) ids.add(id)
  expect(ids.size).toBe(total)
  expect((await page('q=02:66:00:00:00')).devices.length).toBeLessThanOrEqual(100)

  const once = await client.get<SeenOnce>('/api/seen-once')
  expect(once.count).toBe(total - 3)
  const receipt = await client.send<Receipt>('POST', '/api/seen-once/forget', { until: once.until })
  expect(receipt).toMatchObject({ devices: once.count, ignored: false })
  const left = await overviewOf(home as TestHome)
  expect(left.devices.map(({ id }) => id).sort()).toEqual([PHONE.mac, 'named', OTHERS_ID].sort())
  expect(await client.get<SeenOnce>('/api/seen-once')).toMatchObject({ count: 0 })
  await home?.close()
  home = null
  for (const name of readdirSync(stateFolder))
    expect([name, readFileSync(join(stateFolder, name)).includes('02:66:00')]).toEqual([name, false])
}, 120_000)
