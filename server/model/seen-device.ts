// A device as the packets describe it.
/** Without the owner's choices. */
export interface SeenDevice {
  index: number
  /** Its MAC, or its address where no MAC is known. */
  id: string
  name: string | null
  kind: string
  vendor: string | null
  why: string[]
  confidence: number
  /** What is doubtful about it: conflicting claims, one sentence each. Absent where nothing is. */
  doubts?: string[]
  mac: string | null
  privateMac: boolean
  addresses: string[]
  /** Capture time in seconds. */
  firstSeen: number
  lastSeen: number
}
