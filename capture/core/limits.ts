// Limits of the core's tables, which the network fills. Plain TypeScript: the core and what runs it compile it.

/** Addresses of anyone seen, at home and on the internet. */
export const MAX_ADDRESSES = 131_072
/** Addresses one MAC may bring in: a scanning device must not push the others out. */
export const MAX_ADDRESSES_PER_MAC = 32_768
/** MACs, and pairs of address and MAC. */
export const MAX_MACS = 32_768
export const MAX_BINDINGS = 65_536
/** Conversations followed at the same time. */
export const MAX_FLOWS = 65_536
/** Rows of device × host × address; and how many of them one device may have. */
export const MAX_ROWS = 131_072
export const MAX_ROWS_PER_DEVICE = 32_768
/** Host names, and the bytes they take; and how many one device may bring in. */
export const MAX_NAMES = 131_072
export const MAX_NAME_BYTES = 8_388_608
export const MAX_NAMES_PER_DEVICE = 16_384
/** What a device called an address. */
export const MAX_NAME_MEMORY = 131_072
/** Distinct look-ups (client, name, type). */
export const MAX_DNS_QUERIES = 131_072
/** Tunnels' packets whose later fragments are to come. */
export const MAX_TUNNEL_FRAGMENTS = 64
/** Queries that wait for their answer. */
export const MAX_DNS_OUTSTANDING = 4_096
/** TCP directions whose first bytes are being put together, the bytes of one of them, and its segments. */
export const MAX_ASSEMBLIES = 512
export const MAX_ASSEMBLY_BYTES = 65_536
export const MAX_ASSEMBLY_SEGMENTS = 48
/**
 * Longest ClientHello read, its 4-byte header included. Real hellos stay below 4 KiB even with post-quantum key shares.
 */
export const MAX_HELLO_BYTES = 65_536
/**
 * Longest certificate of a server that is read, and the bytes of its flight up to there: certificates of a hundred
 * names stay below 8 KiB.
 */
export const MAX_CERTIFICATE_BYTES = 16_384
export const MAX_FLIGHT_BYTES = 20_480
/** Certificates whose names are read in one second: each costs up to a third of a millisecond. */
export const MAX_CERTIFICATES_PER_SECOND = 200
/** Longest first line of an RTSP head or SSH identification; RFC 4253 section 4.2 allows 255. */
export const MAX_BANNER_LINE = 512
/** Longest list of properties in front of an MQTT client's id. */
export const MAX_MQTT_PROPERTY_BYTES = 4_096
/**
 * A longer head of an HTTP request is not read: RFC 9112 §3 asks for 8,000 bytes of request line, common servers stop
 * at 8 to 16 KiB in all.
 */
export const HEAD_MAX_BYTES = 16_384
/** QUIC handshakes being put together. */
export const MAX_QUIC_HANDSHAKES = 512
/** Bytes of a QUIC flow's CRYPTO stream, of which real hellos fill less than 4 KiB; and pieces of it that lie apart. */
export const MAX_CRYPTO_BYTES = 32_768
export const MAX_CRYPTO_RANGES = 64
/** QUIC Initials decrypted in one second: of one sender, and of all of whom no ClientHello was read before. */
export const MAX_QUIC_INITIALS_PER_DEVICE = 200
export const MAX_QUIC_INITIALS_OF_UNREAD = 1_000
/** First fragments whose ports later fragments need. */
export const MAX_FRAGMENTS = 1_024
/** DNS answers that come in fragments, and bytes of one: resolvers offer 4,096 at most (RFC 6891 section 6.2.5). */
export const MAX_FRAGMENTED_ANSWERS = 16
export const MAX_FRAGMENTED_ANSWER_BYTES = 8_192
/** Packets of the last moments in which copies of later ones are looked for; a power of two. */
export const MAX_RECENT_PACKETS = 65_536
/** Home prefixes learned from routers and neighbours. */
export const MAX_HOME_PREFIXES = 16
/** Of these, prefixes that were only seen sent from: the rest is for those that are announced. */
export const MAX_SEEN_PREFIXES = 8

/** What is counted when a limit is reached: places in CORE_LIMITS of server/engine/limits.ts. */
export const REACHED_ADDRESSES = 0
export const REACHED_ADDRESSES_PER_MAC = 1
export const REACHED_MACS = 2
export const REACHED_BINDINGS = 3
export const REACHED_FLOWS = 4
export const REACHED_ROWS = 5
export const REACHED_ROWS_PER_DEVICE = 6
export const REACHED_NAMES = 7
export const REACHED_NAMES_PER_DEVICE = 8
export const REACHED_NAME_MEMORY = 9
export const REACHED_DNS_QUERIES = 10
export const REACHED_DNS_OUTSTANDING = 11
export const REACHED_ASSEMBLIES = 12
export const REACHED_ASSEMBLY_BYTES = 13
export const REACHED_ASSEMBLY_SEGMENTS = 14
export const REACHED_QUIC_HANDSHAKES = 15
export const REACHED_QUIC_INITIALS_PER_DEVICE = 16
export const REACHED_QUIC_INITIALS_OF_UNREAD = 17
export const REACHED_HOME_PREFIXES = 18
export const REACHED_CERTIFICATES_PER_SECOND = 19
export const REACHED_COUNT = 20
