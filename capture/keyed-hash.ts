// The packet core's keyed hash, for tables around it of what the network chooses.
import type { PacketCore } from './packet-core.ts'
import { readerCore, ReaderMemory } from './reader-core.ts'

/** HalfSipHash-1-3 under the core's secret key, capture/core/keyed-hash.ts. Call `begin`, `add` per word, `end`. */
export class KeyedHash {
  private readonly core: PacketCore = readerCore()
  private readonly memory = new ReaderMemory(this.core)

  begin(): void {
    this.core.exports.beginHash()
  }

  add(word: number): void {
    this.core.exports.hashWord(word)
  }

  /** The bytes [at, end): whole words, and a last one that holds what is left and how much that is. */
  addBytes(bytes: Uint8Array, at: number, end: number): void {
    const place = this.memory.place(bytes, at, end)
    this.core.exports.hashBytes(place, place + end - at)
  }

  /** The hash, 32 bits, signed. */
  end(): number {
    return this.core.exports.endHash()
  }

  /** After `end`: another 32 bits of the same input. */
  more(): number {
    return this.core.exports.moreHash()
  }
}
