// The first bytes of a TCP direction are put together whatever the order, the overlap and the sequence numbers.
import { describe, expect, test } from 'vitest'
import { MAX_ASSEMBLIES, MAX_ASSEMBLY_BYTES, MAX_ASSEMBLY_SEGMENTS } from '../../../capture/core/limits.ts'
import { StreamAssembly } from '../../support/stream-assembly.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { newCore, place } from '../../support/core.ts'

const MESSAGE = Uint8Array.from({ length: 200 }, (_, index) => index)

function whole(assembly: StreamAssembly): number[] {
  return [...assembly.bytes.subarray(0, assembly.length)]
}

describe('stream assembly', () => {
  test.each([0, 1000, 0x7fffff9c, 0xffffff9c, 0xffffffff])(
    'pieces in any order with overlaps and copies give the stream; sequence numbers start at %i',
    (start) => {
      const random = seededRandom(start)
      for (let round = 0; round < 300; round++) {
        const assembly = new StreamAssembly(start | 0, true)
        const pieces: [number, number][] = []
        for (let at = 0; at < MESSAGE.length;) {
          const end = Math.min(MESSAGE.length, at + random.integer(1, 60))
          pieces.push([Math.max(0, at - random.integer(0, 10)), end])
          if (random.chance(0.2)) pieces.push([at, end])
          at = end
        }
        pieces.sort(() => random.next() - 0.5)
        for (const [at, end] of pieces) assembly.add((start + at) | 0, MESSAGE, at, end)
        expect(whole(assembly)).toEqual([...MESSAGE])
        expect(assembly.next).toBe((start + MESSAGE.length) | 0)
      }
    },
  )

  test('without a known start the earliest piece is the start', () => {
    const assembly = new StreamAssembly(100, false)
    assembly.add(150, MESSAGE, 50, 100)
    assembly.add(200, MESSAGE, 100, 200)
    assembly.add(100, MESSAGE, 0, 50)
    expect(whole(assembly)).toEqual([...MESSAGE])
  })

  test('a start that is found later, across the wrap of sequence numbers, keeps what came before', () => {
    const start = 0xffffffc0 | 0
    const assembly = new StreamAssembly((start + 100) | 0, false)
    assembly.add((start + 100) | 0, MESSAGE, 100, 200)
    assembly.add(start, MESSAGE, 0, 100)
    expect(whole(assembly)).toEqual([...MESSAGE])
  })

  test('with a known start, what lies before it is left out', () => {
    const assembly = new StreamAssembly(50, true)
    expect(assembly.add(0, MESSAGE, 0, 40)).toBe(false)
    expect(assembly.add(40, MESSAGE, 40, 60)).toBe(true)
    expect(whole(assembly)).toEqual([...MESSAGE.subarray(50, 60)])
  })

  test('a piece already there does not grow the stream', () => {
    const assembly = new StreamAssembly(0, true)
    expect(assembly.add(0, MESSAGE, 0, 100)).toBe(true)
    expect(assembly.add(20, MESSAGE, 20, 80)).toBe(false)
    expect(assembly.add(0, MESSAGE, 0, 100)).toBe(false)
    expect(assembly.length).toBe(100)
  })

  test('consumed bytes are gone, and pieces that wait behind a gap still join', () => {
    const assembly = new StreamAssembly(0, true)
    assembly.add(0, MESSAGE, 0, 60)
    assembly.add(80, MESSAGE, 80, 200)
    assembly.consume(50)
    expect(whole(assembly)).toEqual([...MESSAGE.subarray(50, 60)])
    assembly.add(60, MESSAGE, 60, 80)
    expect(whole(assembly)).toEqual([...MESSAGE.subarray(50)])
  })

  test('it takes bounded memory and says when it is full, whatever is sent', () => {
    const random = seededRandom(3)
    const large = random.bytes(40_000)
    for (let round = 0; round < 20; round++) {
      const assembly = new StreamAssembly(0, round % 2 === 0)
      let added = 0
      while (!assembly.isFull && added < 1000) {
        assembly.add(random.integer(-70_000, 200_000), large, 0, random.integer(1, large.length))
        added++
      }
      expect(added).toBeLessThanOrEqual(MAX_ASSEMBLY_SEGMENTS)
      expect(assembly.length).toBeLessThanOrEqual(MAX_ASSEMBLY_BYTES)
      expect(assembly.bytes.length).toBeLessThanOrEqual(2 * MAX_ASSEMBLY_BYTES)
    }
  })

  test('a piece half of all sequence numbers ahead stays ahead when an earlier start is found', () => {
    const assembly = new StreamAssembly(0, false)
    assembly.add(0, MESSAGE, 100, 110)
    expect(assembly.add(0x7fffffff, MESSAGE, 0, 100)).toBe(false)
    assembly.add(-100, MESSAGE, 0, 100)
    expect(whole(assembly)).toEqual([...MESSAGE.subarray(0, 110)])
  })
})

describe('the assemblies of a core', () => {
  test('are found by direction; the one that began first is the oldest, whatever ends in between', () => {
    const { exports } = newCore()
    for (let key = 0; key < MAX_ASSEMBLIES; key++) exports.openAssembly(key, 0, 1)
    expect(exports.assemblyCount()).toBe(MAX_ASSEMBLIES)
    expect(exports.oldestAssembly()).toBe(0)
    for (const key of [0, 2, 1, MAX_ASSEMBLIES - 1, 4]) exports.closeAssembly(key)
    expect(exports.oldestAssembly()).toBe(3)
    exports.openAssembly(1_000, 0, 1)
    exports.openAssembly(3, 7, 0)
    const order: number[] = []
    while (exports.assemblyCount() > 0) {
      order.push(exports.oldestAssembly())
      exports.closeAssembly(exports.oldestAssembly())
    }
    expect(order).toEqual([3, ...Array.from({ length: MAX_ASSEMBLIES - 6 }, (_, index) => index + 5), 1_000])
    exports.closeAssembly(3)
    expect(exports.assemblyCount()).toBe(0)
  })

  test('begin empty, also in place of one of the same direction', () => {
    const core = newCore()
    const at = place(core, MESSAGE)
    const first = core.exports.openAssembly(5, 0, 1)
    core.exports.addSegment(first, 0, at, at + 100)
    core.exports.addSegment(first, 150, at + 150, at + 200)
    const second = core.exports.openAssembly(5, 1_000, 1)
    expect([core.exports.assemblyCount(), core.exports.nextOfAssembly(second)]).toEqual([1, 1_000])
    core.exports.addSegment(second, 1_000, at, at + 150)
    expect(core.exports.nextOfAssembly(second)).toBe(1_150)
  })

  test('give back their memory when they end', () => {
    const core = newCore()
    const at = place(core, new Uint8Array(30_000))
    let sizeBefore = 0
    for (let round = 0; round < 3_000; round++) {
      const assembly = core.exports.openAssembly(round, 0, 1)
      core.exports.addSegment(assembly, 0, at, at + 20_000 + (round % 100))
      core.exports.addSegment(assembly, 35_000, at, at + 20_000)
      core.exports.closeAssembly(round)
      if (round === 200) sizeBefore = core.bytes.length
    }
    expect(core.bytes.length).toBe(sizeBefore)
  })
})
