// Many inputs through pairs of cores that differ in nothing but the foreign bytes around each input: whatever comes out
// of them is the same, their memories are the same, and what must hold does.
import {
  MAX_ADDRESSES,
  MAX_ASSEMBLIES,
  MAX_BINDINGS,
  MAX_DNS_QUERIES,
  MAX_FLOWS,
  MAX_NAMES,
  MAX_ROWS,
} from '../../../capture/core/limits.ts'
import { type CoreBuild, CoreUnderTest } from './core-under-test.ts'
import type { CoreInput } from './input.ts'
import { mutatedInput } from './mutate.ts'
import { play } from './play.ts'
import { Draw } from './random.ts'
import { introduction, quicInput } from './seeds.ts'

/** Inputs that one pair of cores takes, one behind the other; of some pairs more. */
const SHORT_LIFE = 200
/** A core whose memory is its own takes longer to make. */
const LIFE_WITH_OWN_MEMORY = 500
const LONG_LIFE = 1_500
const LONG_LIVES = 100
/** One input in so many is a QUIC flow built for it, which takes a hundred times as long as a mutation. */
const BUILT_EVERY = 150
const MAX_KEPT = 20_000
/** Kept inputs are taken up more often than the first ones. */
const KEPT_SHARE = 3

export interface CoreFinding {
  message: string
  /** All that the cores took, the failing one last. */
  inputs: CoreInput[]
  seed: number
}

export class CoreFuzzer {
  /** By cover point: 1 where it was reached. */
  readonly reached: Uint8Array
  inputs = 0
  packets = 0
  kept: CoreInput[] = []
  finding: CoreFinding | null = null
  private readonly draw: Draw
  private readonly one: CoreUnderTest
  private readonly other: CoreUnderTest
  private readonly seeds: readonly CoreInput[]
  private readonly hello = introduction()
  private readonly shortLife: number

  constructor(build: CoreBuild, seeds: readonly CoreInput[], seed: number) {
    this.reached = new Uint8Array(build.points.length)
    this.seeds = seeds
    this.draw = new Draw(seed)
    this.one = new CoreUnderTest(build, 0x00)
    this.other = new CoreUnderTest(build, 0xff)
    this.hasCover = build.points.length > 0
    this.shortLife = build.importsMemory ? SHORT_LIFE : LIFE_WITH_OWN_MEMORY
  }

  private readonly hasCover: boolean

  /** What came out of the core at hand, as one number. */
  get sum(): number {
    return this.one.sum
  }

  /** Runs at least `count` inputs more; fewer where one fails. */
  run(count: number): void {
    const until = this.inputs + count
    while (this.inputs < until && this.finding === null) {
      const length = this.draw.once(LONG_LIVES) ? LONG_LIFE : this.shortLife
      this.life(this.draw.word(), Math.min(length, until - this.inputs), () => this.nextInput())
    }
  }

  /** Each of the seeds as it is. */
  runSeeds(): void {
    let next = 0
    while (next < this.seeds.length && this.finding === null)
      this.life(next + 1, Math.min(this.shortLife, this.seeds.length - next), () => this.seeds[next++])
  }

  /** What `act` does to a core, done to two; only the memories and sums are compared. */
  runOnBoth(seed: number, act: (core: CoreUnderTest) => void): void {
    for (const core of [this.one, this.other]) {
      core.begin(seed, this.reached, true)
      act(core)
      core.settle()
      this.check(core)
    }
    this.inputs++
    this.take()
    this.compare()
  }

  private nextInput(): CoreInput {
    const { draw, kept, seeds } = this
    if (draw.once(BUILT_EVERY)) return quicInput(draw)
    const list = kept.length > 0 && draw.below(KEPT_SHARE) > 0 ? kept : seeds
    return mutatedInput(draw.pick(list), seeds, draw)
  }

  private life(seed: number, length: number, next: () => CoreInput): void {
    const inputs: CoreInput[] = []
    try {
      this.one.begin(seed, this.reached)
      this.other.begin(seed, this.reached)
      if (isIntroduced(seed)) for (const core of [this.one, this.other]) play(core, this.hello)
      for (let count = 0; count < length; count++) {
        const input = next()
        inputs.push(input)
        this.inputs++
        this.packets += input.packets.length
        this.step(input)
        if (!this.take()) continue
        if (this.kept.length < MAX_KEPT) this.kept.push(input)
        else this.kept[this.draw.below(MAX_KEPT)] = input
      }
      this.compare()
    } catch (error) {
      this.finding = { message: error instanceof Error ? (error.stack ?? error.message) : String(error), inputs, seed }
    }
  }

