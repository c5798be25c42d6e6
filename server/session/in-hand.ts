// What the engine's thread has in hand, in memory that outlives the thread: who finds it dead can tell at what.
import { HASHED_BYTES, type InputKind } from '../model/input-fault.ts'

/** Behind the signs of life (thread-watch.ts): kind and length of a packet or line, length of the file's head. */
const FIELDS_AT = 4
const ITEM_AT = 16
const FILE_AT = ITEM_AT + HASHED_BYTES
export const SHARED_BYTES = FILE_AT + HASHED_BYTES

const KINDS: readonly (InputKind | null)[] = [null, 'packet', 'line']

export class InHand {
  private readonly fields: Int32Array
  private readonly item: Uint8Array
  private readonly file: Uint8Array

  constructor(shared: SharedArrayBuffer) {
    this.fields = new Int32Array(shared, FIELDS_AT, 3)
    this.item = new Uint8Array(shared, ITEM_AT, HASHED_BYTES)
    this.file = new Uint8Array(shared, FILE_AT, HASHED_BYTES)
  }

  take(kind: 'packet' | 'line', bytes: Uint8Array, from: number, to: number): void {
    const end = Math.min(to, from + HASHED_BYTES)
    this.item.set(bytes.subarray(from, end))
    this.fields[1] = end - from
    this.fields[0] = KINDS.indexOf(kind)
  }

  putDown(): void {
    this.fields[0] = 0
  }

  /** The head of the file that is being read; null where none is. */
  takeFile(head: Uint8Array | null): void {
    if (head !== null) this.file.set(head.subarray(0, HASHED_BYTES))
    this.fields[2] = head === null ? 0 : Math.min(head.length, HASHED_BYTES)
  }

  /** The smallest piece that is known; null where nothing was in hand. */
  read(): { kind: InputKind; bytes: Uint8Array } | null {
    const kind = KINDS[this.fields[0]] ?? null
    if (kind !== null) return { kind, bytes: Uint8Array.from(this.item.subarray(0, this.fields[1])) }
    if (this.fields[2] > 0) return { kind: 'file', bytes: Uint8Array.from(this.file.subarray(0, this.fields[2])) }
    return null
  }
}
