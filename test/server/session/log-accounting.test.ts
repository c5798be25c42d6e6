// Tests of log accounting: logs and packets agree, and look-ups stay exact whatever device an address turns out to be.
import { expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { CELL_LENGTH, LOOKUP_LENGTH, type Batch, type Endpoint } from '../../../server/model/batch.ts'
import { TrafficAccounting } from '../../../server/session/accounting.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { arpFrom, CAMERA, ipLength, PHONE, SERVER, tcpIn, tcpOut } from '../engine/lab.ts'
import type { Policy } from '../../../server/model/policy.ts'

const rules = openRules(compiledRulesFolder())
const policy: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }

/** Accounting with packets, log lines, and what it handed on so far. */
class Home {
  readonly accounting = new TrafficAccounting(rules, null, policy)
  private readonly reader = new CaptureReader((frame) => this.accounting.engine.packet(frame))
  private readonly ids = new Map<number, string>()
  private readonly hosts = new Map<number, Endpoint>()
  private readonly sent = new Map<string, number>()
  private readonly counts = new Map<string, number>()

  constructor() {
    this.reader.push(pcapHeader({}))
  }

  packet(seconds: number, bytes: Uint8Array): void {
    this.reader.push(pcapRecord({ seconds, nanos: 0, bytes }))
  }

  log(...records: LogRecord[]): void {
    for (const record of records) this.accounting.addLog(record, 2_000_000_000, false)
  }

  /** What was accounted until now: bytes sent, and look-ups, by device and host. */
  drain(now: number): { sent: Record<string, number>; lookups: Record<string, number> } {
    this.accounting.engine.timeMark(now)
    this.add(this.accounting.drain())
    const some = (sums: Map<string, number>): Record<string, number> =>
      Object.fromEntries([...sums].filter(([, sum]) => sum !== 0))
    return { sent: some(this.sent), lookups: some(this.counts) }
  }

  private add({ devices, endpoints, cells, lookups = new Float64Array() }: Batch): void {
    for (const { index, id } of devices) this.ids.set(index, id)
    for (const endpoint of endpoints) this.hosts.set(endpoint.number, endpoint)
    const key = (device: number, endpoint: number): string =>
      `${this.ids.get(device)} ${this.hosts.get(endpoint)?.host ?? this.hosts.get(endpoint)?.company ?? 'no name'}`
    const plus = (sums: Map<string, number>, name: string, more: number): void =>
      void sums.set(name, (sums.get(name) ?? 0) + more)
    for (let at = 0; at < cells.length; at += CELL_LENGTH)
      if (cells[at + 2] !== 0) plus(this.sent, key(cells[at + 1], cells[at + 2]), cells[at + 3])
    for (let at = 0; at < lookups.length; at += LOOKUP_LENGTH)
      plus(this.counts, key(lookups[at + 1], lookups[at + 2]), lookups[at + 3])
  }
}

const query = (client: string, name: string, time: number): LogRecord => ({
  kind: 'query',
  client,
  name,
  type: 1,
  time,
})
const answer = (client: string, name: string, time: number, addresses: string[]): LogRecord => ({
  kind: 'answer',
  client,
  name,
  type: 1,
  time,
  status: 'answered',
  addresses,
  aliases: [],
})
const lease = (mac: string, address: string): LogRecord => ({ kind: 'lease', time: null, mac, address, name: null })

test('a log names the addresses of packets, also of a flow that began before the line was read', () => {
  const home = new Home()
  const hello = tcpOut(CAMERA, SERVER, { sourcePort: 5001, payload: new Uint8Array(100) })
  home.packet(1000, arpFrom(CAMERA))
  home.packet(1000, hello)
  expect(home.drain(1001).sent).toEqual({ [`${CAMERA.mac} no name`]: ipLength(hello) })
  home.log(query(CAMERA.address, 'cam.example.com', 1000), answer(CAMERA.address, 'cam.example.com', 1000, [SERVER]))
  home.packet(1001, tcpIn(CAMERA, SERVER, { destinationPort: 5001 }))
  home.drain(1002)
  home.packet(1002, hello)
  const { sent, lookups } = home.drain(1003)
  expect(sent).toEqual({ [`${CAMERA.mac} cam.example.com`]: 2 * ipLength(hello) })
  expect(lookups).toEqual({ [`${CAMERA.mac} cam.example.com`]: 1 })
})

test("one device's answer is not another's, and an old flow keeps what it was", () => {
  const home = new Home()
  home.packet(1000, arpFrom(CAMERA))
  home.packet(1000, arpFrom(PHONE))
  const early = tcpOut(CAMERA, SERVER, { sourcePort: 5001, payload: new Uint8Array(40) })
  home.packet(1000, early)
  home.drain(1001)
  home.log(answer(CAMERA.address, 'late.example.com', 1500, [SERVER]))
  expect(home.drain(1501).sent).toEqual({ [`${CAMERA.mac} no name`]: ipLength(early) })
  const later = tcpOut(CAMERA, SERVER, { sourcePort: 5002, payload: new Uint8Array(60) })
  home.packet(1502, later)
  expect(home.drain(1503).sent).toEqual({
    [`${CAMERA.mac} no name`]: ipLength(early),
    [`${CAMERA.mac} late.example.com`]: ipLength(later),
  })
})

test('look-ups follow their address to the device that the router names later, and stay where the address was before', () => {
  const home = new Home()
  home.log(query('192.168.1.10', 'a.example.com', 1000), query('192.168.1.10', 'a.example.com', 1001))
  expect(home.drain(1002).lookups).toEqual({ '192.168.1.10 a.example.com': 2 })
  home.log(lease(CAMERA.mac, '192.168.1.10'))
  expect(home.drain(1003).lookups).toEqual({ [`${CAMERA.mac} a.example.com`]: 2 })
  home.log(lease(PHONE.mac, '192.168.1.10'), query('192.168.1.10', 'b.example.com', 1100))
  expect(home.drain(1101).lookups).toEqual({ [`${CAMERA.mac} a.example.com`]: 2, [`${PHONE.mac} b.example.com`]: 1 })
})

test('a device from outside is none of the home, and a time to come is now', () => {
  const home = new Home()
  home.log(query('8.8.8.8', 'a.example.com', 1000), query('192.168.1.10', 'b.example.com', 9_000_000_000))
  const { lookups } = home.accounting.drain()
  expect([...(lookups ?? [])]).toEqual([1_999_999_980, 0, 1, 1])
})
