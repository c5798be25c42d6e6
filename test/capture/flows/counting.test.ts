// What of a record counts: forms of times, totals, both directions, translation, sampling, copies, impossible figures.
import { describe, expect, test } from 'vitest'
import {
  address,
  Collector,
  dataSet,
  decoded,
  DEVICE,
  FAR,
  type Field,
  field,
  flowFields,
  ipfix,
  NOW,
  optionsSet,
  reverse,
  ROUTER,
  templateSet,
  uint,
  v5,
  v9,
} from '../../support/flow-exports.ts'

const NTP = 2_208_988_800
const ntp = (id: number, seconds: number): Field => ({ id, bytes: [...uint(seconds + NTP, 4), ...uint(2 ** 31, 4)] })
const span = (more: Field[], header = {}, arrived = NOW): [number | null, number][] =>
  decoded(flowFields(more, [152, 153]), header, arrived).map(({ time, seconds }) => [time, seconds])

describe('times', () => {
  test('stand in every form that IPFIX has', () => {
    const forms: [string, Field[]][] = [
      ['seconds', [field(150, NOW - 30, 4), field(151, NOW - 10, 4)]],
      ['milliseconds', [field(152, (NOW - 30) * 1e3, 8), field(153, (NOW - 10) * 1e3, 8)]],
      ['deltas', [field(158, 30e6, 4), field(159, 10e6, 4)]],
      ['start and duration in ms', [field(152, (NOW - 30) * 1e3, 8), field(161, 20_000, 4)]],
      ['end and duration in µs', [field(153, (NOW - 10) * 1e3, 8), field(162, 20e6, 4)]],
      ['since the start', [field(160, (NOW - 500) * 1e3, 8), field(22, 470_000, 4), field(21, 490_000, 4)]],
    ]
    for (const [form, fields] of forms) expect([form, span(fields)]).toEqual([form, [[NOW - 30, 20]]])
    expect(span([ntp(154, NOW - 30), ntp(155, NOW - 10)])).toEqual([[NOW - 29.5, 20]])
    expect(span([ntp(156, NOW - 30), ntp(157, NOW - 10)])).toEqual([[NOW - 29.5, 20]])
    // Plain counts in place of NTP's format, as some exporters write them.
    expect(span([field(154, (NOW - 30) * 1e6, 8), field(155, (NOW - 10) * 1e6, 8)])).toEqual([[NOW - 30, 20]])
    expect(span([field(323, (NOW - 7) * 1e3, 8)])).toEqual([[NOW - 7, 0]])
  })

  test('that are missing are those of the export', () => {
    expect(span([])).toEqual([[NOW, 0]])
    expect(span([field(22, 470_000, 4), field(21, 490_000, 4)])).toEqual([[NOW - 20, 20]])
  })

  test('since the start of the exporter go on where its clock begins anew after 49.7 days', () => {
    const before = 2 ** 32 - 5_000
    const { flows } = new Collector().take(v5([{ first: before, last: 10_000 }], { uptime: 15_000 }))
    expect(flows).toMatchObject([{ time: NOW - 20, seconds: 15 }])
  })

  test('of an exporter whose clock is years off are moved by as much', () => {
    for (const off of [-6 * 31_557_600, 20 * 31_557_600, -3_600]) {
      const exported = NOW + off
      const milliseconds = [field(152, (exported - 30) * 1e3, 8), field(153, (exported - 10) * 1e3, 8)]
      expect(span(milliseconds, { exported })).toEqual([[NOW - 30, 20]])
      const { flows, decoder } = new Collector().take(v5([{ first: 970_000, last: 990_000 }], { exported }))
      expect(flows).toMatchObject([{ time: NOW - 30, seconds: 20 }])
      expect([...decoder.heard][0]?.clockOffset).toBe(-off)
    }
  })

  test('that cannot be are those of the arrival, never long ago or still to come', () => {
    for (const start of [1_000, NOW - 86_400, NOW + 86_400, 4_000_000_000]) {
      const fields = flowFields([field(152, start * 1e3, 8), field(153, (start + 20) * 1e3, 8)])
      const { flows, decoder } = new Collector().take(ipfix([templateSet(300, fields), dataSet(300, fields)]))
      expect(flows).toMatchObject([{ time: NOW, seconds: 0, bytesUp: 60_000 }])
      expect(decoder.books.tally.undated).toBe(1)
    }
  })

  test('of a connection that is older than any record hold the last interval alone', () => {
    expect(span([field(152, (NOW - 90_000) * 1e3, 8), field(153, NOW * 1e3, 8)])).toEqual([[NOW - 60, 60]])
  })

  test('that end before they begin leave the record out, but for rounding', () => {
    const { flows, decoder } = new Collector().take(v5([{ first: 1_000_000, last: 990_000 }]))
    expect(flows).toEqual([])
    expect(decoder.books.tally.backwards).toBe(1)
    expect(span([field(152, NOW * 1e3, 8), field(153, NOW * 1e3 - 400, 8)])).toEqual([[NOW - 0.4, 0]])
  })

  test('of records that each begin with the connection go on where the one before ended', () => {
    const part = (end: number, octets: number): Field[] =>
      flowFields([field(1, octets, 8), field(152, (NOW - 60) * 1e3, 8), field(153, (NOW + end) * 1e3, 8)])
    const { flows } = new Collector()
      .take(ipfix([templateSet(300, part(0, 1)), dataSet(300, part(0, 5_000))]))
      .take(ipfix([dataSet(300, part(60, 7_000))], { exported: NOW + 60, sequence: 1 }), NOW + 60)
    expect(flows.map(({ time, seconds, bytesUp }) => [time, seconds, bytesUp])).toEqual([
      [NOW - 60, 60, 5_000],
      [NOW, 60, 7_000],
    ])
  })
})

