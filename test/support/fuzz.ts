// Fuzzing: readers of changed messages do not throw, stay inside their bytes, and do a bounded amount of work.
import { hexOf } from './bytes.ts'
import { embed } from './damage.ts'
import { mutated } from './mutate.ts'
import { derivedSeed, type Random, seededRandom } from '../../server/sample/packets/random.ts'

/** A reader under test, and the valid messages that its inputs are made of. */
export interface FuzzTarget {
  name: string
  seeds: readonly Uint8Array[]
  /**
   * Reads bytes[at, end) and gives back what it found, for comparison. Throws where an offset lies outside. `random` is
   * the same for the same input: for the sizes of pieces and the like.
   */
  read(bytes: Uint8Array, at: number, end: number, random: Random): unknown
}

export interface FuzzReport {
  inputs: number
  /** Inputs per target. */
  byTarget: Map<string, number>
  /** The largest share of its allowance that an input of each target took. */
  work: Map<string, number>
}

/**
 * Reads of single bytes that an input may cost: the hungriest reader of today takes less than half of it. What goes
 * through all the bytes again for each of them takes far more.
 */
const READS_PER_BYTE = 8
const READS_BESIDES = 400
/** One input in so many is read twice, between other bytes. */
const TWICE_EVERY = 8
/** One input in so many has its reads counted, which is slow. */
const COUNTED_EVERY = 32

/** Reads `count` inputs, spread evenly over the targets. Throws for the first that a target does not survive. */
export function fuzz(targets: readonly FuzzTarget[], count: number, seed: number): FuzzReport {
  const report: FuzzReport = { inputs: 0, byTarget: new Map(), work: new Map() }
  for (let input = 0; input < count; input++) {
    const target = targets[input % targets.length]
    const inputSeed = derivedSeed(seed, input)
    const random = seededRandom(inputSeed)
    const start = random.pick(target.seeds)
    // Now and then the valid message itself: its depths are where the branches are.
    const message = random.chance(0.02) ? start : mutated(start, target.seeds, random)
    try {
      check(target, message, inputSeed, input, report)
    } catch (error) {
      throw new Error(
        `${target.name}, input ${input} of seed ${seed}: ${error instanceof Error ? error.stack : String(error)}\n${hexOf(message)}`,
      )
    }
    report.inputs++
    report.byTarget.set(target.name, (report.byTarget.get(target.name) ?? 0) + 1)
  }
  return report
}

function check(target: FuzzTarget, message: Uint8Array, seed: number, input: number, report: FuzzReport): void {
  const { bytes, at, end } = embed(message, 0x00)
  const turn = Math.floor(input / 100)
  const read = (given: Uint8Array): unknown => target.read(given, at, end, seededRandom(seed))
  const found = read(bytes)
  if (turn % TWICE_EVERY === 0) expectSame(found, read(embed(message, 0xff).bytes))
  if (turn % COUNTED_EVERY === 1) countWork(target.name, bytes, message.length, read, report)
}

function expectSame(one: unknown, other: unknown): void {
  const [first, second] = [JSON.stringify(one), JSON.stringify(other)]
  if (first !== second) throw new Error(`bytes outside the input change the result:\n${first}\n${second}`)
}

function countWork(
  name: string,
  bytes: Uint8Array,
  length: number,
  read: (bytes: Uint8Array) => unknown,
  report: FuzzReport,
): void {
  const counted = countingReads(bytes)
  read(counted.bytes)
  const reads = counted.reads()
  const share = reads / (READS_PER_BYTE * length + READS_BESIDES)
  if (share > 1) throw new Error(`${reads} reads of single bytes for ${length} bytes`)
  report.work.set(name, Math.max(share, report.work.get(name) ?? 0))
}

/** The same bytes, with every read of one by its index counted. */
export function countingReads(bytes: Uint8Array): { bytes: Uint8Array; reads: () => number } {
  let reads = 0
  const counted = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && key.charCodeAt(0) <= 0x39) reads++
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value
    },
  })
  return { bytes: counted, reads: () => reads }
}

/** Throws where one of the offsets lies outside [at, end]; -1, "absent", is allowed. */
export function expectInside(at: number, end: number, offsets: Record<string, number>): void {
  for (const name in offsets) {
    const offset = offsets[name]
    if (offset !== -1 && !(offset >= at && offset <= end))
      throw new Error(`${name} is ${offset}, outside ${at} to ${end}`)
  }
}
