// What the parser of a capture format offers, and what it needs of the reader that owns the buffer.
import type { ProblemList } from './problem.ts'
import type { Records } from './records.ts'

/** Parses whole records in the core's memory. The core reads the packets among them; the parser reads what is left. */
export interface FormatParser {
  /**
   * Parses records in [from, to) of the core's memory and returns where the first incomplete one starts. `fileOffset`
   * is the offset in the file of the byte at `from`.
   */
  parse(from: number, to: number, fileOffset: number): number
  /** A sentence on the bytes [from, to) at the end of the file; null where nothing is missing. */
  describeTail(from: number, to: number): string | null
}

/** Receives what a parser reads. */
export interface RecordSink {
  /** What the core keeps of the capture. */
  readonly records: Records
  /** True once damage makes everything behind it unreadable. */
  readonly failed: boolean
  readonly problems: ProblemList
  /** To be set once the file's own header was read. */
  hasHeader: boolean
  /** A link type appears in the file. */
  addLinkType(linkType: number): void
  /** Nothing behind `offset` can be trusted. */
  fail(offset: number, message: string): void
}
