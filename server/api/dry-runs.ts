// Dry runs of alert settings.
import type { ApiError, ScopeId } from './common.ts'
import type { Traffic } from './traffic.ts'

/** POST /api/dry-runs: alert settings to try before they are saved, as the fields of the section "alerts". */
export interface DryRunRequest {
  /** The home's history, or a recording that is open. */
  scope: ScopeId
  alerts: Record<string, unknown>
}

/** How far back a kind of alert can be tried, and on what; null where it cannot be. */
export interface DryRunReach {
  kind: string
  title: string
  grain: 'second' | 'event' | 'minute' | 'hour' | null
  from: number | null
}

/** An alert of the dry run: `new` with the tried settings, the `same` under both, or `gone` with them. */
export interface DryRunAlert extends Traffic {
  change: 'new' | 'same' | 'gone'
  kind: string
  title: string
  from: number
  to: number
  device: string | null
  /** Texts of the network are hostile. */
  message: string
}

export interface DryRunResult {
  from: number
  to: number
  /** How many alerts with the settings as they are, and as tried. */
  today: number
  tried: number
  /** The latest first; `more` are not listed. */
  alerts: DryRunAlert[]
  more: number
  reach: DryRunReach[]
}

/** GET /api/dry-runs/:id. One dry run at a time: the next one replaces it. */
export interface DryRun {
  id: string
  scope: ScopeId
  state: 'running' | 'done' | 'failed'
  /** 0 to 1. */
  progress: number
  result: DryRunResult | null
  error: ApiError | null
}
