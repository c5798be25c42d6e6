// One capture that is being read: what its headers said, what was counted, and what becomes of its packets.
import {
  LINK_AVS,
  LINK_BROADCOM_TAG,
  LINK_BROADCOM_TAG_BEFORE,
  LINK_CISCO_HDLC,
  LINK_CISCO_HDLC_WITH_DIRECTION,
  LINK_DSA_TAG,
  LINK_EDSA_TAG,
  LINK_ENC,
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LINUX_COOKED,
  LINK_LINUX_COOKED2,
  LINK_LOOP,
  LINK_MPLS,
  LINK_NFLOG,
  NAMES_SHIFT,
  NOT_COMPARED_LINK,
  LINK_NULL,
  LINK_PFLOG,
  LINK_PKTAP,
  LINK_PPI,
  LINK_PPP,
  LINK_PPP_ETHER,
  LINK_PPP_HDLC,
  LINK_PPP_PPPD,
  LINK_PPP_WITH_DIRECTION,
  LINK_PRISM,
  LINK_RADIOTAP,
  LINK_RAW,
  LINK_RAW_BSD,
  LINK_RAW_OPENBSD,
  LINK_SLIP,
  LINK_USER2,
  LINK_WIFI,
  READ_TO_COUNT,
  READ_TO_ENGINE,
} from '../constants'
import { processFrame } from '../engine'
import { frame } from '../frame'
import { countUnread, mayDeliver, takePacket } from '../host'
import { allocate, grown } from '../memory'

/** The program around the core reads and writes the record by the offsets in records-layout.ts. */
@unmanaged
export class RecordReader {
  /** Packets in the file, those that could not be read included, and their lengths on the wire added up. */
  packets: f64 = 0
  frameBytes: f64 = 0
  /** Packets dropped, as reported by the capturing kernel. */
  dropped: f64 = 0
  /** Where the record at hand starts in the file. */
  packetOffset: f64 = 0
  /** Seconds in which a packet is delivered without a question to the host. */
  earliest: f64 = 0
  latest: f64 = 0
  /** Time of the record at hand, as it counts. */
  seconds: f64 = 0
  /** The last possible time; NaN before there is one. */
  lastSeconds: f64 = NaN
  /** READ_TO_COUNT: time of the earliest and the latest packet with their fractions; infinite where there is none. */
  firstTime: f64 = Infinity
  lastTime: f64 = -Infinity
  /** What a record that could not be read said: its captured length, or the number of its interface. */
  said: f64 = 0
  /** Where a packet that could not be read starts in the file. */
  badOffset: f64 = 0
  /** pcap: units of a second. */
  unitsPerSecond: f64 = 0

  nanos: i32 = 0
  lastNanos: i32 = 0
  /** One of READ_TO_…. */
  mode: i32 = 0
  /** Where the next record starts, set before a packet is delivered. */
  next: usize = 0
  /** Bytes that the block of a packet that could not be read has for its data. */
  room: i32 = 0
  /** 1 for big-endian. */
  bigEndian: i32 = 0
  interfaceCount: i32 = 0

  /** pcap: link type of all packets, length of a record header, nanoseconds of a unit, one of LENGTHS_SWAPPED_…. */
  linkType: i32 = 0
  headerLength: i32 = 0
  nanosPerUnit: i32 = 0
  lengthsSwapped: i32 = 0
  /** A number of the source, up to 255, and pcapng sections so far: parts of the number of a link. */
  source: i32 = 0
  section: i32 = 0
  /** pcapng: the section's interfaces, and for how many there is room. */
  interfaces: usize = 0
  interfaceRoom: i32 = 0
}

/** An interface of a pcapng section. */
@unmanaged
export class CaptureInterface {
  /** Its clock's resolution, and seconds to add. */
  unitsPerSecond: f64 = 0
  offset: f64 = 0
  /** At most so many bytes of a packet were captured; 0 for all. */
  snaplen: u32 = 0
  linkType: i32 = 0
}

const INTERFACE_SIZE = offsetof<CaptureInterface>()
/** A double of today's seconds would round the last 120 ns of a second up to the next one. */
const LATEST_NANOS = 999_999_700

/** A new capture, whose packets become what `mode` says (one of READ_TO_…). */
export function openRecords(mode: i32): RecordReader {
  const reader = changetype<RecordReader>(allocate(offsetof<RecordReader>()))
  reader.mode = mode
  reader.lastSeconds = NaN
  reader.firstTime = Infinity
  reader.lastTime = -Infinity
  return reader
}

/** Room for bytes of capture files. They are not cleared: memory that nothing was read into yet takes no room. */
export function allocateBuffer(bytes: usize): usize {
  return heap.alloc(bytes)
}

/** Nothing of the capture is read any more. */
export function closeRecords(reader: RecordReader): void {
  if (reader.interfaces != 0) heap.free(reader.interfaces)
  heap.free(changetype<usize>(reader))
}