describe('counts', () => {
  test('of both directions are two ways of one flow', () => {
    for (const fields of [
      flowFields([reverse(1, 9_000, 8), reverse(2, 9, 4)].concat(field(1, 60_000, 8), field(2, 60, 4))),
      flowFields([field(231, 60_000, 8), field(232, 9_000, 8)], [1, 2]),
    ])
      expect(decoded(fields).map(({ client, server, bytesUp }) => [client, server, bytesUp])).toEqual([
        [DEVICE, FAR, 60_000],
        [FAR, DEVICE, 9_000],
      ])
  })

  test('of what leaves the exporter are the same bytes in IPFIX, and in NetFlow v9 those of the other direction', () => {
    const fields = flowFields([field(23, 9_000, 8), field(24, 9, 4)])
    expect(decoded(fields).map(({ bytesUp }) => bytesUp)).toEqual([60_000])
    const times = flowFields([field(23, 9_000, 8), field(22, 970_000, 4), field(21, 1_000_000, 4)], [152, 153])
    const { flows } = new Collector().take(v9([templateSet(260, times, false), dataSet(260, times)]))
    expect(flows.map(({ client, bytesUp }) => [client, bytesUp])).toEqual([
      [DEVICE, 60_000],
      [FAR, 9_000],
    ])
  })

  test('of what leaves the exporter count where nothing else does', () => {
    expect(decoded(flowFields([field(23, 700, 4), field(24, 2, 4)], [1, 2]))).toMatchObject([{ bytesUp: 700 }])
  })

  test('that run on add what is new in each record', () => {
    const total = (octets: number, end: number): Field[] =>
      flowFields(
        [field(85, octets, 8), field(86, octets / 100, 8), field(152, NOW * 1e3, 8), field(153, (NOW + end) * 1e3, 8)],
        [1, 2],
      )
    const collector = new Collector().take(ipfix([templateSet(300, total(0, 0))]))
    for (const [octets, end] of [
      [1_000, 10],
      [5_000, 20],
      [5_000, 30],
      [6_500, 40],
    ])
      collector.take(ipfix([dataSet(300, total(octets, end))], { exported: NOW + end }), NOW + end)
    expect(collector.flows.map(({ time, seconds, bytesUp }) => [time, seconds, bytesUp])).toEqual([
      [NOW, 10, 1_000],
      [NOW + 10, 10, 4_000],
      [NOW + 30, 10, 1_500],
    ])
  })

  test('that ran on before the exporter was heard begin with the second record', () => {
    const total = (octets: number, end: number): Field[] =>
      flowFields([field(85, octets, 8), field(152, (NOW - 9_000) * 1e3, 8), field(153, (NOW + end) * 1e3, 8)], [1, 2])
    const { flows } = new Collector()
      .take(ipfix([templateSet(300, total(0, 0)), dataSet(300, total(800_000, 0))]))
      .take(ipfix([dataSet(300, total(850_000, 60))], { exported: NOW + 60 }), NOW + 60)
    expect(flows.map(({ bytesUp }) => bytesUp)).toEqual([50_000])
  })

  test('that wrapped, or fit into no packets or no line, are left out and counted', () => {
    const { flows, decoder } = new Collector()
      .take(v5([{ octets: 4_294_967_290, packets: 3 }]))
      .take(v5([{ octets: 4_294_967_290, packets: 4_000_000, first: 1_000_000 }]))
      .take(v5([{ octets: 60_000, packets: 60 }]))
    expect(flows).toHaveLength(1)
    expect(decoder.books.tally.impossible).toBe(2)
  })

  test('without times, or as estimates, are no more than a line carries in the longest time of a record', () => {
    const counted = (octets: number, more: Field[] = []): number[] =>
      decoded(flowFields([field(1, octets, 8), ...more], [2, 152, 153])).map(({ bytesUp }) => bytesUp)
    expect(counted(5e12)).toEqual([5e12])
    expect(counted(6e12)).toEqual([])
    expect(counted(60_000, [field(305, 1, 4), field(306, 99, 4)])).toEqual([6_000_000])
    expect(counted(5e11, [field(305, 1, 4), field(306, 99, 4)])).toEqual([])
  })

  test('of no bytes, of no addresses, and of events are no flows', () => {
    expect(decoded(flowFields([field(1, 0, 8)]))).toEqual([])
    expect(decoded(flowFields([], [1, 2]))).toEqual([])
    expect(decoded(flowFields([], [8]))).toEqual([])
  })

  test('of ICMP have no ports, whatever stands there', () => {
    expect(new Collector().take(v5([{ protocol: 1, destinationPort: 2_048 }])).flows).toMatchObject([
      { clientPort: 0, serverPort: 0 },
    ])
  })
})

