// Connections that a gateway counted, and their first packets for names, give what full capture gives.
import { describe, expect, test } from 'vitest'
import { NAMES_SOURCE } from '../../../capture/core/constants.ts'
import { CreditWriter } from '../../../capture/connections/credit-writer.ts'
import type { Moved } from '../../../capture/connections/connection-table.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { addressText, parseAddress } from '../../../capture/ip-address.ts'
import { DEFAULT_SETTINGS, detectorSettings } from '../../../server/alerts/settings.ts'
import { AT_HOME, type Batch, type Endpoint } from '../../../server/model/batch.ts'
import type { History } from '../../../server/history/history.ts'
import type { Policy } from '../../../server/model/policy.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import type { FromEngine, SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import {
  arpFrom,
  CAMERA,
  dnsAnswerA,
  dnsQuery,
  type Host,
  ipLength,
  OTHER_SERVER,
  PHONE,
  ROUTER,
  SERVER,
  tcpIn,
  tcpOut,
  tlsHello,
  udpOut,
  udpWithin,
} from '../engine/lab.ts'

const rules = openRules(compiledRulesFolder())
const POLICY: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }
/** All day should be quiet, from the first minute on. */
const LOUD_SETTINGS = {
  ...DEFAULT_SETTINGS,
  ...detectorSettings({ quietHours: ['00:00-24:00'], quietFloorMegabytes: 1, newDevice: false }),
  learningDays: 0,
}
const START = 1_700_000_000
/** As many packets of each connection as the firewall's rule logs. */
const FIRST_PACKETS = 8
const PROTOCOL_AT = 23

interface Packet {
  second: number
  bytes: Uint8Array
}

/** What a home's history is told, and what the page is. */
class Home {
  readonly batches: Batch[] = []
  readonly messages: FromEngine[] = []
  readonly pipeline: Pipeline
  readonly packets: CaptureReader
  readonly names: CaptureReader
  readonly writer: CreditWriter
  at = START

  constructor(policy = POLICY) {
    const plan: SessionPlan = {
      source: { kind: 'live', sources: [] },
      home: [],
      timeZone: 'UTC',
      names: [],
      accountedUntil: null,
      ownHistory: false,
      alerts: { settings: LOUD_SETTINGS, memory: null },
      policy,
    }
    const history = { add: (batch: Batch) => this.batches.push(batch), tick: () => {} } as unknown as History
    this.pipeline = new Pipeline(rules, plan, history, (message) => this.messages.push(message))
    const target = { core: () => this.pipeline.core, mode: 0 }
    this.packets = new CaptureReader({ ...target, source: 1 })
    this.names = new CaptureReader({ ...target, source: NAMES_SOURCE | 1 })
    for (const reader of [this.packets, this.names]) reader.push(pcapHeader({}))
    this.writer = new CreditWriter(
      () => this.pipeline.core,
      () => this.at,
      (_, take) => take(),
    )
  }

  endSecond(second: number): void {
    this.pipeline.mark(second + 1)
    this.pipeline.flush(second + 1, [])
  }

  /** Bytes by second, device and far end, as "second device host-or-address sent received". */
  cells(): string[] {
    const devices = new Map<number, string>()
    const endpoints = new Map<number, Endpoint>()
    const sums = new Map<string, [number, number]>()
    for (const batch of this.batches) {
      for (const { index, id } of batch.devices) devices.set(index, id)
      for (const endpoint of batch.endpoints) endpoints.set(endpoint.number, endpoint)
      for (let at = 0; at < batch.cells.length; at += 5) {
        const [second, device, endpoint, sent, received] = batch.cells.subarray(at, at + 5)
        const far = endpoints.get(endpoint)
        const name = endpoint === AT_HOME ? 'home' : `${far?.host ?? far?.address} ${far?.namedBy}`
        const key = `${second} ${devices.get(device)} ${name}`
        const sum = sums.get(key) ?? [0, 0]
        sums.set(key, [sum[0] + sent, sum[1] + received])
      }
    }
    return [...sums]
      .filter(([, [sent, received]]) => sent !== 0 || received !== 0)
      .map(([key, sum]) => `${key} ${sum.join(' ')}`)
      .sort()
  }

  events(): string[] {
    return this.messages.flatMap((message) =>
      message.type === 'activity' ? message.update.events.map((event) => JSON.stringify(comparable(event))) : [],
    )
  }

