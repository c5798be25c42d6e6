// Packet records of classic pcap files.
import {
  LENGTHS_SWAPPED_MAYBE,
  LENGTHS_SWAPPED_YES,
  MAX_CAPTURED_LENGTH,
  RECORDS_DAMAGED,
  RECORDS_MORE,
} from '../constants'
import { frame } from '../frame'
import { beginPiece } from '../copy-table'
import { fileU32, linkOf, RecordReader, takeRecord } from './reader'

/** draft-ietf-opsawg-pcap section 5: seconds, units, captured and original length. */
const UNITS_AT = 4
const CAPTURED_AT = 8
const ORIGINAL_AT = 12
const LONGEST_PACKET: u32 = MAX_CAPTURED_LENGTH

/**
 * Reads records in [at, to) up to the first that is not whole or is damaged: reader.next is where it starts. `offset`
 * is the offset in the file of the byte at `at`. Gives one of RECORDS_…; reader.said has the length of a damaged one.
 */
export function readPcapRecords(reader: RecordReader, at: usize, to: usize, offset: f64): i32 {
  const bigEndian = reader.bigEndian != 0
  const headerLength = <usize>reader.headerLength
  const lengthsSwapped = reader.lengthsSwapped
  const start = at
  const link = linkOf(reader, 0)
  beginPiece()
  while (to - at >= headerLength) {
    let captured = fileU32(at + CAPTURED_AT, bigEndian)
    let original = fileU32(at + ORIGINAL_AT, bigEndian)
    if (lengthsSwapped == LENGTHS_SWAPPED_YES || (lengthsSwapped == LENGTHS_SWAPPED_MAYBE && captured > original)) {
      const swap = captured
      captured = original
      original = swap
    }
    if (captured > LONGEST_PACKET) {
      reader.next = at
      reader.said = <f64>captured
      return RECORDS_DAMAGED
    }
    const end = at + headerLength + captured
    if (end > to) break
    const units = fileU32(at + UNITS_AT, bigEndian)
    frame.seconds = <f64>fileU32(at, bigEndian)
    // A fraction beyond its second is damage; the second itself is still the time.
    frame.nanos = <f64>units < reader.unitsPerSecond ? <i32>units * reader.nanosPerUnit : 999_999_999
    frame.timed = 1
    frame.at = at + headerLength
    frame.end = end
    frame.originalLength = <f64>original
    frame.linkType = reader.linkType
    frame.link = link
    takeRecord(reader, offset + <f64>(at - start), end)
    at = end
  }
  reader.next = at
  return RECORDS_MORE
}
