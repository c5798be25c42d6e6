// Tests of log accounting: logs and packets agree, and look-ups stay exact whatever device an address turns out to be.
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { AdGuardHomeLog } from '../../../capture/logs/adguard-home.ts'
import { DnsmasqLog } from '../../../capture/logs/dnsmasq.ts'
import type { LogAnswer, LogParser, LogRecord } from '../../../capture/logs/record.ts'
import { UnboundLog } from '../../../capture/logs/unbound.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { CELL_LENGTH, LOOKUP_LENGTH, type Batch, type Endpoint, VERDICT_LENGTH } from '../../../server/model/batch.ts'
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
  private readonly blocked = new Map<string, number>()
  private readonly answered = new Map<string, number>()

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

  /** Look-ups until now, and how many of them were blocked and answered, by device and host. */
  verdicts(): Record<string, number[]> {
    this.add(this.accounting.drain())
    const names = [...this.counts].filter(([, sum]) => sum !== 0).map(([name]) => name)
    return Object.fromEntries(
      names.map((name) => [name, [this.counts, this.blocked, this.answered].map((sums) => sums.get(name) ?? 0)]),
    )
  }

  private add({ devices, endpoints, cells, lookups = new Float64Array(), verdicts = new Float64Array() }: Batch): void {
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
    for (let at = 0; at < verdicts.length; at += VERDICT_LENGTH) {
      plus(this.blocked, key(verdicts[at + 1], verdicts[at + 2]), verdicts[at + 3])
      plus(this.answered, key(verdicts[at + 1], verdicts[at + 2]), verdicts[at + 4])
    }
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

/** The look-ups of lines as a parser reads them, with what became of them: by device and host. */
function verdictsOf(parser: LogParser, lines: readonly string[], home = new Home()): Record<string, number[]> {
  for (const line of lines) home.log(...parser.parse(line))
  return home.verdicts()
}

const AT = Date.parse('2026-11-24T10:00:30Z') / 1000

describe('what became of look-ups', () => {
  test('is kept of a Pi-hole log: blocked by a list, in an alias, or answered', () => {
    const line = (text: string): string => `Nov 24 10:00:00 dnsmasq[7]: ${text}`
    const found = verdictsOf(new DnsmasqLog(() => AT), [
      line('query[A] ads.example.com from 192.168.1.10'),
      line('gravity blocked ads.example.com is 0.0.0.0'),
      line('query[AAAA] ads.example.com from 192.168.1.10'),
      line('gravity blocked ads.example.com is ::'),
      line('query[A] www.example.com from 192.168.1.10'),
      line('forwarded www.example.com to 192.0.2.53'),
      line('query[AAAA] www.example.com from 192.168.1.10'),
      line('reply www.example.com is <CNAME>'),
      line('reply edge.example.net is 192.0.2.80'),
      line('reply www.example.com is NODATA-IPv6'),
      line('query[A] gone.example.com from 192.168.1.11'),
      line('reply gone.example.com is NXDOMAIN'),
    ])
    expect(found).toEqual({
      '192.168.1.10 ads.example.com': [2, 2, 0],
      '192.168.1.10 www.example.com': [2, 0, 1],
      '192.168.1.11 gone.example.com': [1, 0, 0],
    })
  })

  test('is kept of an AdGuard Home log, where one line is both', () => {
    const line = (name: string, reason: number): string =>
      JSON.stringify({
        T: '2026-11-24T10:00:00Z',
        QH: name,
        QT: 'A',
        IP: '192.168.1.10',
        ...(reason === 0 ? {} : { Result: { IsFiltered: true, Reason: reason } }),
      })
    const lines = [line('t.example.com', 3), line('t.example.com', 3), line('t.example.com', 0), line('s.example', 8)]
    expect(verdictsOf(new AdGuardHomeLog(), lines)).toEqual({
      '192.168.1.10 t.example.com': [3, 2, 0],
      '192.168.1.10 s.example': [1, 1, 0],
    })
  })

  test('is kept of an unbound log, whose filter and reply are two lines about one look-up', () => {
    const line = (text: string): string => `[1795383622] unbound[7:0] info: ${text}`
    const lines = [
      line('192.168.1.10 ads.example.com. A IN'),
      line('ads.example.com. always_null 192.168.1.10@4000 ads.example.com. A IN'),
      line('192.168.1.10 ads.example.com. A IN NOERROR 0.000000 1 60'),
      line('192.168.1.10 ok.example.com. A IN'),
      line('192.168.1.10 ok.example.com. A IN NOERROR 0.010000 0 60'),
    ]
    expect(verdictsOf(new UnboundLog(() => AT), lines)).toEqual({
      '192.168.1.10 ads.example.com': [1, 1, 0],
      '192.168.1.10 ok.example.com': [1, 0, 1],
    })
  })

  test('is not known of a log that has queries only', () => {
    expect(verdictsOf({ parse: () => [query('192.168.1.10', 'a.example', 1000)] }, ['one', 'two'])).toEqual({
      '192.168.1.10 a.example': [2, 0, 0],
    })
  })

  test('comes with a later batch where the answer does, and goes along to the device that the router names', () => {
    const home = new Home()
    const blocked = (time: number): LogRecord => ({
      ...(answer('192.168.1.10', 'a.example.com', time, []) as LogAnswer),
      status: 'blocked',
    })
    home.log(query('192.168.1.10', 'a.example.com', 1079))
    home.drain(1080)
    home.log(query('192.168.1.10', 'a.example.com', 1081), blocked(1081))
    expect(home.verdicts()).toEqual({ '192.168.1.10 a.example.com': [2, 1, 0] })
    home.log(blocked(1082))
    expect(home.verdicts()).toEqual({ '192.168.1.10 a.example.com': [2, 2, 0] })
    home.log(lease(CAMERA.mac, '192.168.1.10'))
    expect(home.verdicts()).toEqual({ [`${CAMERA.mac} a.example.com`]: [2, 2, 0] })
  })

  test('is counted for nothing once the device is forgotten, or less of it is kept', () => {
    const home = new Home()
    const blocked = { ...(answer(CAMERA.address, 'a.example.com', 1001, []) as LogAnswer), status: 'blocked' as const }
    home.packet(1000, arpFrom(CAMERA))
    home.log(query(CAMERA.address, 'a.example.com', 1000))
    expect(home.verdicts()).toEqual({ [`${CAMERA.mac} a.example.com`]: [1, 0, 0] })
    home.accounting.setPolicy({ ...policy, levels: { [CAMERA.mac]: 'totals' } })
    home.log(blocked)
    expect(home.verdicts()).toEqual({ [`${CAMERA.mac} a.example.com`]: [1, 0, 0] })
    home.log(query(CAMERA.address, 'a.example.com', 1001))
    home.accounting.forgetLogs([CAMERA.mac])
    home.log(blocked)
    expect(home.verdicts()).toEqual({ [`${CAMERA.mac} a.example.com`]: [1, 0, 0] })
    home.log({ ...blocked, time: 1100 }, query(CAMERA.address, 'b.example.com', 1100), {
      ...blocked,
      name: 'b.example.com',
      time: 1100,
    })
    expect(home.verdicts()).toMatchObject({ [`${CAMERA.mac} *kept-back`]: [1, 1, 0] })
  })
})
