// One instance of the packet core: its memory as typed arrays, what it offers, and what it asks.
import { randomFillSync } from 'node:crypto'
import type { CoreExports, CoreImports } from './core-exports.ts'
import { NO_NAME } from './core/constants.ts'
import { coreModule } from './sources/core-file.ts'

const NOTHING: CoreImports = {
  takePacket: () => {},
  countUnread: () => {},
  mayDeliver: () => 1,
  isExcluded: () => 0,
  advance: () => {},
  mayAppear: () => 1,
  mayClaim: () => 1,
  mayBeNamed: () => 1,
  observeAnswer: () => {},
  addressChanged: () => {},
  unaskedAnswer: () => {},
  observeAnnouncement: () => {},
  observeUserAgent: () => {},
  observeSaid: () => {},
  labelBitsOfPort: () => 0,
  takeTick: () => {},
  nameDiffers: () => {},
  nameOfCertificate: () => NO_NAME,
}

/** The key of the keyed hash, and that of packets' identities: two words. */
const HASH_KEY_BYTES = 8

export class PacketCore {
  /** What the core offers: capture/core/index.ts. */
  readonly exports: CoreExports
  /** What the core asks; assign to answer. */
  readonly host: CoreImports = { ...NOTHING }
  private buffer = new ArrayBuffer(0)
  private byteView = new Uint8Array(0)
  private integerView = new Int32Array(0)
  private numberView = new Float64Array(0)

  constructor() {
    // Each import looks its answer up when it is called: answers are assigned after the instance was made.
    const answers = this.host as unknown as Record<string, (...words: number[]) => number | void>
    const imports = Object.fromEntries(
      Object.keys(NOTHING).map((name) => [name, (...words: number[]) => answers[name](...words)]),
    )
    const { exports } = new WebAssembly.Instance(coreModule(), { host: imports, env: { abort } })
    this.exports = exports as unknown as CoreExports
    const at = this.exports.hashWordsAddress()
    randomFillSync(this.bytes, at, this.exports.hashWordsLength())
    randomFillSync(this.bytes, this.exports.hashKeyAddress(), HASH_KEY_BYTES)
    randomFillSync(this.bytes, this.exports.copyKeyAddress(), HASH_KEY_BYTES)
    this.exports.reserveIds()
  }

  /** The core's memory. Views end when the memory grows: ask for them anew after each call of the core. */
  get bytes(): Uint8Array {
    this.renew()
    return this.byteView
  }

  /** The same as 32-bit integers: address / 4. */
  get integers(): Int32Array {
    this.renew()
    return this.integerView
  }

  /** The same as 64-bit numbers: address / 8. */
  get numbers(): Float64Array {
    this.renew()
    return this.numberView
  }

  private renew(): void {
    const { buffer } = this.exports.memory
    if (buffer === this.buffer) return
    this.buffer = buffer
    this.byteView = new Uint8Array(buffer)
    this.integerView = new Int32Array(buffer)
    this.numberView = new Float64Array(buffer)
  }
}

function abort(): never {
  throw new Error('the packet core stopped')
}
