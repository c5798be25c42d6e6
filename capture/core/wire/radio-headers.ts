// Headers that capture programs write in front of Wi-Fi frames: radiotap, Prism, AVS and PPI.
import { LAYER_CAPTURE, LINK_WIFI, NOTE_WIFI_DAMAGED } from '../constants'
import { frame, stopAt } from '../frame'
import { countNote } from '../link-notes'
import { byteAt, i32At } from '../memory'
import { enterLink, littleU16, littleU32 } from './inner-link'

/** radiotap.org: version, pad, length, words of present fields, the last of which has bit 31 clear; fields. */
const RADIOTAP_LENGTH: i32 = 8
const HAS_TIME = 0x01
const HAS_FLAGS = 0x02
const GOES_ON: u32 = 0x8000_0000
const FLAG_CHECKSUM = 0x10
const FLAG_BAD_CHECKSUM = 0x40
const CHECKSUM_LENGTH = 4
/** Prism: message code, length; AVS: magic with the version, length, both big-endian. */
const PRISM_LENGTH: i32 = 8
const AVS_MAGIC: u32 = 0x8021_1000
const AVS_MASK: u32 = 0xffff_f000
/** PPI: version, flags, length, link type; then fields of type, length, data. */
const PPI_LENGTH: i32 = 8
const PPI_FIELD_LENGTH: i32 = 4
const PPI_WIFI_COMMON = 2
const PPI_FLAGS_AT = 8
const PPI_CHECKSUM = 0x01
const PPI_BAD_CHECKSUM = 0x02 | 0x04

/** Each of these moves the frame behind the header. False where there is nothing more to read. */
export function unwrapRadiotap(): bool {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < RADIOTAP_LENGTH) return stop(RADIOTAP_LENGTH)
  const length = littleU16(at + 2)
  if (byteAt(at) != 0 || length < RADIOTAP_LENGTH) return false
  if (length > have) return stop(length)
  const flags = radiotapFlags(at, length)
  if ((flags & FLAG_BAD_CHECKSUM) != 0) return damaged()
  enterLink(LINK_WIFI, length)
  if ((flags & FLAG_CHECKSUM) != 0) dropChecksum()
  return true
}

/** The field "flags", 0 where there is none. A field is aligned to its size, counted from the header's start. */
function radiotapFlags(at: usize, length: i32): i32 {
  const present = littleU32(at + 4)
  let field: i32 = RADIOTAP_LENGTH
  let word = present
  while ((word & GOES_ON) != 0 && field + 4 <= length) {
    word = littleU32(at + field)
    field += 4
  }
  if ((present & HAS_TIME) != 0) field = ((field + 7) & ~7) + 8
  return (present & HAS_FLAGS) != 0 && field < length ? byteAt(at + field) : 0
}

export function unwrapPrism(): bool {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < PRISM_LENGTH) return stop(PRISM_LENGTH)
  if (((<u32>i32At(at)) & AVS_MASK) == AVS_MAGIC) return unwrapAvs()
  // The order of the bytes is that of the machine: the length is small in one of them only.
  const little = littleU32(at + 4)
  const length = little < 0x10000 ? little : <u32>i32At(at + 4)
  return enterAfter(length)
}

export function unwrapAvs(): bool {
  const at = frame.at
  if (<i32>(frame.end - at) < PRISM_LENGTH) return stop(PRISM_LENGTH)
  if (((<u32>i32At(at)) & AVS_MASK) != AVS_MAGIC) return false
  return enterAfter(<u32>i32At(at + 4))
}

function enterAfter(length: u32): bool {
  if (length < <u32>PRISM_LENGTH || length >= 0x10000) return false
  if (<i32>length > <i32>(frame.end - frame.at)) return stop(<i32>length)
  enterLink(LINK_WIFI, <i32>length)
  return true
}

/** The frame behind it may be of any link type. */
export function unwrapPpi(): bool {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < PPI_LENGTH) return stop(PPI_LENGTH)
  const length = littleU16(at + 2)
  if (byteAt(at) != 0 || length < PPI_LENGTH) return false
  if (length > have) return stop(length)
  const link = littleU32(at + 4)
  const flags = ppiFlags(at, length)
  if ((flags & PPI_BAD_CHECKSUM) != 0) return damaged()
  enterLink(link < 0x10000 ? <i32>link : -1, length)
  if ((flags & PPI_CHECKSUM) != 0) dropChecksum()
  return true
}

/** Flags of the field "802.11-Common", 0 where there is none: checksum at the end, wrong checksum, radio error. */
function ppiFlags(at: usize, length: i32): i32 {
  let field: i32 = PPI_LENGTH
  while (field + PPI_FIELD_LENGTH <= length) {
    const size = littleU16(at + field + 2)
    const data = field + PPI_FIELD_LENGTH
    if (littleU16(at + field) == PPI_WIFI_COMMON && size >= PPI_FLAGS_AT + 2 && data + PPI_FLAGS_AT + 2 <= length) {
      const said = littleU16(at + data + PPI_FLAGS_AT)
      return (said & PPI_CHECKSUM) | ((said >> 1) & PPI_BAD_CHECKSUM)
    }
    field = data + size
  }
  return 0
}

function dropChecksum(): void {
  const have = <i32>(frame.end - frame.at)
  if (have >= CHECKSUM_LENGTH && frame.originalLength <= <f64>have) frame.end -= CHECKSUM_LENGTH
  frame.originalLength = max<f64>(0, frame.originalLength - <f64>CHECKSUM_LENGTH)
}

function damaged(): bool {
  countNote(NOTE_WIFI_DAMAGED)
  return false
}

function stop(need: i32): bool {
  stopAt(LAYER_CAPTURE, frame.at, need, <i32>(frame.end - frame.at))
  return false
}