describe('behind an address translation', () => {
  test('the receiver is the device inside, where the record has both of its addresses', () => {
    const inward = flowFields([
      { id: 8, bytes: address(FAR) },
      { id: 12, bytes: address('203.0.113.5') },
      { id: 225, bytes: address(FAR) },
      { id: 226, bytes: address(DEVICE) },
      field(7, 443, 2),
      field(11, 61_000, 2),
      field(228, 50_000, 2),
    ])
    expect(decoded(inward)).toMatchObject([{ client: FAR, server: DEVICE, serverPort: 50_000 }])
  })

  test('the sender is the one in front of it', () => {
    const outward = flowFields([
      { id: 225, bytes: address('203.0.113.5') },
      { id: 226, bytes: address('0.0.0.0') },
      field(227, 61_000, 2),
    ])
    expect(decoded(outward)).toMatchObject([{ client: DEVICE, clientPort: 50_000, server: FAR }])
  })
})

describe('sampling', () => {
  const sampled = (options: Field[], fields: Field[] = flowFields()): number[] =>
    new Collector()
      .take(ipfix([optionsSet(400, options, 1), dataSet(400, options), templateSet(300, fields), dataSet(300, fields)]))
      .flows.map(({ bytesUp }) => bytesUp)
  const scope = field(149, 1, 4)

  test('multiplies what was counted, however it is said', () => {
    expect(sampled([scope, field(305, 1, 4), field(306, 99, 4)])).toEqual([6e6])
    expect(sampled([scope, field(309, 2, 4), field(310, 20, 4)])).toEqual([6e5])
    expect(sampled([scope, field(34, 50, 4), field(35, 2, 1)])).toEqual([3e6])
    expect(sampled([scope, { id: 311, bytes: [0x3f, 0xe0, 0, 0, 0, 0, 0, 0] }])).toEqual([120_000])
    expect(decoded(flowFields([field(34, 10, 4)]))).toMatchObject([{ bytesUp: 6e5, packetsUp: 600 }])
    expect(new Collector().take(v5([{}], { sampling: 0x4000 + 100 })).flows).toMatchObject([{ bytesUp: 6e6 }])
  })

  test('is that of the sampler that the record names', () => {
    const options = [scope, field(48, 3, 1), field(49, 2, 1), field(50, 10, 4)]
    expect(sampled(options, flowFields([field(48, 3, 1)]))).toEqual([6e5])
    expect(sampled(options, flowFields([field(48, 0, 1)]))).toEqual([60_000])
  })

  test('of one packet in none, or in more than a million, is a damaged field', () => {
    for (const interval of [0, 4_000_000_000]) expect(sampled([scope, field(34, interval, 4)])).toEqual([60_000])
  })
})

