// The tables of the packet core at their literal limits, grown and filled, and every column of a tick.
import { describe, expect, test } from 'vitest'
import {
  MAX_BINDINGS,
  MAX_DNS_QUERIES,
  MAX_NAME_MEMORY,
  MAX_ROWS,
  REACHED_DNS_QUERIES,
  REACHED_FLOWS,
  REACHED_NAME_MEMORY,
  REACHED_NAMES,
  REACHED_NAMES_PER_DEVICE,
  REACHED_ROWS,
  REACHED_ROWS_PER_DEVICE,
} from '../../../capture/core/limits.ts'
import type { PacketCore } from '../../../capture/packet-core.ts'
import { NameMemory } from '../../../server/engine/name-memory.ts'
import { NameTable, NO_NAME } from '../../../server/engine/name-table.ts'
import { Observed } from '../../../server/engine/observed.ts'
import { BindingNumber, RowNumber, RowTable } from '../../../server/engine/row-table.ts'
import { readTick, type Tick } from '../../../server/engine/tick.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { newCore, place } from '../../support/core.ts'

describe('the name table', () => {
  test('finds every one of fifty thousand names again, and adds none by it', () => {
    const table = new NameTable(newCore())
    const bytes = Array.from({ length: 50_000 }, (_, index) => text(`host-${index}.example.net`))
    const ids = bytes.map((name) => table.intern(name, 0, name.length))
    expect(bytes.map((name) => table.find(name, 0, name.length))).toEqual(ids)
    expect(bytes.map((name) => table.intern(name, 0, name.length))).toEqual(ids)
    expect(ids).toEqual(Array.from({ length: 50_000 }, (_, index) => index + 1))
    expect(table.size).toBe(50_000)
    expect(ids.every((id, index) => table.text(id) === `host-${index}.example.net`)).toBe(true)
  })

  test('gives one device 16,384 new names; known ones cost nothing', () => {
    const core = newCore()
    const table = new NameTable(core)
    const intern = (device: number, name: string): number => table.internFor(device, text(name), 0, name.length)
    const first = intern(1, 'known.example')
    for (let index = 1; index < 16_384; index++) intern(1, `n${index}.example`)
    expect([intern(1, 'one.more'), core.exports.timesReached(REACHED_NAMES_PER_DEVICE)]).toEqual([NO_NAME, 1])
    expect([intern(1, 'known.example'), intern(2, 'one.more'), table.size]).toEqual([first, 16_385, 16_385])
  })

  test('takes bytes up to exactly eight mebibytes', () => {
    const core = newCore()
    const table = new NameTable(core)
    const name = (index: number): Uint8Array => text(String(index).padEnd(1_024, 'x'))
    for (let index = 0; index < 8_192; index++) table.intern(name(index), 0, 1_024)
    expect([table.size, core.exports.timesReached(REACHED_NAMES)]).toEqual([8_192, 0])
    expect(table.intern(text('y'), 0, 1)).toBe(NO_NAME)
    expect(core.exports.timesReached(REACHED_NAMES)).toBe(1)
  })

  test.each([
    ['@[`{', '@[`{'],
    ['AZaz', 'azaz'],
    ['a\\.', 'a\\.'],
  ])('folds of %s only letters', (name, kept) => {
    const table = new NameTable(newCore())
    expect(table.text(table.intern(text(name), 0, name.length))).toBe(kept)
  })
})

describe('shares', () => {
  test('are counted where they are used up, by device', () => {
    const { exports } = newCore()
    const shares = exports.newShares(32, REACHED_FLOWS)
    const taken = Array.from({ length: 34 }, () => exports.reserveShare(shares, 7) !== 0)
    expect([taken.indexOf(false), exports.timesReached(REACHED_FLOWS)]).toEqual([32, 2])
    expect(exports.reserveShare(shares, 8)).toBe(1)
  })

  test('are kept of as many devices as there may be bindings', () => {
    const { exports } = newCore()
    const shares = exports.newShares(2, REACHED_FLOWS)
    for (let device = 1; device <= MAX_BINDINGS; device++) exports.reserveShare(shares, -device)
    expect(exports.timesReached(REACHED_FLOWS)).toBe(0)
    expect([
      exports.reserveShare(shares, 1),
      exports.reserveShare(shares, -1),
      exports.reserveShare(shares, -1),
    ]).toEqual([0, 1, 0])
    expect(exports.timesReached(REACHED_FLOWS)).toBe(2)
  })
})

