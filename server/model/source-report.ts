/** What a source tells of itself; see SourceStatus in server/api.ts. */
export interface SourceReport {
  id: string
  kind: 'sample' | 'interface' | 'ssh' | 'stdin' | 'folder' | 'file' | 'dns-log'
  title: string
  state: 'starting' | 'running' | 'quiet' | 'failed' | 'ended' | 'off'
  packets: number
  dropped: number
  lastPacket: number | null
  problem: string | null
  /** True where it sees nobody but this machine: what the problem says. */
  onlyOwnTraffic?: boolean
  /** False where it tells look-ups and no bytes. */
  tellsBytes?: boolean
}
