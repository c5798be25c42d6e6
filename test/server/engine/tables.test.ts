// The engine's literal limits, and what it makes of its tables.
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import { StreamAssembly } from '../../support/stream-assembly.ts'
import type { Tick } from '../../../server/engine/tick.ts'
import {
  analysisOf,
  arpFrom,
  CAMERA,
  dnsAnswerA,
  ipLength,
  namesOf,
  newLab,
  PHONE,
  SERVER,
  tcpOut,
  tlsHello,
  trafficOf,
  udpIn,
  udpOut,
  udpWithin,
} from './lab.ts'

test('the caps of tables that the network feeds are these', () => {
  expect(LIMITS).toEqual({
    addresses: 131_072,
    addressesPerMac: 32_768,
    macs: 32_768,
    bindings: 65_536,
    newcomers: 1_024,
    answeredNewcomers: 4_096,
    newcomersPerMinute: 512,
    homeAddressesPerMac: 64,
    heldPackets: 32_768,
    knownSenders: 8_192,
    flows: 65_536,
    rows: 131_072,
    rowsPerDevice: 32_768,
    names: 131_072,
    nameBytes: 8_388_608,
    namesPerDevice: 16_384,
    nameMemory: 131_072,
    dnsQueries: 131_072,
    dnsOutstanding: 4_096,
    assemblies: 512,
    assemblyBytes: 65_536,
    assemblySegments: 48,
    quicHandshakes: 512,
    quicInitialsPerDevice: 200,
    quicInitialsOfUnread: 1000,
    fragments: 1_024,
    fragmentedAnswers: 16,
    fragmentedAnswerBytes: 8_192,
    certificateBytes: 16_384,
    flightBytes: 20_480,
    certificatesPerSecond: 200,
    homePrefixes: 16,
    evidenceDevices: 16_384,
    evidenceValues: 32,
    conflicts: 512,
    mdnsNames: 16_384,
    mdnsOwners: 4_096,
    unconfirmedAnnouncements: 128,
    repeatedAddresses: 1_024,
    repeatedNames: 8,
  })
})

describe('a tick', () => {
  test('of a device says what it sent and received, and what it did at home', () => {
    const ticks: Tick[] = []
    const lab = newLab({ onTick: (tick) => ticks.push(tick) })
    const up = udpOut(CAMERA, SERVER, { payload: new Uint8Array(72) })
    const down = udpIn(CAMERA, SERVER, { payload: new Uint8Array(172) })
    const within = udpWithin(CAMERA, PHONE, { payload: new Uint8Array(10) })
    lab.add(100, arpFrom(PHONE))
    lab.add(100.1, up)
    lab.add(100.2, down)
    lab.add(100.3, down)
    lab.add(100.4, within)
    const analysis = lab.analyze()
    expect(ticks).toHaveLength(1)
    const [tick] = ticks as [Tick]
    expect([tick.second, [...tick.sent], [...tick.received]]).toEqual([100, [100], [400]])
    const places = [...tick.sentLocal].map((sent, at) => [sent, tick.receivedLocal[at]])
    expect(places.sort()).toEqual([
      [0, ipLength(within)],
      [ipLength(within), 0],
    ])
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([100, 400, ipLength(within), 0])
    expect(trafficOf(analysis, PHONE.mac)).toEqual([0, 0, 0, ipLength(within)])
  })
})

describe('a name that a log tells late', () => {
  const late = (from: number): string[] => {
    const ticks: Tick[] = []
    const lab = newLab({ onTick: (tick) => ticks.push(tick) })
    lab.add(1_000, tcpOut(CAMERA, SERVER, { sourcePort: 1 }))
    lab.add(1_001, tcpOut(CAMERA, SERVER, { sourcePort: 2, payload: tlsHello('own.example') }))
    lab.add(1_002, dnsAnswerA(CAMERA, 'late.example', SERVER))
    lab.engine.nameSince(from)
    return namesOf(lab.analyze(), CAMERA).sort()
  }

  test('names the flow without one that began since, and leaves alone what TLS named', () => {
    expect(late(1_000)).toEqual(['late.example dns', 'own.example tls'])
  })

  test('leaves alone a flow that began before', () => {
    expect(late(1_001)).toEqual(['- none', 'own.example tls'])
    expect(namesOf(analysisOf([tcpOut(CAMERA, SERVER)]), CAMERA)).toEqual(['- none'])
  })
})

test('packets that could not be read are counted by where they stopped', () => {
  const lab = newLab()
  const whole = udpOut(CAMERA, SERVER)
  for (let time = 0; time < 3; time++) lab.add(1_000 + time, whole.slice(0, 20), whole.length)
  lab.add(1_003, whole)
  lab.analyze()
  expect([...lab.engine.stopped.values()]).toEqual([3])
})

describe('a stream that is put together', () => {
  const piece = new Uint8Array(100).fill(7)

  test('takes 48 pieces, and is full at 65,536 bytes, in order and waiting ones together', () => {
    const stream = new StreamAssembly(0, true)
    for (let index = 0; index < 47; index++) stream.add(index * 100, piece, 0, 100)
    expect(stream.isFull).toBe(false)
    stream.add(4_700, piece, 0, 100)
    expect([stream.isFull, stream.length, stream.next]).toEqual([true, 4_800, 4_800])
    const large = new StreamAssembly(0, true)
    large.add(0, new Uint8Array(65_535), 0, 65_535)
    expect(large.isFull).toBe(false)
    large.add(65_535, piece, 0, 100)
    expect([large.isFull, large.length]).toEqual([true, 65_536])
    const waiting = new StreamAssembly(0, true)
    waiting.add(1, new Uint8Array(65_535), 0, 65_535)
    expect([waiting.isFull, waiting.length]).toEqual([false, 0])
    waiting.add(65_537, piece, 0, 1)
    expect(waiting.isFull).toBe(true)
  })

  test('begins anew behind a message that was read, pieces and all', () => {
    const stream = new StreamAssembly(1_000, true)
    stream.add(1_000, piece, 0, 100)
    stream.add(1_150, piece, 0, 50)
    stream.consume(60)
    expect([stream.length, stream.next, stream.segments]).toEqual([40, 1_100, 0])
    expect(stream.add(1_100, piece, 0, 50)).toBe(true)
    expect([stream.length, stream.next]).toEqual([140, 1_200])
  })

  test('goes back by less than 65,536 bytes, and only where its beginning is not known', () => {
    const lengthAfter = (base: number, sequence: number, hasBase = false): number => {
      const stream = new StreamAssembly(base, hasBase)
      stream.add(base, piece, 0, 100)
      stream.add(sequence, new Uint8Array(65_535), 0, 65_535)
      return stream.length
    }
    expect(lengthAfter(70_000, 70_000 - 65_535)).toBe(65_536)
    expect(lengthAfter(70_000, 70_000 - 65_536)).toBe(100)
    expect(lengthAfter(70_000, 70_000 - 65_535, true)).toBe(100)
  })
})
