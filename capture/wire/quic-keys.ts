// The keys that protect a QUIC client's Initial packets. They follow from the version and a connection id alone, so
// everybody on the path can read it (RFC 9001 5.2): protection against accidents, not against observers.
import { AES128_SCHEDULE_WORDS, expandAes128Key } from './aes128.ts'
import { SHA256_START, sha256Compress } from './sha256.ts'

/** RFC 9000 17.2: longest connection id of all versions known here. */
export const MAX_CONNECTION_ID_LENGTH = 20

/** What differs between versions: the salt, the labels and the code of the Initial packet type. */
export interface QuicVersion {
  /** Value of the packet type bits of an Initial and of a 0-RTT packet. */
  readonly initialType: number
  readonly zeroRttType: number
  readonly retryType: number
  /** HMAC-SHA-256 keyed with the salt, after its first block: the inner and the outer hash. */
  readonly saltInner: Int32Array
  readonly saltOuter: Int32Array
  /** The one block that HKDF-Expand-Label hashes for each output. */
  readonly keyBlock: Int32Array
  readonly ivBlock: Int32Array
  readonly headerProtectionBlock: Int32Array
}

const HASH_WORDS = 8
const BLOCK_WORDS = 16
const BLOCK_BITS = 512
const INNER_PAD = 0x36363636
const OUTER_PAD = 0x5c5c5c5c

function bytesOfHex(hex: string): number[] {
  return hex.match(/../g)!.map((pair) => parseInt(pair, 16))
}

/**
 * The second and last block of an inner HMAC: the message, SHA-256's end mark and the length of both blocks in bits.
 */
function lastBlock(message: readonly number[]): Int32Array {
  const block = new Int32Array(BLOCK_WORDS)
  const marked = [...message, 0x80]
  marked.forEach((byte, index) => {
    block[index >> 2] |= byte << (24 - 8 * (index & 3))
  })
  block[BLOCK_WORDS - 1] = BLOCK_BITS + 8 * message.length
  return block
}

/** HkdfLabel of RFC 8446 7.1 with an empty context, and the counter of HKDF-Expand (RFC 5869 2.3). */
function labelBlock(label: string, length: number): Int32Array {
  const name = Array.from(`tls13 ${label}`, (letter) => letter.charCodeAt(0))
  return lastBlock([0, length, name.length, ...name, 0, 1])
}

function quicVersion(salt: string, labelPrefix: string, initialType: number): QuicVersion {
  const saltBlock = new Int32Array(BLOCK_WORDS)
  bytesOfHex(salt).forEach((byte, index) => {
    saltBlock[index >> 2] |= byte << (24 - 8 * (index & 3))
  })
  const saltInner = SHA256_START.slice()
  const saltOuter = SHA256_START.slice()
  sha256Compress(
    saltInner,
    saltBlock.map((word) => word ^ INNER_PAD),
  )
  sha256Compress(
    saltOuter,
    saltBlock.map((word) => word ^ OUTER_PAD),
  )
  return {
    initialType,
    zeroRttType: initialType + 1,
    retryType: (initialType + 3) & 3,
    saltInner,
    saltOuter,
    keyBlock: labelBlock(`${labelPrefix} key`, 16),
    ivBlock: labelBlock(`${labelPrefix} iv`, 12),
    headerProtectionBlock: labelBlock(`${labelPrefix} hp`, 16),
  }
}

