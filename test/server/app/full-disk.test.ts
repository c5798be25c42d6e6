// A whole Telltale on a full disk, at each place that writes: what works, and what is refused with which sentence. A
// change is on the disk and in memory, or in neither.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertRow, Device, Receipt, SettingsPage, TrafficStatus } from '../../../server/api.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import type { Running } from '../../../server/main.ts'
import { reserveBytes } from '../../../server/store/reserve.ts'
import { readState } from '../../support/read-state.ts'
import { loudUpload } from '../../support/loud-upload.ts'
import { eventually, logIn, PASSWORD, startHome, type TestHome } from '../../support/running.ts'
import { CAMERA, type Host, OTHER_SERVER, PHONE, tcpOut } from '../engine/lab.ts'
import { filesContaining } from '../history/folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-full-'))
const captures = join(folder, 'captures')
const stateFolder = join(folder, 'state')
const mayMount = tryMount()
if (!mayMount) console.log('The full disk is not tested: mounting a small one needs root.')

let home: TestHome
let sink: Server
let heard = 0
const table: string[][] = []

function tryMount(): boolean {
  mkdirSync(stateFolder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m,mode=700', 'telltale-test', stateFolder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Until not a byte more goes in. */
function fillDisk(): void {
  for (let size = 65_536; size >= 1; size = Math.floor(size / 16)) {
    const piece = Buffer.alloc(size, 120)
    for (;;) {
      try {
        appendFileSync(join(stateFolder, 'filler'), piece)
      } catch {
        break
      }
    }
  }
}

function makeRoom(): void {
  rmSync(join(stateFolder, 'filler'), { force: true })
}

const stored = (name: string): Record<string, never> => readState(join(stateFolder, name)) as Record<string, never>
const status = (): Promise<TrafficStatus> => home.client.get('/api/traffic/live/status')
const alerts = (): Promise<AlertRow[]> => home.client.get('/api/traffic/live/alerts')
const devices = (): Promise<Device[]> => home.client.get('/api/traffic/live/devices')
const pathOf = (host: Host): string => `/api/devices/${encodeURIComponent(host.mac)}`
const minutes = async (): Promise<unknown> =>
  (await home.client.get<SettingsPage>('/api/settings')).values['storage']?.['minuteHours']
const nameOf = async (host: Host): Promise<string | null> =>
  (await devices()).find(({ id }) => id === host.mac)?.name ?? null

/** "works", or the status, code and sentence that it was refused with; a 500 is a mistake of the program. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'works'
  } catch (error) {
    const [, code, body] = /: (\d{3}) (.*)$/s.exec((error as Error).message) ?? []
    if (code === undefined) throw error
    const { error: facts } = JSON.parse(body ?? '{}') as { error: { code: string; message: string } }
    expect([code, facts.code], facts.message).not.toContain('500')
    return `${code} ${facts.code}: ${facts.message}`
  }
}

const withoutToken = (): Running => ({ ...home.running, url: home.running.url.split('?')[0] ?? '' })

let port = 30_000
function packet(host: Host): void {
  const now = Date.now() / 1000
  const bytes = tcpOut(host, OTHER_SERVER, { sourcePort: (port += 1), payload: new Uint8Array(500) })
  appendFileSync(
    join(captures, 'home-2.pcap'),
    pcapRecord({ seconds: Math.floor(now), nanos: Math.floor((now % 1) * 1e6) * 1000, bytes }),
  )
}

/** One row of the table: the change, and how it is read from memory and from the disk. */
interface Place {
  name: string
  change: (before: unknown) => Promise<unknown>
  inMemory: () => Promise<unknown> | unknown
  onDisk: () => unknown
}

const hasViewer = async (): Promise<boolean> =>
  (await home.client.get<{ hasViewer: boolean }>('/api/session')).hasViewer
let round = 0

/** Another alert may come while a test runs. */
function firstOf<One extends { id: string }>(alerts: readonly One[]): One | undefined {
  const numberOf = ({ id }: One): number => Number(id.split('-').at(-1))
  return alerts.toSorted((one, other) => numberOf(one) - numberOf(other))[0]
}
const PLACES: Place[] = [
  {
    name: 'settings',
    change: () => home.client.send('PATCH', '/api/settings', { storage: { minuteHours: 30 + round } }),
    inMemory: minutes,
    onDisk: () => (stored('settings.json')['storage'] as Record<string, unknown>)['minuteHours'],
  },
  {
    name: 'the name of a device',
    change: () => home.client.send('PATCH', pathOf(PHONE), { name: `Phone ${round}` }),
    inMemory: () => nameOf(PHONE),
    onDisk: () => (stored('decisions.json')['devices'] as Record<string, { name?: string }>)[PHONE.mac]?.name ?? null,
  },
  {
    name: 'the password of the viewer',
    change: (before) =>
      home.client.send('POST', '/api/viewer-password', { password: before === true ? null : `viewer ${PASSWORD}` }),
    inMemory: hasViewer,
    onDisk: () => stored('access.json')['viewer'] !== null,
  },
  {
    name: 'a decision on an alert',
    change: async (before) =>
      home.client.send('POST', `/api/alerts/${firstOf(await alerts())?.id}/decision`, {
        decision: before === 'open' ? 'it-was-me' : 'open',
      }),
    inMemory: async () => firstOf(await alerts())?.state,
    onDisk: () => {
      const { memory } = stored('alerts.json') as unknown as {
        memory: { incidents: { alerts: { id: string; state: string }[] } }
      }
      return firstOf(memory.incidents.alerts)?.state
    },
  },
  {
    name: 'a mute',
    change: async (before) =>
      home.client.send('POST', `/api/alerts/${(await alerts())[0]?.id}/mute`, { on: before !== true }),
    inMemory: async () => (await alerts())[0]?.muted,
    onDisk: () =>
      (stored('alerts.json') as unknown as { memory: { incidents: { mutes: unknown[] } } }).memory.incidents.mutes
        .length > 0,
  },
  {
    name: 'the level of a device',
    change: (before) =>
      home.client.send('PATCH', pathOf(PHONE), { level: before === 'everything' ? 'companies' : 'everything' }),
    inMemory: async () => (await devices()).find(({ id }) => id === PHONE.mac)?.level,
    onDisk: () =>
      (stored('decisions.json')['devices'] as Record<string, { level?: string }>)[PHONE.mac]?.level ?? 'everything',
  },
]

/** Makes each change and checks that memory and disk agree, as before or as asked. */
async function changeAll(column: string, prepare: () => void = () => undefined): Promise<string[]> {
  round += 1
  const outcomes: string[] = []
  for (const { name, change, inMemory, onDisk } of PLACES) {
    const before = await inMemory()
    prepare()
    const result = await outcome(() => change(before))
    const wanted =
      result === 'works'
        ? await eventually(
            async () => inMemory(),
            (value) => value !== before,
          )
        : before
    const found = await eventually(
      async () => inMemory(),
      (value) => value === wanted,
    )
    expect([name, column, onDisk()], result).toEqual([name, column, found])
    outcomes.push(result)
    table.push([column, name, result])
  }
  return outcomes
}

describe.skipIf(!mayMount)('on a full disk', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    sink = createServer((request, response) => {
      request.resume().on('end', () => {
        heard += 1
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
    mkdirSync(captures)
    const start = Math.floor(Date.now() / 1000) - 3_600
    writeFileSync(join(captures, 'home-1.pcap'), loudUpload(CAMERA, start))
    home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
    await home.client.send('PATCH', '/api/settings', {
      home: { learningDays: 0 },
      alerts: { quietHours: ['00:00-24:00'], quietFloorMegabytes: 1, newDevice: false },
      webhook: { url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`, privateAddresses: true },
    })
    writeFileSync(join(captures, 'home-2.pcap'), pcapHeader({}))
    packet(PHONE)
    await eventually(alerts, (rows) => rows.length > 0)
    await home.client.send('POST', `/api/alerts/${(await alerts())[0]?.id}/decision`, { decision: 'open' })
    await eventually(devices, (rows) => rows.some(({ id }) => id === PHONE.mac))
  }, 60_000)

  afterAll(async () => {
    await home.close()
    sink.close()
    console.log(table.map((row) => row.join(' | ')).join('\n'))
    execFileSync('umount', ['-l', stateFolder])
    rmSync(folder, { recursive: true, force: true })
  })

  test('with its reserve every change works, is on the disk, and is said to be on a full one', async () => {
    fillDisk()
    const reserve = reserveBytes(stateFolder)
    expect(reserve).toBeGreaterThan(0)
    expect(await changeAll('full')).toEqual(PLACES.map(() => 'works'))
    expect(reserveBytes(stateFolder)).toBeLessThan(reserve)
  })

  test('nobody is kept from logging in, out and in again', async () => {
    const before = home.client
    home.client = await logIn(withoutToken())
    await before.send('POST', '/api/logout')
    await expect(before.get('/api/settings')).rejects.toThrow('401')
    table.push(['full', 'log-in and log-out', 'works'])
  })

  test('a device is forgotten in every file', async () => {
    const needles = [Buffer.from(CAMERA.mac), Buffer.from('clips.wyze.com')]
    expect(filesContaining(stateFolder, needles).length).toBeGreaterThan(0)
    const receipt = await home.client.send<Receipt>('POST', `${pathOf(CAMERA)}/forget`, { ignore: true })
    expect(receipt.rows).toBeGreaterThan(0)
    expect(filesContaining(stateFolder, needles)).toEqual([])
    expect((await devices()).map(({ id }) => id)).not.toContain(CAMERA.mac)
    table.push(['full', 'forget', 'works'])
  })

  test('traffic and alerts go on', async () => {
    fillDisk()
    const { packets } = (await status()).health
    packet(PHONE)
    await eventually(status, ({ health }) => health.packets > packets)
    const other = { ...CAMERA, mac: '02:00:00:00:00:77', ip: '192.168.1.77' }
    const told = heard
    writeFileSync(join(captures, 'home-3.pcap'), loudUpload(other, Math.floor(Date.now() / 1000) - 1_800))
    await eventually(alerts, (rows) => rows.some(({ device }) => device === other.mac))
    await eventually(
      async () => JSON.stringify(stored('alerts.json')),
      (text) => text.includes(other.mac),
    )
    await eventually(
      async () => heard,
      (count) => count > told,
    )
    table.push(['full', 'ingest and alerts', 'works'])
  })

  test('without a byte of the reserve a change is refused with a sentence, or works; never half of it', async () => {
    const fillAll = (): void => {
      rmSync(join(stateFolder, 'reserve'), { force: true })
      fillDisk()
    }
    const outcomes = await changeAll('full, no reserve', fillAll)
    fillAll()
    expect(outcomes[0]).toMatch(
      /^507 disk-full: The disk of Telltale's state folder is full: settings\.json could not be written, and nothing was changed\./,
    )
    for (const result of outcomes) expect(result).toMatch(/^works$|^507 disk-full: The disk of /)
    const result = await outcome(() =>
      home.client.send('POST', '/api/password', { current: PASSWORD, password: 'another password' }),
    )
    table.push(['full, no reserve', 'the password of the admin', result])
    expect(result).toMatch(/^507 disk-full/)
    home.client = await logIn(withoutToken())
    table.push(['full, no reserve', 'log-in', 'works, in memory'])
    const forgotten = await outcome(() => home.client.send('POST', `${pathOf(PHONE)}/forget`, { ignore: false }))
    table.push(['full, no reserve', 'forget', forgotten])
    expect(forgotten).toMatch(/^works$|^507 (disk-full|forget-unfinished)/)
    if (forgotten.startsWith('507 disk-full')) expect((await devices()).map(({ id }) => id)).toContain(PHONE.mac)
    expect((await status()).problems?.join(' ')).toMatch(
      /not up to date on the disk|disk of Telltale's state folder is full/,
    )
    expect(await outcome(() => home.client.get('/api/traffic/live/devices'))).toBe('works')
  })

  test('once there is room again everything works, and outlives a restart', async () => {
    makeRoom()
    expect(await changeAll('room again')).toEqual(PLACES.map(() => 'works'))
    const before = [await minutes(), await nameOf(PHONE)]
    await home.close()
    home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
    expect([await minutes(), await nameOf(PHONE)]).toEqual(before)
    expect((await status()).problems).toBeUndefined()
  })

  test('it starts and stops, and lets its owner in', async () => {
    await home.close()
    fillDisk()
    home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
    expect((await status()).problems?.join(' ')).toMatch(/is full/)
    await home.close()
    makeRoom()
    home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
    table.push(['full', 'start and stop', 'works'])
  })
})
