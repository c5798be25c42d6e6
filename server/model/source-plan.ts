// What a session reads: a recording, the sample, or the live sources that the owner chose.
import type { LiveSourcePlan, SourceSecrets } from '../../capture/sources/sources.ts'

/** Which packets a session reads. */
export type SourcePlan =
  | { kind: 'recording'; path: string; limits: { minutes: number; unpackedBytes: number } }
  | { kind: 'sample'; path: string }
  /** `leases`: the router's list of leases; empty where it is to be found. */
  | { kind: 'live'; sources: LiveSourcePlan[]; leases?: string; secrets?: SourceSecrets }

export type { LiveSourcePlan, SourceSecrets }
