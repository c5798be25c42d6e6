// A core that takes inputs, with foreign bytes around each of them; what the program around a core answers is drawn.
import { FrameAt } from '../../../capture/core/frame-layout.ts'
import type { CoreExports, CoreImports } from '../../../capture/core-exports.ts'
import type { CoverPoint } from './cover-build.ts'
import type { CorePacket } from './input.ts'
import { Draw } from './random.ts'

/** What the fuzzing compiles or loads: the build that notes its cover points, or the product's. */
export interface CoreBuild {
  module: WebAssembly.Module
  /** Empty where the build notes none. */
  points: readonly CoverPoint[]
  /** The build takes its memory from outside, so that one serves many cores. */
  importsMemory: boolean
}

interface CoverExports {
  coverAddress: () => number
  coverNew: WebAssembly.Global<'i32'>
}

/** Foreign bytes on both sides of an input. */
const GUARD = 256
export const ROOM = 300_000
const HELD_ROOM = 2_048
const MAX_NESTED = 4
const MAX_HELD = 8
const FIRST_PAGES = 40
/** A memory that grew beyond is not used again. */
const LARGEST_REUSED = 8_388_608

interface Held {
  bytes: Uint8Array
  seconds: number
  nanos: number
  linkType: number
  originalLength: number
  timed: number
  ipBytes: number
}

let sharedWords: Uint8Array | null = null

export class CoreUnderTest {
  exports!: CoreExports
  /** Of the host's answers, and of calls and pieces. */
  readonly answers = new Draw(1)
  readonly draw = new Draw(1)
  /** What came out of it, folded into one number. */
  sum = 0
  /** IP bytes of packets that wait, or were given up while they waited. */
  waiting = 0
  hasTicks = true
  private isPlain = false
  /** Bytes of rows that the ticks had. */
  tickBytes = 0
  inputAt = 0
  /** Whether the sums of bytes are to be exact: nothing but packets moved bytes. */
  isExact = true
  private readonly build: CoreBuild
  private readonly poison: number
  private memory: WebAssembly.Memory
  private heldAt = 0
  private nested = 0
  private held: Held[] = []
  private buffer = new ArrayBuffer(0)
  private byteView = new Uint8Array(0)
  private integerView = new Int32Array(0)
  private numberView = new Float64Array(0)

  constructor(build: CoreBuild, poison: number) {
    this.build = build
    this.poison = poison
    this.memory = new WebAssembly.Memory({ initial: FIRST_PAGES })
  }

  get bytes(): Uint8Array {
    this.renew()
    return this.byteView
  }

  get integers(): Int32Array {
    this.renew()
    return this.integerView
  }

  get numbers(): Float64Array {
    this.renew()
    return this.numberView
  }

