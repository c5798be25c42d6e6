// Limits of the tables that the network fills, each by its name; reaching one is counted, never fatal.

export const LIMITS = {
  /** Addresses of anyone seen, at home and on the internet. */
  addresses: 131_072,
  /** Addresses one MAC may bring in: a scanning device must not push the others out. */
  addressesPerMac: 32_768,
  /** MACs, and pairs of address and MAC. */
  macs: 32_768,
  bindings: 65_536,
  /**
   * Senders that became devices without an answer to them, until the tables are renewed; and with one. More are counted
   * together.
   */
  newcomers: 1_024,
  answeredNewcomers: 4_096,
  /** New senders, not answered, within a minute: more are no home but a flood. */
  newcomersPerMinute: 512,
  /** Addresses at home that one MAC sends from: more are looked at one by one, as those behind a router are. */
  homeAddressesPerMac: 64,
  /** Packets of new senders that wait for an answer to them. */
  heldPackets: 32_768,
  /** Senders known from before a restart, and those that the router's tables name. */
  knownSenders: 8_192,
  /** Conversations followed at the same time. */
  flows: 65_536,
  /** Rows of device × host × address; and how many of them one device may have. */
  rows: 131_072,
  rowsPerDevice: 32_768,
  /** Host names, and the bytes they take; and how many one device may bring in. */
  names: 131_072,
  nameBytes: 8 * 1024 * 1024,
  namesPerDevice: 16_384,
  /** What a device called an address. */
  nameMemory: 131_072,
  /** Distinct look-ups (client, name, type). */
  dnsQueries: 131_072,
  /** Queries that wait for their answer. */
  dnsOutstanding: 4_096,
  /** TCP directions whose first bytes are being put together, and the bytes of one of them. */
  assemblies: 512,
  assemblyBytes: 65_536,
  assemblySegments: 48,
  /** QUIC handshakes being put together. */
  quicHandshakes: 512,
  /** QUIC Initials decrypted in one second: of one sender, and of all of whom no ClientHello was read before. */
  quicInitialsPerDevice: 200,
  quicInitialsOfUnread: 1_000,
  /** First fragments whose ports later fragments need. */
  fragments: 1_024,
  /** Home prefixes learned from routers and neighbours. */
  homePrefixes: 16,
  /** Devices whose announcements are kept, and distinct values of one kind for one device. */
  evidenceDevices: 16_384,
  evidenceValues: 32,
  /** Conflicting claims to addresses and names that are kept. */
  conflicts: 512,
  /** Distinct multicast DNS names listed. */
  mdnsNames: 16_384,
} as const

export type Limit = keyof typeof LIMITS

/** Counts how often each cap was reached. */
export class LimitCounter {
  readonly reached = new Map<Limit, number>()

  add(limit: Limit): void {
    this.reached.set(limit, (this.reached.get(limit) ?? 0) + 1)
  }
}
