// Dry runs of alert settings over the home's history and over a recording, and their end.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertRow, TrafficStatus, Replay, SettingsPage, DryRun } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, dnsAnswerA, OTHER_SERVER, PHONE, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-try-'))
const captures = join(folder, 'captures')
const START = Math.floor(Date.now() / 1000) - 7_200
const LOUD = { quietHours: ['00:00-24:00'], quietFloorMegabytes: 1 }
let home: TestHome

/** A camera that sends a company 1.4 MB in 25 seconds, or more. */
function upload(packetsPerSecond = 40): Uint8Array {
  const records: Uint8Array[] = [pcapHeader({})]
  const put = (seconds: number, bytes: Uint8Array): void => {
    records.push(pcapRecord({ seconds, nanos: 1000, bytes }))
  }
  for (const bytes of [
    arpFrom(CAMERA),
    dnsAnswerA(CAMERA, 'clips.wyze.com', SERVER),
    tcpOut(CAMERA, SERVER, { payload: tlsHello('clips.wyze.com') }),
    arpFrom(PHONE),
    tcpOut(PHONE, OTHER_SERVER),
  ])
    put(START, bytes)
  for (let second = 60; second < 85; second++)
    for (let packet = 0; packet < packetsPerSecond; packet++)
      put(START + second, tcpOut(CAMERA, SERVER, { payload: new Uint8Array(1_400) }))
  put(START + 3_600, tcpOut(PHONE, OTHER_SERVER))
  return Buffer.concat(records)
}

async function outcome(scope: string, alerts: Record<string, unknown>): Promise<DryRun> {
  const { id } = await home.client.send<DryRun>('POST', '/api/dry-runs', { scope, alerts })
  return eventually(
    () => home.client.get<DryRun>(`/api/dry-runs/${id}`),
    ({ state }) => state !== 'running',
  )
}

beforeAll(async () => {
  mkdirSync(captures, { recursive: true })
  home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`folder:${captures}`)] })
  // The captures are years old: whether their source has stopped depends on when it is looked at.
  await home.client.send('PATCH', '/api/settings', { alerts: { sourceStopped: false } })
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('settings of alerts', () => {
  test('cannot be tried before anything is kept', async () => {
    await expect(home.client.send('POST', '/api/dry-runs', { scope: 'live', alerts: {} })).rejects.toThrow(
      /409 .*nothing-kept/,
    )
  })

  test('are tried over what the home keeps: what would be new is reported with its time, device and sentence, and nothing is changed', async () => {
    writeFileSync(join(captures, 'home-1.pcap'), upload())
    await eventually(
      () => home.client.get<TrafficStatus>('/api/traffic/live/status'),
      ({ last }) => last !== null && last >= START + 3_600,
    )
    const before = await home.client.get<SettingsPage>('/api/settings')
    const { state, result, error } = await outcome('live', LOUD)
    expect([state, error]).toEqual(['done', null])
    expect([result?.today, result?.tried]).toEqual([0, 1])
    const [alert] = result?.alerts ?? []
    expect(alert).toMatchObject({ change: 'new', kind: 'quiet-hours', device: CAMERA.mac })
    expect(alert?.message).toMatch(/sent 1\.\d MB to Wyze in an hour that is usually quiet/)
    expect(Math.abs((alert?.to ?? 0) - (START + 60))).toBeLessThan(120)
    expect(result?.from).toBeLessThanOrEqual(START)
    expect(await home.client.get<SettingsPage>('/api/settings')).toEqual(before)
    expect(await home.client.get<AlertRow[]>('/api/traffic/live/alerts')).toEqual([])
  })

  test('are tried over a recording that is open, in a thread of its own', async () => {
    const { id } = await home.client.upload<Replay>('loud.pcap', upload(200))
    const { state, result, error } = await outcome(id, { largeUploadMegabytes: 1 })
    expect([state, error]).toEqual(['done', null])
    expect([result?.today, result?.tried]).toEqual([0, 1])
    expect(result?.alerts[0]).toMatchObject({ change: 'new', kind: 'large-upload', device: CAMERA.mac })
    expect(result?.alerts[0]?.message).toContain(' sent 7.')
    const off = await outcome(id, { largeUpload: false, largeUploadMegabytes: 1, uploadSpike: false })
    expect([off.result?.tried, off.result?.alerts.filter(({ change }) => change === 'new')]).toEqual([0, []])
    await home.client.send('DELETE', `/api/replays/${id}`)
    await expect(home.client.send('POST', '/api/dry-runs', { scope: id, alerts: {} })).rejects.toThrow(
      /404 .*no-such-replay/,
    )
  })

  test('that are wrong are refused by name, and other sections are none of it', async () => {
    await expect(
      home.client.send('POST', '/api/dry-runs', { scope: 'live', alerts: { largeUploadMegabytes: 0 } }),
    ).rejects.toThrow(/400 .*alerts\.largeUploadMegabytes/)
    await expect(home.client.send('POST', '/api/dry-runs', { scope: 'live', alerts: { nonsense: 1 } })).rejects.toThrow(
      /400 .*nonsense/,
    )
    await expect(home.client.send('POST', '/api/dry-runs', { scope: 'live', access: {} })).rejects.toThrow(/400/)
  })

  test('that were tried are forgotten when given up, when tried anew, and with a forgotten device', async () => {
    const first = await outcome('live', LOUD)
    const second = await outcome('live', LOUD)
    await expect(home.client.get(`/api/dry-runs/${first.id}`)).rejects.toThrow(/404 .*no-such-dry-run/)
    await home.client.send('DELETE', `/api/dry-runs/${second.id}`)
    await expect(home.client.get(`/api/dry-runs/${second.id}`)).rejects.toThrow(/404 .*no-such-dry-run/)
    const third = await outcome('live', LOUD)
    await home.client.send('POST', `/api/devices/${encodeURIComponent(CAMERA.mac)}/forget`, { ignore: false })
    await expect(home.client.get(`/api/dry-runs/${third.id}`)).rejects.toThrow(/404 .*no-such-dry-run/)
  })
})
