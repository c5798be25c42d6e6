// Writer of capture files in every format that a reader may meet.
// pcap: draft-ietf-opsawg-pcap. pcapng: draft-ietf-opsawg-pcapng.

export type ByteOrder = 'little' | 'big'

/** Time is seconds since 1970 and nanoseconds within the second; the writer rounds down to what the format holds. */
export type CapturedPacket = {
  seconds: number
  nanos?: number
  bytes: Uint8Array
  /** What was on the wire, if more than was kept. */
  originalLength?: number
}

export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  rawBsd: 12,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  usb: 220,
  radiotap: 127,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const

export type PcapOptions = {
  byteOrder?: ByteOrder
  resolution?: 'micro' | 'nano'
  linkType?: number
  snaplen?: number
  /** Alexey Kuznetsov's patched libpcap of 1999: magic 0xa1b2cd34 and 8 more bytes in each record header. */
  modified?: boolean
}

const PCAP_MAGIC = { micro: 0xa1b2c3d4, nano: 0xa1b23c4d, modified: 0xa1b2cd34 } as const

/** The 24 bytes every classic capture starts with. */
export function pcapHeader({
  byteOrder = 'little',
  resolution = 'micro',
  linkType = LINK_TYPE.ethernet,
  snaplen = 262144,
  modified = false,
}: PcapOptions = {}): Uint8Array {
  const header = new Uint8Array(24)
  const view = new DataView(header.buffer)
  const little = byteOrder === 'little'
  view.setUint32(0, modified ? PCAP_MAGIC.modified : PCAP_MAGIC[resolution], little)
  view.setUint16(4, 2, little)
  view.setUint16(6, 4, little)
  view.setUint32(16, snaplen, little)
  view.setUint32(20, linkType, little)
  return header
}

/** One record: its header and the bytes kept. */
export function pcapRecord(
  { seconds, nanos = 0, bytes, originalLength = bytes.length }: CapturedPacket,
  { byteOrder = 'little', resolution = 'micro', modified = false }: PcapOptions = {},
): Uint8Array {
  const headerLength = modified ? 24 : 16
  const record = new Uint8Array(headerLength + bytes.length)
  const view = new DataView(record.buffer)
  const little = byteOrder === 'little'
  view.setUint32(0, seconds, little)
  view.setUint32(4, resolution === 'nano' ? nanos : Math.floor(nanos / 1000), little)
  view.setUint32(8, bytes.length, little)
  view.setUint32(12, originalLength, little)
  record.set(bytes, headerLength)
  return record
}

export function pcapFile(options: PcapOptions, packets: CapturedPacket[]): Uint8Array {
  return join([pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options))])
}

// ---- pcapng ----

export type PcapngInterface = {
  linkType?: number
  snaplen?: number
  /** Ticks per second as a power of ten (6 is microseconds, the default) or, with `binary`, of two. */
  resolution?: { exponent: number; binary?: boolean }
  /** Seconds to add to every time of this interface (if_tsoffset). */
  offsetSeconds?: number
  name?: string
}

export type PcapngBlock =
  | { kind: 'interface'; interface: PcapngInterface }
  /** Enhanced packet block; `interface` counts the section's interfaces from 0. */
  | { kind: 'packet'; interface?: number; packet: CapturedPacket; comment?: string }
  /** Simple packet block: interface 0, no time. */
  | { kind: 'simple'; bytes: Uint8Array; originalLength?: number }
  /** The obsolete packet block of the first drafts. */
  | { kind: 'obsolete'; interface?: number; packet: CapturedPacket; drops?: number }
  | { kind: 'statistics'; interface?: number; seconds: number; received?: number; dropped?: number }
  /** A name resolution block: address as bytes, and its names. */
  | { kind: 'names'; records: { address: Uint8Array; names: string[] }[] }
  /** Any other block, for instance one a reader has to skip. */
  | { kind: 'other'; type: number; body: Uint8Array }

export type PcapngSection = {
  byteOrder?: ByteOrder
  /** What the header says of the section's length in bytes; unknown (−1) by default, 'true' writes the truth. */
  lengthField?: 'unknown' | 'true'
  blocks: PcapngBlock[]
}

const BLOCK = {
  section: 0x0a0d0d0a,
  interface: 1,
  obsolete: 2,
  simple: 3,
  names: 4,
  statistics: 5,
  enhanced: 6,
} as const
const OPTION = { end: 0, comment: 1, interfaceName: 2, resolution: 9, offset: 14, received: 4, dropped: 5 } as const

export function pcapngFile(...sections: PcapngSection[]): Uint8Array {
  return join(sections.map(section))
}

function section({ byteOrder = 'little', lengthField = 'unknown', blocks }: PcapngSection): Uint8Array {
  const write = writer(byteOrder)
  const interfaces: PcapngInterface[] = []
  const body = join(blocks.map((described) => block(write, described, interfaces)))
  const length = lengthField === 'true' ? write.u64(BigInt(body.length)) : write.u64(0xffffffffffffffffn)
  return join([write.block(BLOCK.section, write.u32(0x1a2b3c4d), write.u16(1), write.u16(0), length), body])
}

