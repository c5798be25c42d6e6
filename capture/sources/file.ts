// Reads a capture from a file: plain ones in large synchronous reads, gzipped ones as a stream.
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { type CaptureReader, READ_LENGTH } from '../formats/capture-reader.ts'

/** Bytes of the file read so far, and in all; `signal` ends the reading early. */
export interface FileReadOptions {
  onProgress?: (bytesRead: number, bytesTotal: number) => void
  signal?: AbortSignal
}

/** How many reads between two looks at the signal and the event loop. */
const READS_PER_TURN = 32
/** Unpacked at a time. */
const UNPACKED_LENGTH = 1 << 16

/** Feeds the whole file at `path` to `reader`. Rejects where the file cannot be opened or read. */
export async function readCaptureFile(path: string, reader: CaptureReader, options: FileReadOptions = {}): Promise<void> {
  const file = openSync(path, 'r')
  try {
    const total = fstatSync(file).size
    if (isGzip(file)) await readGzip(path, reader, total, options)
    else await readPlain(file, reader, total, options)
  } finally {
    closeSync(file)
  }
  reader.end()
}

/** Synchronous reads of 1 MiB into one buffer take a third of a stream's CPU; the event loop still gets its turns. */
async function readPlain(file: number, reader: CaptureReader, total: number, options: FileReadOptions): Promise<void> {
  for (let reads = 1; ; reads++) {
    const room = Math.min(reader.buffer.length - reader.filled, READ_LENGTH)
    const length = readSync(file, reader.buffer, reader.filled, room, null)
    if (length === 0) return
    reader.commit(length)
    if (reader.failed) return
    if (reads % READS_PER_TURN === 0) {
      options.onProgress?.(reader.bytesRead, total)
      if (options.signal !== undefined) {
        await setImmediate()
        if (options.signal.aborted) return
      }
    }
  }
}

/**
 * Writes piece by piece and takes what comes out at once: piping would lose what is unpacked but not yet read when the
 * stream breaks. A damaged place still costs what was unpacked together with it, less than one UNPACKED_LENGTH.
 */
async function readGzip(path: string, reader: CaptureReader, total: number, options: FileReadOptions): Promise<void> {
  const compressed = createReadStream(path, { highWaterMark: 1 << 18 })
  const plain = createGunzip({ chunkSize: UNPACKED_LENGTH })
  const isOver = (): boolean => reader.failed || options.signal?.aborted === true
  plain.on('data', (piece: Uint8Array) => {
    reader.push(piece)
    options.onProgress?.(compressed.bytesRead, total)
    if (isOver()) plain.destroy()
  })
  const ended = finished(plain)
  // Whoever waits for it below gets the error; until then it is nobody's.
  ended.catch(() => {})
  try {
    for await (const piece of compressed) {
      await Promise.race([ended, written(plain, piece as Uint8Array)])
      if (isOver()) return
    }
    plain.end()
    await ended
  } catch (error) {
    if (isOver()) return
    if (!isDamagedGzip(error)) throw error
    const message = (error as Error).message
    reader.problems.add(reader.packets + 1, reader.bytesRead, `the gzip data is damaged or cut off (${message}); what could be unpacked before that was read`)
  } finally {
    compressed.destroy()
    plain.destroy()
  }
}

function written(stream: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(piece, (error) => {
      if (!error) resolve()
    })
  })
}

function isDamagedGzip(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

/** RFC 1952 section 2.3.1. */
function isGzip(file: number): boolean {
  const magic = new Uint8Array(2)
  return readSync(file, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b
}
