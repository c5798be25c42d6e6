// BSD loopback captures: where the network layer starts.
import { type Frame, u32 } from '../frame.ts'

/** Four bytes of address family: in the writer's byte order (DLT_NULL) or the network's (DLT_LOOP). */
const HEADER_LENGTH = 4
const AF_INET = 2
/** AF_INET6 on NetBSD and OpenBSD, FreeBSD, macOS, Linux and Windows. */
const AF_INET6 = [24, 28, 30, 10, 23]

/** Reads either byte order: a family is a small number, so only one of the two makes sense. */
export function decodeLoopback(frame: Frame): void {
  const { bytes, at, end } = frame
  if (end - at < HEADER_LENGTH) return frame.stop('loopback', at, HEADER_LENGTH, end - at)
  const big = u32(bytes, at)
  const family = big < 0x10000 ? big : bytes[at] | (bytes[at + 1] << 8)
  if (family === AF_INET) frame.etherType = 0x0800
  else if (AF_INET6.includes(family)) frame.etherType = 0x86dd
  else return
  frame.networkAt = at + HEADER_LENGTH
}
