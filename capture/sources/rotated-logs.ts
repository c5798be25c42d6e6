// Finds where a log file went when it was rotated, and the files that came after it.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { createGunzip } from 'node:zlib'

/** Bytes at the start of a log that identify it under another name, inode or compression. */
export const HEAD_LENGTH = 1024
/** Rotated files that are examined; logrotate keeps a week or a year of days. */
const MAX_ROTATED = 400

export interface Fingerprint {
  /** Bytes from the start that `hash` (SHA-256, hexadecimal) is of; 0 where nothing was read yet. */
  length: number
  hash: string
}

/** Where reading is, to be kept and handed back after a restart. JSON; made of what survives a rename or a copy. */
export interface LogPosition {
  inode: string
  /** Bytes of whole lines taken, of the unpacked text. */
  offset: number
  fingerprint: Fingerprint
  /** When the file was last changed as far as it was read: nanoseconds since 1970, in decimal. */
  modified: string
}

export interface LogFile {
  path: string
  inode: string
  size: number
  modified: bigint
  isGzip: boolean
}

export const NO_FINGERPRINT: Fingerprint = { length: 0, hash: '' }

/** Null where there is no such file. Rejects where it may not be examined. */
export async function statOf(path: string): Promise<LogFile | null> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return { path, inode: String(ino), size: Number(size), modified: mtimeNs, isGzip: path.endsWith('.gz') }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The first bytes of an open file, HEAD_LENGTH at most. */
export async function headOfOpen(handle: FileHandle, length: number): Promise<Buffer> {
  const head = Buffer.alloc(Math.min(length, HEAD_LENGTH))
  const { bytesRead } = await handle.read(head, 0, head.length, 0)
  return head.subarray(0, bytesRead)
}

/** The fingerprint of a file that grows no more. */
export async function fingerprintOfFile(file: LogFile): Promise<Fingerprint> {
  return fingerprint(await headOf(file, HEAD_LENGTH))
}

/** Whether the file is, or begins as, the one that was read up to `position`. */
export async function isSameFile(file: LogFile, position: LogPosition): Promise<boolean> {
  const { length, hash } = position.fingerprint
  if (length === 0) return file.inode === position.inode
  if (!file.isGzip && file.size < position.offset) return false
  const head = await headOf(file, length)
  return head.length === length && fingerprint(head).hash === hash
}

/**
 * Among the rotated files of the log at `path`: the one that was read up to `position` (null where it is gone) and
 * those that came after it, oldest first.
 */
export async function findRotated(
  path: string,
  position: LogPosition,
): Promise<{ own: LogFile | null; newer: LogFile[] }> {
  const rotated = await rotatedFilesOf(path)
  const byInode = rotated.findIndex((file) => !file.isGzip && file.inode === position.inode)
  let index = byInode >= 0 && (await isSameFile(rotated[byInode], position)) ? byInode : -1
  if (position.fingerprint.length > 0) {
    for (let at = rotated.length - 1; at >= 0 && index < 0; at--)
      if (await isSameFile(rotated[at], position)) index = at
  }
  if (index >= 0) return { own: rotated[index], newer: rotated.slice(index + 1) }
  const modified = BigInt(position.modified)
  return { own: null, newer: rotated.filter((file) => file.modified > modified) }
}

/**
 * The text of a file from `offset` on, unpacked; of the open `handle` where there is one. Rejects where it cannot be
 * read; damaged gzip data ends it.
 */
export async function* readUnpacked(file: LogFile, offset: number, handle?: FileHandle): AsyncGenerator<Buffer> {
  const bytesFrom = (start: number) =>
    handle === undefined
      ? createReadStream(file.path, { start, highWaterMark: 1 << 18 })
      : handle.createReadStream({ start, highWaterMark: 1 << 18, autoClose: false })
  if (!file.isGzip) {
    yield* bytesFrom(offset) as AsyncIterable<Buffer>
    return
  }
  let skip = offset
  const packed = bytesFrom(0)
  const plain = createGunzip({ chunkSize: 1 << 18 })
  packed.on('error', (error) => plain.destroy(error))
  packed.pipe(plain)
  try {
    for await (const piece of plain as AsyncIterable<Buffer>) {
      if (skip < piece.length) yield piece.subarray(skip)
      skip = Math.max(0, skip - piece.length)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
  } finally {
    packed.destroy()
    plain.destroy()
  }
}

/** "query.log.1", "query.log.2.gz", "query.log-20261124", "query.log.old", "query-20261124.log": oldest first. */
async function rotatedFilesOf(path: string): Promise<LogFile[]> {
  const base = basename(path)
  const folder = dirname(path)
  // Where the log's name is a link, the current file has a rotated one's name as well.
  const current = await statOf(path)
  const found: { file: LogFile; mark: string }[] = []
  for (const name of await readdir(folder)) {
    const mark = rotationMark(name, base)
    if (mark === null || found.length >= MAX_ROTATED) continue
    const file = await statOf(join(folder, name))
    if (file !== null && file.inode !== current?.inode) found.push({ file, mark })
  }
  const unpacked = new Set(found.filter(({ file }) => !file.isGzip).map(({ file }) => file.path))
  // While it is being compressed, a file is there twice.
  const single = found.filter(({ file }) => !file.isGzip || !unpacked.has(file.path.slice(0, -3)))
  return inOrder(single).map(({ file }) => file)
}

/** The part of a rotated file's name that differs: its number or date; null where the name is another log's. */
function rotationMark(name: string, base: string): string | null {
  const plain = name.endsWith('.gz') ? name.slice(0, -3) : name
  if (plain.startsWith(base)) return /^[.-](\d[\d.T_-]*|old|bak|prev)$/.exec(plain.slice(base.length))?.[1] ?? null
  const extension = extname(base)
  const stem = base.slice(0, base.length - extension.length)
  if (extension === '' || !plain.startsWith(stem) || !plain.endsWith(extension)) return null
  return /^[._-](\d[\d.T_-]*)$/.exec(plain.slice(stem.length, plain.length - extension.length))?.[1] ?? null
}

/** By name where names give the order (a small number counts the rotations since, a date the day), else by time. */
function inOrder(files: { file: LogFile; mark: string }[]): { file: LogFile; mark: string }[] {
  const isNumbered = files.every(({ mark }) => /^\d{1,4}$/.test(mark))
  if (isNumbered) return files.sort((a, b) => Number(b.mark) - Number(a.mark))
  return files.sort((a, b) => Number(a.file.modified - b.file.modified) || (a.mark < b.mark ? -1 : 1))
}

async function headOf(file: LogFile, length: number): Promise<Buffer> {
  if (file.isGzip) {
    const pieces: Buffer[] = []
    let have = 0
    for await (const piece of readUnpacked(file, 0)) {
      pieces.push(piece)
      have += piece.length
      if (have >= length) break
    }
    return Buffer.concat(pieces).subarray(0, length)
  }
  const handle = await open(file.path, 'r')
  try {
    const head = Buffer.alloc(length)
    const { bytesRead } = await handle.read(head, 0, length, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** `head`: the first bytes of a file, HEAD_LENGTH at most. */
export function fingerprint(head: Uint8Array): Fingerprint {
  return { length: head.length, hash: createHash('sha256').update(head).digest('hex') }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
