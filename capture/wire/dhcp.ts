// DHCP messages: what a device reports about itself, and the IPv4 address it is given.
import { i32, u32 } from '../frame.ts'
import { copyOf, textOf, textOfLabels } from './text.ts'

/** Fixed part of a message, RFC 2131 §2. Offsets in bytes from the start of the message. */
const HARDWARE_TYPE = 1
const HARDWARE_LENGTH = 2
const TRANSACTION_ID = 4
const CLIENT_ADDRESS = 12
const YOUR_ADDRESS = 16
const CLIENT_HARDWARE_ADDRESS = 28
const SERVER_NAME_FIELD = 44
const FILE_FIELD = 108
const MAGIC_COOKIE = 236
const OPTIONS = 240

const BOOT_REQUEST = 1
const BOOT_REPLY = 2
const MAGIC = 0x63825363
const ETHERNET = 1
const MAC_LENGTH = 6

/** Option codes, RFC 2132 §3 and §9; 81 is RFC 4702. */
const PAD = 0
const HOST_NAME = 12
const REQUESTED_ADDRESS = 50
const LEASE_TIME = 51
const OVERLOAD = 52
const MESSAGE_TYPE = 53
const SERVER_IDENTIFIER = 54
const PARAMETER_LIST = 55
const VENDOR_CLASS = 60
const CLIENT_IDENTIFIER = 61
const CLIENT_FQDN = 81
const END_OF_OPTIONS = 255

/** Values of option 52, RFC 2132 §9.3 (3 = both). */
const FILE_HOLDS_OPTIONS = 1
const SERVER_NAME_HOLDS_OPTIONS = 2

/** Flag E of option 81, RFC 4702 §2.1: the name is in DNS wire form, not in the older ASCII form. */
const FQDN_ENCODED_AS_LABELS = 0x04
const FQDN_HEADER_LENGTH = 3

/** More options than a message of the usual size can hold, and more than any of the options we read needs. */
const OPTIONS_MAX = 512
const OPTION_MAX_BYTES = 1024

/** One DHCPv4 message. IPv4 addresses are the four bytes as a signed 32-bit number, big endian. */
export interface DhcpMessage {
  /** RFC 2132 §9.6: 1 DISCOVER, 2 OFFER, 3 REQUEST, 4 DECLINE, 5 ACK, 6 NAK, 7 RELEASE, 8 INFORM; 0 = plain BOOTP. */
  messageType: number
  /** True for a server's message (op 2): names are then the server's for the client. */
  isReply: boolean
  transactionId: number
  /** Six bytes: chaddr, or the Ethernet address inside the client identifier (option 61) where chaddr holds none. */
  clientMac: Uint8Array | null
  /** ciaddr: the address the client already has; 0 = none. */
  clientAddress: number
  /** yiaddr: the address the server gives; 0 = none. */
  yourAddress: number
  hostname: string | null
  fqdn: string | null
  vendorClass: string | null
  /** Option codes in the order the client asks for them: the order differs between operating systems. */
  parameterList: number[]
  requestedAddress: number | null
  /** 4294967295 means for ever, RFC 2131 §3.3. */
  leaseSeconds: number | null
  serverIdentifier: number | null
  /** True when the options stop before their End mark: the capture, or the sender, cut the message. */
  truncated: boolean
}

/** One appearance of an option: where its value lies. */
interface Piece {
  code: number
  at: number
  end: number
}

/**
 * Reads the DHCPv4 or BOOTP message in bytes[at, end), the payload of a UDP datagram of ports 67 and 68. RFC 2131,
 * 2132, 3396 (an option in several pieces), 4702 (client FQDN). Null without the magic cookie of RFC 2131 §3; a
 * message cut among its options gives those before the cut.
 */
export function readDhcp(bytes: Uint8Array, at: number, end: number): DhcpMessage | null {
  if (end - at < OPTIONS || i32(bytes, at + MAGIC_COOKIE) !== MAGIC) return null
  const operation = bytes[at]
  if (operation !== BOOT_REQUEST && operation !== BOOT_REPLY) return null

  const pieces: Piece[] = []
  const complete = readAllOptions(bytes, at, end, pieces)
  const messageType = valueOf(bytes, pieces, MESSAGE_TYPE)
  const leaseSeconds = i32OrNull(valueOf(bytes, pieces, LEASE_TIME))
  return {
    messageType: messageType.length > 0 ? messageType[0] : 0,
    isReply: operation === BOOT_REPLY,
    transactionId: u32(bytes, at + TRANSACTION_ID),
    clientMac: clientMacOf(bytes, at, valueOf(bytes, pieces, CLIENT_IDENTIFIER)),
    clientAddress: i32(bytes, at + CLIENT_ADDRESS),
    yourAddress: i32(bytes, at + YOUR_ADDRESS),
    hostname: textOrNull(valueOf(bytes, pieces, HOST_NAME)),
    fqdn: fqdnOf(valueOf(bytes, pieces, CLIENT_FQDN)),
    vendorClass: textOrNull(valueOf(bytes, pieces, VENDOR_CLASS)),
    parameterList: Array.from(valueOf(bytes, pieces, PARAMETER_LIST)),
    requestedAddress: i32OrNull(valueOf(bytes, pieces, REQUESTED_ADDRESS)),
    leaseSeconds: leaseSeconds === null ? null : leaseSeconds >>> 0,
    serverIdentifier: i32OrNull(valueOf(bytes, pieces, SERVER_IDENTIFIER)),
    truncated: !complete,
  }
}

