// The sample home is always the same, well formed, and seen by the analysis exactly as it was made.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import { writeRules } from '../../../server/rulebook/compile.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { INCIDENT } from '../../../server/sample/day.ts'
import { MEMBER_IDS, type MemberId } from '../../../server/sample/household.ts'
import { SAMPLE_START_SECONDS, makeSample, type Sample } from '../../../server/sample/sample.ts'
import type { DeviceFacts } from '../../../server/resolve/facts.ts'
import { macText } from '../../../server/sample/packets/addresses.ts'

/** What a householder must read on the screen. */
const EXPECTED: Record<MemberId, [name: string, kind: string, vendor: string]> = {
  router: ['TP-LINK', 'router', 'TP-Link'],
  echo: ['Echo-Dot-Bedroom', 'speaker', 'Amazon'],
  nest: ['Living room speaker', 'speaker', 'Google'],
  show: ['Echo-Show-Kitchen', 'display', 'Amazon'],
  camera: ['WyzeCam-Garden', 'camera', 'Wyze'],
  doorbell: ['Ring-Doorbell-Front', 'doorbell', 'Ring'],
  tv: ['Samsung-TV-Lounge', 'tv', 'Samsung'],
  washer: ['KP115-Washer', 'plug', 'TP-Link'],
  heater: ['HS110-Heater', 'plug', 'TP-Link'],
  lamp: ['tuya-lamp-plug', 'plug', 'Tuya'],
  thermostat: ['ecobee-Hall', 'thermostat', 'ecobee'],
  iphone: ['Mayas-iPhone', 'phone', 'Apple'],
  pixel: ['Pixel-8', 'phone', 'Google'],
  ipad: ['Leos-iPad', 'tablet', 'Apple'],
  laptop: ['Mayas-MacBook-Air', 'computer', 'Apple'],
}

let folder: string
let sample: Sample
let analysis: Analysis

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-sample-'))
  sample = makeSample()
  const file = join(folder, 'sample.pcap.gz')
  writeFileSync(file, gzipSync(sample.pcap))
  writeRules(fileURLToPath(new URL('../../../rules', import.meta.url)), join(folder, 'rules'))
  analysis = await analyzeFile(file, { home: null, rules: openRules(join(folder, 'rules')) })
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function deviceOf(id: MemberId): DeviceFacts {
  const mac = macText(sample.household[id].mac)
  const device = analysis.devices.find((candidate) => candidate.mac === mac)
  if (device === undefined) throw new Error(`${id} (${mac}) is not among the devices`)
  return device
}

/** Sent and received by company, as the analysis has it; `null` is unknown. */
function byCompany(device: DeviceFacts): Record<string, { sent: number; received: number }> {
  const sums: Record<string, { sent: number; received: number }> = {}
  for (const { company, sent, received } of device.endpoints) {
    const sum = (sums[String(company)] ??= { sent: 0, received: 0 })
    sum.sent += sent
    sum.received += received
  }
  return sums
}

test('the same seed gives the same bytes, another seed others', () => {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  expect(hash(makeSample().pcap)).toBe(hash(sample.pcap))
  expect(hash(makeSample(7).pcap)).not.toBe(hash(sample.pcap))
}, 180_000)

test('it is one whole day, small, and without damage', () => {
  expect(analysis.capture.packets).toBe(sample.packets)
  expect(analysis.capture.problems).toEqual([])
  const hours = (Date.parse(analysis.capture.last!) - Date.parse(analysis.capture.first!)) / 3_600_000
  expect(new Date(analysis.capture.first!).getTime() / 1000).toBeCloseTo(SAMPLE_START_SECONDS, -1)
  expect(hours).toBeGreaterThan(23.9)
  expect(hours).toBeLessThan(24)
  expect(gzipSync(sample.pcap).length).toBeLessThan(3_000_000)
})

test('nobody but the household is in it', () => {
  expect(analysis.devices.map(({ mac }) => mac).sort()).toEqual(
    MEMBER_IDS.map((id) => macText(sample.household[id].mac)).sort(),
  )
})

describe.each(MEMBER_IDS)('%s', (id) => {
  test('is called what it calls itself, with kind and maker', () => {
    const { name, kind, vendor } = deviceOf(id)
    expect([name, kind, vendor]).toEqual(EXPECTED[id])
  })

  test('sent and received as much with each company as it really did, to the byte', () => {
    const companies = sample.truth.get(id)?.companies ?? new Map()
    expect(byCompany(deviceOf(id))).toEqual(
      Object.fromEntries([...companies].map(([company, count]) => [String(company), count])),
    )
  })

  test('sent and received as much at home as it really did, to the byte', () => {
    const { sentLocal, receivedLocal } = deviceOf(id)
    expect({ sent: sentLocal, received: receivedLocal }).toEqual(sample.truth.get(id)?.local)
  })
})

test('in the night the camera sends 800 MB to a cloud that nobody else talks to', () => {
  const places = analysis.devices
    .flatMap((device) => device.endpoints.map((endpoint) => ({ device, endpoint })))
    .filter(({ endpoint }) => endpoint.company === INCIDENT.company)
  expect(places.map(({ device }) => device.mac)).toEqual([macText(sample.household[INCIDENT.device].mac)])
  const { endpoint } = places[0]
  expect(endpoint.host).toBe(INCIDENT.host)
  expect(endpoint.sent).toBeGreaterThan(INCIDENT.bytes)
  expect(endpoint.sent).toBeLessThan(1.01 * INCIDENT.bytes)
  const [first, last] = [endpoint.first!, endpoint.last!].map((time) => Date.parse(time) / 1000 - SAMPLE_START_SECONDS)
  expect(first).toBeCloseTo(INCIDENT.from, -1)
  expect(last - first).toBeGreaterThan(11 * 60)
  expect(last - first).toBeLessThan(13 * 60)
})

test('most of the traffic has a name, and some has none', () => {
  expect(analysis.coverage.share).toBeGreaterThan(0.95)
  const nameless = analysis.devices.flatMap(({ endpoints }) => endpoints).filter(({ host }) => host === null)
  expect(nameless.length).toBeGreaterThan(0)
  const unknownCompany = analysis.devices
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ company }) => company === null)
  expect(unknownCompany.length).toBeGreaterThan(nameless.length)
})
