// Frames between the process that captures and the one that counts: over a Unix socket, or from another machine.

/** One byte of kind and four of length (big-endian) stand before what a frame carries. */
export const HEAD_LENGTH = 5
/** Longer than tcpdump's stdout gives at once. */
export const MAX_FRAME_LENGTH = 1 << 20

/** Bytes of the capture. */
export const FRAME_BYTES = 1
/** Packets that the kernel dropped so far, in eight bytes. */
export const FRAME_DROPPED = 2
/** A sentence about what is wrong. */
export const FRAME_PROBLEM = 3
/** What the capture program wrote on its stderr. */
export const FRAME_WORDS = 4
/** The capture program ended: as JSON its exit status and the code of the error with which it could not be started. */
export const FRAME_ENDED = 5
/** All packets up to this time are given, in seconds since 1970 (eight bytes, a double). */
export const FRAME_FLUSHED = 6
/** A sensor's first frame: as JSON what it captures. */
export const FRAME_HELLO = 7
/** The time that was asked with, and the sensor's own, in seconds since 1970 (a double each). */
export const FRAME_TIME = 8
/** A sensor's answer to its drop counters: how many seconds of this run it held back for its limit (eight bytes). */
export const FRAME_HELD_BACK = 9

/** What the other end may ask for, each a line: how often packets are to be given. */
export const ASK_WATCHED = 'watched'
export const ASK_UNWATCHED = 'unwatched'
/** Of a sensor, too: its drop counters, its time ("time 1764547200.5"), and to begin with its capture. */
export const ASK_DROPS = 'drops'
export const ASK_TIME = 'time'
export const ASK_BEGIN = 'begin'

export function frameOf(kind: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_LENGTH + payload.length)
  frame[0] = kind
  frame.writeUInt32BE(payload.length, 1)
  frame.set(payload, HEAD_LENGTH)
  return frame
}

/** Of FRAME_FLUSHED and FRAME_TIME. */
export function doublesOf(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, at) => bytes.writeDoubleBE(value, 8 * at))
  return bytes
}

/** Of FRAME_DROPPED and FRAME_HELD_BACK. */
export function countOf(count: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(count))))
  return bytes
}

/** Takes frames apart, in pieces of any length. False where they are none. */
export class FrameSplitter {
  private pending: Buffer = Buffer.alloc(0)

  add(piece: Buffer, onFrame: (kind: number, payload: Buffer) => void): boolean {
    let bytes = this.pending.length === 0 ? piece : Buffer.concat([this.pending, piece])
    while (bytes.length >= HEAD_LENGTH) {
      const length = bytes.readUInt32BE(1)
      if (length > MAX_FRAME_LENGTH) return false
      if (bytes.length < HEAD_LENGTH + length) break
      onFrame(bytes[0], bytes.subarray(HEAD_LENGTH, HEAD_LENGTH + length))
      bytes = bytes.subarray(HEAD_LENGTH + length)
    }
    this.pending = Buffer.from(bytes)
    return true
  }
}
