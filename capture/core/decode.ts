// Decoding of one packet into the frame, layer by layer.
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  LAYER_IPV4,
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LINUX_COOKED,
  LINK_LINUX_COOKED2,
  LINK_LOOP,
  LINK_NULL,
  LINK_RAW,
  LINK_RAW_BSD,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './constants'
import { frame, resetFrame, stopAt } from './frame'
import { byteAt } from './memory'
import { decodeEthernet } from './wire/ethernet'
import { decodeIpv4 } from './wire/ipv4'
import { decodeIpv6 } from './wire/ipv6'
import { decodeLinuxCooked, decodeLinuxCooked2 } from './wire/linux-cooked'
import { decodeLoopback } from './wire/loopback'
import { decodeTcp } from './wire/tcp'
import { decodeUdp } from './wire/udp'

/**
 * Decodes link, network and transport layer of the bytes [frame.at, frame.end). What could be read before a damaged
 * place is kept; frame.stopped names the layer that was cut. False where the link type is not one we read.
 */
export function decodeFrame(): bool {
  resetFrame()
  switch (frame.linkType) {
    case LINK_ETHERNET:
      decodeEthernet()
      break
    case LINK_NULL:
    case LINK_LOOP:
      decodeLoopback()
      break
    case LINK_RAW_BSD:
    case LINK_RAW:
    case LINK_IPV4:
    case LINK_IPV6:
      frame.networkAt = frame.at
      break
    case LINK_LINUX_COOKED:
      decodeLinuxCooked()
      break
    case LINK_LINUX_COOKED2:
      decodeLinuxCooked2()
      break
    default:
      return false
  }
  if (frame.networkAt != 0 && frame.etherType != ETHER_TYPE_ARP) decodeNetwork(frame.networkAt)
  return true
}

/** Uses the version in the header rather than the EtherType: real captures hold IPv6 under the type of IPv4. */
function decodeNetwork(at: usize): void {
  const etherType = frame.etherType
  if (etherType != ETHER_TYPE_IPV4 && etherType != ETHER_TYPE_IPV6 && etherType != 0) return
  if (frame.end <= at) return stopAt(LAYER_IPV4, at, 1, 0)
  const version = byteAt(at) >> 4
  const isDecoded = version == 4 ? decodeIpv4(at) : version == 6 && decodeIpv6(at)
  if (isDecoded) decodeTransport()
}

function decodeTransport(): void {
  if (frame.fragmentOffset > 0) return
  if (frame.protocol == PROTOCOL_TCP) decodeTcp()
  else if (frame.protocol == PROTOCOL_UDP) decodeUdp()
}
