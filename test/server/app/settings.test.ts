// Settings as the service takes, checks and keeps them.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import type { Overview, Series, SettingsPage } from '../../../server/api.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, type Host, PHONE, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'
import { batch, introduce } from '../history/histories.ts'

let home: TestHome
const folder = mkdtempSync(join(tmpdir(), 'telltale-settings-'))
const patch = (body: unknown): Promise<SettingsPage> => home.client.send('PATCH', '/api/settings', body)
const stored = (): Record<string, Record<string, unknown>> | null => {
  const file = join(folder, 'settings.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>) : null
}

beforeAll(async () => {
  home = await startHome({ stateFolder: folder })
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a wrong setting is refused in a sentence that names it, and nothing of the request is kept', async () => {
  await patch({ storage: { minuteHours: 40 } })
  const refused = await patch({ storage: { minuteHours: 5, saveEverySeconds: 1 } }).catch(
    (error: Error) => error.message,
  )
  const [, status, body] = /^PATCH \/api\/settings: (\d+) (.*)$/.exec(String(refused)) ?? []
  expect([status, JSON.parse(body ?? 'null')]).toEqual([
    '400',
    {
      error: {
        code: 'wrong-setting',
        message: 'storage.saveEverySeconds ("Save every (seconds)") must be a whole number from 60 to 3600; 1 arrived.',
      },
    },
  ])
  const page = await home.client.get<SettingsPage>('/api/settings')
  expect(page.values['storage']).toMatchObject({ minuteHours: 40, saveEverySeconds: 300 })
  expect(stored()?.['storage']).toMatchObject({ minuteHours: 40, saveEverySeconds: 300 })
})

describe('settings of the traffic history are followed at once, without a restart:', () => {
  const HOUR = 3_600
  const DAY = 86_400
  const state = mkdtempSync(join(tmpdir(), 'telltale-settings-history-'))
  const captures = join(state, 'captures')
  const file = join(state, 'history.db')
  const now = Math.floor(Date.now() / 1_000)
  let live: TestHome

  const change = (body: unknown): Promise<SettingsPage> => live.client.send('PATCH', '/api/settings', body)
  const series = (from: number, step: number): Promise<Series> =>
    live.client.get(`/api/traffic/live/series?from=${from}&to=${from + 2 * step}&step=${step}`)

  /** What another program sees in the file: committed rows only. */
  function rowsOf(table: string): number {
    const connection = loadDriver().openReadOnly(file)
    try {
      return (connection.prepare(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number }).rows
    } finally {
      connection.close()
    }
  }

  beforeAll(async () => {
    mkdirSync(captures)
    writeFileSync(join(captures, 'home-1.pcap'), pcapHeader({}))
    const history = new HistoryDatabase({ path: file, timeZone: 'UTC' })
    history.add(introduce(2, 2))
    for (let day = now - 40 * DAY; day < now; day += DAY) {
      for (let hour = 0; hour < 24; hour++) history.add(batch([[day + hour * HOUR, 0, 1, 10, 1]]))
      history.tick(day + 23 * HOUR)
    }
    history.close()
    live = await startHome({ stateFolder: state, sources: [planOfArgument(`folder:${captures}`)] })
    await change({ home: { timeZone: 'UTC' } })
  })
  afterAll(async () => {
    await live.close()
    rmSync(state, { recursive: true, force: true })
  })

  test('minutes, hours and days are kept for a shorter time', async () => {
    // Yesterday or today: hours of a day before are kept as days by then.
    const from = Math.floor((now - 10 * HOUR) / HOUR) * HOUR
    expect((await series(from, 60)).step).toBe(60)
    const before = { minutes: rowsOf('minutes'), hours: rowsOf('hours'), days: rowsOf('days') }
    await change({ storage: { minuteHours: 2, hourDays: 2, dayDays: 10 } })
    expect((await series(from, 60)).step).toBe(HOUR)
    expect(rowsOf('minutes')).toBeLessThanOrEqual(4)
    expect(before.minutes).toBeGreaterThan(40)
    expect(rowsOf('hours')).toBeLessThanOrEqual(49)
    expect(before.hours).toBeGreaterThan(700)
    expect(rowsOf('days')).toBeLessThanOrEqual(11)
    expect(before.days).toBeGreaterThan(35)
  })

  test('what was seen is on the disk at once where it is to be saved more often', async () => {
    const appears = async (device: Host): Promise<void> => {
      const seconds = Math.floor(Date.now() / 1_000)
      for (const bytes of [arpFrom(device), tcpOut(device, SERVER, { payload: tlsHello('api.amazonalexa.com') })])
        appendFileSync(join(captures, 'home-1.pcap'), pcapRecord({ seconds, bytes }))
      await eventually(
        () => live.client.get<Overview>(`/api/traffic/live/overview?from=${seconds - 60}&to=${seconds + 60}`),
        ({ devices }) => devices.some(({ id, sent }) => id === device.mac && sent > 0),
      )
    }
    // With the first packet the history's clock leaves the time of what is kept, and a commit may be due.
    await appears(CAMERA)
    await appears(PHONE)
    expect(rowsOf('devices')).toBeLessThan(3)
    await change({ storage: { saveEverySeconds: 60 } })
    expect(rowsOf('devices')).toBe(3)
  })

  test('hours and days are cut in another time zone', async () => {
    await change({ home: { timeZone: 'Asia/Kolkata' } })
    // A day of India begins at half past six in the evening before, by UTC.
    expect((await series(now - 2 * HOUR, HOUR)).from % HOUR).toBe(HOUR / 2)
    expect(zoneOf()).toBe('Asia/Kolkata')
    await change({ home: { timeZone: 'UTC' } })
    expect((await series(now - 2 * HOUR, HOUR)).from % HOUR).toBe(0)
  })

  function zoneOf(): string {
    const connection = loadDriver().openReadOnly(file)
    try {
      const { facts } = connection.prepare('SELECT facts FROM state').get() as { facts: string }
      return (JSON.parse(facts) as { zone: string }).zone
    } finally {
      connection.close()
    }
  }
})

test('a smaller disk budget, and another time between commits, are followed by an open history', () => {
  const path = join(folder, 'budget.db')
  const retention = { minuteHours: 48, hourDays: 35, dayDays: 730 }
  const history = new HistoryDatabase({ path, timeZone: 'UTC', saveEverySeconds: 3_600 })
  const begin = Date.parse('2026-06-10T00:00:00Z') / 1_000
  history.add(introduce(1, 300))
  history.tick(begin)
  for (let minute = 0; minute < 30; minute++)
    history.add(batch(Array.from({ length: 300 }, (_, place) => [begin + minute * 60, 0, place + 1, 1 + place, 1])))
  history.tick(begin + 1_800)
  const hosts = (): number => new Set(history.sums({ from: 0, to: 2 ** 36 }).map(({ endpoint }) => endpoint)).size
  const sum = (): number => history.sums({ from: 0, to: 2 ** 36 }).reduce((all, { sent }) => all + sent, 0)
  const before = sum()
  expect(hosts()).toBe(300)
  history.configure({ timeZone: 'UTC', retention, saveEverySeconds: 3_600, diskBudgetBytes: 60_000 })
  expect(hosts()).toBeLessThan(151)
  expect(sum()).toBe(before)
  const rows = (): number => {
    const connection = loadDriver().openReadOnly(path)
    const found = connection.prepare('SELECT max(id) AS last FROM minutes').get() as { last: number }
    connection.close()
    return found.last
  }
  history.configure({ timeZone: 'UTC', retention, saveEverySeconds: 60, diskBudgetBytes: 1e9 })
  const saved = rows()
  history.add(batch([[begin + 2_000, 0, 1, 5, 5]]))
  history.tick(begin + 2_041)
  expect(rows()).toBeGreaterThan(saved)
  history.close()
})