/** What the file header of a classic pcap says. */
export function usePcap(
  reader: RecordReader,
  linkType: i32,
  headerLength: i32,
  unitsPerSecond: f64,
  nanosPerUnit: i32,
  lengthsSwapped: i32,
): void {
  reader.linkType = linkType
  reader.headerLength = headerLength
  reader.unitsPerSecond = unitsPerSecond
  reader.nanosPerUnit = nanosPerUnit
  reader.lengthsSwapped = lengthsSwapped
}

/** A pcapng section begins: its interfaces are its own. */
export function clearInterfaces(reader: RecordReader): void {
  reader.interfaceCount = 0
  reader.section++
}

/** The next interface of the section. The host sees to it that there are not too many. */
export function addInterface(
  reader: RecordReader,
  linkType: i32,
  snaplen: u32,
  unitsPerSecond: f64,
  offset: f64,
): void {
  const count = reader.interfaceCount
  if (count == reader.interfaceRoom) {
    const room = max<i32>(4, 2 * count)
    const bytes = INTERFACE_SIZE * room
    reader.interfaces = count == 0 ? allocate(bytes) : grown(reader.interfaces, INTERFACE_SIZE * count, bytes)
    reader.interfaceRoom = room
  }
  const entry = interfaceOf(reader, count)
  entry.linkType = linkType
  entry.snaplen = snaplen
  entry.unitsPerSecond = unitsPerSecond
  entry.offset = offset
  reader.interfaceCount = count + 1
}

/** Interface `id` of the section, which there must be. */
export function interfaceOf(reader: RecordReader, id: i32): CaptureInterface {
  return changetype<CaptureInterface>(reader.interfaces + INTERFACE_SIZE * id)
}

/** The frame is filled in with the record that starts at `offset` in the file; the next one starts at `next`. */
export function takeRecord(reader: RecordReader, offset: f64, next: usize): void {
  reader.packets += 1
  reader.frameBytes += frame.originalLength
  reader.packetOffset = offset
  reader.next = next
  frame.number = reader.packets
  keepTime(reader)
  if (!isReadable(frame.linkType)) return countUnread()
  if (frame.timed != 0) {
    const seconds = frame.seconds
    if (seconds >= reader.earliest && seconds <= reader.latest) {
      reader.lastSeconds = seconds
      reader.lastNanos = frame.nanos
    } else {
      const isDelivered = mayDeliver()
      if (frame.seconds != seconds && frame.link >> NAMES_SHIFT != 1) frame.link = NOT_COMPARED_LINK
      keepTime(reader)
      if (!isDelivered) return
    }
  }
  deliverFrame(reader)
}

/** The number of the link of one of the section's interfaces. */
export function linkOf(reader: RecordReader, id: i32): i32 {
  return (reader.source << 24) | ((reader.section & 0xff) << 16) | (id & 0xffff)
}

/** Hands the packet in the frame to whoever the mode says. */
export function deliverFrame(reader: RecordReader): void {
  if (reader.mode == READ_TO_ENGINE) processFrame()
  else if (reader.mode == READ_TO_COUNT) countTime(reader)
  else takePacket()
}

/** The frame's time is that of the record at hand; a packet without one has that of the packet before. */
export function keepTime(reader: RecordReader): void {
  reader.seconds = frame.seconds
  reader.nanos = frame.nanos
}

function countTime(reader: RecordReader): void {
  if (frame.timed == 0) return
  const time = frame.seconds + <f64>min<i32>(frame.nanos, LATEST_NANOS) * 1e-9
  if (time < reader.firstTime) reader.firstTime = time
  if (time > reader.lastTime) reader.lastTime = time
}

/** As in capture/formats/link-types.ts. */
function isReadable(linkType: i32): bool {
  switch (linkType) {
    case LINK_ETHERNET:
    case LINK_NULL:
    case LINK_SLIP:
    case LINK_PPP:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_PPP_HDLC:
    case LINK_PPP_ETHER:
    case LINK_RAW:
    case LINK_CISCO_HDLC:
    case LINK_WIFI:
    case LINK_LOOP:
    case LINK_ENC:
    case LINK_LINUX_COOKED:
    case LINK_PFLOG:
    case LINK_PRISM:
    case LINK_RADIOTAP:
    case LINK_USER2:
    case LINK_AVS:
    case LINK_PPP_PPPD:
    case LINK_PPI:
    case LINK_PPP_WITH_DIRECTION:
    case LINK_CISCO_HDLC_WITH_DIRECTION:
    case LINK_MPLS:
    case LINK_IPV4:
    case LINK_IPV6:
    case LINK_NFLOG:
    case LINK_PKTAP:
    case LINK_LINUX_COOKED2:
    case LINK_BROADCOM_TAG:
    case LINK_BROADCOM_TAG_BEFORE:
    case LINK_DSA_TAG:
    case LINK_EDSA_TAG:
      return true
    default:
      return false
  }
}

/** 16 and 32 bits in the byte order of the file. */
export function fileU16(at: usize, bigEndian: bool): i32 {
  const value = load<u16>(at)
  return <i32>(bigEndian ? bswap<u16>(value) : value)
}
export function fileU32(at: usize, bigEndian: bool): u32 {
  const value = load<u32>(at)
  return bigEndian ? bswap<u32>(value) : value
}
