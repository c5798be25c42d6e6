// Bits of a flow's state, and what its payload is read as.

/** Bits of FlowField.Flags. Those in pairs are for end A and, shifted left by one, for end B. */
export const FlowFlag = {
  /** NamedBy, and ECH, of the flow's name: as in a row's key. */
  HowMask: 0x1f,
  InspectA: 1 << 5,
  InspectB: 1 << 6,
  /** The next sequence number is known. */
  OrderedA: 1 << 7,
  OrderedB: 1 << 8,
  AssemblyA: 1 << 9,
  AssemblyB: 1 << 10,
  HttpA: 1 << 11,
  HttpB: 1 << 12,
  SawPayload: 1 << 13,
  Closed: 1 << 14,
  /** On the list of flows with traffic in this second. */
  Touched: 1 << 15,
  /** The sender of the end on the internet was looked at. */
  SawInternetSender: 1 << 16,
  HomeA: 1 << 17,
  HomeB: 1 << 18,
  InternetA: 1 << 19,
  InternetB: 1 << 20,
  /** STUN was seen: two ends look for a direct way to each other, as for a call or a camera's live view. */
  DirectMedia: 1 << 21,
  /** Several MACs use the address of an end: each packet is its frame's. */
  Contested: 1 << 22,
} as const

/** What the payload of a flow is read as, by its ports and its first bytes. */
export const FlowKind = {
  Other: 0,
  Tcp: 1,
  DnsOverTcp: 2,
  Udp: 3,
  Dns: 4,
  MulticastDns: 5,
  LinkLocalNames: 6,
  Dhcp: 7,
  Dhcpv6: 8,
  Ssdp: 9,
} as const
