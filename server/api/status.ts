// The status of a scope: its sources, its clock, and the health of the service.
import type { SourceKind } from '../../capture/sources/sources.ts'
import type { ScopeId } from './common.ts'

/** GET /api/traffic/:scope/status */
export interface TrafficStatus {
  scope: ScopeId
  /** Where the packets come from. */
  sources: SourceStatus[]
  /** The history's own clock: now when live, the recording's when replayed. */
  now: number
  /** Start of the first and end of the last second that the traffic history knows. Null while it is empty. */
  first: number | null
  last: number | null
  /** IANA name of the zone in which hours and days are cut. */
  timeZone: string
  /** Until when the home is being learned; null when done, or in a replay. */
  learningUntil: number | null
  /** True while the sample home plays: shown on every screen. */
  sample: boolean
  /** True where no source reports bytes: look-ups from a resolver's log are all there is. Absent: false. */
  lookupsOnly?: boolean
  /** A flood of made-up devices that is going on. Absent: there is none. */
  flood?: FloodStatus
  /** What is wrong with what Telltale keeps: a full disk, damaged files; one English sentence each. Absent: nothing. */
  problems?: string[]
  /** True where the owner has to confirm what is kept of devices, as damage may have changed it. Absent: false. */
  unconfirmed?: boolean
  /**
   * One English sentence while the machine's clock cannot be believed and nothing is deleted by age. Absent: it can.
   */
  clockProblem?: string
  health: Health
}

export interface FloodStatus {
  since: number
  /** Devices that turned up since then. */
  devices: number
  /** One English sentence about what that means. */
  sentence: string
}

export interface SourceStatus {
  id: string
  kind: 'sample' | 'file' | SourceKind
  title: string
  state: 'starting' | 'running' | 'quiet' | 'failed' | 'ended' | 'off'
  packets: number
  packetsPerSecond: number
  /** Packets that the kernel or the router dropped before they reached us. */
  dropped: number
  /** Capture time of the last packet. */
  lastPacket: number | null
  /** One English sentence about what is wrong and what to do; null when all is well. */
  problem: string | null
  /** What is good to know and no trouble, in sentences. Absent where there is nothing. */
  note?: string
  /**
   * True where it runs and sees nobody but this machine: no switch or Wi-Fi hands it the others' traffic. Absent:
   * false.
   */
  onlyOwnTraffic?: boolean
  /** True where `packets` counts look-ups out of a log. Absent: false. */
  countsLookups?: boolean
}

export interface Health {
  packets: number
  dropped: number
  /** Packets of paused devices, not looked into. */
  paused: number
  /** Packets that were captured more than once, by several links or a mirror, and are counted once. */
  copied: number
  /** Layers cut off or damaged, by layer. */
  damaged: Record<string, number>
  /** Caps that were reached, by name (server/engine/limits.ts), and how often. */
  limits: Record<string, number>
  memoryBytes: number
  databaseBytes: number
  /** Bytes that the database wrote to the disk since the start. */
  writtenBytes: number
  cpuSeconds: number
  startedAt: number
}
