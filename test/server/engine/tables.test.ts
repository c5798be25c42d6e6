// The engine's tables at their literal limits, grown and filled, and every column of a tick.
import { describe, expect, test } from 'vitest'
import { Frame } from '../../../capture/frame.ts'
import { FragmentPorts } from '../../../server/engine/fragment-ports.ts'
import { LIMITS, LimitCounter } from '../../../server/engine/limits.ts'
import { NameTable, NO_NAME } from '../../../server/engine/name-table.ts'
import { Repetitions } from '../../../server/engine/repetitions.ts'
import { BindingNumber, RowNumber, RowTable } from '../../../server/engine/row-table.ts'
import { Shares } from '../../../server/engine/shares.ts'
import { StreamAssembly } from '../../support/stream-assembly.ts'
import { TickRecorder, type Tick } from '../../../server/engine/tick.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
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
    homePrefixes: 16,
    evidenceDevices: 16_384,
    evidenceValues: 32,
    conflicts: 512,
    mdnsNames: 16_384,
  })
})

describe('the name table', () => {
  test('finds every one of fifty thousand names again, and adds none by it', () => {
    const table = new NameTable(new LimitCounter())
    const bytes = Array.from({ length: 50_000 }, (_, index) => text(`host-${index}.example.net`))
    const ids = bytes.map((name) => table.intern(name, 0, name.length))
    expect(bytes.map((name) => table.find(name, 0, name.length))).toEqual(ids)
    expect(bytes.map((name) => table.intern(name, 0, name.length))).toEqual(ids)
    expect(ids).toEqual(Array.from({ length: 50_000 }, (_, index) => index + 1))
    expect(table.size).toBe(50_000)
    expect(ids.every((id, index) => table.text(id) === `host-${index}.example.net`)).toBe(true)
  })

  test('gives one device 16,384 new names; known ones cost nothing', () => {
    const limits = new LimitCounter()
    const table = new NameTable(limits)
    const intern = (device: number, name: string): number => table.internFor(device, text(name), 0, name.length)
    const first = intern(1, 'known.example')
    for (let index = 1; index < 16_384; index++) intern(1, `n${index}.example`)
    expect([intern(1, 'one.more'), limits.reached.get('namesPerDevice')]).toEqual([NO_NAME, 1])
    expect([intern(1, 'known.example'), intern(2, 'one.more'), table.size]).toEqual([first, 16_385, 16_385])
  })

  test('takes bytes up to exactly eight mebibytes', () => {
    const limits = new LimitCounter()
    const table = new NameTable(limits)
    const name = (index: number): Uint8Array => text(String(index).padEnd(1_024, 'x'))
    for (let index = 0; index < 8_192; index++) table.intern(name(index), 0, 1_024)
    expect([table.size, limits.reached.get('names')]).toEqual([8_192, undefined])
    expect(table.intern(text('y'), 0, 1)).toBe(NO_NAME)
    expect(limits.reached.get('names')).toBe(1)
  })

  test.each([
    ['@[`{', '@[`{'],
    ['AZaz', 'azaz'],
    ['a\\.', 'a\\.'],
  ])('folds of %s only letters', (name, kept) => {
    const table = new NameTable(new LimitCounter())
    expect(table.text(table.intern(text(name), 0, name.length))).toBe(kept)
  })
})

describe('shares', () => {
  test('are counted where they are used up, by device', () => {
    const limits = new LimitCounter()
    const shares = new Shares('evidenceValues', limits)
    const taken = Array.from({ length: 34 }, () => shares.reserve(7))
    expect([taken.indexOf(false), limits.reached.get('evidenceValues')]).toEqual([32, 2])
    expect(shares.reserve(8)).toBe(true)
  })
})

describe('the row table', () => {
  test('keeps the numbers of thousands of rows apart', () => {
    const rows = new RowTable(new LimitCounter())
    for (let index = 0; index < 5_000; index++) {
      const row = rows.row(1, index % 7, index, 2, 9)
      rows.credit(row, index, 2 * index, 3, 50 + index, 60 + index)
      rows.credit(row, 1, 2, 4, 40 + index, 55 + index)
    }
    expect(rows.used).toBe(5_000)
    for (let index = 0; index < 5_000; index++) {
      const row = rows.row(1, index % 7, index, 2, 9)
      expect([
        rows.binding(row),
        rows.name(row),
        rows.how(row),
        rows.address(row),
        rows.number(row, RowNumber.Sent),
        rows.number(row, RowNumber.Received),
        rows.number(row, RowNumber.Packets),
        rows.number(row, RowNumber.First),
        rows.number(row, RowNumber.Last),
      ]).toEqual([index % 7, index, 2, 9, index + 1, 2 * index + 2, 7, 40 + index, 60 + index])
    }
  })

  test('gives a device 32,768 rows; the rest goes to its nameless row', () => {
    const limits = new LimitCounter()
    const rows = new RowTable(limits)
    for (let index = 0; index < 32_768; index++) rows.row(1, 5, index + 1, 2, 9)
    expect(limits.reached.size).toBe(0)
    const rest = rows.row(1, 5, 99_999, 2, 9)
    expect([rows.name(rest), rows.binding(rest), rows.row(1, 5, 99_998, 2, 9)]).toEqual([NO_NAME, 5, rest])
    expect(limits.reached.get('rowsPerDevice')).toBe(2)
    expect(rows.name(rows.row(2, 6, 99_999, 2, 9))).toBe(99_999)
  })

  test('keeps the numbers of bindings apart, and knows none of those it never met', () => {
    const rows = new RowTable(new LimitCounter())
    const fields = [BindingNumber.Sent, BindingNumber.Received, BindingNumber.SentLocal, BindingNumber.ReceivedLocal]
    for (const binding of [0, 1, 1_023, 1_024, 9_000])
      for (const field of fields) rows.addBinding(binding, field, binding * 10 + field)
    for (const binding of [0, 1, 1_023, 1_024, 9_000])
      expect(fields.map((field) => rows.bindingNumber(binding, field))).toEqual(
        [0, 1, 2, 3].map((field) => binding * 10 + field),
      )
    expect([rows.bindingNumber(2, 0), rows.bindingNumber(50_000, 0)]).toEqual([0, 0])
  })
})

