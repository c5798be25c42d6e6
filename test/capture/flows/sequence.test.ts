// Numbers of datagrams: what was lost, what came late, and exporters that began anew or count in ways of their own.
import { describe, expect, test } from 'vitest'
import { Sequence } from '../../../capture/flows/sequence.ts'
import { Collector, dataSet, flowFields, ipfix, NOW, templateSet, v5, v9 } from '../../support/flow-exports.ts'

/** Takes datagrams of [number, records] and returns what is missing. */
function lostOf(version: number, datagrams: [number: number, records: number][]): number {
  const sequence = new Sequence(version)
  for (const [number, records] of datagrams) sequence.take({ number, records, flows: records }, null)
  return sequence.lost
}

describe('what is lost', () => {
  test('is what lies between two numbers: records of v5 and IPFIX, datagrams of v9', () => {
    expect(
      lostOf(5, [
        [0, 30],
        [30, 10],
        [40, 5],
      ]),
    ).toBe(0)
    expect(
      lostOf(5, [
        [0, 30],
        [30, 10],
        [70, 5],
        [75, 5],
      ]),
    ).toBe(30)
    expect(
      lostOf(10, [
        [7, 3],
        [10, 1],
        [12, 2],
      ]),
    ).toBe(1)
    expect(
      lostOf(9, [
        [7, 3],
        [8, 1],
        [11, 2],
      ]),
    ).toBe(2)
  })

  test('goes on over the end of the 32 bits', () => {
    expect(
      lostOf(5, [
        [2 ** 32 - 10, 10],
        [0, 5],
        [5, 1],
      ]),
    ).toBe(0)
    expect(
      lostOf(9, [
        [2 ** 32 - 1, 1],
        [1, 1],
      ]),
    ).toBe(1)
  })

  test('is not what only came late, in whole or in part', () => {
    expect(
      lostOf(5, [
        [0, 10],
        [20, 10],
        [10, 10],
        [30, 5],
      ]),
    ).toBe(0)
    expect(
      lostOf(5, [
        [0, 10],
        [40, 10],
        [20, 10],
        [50, 5],
      ]),
    ).toBe(20)
    expect(
      lostOf(9, [
        [1, 5],
        [4, 5],
        [3, 5],
        [2, 5],
        [5, 5],
      ]),
    ).toBe(0)
  })

  test('is nothing where the exporter began anew', () => {
    expect(
      lostOf(10, [
        [90_000, 3],
        [0, 3],
        [3, 3],
      ]),
    ).toBe(0)
    expect(
      lostOf(10, [
        [900, 3],
        [903, 3],
        [0, 3],
        [3, 4],
        [7, 2],
        [9, 2],
      ]),
    ).toBe(0)
    expect(
      lostOf(10, [
        [5, 3],
        [3_000_000_000, 3],
      ]),
    ).toBe(0)
    const { decoder } = new Collector()
      .take(v5([{}], { sequence: 500, uptime: 9_000_000 }))
      .take(v5([{ octets: 7 }], { sequence: 600, uptime: 5_000, exported: NOW + 60 }), NOW + 60)
    expect(decoder.lost).toBe(0)
  })
})

describe('an exporter that counts in another way', () => {
  test('counts flows in v9, or datagrams in IPFIX', () => {
    expect(
      lostOf(9, [
        [0, 5],
        [5, 7],
        [12, 3],
        [15, 5],
      ]),
    ).toBe(0)
    expect(
      lostOf(10, [
        [0, 5],
        [1, 7],
        [2, 3],
        [3, 5],
      ]),
    ).toBe(0)
    expect(
      lostOf(10, [
        [0, 5],
        [1, 7],
        [2, 3],
        [5, 5],
        [6, 5],
      ]),
    ).toBe(2)
  })

  test('counts those of the datagram as well', () => {
    expect(
      lostOf(10, [
        [1, 1],
        [4, 3],
        [8, 4],
        [10, 2],
      ]),
    ).toBe(0)
    expect(
      lostOf(10, [
        [1, 1],
        [4, 3],
        [8, 4],
        [15, 2],
        [18, 3],
      ]),
    ).toBe(5)
  })

  test('leaves out options', () => {
    const sequence = new Sequence(10)
    for (const [number, records, flows] of [
      [0, 6, 4],
      [4, 3, 2],
      [6, 5, 5],
      [11, 2, 2],
    ] as const)
      sequence.take({ number, records, flows }, null)
    expect(sequence.lost).toBe(0)
  })
})

test('each port, version and domain of an exporter has a numbering of its own', () => {
  const fields = flowFields()
  const collector = new Collector()
  for (let turn = 0; turn < 4; turn++) {
    const at = NOW + turn
    const header = { sequence: turn, exported: at }
    collector.take(ipfix([templateSet(300, fields), dataSet(300, fields)], header), at)
    collector.take(ipfix([dataSet(300, fields)], { sequence: 1_000 + turn, domain: 2, exported: at }), at)
    collector.take(v9([templateSet(300, fields, false)], { sequence: 50 + turn, exported: at }), at)
    collector.take(v9([], { sequence: 7_000 + turn, exported: at }), at, { address: '192.168.7.1', port: 5 })
  }
  expect(collector.decoder.lost).toBe(0)
})
