// Limits of the tables that the network fills, each by its name; reaching one is counted, never fatal.
import * as core from '../../capture/core/limits.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

export const LIMITS = {
  /** Addresses of anyone seen, at home and on the internet. */
  addresses: core.MAX_ADDRESSES,
  /** Addresses one MAC may bring in: a scanning device must not push the others out. */
  addressesPerMac: core.MAX_ADDRESSES_PER_MAC,
  /** MACs, and pairs of address and MAC. */
  macs: core.MAX_MACS,
  bindings: core.MAX_BINDINGS,
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
  flows: core.MAX_FLOWS,
  /** Rows of device × host × address; and how many of them one device may have. */
  rows: core.MAX_ROWS,
  rowsPerDevice: core.MAX_ROWS_PER_DEVICE,
  /** Host names, and the bytes they take; and how many one device may bring in. */
  names: core.MAX_NAMES,
  nameBytes: core.MAX_NAME_BYTES,
  namesPerDevice: core.MAX_NAMES_PER_DEVICE,
  /** What a device called an address. */
  nameMemory: core.MAX_NAME_MEMORY,
  /** Distinct look-ups (client, name, type). */
  dnsQueries: core.MAX_DNS_QUERIES,
  /** Queries that wait for their answer. */
  dnsOutstanding: core.MAX_DNS_OUTSTANDING,
  /** TCP directions whose first bytes are being put together, and the bytes of one of them. */
  assemblies: core.MAX_ASSEMBLIES,
  assemblyBytes: core.MAX_ASSEMBLY_BYTES,
  assemblySegments: core.MAX_ASSEMBLY_SEGMENTS,
  /** QUIC handshakes being put together. */
  quicHandshakes: core.MAX_QUIC_HANDSHAKES,
  /** QUIC Initials decrypted in one second: of one sender, and of all of whom no ClientHello was read before. */
  quicInitialsPerDevice: core.MAX_QUIC_INITIALS_PER_DEVICE,
  quicInitialsOfUnread: core.MAX_QUIC_INITIALS_OF_UNREAD,
  /** First fragments whose ports later fragments need. */
  fragments: core.MAX_FRAGMENTS,
  /** DNS answers that come in fragments, and bytes of one. */
  fragmentedAnswers: core.MAX_FRAGMENTED_ANSWERS,
  fragmentedAnswerBytes: core.MAX_FRAGMENTED_ANSWER_BYTES,
  /** Bytes of a server's certificate, and of what it sends before and with it. */
  certificateBytes: core.MAX_CERTIFICATE_BYTES,
  flightBytes: core.MAX_FLIGHT_BYTES,
  /** Certificates whose names are read in one second. */
  certificatesPerSecond: core.MAX_CERTIFICATES_PER_SECOND,
  /** Home prefixes learned from routers and neighbours. */
  homePrefixes: core.MAX_HOME_PREFIXES,
  /** Devices whose announcements are kept, and distinct values of one kind for one device. */
  evidenceDevices: 16_384,
  evidenceValues: 32,
  /** Conflicting claims to addresses and names that are kept. */
  conflicts: 512,
  /** Distinct multicast DNS names listed. */
  mdnsNames: 16_384,
  /** Services and hosts of multicast DNS of which it is remembered whose they are. */
  mdnsOwners: 4_096,
  /** What one device announced without an address, until somebody says whose it is. */
  unconfirmedAnnouncements: 128,
  /** Addresses of which others repeat a name, and names of one. */
  repeatedAddresses: 1_024,
  repeatedNames: 8,
} as const

export type Limit = keyof typeof LIMITS

/** The limits that the core counts, in the order of its numbers (REACHED_… in capture/core/limits.ts). */
const CORE_LIMITS: readonly Limit[] = [
  'addresses',
  'addressesPerMac',
  'macs',
  'bindings',
  'flows',
  'rows',
  'rowsPerDevice',
  'names',
  'namesPerDevice',
  'nameMemory',
  'dnsQueries',
  'dnsOutstanding',
  'assemblies',
  'assemblyBytes',
  'assemblySegments',
  'quicHandshakes',
  'quicInitialsPerDevice',
  'quicInitialsOfUnread',
  'homePrefixes',
  'certificatesPerSecond',
]

/** Counts how often each cap was reached: by the core, and by what stands around it. */
export class LimitCounter {
  private readonly core: PacketCore
  private readonly around = new Map<Limit, number>()

  constructor(core: PacketCore) {
    this.core = core
  }

  add(limit: Limit): void {
    this.around.set(limit, (this.around.get(limit) ?? 0) + 1)
  }

  get reached(): Map<Limit, number> {
    const reached = new Map(this.around)
    CORE_LIMITS.forEach((limit, number) => {
      const times = this.core.exports.timesReached(number)
      if (times > 0) reached.set(limit, (reached.get(limit) ?? 0) + times)
    })
    return reached
  }
}
