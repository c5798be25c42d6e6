// Replays of recordings.
import type { ApiError } from './common.ts'

export const SPEEDS = [1, 10, 100, 'max'] as const
export type Speed = (typeof SPEEDS)[number]

/** GET /api/replays, GET /api/replays/:id */
export interface Replay {
  id: string
  /** The file's own name, cleaned for showing. */
  name: string
  state: 'uploading' | 'inspecting' | 'ready' | 'playing' | 'paused' | 'ended' | 'failed' | 'cancelled'
  /** Null before it is known, and of a log. */
  format: 'pcap' | 'pcapng' | null
  /** The program that wrote it where it is a log, "Pi-hole": its packets are look-ups then. Absent for a capture. */
  log?: string
  /** Of a log that tells of no bytes. */
  lookupsOnly?: boolean
  linkTypes: string[]
  bytesTotal: number
  bytesRead: number
  /** Packets in the file once inspected; packets played so far. */
  packetsTotal: number | null
  packets: number
  packetsPerSecond: number
  secondsLeft: number | null
  first: number | null
  last: number | null
  /** Capture time now. */
  position: number | null
  speed: Speed
  skipQuiet: boolean
  /**
   * Grows with each change: of two, the higher one is the later. An answer can arrive after an event that followed it.
   */
  revision: number
  /**
   * Stretches of capture time that hold packets, in the order of the recording, where its clock jumped by a month and
   * more: seconds, the last one included. Absent: it did not.
   */
  stretches?: { from: number; to: number }[]
  problems: { packet: number; offset: number; message: string }[]
  /** How its packets were read, where that is not as the file says, once all were. Absent: as it says. */
  notices?: string[]
  error: ApiError | null
}

/** POST /api/replays/:id/control */
export type ReplayControl =
  | { action: 'play' | 'pause' | 'cancel' }
  | { action: 'speed'; speed: Speed }
  | { action: 'seek'; to: number }
  | { action: 'skip-quiet'; on: boolean }