  /**
   * A core in which nothing happened yet. `reached`: the points that are known to be reached. With `isPlain` the host
   * asks for nothing and lets everybody in.
   */
  begin(seed: number, reached: Uint8Array, isPlain = false): void {
    const { build } = this
    const draw = new Draw(seed)
    if (build.importsMemory) {
      if (this.memory.buffer.byteLength > LARGEST_REUSED) this.memory = new WebAssembly.Memory({ initial: FIRST_PAGES })
      else new Uint8Array(this.memory.buffer).fill(0)
    }
    const env = { memory: this.memory, abort: stopped }
    const instance = new WebAssembly.Instance(build.module, { host: this.host() as never, env })
    this.exports = (build.importsMemory
      ? { ...instance.exports, memory: this.memory }
      : instance.exports) as unknown as CoreExports
    const { exports, bytes } = this
    const points = build.points.length
    if (points > 0) {
      const at = this.cover.coverAddress()
      // What ran while the core was made is reached as well.
      for (let point = 0; point < points; point++) if (bytes[at + point] !== 0) reached[point] = 1
      bytes.set(reached, at)
    }
    bytes.set(hashWords(exports.hashWordsLength()), exports.hashWordsAddress())
    bytes.set([1, 2, 3, 4, 5, 6, 7, 8], exports.hashKeyAddress())
    exports.reserveIds()
    this.inputAt = exports.allocateBuffer(ROOM + 2 * GUARD) + GUARD
    this.heldAt = exports.allocateBuffer(MAX_NESTED * (HELD_ROOM + GUARD))
    this.bytes.fill(this.poison, this.inputAt - GUARD, this.inputAt + ROOM + GUARD)
    this.bytes.fill(this.poison, this.heldAt, this.heldAt + MAX_NESTED * (HELD_ROOM + GUARD))
    this.sum = 0
    this.waiting = 0
    this.tickBytes = 0
    this.nested = 0
    this.held = []
    this.isExact = true
    this.isPlain = isPlain
    this.hasTicks = isPlain || !draw.once(3)
    exports.setHasTicks(this.hasTicks ? 1 : 0)
    this.answers.restart(seed)
    exports.setDirectMediaLabel(4)
    if (isPlain) return
    exports.setMayExclude(draw.once(8) ? 1 : 0)
    exports.setIsHolding(draw.once(4) ? 1 : 0)
    if (draw.once(10)) {
      exports.beginNamedHome()
      for (let networks = draw.below(20); networks > 0; networks--)
        exports.nameHome(0, 0, 0xffff, 0xc0a80000 | (networks << 8), 112 + draw.below(17))
    }
  }

  get cover(): CoverExports {
    return this.exports as unknown as CoverExports
  }

  /** The input's bytes, with the foreign ones right behind them. */
  place(given: Uint8Array): number {
    const bytes = given.length > ROOM ? given.subarray(0, ROOM) : given
    const memory = this.bytes
    memory.set(bytes, this.inputAt)
    memory.fill(this.poison, this.inputAt + bytes.length, this.inputAt + bytes.length + GUARD)
    return this.inputAt
  }

  note(value: number): void {
    this.sum = (Math.imul(this.sum, 0x01000193) ^ (Number.isInteger(value) ? value : Math.trunc(value * 1e6))) | 0
  }

  packet(packet: CorePacket): void {
    const at = this.place(packet.bytes)
    const length = Math.min(packet.bytes.length, ROOM)
    this.storeFrame(at, at + length, packet.linkType, packet.seconds, packet.nanos, packet.originalLength)
    this.integers[(this.exports.frameAddress() + FrameAt.timed) >> 2] = packet.timed ? 1 : 0
    this.exports.processFrame()
    this.checkFrame(at, at + length)
  }

  private storeFrame(at: number, end: number, linkType: number, seconds: number, nanos: number, length: number): void {
    const record = this.exports.frameAddress()
    const { integers, numbers } = this
    numbers[(record + FrameAt.seconds) >> 3] = seconds
    numbers[(record + FrameAt.originalLength) >> 3] = length
    integers[(record + FrameAt.nanos) >> 2] = nanos
    integers[(record + FrameAt.timed) >> 2] = 1
    integers[(record + FrameAt.linkType) >> 2] = linkType
    integers[(record + FrameAt.at) >> 2] = at
    integers[(record + FrameAt.end) >> 2] = end
  }

  field(offset: number): number {
    return this.integers[(this.exports.frameAddress() + offset) >> 2]
  }

  /** Whatever the packet says, places are inside of it. */
  private checkFrame(at: number, end: number): void {
    const payloadAt = this.field(FrameAt.payloadAt)
    const payloadEnd = this.field(FrameAt.payloadEnd)
    if (payloadAt !== 0 && !(payloadAt >= at && payloadAt <= payloadEnd && payloadEnd <= end))
      throw new Error(`a payload from ${payloadAt - at} to ${payloadEnd - at} in ${end - at} bytes`)
    if (this.field(FrameAt.stopped) === 0) return
    const stoppedAt = this.field(FrameAt.stoppedAt)
    const have = this.field(FrameAt.stoppedHave)
    if (stoppedAt < at || stoppedAt > end || have < 0 || have >= this.field(FrameAt.stoppedNeed))
      throw new Error(`stopped at ${stoppedAt - at} of ${end - at}, with ${have} of ${this.field(FrameAt.stoppedNeed)}`)
  }

