// Wi-Fi data frames that are not encrypted: both ends' MACs, and where the network layer starts.
import { LAYER_WIFI, LINK_ETHERNET, NOTE_WIFI, NOTE_WIFI_ENCRYPTED, TUNNEL_NONE } from '../constants'
import { frame, stopAt } from '../frame'
import { countNote } from '../link-notes'
import { byteAt, u16At } from '../memory'
import { decodeLlc, setSourceMac } from './ethernet'

/** IEEE 802.11-2020 clause 9.2.3: frame control, duration, three addresses, sequence control. */
const HEADER_LENGTH: i32 = 24
const CONTROL_LENGTH: i32 = 2
const ADDRESS_1 = 4
const ADDRESS_2 = 10
const ADDRESS_3 = 16
const SEQUENCE_AT = 22
const ADDRESS_4 = 24
const MAC_LENGTH: i32 = 6
const QOS_LENGTH: i32 = 2
const HT_LENGTH: i32 = 4
/** Frame control, clause 9.2.4.1: version and type; of data frames the bits "no data" and "QoS"; flags. */
const VERSION_AND_TYPE = 0x0f
const DATA = 0x08
const NO_DATA = 0x40
const QOS = 0x80
const TO_DS = 0x01
const FROM_DS = 0x02
const PROTECTED = 0x40
const ORDER = 0x80
/** Of the QoS control field: the frame holds several packets (an A-MSDU). */
const AGGREGATE = 0x80
/** Clause 9.3.2.2: destination, source, length, and padding to four bytes. The content begins with LLC. */
const PART_HEADER_LENGTH: i32 = 14
const SNAP_START = 0xaaaa

export function decodeWifi(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < CONTROL_LENGTH) return stopAt(LAYER_WIFI, at, CONTROL_LENGTH, have)
  countNote(NOTE_WIFI)
  const control = byteAt(at)
  const flags = byteAt(at + 1)
  if ((control & VERSION_AND_TYPE) != DATA || (control & NO_DATA) != 0) return
  if ((flags & PROTECTED) != 0) return countNote(NOTE_WIFI_ENCRYPTED)
  const isQos = (control & QOS) != 0
  const isRelayed = (flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS)
  const qosAt = HEADER_LENGTH + (isRelayed ? MAC_LENGTH : 0)
  const length = qosAt + (isQos ? QOS_LENGTH + ((flags & ORDER) != 0 ? HT_LENGTH : 0) : 0)
  if (have < length) return stopAt(LAYER_WIFI, at, length, have)
  // A later fragment of a frame has no LLC header.
  if ((byteAt(at + SEQUENCE_AT) & 0x0f) != 0) return
  if (isQos && (byteAt(at + qosAt) & AGGREGATE) != 0) return decodeAggregate(at + length)
  setEnds(at, flags)
  decodeLlc(contentAt(at + length, length))
}

/** Clause 9.3.2.1, table 9-30. */
function setEnds(at: usize, flags: i32): void {
  const receiver = at + ((flags & TO_DS) != 0 ? ADDRESS_3 : ADDRESS_1)
  const isFromDs = (flags & FROM_DS) != 0
  const sender = isFromDs ? ((flags & TO_DS) != 0 ? ADDRESS_4 : ADDRESS_3) : ADDRESS_2
  frame.toGroup = byteAt(receiver) & 1
  frame.receiverAt = receiver
  setSourceMac(at + sender)
}

/** Some drivers pad the header to four bytes before the content. */
function contentAt(at: usize, headerLength: i32): usize {
  if ((headerLength & 3) == 0 || <i32>(frame.end - at) < 4) return at
  return u16At(at) != SNAP_START && u16At(at + 2) == SNAP_START ? at + 2 : at
}

/** Each part has the form of an 802.3 frame, and is taken as one: the first now, others by decodeNextPart. */
function decodeAggregate(at: usize): void {
  const have = <i32>(frame.end - at)
  if (have < PART_HEADER_LENGTH) return stopAt(LAYER_WIFI, at, PART_HEADER_LENGTH, have)
  const end = frame.end
  frame.partsAt = stepToPart(at, end)
  frame.partsEnd = end
  frame.tunnel = TUNNEL_NONE
  frame.isUnusual = 1
}

/** Makes the part at `at` the record, which has its header before `end`. Gives where the next one is, 0 for nowhere. */
export function stepToPart(at: usize, end: usize): usize {
  const length = PART_HEADER_LENGTH + u16At(at + PART_HEADER_LENGTH - 2)
  const isWhole = <usize>length <= end - at
  const next = at + <usize>((length + 3) & ~3)
  frame.at = at
  frame.end = isWhole ? at + length : end
  frame.originalLength = <f64>length
  frame.linkType = LINK_ETHERNET
  return isWhole && next + PART_HEADER_LENGTH <= end ? next : 0
}
