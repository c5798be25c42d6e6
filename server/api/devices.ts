// Devices, and the changes an owner makes to them.
import type { Level } from './common.ts'

export type DeviceKind = string

export const PERSON_ROLES = ['adult', 'child', 'guest', 'room'] as const
export type PersonRole = (typeof PERSON_ROLES)[number]

/** A person or room that devices belong to, by the owner's word. */
export interface Person {
  id: string
  name: string
  role: PersonRole
}

/** POST /api/people: answers the person, and how to undo it. */
export type NewPerson = Omit<Person, 'id'>

/** PATCH /api/people/:id; DELETE /api/people/:id: their devices belong to nobody then. */
export type PersonChange = Partial<NewPerson>

export interface PersonAdded extends Undo {
  person: Person
}

/** Companies of advertising and tracking, and what they got of the devices of a person or room. */
export interface TrackedPerson extends TrackerSums {
  /** Null: devices that belong to nobody. */
  person: Person | null
  devices: string[]
}

/** How many companies, what moved to and from them, and look-ups of their names with those that were blocked. */
export interface TrackerSums {
  companies: { slug: string; name: string }[]
  sent: number
  received: number
  lookups: number
  blocked: number
}

/** Who a device is. `index` is its number in ticks, stable while the server runs. */
export interface Device {
  /** Its MAC, or its address where no MAC is known; of a merged device the one merged into. */
  id: string
  index: number
  /** The owner's name, else what it calls itself, else what it seems to be; null where nothing is known. */
  name: string | null
  namedByOwner: boolean
  kind: DeviceKind
  kindByOwner: boolean
  /** Kinds it may be, the likeliest first, three at most. Absent where the kind is known or nothing speaks. */
  guesses?: string[]
  vendor: string | null
  why: string[]
  /** How sure, 0 to 1. */
  confidence: number
  /** What is doubtful about it: conflicting claims, one sentence each. Absent where nothing is. */
  doubts?: string[]
  mac: string | null
  privateMac: boolean
  addresses: string[]
  level: Level
  /** Whose it is; absent where the owner did not say. */
  person?: Person
  /** Ids of the devices merged into this one. */
  merged: string[]
  firstSeen: number
  lastSeen: number
  /** Seen for less than the learning time. */
  isNew: boolean
}

/** PATCH /api/devices/:id */
export interface DeviceChange {
  /** Null takes the owner's name back. */
  name?: string | null
  kind?: DeviceKind | null
  level?: Level
  /** Id of the person or room that it belongs to; null: nobody's. */
  person?: string | null
}

/** POST /api/devices/:id/merge { into }, POST /api/devices/:id/split, PATCH …: each answers how to undo it. */
export interface Undo {
  /** POST /api/undo/:undo takes the change back. */
  undo: string
}

/**
 * GET /api/merge-offers: devices that look like one, since they make up their hardware addresses, asked for an address
 * by one name and were never there at the same time. POST /api/merge-offers/accept { devices, into } merges them, and
 * answers how to undo it; POST /api/merge-offers/decline { devices, into } keeps them apart from then on.
 */
export interface MergeOffer extends Merge {
  /** The name they asked for an address by. */
  name: string
}

/** Devices to be merged, or kept apart. */
export interface Merge {
  /** Ids, those seen longest ago first. */
  devices: string[]
  /** The one that was seen last, under which they are shown. */
  into: string
}

/** POST /api/devices/:id/forget { ignore }: counts and a random id only. */
export interface Receipt {
  id: string
  at: number
  rows: number
  files: number
  ignored: boolean
  /** How many devices were forgotten; absent: one. */
  devices?: number
}

/**
 * GET /api/seen-once: devices without a decision of the owner that were seen for less than ten minutes, and that the
 * internet never sent anything. POST /api/seen-once/forget { until } forgets them with one receipt.
 */
export interface SeenOnce {
  count: number
  /** The names of a few of them. */
  examples: string[]
  /** Only those last seen before this second are meant. */
  until: number
}
