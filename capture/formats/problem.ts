// A problem in a capture file: what, where, and a sentence a person can act on.

/** One thing wrong: the packet's number (from 1; 0 where it concerns no packet) and the byte offset in the file. */
export interface Problem {
  packet: number
  offset: number
  message: string
}

/** A damaged file can have a problem in every packet; a person reads the first ones. */
export const MAX_PROBLEMS = 50

/** Collects problems up to a cap and counts the rest. */
export class ProblemList {
  readonly list: Problem[] = []
  dropped = 0

  add(packet: number, offset: number, message: string): void {
    if (this.list.length < MAX_PROBLEMS) this.list.push({ packet, offset, message })
    else this.dropped++
  }

  /** The list, closed by a line that counts what did not fit. */
  all(): Problem[] {
    if (this.dropped === 0) return this.list
    return [
      ...this.list,
      { packet: 0, offset: 0, message: `${this.dropped} more problems of this kind are not listed` },
    ]
  }
}
