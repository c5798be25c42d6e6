// A file kept as reserve: its room is given back when the disk is full and something must be deleted.
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'

/** Enough for the write-ahead log of one slice of deletions. */
export const RESERVE_BYTES = 4 * 1024 * 1024
const PIECE = Buffer.alloc(65_536)

/** A file of zeros, real blocks and no hole. Does without where there is no room. */
export function keepReserve(path: string): void {
  if (existsSync(path) && statSync(path).size === RESERVE_BYTES) return
  try {
    const file = openSync(path, 'w', 0o600)
    try {
      for (let at = 0; at < RESERVE_BYTES; at += PIECE.length) writeSync(file, PIECE)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch {
    releaseReserve(path)
  }
}

export function releaseReserve(path: string): void {
  rmSync(path, { force: true })
}