  alerts(): string[] {
    return this.messages.flatMap((message) =>
      message.type === 'activity' ? message.update.alerts.map((alert) => JSON.stringify(comparable(alert))) : [],
    )
  }
}

/** Without what differs between two runs of the same. */
function comparable(value: unknown): unknown {
  const { id: _, ...rest } = value as { id?: unknown }
  return rest
}

/** Ten minutes of a home: a camera that is quiet, then uploads; a phone that talks; DNS; local traffic. */
function traffic(): Packet[] {
  const packets: Packet[] = []
  const put = (second: number, ...frames: Uint8Array[]): void =>
    void packets.push(...frames.map((bytes) => ({ second: START + second, bytes })))
  put(
    0,
    arpFrom(ROUTER),
    arpFrom(CAMERA),
    arpFrom(PHONE),
    dnsQuery(CAMERA, 'clips.wyze.com'),
    dnsAnswerA(CAMERA, 'clips.wyze.com', SERVER),
    tcpOut(CAMERA, SERVER, { payload: tlsHello('clips.wyze.com') }),
    tcpIn(CAMERA, SERVER, { payload: new Uint8Array(1200) }),
    tcpOut(PHONE, OTHER_SERVER, { payload: tlsHello('www.example.com') }),
    tcpIn(PHONE, OTHER_SERVER, { payload: new Uint8Array(900) }),
  )
  for (let second = 1; second <= 60; second++)
    for (let packet = 0; packet < 20; packet++) put(second, tcpOut(CAMERA, SERVER, { payload: new Uint8Array(1_400) }))
  for (let second = 5; second <= 120; second += 10)
    put(second, udpOut(PHONE, '192.0.2.77', { payload: new Uint8Array(100) }), udpWithin(PHONE, CAMERA))
  put(150, tcpOut(PHONE, OTHER_SERVER, { payload: new Uint8Array(50) }))
  return packets
}

/** The connections of a second's packets, as conntrack counts them: each from the end that began. */
function connectionsOf(frames: readonly Uint8Array[]): Moved[] {
  const connections = new Map<string, Moved>()
  for (const bytes of frames) {
    const end = (at: number): string => [...bytes.subarray(at, at + 4)].join('.')
    const port = (at: number): number => (bytes[at] << 8) | bytes[at + 1]
    const [from, to, fromPort, toPort] = [end(26), end(30), port(34), port(36)]
    const isA =
      from.startsWith('192.168.1.') &&
      !(to.startsWith('192.168.1.') && connections.has(`${to} ${toPort} ${from} ${fromPort}`))
    const key = isA ? `${from} ${fromPort} ${to} ${toPort}` : `${to} ${toPort} ${from} ${fromPort}`
    const [a, portA, b, portB] = key.split(' ')
    const moved = connections.get(key) ?? {
      version: 4,
      protocol: bytes[PROTOCOL_AT],
      a: parseAddress(a) as Moved['a'],
      b: parseAddress(b) as Moved['b'],
      portA: Number(portA),
      portB: Number(portB),
      packetsA: 0,
      bytesA: 0,
      packetsB: 0,
      bytesB: 0,
    }
    if (isA) {
      moved.packetsA++
      moved.bytesA += ipLength(bytes)
    } else {
      moved.packetsB++
      moved.bytesB += ipLength(bytes)
    }
    connections.set(key, moved)
  }
  return [...connections.values()]
}

const isIp = ({ bytes }: Packet): boolean => bytes[12] === 8 && bytes[13] === 0
const record = ({ second, bytes }: Packet): Uint8Array =>
  pcapRecord({ seconds: second, nanos: 1_000, bytes, originalLength: bytes.length })

