// What messages about incidents are made of, in every language.

/** Start: it goes on. Growth: ten times what was last told. End: nothing of it goes on. */
export type IncidentPhase = 'start' | 'growth' | 'end'

/** How far an incident is. */
export interface Progress {
  isOver: boolean
  /** Sent since it began; 0 where it is not about an upload. */
  bytes: number
  seconds: number
  /** Separate uploads. */
  times: number
}

export interface IncidentFacts extends Progress {
  /** Nothing was told of it before. */
  isFirst: boolean
  who: string
  /** Company, host, address: as far as they are known, the best known first. */
  whom: readonly string[]
  /** Destinations besides that one. */
  others: number
  /** The alert's own sentence. */
  sentence: string
  seen: number
  /** Null where nothing is usual yet. */
  usual: number | null
  /** What `seen` and `usual` count. */
  unit: string
  /** 0 to 1. */
  sure: number
  /** What one can do, one sentence each. */
  advice: readonly string[]
}

/** Alerts of a device that were not told one by one. */
export interface DeviceCount {
  name: string
  count: number
}

export interface MessageWords {
  /** Null where it is not about an upload. */
  progress(facts: Progress): string | null
  /** One line per sentence. */
  incident(facts: IncidentFacts): string
  summary(devices: readonly DeviceCount[]): string
}
