// AES-128 encryption of one block, for header protection: creating a cipher object would cost ten times as much.

/** Words of the expanded key: 11 round keys of 4 words. */
export const AES128_SCHEDULE_WORDS = 44

/** SubBytes (FIPS 197 5.1.1), and SubBytes with MixColumns as one word per byte: 2s, s, s, 3s. */
const SUBSTITUTE = new Uint8Array(256)
const MIX = new Int32Array(256)

function double(byte: number): number {
  return ((byte << 1) ^ (byte & 0x80 ? 0x11b : 0)) & 0xff
}

function fillTables(): void {
  // 3 generates the field's 255 non-zero elements, and its inverse 0xf6 walks through their inverses in step.
  let element = 1
  let inverse = 1
  do {
    element ^= double(element)
    inverse ^= inverse << 1
    inverse ^= inverse << 2
    inverse = (inverse ^ (inverse << 4)) & 0xff
    if (inverse & 0x80) inverse ^= 0x09
    const turned = inverse * 0x0101
    SUBSTITUTE[element] = 0x63 ^ inverse ^ (turned >>> 7) ^ (turned >>> 6) ^ (turned >>> 5) ^ (turned >>> 4)
  } while (element !== 1)
  SUBSTITUTE[0] = 0x63
  for (let byte = 0; byte < 256; byte++) {
    const s = SUBSTITUTE[byte]
    MIX[byte] = (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s)
  }
}

fillTables()

function substituteWord(word: number): number {
  return (
    (SUBSTITUTE[word >>> 24] << 24) |
    (SUBSTITUTE[(word >>> 16) & 0xff] << 16) |
    (SUBSTITUTE[(word >>> 8) & 0xff] << 8) |
    SUBSTITUTE[word & 0xff]
  )
}

/** Expands the key in the first 4 words of `schedule` to its 44 words, in place (FIPS 197 5.2). */
export function expandAes128Key(schedule: Int32Array): void {
  let constant = 1
  for (let index = 4; index < AES128_SCHEDULE_WORDS; index++) {
    let word = schedule[index - 1]
    if ((index & 3) === 0) {
      word = substituteWord((word << 8) | (word >>> 24)) ^ (constant << 24)
      constant = double(constant)
    }
    schedule[index] = schedule[index - 4] ^ word
  }
}

/**
 * Encrypts the 16 bytes at `at` and puts the first two words of the result, big-endian, in `result`. Header protection
 * uses 5 bytes of the block (RFC 9001 5.4.1); the other two words are not worth making.
 */
export function encryptAes128Start(schedule: Int32Array, bytes: Uint8Array, at: number, result: Int32Array): void {
  let a = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) ^ schedule[0]
  let b = ((bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7]) ^ schedule[1]
  let c = ((bytes[at + 8] << 24) | (bytes[at + 9] << 16) | (bytes[at + 10] << 8) | bytes[at + 11]) ^ schedule[2]
  let d = ((bytes[at + 12] << 24) | (bytes[at + 13] << 16) | (bytes[at + 14] << 8) | bytes[at + 15]) ^ schedule[3]
  for (let round = 4; round < 40; round += 4) {
    const a1 = mixedColumn(a, b, c, d) ^ schedule[round]
    const b1 = mixedColumn(b, c, d, a) ^ schedule[round + 1]
    const c1 = mixedColumn(c, d, a, b) ^ schedule[round + 2]
    d = mixedColumn(d, a, b, c) ^ schedule[round + 3]
    a = a1
    b = b1
    c = c1
  }
  result[0] = lastColumn(a, b, c, d) ^ schedule[40]
  result[1] = lastColumn(b, c, d, a) ^ schedule[41]
}

/** ShiftRows, SubBytes and MixColumns of one column; the table's word is turned for the second to fourth byte. */
function mixedColumn(a: number, b: number, c: number, d: number): number {
  const second = MIX[(b >>> 16) & 0xff]
  const third = MIX[(c >>> 8) & 0xff]
  const fourth = MIX[d & 0xff]
  return (
    MIX[a >>> 24] ^
    ((second >>> 8) | (second << 24)) ^
    ((third >>> 16) | (third << 16)) ^
    ((fourth >>> 24) | (fourth << 8))
  )
}

/** The last round has no MixColumns. */
function lastColumn(a: number, b: number, c: number, d: number): number {
  return (
    (SUBSTITUTE[a >>> 24] << 24) |
    (SUBSTITUTE[(b >>> 16) & 0xff] << 16) |
    (SUBSTITUTE[(c >>> 8) & 0xff] << 8) |
    SUBSTITUTE[d & 0xff]
  )
}
