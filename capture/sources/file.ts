// Reads a capture from a file: plain ones in large synchronous reads, gzipped ones as a stream.
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
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

async function readGzip(path: string, reader: CaptureReader, total: number, options: FileReadOptions): Promise<void> {
  const compressed = createReadStream(path, { highWaterMark: 1 << 18 })
  const plain = createGunzip({ chunkSize: 1 << 18 })
  compressed.pipe(plain)
  compressed.on('error', (error) => plain.destroy(error))
  try {
    for await (const piece of plain) {
      reader.push(piece as Uint8Array)
      if (reader.failed || options.signal?.aborted === true) return
      options.onProgress?.(compressed.bytesRead, total)
    }
  } catch (error) {
    if (!isDamagedGzip(error)) throw error
    const message = (error as Error).message
    reader.problems.add(reader.packets + 1, reader.bytesRead, `the gzip data is damaged or cut off (${message}); everything before it was read`)
  } finally {
    compressed.destroy()
    plain.destroy()
  }
}

function isDamagedGzip(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

/** RFC 1952 section 2.3.1. */
function isGzip(file: number): boolean {
  const magic = new Uint8Array(2)
  return readSync(file, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b
}
