// What the parser of a capture format offers, and what it needs of the reader that owns the buffer.
import type { Frame } from '../frame.ts'
import type { ProblemList } from './problem.ts'

/** Parses whole records out of a buffer. */
export interface FormatParser {
  /**
   * Parses records in bytes[from, to) and returns where the first incomplete one starts. `fileOffset` is the offset in
   * the file of bytes[0].
   */
  parse(bytes: Uint8Array, from: number, to: number, fileOffset: number): number
  /** A sentence on bytes[from, to) at the end of the file; null where nothing is missing. */
  describeTail(bytes: Uint8Array, from: number, to: number): string | null
}

/** Receives what a parser reads. */
export interface PacketSink {
  /** The one frame that is filled in for each packet. */
  readonly frame: Frame
  /** Packets so far; `emit` counts its own. */
  packets: number
  /** True once damage makes everything behind it unreadable. */
  readonly failed: boolean
  readonly problems: ProblemList
  /** Packets dropped, as reported by the capturing kernel. */
  dropped: number
  /** To be set once the file's own header was read. */
  hasHeader: boolean
  /** A link type appears in the file. */
  addLinkType(linkType: number): void
  /** The frame is filled in; `offset` is where its record starts in the file. */
  emit(offset: number): void
  /** Nothing behind `offset` can be trusted. */
  fail(offset: number, message: string): void
}
