// What has changed in a state file since it was written as a whole: lines that are appended to a file beside it. The
// first says to which version they belong; each has its checksum, and what a power cut left half is not read.
import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { countWritten } from './durable-file.ts'
import { type Change, changeBetween, withChange } from './json-changes.ts'

/** The file itself is written again when its changes are longer than it, and than this. */
const LEAST_LIMIT = 64 * 1024
const CHECKSUM_LENGTH = 16

export function changesPath(path: string): string {
  return `${path}.changes`
}

/** The changes since the whole file was written last. */
export class ChangesFile {
  private readonly path: string
  /** What is on the disk; null where it is not known. */
  private text: string | null = null
  private version = ''
  private limit = 0
  private length = 0

  constructor(path: string) {
    this.path = changesPath(path)
  }

  /** The whole file was written with this text. */
  async begin(text: string): Promise<void> {
    this.forget()
    await rm(this.path, { force: true })
    this.text = text
    this.version = checksum(text)
    this.limit = Math.max(LEAST_LIMIT, text.length)
    this.length = 0
  }

  /** What is on the disk is not known: the whole file has to be written. */
  forget(): void {
    this.text = null
  }

  /** The whole file holds exactly this: only the changes have to go. */
  isWhole(text: string): boolean {
    return this.text !== null && this.version === checksum(text)
  }

  /** Writes the change to what `text` is. False where the whole file has to be written. */
  async append(text: string): Promise<boolean> {
    if (this.text === null) return false
    const change = changeBetween(JSON.parse(this.text), JSON.parse(text))
    if (change === null) return true
    const line = lineOf(change)
    const added = this.length === 0 ? `${this.version}\n${line}` : line
    if (this.length + added.length > this.limit) return false
    // Half a line may be left where this fails.
    this.text = null
    const handle = await open(this.path, this.length === 0 ? 'w' : 'a', 0o600)
    try {
      await handle.chmod(0o600)
      await handle.writeFile(added)
      await handle.sync()
    } finally {
      await handle.close()
    }
    countWritten(added)
    this.text = text
    this.length += added.length
    return true
  }
}

/** The value of a whole file with its changes; those of another version of it are none. */
export function withChanges(text: string, changes: string | null): unknown {
  let value: unknown = JSON.parse(text)
  const lines = changes?.split('\n') ?? []
  if (lines[0] !== checksum(text)) return value
  // The last line, or what is behind it, was not written to its end.
  for (const line of lines.slice(1, -1)) {
    const json = line.slice(CHECKSUM_LENGTH + 1)
    if (line.slice(0, CHECKSUM_LENGTH) !== checksum(json)) break
    value = withChange(value, JSON.parse(json) as Change)
  }
  return value
}

function lineOf(change: Change): string {
  const json = JSON.stringify(change)
  return `${checksum(json)} ${json}\n`
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CHECKSUM_LENGTH)
}
