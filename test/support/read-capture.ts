// The reader's packets and problems for the bytes of a capture file, given whole or in pieces.
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import type { Frame } from '../../capture/frame.ts'
import type { Problem } from '../../capture/formats/problem.ts'
import { hexOf } from './bytes.ts'

/** A copy of what one frame said; `bytes` in hex, so that a difference is readable. */
export interface SeenPacket {
  seconds: number
  nanos: number
  timed: boolean
  linkType: number
  originalLength: number
  bytes: string
}

export interface SeenCapture {
  packets: SeenPacket[]
  problems: Problem[]
  reader: CaptureReader
}

export function seenPacket(frame: Frame): SeenPacket {
  const { seconds, nanos, timed, linkType, originalLength } = frame
  return { seconds, nanos, timed, linkType, originalLength, bytes: hexOf(frame.bytes.subarray(frame.at, frame.end)) }
}

/** Feeds the file in pieces of `pieceLength` bytes, without one as a whole. */
export function readCapture(file: Uint8Array, pieceLength = Math.max(1, file.length)): SeenCapture {
  const packets: SeenPacket[] = []
  const reader = new CaptureReader((frame) => packets.push(seenPacket(frame)))
  for (let at = 0; at < file.length; at += pieceLength) reader.push(file.subarray(at, at + pieceLength))
  reader.end()
  return { packets, problems: reader.allProblems(), reader }
}
