// Reads a capture from a stream, plain or packed with gzip, zstd or xz, no faster than it is taken.
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type CaptureReader, mayBeCapture } from '../formats/capture-reader.ts'
import { LOOKED_AT } from '../formats/other-files.ts'
import { mayBePacked, PACKING_BYTES, packingOf } from './packing.ts'
import { feedUnpacker, openUnpacker, type ToolPacking } from './unpacker.ts'

/**
 * `onPiece` is called as packets are read, with the bytes taken from the stream so far; `signal` ends the reading
 * early. `pace` is waited for before more of a zstd or xz stream is unpacked, whose pieces may unpack to anything.
 * `tool` replaces the command that unpacks those.
 */
export interface StreamReadOptions {
  onPiece?: (bytesTaken: number) => void
  signal?: AbortSignal
  pace?: () => Promise<void>
  tool?: string
}

const NOTHING = new Uint8Array(0)
/** Unpacked at a time. */
const UNPACKED_LENGTH = 1 << 16

/**
 * Feeds the whole stream to `reader` and calls its `end`. Damaged packed data is a problem of the capture, like any
 * other damage, and so is a tool for zstd or xz that is not installed; rejects where the stream itself fails.
 */
export async function readCaptureStream(
  stream: AsyncIterable<Uint8Array>,
  reader: CaptureReader,
  options: StreamReadOptions = {},
): Promise<void> {
  let taken = 0
  const pieces = counted(stream, (length) => (taken += length))
  const head = new Head()
  /** Takes plain bytes; true when no more are wanted. */
  const accept = (piece: Uint8Array): boolean => {
    reader.push(head.add(piece))
    options.onPiece?.(taken)
    return reader.failed || options.signal?.aborted === true
  }
  try {
    const first = await firstBytes(pieces)
    const packing = packingOf(first)
    if (packing === 'gzip') await readGzipped(joined(first, pieces), reader, accept)
    else if (packing !== null) await readUnpacked(packing, joined(first, pieces), reader, accept, options)
    else for await (const piece of joined(first, pieces)) if (accept(piece)) break
    reader.push(head.rest())
  } finally {
    // Where the first piece is the last one wanted nobody has begun with the rest: its file would stay open.
    await pieces.return(undefined)
  }
  reader.end()
}

/** Holds back what begins like no capture until there is enough of it to say what it is. */
class Head {
  private held: Uint8Array | null = new Uint8Array(0)

  /** What is to be read now. */
  add(piece: Uint8Array): Uint8Array {
    if (this.held === null) return piece
    const held = this.held.length === 0 ? piece : Buffer.concat([this.held, piece])
    this.held = held.length >= LOOKED_AT || mayBeCapture(held) ? null : held
    return this.held === null ? held : NOTHING
  }

  /** At the end. */
  rest(): Uint8Array {
    const rest = this.held ?? NOTHING
    this.held = null
    return rest
  }
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  count: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    count(piece.length)
    yield piece
  }
}

/** A stream may begin with a piece of one byte: enough of them to tell how it is packed. */
async function firstBytes(pieces: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0)
  while (bytes.length < PACKING_BYTES && mayBePacked(bytes)) {
    const { value, done } = await pieces.next()
    if (done === true) break
    bytes = bytes.length === 0 ? value : Buffer.concat([bytes, value])
  }
  return bytes
}

async function* joined(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

/**
 * Writes piece by piece and takes what comes out at once: piping would lose what is unpacked but not yet read when the
 * stream breaks. A damaged place still costs what was unpacked together with it, less than one UNPACKED_LENGTH.
 */
async function readGzipped(
  pieces: AsyncIterable<Uint8Array>,
  reader: CaptureReader,
  accept: (piece: Uint8Array) => boolean,
): Promise<void> {
  const plain = createGunzip({ chunkSize: UNPACKED_LENGTH })
  let isOver = false
  plain.on('data', (piece: Uint8Array) => {
    isOver ||= accept(piece)
    if (isOver) plain.destroy()
  })
  const ended = finished(plain)
  // Whoever waits for it below gets the error; until then it is nobody's.
  ended.catch(() => {})
  try {
    for await (const piece of pieces) {
      await Promise.race([ended, written(plain, piece)])
      if (isOver) return
    }
    plain.end()
    await ended
  } catch (error) {
    if (isOver) return
    if (!isDamagedGzip(error)) throw error
    const message = (error as Error).message
    reader.problems.add(
      reader.packets + 1,
      reader.bytesRead,
      `the gzip data is damaged or cut off (${message}); what could be unpacked before that was read`,
    )
  } finally {
    plain.destroy()
  }
}

/** Takes what comes out piece by piece, while the rest goes in beside it. */
async function readUnpacked(
  packing: ToolPacking,
  pieces: AsyncIterable<Uint8Array>,
  reader: CaptureReader,
  accept: (piece: Uint8Array) => boolean,
  { pace, signal, tool }: StreamReadOptions,
): Promise<void> {
  const unpacker = openUnpacker(packing, tool)
  let failure: { error: unknown } | null = null
  const fed = feedUnpacker(pieces, unpacker).catch((error: unknown) => {
    failure = { error }
    unpacker.destroy()
  })
  try {
    const isOver = await takeAll(unpacker.output, async (piece) => {
      if (accept(piece)) return true
      await pace?.()
      return signal?.aborted === true
    })
    if (isOver) return
    const fault = await unpacker.ended
    await fed
    if (failure !== null) throw (failure as { error: unknown }).error
    if (fault?.isMissing === true) reader.fail(0, fault.message)
    else if (fault !== null)
      reader.problems.add(
        reader.packets + 1,
        reader.bytesRead,
        `the ${packing} data is damaged or cut off (${fault.message}); what could be unpacked before that was read`,
      )
  } finally {
    unpacker.destroy()
  }
}

/** True where `take` wanted no more. An output that breaks ends quietly: the unpacker says why. */
async function takeAll(
  output: AsyncIterable<Uint8Array>,
  take: (piece: Uint8Array) => Promise<boolean>,
): Promise<boolean> {
  const pieces = output[Symbol.asyncIterator]()
  for (;;) {
    const next = await pieces.next().catch(() => null)
    if (next === null || next.done === true) return false
    if (await take(next.value)) return true
  }
}

function written(stream: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(piece, (error) => {
      if (!error) resolve()
    })
  })
}

export function isDamagedGzip(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
