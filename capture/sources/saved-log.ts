// Saved logs: files that a resolver or Zeek wrote and that grow no more, plain, packed or as a database.
import { closeSync, createReadStream, openSync, type ReadStream, readSync, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type { DatabaseLogFormat } from '../logs/format.ts'
import {
  createLogParser,
  LOG_FORMATS,
  type LogFormat,
  logFormat,
  recogniseLog,
  type TextFormat,
} from '../logs/formats.ts'
import { PIHOLE_WORDS } from '../logs/pihole.ts'
import type { LogRecord } from '../logs/record.ts'
import { LineSplitter } from './line-splitter.ts'
import { loadDriver } from './sqlite.ts'
import { PACKING_BYTES, packingOf } from './packing.ts'
import { isDamagedGzip } from './stream.ts'
import { feedUnpacker, openUnpacker, type ToolPacking } from './unpacker.ts'

/** Bytes at the start of the file that identify its format. */
const HEAD_BYTES = 65_536
/** Of those, lines that are looked at: whoever logs queries has written one by then. */
const HEAD_LINES = 400
/** sqlite.org/fileformat.html section 1.3.1. */
const SQLITE_MAGIC = 'SQLite format 3\0'
/** Read at a time. */
const PIECE_BYTES = 1 << 18

export interface SavedLogOptions {
  signal?: AbortSignal
  /** Bytes of lines beyond which reading ends with SavedLogTooLargeError: a small gzip file can hold terabytes. */
  maxUnpackedBytes?: number
}

/** What was read since the piece before. */
export interface SavedLogPiece {
  records: readonly LogRecord[]
  /** Bytes of the file, as it is stored, read so far. */
  bytesTaken: number
  /** Lines so far, or rows of a database that gave a record; and of them those too long to be one of a resolver. */
  lines: number
  skippedLines: number
  /** What is damaged, in one sentence; the records before it are good. Null where nothing is. */
  problem: string | null
}

export class SavedLogTooLargeError extends Error {}

/** The packed data is damaged, or cannot be unpacked here: a sentence. */
class PackedDataError extends Error {}

/**
 * What wrote the log at `path`, by its first lines; null where it is none that we read. Rejects with what opening it
 * throws.
 */
export async function recogniseSavedLog(path: string): Promise<LogFormat | null> {
  if (firstBytesOf(path, SQLITE_MAGIC.length).toString('latin1') === SQLITE_MAGIC) return databaseFormat(path)
  const lines = (await headOf(path)).toString('utf8').split('\n')
  // The last line may be cut; where it is the only one it is all there is.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  const head = whole.slice(0, HEAD_LINES).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const format = recogniseLog(head, clockOf(path))
  return format === 'dnsmasq' && head.some((line) => PIHOLE_WORDS.test(line)) ? 'pihole' : format
}

/** The records of the log at `path`, in pieces. Throws where the file or the database cannot be read. */
export function readSavedLog(
  path: string,
  format: LogFormat,
  options: SavedLogOptions = {},
): AsyncGenerator<SavedLogPiece> {
  const definition = logFormat(format)
  return definition.storage === 'database'
    ? readDatabase(path, definition)
    : readText(path, definition.id as TextFormat, options)
}

/** The format of the database: the first one whose rows can be read. */
function databaseFormat(path: string): LogFormat | null {
  for (const format of LOG_FORMATS) {
    if (format.storage !== 'database') continue
    try {
      const database = loadDriver().openReadOnly(path)
      try {
        format.openReader(database, 0).read()
        return format.id
      } finally {
        database.close()
      }
    } catch {
      // Another program's database.
    }
  }
  return null
}

async function* readDatabase(path: string, format: DatabaseLogFormat): AsyncGenerator<SavedLogPiece> {
  const database = loadDriver().openReadOnly(path)
  const bytesTaken = statSync(path).size
  try {
    const rows = format.openReader(database, 0)
    let records: LogRecord[] = format.devices(database)
    let lines = 0
    do {
      lines += records.length
      yield { records, bytesTaken, lines, skippedLines: 0, problem: null }
      records = rows.read()
    } while (records.length > 0)
  } finally {
    database.close()
  }
}

async function* readText(
  path: string,
  format: TextFormat,
  { signal, maxUnpackedBytes = Number.POSITIVE_INFINITY }: SavedLogOptions,
): AsyncGenerator<SavedLogPiece> {
  const parser = createLogParser(format, clockOf(path))
  let records: LogRecord[] = []
  let lines = 0
  let unpacked = 0
  const splitter = new LineSplitter((line) => {
    lines++
    records.push(...parser.parse(line))
  })
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES })
  const piece = (problem: string | null = null): SavedLogPiece => {
    const read = records
    records = []
    return { records: read, bytesTaken: file.bytesRead, lines, skippedLines: splitter.skipped, problem }
  }
  try {
    for await (const chunk of plainBytes(path, file)) {
      if (signal?.aborted === true) return
      unpacked += chunk.length
      if (unpacked > maxUnpackedBytes)
        throw new SavedLogTooLargeError(
          `The log holds more than ${Math.round(maxUnpackedBytes / 1e6)} MB when unpacked; what was read before that is shown`,
        )
      splitter.addBytes(chunk)
      yield piece()
    }
    splitter.end()
    yield piece()
  } catch (error) {
    if (!(error instanceof PackedDataError)) throw error
    splitter.end()
    yield piece(error.message)
  } finally {
    file.destroy()
  }
}

