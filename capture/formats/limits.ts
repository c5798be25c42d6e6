// Limits on the lengths that a capture file may give.

/** No capture tool writes longer packets (libpcap's MAXIMUM_SNAPLEN, Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD). */
export const MAX_CAPTURED_LENGTH = 262_144
/** One read of the file. The buffer also holds the longest record whose beginning the read before left over. */
export const READ_LENGTH = 1 << 20
export const BUFFER_LENGTH = READ_LENGTH + MAX_CAPTURED_LENGTH + 65_536
