// BSD loopback captures: where the network layer starts.
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, LAYER_LOOPBACK } from '../constants'
import { frame, stopAt } from '../frame'
import { byteAt, i32At } from '../memory'

/** Four bytes of address family: in the writer's byte order (DLT_NULL) or the network's (DLT_LOOP). */
const HEADER_LENGTH: i32 = 4
const AF_INET = 2

/** Reads either byte order: a family is a small number, so only one of the two makes sense. */
export function decodeLoopback(): void {
  const at = frame.at
  const have = <i32>(frame.end - at)
  if (have < HEADER_LENGTH) return stopAt(LAYER_LOOPBACK, at, HEADER_LENGTH, have)
  const big = <u32>i32At(at)
  const family = big < 0x10000 ? <i32>big : byteAt(at) | (byteAt(at + 1) << 8)
  if (family == AF_INET) frame.etherType = ETHER_TYPE_IPV4
  else if (isIpv6(family)) frame.etherType = ETHER_TYPE_IPV6
  else return
  frame.networkAt = at + HEADER_LENGTH
}

/** AF_INET6 on NetBSD and OpenBSD, FreeBSD, macOS, Linux and Windows. */
function isIpv6(family: i32): bool {
  return family == 24 || family == 28 || family == 30 || family == 10 || family == 23
}