/** The option field and, where option 52 says so, `file` and then `sname`: the order of RFC 3396 §5. */
function readAllOptions(bytes: Uint8Array, at: number, end: number, pieces: Piece[]): boolean {
  let complete = readOptions(bytes, at + OPTIONS, end, pieces)
  const value = valueOf(bytes, pieces, OVERLOAD)
  const overload = value.length > 0 ? value[0] : 0
  if (overload > (FILE_HOLDS_OPTIONS | SERVER_NAME_HOLDS_OPTIONS)) return complete
  if ((overload & FILE_HOLDS_OPTIONS) !== 0) {
    complete = readOptions(bytes, at + FILE_FIELD, at + MAGIC_COOKIE, pieces) && complete
  }
  if ((overload & SERVER_NAME_HOLDS_OPTIONS) !== 0) {
    complete = readOptions(bytes, at + SERVER_NAME_FIELD, at + FILE_FIELD, pieces) && complete
  }
  return complete
}

/** Appends the options of one field; true when its End mark was reached. */
function readOptions(bytes: Uint8Array, at: number, end: number, pieces: Piece[]): boolean {
  while (at < end && pieces.length < OPTIONS_MAX) {
    const code = bytes[at]
    if (code === END_OF_OPTIONS) return true
    if (code === PAD) {
      at++
      continue
    }
    if (at + 2 > end || at + 2 + bytes[at + 1] > end) return false
    const next = at + 2 + bytes[at + 1]
    pieces.push({ code, at: at + 2, end: next })
    at = next
  }
  return false
}

/** The value of an option, its pieces joined as in RFC 3396 §7; empty when the option is absent. */
function valueOf(bytes: Uint8Array, pieces: Piece[], code: number): Uint8Array {
  const own = pieces.filter((piece) => piece.code === code)
  const total = own.reduce((sum, piece) => sum + piece.end - piece.at, 0)
  const value = new Uint8Array(Math.min(total, OPTION_MAX_BYTES))
  let filled = 0
  for (const piece of own) {
    const fits = Math.min(piece.end, piece.at + value.length - filled)
    value.set(bytes.subarray(piece.at, fits), filled)
    filled += fits - piece.at
  }
  return value
}

function clientMacOf(bytes: Uint8Array, at: number, clientIdentifier: Uint8Array): Uint8Array | null {
  if (bytes[at + HARDWARE_TYPE] === ETHERNET && bytes[at + HARDWARE_LENGTH] === MAC_LENGTH) {
    const mac = copyOf(bytes, at + CLIENT_HARDWARE_ADDRESS, at + CLIENT_HARDWARE_ADDRESS + MAC_LENGTH)
    if (mac.some((byte) => byte !== 0)) return mac
  }
  // RFC 2132 §9.14: hardware type, then the hardware address.
  const holdsMac = clientIdentifier.length === 1 + MAC_LENGTH && clientIdentifier[0] === ETHERNET
  return holdsMac ? copyOf(clientIdentifier, 1, 1 + MAC_LENGTH) : null
}

/** RFC 4702 §2: flags, two unused result codes, the name in one of two forms. */
function fqdnOf(value: Uint8Array): string | null {
  if (value.length <= FQDN_HEADER_LENGTH) return null
  const asLabels = (value[0] & FQDN_ENCODED_AS_LABELS) !== 0
  const name = asLabels
    ? textOfLabels(value, FQDN_HEADER_LENGTH, value.length)
    : textOf(value, FQDN_HEADER_LENGTH, value.length).replace(/\.$/, '')
  return name === '' ? null : name
}

function textOrNull(value: Uint8Array): string | null {
  return textOf(value, 0, value.length) || null
}

function i32OrNull(value: Uint8Array): number | null {
  return value.length < 4 ? null : i32(value, 0)
}
