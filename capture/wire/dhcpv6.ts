// DHCPv6 messages: what a device reports about itself, and the IPv6 addresses it is given.
import { u16, u32 } from '../frame.ts'
import { copyOf, textOf, textOfLabels } from './text.ts'

/** RFC 8415 §8: type, three bytes of transaction id. §9: type, hop count, link address, peer address. */
const HEADER_LENGTH = 4
const RELAY_HEADER_LENGTH = 34
const PEER_ADDRESS = 18

/** Message types, RFC 8415 §7.3. */
const SOLICIT = 1
const ADVERTISE = 2
const REPLY = 7
const INFORMATION_REQUEST = 11
const RELAY_FORWARD = 12
const RELAY_REPLY = 13

/** Option codes, RFC 8415 §21; 39 is RFC 4704. */
const CLIENT_IDENTIFIER = 1
const IDENTITY_ASSOCIATION = 3
const TEMPORARY_ASSOCIATION = 4
const ADDRESS = 5
const OPTION_REQUEST = 6
const RELAYED_MESSAGE = 9
const VENDOR_CLASS = 16
const CLIENT_FQDN = 39

const OPTION_HEADER_LENGTH = 4
/** What stands before the options inside them: IAID, T1, T2 (§21.4); IAID (§21.5); address, two lifetimes (§21.6). */
const IDENTITY_ASSOCIATION_HEADER = 12
const TEMPORARY_ASSOCIATION_HEADER = 4
const ADDRESS_HEADER = 24
const ADDRESS_LENGTH = 16
const VALID_LIFETIME = 20

/** DUID types that hold a link-layer address, RFC 8415 §11.2 and §11.4, and where they hold it. */
const DUID_LINK_LAYER_TIME = 1
const DUID_LINK_LAYER = 3
const DUID_LINK_LAYER_TIME_ADDRESS = 8
const DUID_LINK_LAYER_ADDRESS = 4
const ETHERNET = 1
const MAC_LENGTH = 6

/** A home has no relay behind a relay; a message wrapped deeper is not read. */
const RELAY_DEPTH_MAX = 4
const OPTIONS_MAX = 256
const ADDRESSES_MAX = 16
const REQUESTED_OPTIONS_MAX = 128
const VENDOR_CLASS_ITEMS_MAX = 4

/** One DHCPv6 message of a client or a server; relays are unwrapped. */
export interface Dhcpv6Message {
  /**
   * RFC 8415 §7.3: 1 SOLICIT, 2 ADVERTISE, 3 REQUEST, 4 CONFIRM, 5 RENEW, 6 REBIND, 7 REPLY, 8 RELEASE, 9 DECLINE, …
   */
  messageType: number
  /** True in ADVERTISE and REPLY: the server speaks. */
  isReply: boolean
  transactionId: number
  /**
   * Six bytes, the Ethernet address inside the client's DUID. It names the device, perhaps through another interface.
   */
  clientMac: Uint8Array | null
  fqdn: string | null
  /** IANA private enterprise number of the vendor class, RFC 8415 §21.16. */
  vendorEnterprise: number | null
  /** The vendor class data, several joined by a space. */
  vendorClass: string | null
  /** Option codes in the order the client asks for them. */
  requestedOptions: number[]
  /** What the server gives; empty in a client's message, where an address is only requested. */
  addresses: Dhcpv6Address[]
  /** Sixteen bytes: the client as the innermost relay saw it; null without a relay. */
  peerAddress: Uint8Array | null
  /** True when an option runs past the end: the capture, or the sender, cut the message. */
  truncated: boolean
}

export interface Dhcpv6Address {
  /** Sixteen bytes. */
  address: Uint8Array
  /** Seconds; 4294967295 means for ever. */
  validSeconds: number
}

/** Takes one option's value; `code` and offsets. */
type OptionReader = (code: number, at: number, end: number) => void

/**
 * Reads the DHCPv6 message in bytes[at, end), the payload of a UDP datagram of ports 546 and 547. RFC 8415, 4704.
 * There is no magic number: null for a type that clients and servers do not send, and for a relay without a message.
 * A message cut among its options gives those before the cut.
 */
export function readDhcpv6(bytes: Uint8Array, at: number, end: number): Dhcpv6Message | null {
  let peerAddress: Uint8Array | null = null
  for (let depth = 0; depth <= RELAY_DEPTH_MAX && end - at >= HEADER_LENGTH; depth++) {
    if (bytes[at] !== RELAY_FORWARD && bytes[at] !== RELAY_REPLY) return readMessage(bytes, at, end, peerAddress)
    if (end - at < RELAY_HEADER_LENGTH) return null
    peerAddress = copyOf(bytes, at + PEER_ADDRESS, at + PEER_ADDRESS + ADDRESS_LENGTH)
    const inner = relayedMessage(bytes, at + RELAY_HEADER_LENGTH, end)
    at = inner.at
    end = inner.end
  }
  return null
}

