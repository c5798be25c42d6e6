// Several typed arrays in one file that is opened with a single read and no work per entry.

/** The arrays a compiled table may hold. */
export type Section = Uint8Array | Uint16Array | Uint32Array | Float64Array

export interface Sections {
  /** Facts about the whole table: dates, counts, sources. */
  meta: Record<string, string | number>
  arrays: Record<string, Section>
}

interface Header {
  meta: Record<string, string | number>
  arrays: Record<string, { type: keyof typeof TYPES; offset: number; length: number }>
}

const MAGIC = 'TTR1'
const PREFIX_LENGTH = 8
const ALIGNMENT = 8
const TYPES = { Uint8Array, Uint16Array, Uint32Array, Float64Array } as const

/**
 * Layout: 'TTR1', header length (32 bits, little endian), header as JSON, then each array at a multiple of 8 bytes.
 * The numbers are in the machine's own byte order: the file is built where it is used.
 */
export function packSections(sections: Sections): Uint8Array {
  const header: Header = { meta: sections.meta, arrays: {} }
  let offset = 0
  for (const [name, array] of Object.entries(sections.arrays)) {
    header.arrays[name] = { type: typeOf(array), offset, length: array.length }
    offset += roundUp(array.byteLength)
  }
  const headerBytes = Buffer.from(JSON.stringify(header))
  const dataAt = roundUp(PREFIX_LENGTH + headerBytes.length)
  const bytes = Buffer.alloc(dataAt + offset)
  bytes.write(MAGIC, 0, 'latin1')
  bytes.writeUInt32LE(headerBytes.length, 4)
  headerBytes.copy(bytes, PREFIX_LENGTH)
  for (const [name, array] of Object.entries(sections.arrays)) {
    bytes.set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      dataAt + (header.arrays[name]?.offset ?? 0),
    )
  }
  return bytes
}

/** Views into the bytes: nothing is copied unless the bytes start at an odd place in memory. */
export function openSections(given: Uint8Array, what: string): Sections {
  const bytes = given.byteOffset % ALIGNMENT === 0 ? given : new Uint8Array(given)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < PREFIX_LENGTH || buffer.toString('latin1', 0, 4) !== MAGIC) {
    throw new Error(`${what} is not a compiled table: run "npm run build" again`)
  }
  const headerLength = buffer.readUInt32LE(4)
  const header = JSON.parse(buffer.toString('utf8', PREFIX_LENGTH, PREFIX_LENGTH + headerLength)) as Header
  const dataAt = roundUp(PREFIX_LENGTH + headerLength)
  const arrays: Record<string, Section> = {}
  for (const [name, { type, offset, length }] of Object.entries(header.arrays)) {
    const ArrayType = TYPES[type]
    const end = dataAt + offset + length * ArrayType.BYTES_PER_ELEMENT
    if (end > bytes.byteLength)
      throw new Error(`${what} is cut short (${bytes.byteLength} bytes, ${end} needed): run "npm run build" again`)
    arrays[name] = new ArrayType(bytes.buffer as ArrayBuffer, bytes.byteOffset + dataAt + offset, length)
  }
  return { meta: header.meta, arrays }
}

/** A Buffer is a Uint8Array under another name. */
function typeOf(array: Section): keyof typeof TYPES {
  if (array instanceof Uint16Array) return 'Uint16Array'
  if (array instanceof Uint32Array) return 'Uint32Array'
  return array instanceof Float64Array ? 'Float64Array' : 'Uint8Array'
}

function roundUp(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT
}

/** Strings stored once: an index per string, text in one run of UTF-8 with the offset where each begins. */
export class StringPool {
  private readonly indexes = new Map<string, number>()
  private readonly texts: string[] = []

  add(text: string): number {
    const known = this.indexes.get(text)
    if (known !== undefined) return known
    const index = this.texts.length
    this.indexes.set(text, index)
    this.texts.push(text)
    return index
  }

  pack(): { offsets: Uint32Array; text: Uint8Array } {
    const offsets = new Uint32Array(this.texts.length + 1)
    const pieces = this.texts.map((text) => Buffer.from(text))
    pieces.forEach((piece, index) => (offsets[index + 1] = (offsets[index] ?? 0) + piece.length))
    return { offsets, text: Buffer.concat(pieces) }
  }
}

/** Reads one string of a packed pool. */
export function pooledString(offsets: Section, text: Section, index: number): string {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  return bytes.toString('utf8', offsets[index], offsets[index + 1])
}