describe("the names' memory", () => {
  const names = (memory: NameMemory, core: PacketCore, device: number, address: number): number[] => [
    memory.answeredName(device, address),
    core.exports.calledName(device, address),
    core.exports.othersName(device, address),
  ]

  test('keeps answers and calls of each device apart, and tells what all others agree on', () => {
    const core = newCore()
    const memory = new NameMemory(core)
    memory.answer(-1, 7, 100)
    memory.answer(-2, 7, 100)
    memory.call(-2, 7, 300)
    expect([names(memory, core, -1, 7), names(memory, core, -2, 7), names(memory, core, 3, 7)]).toEqual([
      [100, NO_NAME, 100],
      [100, 300, 100],
      [NO_NAME, NO_NAME, 100],
    ])
    memory.answer(-2, 7, 200)
    expect([names(memory, core, -1, 7), names(memory, core, 3, 7)]).toEqual([
      [100, NO_NAME, 200],
      [NO_NAME, NO_NAME, NO_NAME],
    ])
    expect([names(memory, core, -1, 8), names(memory, core, -1, 1_000_000)]).toEqual([
      [NO_NAME, NO_NAME, NO_NAME],
      [NO_NAME, NO_NAME, NO_NAME],
    ])
  })

  test('agrees only where it could look at all others', () => {
    const core = newCore()
    const memory = new NameMemory(core)
    for (let device = 1; device <= 64; device++) memory.answer(device, 7, 100)
    expect(core.exports.othersName(99, 7)).toBe(100)
    memory.answer(65, 7, 100)
    expect(core.exports.othersName(99, 7)).toBe(NO_NAME)
  })

  test('forgets where it is full one of sixteen that was touched longest ago', () => {
    const core = newCore()
    const memory = new NameMemory(core)
    for (let entry = 0; entry < MAX_NAME_MEMORY; entry++) {
      // The first sixteen looked at are entries 1 to 16.
      core.exports.setNow(entry === 9 ? 500 : 1_000)
      memory.answer(1 + (entry % 8), 10 + (entry >> 3), 5)
    }
    expect(core.exports.timesReached(REACHED_NAME_MEMORY)).toBe(0)
    expect([memory.answeredName(2, 11), core.exports.othersName(99, 11)]).toEqual([5, 5])
    memory.answer(9, 9, 6)
    expect(core.exports.timesReached(REACHED_NAME_MEMORY)).toBe(1)
    expect([1, 2, 3].map((device) => memory.answeredName(device, 11))).toEqual([5, NO_NAME, 5])
    expect([memory.answeredName(9, 9), core.exports.othersName(2, 11), core.exports.othersName(99, 11)]).toEqual([
      6, 5, 5,
    ])
  })
})

describe('what was observed', () => {
  test('counts names of handshakes and requests apart, and none without a name', () => {
    const core = newCore()
    const names = new NameTable(core)
    const observed = new Observed(core)
    const ids = Array.from({ length: 3_000 }, (_, index) => names.intern(text(`n${index}`), 0, `n${index}`.length))
    const { countTlsName, countQuicName, countHttpHost } = core.exports
    for (const name of [ids[2_999], ids[1], ids[2_999], NO_NAME]) countTlsName(name)
    countQuicName(ids[2])
    for (const name of [ids[2], ids[3]]) countHttpHost(name)
    const counted = [observed.tlsServerNames, observed.quicServerNames, observed.httpHosts].map((counts) => {
      const all: [number, number][] = []
      counts.forEach((name, count) => all.push([name, count]))
      return all
    })
    expect(counted).toEqual([
      [
        [ids[1], 1],
        [ids[2_999], 2],
      ],
      [[ids[2], 1]],
      [
        [ids[2], 1],
        [ids[3], 1],
      ],
    ])
  })

  test('counts look-ups by client, name and type, up to 131,072 different ones', () => {
    const core = newCore()
    const observed = new Observed(core)
    expect([observed.addQuery(5, 6, 1), observed.addQuery(5, 6, 28), observed.addQuery(5, 6, 1)]).toEqual([
      true,
      true,
      false,
    ])
    for (let name = 2; name < MAX_DNS_QUERIES; name++) observed.addQuery(9, name, 1)
    expect(core.exports.timesReached(REACHED_DNS_QUERIES)).toBe(0)
    expect([observed.addQuery(9, MAX_DNS_QUERIES, 1), observed.addQuery(5, 6, 1)]).toEqual([false, false])
    expect(core.exports.timesReached(REACHED_DNS_QUERIES)).toBe(1)
    const queries: number[][] = []
    observed.forEachQuery((...query) => queries.push(query))
    expect(queries).toHaveLength(MAX_DNS_QUERIES)
    expect([queries[0], queries[1], queries[2], queries.at(-1)]).toEqual([
      [5, 6, 1, 3],
      [5, 6, 28, 1],
      [9, 2, 1, 1],
      [9, MAX_DNS_QUERIES - 1, 1, 1],
    ])
  })
})