  /** The source ends; what must hold then. */
  settle(): void {
    const { exports } = this
    exports.finishFlows()
    this.note(exports.ipBytes.value as number)
    this.note(exports.transitBytes.value as number)
    this.note(exports.tunnelBytes.value as number)
    this.note(exports.flowsUsed())
    this.note(exports.rowsUsed())
    this.note(exports.nameCount())
    this.note(exports.bindingsUsed())
    this.note(exports.addressesUsed())
  }

  private hold(): void {
    const at = this.field(FrameAt.at)
    const end = this.field(FrameAt.end)
    const ipBytes =
      this.field(FrameAt.version) === 0 ? 0 : this.numbers[(this.exports.frameAddress() + FrameAt.ipBytes) >> 3]
    this.waiting += ipBytes
    if (this.held.length >= MAX_HELD || end - at > HELD_ROOM) return
    const record = this.exports.frameAddress()
    this.held.push({
      bytes: this.bytes.slice(at, end),
      seconds: this.numbers[(record + FrameAt.seconds) >> 3],
      nanos: this.field(FrameAt.nanos),
      linkType: this.field(FrameAt.linkType),
      timed: this.field(FrameAt.timed),
      originalLength: this.numbers[(record + FrameAt.originalLength) >> 3],
      ipBytes,
    })
  }

  /** Packets that waited are processed in the middle of another one. */
  private release(): void {
    for (let packets = this.answers.below(3); packets > 0 && this.held.length > 0; packets--) {
      if (this.exports.saveFrame() === 0) return
      const { bytes, seconds, nanos, linkType, originalLength, timed, ipBytes } = this.held.pop()!
      const at = this.heldAt + this.nested * (HELD_ROOM + GUARD)
      this.nested++
      this.bytes.set(bytes, at)
      this.bytes.fill(this.poison, at + bytes.length, at + bytes.length + GUARD)
      this.storeFrame(at, at + bytes.length, linkType, seconds, nanos, originalLength)
      this.integers[(this.exports.frameAddress() + FrameAt.timed) >> 2] = timed
      this.waiting -= ipBytes
      this.exports.processHeldFrame()
      this.nested--
      this.exports.restoreFrame()
    }
  }

  private host(): CoreImports {
    const { answers } = this
    return {
      takePacket: () => this.note(this.field(FrameAt.end) - this.field(FrameAt.at)),
      countUnread: () => this.note(1),
      mayDeliver: () => (answers.once(3) ? 0 : 1),
      isExcluded: () => (answers.once(4) ? 1 : 0),
      advance: (second) => {
        this.note(second)
        if (this.held.length > 0) this.release()
      },
      mayAppear: () => {
        if (!this.isPlain && answers.once(8) && this.nested < 2) {
          this.hold()
          return 0
        }
        // Who appears gets a place; now and then there is none left.
        if (this.isPlain || answers.below(16) > 0)
          this.exports.addMac(this.field(FrameAt.macHigh), this.field(FrameAt.macLow))
        return 1
      },
      mayClaim: () => (!this.isPlain && answers.once(8) ? 0 : 1),
      mayBeNamed: () => (!this.isPlain && answers.once(4) ? 0 : 1),
      observeAnswer: () => {
        if (this.held.length > 0) this.release()
      },
      addressChanged: (address, before, mac) => this.note(address ^ before ^ mac),
      unaskedAnswer: (client, holder, sender, name) => this.note(client ^ holder ^ sender ^ name),
      observeAnnouncement: (kind, binding) => this.announce(kind, binding),
      observeUserAgent: (binding, at, end) => {
        this.note(binding)
        for (let byte = at; byte < end; byte++) this.note(this.bytes[byte])
      },
      observeSaid: (kind, binding, at, end) => {
        this.note(kind ^ binding)
        for (let byte = at; byte < end; byte++) this.note(this.bytes[byte])
      },
      nameOfCertificate: (device, at, end, name) => {
        for (let byte = at; byte < end; byte++) this.note(this.bytes[byte])
        // A name of it, the one that is known, or none.
        if (answers.once(3)) return name
        return answers.once(3) ? 0 : this.exports.internNameFor(device, at, Math.min(end, at + 20))
      },
      labelBitsOfPort: (protocol, port) => (protocol ^ port) & 3,
      takeTick: (second) => this.takeTick(second),
      nameDiffers: (name, byDns) => this.note(name ^ byDns),
    }
  }

