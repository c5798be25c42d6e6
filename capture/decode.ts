// Decoding of one packet into a frame, layer by layer. Never throws.
import type { Frame } from './frame.ts'
import { LinkType } from './formats/link-types.ts'
import { decodeEthernet, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from './wire/ethernet.ts'
import { decodeIpv4 } from './wire/ipv4.ts'
import { decodeIpv6 } from './wire/ipv6.ts'
import { decodeLinuxCooked, decodeLinuxCooked2 } from './wire/linux-cooked.ts'
import { decodeLoopback } from './wire/loopback.ts'
import { decodeTcp } from './wire/tcp.ts'
import { decodeUdp } from './wire/udp.ts'

export const PROTOCOL_TCP = 6
export const PROTOCOL_UDP = 17
export const PROTOCOL_ICMPV6 = 58

/**
 * Decodes link, network and transport layer of frame.bytes[at, end). What could be read before a damaged place is kept;
 * frame.stopped names the layer that was cut. False where the link type is not one we read.
 */
export function decode(frame: Frame): boolean {
  frame.reset()
  switch (frame.linkType) {
    case LinkType.Ethernet:
      decodeEthernet(frame)
      break
    case LinkType.Null:
    case LinkType.Loop:
      decodeLoopback(frame)
      break
    case LinkType.RawBsd:
    case LinkType.Raw:
    case LinkType.Ipv4:
    case LinkType.Ipv6:
      frame.networkAt = frame.at
      break
    case LinkType.LinuxCooked:
      decodeLinuxCooked(frame)
      break
    case LinkType.LinuxCooked2:
      decodeLinuxCooked2(frame)
      break
    default:
      return false
  }
  if (frame.networkAt >= 0 && frame.etherType !== ETHER_TYPE_ARP) decodeNetwork(frame, frame.networkAt)
  return true
}

/** Uses the version in the header rather than the EtherType: real captures hold IPv6 under the type of IPv4. */
function decodeNetwork(frame: Frame, at: number): void {
  const { etherType } = frame
  if (etherType !== ETHER_TYPE_IPV4 && etherType !== ETHER_TYPE_IPV6 && etherType !== 0) return
  if (frame.end <= at) return frame.stop('ipv4', at, 1, 0)
  const version = frame.bytes[at] >> 4
  if (version === 4 ? decodeIpv4(frame, at) : version === 6 && decodeIpv6(frame, at)) decodeTransport(frame)
}

function decodeTransport(frame: Frame): void {
  if (frame.fragmentOffset > 0) return
  if (frame.protocol === PROTOCOL_TCP) decodeTcp(frame)
  else if (frame.protocol === PROTOCOL_UDP) decodeUdp(frame)
}
