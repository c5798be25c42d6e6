// How a capture is packed, by its first bytes: gzip, zstd or xz.

export type Packing = 'gzip' | 'zstd' | 'xz'

/** RFC 1952 section 2.3.1, RFC 8878 section 3.1.1, the .xz file format section 2.1.1. */
const MAGICS: readonly [packing: Packing, magic: readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
]

/** So many bytes tell. */
export const PACKING_BYTES = 6

/** What ends the name of a packed file. */
export const PACKED_NAME = /\.(?:gz|zst|xz)$/i

/** Null where the bytes are not packed, as far as they tell. */
export function packingOf(bytes: Uint8Array): Packing | null {
  const found = MAGICS.find(
    ([, magic]) => bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte),
  )
  return found?.[0] ?? null
}

/** Whether fewer than PACKING_BYTES bytes may still become the beginning of a packed file. */
export function mayBePacked(bytes: Uint8Array): boolean {
  return MAGICS.some(([, magic]) => bytes.every((byte, index) => index >= magic.length || byte === magic[index]))
}
