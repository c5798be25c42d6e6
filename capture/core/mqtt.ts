// MQTT CONNECT messages: the client's id. User names and passwords are not read.
import { MAX_MQTT_PROPERTY_BYTES } from './limits'
import { byteAt, u16At } from './memory'

export const NEED_MORE: i32 = 0
export const NOT_MQTT: i32 = -1
/** The first byte of the message that opens a connection (MQTT 5 and 3.1.1, sections 2.1 and 3.1). */
export const MQTT_CONNECT: i32 = 0x10

/** `MQTT` of versions 3.1.1 and 5, and `MQIsdp` of 3.1, each behind its length. */
const NAME = memory.data<u8>([0, 4, 0x4d, 0x51, 0x54, 0x54])
const NAME_LENGTH: usize = 6
const OLD_NAME = memory.data<u8>([0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70])
const OLD_NAME_LENGTH: usize = 8
const VERSION_5: i32 = 5
/** Version, flags and the time to keep alive. */
const FIXED_BYTES: usize = 4
const RESERVED_FLAG: i32 = 1
const MAX_LENGTH_BYTES: usize = 4

/** The id of the message that was read last; empty where the client lets the server choose. */
export let clientIdAt: usize = 0
export let clientIdEnd: usize = 0

/** Behind the variable-length number read last, and its value. */
let numberEnd: usize = 0
let number: i32 = 0

/** Reads a CONNECT message at the start of [at, end) as far as the client's id: 1, NEED_MORE or NOT_MQTT. */
export function readMqttConnect(at: usize, end: usize): i32 {
  clientIdAt = 0
  clientIdEnd = 0
  if (at >= end || byteAt(at) != MQTT_CONNECT) return NOT_MQTT
  let result = readNumber(at + 1, end)
  if (result <= 0) return result
  const nameAt = numberEnd
  const messageEnd = nameAt + <usize>number
  const nameLength = nameAt + 1 < end && byteAt(nameAt + 1) == byteAt(OLD_NAME + 1) ? OLD_NAME_LENGTH : NAME_LENGTH
  const name = nameLength == NAME_LENGTH ? NAME : OLD_NAME
  if (nameAt < end && memory.compare(nameAt, name, min<usize>(nameLength, end - nameAt)) != 0) return NOT_MQTT
  const versionAt = nameAt + nameLength
  let idAt = versionAt + FIXED_BYTES
  if (idAt > messageEnd) return NOT_MQTT
  if (idAt > end) return NEED_MORE
  const version = byteAt(versionAt)
  if (version < 3 || version > VERSION_5 || (byteAt(versionAt + 1) & RESERVED_FLAG) != 0) return NOT_MQTT
  if (version == VERSION_5) {
    result = readNumber(idAt, end)
    if (result <= 0) return result
    if (number > MAX_MQTT_PROPERTY_BYTES) return NOT_MQTT
    idAt = numberEnd + <usize>number
  }
  return readId(idAt, end, messageEnd)
}

function readId(at: usize, end: usize, messageEnd: usize): i32 {
  if (at + 2 > messageEnd) return NOT_MQTT
  if (at + 2 > end) return NEED_MORE
  const idEnd = at + 2 + <usize>u16At(at)
  if (idEnd > messageEnd) return NOT_MQTT
  if (idEnd > end) return NEED_MORE
  clientIdAt = at + 2
  clientIdEnd = idEnd
  return 1
}

/** A number of seven bits a byte, the lowest first (section 1.5.5): 1, NEED_MORE or NOT_MQTT. */
function readNumber(at: usize, end: usize): i32 {
  number = 0
  for (let index: usize = 0; index < MAX_LENGTH_BYTES; index++) {
    if (at + index >= end) return NEED_MORE
    const byte = byteAt(at + index)
    number |= (byte & 0x7f) << (7 * <i32>index)
    if (byte < 0x80) {
      numberEnd = at + index + 1
      return 1
    }
  }
  return NOT_MQTT
}
