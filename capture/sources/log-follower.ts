// Reads the new lines of a log file, through every way of rotating it.
import { type FileHandle, open } from 'node:fs/promises'
import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.ts'
import {
  fingerprint,
  fingerprintOfFile,
  findRotated,
  HEAD_LENGTH,
  headOfOpen,
  isSameFile,
  type LogFile,
  type LogPosition,
  NO_FINGERPRINT,
  readUnpacked,
  statOf,
} from './rotated-logs.ts'

export type { LogPosition } from './rotated-logs.ts'

/** Interval of checking the file: far below the second in which the page expects updates. */
const LOOK_EVERY_MS = 250
const READ_LENGTH = 1 << 18
const NEWLINE = 0x0a

export interface LogFollowerOptions {
  /**
   * Where the last run stopped; where there is none, reading starts `from` the end (the default) or the start of the
   * file.
   */
  position?: LogPosition | null
  from?: 'start' | 'end'
  onLine: (line: string) => void
  /** Called behind the last line of what was read at once: the time to keep `position()`. */
  onCaughtUp?: () => void
}

/**
 * Follows `path` by inode and offset: renamed, deleted, created anew, truncated in place or after a copy, compressed,
 * rotated twice between two looks. What stands in rotated files that were not read to their end is read first.
 */
export class LogFollower {
  readonly path: string
  /** Lines handed over, and rotations seen, since the start. */
  lines = 0
  rotations = 0
  /** What is wrong, in a sentence; null when all is well. */
  problem: string | null = null

  private readonly options: LogFollowerOptions
  private from: 'start' | 'end'
  private hasBegun = false
  /** All rotated files were read and there is no current one yet. */
  private isWaiting = false
  /** The current file, null while there is none. */
  private handle: FileHandle | null = null
  /** Where reading is; `offset` counts the bytes read, the half line included. */
  private at: LogPosition = { inode: '', offset: 0, fingerprint: NO_FINGERPRINT, modified: '0' }
  /** The first bytes of the current file as they were read: it may be cut while it is read. */
  private head: Buffer = Buffer.alloc(0)
  private readonly splitter: LineSplitter
  private readonly chunk = Buffer.allocUnsafe(READ_LENGTH)
  private timer: NodeJS.Timeout | null = null
  private looking: Promise<void> | null = null
  private isStopped = false

  constructor(path: string, options: LogFollowerOptions) {
    this.path = path
    this.options = options
    this.from = options.from ?? 'end'
    this.splitter = new LineSplitter((line) => {
      this.lines++
      options.onLine(line)
    })
  }

  /** Lines over MAX_LINE_BYTES, which nobody sees. */
  get skippedLines(): number {
    return this.splitter.skipped
  }

  start(): void {
    const again = (): void => {
      if (!this.isStopped) this.timer = setTimeout(() => void this.look().then(again), LOOK_EVERY_MS)
    }
    void this.look().then(again)
  }

  async stop(): Promise<void> {
    this.isStopped = true
    if (this.timer !== null) clearTimeout(this.timer)
    await this.looking
    await this.close()
  }

  /** Null before the file was seen. */
  position(): LogPosition | null {
    if (!this.hasBegun) return this.options.position ?? null
    return { ...this.at, offset: Math.max(0, this.at.offset - this.splitter.pendingBytes) }
  }

  /** Reads all there is now. The timer calls it; so may a test. Never rejects: see `problem`. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => {
        this.problem = describe(error, this.path)
      })
      .finally(() => {
        this.looking = null
      })
    return this.looking
  }

  private async lookOnce(): Promise<void> {
    const before = this.lines
    try {
      if (this.hasBegun) await this.follow()
      else await this.begin()
    } finally {
      if (this.lines !== before) this.options.onCaughtUp?.()
    }
  }

  private async begin(): Promise<void> {
    const { position } = this.options
    const current = await statOf(this.path)
    if (position !== undefined && position !== null) {
      this.at = position
      this.hasBegun = true
      // Of a file of which nothing was read, only its time shows that it was written, and perhaps copied and cut.
      const isChanged = position.fingerprint.length === 0 && current?.modified !== BigInt(position.modified)
      if (current === null || isChanged || !(await isSameFile(current, position))) return await this.catchUp()
      return (await this.openCurrent(position, current.inode)) ? await this.readToEnd() : await this.catchUp()
    }
    if (current === null) {
      // A log that is created later is new from its first line on.
      this.from = 'start'
      this.problem = `There is no ${this.path} yet. Does the resolver write its log there, and may Telltale look into the folder?`
      return
    }
    await this.openCurrent(null)
    this.hasBegun = true
    if (this.from === 'end') await this.skipToEnd()
    await this.readToEnd()
  }

  private async follow(): Promise<void> {
    if (this.handle === null) return await this.catchUp()
    const own = await this.handle.stat({ bigint: true })
    if (await this.wasTruncated(this.handle, Number(own.size), own.mtimeNs)) {
      // What we had not read is in a copy, or gone; the writer goes on in this file.
      await this.close()
      return await this.catchUp()
    }
    await this.readToEnd()
    const current = await statOf(this.path)
    if (current === null || current.inode === this.at.inode) return
    // Another file has our name. Ours is complete once its writer has turned to a newer one.
    if (current.size === 0 && (await findRotated(this.path, this.at)).newer.length === 0) return
    await this.readToEnd()
    await this.close()
    await this.catchUp()
  }

  /** Before anything was read, a change of the empty file's time is all there is to see. */
  private async wasTruncated(handle: FileHandle, size: number, modified: bigint): Promise<boolean> {
    if (size < this.at.offset) return true
    const { length, hash } = this.at.fingerprint
    if (length === 0) return modified !== BigInt(this.at.modified)
    return fingerprint(await headOfOpen(handle, length)).hash !== hash
  }

