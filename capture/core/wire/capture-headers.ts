// Headers that systems write in front of packets: macOS's PKTAP, the BSDs' pflog, enc and SLIP, directions.
import { LAYER_CAPTURE } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt } from '../memory'
import { enterLink, littleU32 } from './inner-link'

/** LINKTYPE_PKTAP: length, type of what follows, link type; all little-endian. */
const PKTAP_LENGTH: i32 = 108
const PKTAP_PACKET: u32 = 1
/** LINKTYPE_PFLOG: its own length, which is rounded up; the shortest is that of FreeBSD 5. */
const PFLOG_SHORTEST = 45
/** LINKTYPE_ENC: address family, SPI, flags. */
const ENC_LENGTH: i32 = 12
/** LINKTYPE_SLIP: direction and the compressed header. */
const SLIP_LENGTH: i32 = 16

/** Moves the frame behind the header. False where no packet follows, or this is no PKTAP. */
export function unwrapPktap(): bool {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < PKTAP_LENGTH) return stop(PKTAP_LENGTH)
  const length = littleU32(at)
  if (length < <u32>PKTAP_LENGTH || length >= 0x10000 || littleU32(at + 4) != PKTAP_PACKET) return false
  if (<i32>length > have) return stop(<i32>length)
  const link = littleU32(at + 8)
  enterLink(link < 0x10000 ? <i32>link : -1, <i32>length)
  return true
}

export function decodePflog(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < 1) return stopAt(LAYER_CAPTURE, at, 1, 0)
  const length = byteAt(at)
  if (length < PFLOG_SHORTEST) return
  decodeIpBehind((length + 3) & ~3)
}

export function decodeEnc(): void {
  decodeIpBehind(ENC_LENGTH)
}

export function decodeSlip(): void {
  decodeIpBehind(SLIP_LENGTH)
}

function decodeIpBehind(length: i32): void {
  if (<i32>(frame.end - frame.at) < length) {
    stop(length)
    return
  }
  frame.networkAt = frame.at + length
}

/** One byte says whether the packet came or went: 0 or not. False where it is not there. */
export function unwrapDirection(linkType: i32): bool {
  if (frame.end == frame.at) return stop(1)
  enterLink(linkType, 1)
  return true
}

function stop(need: i32): bool {
  stopAt(LAYER_CAPTURE, frame.at, need, <i32>(frame.end - frame.at))
  return false
}
