// A capture of many days: habits are learned from its first days, and held against the later ones: the
// same analysed and played.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { replayed } from '../../support/replayed.ts'
import { arpFrom, dnsAnswerA, type Host, OTHER_SERVER, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'
import type { AlertEntry } from '../../../server/detection/entries.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-days-'))
const rules = openRules(compiledRulesFolder())
const HOUR = 3_600
const DAY = 24 * HOUR
/** 2026-06-01, a Monday, at midnight where this test runs. */
const START = new Date(2026, 5, 1).getTime() / 1000
const CAMERA: Host = { mac: '2c:aa:8e:00:00:01', address: '192.168.1.30' }
const PHONE: Host = { mac: '02:00:00:00:00:0b', address: '192.168.1.31' }
const LAPTOP: Host = { mac: '02:00:00:00:00:0c', address: '192.168.1.32' }
const STRANGER = '198.51.100.99'

type Put = (second: number, bytes: Uint8Array) => void

const PAUSE = 240
/** Talks to its company every four minutes, all day. */
function talk(put: Put, from: Host, name: string, address: string, days: number, until = days * DAY): void {
  for (let at = START + 60; at < START + until; at += PAUSE) {
    if ((at - START) % DAY < PAUSE)
      for (const bytes of [
        arpFrom(from),
        dnsAnswerA(from, name, address),
        tcpOut(from, address, { payload: tlsHello(name) }),
      ])
        put(at, bytes)
    put(at + 1, tcpOut(from, address, { payload: new Uint8Array(600) }))
  }
}

function upload(put: Put, from: Host, address: string, second: number, bytes: number): void {
  for (let sent = 0; sent < bytes; sent += 1_400)
    put(second + Math.floor(sent / 28_000), tcpOut(from, address, { payload: new Uint8Array(1_400) }))
}

function capture(name: string, days: number, happens: (put: Put) => void, cameraUntil?: number): string {
  const packets: { second: number; bytes: Uint8Array }[] = []
  const put: Put = (second, bytes) => {
    packets.push({ second, bytes })
  }
  talk(put, CAMERA, 'device-api.wyzecam.com', SERVER, days, cameraUntil)
  talk(put, PHONE, 'www.example.com', OTHER_SERVER, days)
  happens(put)
  packets.sort((one, other) => one.second - other.second)
  const path = join(folder, name)
  writeFileSync(
    path,
    Buffer.concat([
      pcapHeader({}),
      ...packets.map(({ second, bytes }) => pcapRecord({ seconds: second, nanos: 1_000, bytes })),
    ]),
  )
  return path
}

async function alertsOf(path: string): Promise<{ analysis: Analysis; alerts: AlertEntry[] }> {
  const analysis = await analyzeFile(path, { rules })
  expect((await replayed(rules, path, 'max')).alerts).toEqual(analysis.alerts)
  return { analysis, alerts: analysis.alerts }
}

const brief = (alerts: readonly AlertEntry[]): [string, string | null, string | null][] =>
  alerts.map(({ kind, device, company }) => [kind, device, company])

afterAll(() => rmSync(folder, { recursive: true }))

describe('a capture of ten days', () => {
  test('in which nothing happens yields no alert', async () => {
    const { analysis, alerts } = await alertsOf(capture('calm.pcap', 10, () => {}))
    expect(analysis.devices.find(({ id }) => id === CAMERA.mac)?.kind).toBe('camera')
    expect(alerts).toEqual([])
  })

  test('reports a company that is new for a camera, and not of one that is new for a phone', async () => {
    const contact = (put: Put, from: Host): void => {
      const at = START + 8 * DAY + 10 * HOUR
      for (const bytes of [
        dnsAnswerA(from, 'www.byteoversea.com', STRANGER),
        tcpOut(from, STRANGER, { payload: tlsHello('www.byteoversea.com') }),
      ])
        put(at, bytes)
      upload(put, from, STRANGER, at + 1, 9_000)
    }
    const { alerts } = await alertsOf(capture('company.pcap', 10, (put) => contact(put, CAMERA)))
    expect(brief(alerts)).toEqual([['new-company', CAMERA.mac, 'bytedance']])
    expect(new Date(alerts[0]?.at ?? '').getTime() / 1000 - (START + 8 * DAY + 10 * HOUR)).toBeLessThan(60)
    expect(alerts[0]?.message).toContain('which it never talked to before')
    const ofPhone = await alertsOf(capture('phone.pcap', 10, (put) => contact(put, PHONE)))
    expect(ofPhone.alerts).toEqual([])
  })

  test('reports a device that was never there in the days before', async () => {
    const { alerts } = await alertsOf(
      capture('device.pcap', 10, (put) => {
        for (const bytes of [arpFrom(LAPTOP), tcpOut(LAPTOP, OTHER_SERVER, { payload: new Uint8Array(300) })])
          put(START + 9 * DAY, bytes)
      }),
    )
    expect(brief(alerts)).toEqual([['new-device', LAPTOP.mac, null]])
  })

  test('reports a camera that sends in an hour that always was quiet', async () => {
    const { alerts } = await alertsOf(
      capture('night.pcap', 10, (put) => upload(put, CAMERA, SERVER, START + 8 * DAY + 3 * HOUR, 4_000_000)),
    )
    expect(alerts.filter(({ device }) => device !== CAMERA.mac)).toEqual([])
    expect(alerts.length).toBe(1)
    expect(['quiet-hours', 'upload-spike']).toContain(alerts[0]?.kind)
  })

  test('reports a camera that has fallen silent while others go on', async () => {
    const { alerts } = await alertsOf(capture('silent.pcap', 10, () => {}, 8 * DAY))
    expect(brief(alerts)).toEqual([['silent', CAMERA.mac, null]])
  })

  test('is learned anew: what is new within its first days is not reported', async () => {
    const { alerts } = await alertsOf(
      capture('short.pcap', 3, (put) => {
        const at = START + 2 * DAY
        for (const bytes of [
          dnsAnswerA(CAMERA, 'www.byteoversea.com', STRANGER),
          tcpOut(CAMERA, STRANGER, { payload: tlsHello('www.byteoversea.com') }),
        ])
          put(at, bytes)
        upload(put, CAMERA, STRANGER, at + 1, 9_000)
      }),
    )
    expect(alerts).toEqual([])
  })
})