describe('the same packets', () => {
  const out = { address: '192.168.7.2', port: 40_000 }

  test('in a datagram that comes twice count once', () => {
    const bytes = v5([{}])
    const { flows, decoder } = new Collector().take(bytes).take(bytes, NOW + 0.01)
    expect(flows).toHaveLength(1)
    expect(decoder.unread.copies).toBe(1)
  })

  test('that two exporters saw count once, however they cut the flow', () => {
    const collector = new Collector()
    const part = (from: number, to: number) => [{ first: 1_000_000 + from * 1_000, last: 1_000_000 + to * 1_000 }]
    const at = (second: number) => ({ exported: NOW + second, uptime: 1_000_000 + second * 1_000, sequence: second })
    collector.take(v5(part(0, 30), at(30)), NOW + 30)
    collector.take(v5(part(30, 60), at(60)), NOW + 60)
    collector.take(v5(part(1, 60), at(61)), NOW + 61, out)
    collector.take(v5(part(60, 90), at(90)), NOW + 90)
    expect(collector.flows).toHaveLength(3)
    expect(collector.decoder.books.repeated).toBe(1)
    // The first one stops: what the other one tells from then on counts.
    collector.take(v5(part(120, 150), at(150)), NOW + 150, out)
    expect(collector.flows).toHaveLength(4)
  })

  test('on their way in and out of one exporter count once', () => {
    const way = (direction: number): Field[] => flowFields([field(61, direction, 1), field(1, 60_000 + direction, 8)])
    const { flows } = new Collector().take(ipfix([templateSet(300, way(0)), dataSet(300, way(0), way(1))]))
    expect(flows.map(({ bytesUp }) => bytesUp)).toEqual([60_000])
  })

  test('in one record that stands twice count once, and in two of other counts twice', () => {
    expect(new Collector().take(v5([{}, {}])).flows).toHaveLength(1)
    expect(new Collector().take(v5([{}, { octets: 61_000 }])).flows).toHaveLength(2)
  })

  test('in both directions of a flow are no copies of each other', () => {
    const back = { source: FAR, destination: DEVICE, sourcePort: 443, destinationPort: 50_000 }
    expect(new Collector().take(v5([{}, back])).bytes).toBe(120_000)
  })

  test('still tell who holds the address', () => {
    const withMac = flowFields([{ id: 56, bytes: [12, 71, 201, 0, 0, 17] }])
    const { flows } = new Collector()
      .take(v5([{}]), NOW, out)
      .take(ipfix([templateSet(300, withMac), dataSet(300, withMac)]), NOW, ROUTER)
    expect(flows.map(({ bytesUp, clientMac }) => [bytesUp, clientMac])).toEqual([
      [60_000, null],
      [0, '0c:47:c9:00:00:11'],
    ])
  })
})
