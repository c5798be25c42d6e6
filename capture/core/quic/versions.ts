// The versions of QUIC whose Initial packets can be read: salts, labels and the codes of packet types.
import { allocate } from '../memory'
import { BLOCK_BYTES, expandBlock, HASH_BYTES, SCHEDULE_BYTES, SHA256_START, sha256Compress } from './sha256'

/** RFC 9000 17.2: longest connection id of all versions known here. */
export const MAX_CONNECTION_ID_LENGTH: i32 = 20

/** Numbers of what differs between versions: several versions have the same parameters. */
export const NO_VERSION: i32 = 0
/** RFC 9001 5.2, and drafts 33 and 34 of it. */
const VERSION_1: i32 = 1
/** RFC 9369 3. */
const VERSION_2: i32 = 2
/** draft-ietf-quic-v2-01 to -04. */
const VERSION_2_DRAFT: i32 = 3
/** draft-ietf-quic-tls-29 to -32. */
const DRAFT_29: i32 = 4
/** draft-ietf-quic-tls-23 to -28. */
const DRAFT_23: i32 = 5
/** Google's QUIC with TLS, T050 and T051: Chrome before it moved to draft 29. */
const GOOGLE_T050: i32 = 6
const GOOGLE_T051: i32 = 7
const VERSIONS: usize = 8

/** The salts, as numbers: five words for each version, none for the first number. */
const SALTS: usize = memory.data<u32>([
  0, 0, 0, 0, 0, 0x38762cf7, 0xf55934b3, 0x4d179ae6, 0xa4c80cad, 0xccbb7f0a, 0x0dede3de, 0xf700a6db, 0x819381be,
  0x6e269dcb, 0xf9bd2ed9, 0xa707c203, 0xa59b4718, 0x4a1d62ca, 0x570406ea, 0x7ae3e5d3, 0xafbfec28, 0x9993d24c,
  0x9e9786f1, 0x9c6111e0, 0x4390a899, 0xc3eef712, 0xc72ebb5a, 0x11a7d243, 0x2bb46365, 0xbef9f502, 0x7ff579e5,
  0xacd07291, 0x5580304c, 0x43a2367c, 0x60488310, 0x7a4edef4, 0xe7ccee5f, 0xa4506c19, 0x124fc8cc, 0xda6e033d,
])
const SALT_BYTES: usize = 20

// HkdfLabel of RFC 8446 7.1 with an empty context, the counter of HKDF-Expand (RFC 5869 2.3) and SHA-256's end mark.
/** 32, "tls13 client in". */
const LABEL_CLIENT: usize = memory.data<u8>([
  0, 32, 15, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x20, 0x69, 0x6e, 0, 1, 0x80,
])
/** 16, "tls13 quic key". */
const LABEL_KEY: usize = memory.data<u8>([
  0, 16, 14, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x71, 0x75, 0x69, 0x63, 0x20, 0x6b, 0x65, 0x79, 0, 1, 0x80,
])
/** 12, "tls13 quic iv". */
const LABEL_IV: usize = memory.data<u8>([
  0, 12, 13, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x71, 0x75, 0x69, 0x63, 0x20, 0x69, 0x76, 0, 1, 0x80,
])
/** 16, "tls13 quic hp". */
const LABEL_HEADER: usize = memory.data<u8>([
  0, 16, 13, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x71, 0x75, 0x69, 0x63, 0x20, 0x68, 0x70, 0, 1, 0x80,
])
/** 16, "tls13 quicv2 key". */
const LABEL_KEY_2: usize = memory.data<u8>([
  0, 16, 16, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x71, 0x75, 0x69, 0x63, 0x76, 0x32, 0x20, 0x6b, 0x65, 0x79, 0, 1, 0x80,
])
/** 12, "tls13 quicv2 iv". */
const LABEL_IV_2: usize = memory.data<u8>([
  0, 12, 15, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x71, 0x75, 0x69, 0x63, 0x76, 0x32, 0x20, 0x69, 0x76, 0, 1, 0x80,
])
/** 16, "tls13 quicv2 hp". */
const LABEL_HEADER_2: usize = memory.data<u8>([
  0, 16, 15, 0x74, 0x6c, 0x73, 0x31, 0x33, 0x20, 0x71, 0x75, 0x69, 0x63, 0x76, 0x32, 0x20, 0x68, 0x70, 0, 1, 0x80,
])
/** Bytes of a label before its text, and behind it: the empty context, the counter and the end mark. */
const LABEL_FRAME: i32 = 6

