// Where the fields of a credit stand in its record (credits.ts), in bytes. Plain TypeScript, for who runs the core.

/** One credit: what the two ends of a connection sent each other since the credit before. */
export const CreditAt = {
  /** The ends' addresses, 16 bytes each in network order; of IPv4 the last four count. */
  addressA: 0,
  addressB: 16,
  /** IP bytes and packets from A and from B. */
  bytesA: 32,
  bytesB: 40,
  packetsA: 48,
  packetsB: 52,
  /** 0 where the protocol has none. */
  portA: 56,
  portB: 58,
  /** 4 or 6, and the IANA number of the transport protocol. */
  version: 60,
  protocol: 61,
} as const
