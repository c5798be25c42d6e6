// The engine's thread is lost in every way: it is started again, nothing that was counted is lost or doubled, and the
// owner is told.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertRow, Overview, Series, TrafficStatus } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-faults-'))
const capture = join(folder, 'home-1.pcap')
const faults = new BroadcastChannel('telltale-engine-faults')
let home: TestHome
let sent = 0
let port = 40_000

/** A flow of its own. */
function capturePacket(): void {
  const now = Date.now() / 1000
  const seconds = Math.floor(now)
  const bytes = tcpOut(CAMERA, SERVER, { sourcePort: port++ })
  for (const frame of [arpFrom(CAMERA), bytes]) appendFileSync(capture, pcapRecord({ seconds, bytes: frame }))
  sent += ipLength(bytes)
}

async function overview(): Promise<Overview> {
  const now = Math.floor(Date.now() / 1000)
  return await home.client.get(`/api/traffic/live/overview?from=${now - 86_400}&to=${now + 2}`)
}
const status = (): Promise<TrafficStatus> => home.client.get('/api/traffic/live/status')
const alerts = async (): Promise<AlertRow[]> =>
  (await home.client.get<AlertRow[]>('/api/traffic/live/alerts')).filter(({ kind }) => kind === 'engine-stopped')
const shownSent = ({ devices }: Overview): number => devices.find(({ id }) => id === CAMERA.mac)?.sent ?? 0

beforeAll(async () => {
  writeFileSync(capture, pcapHeader({}))
  home = await startHome({
    sources: [planOfArgument(`folder:${folder}`)],
    engineWorkerFile: new URL('../../support/faulty-engine.mjs', import.meta.url),
  })
  capturePacket()
  await eventually(overview, (answer) => shownSent(answer) === sent)
  await home.client.send('PATCH', `/api/devices/${encodeURIComponent(CAMERA.mac)}`, { name: 'Hall camera' })
})
afterAll(async () => {
  faults.close()
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the engine', () => {
  test.each([
    ['throw', /because of an error in the program \(made to fail\)\. It was started again at/],
    ['reject', /because of an error in the program \(made to reject\)\. It was started again at/],
    ['exit', /because it ended without saying why\. It was started again at/],
    ['hang', /because it gave no sign of life for 1\d s\. It was started again at/],
  ])('is started again after it was made to %s', async (fault, sentence) => {
    faults.postMessage(fault)
    const { sources } = await eventually(status, ({ sources: [source] }) => sentence.test(source?.problem ?? ''))
    expect(sources).toHaveLength(1)
    await eventually(status, ({ sources: [source] }) => source?.state === 'running' || source?.state === 'quiet')
    // What the watchdog of systemd is told.
    await eventually(
      async () => home.running.isAlive(),
      (isAlive) => isAlive,
    )
    capturePacket()
    const shown = await eventually(overview, (answer) => shownSent(answer) >= sent)
    expect(shownSent(shown)).toBe(sent)
    expect(shown.devices.find(({ id }) => id === CAMERA.mac)?.name).toBe('Hall camera')
  })

  test('raised one alert for all of it, which a decision reaches', async () => {
    const [alert, ...more] = await alerts()
    expect(more).toEqual([])
    expect(alert).toMatchObject({ title: 'Engine stopped', device: null, state: 'open' })
    // The longest of them gives the reason.
    expect(alert?.message).toMatch(/because it gave no sign of life for 1\d s/)
    await home.client.send('POST', `/api/alerts/${alert?.id ?? ''}/decision`, { decision: 'it-was-me' })
    await eventually(alerts, ([row]) => row?.state === 'it-was-me')
  })

  test('left a gap where it was down', async () => {
    const { first } = await status()
    const to = Math.floor(Date.now() / 1000)
    const from = Math.floor((first ?? to) / 60) * 60
    const { sent: values } = await home.client.get<Series>(`/api/traffic/live/series?from=${from}&to=${to}&step=1`)
    const since = values.slice(Math.floor(first ?? to) - from)
    // The ten seconds in which it hung are no silence of the home.
    expect(since.filter((value) => value === null).length).toBeGreaterThanOrEqual(8)
  })
})
