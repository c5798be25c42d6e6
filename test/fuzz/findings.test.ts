// What the fuzzing found, as inputs built from their parts: the whole product survives each of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { Engine } from '../../server/engine/engine.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { RecordingDetection } from '../../server/detection/recording-detection.ts'
import { describeDevices } from '../../server/resolve/describe-devices.ts'
import { pcapFile, pcapngFile } from '../../server/sample/packets/pcap-writer.ts'
import { udpFrame } from '../../server/sample/packets/packet-builder.ts'
import { arpFrom, SERVER, tcpIn, tcpOut, type Host } from '../server/engine/lab.ts'
import type { Input, Step } from './input.ts'
import { Product } from './product.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-findings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const product = new Product(join(folder, 'scratch'))

const capture = (bytes: Uint8Array): Step => ({ kind: 'capture', bytes })
const host = (index: number): Host => ({
  mac: `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
  address: `192.168.${1 + (index >> 8)}.${index & 255}`,
})
/** Behind one MAC. */
const routed = (index: number): Host => ({ mac: host(1).mac, address: `192.168.${1 + (index % 3)}.${index + 1}` })
const DAY = 86_400

/** Inputs whose answers differed, or that broke something. */
const INPUTS: [name: string, input: Input][] = [
  [
    'a capture in which no packet has a time',
    {
      steps: [
        capture(
          pcapngFile({
            blocks: [
              { kind: 'interface', interface: {} },
              { kind: 'simple', bytes: tcpOut(host(10), SERVER) },
              { kind: 'simple', bytes: tcpIn(host(10), SERVER) },
            ],
          }),
        ),
      ],
    },
  ],
  [
    // A packet whose both ends are new waits once, and counts once.
    'more new senders at once than have a place, over IPv6',
    {
      steps: [
        capture(
          pcapFile(
            {},
            Array.from({ length: 40 }, (_, index) => ({
              seconds: 1_790_000_000,
              bytes: udpFrame({
                sourceMac: host(index).mac,
                destinationMac: '02:00:00:00:ff:01',
                source: `2001:db8:1::${index + 1}`,
                destination: `2001:db8:2::${index + 1}`,
                sourcePort: 5_000,
                destinationPort: 6_000,
                payload: new Uint8Array(100),
              }),
            })),
          ),
        ),
      ],
    },
  ],
]

describe('the product survives', () => {
  test.each(INPUTS)('%s', async (_, input) => {
    await expect(product.run(input)).resolves.toBeInstanceOf(Set)
  })
})

describe('a recording whose packets are days apart', () => {
  test('has its devices identified so often as its packets pay for', () => {
    const rules = openRules(compiledRulesFolder())
    const engine = new Engine({ onTick: (tick) => detection.addTick(tick) })
    const detection: RecordingDetection = new RecordingDetection(engine, rules)
    // Each look asks for the addresses of all devices; the engine knows how often it was asked.
    let asked = 0
    const { ownership } = engine
    const macText = ownership.macText.bind(ownership)
    ownership.macText = (id) => {
      asked++
      return macText(id)
    }
    const devices = 300
    const packets = Array.from({ length: devices }, (_, index) => ({
      seconds: 1_700_000_000 + index * DAY,
      bytes: tcpOut(host(index + 5), SERVER),
    }))
    const reader = new CaptureReader((frame) => engine.packet(frame))
    reader.push(pcapFile({}, packets))
    reader.end()
    engine.finish()
    detection.finish(describeDevices(engine, rules))
    // Not once for each pair of packet and device.
    expect(asked).toBeGreaterThan(devices)
    expect(asked).toBeLessThan((devices * devices) / 5)
  })
})

describe('a router of a recording, of whose many addresses the page lists some', () => {
  test('is the device of what happened at the others', () => {
    const rules = openRules(compiledRulesFolder())
    const engine = new Engine({ onTick: (tick) => detection.addTick(tick) })
    const detection: RecordingDetection = new RecordingDetection(engine, rules, { timeZone: 'UTC', isFollowed: true })
    const reader = new CaptureReader((frame) => engine.packet(frame))
    const upload = { payload: new Uint8Array(1_400) }
    const packets = Array.from({ length: 900 }, (_, index) => ({
      seconds: 1_790_000_000 + Math.floor(index / 9),
      bytes: tcpOut(routed(index % 9), SERVER, upload),
    }))
    // Only now it shows that they are its own.
    const claims = Array.from({ length: 9 }, (_, index) => ({ seconds: 1_790_000_200, bytes: arpFrom(routed(index)) }))
    reader.push(pcapFile({}, [...packets, ...claims]))
    reader.end()
    engine.finish()
    const devices = describeDevices(engine, rules)
    expect(devices.map(({ id }) => id)).toContain(host(1).mac)
    const foundWith = (addresses: (all: readonly string[]) => string[]): number => {
      const listed = devices.map((device) => ({ ...device, addresses: addresses(device.addresses) }))
      const update = detection.drainUpdate(listed, true)
      return (update?.events.length ?? 0) + (update?.alerts.length ?? 0)
    }
    const some = foundWith(() => [])
    expect(some).toBeGreaterThan(0)
    expect(some).toBe(foundWith((all) => [...all]))
  })
})
