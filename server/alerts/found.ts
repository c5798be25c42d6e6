// What a detector finds: the numbers of one finding, before the engine adds its kind and its device.

/** What `seen` and `usual` count. */
export const UNITS = ['bytes', 'requests', 'lookups', 'seconds', 'devices', 'events', 'addresses'] as const

export type Unit = (typeof UNITS)[number]

/**
 * What makes an upload stand out: more than anybody should send (`ceiling`), a destination that nobody knows
 * (`nameless`) or that is new to the device (`new`), or more than usual to one that it knows (`known`).
 */
export const REASONS = ['ceiling', 'nameless', 'new', 'known'] as const
export type Reason = (typeof REASONS)[number]

/** What a detector returns. The engine adds its kind and the device of the sample. */
export interface Found {
  /** Null: it is about the home as a whole, not about the sample's device. */
  device?: null
  /** Left out by detectors that do not look at companies; of an upload the engine adds it. */
  company?: string | null
  from: number
  to: number
  seen: number
  /** Null where nothing is usual yet. */
  usual: number | null
  unit: Unit
  sent: number
  received: number
  /** 0 to 1. */
  sure: number
  /** The habit is still being learned: "usual" is what little was seen so far. */
  learning: boolean
  /** What the words need beside the numbers: a name of a service, of a source. */
  detail: string | null
  /** Key of the far end where look-ups name it; of an upload the engine adds it. */
  destination?: string | null
  /** Of look-ups: how many of `seen` were known to be blocked. */
  blocked?: number
  /** It is more of what was found last, and no further time that it happened. */
  goesOn?: boolean
  /** Of uploads; null of everything else. */
  reason?: Reason | null
}

/** What the words of an incident need. */
export interface Wordable extends Omit<Found, 'device' | 'goesOn'> {
  /** The whole upload of the incident; 0 where it is about none. */
  bytes: number
  times: number
  isOver: boolean
}
