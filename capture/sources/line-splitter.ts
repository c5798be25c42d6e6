// Splits a stream of bytes into lines of bounded length.

/** A longer line is skipped and counted: the longest that a log parser looks at, in bytes. */
export const MAX_LINE_BYTES = 262_144
const NEWLINE = 0x0a

/** Cuts bytes into lines of bounded length; the half-written last one waits for its rest. */
export class LineSplitter {
  /** Bytes behind the last newline. */
  pendingBytes = 0
  /** Lines over MAX_LINE_BYTES. */
  skipped = 0
  private readonly onLine: (line: string) => void
  private pending: Uint8Array[] = []

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine
  }

  /** The bytes may be overwritten afterwards. */
  addBytes(bytes: Buffer): void {
    let at = 0
    for (let newline = bytes.indexOf(NEWLINE, at); newline >= 0; newline = bytes.indexOf(NEWLINE, at)) {
      this.add(bytes.subarray(at, newline))
      this.endLine()
      at = newline + 1
    }
    if (at < bytes.length) this.add(Buffer.from(bytes.subarray(at)))
  }

  /** What is pending is all there will be: a last line without its newline. */
  end(): void {
    if (this.pendingBytes > 0) this.endLine()
  }

  /** Forgets the half line. */
  reset(): void {
    this.pending = []
    this.pendingBytes = 0
  }

  private add(piece: Uint8Array): void {
    this.pendingBytes += piece.length
    if (this.pendingBytes > MAX_LINE_BYTES) this.pending = []
    else if (piece.length > 0) this.pending.push(piece)
  }

  private endLine(): void {
    const { pending } = this
    const isTooLong = this.pendingBytes > MAX_LINE_BYTES
    this.reset()
    if (isTooLong) {
      this.skipped++
      return
    }
    const line = Buffer.concat(pending).toString('utf8')
    this.onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}