  /** As DHCP does: a message changes who holds an address. */
  private announce(kind: number, binding: number): void {
    const { exports, answers } = this
    this.note(kind ^ binding)
    const address = answers.below(exports.addressesUsed())
    const [high, low] = [this.field(FrameAt.macHigh), this.field(FrameAt.macLow)]
    switch (answers.below(8)) {
      case 0:
        return exports.leaseAddress(address, high, low)
      case 1: {
        const mac = exports.macOf(high, low)
        if (mac > 0) exports.requestedAddress(address, mac)
        return
      }
      case 2: {
        const mac = exports.macOf(high, low)
        if (mac > 0) exports.carries(mac, answers.below(6))
        return
      }
      case 3:
        return exports.leaseAddress(address, 0x0200, answers.below(6))
      case 4:
        // Who was announced has waited long enough.
        return this.release()
      default:
        this.note(exports.deviceKey(Math.max(0, binding)))
    }
  }

  private takeTick(second: number): void {
    const { exports } = this
    const { numbers } = this
    this.note(second)
    let [sent, received] = [exports.tickSent() >> 3, exports.tickReceived() >> 3]
    for (let rows = exports.tickRows(); rows > 0; rows--) this.tickBytes += numbers[sent++] + numbers[received++]
    ;[sent, received] = [exports.tickSentLocal() >> 3, exports.tickReceivedLocal() >> 3]
    for (let rows = exports.tickBindings(); rows > 0; rows--) this.note(numbers[sent++] + numbers[received++])
    exports.clearTick()
  }

  private renew(): void {
    const { buffer } = this.exports.memory
    if (buffer === this.buffer) return
    this.buffer = buffer
    this.byteView = new Uint8Array(buffer)
    this.integerView = new Int32Array(buffer)
    this.numberView = new Float64Array(buffer)
  }

  /** The first place that differs in the other core, -1 where there is none. Where inputs stood does not count. */
  firstDifference(other: CoreUnderTest): number {
    const [mine, others] = [this.bytes, other.bytes]
    if (mine.length !== others.length) return Math.min(mine.length, others.length)
    const from = Math.min(this.inputAt, this.heldAt) - GUARD
    const to = Math.max(this.inputAt + ROOM + GUARD, this.heldAt + MAX_NESTED * (HELD_ROOM + GUARD))
    const points = this.build.points.length
    // What checks alone ran is no difference either.
    const cover = points > 0 ? this.cover.coverAddress() : 0
    for (const [start, end] of [
      [0, cover],
      [cover + points, from],
      [to, mine.length],
    ]) {
      if (Buffer.compare(mine.subarray(start, end), others.subarray(start, end)) === 0) continue
      for (let at = start; at < end; at++) if (mine[at] !== others[at]) return at
    }
    return -1
  }
}

/** The same for all cores, so that two of them can be compared. */
function hashWords(length: number): Uint8Array {
  if (sharedWords === null) {
    const draw = new Draw(7)
    sharedWords = Uint8Array.from({ length }, () => draw.word())
  }
  return sharedWords
}

function stopped(): never {
  throw new Error('the packet core stopped')
}
