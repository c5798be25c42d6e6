// Numbers that the core and the program around it share. Plain TypeScript: both compile this file.

/** The ids of what is not there, and of what found no room in its table. */
export const NO_MAC = 0
export const NO_NAME = 0
export const OTHER_ADDRESS = 0
export const OTHER_HOME = 1
export const OTHER_BINDING = 0

/** Where an address lives; see home-network.ts. */
export const SCOPE_INTERNET = 0
/** A unicast address of the home: a device may hold it. */
export const SCOPE_HOME = 1
/** Multicast and broadcast: no device in particular. */
export const SCOPE_GROUP = 2
/** Unspecified and loopback: this very machine, whichever it is. */
export const SCOPE_SELF = 3

/** Name sources of a flow, in order of precedence. */
export const NAMED_BY_NONE = 0
export const NAMED_BY_TLS = 1
export const NAMED_BY_QUIC = 2
export const NAMED_BY_HTTP = 3
export const NAMED_BY_DNS = 4
export const NAMED_BY_CERTIFICATE = 5
export const NAMED_BY_DNS_OTHER = 6
export const NAMED_BY_REMEMBERED = 7

/** How a row is keyed: the name source in the lower bits, ECH above, then the labels that follow from ports. */
export const HOW_MASK = 0x0f
export const HOW_ECH = 0x10
export const LABEL_SHIFT = 5

/** What the payload of a flow is read as, by its ports and its first bytes. */
export const KIND_OTHER = 0
export const KIND_TCP = 1
export const KIND_DNS_OVER_TCP = 2
export const KIND_UDP = 3
export const KIND_DNS = 4
export const KIND_MULTICAST_DNS = 5
export const KIND_LINK_LOCAL_NAMES = 6
export const KIND_DHCP = 7
export const KIND_DHCPV6 = 8
export const KIND_SSDP = 9
export const KIND_NETBIOS = 10

/** What a device says of itself in the clear: places in SAID_KINDS of server/engine/announcements.ts. */
export const SAID_MQTT_CLIENT_ID = 0
export const SAID_STUN_SOFTWARE = 1
export const SAID_RTSP_SERVER = 2
export const SAID_SSH_BANNER = 3

/** Numbers of one binding: bytes to and from the internet, and to and from others at home. */
export const BINDING_SENT = 0
export const BINDING_RECEIVED = 1
export const BINDING_SENT_LOCAL = 2
export const BINDING_RECEIVED_LOCAL = 3
/** The part of what it sent and received at home that no other binding has as well: to and from groups. */
export const BINDING_ALONE = 4

/** Why bytes are of no device: between internet addresses, from there to a group, between addresses that are none. */
export const REST_PASSING = 0
export const REST_TO_GROUP = 1
export const REST_NO_ADDRESS = 2
export const RESTS = 3

/** Ports noted of one binding; of each the number, a bit for UDP, and its role behind them. */
export const PORTS_PER_BINDING = 16
export const PORT_UDP = 1 << 16
export const PORT_ROLE_SHIFT = 17
/** The device asks somebody on the internet, or at home; others ask the device. */
export const PORT_TO_INTERNET = 0
export const PORT_TO_HOME = 1
export const PORT_SERVED = 2

/** Layers at which decoding stops: index + 1 in LAYER_NAMES of capture/frame.ts; 0 for none. */
export const LAYER_NONE = 0
export const LAYER_ETHERNET = 1
export const LAYER_VLAN = 2
export const LAYER_COOKED = 3
export const LAYER_LOOPBACK = 4
export const LAYER_PPPOE = 5
export const LAYER_ARP = 6
export const LAYER_IPV4 = 7
export const LAYER_IPV6 = 8
export const LAYER_TCP = 9
export const LAYER_UDP = 10
export const LAYER_ICMPV6 = 11
export const LAYER_PPP = 12
export const LAYER_WIFI = 13
/** What a capture program writes in front of the link layer: PKTAP, NFLOG, radiotap, … */
export const LAYER_CAPTURE = 14
export const LAYER_MPLS = 15
/** The numbers above, LAYER_NONE included. */
export const LAYERS = 16

export const PROTOCOL_TCP = 6
export const PROTOCOL_UDP = 17
export const PROTOCOL_ICMPV6 = 58
export const PROTOCOL_GRE = 47

export const ETHER_TYPE_IPV4 = 0x0800
export const ETHER_TYPE_ARP = 0x0806
export const ETHER_TYPE_IPV6 = 0x86dd

