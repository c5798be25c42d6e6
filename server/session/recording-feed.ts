// Reading of a recording up to a moment, whatever it holds: packets or the lines of a log.
import type { Problem } from '../../capture/formats/problem.ts'

/** Thrown by `advance` where the recording holds more than is allowed. */
export class RecordingTooLargeError extends Error {}

/** One pass over a recording. What it holds comes in the file's order; what lies in the past comes at once. */
export interface RecordingFeed {
  /** Bytes of the file taken so far, before unpacking. */
  readonly bytesTaken: number
  /** Packets or look-ups handed over, and the time of the last one. */
  readonly packets: number
  readonly lastTime: number
  readonly hasEnded: boolean
  /** Time of what comes next; null where nothing is waiting. */
  readonly nextTime: number | null
  /**
   * Hands over what there is up to time `until`, for about `milliseconds` at most. Resolves to true once there is
   * nothing left to hand over up to then. Rejects where the file cannot be read or holds too much.
   */
  advance(until: number, milliseconds: number): Promise<boolean>
  /** What is damaged in what was read so far. */
  problems(): Problem[]
  close(): Promise<void>
}
