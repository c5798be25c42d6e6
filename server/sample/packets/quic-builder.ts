// QUIC Initial packets with given frames. Written from RFC 9000, 9001 and 9369 with node:crypto alone, sharing nothing
// with the decoder.
import { createCipheriv, createHmac } from 'node:crypto'
import { concatBytes, latin1Bytes, uint, vector } from './tls-hello-builder.ts'

export const QUIC_VERSION_1 = 0x0000_0001
export const QUIC_VERSION_2 = 0x6b33_43cf
export const QUIC_DRAFT_29 = 0xff00_001d

export interface QuicInitialOptions {
  version: number
  /** 0 to 20 bytes, as written in the header; also what the keys come from unless `keyConnectionId` is given. */
  destinationConnectionId: Uint8Array
  sourceConnectionId: Uint8Array
  packetNumber: number
  /** How many bytes of the packet number are written: 1 to 4. Default 4. */
  packetNumberLength?: 1 | 2 | 3 | 4
  /** Address validation token of a Retry or NEW_TOKEN. Default none. */
  token?: Uint8Array
  /** The frames, one after another. */
  frames: Uint8Array
  /** PADDING frames are added until the packet has this length: 1200 fills a client's datagram (RFC 9000 14.1). */
  minLength?: number
  /** The connection id the keys come from: the client's first one (RFC 9001 5.2). Default `destinationConnectionId`. */
  keyConnectionId?: Uint8Array
  /** Protect as the server does. Default false. */
  fromServer?: boolean
}

/** Secret and keys of one side of one connection, RFC 9001 5.1. */
export interface QuicInitialKeys {
  secret: Buffer
  key: Buffer
  iv: Buffer
  headerProtection: Buffer
}

const TAG_LENGTH = 16

function saltOf(version: number): string {
  if (version === QUIC_VERSION_2) return '0dede3def700a6db819381be6e269dcbf9bd2ed9'
  if (version === QUIC_VERSION_1 || version === 0xff00_0021 || version === 0xff00_0022) {
    return '38762cf7f55934b34d179ae6a4c80cadccbb7f0a'
  }
  if (version >= 0xff00_001d && version <= 0xff00_0020) return 'afbfec289993d24c9e9786f19c6111e04390a899'
  if (version >= 0xff00_0017 && version <= 0xff00_001c) return 'c3eef712c72ebb5a11a7d2432bb46365bef9f502'
  throw new Error(`no initial salt known for version 0x${version.toString(16)}`)
}

function hmac(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

/** HKDF-Expand-Label of RFC 8446 7.1 for at most one hash of output. */
function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  const info = concatBytes(uint(length, 2), vector(1, latin1Bytes(`tls13 ${label}`)), vector(1), uint(1, 1))
  return hmac(secret, info).subarray(0, length)
}

export function quicInitialKeys(version: number, connectionId: Uint8Array, fromServer = false): QuicInitialKeys {
  const initial = hmac(Buffer.from(saltOf(version), 'hex'), connectionId)
  const secret = expandLabel(initial, fromServer ? 'server in' : 'client in', 32)
  const prefix = version === QUIC_VERSION_2 ? 'quicv2' : 'quic'
  return {
    secret,
    key: expandLabel(secret, `${prefix} key`, 16),
    iv: expandLabel(secret, `${prefix} iv`, 12),
    headerProtection: expandLabel(secret, `${prefix} hp`, 16),
  }
}

/** Variable-length integer, RFC 9000 16; `size` forces a longer form than needed. */
export function varint(value: number, size?: 1 | 2 | 4 | 8): Uint8Array {
  const bytes = size ?? (value < 2 ** 6 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 30 ? 4 : 8)
  if (bytes === 8) return concatBytes(uint(0xc000_0000 + Math.floor(value / 2 ** 32), 4), uint(value % 2 ** 32, 4))
  if (bytes === 4) return uint(0x8000_0000 + value, 4)
  return bytes === 2 ? uint(0x4000 + value, 2) : uint(value, 1)
}

/** CRYPTO frame, RFC 9000 19.6. */
export function cryptoFrame(offset: number, data: Uint8Array): Uint8Array {
  return concatBytes(uint(6, 1), varint(offset), varint(data.length), data)
}

/**
 * ACK frame, RFC 9000 19.3: acknowledges `largest` and `ranges` further single packets, two apart; `ecn` adds the
 * counts.
 */