/** Where the first relayed message lies; empty when there is none. A cut one is given as far as it goes. */
function relayedMessage(bytes: Uint8Array, at: number, end: number): { at: number; end: number } {
  for (let count = 0; count < OPTIONS_MAX && at + OPTION_HEADER_LENGTH <= end; count++) {
    const value = at + OPTION_HEADER_LENGTH
    const next = value + u16(bytes, at + 2)
    if (u16(bytes, at) === RELAYED_MESSAGE) return { at: value, end: Math.min(next, end) }
    at = next
  }
  return { at: end, end }
}

function readMessage(bytes: Uint8Array, at: number, end: number, peerAddress: Uint8Array | null): Dhcpv6Message | null {
  const messageType = bytes[at]
  if (messageType < SOLICIT || messageType > INFORMATION_REQUEST) return null
  const message: Dhcpv6Message = {
    messageType,
    isReply: messageType === ADVERTISE || messageType === REPLY,
    transactionId: (bytes[at + 1] << 16) | u16(bytes, at + 2),
    clientMac: null,
    fqdn: null,
    vendorEnterprise: null,
    vendorClass: null,
    requestedOptions: [],
    addresses: [],
    peerAddress,
    truncated: false,
  }
  const complete = eachOption(bytes, at + HEADER_LENGTH, end, (code, valueAt, valueEnd) => {
    readOption(message, bytes, code, valueAt, valueEnd)
  })
  message.truncated = !complete
  return message
}

/** Calls `read` for each option of bytes[at, end); false when the last one is cut. */
function eachOption(bytes: Uint8Array, at: number, end: number, read: OptionReader): boolean {
  for (let count = 0; count < OPTIONS_MAX && at < end; count++) {
    if (at + OPTION_HEADER_LENGTH > end) return false
    const value = at + OPTION_HEADER_LENGTH
    const next = value + u16(bytes, at + 2)
    if (next > end) return false
    read(u16(bytes, at), value, next)
    at = next
  }
  return at >= end
}

function readOption(message: Dhcpv6Message, bytes: Uint8Array, code: number, at: number, end: number): void {
  switch (code) {
    case CLIENT_IDENTIFIER:
      message.clientMac ??= macOfDuid(bytes, at, end)
      break
    case IDENTITY_ASSOCIATION:
      if (message.isReply) readAddresses(message.addresses, bytes, at + IDENTITY_ASSOCIATION_HEADER, end)
      break
    case TEMPORARY_ASSOCIATION:
      if (message.isReply) readAddresses(message.addresses, bytes, at + TEMPORARY_ASSOCIATION_HEADER, end)
      break
    case OPTION_REQUEST:
      readRequestedOptions(message.requestedOptions, bytes, at, end)
      break
    case VENDOR_CLASS:
      readVendorClass(message, bytes, at, end)
      break
    case CLIENT_FQDN:
      // RFC 4704 §4: one byte of flags, then the name.
      if (end > at) message.fqdn ??= textOfLabels(bytes, at + 1, end) || null
      break
  }
}

/** RFC 8415 §11.2, §11.4: DUID type, hardware type, (time,) link-layer address. */
function macOfDuid(bytes: Uint8Array, at: number, end: number): Uint8Array | null {
  if (end - at < DUID_LINK_LAYER_ADDRESS || u16(bytes, at + 2) !== ETHERNET) return null
  const duidType = u16(bytes, at)
  if (duidType !== DUID_LINK_LAYER_TIME && duidType !== DUID_LINK_LAYER) return null
  const mac = at + (duidType === DUID_LINK_LAYER ? DUID_LINK_LAYER_ADDRESS : DUID_LINK_LAYER_TIME_ADDRESS)
  return end - mac === MAC_LENGTH ? copyOf(bytes, mac, end) : null
}

function readAddresses(addresses: Dhcpv6Address[], bytes: Uint8Array, at: number, end: number): void {
  eachOption(bytes, at, end, (code, valueAt, valueEnd) => {
    if (code !== ADDRESS || valueEnd - valueAt < ADDRESS_HEADER || addresses.length >= ADDRESSES_MAX) return
    const validSeconds = u32(bytes, valueAt + VALID_LIFETIME)
    // RFC 8415 §18.2.10.1: a valid lifetime of 0 takes the address away.
    if (validSeconds > 0) addresses.push({ address: copyOf(bytes, valueAt, valueAt + ADDRESS_LENGTH), validSeconds })
  })
}

function readRequestedOptions(codes: number[], bytes: Uint8Array, at: number, end: number): void {
  for (; at + 2 <= end && codes.length < REQUESTED_OPTIONS_MAX; at += 2) codes.push(u16(bytes, at))
}

/** RFC 8415 §21.16: enterprise number, then items of length and data. */
function readVendorClass(message: Dhcpv6Message, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 4 || message.vendorEnterprise !== null) return
  message.vendorEnterprise = u32(bytes, at)
  const items: string[] = []
  at += 4
  while (at + 2 <= end && items.length < VENDOR_CLASS_ITEMS_MAX) {
    const next = at + 2 + u16(bytes, at)
    if (next > end) break
    items.push(textOf(bytes, at + 2, next))
    at = next
  }
  message.vendorClass = items.join(' ') || null
}
