// A piece of input at which the engine failed: what is remembered of it, so that it cannot stop the engine for ever.
import { createHash } from 'node:crypto'

/** A packet, a line of a log, or a file of which nothing smaller is known. */
export type InputKind = 'packet' | 'line' | 'file'

export interface InputFault extends InputMark {
  kind: InputKind
  /** Its bytes, as many as are hashed: kept only where the owner wants it. */
  bytes: Uint8Array
  cause: string
  /** The whole thread was lost at it. */
  wasLost: boolean
}

/** What a piece of input is recognised by; nothing of its bytes can be read from it. */
export interface InputMark {
  /** Of its first bytes. */
  hash: string
  /** A quick look at some of them, so that what differs from all that is set aside need not be hashed. */
  glance: number
}

/** Bytes that make a piece of input the same as another. */
export const HASHED_BYTES = 8_192
/** Input that made the engine fail so often is not given to it again. */
export const MOST_FAULTS = 2

export function hashOfInput(kind: InputKind, bytes: Uint8Array): string {
  return createHash('sha256').update(`${kind}\n`).update(bytes.subarray(0, HASHED_BYTES)).digest('hex').slice(0, 32)
}

/** FNV-1a over the length and bytes spread over the whole. */
export function glanceAt(bytes: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, from + HASHED_BYTES)
  let glance = 0x811c9dc5 ^ (end - from)
  const step = Math.max(1, Math.floor((end - from) / 32))
  for (let at = from; at < end; at += step) glance = Math.imul(glance ^ bytes[at], 0x01000193)
  return glance >>> 0
}

export function faultOf(kind: InputKind, bytes: Uint8Array, cause: string, wasLost: boolean): InputFault {
  const kept = bytes.subarray(0, HASHED_BYTES)
  return { kind, hash: hashOfInput(kind, kept), glance: glanceAt(kept, 0, kept.length), bytes: kept, cause, wasLost }
}