/** RFC 9001 5.2, and drafts 33 and 34 of it. */
const VERSION_1 = quicVersion('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'quic', 0)
/** RFC 9369 3. */
const VERSION_2 = quicVersion('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'quicv2', 1)
/** draft-ietf-quic-v2-01 to -04. */
const VERSION_2_DRAFT = quicVersion('a707c203a59b47184a1d62ca570406ea7ae3e5d3', 'quicv2', 1)
/** draft-ietf-quic-tls-29 to -32. */
const DRAFT_29 = quicVersion('afbfec289993d24c9e9786f19c6111e04390a899', 'quic', 0)
/** draft-ietf-quic-tls-23 to -28. */
const DRAFT_23 = quicVersion('c3eef712c72ebb5a11a7d2432bb46365bef9f502', 'quic', 0)
/** Google's QUIC with TLS, T050 and T051: Chrome before it moved to draft 29. */
const GOOGLE_T050 = quicVersion('7ff579e5acd072915580304c43a2367c60488310', 'quic', 0)
const GOOGLE_T051 = quicVersion('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d', 'quic', 0)

/** The parameters of a version number (an unsigned 32-bit integer), null when it is not known. */
export function quicVersionOf(version: number): QuicVersion | null {
  if (version === 0x0000_0001) return VERSION_1
  if (version === 0x6b33_43cf) return VERSION_2
  if (version >= 0xff00_0017 && version <= 0xff00_0022) {
    return version <= 0xff00_001c ? DRAFT_23 : version <= 0xff00_0020 ? DRAFT_29 : VERSION_1
  }
  // Meta's mvfst, built on draft 27, in its apps and headsets.
  if (version === 0xface_b002 || version === 0xface_b00e) return DRAFT_23
  if (version === 0x709a_50c4) return VERSION_2_DRAFT
  if (version === 0x5430_3530) return GOOGLE_T050
  if (version === 0x5430_3531) return GOOGLE_T051
  return null
}

/** "client in" of RFC 9001 5.2 is the same in every version. */
const CLIENT_BLOCK = labelBlock('client in', 32)

// Working memory of one derivation; nothing here outlives it.
const block = new Int32Array(BLOCK_WORDS)
const inner = new Int32Array(HASH_WORDS)
const outer = new Int32Array(HASH_WORDS)
const secret = new Int32Array(HASH_WORDS)
const output = new Int32Array(HASH_WORDS)

/** The hash's words, its end mark and the length: the block that an outer HMAC hashes after the padded key. */
const outerBlock = new Int32Array(BLOCK_WORDS)
outerBlock[HASH_WORDS] = 0x80000000 | 0
outerBlock[BLOCK_WORDS - 1] = BLOCK_BITS + 32 * HASH_WORDS

/** HMAC of one last block, given the hashes of the padded key (RFC 2104). */
function hmac(keyInner: Int32Array, keyOuter: Int32Array, message: Int32Array, result: Int32Array): void {
  for (let index = 0; index < HASH_WORDS; index++) result[index] = keyInner[index]
  sha256Compress(result, message)
  for (let index = 0; index < HASH_WORDS; index++) {
    outerBlock[index] = result[index]
    result[index] = keyOuter[index]
  }
  sha256Compress(result, outerBlock)
}

/** Leaves in `inner` and `outer` the hashes of the 32-byte key's two paddings. */
function setHmacKey(key: Int32Array): void {
  for (let index = 0; index < HASH_WORDS; index++) block[index] = key[index] ^ INNER_PAD
  for (let index = HASH_WORDS; index < BLOCK_WORDS; index++) block[index] = INNER_PAD
  inner.set(SHA256_START)
  sha256Compress(inner, block)
  for (let index = 0; index < HASH_WORDS; index++) block[index] = key[index] ^ OUTER_PAD
  for (let index = HASH_WORDS; index < BLOCK_WORDS; index++) block[index] = OUTER_PAD
  outer.set(SHA256_START)
  sha256Compress(outer, block)
}

function writeWords(words: Int32Array, count: number, bytes: Uint8Array): void {
  for (let index = 0; index < count; index++) {
    const word = words[index]
    bytes[4 * index] = word >>> 24
    bytes[4 * index + 1] = word >>> 16
    bytes[4 * index + 2] = word >>> 8
    bytes[4 * index + 3] = word
  }
}

/** The keys of a client's Initial packets for one version and connection id. Reused for the next. */
export class QuicInitialKeys {
  /** Key of the AEAD, 16 bytes. */
  readonly key = Buffer.alloc(16)
  /** To be combined with the packet number, 12 bytes. */
  readonly iv = Buffer.alloc(12)
  /** Expanded key of header protection. */
  readonly headerSchedule = new Int32Array(AES128_SCHEDULE_WORDS)
  private version: QuicVersion | null = null
  private readonly connectionId = new Uint8Array(MAX_CONNECTION_ID_LENGTH)
  private connectionIdLength = 0

  forget(): void {
    this.version = null
  }

  areOfVersion(version: QuicVersion): boolean {
    return this.version === version
  }

  /** Are these the keys of this version and of the connection id in [at, at + length)? */
  areFor(version: QuicVersion, bytes: Uint8Array, at: number, length: number): boolean {
    return this.version === version && this.haveConnectionId(bytes, at, length)
  }

  /** Do these keys come from the connection id in [at, at + length), whatever the version? */
  haveConnectionId(bytes: Uint8Array, at: number, length: number): boolean {
    if (this.version === null || this.connectionIdLength !== length) return false
    for (let index = 0; index < length; index++) {
      if (this.connectionId[index] !== bytes[at + index]) return false
    }
    return true
  }

  /** Derives the keys for the connection id in [at, at + length), at most 20 bytes; RFC 9001 5.1 and 5.2. */
  derive(version: QuicVersion, bytes: Uint8Array, at: number, length: number): void {
    this.version = version
    this.connectionIdLength = length
    for (let index = 0; index < length; index++) this.connectionId[index] = bytes[at + index]

    // HKDF-Extract; connection ids of at most 20 bytes leave room for the end mark in the same block.
    block.fill(0)
    for (let index = 0; index < length; index++) block[index >> 2] |= this.connectionId[index] << (24 - 8 * (index & 3))
    block[length >> 2] |= 0x80 << (24 - 8 * (length & 3))
    block[BLOCK_WORDS - 1] = BLOCK_BITS + 8 * length
    hmac(version.saltInner, version.saltOuter, block, secret)

    setHmacKey(secret)
    hmac(inner, outer, CLIENT_BLOCK, secret)
    setHmacKey(secret)
    hmac(inner, outer, version.keyBlock, output)
    writeWords(output, 4, this.key)
    hmac(inner, outer, version.ivBlock, output)
    writeWords(output, 3, this.iv)
    hmac(inner, outer, version.headerProtectionBlock, output)
    for (let index = 0; index < 4; index++) this.headerSchedule[index] = output[index]
    expandAes128Key(this.headerSchedule)
  }

  /**
   * Derives the keys of another version from the connection id these come from (RFC 9368 2.3: the version may change).
   */
  deriveAgain(version: QuicVersion): void {
    this.derive(version, this.connectionId, 0, this.connectionIdLength)
  }
}
