// STUN and TURN messages: the program and the relay of a call or camera that connects through the router.
import { u16, u32 } from '../../../capture/frame.ts'
import { PlacedBytes } from './placed-bytes.ts'
import { copyOf, textOf } from '../../../capture/wire/text.ts'

/** Header, RFC 8489 §5: type, length, magic cookie, transaction id. */
const HEADER_LENGTH = 20
const LENGTH = 2
const COOKIE = 4
const MAGIC = 0x2112a442
/** The two highest bits of the type are zero: they distinguish STUN from RTP, DTLS and TURN channels. */
const NOT_STUN_BITS = 0xc0

/** Class bits of the message type, RFC 8489 §5: C1 and C0 lie between the bits of the method. */
const CLASS_HIGH = 0x100
const CLASS_LOW = 0x010
const CLASSES = ['request', 'indication', 'success', 'error'] as const

/** Methods of TURN: Allocate to ChannelBind (RFC 8656 §17), Connect to ConnectionAttempt (RFC 6062 §6.1). */
const TURN_METHODS = new Set([3, 4, 6, 7, 8, 9, 10, 11, 12])

/** Attributes, RFC 8489 §14 and RFC 8656 §18. */
const MESSAGE_INTEGRITY = 0x0008
const MESSAGE_INTEGRITY_SHA256 = 0x001c
const XOR_PEER_ADDRESS = 0x0012
const REALM = 0x0014
const XOR_RELAYED_ADDRESS = 0x0016
const XOR_MAPPED_ADDRESS = 0x0020
const SOFTWARE = 0x8022

const ATTRIBUTE_HEADER_LENGTH = 4
const ATTRIBUTES_MAX = 64

const placed = new PlacedBytes()

/** Address families, RFC 8489 §14.1. */
const FAMILY_IPV4 = 1
const FAMILY_IPV6 = 2

export interface StunAddress {
  /** Four or sixteen bytes. */
  address: Uint8Array
  port: number
}

/** One STUN message. Of several attributes of one type the first counts, RFC 8489 §14. */
export interface StunMessage {
  messageClass: (typeof CLASSES)[number]
  /** 1 Binding, 3 Allocate, 4 Refresh, 6 Send, 7 Data, 8 CreatePermission, 9 ChannelBind, … */
  method: number
  /** True when the method is one of a relay's. */
  isTurn: boolean
  /** The client as the server sees it: the home's public address. */
  xorMappedAddress: StunAddress | null
  /** The address that the relay lends. */
  xorRelayedAddress: StunAddress | null
  /** The other side, behind the relay. */
  xorPeerAddress: StunAddress | null
  software: string | null
  /** Who runs the relay, in its own words. */
  realm: string | null
  /** False when the length or an attribute does not fit: cut, or not STUN after all. */
  valid: boolean
}

/** The cheap test, of capture/core/stun.ts. */
export function looksLikeStun(bytes: Uint8Array, at: number, end: number): boolean {
  const ahead = placed.place(bytes, at, end)
  return placed.core.exports.looksLikeStun(at + ahead, end + ahead) !== 0
}

/**
 * Reads the STUN or TURN message at the start of bytes[at, end), a UDP payload. RFC 8489, 8656. Null without the magic
 * cookie, so for the STUN of RFC 3489 and for TURN's ChannelData too. Checksums and signatures are not verified.
 */
export function readStun(bytes: Uint8Array, at: number, end: number): StunMessage | null {
  if (!hasHeader(bytes, at, end)) return null
  const type = u16(bytes, at)
  const method = methodOf(type)
  const message: StunMessage = {
    messageClass: CLASSES[((type & CLASS_HIGH) >> 7) | ((type & CLASS_LOW) >> 4)],
    method,
    isTurn: TURN_METHODS.has(method),
    xorMappedAddress: null,
    xorRelayedAddress: null,
    xorPeerAddress: null,
    software: null,
    realm: null,
    valid: false,
  }
  const stop = Math.min(end, at + HEADER_LENGTH + u16(bytes, at + LENGTH))
  message.valid = readAttributes(message, bytes, at, stop) && lengthFits(bytes, at, end)
  return message
}

function hasHeader(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER_LENGTH && (bytes[at] & NOT_STUN_BITS) === 0 && u32(bytes, at + COOKIE) === MAGIC
}

function lengthFits(bytes: Uint8Array, at: number, end: number): boolean {
  const length = u16(bytes, at + LENGTH)
  return (length & 3) === 0 && length <= end - at - HEADER_LENGTH
}

/** The twelve bits of the type that are not class bits. */
function methodOf(type: number): number {
  return (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2)
}

/** Reads the attributes behind the header at `at`; false when one does not fit. */
function readAttributes(message: StunMessage, bytes: Uint8Array, at: number, end: number): boolean {
  let attribute = at + HEADER_LENGTH
  let isSigned = false
  for (let count = 0; count < ATTRIBUTES_MAX && attribute < end; count++) {
    if (attribute + ATTRIBUTE_HEADER_LENGTH > end) return false
    const type = u16(bytes, attribute)
    const value = attribute + ATTRIBUTE_HEADER_LENGTH
    const valueEnd = value + u16(bytes, attribute + 2)
    if (valueEnd > end) return false
    // What stands behind the signature anyone on the way can add, RFC 8489 §14.5.
    isSigned ||= type === MESSAGE_INTEGRITY || type === MESSAGE_INTEGRITY_SHA256
    if (!isSigned) readAttribute(message, bytes, at, type, value, valueEnd)
    // Values are padded to four bytes, RFC 8489 §14.
    attribute = value + ((valueEnd - value + 3) & ~3)
  }
  return attribute === end
}

function readAttribute(
  message: StunMessage,
  bytes: Uint8Array,
  at: number,
  type: number,
  value: number,
  end: number,
): void {
  switch (type) {
    case XOR_MAPPED_ADDRESS:
      message.xorMappedAddress ??= xorAddress(bytes, at, value, end)
      break
    case XOR_RELAYED_ADDRESS:
      message.xorRelayedAddress ??= xorAddress(bytes, at, value, end)
      break
    case XOR_PEER_ADDRESS:
      message.xorPeerAddress ??= xorAddress(bytes, at, value, end)
      break
    case SOFTWARE:
      message.software ??= textOf(bytes, value, end) || null
      break
    case REALM:
      message.realm ??= textOf(bytes, value, end) || null
      break
  }
}

/**
 * RFC 8489 §14.2: a zero byte, family, port, address; port and address are XORed with the cookie and the transaction
 * id.
 */
function xorAddress(bytes: Uint8Array, message: number, at: number, end: number): StunAddress | null {
  const length = end - at < 4 ? 0 : bytes[at + 1] === FAMILY_IPV4 ? 4 : bytes[at + 1] === FAMILY_IPV6 ? 16 : 0
  if (length === 0 || end - at !== 4 + length) return null
  const address = copyOf(bytes, at + 4, end)
  for (let index = 0; index < length; index++) address[index] ^= bytes[message + COOKIE + index]
  return { address, port: u16(bytes, at + 2) ^ (MAGIC >>> 16) }
}
