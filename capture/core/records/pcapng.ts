// Packet blocks of pcapng files.
import {
  BUFFER_LENGTH,
  MAX_CAPTURED_LENGTH,
  RECORDS_LONG_PACKET,
  RECORDS_MORE,
  RECORDS_NO_INTERFACE,
  RECORDS_OTHER_BLOCK,
  RECORDS_SHORT_PACKET,
} from '../constants'
import { beginPiece } from '../copy-table'
import { frame } from '../frame'
import { setTime } from './interface-time'
import { CaptureInterface, fileU16, fileU32, interfaceOf, keepTime, linkOf, RecordReader, takeRecord } from './reader'

/** draft-ietf-opsawg-pcapng section 4: block types. */
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
/** Type, total length, and the total length again behind the body. */
const SMALLEST_BLOCK: u32 = 12
/** The host steps over longer ones. */
const LONGEST_BLOCK: u32 = BUFFER_LENGTH
const LONGEST_PACKET: u32 = MAX_CAPTURED_LENGTH
/** Section 4.3: interface, time of two words, captured and original length, data. The obsolete block: section A.1. */
const INTERFACE_AT = 8
const DROPS_AT = 10
const TIME_HIGH_AT = 12
const TIME_LOW_AT = 16
const CAPTURED_AT = 20
const ORIGINAL_AT = 24
const DATA_AT: i32 = 28
const DROPS_NOT_KNOWN = 0xffff
/** Section 4.4: the original length and the data. */
const SIMPLE_ORIGINAL_AT = 8
const SIMPLE_DATA_AT: i32 = 12

/**
 * Reads packet blocks in [at, to). It ends at a block that is not whole or the host's, where reader.next is, or behind
 * a packet that cannot be read, which starts at reader.badOffset in the file. `offset` is the offset in the file of
 * the byte at `at`. Gives one of RECORDS_….
 */
export function readPcapngRecords(reader: RecordReader, at: usize, to: usize, offset: f64): i32 {
  const bigEndian = reader.bigEndian != 0
  const start = at
  beginPiece()
  while (at < to) {
    reader.next = at
    const have = <u32>(to - at)
    if (have < SMALLEST_BLOCK) return RECORDS_MORE
    const type = fileU32(at, bigEndian)
    const length = fileU32(at + 4, bigEndian)
    if (!isPacket(type) || length < SMALLEST_BLOCK || length % 4 != 0 || length > LONGEST_BLOCK) {
      return RECORDS_OTHER_BLOCK
    }
    if (have < length) return RECORDS_MORE
    const next = at + length
    if (fileU32(next - 4, bigEndian) != length) return RECORDS_OTHER_BLOCK
    const code = readPacket(reader, type, at, next, offset + <f64>(at - start))
    if (code != RECORDS_MORE) return code
    at = next
  }
  reader.next = at
  return RECORDS_MORE
}

function isPacket(type: u32): bool {
  return type == ENHANCED_PACKET || type == SIMPLE_PACKET || type == OBSOLETE_PACKET
}

/** RECORDS_MORE where the packet in the block [at, next) was read; else why not. */
function readPacket(reader: RecordReader, type: u32, at: usize, next: usize, offset: f64): i32 {
  const bigEndian = reader.bigEndian != 0
  const length = <i32>(next - 4 - at)
  const dataAt = type == SIMPLE_PACKET ? SIMPLE_DATA_AT : DATA_AT
  if (length < dataAt) return badPacket(reader, RECORDS_SHORT_PACKET, offset, next)
  const id = interfaceIdOf(type, at, bigEndian)
  if (id >= <u32>reader.interfaceCount) {
    reader.said = <f64>id
    return badPacket(reader, RECORDS_NO_INTERFACE, offset, next)
  }
  const source = interfaceOf(reader, <i32>id)
  const room = <u32>(length - dataAt)
  let captured: u32
  let original: u32
  if (type == SIMPLE_PACKET) {
    original = fileU32(at + SIMPLE_ORIGINAL_AT, bigEndian)
    captured = min<u32>(simpleLimit(source, original), room)
    // Without a time: it is the packet's before.
    frame.timed = 0
    frame.seconds = reader.seconds
    frame.nanos = reader.nanos
  } else {
    captured = fileU32(at + CAPTURED_AT, bigEndian)
    original = fileU32(at + ORIGINAL_AT, bigEndian)
    if (type == OBSOLETE_PACKET) countDrops(reader, at, bigEndian)
    setTime(source, fileU32(at + TIME_HIGH_AT, bigEndian), fileU32(at + TIME_LOW_AT, bigEndian))
  }
  if (captured > room || captured > LONGEST_PACKET) {
    keepTime(reader)
    reader.said = <f64>captured
    reader.room = room
    return badPacket(reader, RECORDS_LONG_PACKET, offset, next)
  }
  frame.at = at + dataAt
  frame.end = frame.at + captured
  frame.originalLength = <f64>original
  frame.linkType = source.linkType
  frame.link = linkOf(reader, <i32>id)
  takeRecord(reader, offset, next)
  return RECORDS_MORE
}

/** The enhanced block has 32 bits for it, the obsolete one 16; the simple one is the first interface's. */
function interfaceIdOf(type: u32, at: usize, bigEndian: bool): u32 {
  if (type == SIMPLE_PACKET) return 0
  return type == ENHANCED_PACKET ? fileU32(at + INTERFACE_AT, bigEndian) : <u32>fileU16(at + INTERFACE_AT, bigEndian)
}

/** The captured length of a simple packet block follows from the snaplen. */
function simpleLimit(source: CaptureInterface, original: u32): u32 {
  return source.snaplen == 0 ? original : min<u32>(original, source.snaplen)
}

function countDrops(reader: RecordReader, at: usize, bigEndian: bool): void {
  const drops = fileU16(at + DROPS_AT, bigEndian)
  if (drops != DROPS_NOT_KNOWN) reader.dropped += <f64>drops
}

/** The packet counts, and the host says what is wrong with it. */
function badPacket(reader: RecordReader, code: i32, offset: f64, next: usize): i32 {
  reader.packets += 1
  reader.badOffset = offset
  reader.next = next
  return code
}