describe('the row table', () => {
  test('keeps the numbers of thousands of rows apart', () => {
    const core = newCore()
    const { rowOf, creditRow } = core.exports
    const rows = new RowTable(core)
    for (let index = 0; index < 5_000; index++) {
      const row = rowOf(1, index % 7, index, 2, 9)
      creditRow(row, index, 2 * index, 3, 50 + index, 60 + index)
      creditRow(row, 1, 2, 4, 40 + index, 55 + index)
    }
    expect(rows.used).toBe(5_000)
    for (let index = 0; index < 5_000; index++) {
      const row = rowOf(1, index % 7, index, 2, 9)
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
    const core = newCore()
    const { rowOf, timesReached } = core.exports
    const rows = new RowTable(core)
    for (let index = 0; index < 32_768; index++) rowOf(1, 5, index + 1, 2, 9)
    expect([timesReached(REACHED_ROWS_PER_DEVICE), timesReached(REACHED_ROWS)]).toEqual([0, 0])
    const rest = rowOf(1, 5, 99_999, 2, 9)
    expect([rows.name(rest), rows.binding(rest), rowOf(1, 5, 99_998, 2, 9)]).toEqual([NO_NAME, 5, rest])
    expect(timesReached(REACHED_ROWS_PER_DEVICE)).toBe(2)
    expect(rows.name(rowOf(2, 6, 99_999, 2, 9))).toBe(99_999)
  })

  test('has behind its 131,072 rows a nameless one of each binding', () => {
    const core = newCore()
    const { rowOf, timesReached } = core.exports
    const rows = new RowTable(core)
    for (let index = 0; index < MAX_ROWS; index++) rowOf(index % 8, index % 8, index + 1, 2, 9)
    expect([rows.used, timesReached(REACHED_ROWS)]).toEqual([MAX_ROWS, 0])
    const rests = Array.from({ length: 2_000 }, (_, index) => rowOf(index, index, 3, 0, 8))
    expect(rests).toEqual(Array.from({ length: 2_000 }, (_, index) => MAX_ROWS + index))
    expect([rowOf(7, 7, 4, 0, 8), timesReached(REACHED_ROWS)]).toEqual([rests[7], 2_001])
    expect([rows.binding(rests[7]), rows.name(rests[7]), rows.how(rests[7]), rows.address(rests[7])]).toEqual([
      7, 0, 0, 0,
    ])
  })

  test('keeps the numbers of bindings apart, and knows none of those it never met', () => {
    const core = newCore()
    const rows = new RowTable(core)
    const fields = [BindingNumber.Sent, BindingNumber.Received, BindingNumber.SentLocal, BindingNumber.ReceivedLocal]
    for (const binding of [0, 1, 1_023, 1_024, 9_000])
      for (const field of fields) core.exports.addToBinding(binding, field, binding * 10 + field)
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
    const core = newCore()
    const { addRowToTick, addLocalToTick, hasTick } = core.exports
    expect(hasTick()).toBe(0)
    addRowToTick(5, 10, 20)
    addRowToTick(5_000, 1, 2)
    addRowToTick(5, 100, 200)
    addLocalToTick(7, 3, 4)
    addLocalToTick(7, 30, 40)
    expect(hasTick()).toBe(1)
    const tick = readTick(core, 99)
    expect([tick.second, columns(tick)]).toEqual([99, [[5, 5_000], [110, 1], [220, 2], [7], [33], [44]]])
    expect([hasTick(), columns(readTick(core, 100))]).toEqual([0, [[], [], [], [], [], []]])
    addRowToTick(5, 1, 1)
    expect(columns(readTick(core, 101)).slice(0, 3)).toEqual([[5], [1], [1]])
    addLocalToTick(7, 0, 0)
    expect([hasTick(), columns(readTick(core, 102))]).toEqual([1, [[], [], [], [7], [0], [0]]])
    // It was copied: what comes later does not change it.
    expect(columns(tick)).toEqual([[5, 5_000], [110, 1], [220, 2], [7], [33], [44]])
  })

  test('has room for thousands of rows', () => {
    const core = newCore()
    for (let row = 0; row < 3_000; row++) core.exports.addRowToTick(row, row, 2 * row)
    const { rows, sent, received } = readTick(core, 1)
    expect(rows.length).toBe(3_000)
    expect([...rows].every((row, at) => sent[at] === row && received[at] === 2 * row)).toBe(true)
  })
})

describe('ports of fragments', () => {
  /** Places in the frame's record (capture/core/frame.ts), in 32-bit words. */
  const PROTOCOL = 26
  const FRAGMENT_OFFSET = 27
  const FRAGMENT_ID = 29
  const SOURCE_PORT = 30
  const DESTINATION_PORT = 31

  const resolve = (core: PacketCore, offset: number, id: number, ports: [number, number], ends = [1, 2, 17]) => {
    const [source, destination, protocol] = ends
    const frame = core.integers.subarray(core.exports.frameAddress() / 4)
    frame[FRAGMENT_OFFSET] = offset
    frame[FRAGMENT_ID] = id
    frame[PROTOCOL] = protocol
    frame.set(ports, SOURCE_PORT)
    core.exports.resolveFragment(source, destination)
    return [frame[SOURCE_PORT], frame[DESTINATION_PORT]]
  }
  const portsOf = (core: PacketCore, id: number, source = 1, destination = 2, protocol = 17): number[] =>
    resolve(core, 8, id, [0, 0], [source, destination, protocol])

  test('are those of the first fragment of the same datagram', () => {
    const core = newCore()
    resolve(core, 0, 7, [1_111, 53])
    resolve(core, 0, 8, [2_222, 80])
    expect([portsOf(core, 7), portsOf(core, 8)]).toEqual([
      [1_111, 53],
      [2_222, 80],
    ])
    const none = [0, 0]
    expect([portsOf(core, 9), portsOf(core, 7, 3), portsOf(core, 7, 1, 3), portsOf(core, 7, 1, 2, 6)]).toEqual([
      none,
      none,
      none,
      none,
    ])
    expect(core.exports.orphanFragments()).toBe(4)
  })

  test('are looked for among the last 64 first fragments, also where the ring begins anew', () => {
    const core = newCore()
    for (let id = 0; id < 1_030; id++) resolve(core, 0, id, [id + 1, 9])
    expect([portsOf(core, 1_029), portsOf(core, 1_030 - 64), portsOf(core, 1_030 - 65)]).toEqual([
      [1_030, 9],
      [967, 9],
      [0, 0],
    ])
  })
})

describe('repetitions', () => {
  test('are of the same bytes by the same sender', () => {
    const core = newCore()
    const isRepeated = (message: string, end: number, sender: number): boolean => {
      const at = place(core, text(message))
      return core.exports.isRepeated(at, at + end, sender) !== 0
    }
    const { length } = 'announcement!'
    expect([
      isRepeated('announcement!', length, 1),
      isRepeated('announcement!', length, 1),
      isRepeated('announcement!', length, 2),
      isRepeated('announcement!', length - 1, 1),
      isRepeated('Announcement!', length, 1),
      isRepeated('announcement?', length, 1),
    ]).toEqual([false, true, false, false, false, false])
  })
})