/** The same seconds by full capture, and by credits with names and the gateway's table of neighbours. */
function bothWays(policy = POLICY): { captured: Home; credited: Home } {
  const captured = new Home(policy)
  const credited = new Home(policy)
  for (const { mac, address } of [ROUTER, CAMERA, PHONE])
    credited.pipeline.log({ kind: 'lease', time: null, mac, address, name: null }, START, false)
  const packets = traffic()
  const logged = new Map<string, number>()
  for (let second = START; second <= START + 200; second++) {
    const now = packets.filter((packet) => packet.second === second)
    for (const packet of now) captured.packets.push(record(packet))
    for (const packet of now) {
      const [moved] = isIp(packet) ? connectionsOf([packet.bytes]) : []
      const key =
        moved === undefined ? 'arp' : `${addressText(moved.a)} ${moved.portA} ${addressText(moved.b)} ${moved.portB}`
      const count = logged.get(key) ?? 0
      logged.set(key, count + 1)
      if (count < FIRST_PACKETS) credited.names.push(record(packet))
    }
    credited.at = second + 0.85
    for (const moved of connectionsOf(now.filter(isIp).map(({ bytes }) => bytes))) credited.writer.add(moved)
    credited.writer.flush()
    for (const home of [captured, credited]) home.endSecond(second)
  }
  for (const home of [captured, credited]) {
    home.pipeline.finish()
    home.endSecond(START + 201)
  }
  return { captured, credited }
}

describe('the same traffic by full capture and by credits with names', () => {
  const { captured, credited } = bothWays()

  test('has the same bytes of the same devices and far ends in the same seconds', () => {
    const cells = captured.cells()
    expect(cells.length).toBeGreaterThan(60)
    expect(cells.some((cell) => cell.includes('clips.wyze.com tls'))).toBe(true)
    expect(credited.cells()).toEqual(cells)
  })

  test('raises the same alerts', () => {
    const alerts = captured.alerts()
    expect(alerts.length).toBeGreaterThan(0)
    expect(credited.alerts()).toEqual(alerts)
  })

  test('has the same events', () => {
    const events = captured.events()
    expect(events.length).toBeGreaterThan(0)
    expect(credited.events()).toEqual(events)
  })
})

describe('packets for names alone', () => {
  test('count no bytes', () => {
    const home = new Home()
    for (const packet of traffic().slice(0, 200)) home.names.push(record(packet))
    home.endSecond(START + 20)
    expect(home.cells()).toEqual([])
    expect(home.pipeline.packets).toBe(200)
  })

  test('of a clock that is an hour wrong do not end the second at hand', () => {
    const home = new Home()
    home.endSecond(START - 1)
    const credit = (): void => {
      home.at = START + 0.5
      home.writer.add(connectionsOf([tcpOut(CAMERA, SERVER)])[0])
      home.writer.flush()
    }
    credit()
    home.names.push(
      record({ second: START - 3_600, bytes: tcpOut(CAMERA, SERVER, { payload: tlsHello('a.example') }) }),
    )
    credit()
    home.endSecond(START)
    const bytes = 2 * ipLength(tcpOut(CAMERA, SERVER))
    expect(home.cells()).toEqual([`${START} ${CAMERA.mac} a.example tls ${bytes} 0`])
  })
})

describe('credits', () => {
  const device = (home: Home, host: Host): string[] => home.cells().filter((cell) => cell.includes(` ${host.mac} `))

  test('of a paused device that is known by its MAC are not counted', () => {
    const home = bothWays({ ...POLICY, levels: { [CAMERA.mac]: 'paused' } })
    expect(device(home.captured, CAMERA)).toEqual([])
    expect(device(home.credited, CAMERA)).toEqual([])
    expect(home.credited.cells()).toEqual(home.captured.cells())
  })

  test('of addresses without a MAC are devices by their addresses', () => {
    const home = new Home()
    home.at = START + 0.5
    home.writer.add(connectionsOf([tcpOut(PHONE, SERVER)])[0])
    home.writer.flush()
    home.endSecond(START)
    expect(home.cells()).toEqual([`${START} ${PHONE.address} ${SERVER} none ${ipLength(tcpOut(PHONE, SERVER))} 0`])
  })

  test('of thousands of made-up senders make no thousands of devices, and each byte counts', () => {
    const home = new Home()
    home.at = START + 0.5
    const [one] = connectionsOf([tcpOut(PHONE, SERVER)])
    for (let sender = 0; sender < 5_000; sender++)
      home.writer.add({ ...one, a: [0, 0, 0xffff, (10 << 24) | (77 << 16) | sender | 0] })
    home.writer.flush()
    home.endSecond(START)
    const devices = new Set(home.batches.flatMap(({ devices }) => devices.map(({ id }) => id)))
    expect(devices.size).toBeLessThan(1_000)
    const sent = home.cells().reduce((sum, cell) => sum + Number(cell.split(' ').at(-2)), 0)
    expect(sent).toBe(5_000 * one.bytesA)
  })
})
