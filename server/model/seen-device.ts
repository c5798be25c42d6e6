// A device as the packets describe it.

/** What a device said by DHCP, services it announced, and ports: texts as they stood on the wire, capped. */
export interface KeptEvidence {
  dhcpHostnames?: string[]
  dhcpVendorClasses?: string[]
  dhcpParameterLists?: string[]
  mdnsServices?: string[]
  /** `internet tcp 8883`, `home udp 6667`, `serves tcp 554` */
  ports?: string[]
}

/** Without the owner's choices. */
export interface SeenDevice {
  index: number
  /** Its MAC, or its address where no MAC is known. */
  id: string
  name: string | null
  kind: string
  /** Kinds it may be, the likeliest first, three at most. Absent where the kind is known or nothing speaks. */
  guesses?: string[]
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
  /** What speaks for its kind, to be judged again after a restart. Absent where its level keeps no hosts. */
  evidence?: KeptEvidence
}