/** Link types, as in capture/formats/link-types.ts. */
export const LINK_NULL = 0
export const LINK_ETHERNET = 1
export const LINK_SLIP = 8
export const LINK_PPP = 9
export const LINK_RAW_BSD = 12
export const LINK_RAW_OPENBSD = 14
export const LINK_PPP_HDLC = 50
export const LINK_PPP_ETHER = 51
export const LINK_RAW = 101
export const LINK_CISCO_HDLC = 104
export const LINK_WIFI = 105
export const LINK_LOOP = 108
export const LINK_ENC = 109
export const LINK_LINUX_COOKED = 113
export const LINK_PFLOG = 117
export const LINK_PRISM = 119
export const LINK_RADIOTAP = 127
/** For private use; macOS writes PKTAP under it. */
export const LINK_USER2 = 149
export const LINK_AVS = 163
export const LINK_PPP_PPPD = 166
export const LINK_PPI = 192
export const LINK_PPP_WITH_DIRECTION = 204
export const LINK_CISCO_HDLC_WITH_DIRECTION = 205
export const LINK_MPLS = 219
export const LINK_IPV4 = 228
export const LINK_IPV6 = 229
export const LINK_NFLOG = 239
export const LINK_PKTAP = 258
export const LINK_LINUX_COOKED2 = 276
export const LINK_BROADCOM_TAG = 281
export const LINK_BROADCOM_TAG_BEFORE = 282
export const LINK_DSA_TAG = 284
export const LINK_EDSA_TAG = 285

/** Tunnels of which the packet inside is counted in place of the one outside; see tunnels.ts. */
export const TUNNEL_NONE = 0
export const TUNNEL_TZSP = 1
export const TUNNEL_VXLAN = 2
export const TUNNEL_GENEVE = 3
export const TUNNEL_GRE = 4
export const TUNNEL_ERSPAN = 5
export const TUNNELS = 6

/** What is counted of link layers that say something else than the file's link type, or nothing; see link-notes.ts. */
export const NOTE_RAW_IP = 0
export const NOTE_WIFI = 1
export const NOTE_WIFI_ENCRYPTED = 2
export const NOTE_WIFI_DAMAGED = 3
export const NOTE_UNREAD_INSIDE = 4
export const NOTES = 5

export const TCP_FIN = 0x01
export const TCP_SYN = 0x02
export const TCP_RST = 0x04
export const TCP_ACK = 0x10

/** Payloads of an unknown flow looked at in each direction before it is left alone. */
export const INSPECTION_BUDGET = 10
/** What becomes of each packet of a capture: the engine takes it, the host does (takePacket), or it is counted. */
export const READ_TO_ENGINE = 0
export const READ_TO_HOST = 1
export const READ_TO_COUNT = 2

/** Whether a classic pcap has the two lengths of a record swapped; MAYBE: where they would make no sense. */
export const LENGTHS_SWAPPED_NO = 0
export const LENGTHS_SWAPPED_MAYBE = 1
export const LENGTHS_SWAPPED_YES = 2

/** Why the reading of packet records ended. MORE: the next record is not whole. */
export const RECORDS_MORE = 0
/** pcap: the record says that it holds more than MAX_CAPTURED_LENGTH. */
export const RECORDS_DAMAGED = 1
/** pcapng: the next block is no sound packet block, and the host's. */
export const RECORDS_OTHER_BLOCK = 2
/** pcapng: a packet, counted, could not be read: its block is too short, … */
export const RECORDS_SHORT_PACKET = 3
/** … names an interface that the section does not have, … */
export const RECORDS_NO_INTERFACE = 4
/** … or says that it holds more than the block has room for. */
export const RECORDS_LONG_PACKET = 5

/** No capture tool writes longer packets (libpcap's MAXIMUM_SNAPLEN, Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD). */
export const MAX_CAPTURED_LENGTH = 262_144
/** One read of the file. The buffer also holds the longest record whose beginning the read before left over. */
export const READ_LENGTH = 1_048_576
export const BUFFER_LENGTH = READ_LENGTH + MAX_CAPTURED_LENGTH + 65_536

/** In place of a link's number: the packet's time is not its own, and says nothing of which others are its copies. */
export const NOT_COMPARED_LINK = -1
/**
 * Of a link number's highest eight bits, which are its source's, that for packets that tell names and no bytes: their
 * bytes are counted elsewhere. The bit above it is clear, so that NOT_COMPARED_LINK is none of these.
 */
export const NAMES_SOURCE = 0x40
/** A link number shifted right by so much is 1 for these. */
export const NAMES_SHIFT = 30

/** A credit's record (credits.ts), and how many of them the buffer holds. */
export const CREDIT_BYTES = 64
export const CREDITS_AT_ONCE = 256