/** The bytes of the file, unpacked where it is packed. Throws PackedDataError behind what can be unpacked. */
async function* plainBytes(path: string, file: ReadStream): AsyncGenerator<Buffer> {
  const packing = packingOf(firstBytesOf(path, PACKING_BYTES))
  if (packing === null) yield* file as AsyncIterable<Buffer>
  else if (packing === 'gzip') yield* gunzipped(file)
  else yield* unpacked(packing, file)
}

async function* gunzipped(file: ReadStream): AsyncGenerator<Buffer> {
  const plain = file.pipe(createGunzip({ chunkSize: PIECE_BYTES }))
  file.on('error', (error) => plain.destroy(error))
  try {
    yield* plain as AsyncIterable<Buffer>
  } catch (error) {
    throw isDamagedGzip(error) ? damaged('gzip', (error as Error).message) : error
  } finally {
    plain.destroy()
  }
}

async function* unpacked(packing: ToolPacking, file: ReadStream): AsyncGenerator<Buffer> {
  const unpacker = openUnpacker(packing)
  const fed = feedUnpacker(file as AsyncIterable<Uint8Array>, unpacker)
  fed.catch(() => unpacker.destroy())
  const pieces = unpacker.output[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  try {
    for (;;) {
      // An output that breaks ends: the unpacker says why.
      const next = await pieces.next().catch(() => null)
      if (next === null || next.done === true) break
      yield next.value
    }
    const fault = await unpacker.ended
    if (fault !== null) throw fault.isMissing ? new PackedDataError(fault.message) : damaged(packing, fault.message)
    await fed
  } finally {
    unpacker.destroy()
  }
}

function damaged(packing: string, reason: string): PackedDataError {
  return new PackedDataError(
    `the ${packing} data is damaged or cut off (${reason}); what could be unpacked before that was read`,
  )
}

/** A stamp without a year is of the last year that had ended it when the file was last written. */
function clockOf(path: string): () => number {
  const written = statSync(path).mtimeMs / 1000
  return () => written
}

function firstBytesOf(path: string, count: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(count)
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0))
  } finally {
    closeSync(file)
  }
}

/** The first HEAD_BYTES bytes of what can be unpacked. */
async function headOf(path: string): Promise<Buffer> {
  const file = createReadStream(path, { highWaterMark: HEAD_BYTES })
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of plainBytes(path, file)) {
      pieces.push(piece)
      length += piece.length
      if (length >= HEAD_BYTES) break
    }
  } catch (error) {
    if (!(error instanceof PackedDataError)) throw error
  } finally {
    file.destroy()
  }
  return Buffer.concat(pieces).subarray(0, HEAD_BYTES)
}
