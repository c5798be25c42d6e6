// Writer of one pcapng section with Enhanced Packet Blocks, for frames that arrive one by one.
// draft-ietf-opsawg-pcapng section 4; all numbers little-endian, times in microseconds.

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const SECTION_LENGTH = 28
const INTERFACE_LENGTH = 20
/** Of an Enhanced Packet Block without its data, the total length at the end included. */
const PACKET_HEADERS = 32
const HALF = 2 ** 32

/** Frames wait here until they are taken; a frame that does not fit asks for that first. */
export class PcapngWriter {
  private readonly bytes: Buffer
  private length = 0
  private interfaces = 0

  /** `room`: bytes; the longest frame and 60 bytes have to fit. */
  constructor(room: number) {
    this.bytes = Buffer.alloc(room)
    this.beginSection()
  }

  get isEmpty(): boolean {
    return this.length === 0
  }

  /** Whether a frame of that length still fits, with the description of an interface. */
  fits(frameLength: number): boolean {
    return this.length + INTERFACE_LENGTH + PACKET_HEADERS + ((frameLength + 3) & ~3) <= this.bytes.length
  }

  /** The number of a new interface, of one of the LINKTYPE_ values. */
  addInterface(linkType: number): number {
    const at = this.beginBlock(INTERFACE_DESCRIPTION, INTERFACE_LENGTH)
    this.bytes.writeUInt32LE(linkType, at)
    this.bytes.writeUInt32LE(0, at + 4)
    return this.interfaces++
  }

  /** `time`: seconds since 1970-01-01 UTC. The frame is [from, to) of `source`. */
  addPacket(link: number, time: number, source: Buffer, from: number, to: number, originalLength: number): void {
    const captured = to - from
    const padded = (captured + 3) & ~3
    const at = this.beginBlock(ENHANCED_PACKET, PACKET_HEADERS + padded)
    const { bytes } = this
    const microseconds = Math.round(time * 1e6)
    bytes.writeUInt32LE(link, at)
    bytes.writeUInt32LE(Math.floor(microseconds / HALF), at + 4)
    bytes.writeUInt32LE(microseconds % HALF, at + 8)
    bytes.writeUInt32LE(captured, at + 12)
    bytes.writeUInt32LE(originalLength, at + 16)
    source.copy(bytes, at + 20, from, to)
    bytes.fill(0, at + 20 + captured, at + 20 + padded)
  }

  /** What was added since the last call; valid until the next frame is added. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length)
    this.length = 0
    return taken
  }

  private beginSection(): void {
    const at = this.beginBlock(SECTION_HEADER, SECTION_LENGTH)
    this.bytes.writeUInt32LE(BYTE_ORDER_MAGIC, at)
    this.bytes.writeUInt16LE(1, at + 4)
    this.bytes.writeUInt16LE(0, at + 6)
    // Its length is not known.
    this.bytes.fill(0xff, at + 8, at + 16)
  }

  /** Type and both lengths; gives where the body starts. */
  private beginBlock(type: number, length: number): number {
    const at = this.length
    this.bytes.writeUInt32LE(type, at)
    this.bytes.writeUInt32LE(length, at + 4)
    this.bytes.writeUInt32LE(length, at + length - 4)
    this.length += length
    return at + 8
  }
}
