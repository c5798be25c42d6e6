// Periods of heartbeats, as the packet core finds them: capture/core/activity/heartbeats.ts.

export interface Period {
  /** Median seconds from one beat to the next. */
  seconds: number
  /** Share of the intervals that lie about it. */
  share: number
}