  /** The same inputs again, with everything compared behind each: up to the first that fails. */
  replay({ seed, inputs }: CoreFinding): CoreFinding | null {
    let count = 0
    try {
      this.one.begin(seed, this.reached)
      this.other.begin(seed, this.reached)
      if (isIntroduced(seed)) for (const core of [this.one, this.other]) play(core, this.hello)
      for (const input of inputs) {
        count++
        this.step(input)
        this.compare()
      }
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { message, inputs: inputs.slice(0, count), seed }
    }
    return null
  }

  private step(input: CoreInput): void {
    const { one, other } = this
    play(one, input)
    one.settle()
    play(other, input)
    other.settle()
    if (one.sum !== other.sum) throw new Error('bytes outside of the input change what comes out')
    this.check(one)
  }

  private compare(): void {
    const at = this.one.firstDifference(this.other)
    if (at >= 0) throw new Error(`bytes outside of the input came into the core: they differ at ${at}`)
  }

  /** Whether a point was reached for the first time. */
  private take(): boolean {
    if (!this.hasCover) return false
    const { cover } = this.one
    if (cover.coverNew.value === 0) return false
    const at = cover.coverAddress()
    const points = this.one.bytes.subarray(at, at + this.reached.length)
    let isNew = false
    for (let point = 0; point < points.length; point++) {
      if (points[point] === 0 || this.reached[point] !== 0) continue
      this.reached[point] = 1
      isNew = true
    }
    for (const core of [this.one, this.other]) core.cover.coverNew.value = 0
    return isNew
  }

  private check(core: CoreUnderTest): void {
    const { exports } = core
    const isInside =
      exports.addressesUsed() <= MAX_ADDRESSES &&
      exports.bindingsUsed() <= MAX_BINDINGS &&
      exports.rowsUsed() <= MAX_ROWS + MAX_BINDINGS &&
      exports.flowsUsed() <= MAX_FLOWS &&
      exports.flowsAlive() <= exports.flowsUsed() &&
      exports.nameCount() <= MAX_NAMES &&
      exports.queriesUsed() <= MAX_DNS_QUERIES &&
      exports.assemblyCount() <= MAX_ASSEMBLIES
    if (!isInside) throw new Error('a table is larger than its limit')
    if (core.isExact) checkSums(core)
  }
}

/** Most cores know the devices before the first input. */
function isIntroduced(seed: number): boolean {
  return seed % 8 !== 0
}

/** Every IP byte is in a row, within the home, passing by, a copy's or a tunnel's: none is lost and none is twice. */
function checkSums(core: CoreUnderTest): void {
  const { exports } = core
  let [rows, bindings, local] = [0, 0, 0]
  for (let row = exports.rowsUsed() - 1; row >= 0; row--) rows += exports.rowNumber(row, 0) + exports.rowNumber(row, 1)
  for (let binding = exports.bindingsUsed() - 1; binding >= 0; binding--) {
    bindings += exports.bindingNumber(binding, 0) + exports.bindingNumber(binding, 1)
    local += exports.bindingNumber(binding, 2) + exports.bindingNumber(binding, 3)
  }
  if (rows !== bindings) throw new Error(`rows hold ${rows} bytes, bindings ${bindings}`)
  const total = (exports.ipBytes.value as number) - core.waiting
  const passed = exports.transitBytes.value as number
  // Between two devices a packet counts at both ends, to a group at one.
  const tunnels = exports.tunnelBytes.value as number
  const copied = exports.copiedBytes.value as number
  const rest = total - rows - passed - tunnels - copied
  if (!(rest >= local / 2 && rest <= local) || rest !== (exports.localBytes.value as number))
    throw new Error(
      `of ${total} IP bytes ${rows} are in rows, ${passed} passed by, ${tunnels} are tunnels', ${copied} copies', ${local} were counted at home`,
    )
  if (core.hasTicks && core.tickBytes !== rows) throw new Error(`rows hold ${rows} bytes, ticks ${core.tickBytes}`)
}