const INNER_PAD: u32 = 0x36363636
const OUTER_PAD: u32 = 0x5c5c5c5c

/** HMAC-SHA-256 keyed with each salt, after its first block: the inner and the outer hash. */
const salted: usize = allocate(VERSIONS * 2 * HASH_BYTES)
const scratch: usize = memory.data(<i32>BLOCK_BYTES, 16)

/**
 * The block that HKDF-Expand-Label hashes, expanded: the second and last block of an inner HMAC. `label` ends with the
 * end mark, which the length of both blocks in bits does not count.
 */
function labelBlock(label: usize): usize {
  const length: i32 = LABEL_FRAME + load<u8>(label, 2)
  memory.fill(scratch, 0, BLOCK_BYTES)
  memory.copy(scratch, label, length)
  for (let at = scratch; at < scratch + BLOCK_BYTES; at += 4) store<u32>(at, bswap<u32>(load<u32>(at)))
  store<u32>(scratch, ((<u32>BLOCK_BYTES) << 3) + ((length - 1) << 3), 60)
  const expanded = allocate(SCHEDULE_BYTES)
  expandBlock(scratch, expanded)
  return expanded
}

/** "client in" of RFC 9001 5.2 is the same in every version. */
export const CLIENT_BLOCK: usize = labelBlock(LABEL_CLIENT)
const KEY_BLOCK: usize = labelBlock(LABEL_KEY)
const IV_BLOCK: usize = labelBlock(LABEL_IV)
const HEADER_BLOCK: usize = labelBlock(LABEL_HEADER)
const KEY_BLOCK_2: usize = labelBlock(LABEL_KEY_2)
const IV_BLOCK_2: usize = labelBlock(LABEL_IV_2)
const HEADER_BLOCK_2: usize = labelBlock(LABEL_HEADER_2)

function startSalted(hash: usize, version: usize, pad: u32): void {
  for (let index: usize = 0; index < BLOCK_BYTES; index += 4) {
    const word = index < SALT_BYTES ? load<u32>(SALTS + version * SALT_BYTES + index) : 0
    store<u32>(scratch + index, word ^ pad)
  }
  memory.copy(hash, SHA256_START, HASH_BYTES)
  sha256Compress(hash, scratch)
}

function fillSalted(): void {
  for (let version: usize = 1; version < VERSIONS; version++) {
    startSalted(salted + version * 2 * HASH_BYTES, version, INNER_PAD)
    startSalted(salted + version * 2 * HASH_BYTES + HASH_BYTES, version, OUTER_PAD)
  }
}

fillSalted()

/** The hashes of the salt's two paddings: the inner and, behind it, the outer one. */
export function saltedHashes(version: i32): usize {
  return salted + <usize>version * 2 * HASH_BYTES
}

function isSecond(version: i32): bool {
  return version == VERSION_2 || version == VERSION_2_DRAFT
}

export function keyBlockOf(version: i32): usize {
  return isSecond(version) ? KEY_BLOCK_2 : KEY_BLOCK
}

export function ivBlockOf(version: i32): usize {
  return isSecond(version) ? IV_BLOCK_2 : IV_BLOCK
}

export function headerBlockOf(version: i32): usize {
  return isSecond(version) ? HEADER_BLOCK_2 : HEADER_BLOCK
}

/** Value of the packet type bits of an Initial, of a 0-RTT packet and of a Retry. */
export function initialTypeOf(version: i32): i32 {
  return isSecond(version) ? 1 : 0
}

export function zeroRttTypeOf(version: i32): i32 {
  return initialTypeOf(version) + 1
}

export function retryTypeOf(version: i32): i32 {
  return (initialTypeOf(version) + 3) & 3
}

/** The number of the parameters of a version, NO_VERSION when it is not known. */
export function quicVersionOf(version: u32): i32 {
  if (version == 0x0000_0001) return VERSION_1
  if (version == 0x6b33_43cf) return VERSION_2
  if (version >= 0xff00_0017 && version <= 0xff00_0022) {
    return version <= 0xff00_001c ? DRAFT_23 : version <= 0xff00_0020 ? DRAFT_29 : VERSION_1
  }
  // Meta's mvfst, built on draft 27, in its apps and headsets.
  if (version == 0xface_b002 || version == 0xface_b00e) return DRAFT_23
  if (version == 0x709a_50c4) return VERSION_2_DRAFT
  if (version == 0x5430_3530) return GOOGLE_T050
  if (version == 0x5430_3531) return GOOGLE_T051
  return NO_VERSION
}