export function ackFrame(largest: number, ranges = 0, ecn = false): Uint8Array {
  const further = Array.from({ length: ranges }, () => concatBytes(varint(0), varint(0)))
  const counts = ecn ? [varint(largest), varint(0), varint(70_000)] : []
  return concatBytes(
    uint(ecn ? 3 : 2, 1),
    varint(largest),
    varint(25),
    varint(ranges),
    varint(0),
    ...further,
    ...counts,
  )
}

export function pingFrame(): Uint8Array {
  return uint(1, 1)
}

export function paddingFrames(count: number): Uint8Array {
  return new Uint8Array(count)
}

/** CONNECTION_CLOSE frame of the transport, RFC 9000 19.19. */
export function connectionCloseFrame(reason = ''): Uint8Array {
  return concatBytes(uint(0x1c, 1), varint(0x0a), varint(0), varint(reason.length), latin1Bytes(reason))
}

/** An Initial type byte: 0b00 in version 1 and the drafts, 0b01 in version 2 (RFC 9369 3.2). */
function firstByte(version: number, packetNumberLength: number): number {
  return 0xc0 | (version === QUIC_VERSION_2 ? 0x10 : 0) | (packetNumberLength - 1)
}

/** A protected Initial packet (RFC 9000 17.2.2, RFC 9001 5.3 and 5.4), ready to be a UDP payload or a part of one. */
export function buildQuicInitial(options: QuicInitialOptions): Uint8Array {
  const { version, destinationConnectionId, sourceConnectionId, packetNumber } = options
  const packetNumberLength = options.packetNumberLength ?? 4
  const keys = quicInitialKeys(version, options.keyConnectionId ?? destinationConnectionId, options.fromServer)
  const start = concatBytes(
    uint(firstByte(version, packetNumberLength), 1),
    uint(version, 4),
    vector(1, destinationConnectionId),
    vector(1, sourceConnectionId),
    varint(options.token?.length ?? 0),
    options.token ?? new Uint8Array(0),
  )
  // The length is always written in two bytes, as most clients do, so that padding does not change the header's size.
  const headerLength = start.length + 2 + packetNumberLength
  // Header protection samples 16 bytes from 4 bytes after the start of the packet number: pad what would be too short.
  const shortest = Math.max(4 - packetNumberLength, (options.minLength ?? 0) - headerLength - TAG_LENGTH)
  const plain = concatBytes(options.frames, paddingFrames(Math.max(0, shortest - options.frames.length)))
  const numberBytes = uint(packetNumber % 2 ** 32, 4).subarray(4 - packetNumberLength)
  const header = concatBytes(start, varint(packetNumberLength + plain.length + TAG_LENGTH, 2), numberBytes)
  const nonce = Buffer.from(keys.iv)
  uint(Math.floor(packetNumber / 2 ** 32), 4).forEach((byte, index) => {
    nonce[4 + index] ^= byte
  })
  uint(packetNumber % 2 ** 32, 4).forEach((byte, index) => {
    nonce[8 + index] ^= byte
  })
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce)
  cipher.setAAD(header)
  const sealed = concatBytes(cipher.update(plain), cipher.final(), cipher.getAuthTag())
  const packet = concatBytes(header, sealed)
  const numberAt = headerLength - packetNumberLength
  const mask = createCipheriv('aes-128-ecb', keys.headerProtection, null).update(
    packet.subarray(numberAt + 4, numberAt + 20),
  )
  packet[0] ^= mask[0] & 0x0f
  for (let index = 0; index < packetNumberLength; index++) packet[numberAt + index] ^= mask[1 + index]
  return packet
}

/** A long header packet of another type with unreadable content: 0-RTT and Handshake packets between the Initials. */
export function buildQuicOpaqueLongHeader(
  version: number,
  type: 'zeroRtt' | 'handshake',
  destinationConnectionId: Uint8Array,
  sourceConnectionId: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const code = (type === 'zeroRtt' ? 1 : 2) + (version === QUIC_VERSION_2 ? 1 : 0)
  return concatBytes(
    uint(0xc0 | (code << 4), 1),
    uint(version, 4),
    vector(1, destinationConnectionId),
    vector(1, sourceConnectionId),
    varint(payload.length, 2),
    payload,
  )
}

/** The CRYPTO frames of a message cut at the given offsets, in stream order. */
export function cryptoFramesCutAt(message: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts, message.length]
  return edges.slice(1).map((edge, index) => cryptoFrame(edges[index], message.subarray(edges[index], edge)))
}