function block(write: Writer, described: PcapngBlock, interfaces: PcapngInterface[]): Uint8Array {
  switch (described.kind) {
    case 'interface': {
      interfaces.push(described.interface)
      return interfaceBlock(write, described.interface)
    }
    case 'packet': {
      const { packet, comment, interface: index = 0 } = described
      const options =
        comment === undefined ? [] : [write.option(OPTION.comment, utf8(comment)), write.option(OPTION.end)]
      return write.block(
        BLOCK.enhanced,
        write.u32(index),
        write.ticks(packet.seconds, packet.nanos, interfaces[index]),
        write.u32(packet.bytes.length),
        write.u32(packet.originalLength ?? packet.bytes.length),
        padded(packet.bytes),
        ...options,
      )
    }
    case 'simple':
      return write.block(
        BLOCK.simple,
        write.u32(described.originalLength ?? described.bytes.length),
        padded(described.bytes),
      )
    case 'obsolete': {
      const { packet, interface: index = 0, drops = 0xffff } = described
      return write.block(
        BLOCK.obsolete,
        write.u16(index),
        write.u16(drops),
        write.ticks(packet.seconds, packet.nanos, interfaces[index]),
        write.u32(packet.bytes.length),
        write.u32(packet.originalLength ?? packet.bytes.length),
        padded(packet.bytes),
      )
    }
    case 'statistics':
      return statisticsBlock(write, described, interfaces)
    case 'names':
      return namesBlock(write, described)
    case 'other':
      return write.block(described.type, padded(described.body))
  }
}

function statisticsBlock(
  write: Writer,
  { interface: index = 0, seconds, received, dropped }: Extract<PcapngBlock, { kind: 'statistics' }>,
  interfaces: readonly PcapngInterface[],
): Uint8Array {
  const options = []
  if (received !== undefined) options.push(write.option(OPTION.received, write.u64(BigInt(received))))
  if (dropped !== undefined) options.push(write.option(OPTION.dropped, write.u64(BigInt(dropped))))
  return write.block(
    BLOCK.statistics,
    write.u32(index),
    write.ticks(seconds, 0, interfaces[index]),
    ...options,
    write.option(OPTION.end),
  )
}

function namesBlock(write: Writer, { records }: Extract<PcapngBlock, { kind: 'names' }>): Uint8Array {
  const options = records.map(({ address, names }) =>
    write.option(address.length === 4 ? 1 : 2, join([address, ...names.map((name) => utf8(`${name}\0`))])),
  )
  return write.block(BLOCK.names, ...options, write.option(OPTION.end))
}

function interfaceBlock(
  write: Writer,
  { linkType = LINK_TYPE.ethernet, snaplen = 0, resolution, offsetSeconds, name }: PcapngInterface,
): Uint8Array {
  const options = []
  if (name !== undefined) options.push(write.option(OPTION.interfaceName, utf8(name)))
  if (resolution)
    options.push(write.option(OPTION.resolution, Uint8Array.of((resolution.binary ? 0x80 : 0) | resolution.exponent)))
  if (offsetSeconds !== undefined)
    options.push(write.option(OPTION.offset, write.u64(BigInt.asUintN(64, BigInt(offsetSeconds)))))
  if (options.length > 0) options.push(write.option(OPTION.end))
  return write.block(BLOCK.interface, write.u16(linkType), write.u16(0), write.u32(snaplen), ...options)
}

/** Numbers in a section's byte order, and the frames they go into. */
type Writer = ReturnType<typeof writer>

function writer(byteOrder: ByteOrder) {
  const little = byteOrder === 'little'
  const number = (length: number, set: (view: DataView) => void): Uint8Array => {
    const bytes = new Uint8Array(length)
    set(new DataView(bytes.buffer))
    return bytes
  }
  const u16 = (value: number): Uint8Array => number(2, (view) => view.setUint16(0, value, little))
  const u32 = (value: number): Uint8Array => number(4, (view) => view.setUint32(0, value, little))
  const u64 = (value: bigint): Uint8Array => number(8, (view) => view.setBigUint64(0, value, little))
  return {
    u16,
    u32,
    u64,
    /** A time as two 32-bit halves, the higher first in either byte order. */
    ticks(seconds: number, nanos = 0, on: PcapngInterface = {}): Uint8Array {
      const { exponent, binary = false } = on.resolution ?? { exponent: 6 }
      const perSecond = binary ? 2n ** BigInt(exponent) : 10n ** BigInt(exponent)
      const whole = BigInt(seconds - (on.offsetSeconds ?? 0)) * perSecond + (BigInt(nanos) * perSecond) / 1_000_000_000n
      return join([u32(Number((whole >> 32n) & 0xffffffffn)), u32(Number(whole & 0xffffffffn))])
    },
    option: (code: number, value: Uint8Array = new Uint8Array(0)): Uint8Array =>
      join([u16(code), u16(value.length), padded(value)]),
    block(type: number, ...parts: Uint8Array[]): Uint8Array {
      const body = join(parts)
      const length = u32(12 + body.length)
      return join([u32(type), length, body, length])
    },
  }
}

/** Up to the next multiple of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array((bytes.length + 3) & ~3)
  whole.set(bytes)
  return whole
}

function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function join(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
