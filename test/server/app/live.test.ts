// Live traffic reaches the traffic history on disk, survives a restart, and vanishes from every file when its device
// is forgotten.
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrafficStatus, DevicePage, Overview, Receipt } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import {
  arpFrom,
  CAMERA,
  dnsAnswerA,
  ipLength,
  OTHER_SERVER,
  PHONE,
  ROUTER,
  SERVER,
  tcpOut,
  tlsHello,
} from '../engine/lab.ts'
import { ipBytes, macBytes } from '../../../server/sample/packets/addresses.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-live-'))
const captures = join(folder, 'captures')
const stateFolder = join(folder, 'state')
const capture = join(captures, 'home-1.pcap')
const hello = tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })
let home: TestHome

async function open(): Promise<void> {
  home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
}

function capturePackets(...frames: Uint8Array[]): void {
  const now = Date.now() / 1000
  const seconds = Math.floor(now)
  for (const bytes of frames)
    appendFileSync(capture, pcapRecord({ seconds, nanos: Math.floor((now - seconds) * 1e6) * 1000, bytes }))
}

async function overview(): Promise<Overview> {
  const { now } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
  return await home.client.get(`/api/traffic/live/overview?from=${Math.floor(now) - 86_400}&to=${Math.floor(now) + 2}`)
}

/** Everything in the state folder, one file after the other. */
function everyFile(): { name: string; bytes: Buffer }[] {
  return readdirSync(stateFolder).map((name) => ({ name, bytes: readFileSync(join(stateFolder, name)) }))
}

const idsOf = ({ devices }: Overview): string[] => devices.map(({ id }) => id).sort()
const sentBy =
  (id: string) =>
  ({ devices }: Overview): number =>
    devices.find((device) => device.id === id)?.sent ?? 0

beforeAll(async () => {
  mkdirSync(captures, { recursive: true })
  writeFileSync(capture, pcapHeader({}))
  await open()
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('live traffic', () => {
  test('is on the page a moment after it was captured', async () => {
    capturePackets(
      arpFrom(CAMERA),
      dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER),
      hello,
      arpFrom(PHONE),
      tcpOut(PHONE, OTHER_SERVER),
    )
    const shown = await eventually(
      overview,
      (answer) => sentBy(CAMERA.mac)(answer) > 0 && sentBy(PHONE.mac)(answer) > 0,
    )
    expect(sentBy(CAMERA.mac)(shown)).toBe(ipLength(hello))
    expect(shown.companies.map(({ slug, sent }) => [slug, sent])).toContainEqual(['alexa', ipLength(hello)])
    const { sample, sources } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
    expect({ sample, kinds: sources.map(({ kind }) => kind) }).toEqual({ sample: false, kinds: ['folder'] })
  })

  test('is still there after a restart, with the devices and what they called an address', async () => {
    await home.client.send('PATCH', `/api/devices/${encodeURIComponent(CAMERA.mac)}`, { name: 'Hall camera' })
    await home.close()
    await open()
    const before = await overview()
    expect(sentBy(CAMERA.mac)(before)).toBe(ipLength(hello))
    expect(before.devices.find(({ id }) => id === CAMERA.mac)?.name).toBe('Hall camera')
    const again = tcpOut(CAMERA, SERVER, { sourcePort: 41_000 })
    capturePackets(again)
    await eventually(overview, (answer) => sentBy(CAMERA.mac)(answer) === ipLength(hello, again))
    const { now } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
    const { endpoints } = await home.client.get<DevicePage>(
      `/api/traffic/live/devices/${encodeURIComponent(CAMERA.mac)}?from=${Math.floor(now) - 3600}&to=${Math.floor(now) + 2}`,
    )
    expect(endpoints.map(({ host, namedBy }) => [host, namedBy])).toContainEqual(['api.amazonalexa.com', 'remembered'])
  })

  test('holds no payload in any file', () => {
    for (const { name, bytes } of everyFile())
      expect([name, bytes.includes(Buffer.from(tlsHello('api.amazonalexa.com')).subarray(0, 60))]).toEqual([
        name,
        false,
      ])
  })

  test('of a forgotten device is in no file any more: MAC, name and addresses, as text and as bytes', async () => {
    const traces = [
      CAMERA.mac,
      CAMERA.address,
      'Hall camera',
      ...[macBytes(CAMERA.mac), ipBytes(CAMERA.address)].flatMap((bytes) => [
        Buffer.from(bytes),
        Buffer.from(bytes).reverse(),
      ]),
    ]
    const found = (): string[] =>
      everyFile().flatMap(({ name, bytes }) =>
        traces.filter((trace) => bytes.includes(trace)).map((trace) => `${name}: ${trace.toString()}`),
      )
    expect(found().length).toBeGreaterThan(0)
    const receipt = await home.client.send<Receipt>('POST', `/api/devices/${encodeURIComponent(CAMERA.mac)}/forget`, {
      ignore: true,
    })
    expect(receipt.rows).toBeGreaterThan(0)
    expect(JSON.stringify(receipt)).not.toContain(CAMERA.mac)
    expect(found()).toEqual([])
    expect(idsOf(await overview())).toEqual([ROUTER.mac, PHONE.mac])
  })

  test('of an ignored device is not looked at again, after a restart either', async () => {
    capturePackets(hello, tcpOut(PHONE, OTHER_SERVER, { sourcePort: 42_000 }))
    await eventually(overview, (answer) => sentBy(PHONE.mac)(answer) === 2 * ipLength(tcpOut(PHONE, OTHER_SERVER)))
    expect(idsOf(await overview())).toEqual([ROUTER.mac, PHONE.mac])
    await home.close()
    await open()
    capturePackets(hello)
    await eventually(
      () => home.client.get<TrafficStatus>('/api/traffic/live/status'),
      ({ health }) => health.paused > 0,
    )
    expect(idsOf(await overview())).toEqual([ROUTER.mac, PHONE.mac])
  })
})
