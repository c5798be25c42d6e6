// Writes a large capture to disk in bounded memory.
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { pcapHeader } from '../../server/sample/packets/pcap-writer.ts'

const CHUNK_BYTES = 4 << 20
const RECORD_HEADER = 16

export type CaptureFile = {
  /** One packet: microseconds since 1970, the bytes of a frame, what was on the wire if more. */
  write(micros: number, frame: Uint8Array, originalLength?: number): void
  /** Bytes so far. */
  length(): number
  /** Flushes and gives the file its name; until then it carries another one, so a file of this name is whole. */
  finish(): void
  abandon(): void
}

/** A classic little-endian microsecond capture of Ethernet frames. */
export function createCaptureFile(path: string): CaptureFile {
  mkdirSync(dirname(path), { recursive: true })
  const partial = `${path}.${process.pid}.partial`
  const file = openSync(partial, 'w')
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let filled = 0
  let flushed = 0

  const header = pcapHeader()
  chunk.set(header)
  filled = header.length

  function flush(): void {
    for (let at = 0; at < filled;) at += writeSync(file, chunk, at, filled - at)
    flushed += filled
    filled = 0
  }

  return {
    write(micros, frame, originalLength = frame.length) {
      if (filled + RECORD_HEADER + frame.length > CHUNK_BYTES) flush()
      const seconds = Math.floor(micros / 1e6)
      chunk.writeUInt32LE(seconds, filled)
      chunk.writeUInt32LE(micros - seconds * 1e6, filled + 4)
      chunk.writeUInt32LE(frame.length, filled + 8)
      chunk.writeUInt32LE(originalLength, filled + 12)
      chunk.set(frame, filled + RECORD_HEADER)
      filled += RECORD_HEADER + frame.length
    },
    length: () => flushed + filled,
    finish() {
      flush()
      closeSync(file)
      renameSync(partial, path)
    },
    abandon() {
      closeSync(file)
      rmSync(partial, { force: true })
    },
  }
}
