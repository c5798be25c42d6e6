// The reserve of the state folder: a file whose room is given back, piece by piece, where a write meets a full disk.
import { closeSync, lstatSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs'
import { randomFillSync } from 'node:crypto'
import { dirname, join } from 'node:path'

/** What all files of the state folder share: eight writes of a large state file, or two slices of deletions. */
export const RESERVE_BYTES = 8 * 1024 * 1024
/** Given back at a time: another program may take what is free, so no more is freed than a write needs. */
export const PIECE_BYTES = 256 * 1024
/** Left for what the owner asks for: what is written in the background takes no more. */
export const KEPT_FOR_OWNER = RESERVE_BYTES / 2
const RESERVE = 'reserve'

/** Whether a write failed because there is no room, by the codes of the system and of SQLite. */
export function isDiskFull(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return /SQLITE_FULL|SQLITE_IOERR|ENOSPC|EDQUOT|disk is full|disk I\/O/.test(`${code} ${message}`)
}

/**
 * Makes the reserve as large as it should be, of real blocks: random bytes, which no file system compresses. Leaves at
 * least twice its size free; does with less, or without, where there is no room. Not synced: after a power cut it is
 * made again. False where it is smaller than it should be.
 */
export function fillReserve(folder: string, most = RESERVE_BYTES): boolean {
  const path = join(folder, RESERVE)
  try {
    removeOther(path)
    let size = sizeOf(path)
    if (size >= most) return true
    const file = openSync(path, 'a', 0o600)
    try {
      const piece = Buffer.allocUnsafe(PIECE_BYTES)
      for (; size < most && freeBytes(folder) >= 2 * size + 1024 * 1024; size += PIECE_BYTES)
        writeAll(file, randomFillSync(piece))
    } finally {
      closeSync(file)
    }
    return size >= most
  } catch {
    return false
  }
}

/** Gives a piece of the reserve to the disk; false where no more than `kept` bytes are left of it. */
export function takePiece(folder: string, kept = 0): boolean {
  const path = join(folder, RESERVE)
  const size = sizeOf(path)
  if (size <= kept) return false
  try {
    if (size > PIECE_BYTES) truncateSync(path, size - PIECE_BYTES)
    else rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}

export function reserveBytes(folder: string): number {
  return sizeOf(join(folder, RESERVE))
}

/**
 * Repeats what meets a full disk for as long as more than `kept` bytes of the reserve are left. `work` may be begun
 * again at any point.
 */
export async function withReserve<Value>(folder: string, work: () => Promise<Value>, kept = 0): Promise<Value> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDiskFull(error) || !takePiece(folder, kept)) throw error
    }
  }
}

export function withReserveSync<Value>(folder: string, work: () => Value): Value {
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isDiskFull(error) || !takePiece(folder)) throw error
    }
  }
}

/** Removes the reserve that earlier versions kept beside one file. */
export function removeFormerReserve(path: string): void {
  rmSync(`${path}.reserve`, { force: true, recursive: true })
  removeOther(join(dirname(path), RESERVE))
}

function sizeOf(path: string): number {
  try {
    const facts = statSync(path)
    return facts.isFile() ? facts.size : 0
  } catch {
    return 0
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}

/** What stands in the place of the reserve and is no file. */
function removeOther(path: string): void {
  try {
    if (!lstatSync(path).isFile()) rmSync(path, { force: true, recursive: true })
  } catch {
    // There is nothing.
  }
}