describe('a tick', () => {
  const columns = ({ rows, sent, received, bindings, sentLocal, receivedLocal }: Tick): number[][] =>
    [rows, sent, received, bindings, sentLocal, receivedLocal].map((column) => [...column])

  test('sums up rows and bindings, each in its own columns, and begins anew', () => {
    const recorder = new TickRecorder()
    recorder.addRow(5, 10, 20)
    recorder.addRow(5_000, 1, 2)
    recorder.addRow(5, 100, 200)
    recorder.addLocal(7, 3, 4)
    recorder.addLocal(7, 30, 40)
    const tick = recorder.drain(99)
    expect([tick.second, columns(tick)]).toEqual([99, [[5, 5_000], [110, 1], [220, 2], [7], [33], [44]]])
    expect(columns(recorder.drain(100))).toEqual([[], [], [], [], [], []])
    recorder.addRow(5, 1, 1)
    expect(columns(recorder.drain(101)).slice(0, 3)).toEqual([[5], [1], [1]])
  })

  test('has room for thousands of rows', () => {
    const recorder = new TickRecorder()
    for (let row = 0; row < 3_000; row++) recorder.addRow(row, row, 2 * row)
    const { rows, sent, received } = recorder.drain(1)
    expect(rows.length).toBe(3_000)
    expect([...rows].every((row, at) => sent[at] === row && received[at] === 2 * row)).toBe(true)
  })

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

describe('ports of fragments', () => {
  const fragment = (offset: number, id: number, ports: [number, number], protocol = 17) =>
    Object.assign(new Frame(), {
      fragmentOffset: offset,
      fragmentId: id,
      protocol,
      sourcePort: ports[0],
      destinationPort: ports[1],
    })
  const portsOf = (ports: FragmentPorts, id: number, source = 1, destination = 2, protocol = 17): number[] => {
    const later = fragment(8, id, [0, 0], protocol)
    ports.resolve(later, source, destination)
    return [later.sourcePort, later.destinationPort]
  }

  test('are those of the first fragment of the same datagram', () => {
    const ports = new FragmentPorts()
    ports.resolve(fragment(0, 7, [1_111, 53]), 1, 2)
    ports.resolve(fragment(0, 8, [2_222, 80]), 1, 2)
    expect([portsOf(ports, 7), portsOf(ports, 8)]).toEqual([
      [1_111, 53],
      [2_222, 80],
    ])
    const none = [0, 0]
    expect([portsOf(ports, 9), portsOf(ports, 7, 3), portsOf(ports, 7, 1, 3), portsOf(ports, 7, 1, 2, 6)]).toEqual([
      none,
      none,
      none,
      none,
    ])
    expect(ports.orphans).toBe(4)
  })

  test('are looked for among the last 64 first fragments, also where the ring begins anew', () => {
    const ports = new FragmentPorts()
    for (let id = 0; id < 1_030; id++) ports.resolve(fragment(0, id, [id + 1, 9]), 1, 2)
    expect([portsOf(ports, 1_029), portsOf(ports, 1_030 - 64), portsOf(ports, 1_030 - 65)]).toEqual([
      [1_030, 9],
      [967, 9],
      [0, 0],
    ])
  })
})

describe('repetitions', () => {
  test('are of the same bytes by the same sender', () => {
    const seen = new Repetitions()
    const bytes = text('announcement!')
    expect([
      seen.isRepeated(bytes, 0, bytes.length, 1),
      seen.isRepeated(bytes, 0, bytes.length, 1),
      seen.isRepeated(bytes, 0, bytes.length, 2),
      seen.isRepeated(bytes, 0, bytes.length - 1, 1),
      seen.isRepeated(text('Announcement!'), 0, bytes.length, 1),
      seen.isRepeated(text('announcement?'), 0, bytes.length, 1),
    ]).toEqual([false, true, false, false, false, false])
  })
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
