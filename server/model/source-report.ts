// What a source reports of itself; see SourceStatus in server/api.ts.
import type { SourceKind } from '../../capture/sources/sources.ts'

export interface SourceReport {
  id: string
  kind: 'sample' | 'file' | SourceKind
  title: string
  state: 'starting' | 'running' | 'quiet' | 'failed' | 'ended' | 'off'
  packets: number
  dropped: number
  lastPacket: number | null
  problem: string | null
  /** What is good to know and no trouble, in sentences. Absent where there is nothing. */
  note?: string
  /** True where it sees no other machine than this one: see `problem`. */
  onlyOwnTraffic?: boolean
  /** False where it reports look-ups and no bytes. */
  tellsBytes?: boolean
  /** True where `packets` counts look-ups: silence of it is no trouble. Absent: false. */
  countsLookups?: boolean
}
