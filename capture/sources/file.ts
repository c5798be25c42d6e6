// Reads a capture from a file: plain ones in large synchronous reads, packed ones as a stream.
import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { CaptureReader } from '../formats/capture-reader.ts'
import { PACKING_BYTES, packingOf } from './packing.ts'
import { readCaptureStream } from './stream.ts'

/** Bytes of the file read so far, and in all; `signal` ends the reading early. */
export interface FileReadOptions {
  onProgress?: (bytesRead: number, bytesTotal: number) => void
  signal?: AbortSignal
}

/** How many reads between two looks at the signal and the event loop. */
const READS_PER_TURN = 32

/** Feeds the whole file at `path` to `reader`. Rejects where the file cannot be opened or read. */
export async function readCaptureFile(
  path: string,
  reader: CaptureReader,
  options: FileReadOptions = {},
): Promise<void> {
  const file = openSync(path, 'r')
  try {
    const total = fstatSync(file).size
    if (packingOf(magicOf(file)) !== null) return await readPackedFile(path, reader, total, options)
    await readPlain(file, reader, total, options)
  } finally {
    closeSync(file)
  }
  reader.end()
}

/** When the file was last changed, in seconds since 1970-01-01 UTC; NaN where there is none. */
export function timeOfFile(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN) / 1000
}

async function readPackedFile(
  path: string,
  reader: CaptureReader,
  total: number,
  { onProgress, signal }: FileReadOptions,
): Promise<void> {
  const stream = createReadStream(path, { highWaterMark: 1 << 18 })
  await readCaptureStream(stream, reader, {
    onPiece: (taken) => onProgress?.(taken, total),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Synchronous reads of 1 MiB into one buffer take a third of a stream's CPU; the event loop still gets its turns. */
async function readPlain(file: number, reader: CaptureReader, total: number, options: FileReadOptions): Promise<void> {
  for (let reads = 1; ; reads++) {
    const room = reader.room()
    const length = readSync(file, room, 0, room.length, null)
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

/** The first bytes, without moving on in the file. */
function magicOf(file: number): Uint8Array {
  const magic = new Uint8Array(PACKING_BYTES)
  return magic.subarray(0, readSync(file, magic, 0, PACKING_BYTES, 0))
}