  /** Reads what was written since `at`: the rest of its file, those rotated after it, then the current one. */
  private async catchUp(): Promise<void> {
    const current = await statOf(this.path)
    if (current === null && this.isWaiting) return
    const isSameInode = current?.inode === this.at.inode
    const wasCutShort = isSameInode && this.at.offset > 0
    const { own, newer } = await findRotated(this.path, this.at)
    if (own !== null) {
      const { offset } = this.position() as LogPosition
      // Together, so that the position is right whenever it is asked for.
      this.at = { ...this.at, offset }
      this.splitter.reset()
      if (!(await this.readRotated(own, offset))) return await this.catchUp()
    }
    for (const file of newer) {
      // A writer that never closed its file goes on in the middle of a line, whatever was copied and cut before it.
      if (!isSameInode) this.splitter.end()
      if (!(await this.readRotated(file, 0))) return await this.catchUp()
    }
    if (!isSameInode) this.splitter.end()
    const isGone = (await statOf(this.path)) === null
    // One that was renamed while the older ones were read has its turn at the next look.
    this.isWaiting = isGone && current === null
    if (isGone) return
    // It may have been rotated meanwhile: the one that was there before is among the rotated ones now.
    const last = this.at
    if (current === null || !(await this.openCurrent(null, current.inode))) return await this.catchUp()
    // Or copied and cut: then what stood in it is in a copy that was not there before.
    if ((await findRotated(this.path, last)).newer.length > 0) {
      await this.close()
      this.at = last
      return await this.catchUp()
    }
    if (newer.length > 0 || !isSameInode || wasCutShort) this.rotations++
    await this.readToEnd()
  }

  /**
   * `at` moves along, so that an error on the way costs nothing: the next look goes on from there. False, and nothing
   * read, where the file's name is another's by now: it was rotated once more since it was found.
   */
  private async readRotated(file: LogFile, offset: number): Promise<boolean> {
    const handle = await open(file.path, 'r')
    try {
      const fingerprint = await fingerprintOfFile(file)
      const isOurs =
        String((await handle.stat({ bigint: true })).ino) === file.inode &&
        (await statOf(file.path))?.inode === file.inode
      if (isOurs) await this.readOpen(file, offset, handle, fingerprint)
      return isOurs
    } finally {
      await handle.close()
    }
  }

  private async readOpen(
    file: LogFile,
    offset: number,
    handle: FileHandle,
    fingerprint: LogPosition['fingerprint'],
  ): Promise<void> {
    this.at = { inode: file.inode, offset, fingerprint, modified: String(file.modified) }
    for await (const piece of readUnpacked(file, offset, handle)) {
      this.at.offset += piece.length
      this.splitter.addBytes(piece)
    }
  }

  /** False where the file of our name is not `inode`, where one is named. */
  private async openCurrent(position: LogPosition | null, inode?: string): Promise<boolean> {
    await this.close()
    this.isWaiting = false
    const handle = await open(this.path, 'r')
    const { ino, mtimeNs } = await handle.stat({ bigint: true })
    if (inode !== undefined && inode !== String(ino)) {
      await handle.close()
      return false
    }
    this.handle = handle
    this.head = position === null ? Buffer.alloc(0) : await headOfOpen(handle, position.fingerprint.length)
    this.at =
      position === null
        ? { inode: String(ino), offset: 0, fingerprint: NO_FINGERPRINT, modified: String(mtimeNs) }
        : { ...position }
    this.problem = null
    return true
  }

  /** To behind the last whole line: a half-written one is new when it is complete. */
  private async skipToEnd(): Promise<void> {
    const handle = this.handle as FileHandle
    const size = (await handle.stat()).size
    const tail = Buffer.allocUnsafe(Math.min(size, MAX_LINE_BYTES))
    const { bytesRead } = await handle.read(tail, 0, tail.length, size - tail.length)
    const newline = tail.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    this.at.offset = newline < 0 && size > MAX_LINE_BYTES ? size : size - tail.length + newline + 1
    this.head = await headOfOpen(handle, this.at.offset)
  }

  private async readToEnd(): Promise<void> {
    const { handle } = this
    if (handle === null) return
    const { mtimeNs } = await handle.stat({ bigint: true })
    for (;;) {
      const { bytesRead } = await handle.read(this.chunk, 0, READ_LENGTH, this.at.offset)
      if (bytesRead === 0) break
      if (this.head.length === this.at.offset && this.head.length < HEAD_LENGTH) {
        this.head = Buffer.concat([
          this.head,
          this.chunk.subarray(0, Math.min(bytesRead, HEAD_LENGTH - this.head.length)),
        ])
      }
      this.at.offset += bytesRead
      this.splitter.addBytes(this.chunk.subarray(0, bytesRead))
    }
    this.at.modified = String(mtimeNs)
    if (this.head.length > this.at.fingerprint.length) this.at.fingerprint = fingerprint(this.head)
  }

  private async close(): Promise<void> {
    const { handle } = this
    this.handle = null
    await handle?.close()
  }
}

function describe(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EACCES' || code === 'EPERM')
    return `Telltale may not read ${path}. Give its user the right, such as by adding it to the group of the log.`
  if (code === 'EISDIR') return `${path} is a folder, not a log file.`
  return `${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`
}
