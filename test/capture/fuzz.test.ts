// The readers survive 20,000 changed messages. The slow suite reads a million.
import { describe, expect, test } from 'vitest'
import { countingReads, expectInside, fuzz, type FuzzTarget } from '../support/fuzz.ts'
import { fuzzTargets } from '../support/fuzz-targets.ts'
import { hex } from '../../server/sample/packets/bytes.ts'

describe('every reader', () => {
  test('survives changed messages, stays inside them, and works no longer than their length allows', () => {
    const targets = fuzzTargets()
    const report = fuzz(targets, 20_000, 1)
    expect(report.inputs).toBe(20_000)
    expect([...report.byTarget.keys()]).toEqual(targets.map(({ name }) => name))
  })

  test.each(fuzzTargets().map((target) => [target.name, target] as const))(
    'reads every valid message of %s to a result',
    (_, target) => {
      expect(target.seeds.length).toBeGreaterThan(0)
      for (const seed of target.seeds) expect(() => fuzz([{ ...target, seeds: [seed] }], 40, 2)).not.toThrow()
    },
  )
})

describe('the fuzzing', () => {
  const target = (read: FuzzTarget['read']): FuzzTarget => ({
    name: 'broken',
    seeds: [new Uint8Array(300).fill(7)],
    read,
  })

  test.each<[string, FuzzTarget['read'], RegExp]>([
    [
      'throws',
      () => {
        throw new RangeError('no')
      },
      /broken, input 0 of seed 3: RangeError: no/,
    ],
    ['looks behind its end', (bytes, _, end) => bytes[end], /bytes outside the input change the result/],
    ['looks before its start', (bytes, at) => bytes[at - 1], /bytes outside the input change the result/],
    [
      'gives an offset outside',
      (_, at, end) => expectInside(at, end, { nameAt: end + 1 }),
      /nameAt is \d+, outside \d+ to \d+/,
    ],
    [
      'reads every byte again for every byte',
      (bytes, at, end) => {
        let sum = 0
        for (let from = at; from < end; from++) for (let index = from; index < end; index++) sum += bytes[index]
        return sum
      },
      /reads of single bytes for \d+ bytes/,
    ],
  ])('finds a reader that %s', (_, read, message) => {
    expect(() => fuzz([target(read)], 500, 3)).toThrow(message)
  })

  test('makes the same inputs for the same seed', () => {
    const inputs = (seed: number): string[] => {
      const seen: string[] = []
      fuzz([target((bytes, at, end) => void seen.push(Buffer.from(bytes.subarray(at, end)).toString('hex')))], 50, seed)
      return seen
    }
    expect(inputs(4)).toEqual(inputs(4))
    expect(inputs(4)).not.toEqual(inputs(5))
  })

  test('counts reads by index only', () => {
    const { bytes, reads } = countingReads(hex('010203'))
    expect([bytes.length, bytes[0] + bytes[2], bytes.subarray(1).length, reads()]).toEqual([3, 4, 2, 2])
  })
})
