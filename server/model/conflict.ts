// Conflicting claims about who holds an address, and what was said in another device's name.

/** The first three are arpwatch's cases, the gravest last. */
export const CONFLICT_WORDS = [
  'changed-address',
  'reused-address',
  'flip-flop',
  'unasked-answer',
  'foreign-dhcp',
  'foreign-name',
] as const
export type ConflictWord = (typeof CONFLICT_WORDS)[number]

/** A conflict by the texts of its parties. */
export interface ConflictFacts {
  kind: ConflictWord
  /** The address that it is about; null where it is about none. */
  address: string | null
  /** The device in whose name it was: its MAC, or its address where no MAC is known. */
  device: string
  /** The MAC that did it; null where there is no link layer. */
  other: string | null
  /** What was claimed: a host name. */
  name: string | null
  first: string | null
  last: string | null
  times: number
}
