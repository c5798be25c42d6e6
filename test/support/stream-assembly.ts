// One assembly of the packet core: the first bytes of a TCP direction, put in order.
import { MAX_ASSEMBLIES } from '../../capture/core/limits.ts'
import { newCore, place } from './core.ts'

/** Fields of the record in capture/core/stream-assembly.ts: index of the 32-bit word. */
const FIELD = { bytes: 2, length: 3, capacity: 4, segments: 5 } as const

const core = newCore()
let opened = 0

export class StreamAssembly {
  /** The direction that it stands for. */
  readonly key = opened++
  private readonly at: number

  /** `base` is the sequence number of the first byte wanted. The oldest one ends where there are too many. */
  constructor(base: number, hasBase: boolean) {
    const { exports } = core
    if (exports.assemblyCount() >= MAX_ASSEMBLIES) exports.closeAssembly(exports.oldestAssembly())
    this.at = exports.openAssembly(this.key, base, Number(hasBase))
  }

  /** A copy of the memory for bytes in order, of which `length` are there. */
  get bytes(): Uint8Array {
    const at = this.field(FIELD.bytes)
    return core.bytes.slice(at, at + this.field(FIELD.capacity))
  }

  get length(): number {
    return this.field(FIELD.length)
  }

  get segments(): number {
    return this.field(FIELD.segments)
  }

  get next(): number {
    return core.exports.nextOfAssembly(this.at)
  }

  get isFull(): boolean {
    return core.exports.isAssemblyFull(this.at) !== 0
  }

  /** The limit that was reached where it is full: one of REACHED_…. */
  get fullLimit(): number {
    return core.exports.fullLimitOf(this.at)
  }

  add(sequence: number, bytes: Uint8Array, at: number, end: number): boolean {
    const placed = place(core, bytes.subarray(at, end))
    const grew = core.exports.addSegment(this.at, sequence, placed, placed + (end - at)) !== 0
    core.exports.release(placed)
    return grew
  }

  consume(count: number): void {
    core.exports.consumeAssembled(this.at, count)
  }

  close(): void {
    core.exports.closeAssembly(this.key)
  }

  private field(word: number): number {
    return core.integers[this.at / 4 + word]
  }
}
