// Decoding of one packet into the frame, layer by layer.
import {
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  LAYER_IPV4,
  LINK_AVS,
  LINK_BROADCOM_TAG,
  LINK_BROADCOM_TAG_BEFORE,
  LINK_CISCO_HDLC,
  LINK_CISCO_HDLC_WITH_DIRECTION,
  LINK_DSA_TAG,
  LINK_EDSA_TAG,
  LINK_ENC,
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LINUX_COOKED,
  LINK_LINUX_COOKED2,
  LINK_LOOP,
  LINK_MPLS,
  LINK_NFLOG,
  LINK_NULL,
  LINK_PFLOG,
  LINK_PKTAP,
  LINK_PPI,
  LINK_PPP,
  LINK_PPP_ETHER,
  LINK_PPP_HDLC,
  LINK_PPP_PPPD,
  LINK_PPP_WITH_DIRECTION,
  LINK_PRISM,
  LINK_RADIOTAP,
  LINK_RAW,
  LINK_RAW_BSD,
  LINK_RAW_OPENBSD,
  LINK_SLIP,
  LINK_USER2,
  LINK_WIFI,
  NOTE_UNREAD_INSIDE,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './constants'
import { frame, resetFrame, stopAt } from './frame'
import { countNote, keepUnread, setQuiet } from './link-notes'
import { byteAt } from './memory'
import { mayBeTunnel, unwrapTunnel } from './tunnels'
import { decodeEnc, decodePflog, decodeSlip, unwrapDirection, unwrapPktap } from './wire/capture-headers'
import { decodeEthernet } from './wire/ethernet'
import { decodeIpv4 } from './wire/ipv4'
import { decodeIpv6 } from './wire/ipv6'
import { decodeLinuxCooked, decodeLinuxCooked2 } from './wire/linux-cooked'
import { decodeLoopback } from './wire/loopback'
import { decodeMpls } from './wire/mpls'
import { decodeNflog } from './wire/nflog'
import { decodeCiscoHdlc, decodePpp, decodePppHdlc } from './wire/ppp'
import { decodePppoe } from './wire/pppoe'
import { unwrapAvs, unwrapPpi, unwrapPrism, unwrapRadiotap } from './wire/radio-headers'
import { decodeTagged, LONG_TAG, SHORT_TAG, unwrapTagBefore } from './wire/switch-tags'
import { decodeTcp } from './wire/tcp'
import { decodeUdp } from './wire/udp'
import { decodeWifi, takePart } from './wire/wifi'

/** Headers of capture programs one in the other: PKTAP around radiotap around Wi-Fi. */
const MAX_CAPTURE_HEADERS = 3

/**
 * Decodes link, network and transport layer of the bytes [frame.at, frame.end). What could be read before a damaged
 * place is kept; frame.stopped names the layer that was cut. Behind a header of the capture program, and in a tunnel
 * within the home, the frame's record becomes that of the packet inside. Where a Wi-Fi frame holds several packets,
 * this is the first. False where the link type is not one we read.
 */
export function decodeFrame(): bool {
  if (!decodeRecord()) return false
  if (frame.protocol != PROTOCOL_TCP && mayBeTunnel()) unwrapTunnel()
  return true
}

/** The same for a packet that is not counted now, and of whose link layer nothing is noted. */
export function decodeQuietly(): bool {
  setQuiet(true)
  const isRead = decodeFrame()
  setQuiet(false)
  return isRead
}

/** The same without looking into tunnels, for a packet that had to wait: its record is that of the packet inside. */
export function decodeHeld(): void {
  setQuiet(true)
  decodeRecord()
  setQuiet(false)
}

function decodeRecord(): bool {
  resetFrame()
  return decodeLinkAndNetwork()
}

/** The next packet of the same Wi-Fi frame (frame.partsAt, which is not 0); the record becomes its. */
export function decodePart(): void {
  const partsAt = frame.partsAt
  const tunnel = frame.tunnel
  resetFrame()
  frame.partsAt = partsAt
  takePart()
  frame.tunnel = tunnel
  frame.outerBytes = 0
  decodeNetwork()
}

export function decodeLinkAndNetwork(): bool {
  if (!decodeLink(0)) return false
  decodeNetwork()
  return true
}

function decodeLink(headers: i32): bool {
  switch (frame.linkType) {
    case LINK_ETHERNET:
      decodeEthernet()
      break
    case LINK_NULL:
    case LINK_LOOP:
      decodeLoopback()
      break
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
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
    case LINK_WIFI:
      decodeWifi()
      break
    case LINK_NFLOG:
      decodeNflog()
      break
    default:
      return decodeSerialOrTagged() || decodeBehindHeader(headers)
  }
  return true
}

/** Serial lines, firewalls' logs and switch chips. False where it is none of these. */
function decodeSerialOrTagged(): bool {
  switch (frame.linkType) {
    case LINK_PPP:
      decodePpp(frame.at)
      break
    case LINK_PPP_HDLC:
      decodePppHdlc(frame.at)
      break
    case LINK_PPP_ETHER:
      decodePppoe(frame.at)
      break
    case LINK_CISCO_HDLC:
      decodeCiscoHdlc(frame.at)
      break
    case LINK_MPLS:
      decodeMpls(frame.at)
      break
    case LINK_SLIP:
      decodeSlip()
      break
    case LINK_ENC:
      decodeEnc()
      break
    case LINK_PFLOG:
      decodePflog()
      break
    case LINK_BROADCOM_TAG:
    case LINK_DSA_TAG:
      decodeTagged(SHORT_TAG)
      break
    case LINK_EDSA_TAG:
      decodeTagged(LONG_TAG)
      break
    default:
      return false
  }
  return true
}

/** Link types whose packets begin with a header of the capture program. False where it is none of these. */
function decodeBehindHeader(headers: i32): bool {
  let isThere: bool
  switch (frame.linkType) {
    case LINK_RADIOTAP:
      isThere = unwrapRadiotap()
      break
    case LINK_PRISM:
      isThere = unwrapPrism()
      break
    case LINK_AVS:
      isThere = unwrapAvs()
      break
    case LINK_PPI:
      isThere = unwrapPpi()
      break
    case LINK_PKTAP:
    case LINK_USER2:
      isThere = unwrapPktap()
      break
    case LINK_PPP_PPPD:
    case LINK_PPP_WITH_DIRECTION:
      isThere = unwrapDirection(LINK_PPP_HDLC)
      break
    case LINK_CISCO_HDLC_WITH_DIRECTION:
      isThere = unwrapDirection(LINK_CISCO_HDLC)
      break
    case LINK_BROADCOM_TAG_BEFORE:
      isThere = unwrapTagBefore()
      break
    default:
      return false
  }
  if (!isThere) return true
  if (headers >= MAX_CAPTURE_HEADERS || !decodeLink(headers + 1)) {
    countNote(NOTE_UNREAD_INSIDE)
    keepUnread(frame.linkType)
  }
  return true
}

/** Uses the version in the header rather than the EtherType: real captures hold IPv6 under the type of IPv4. */
function decodeNetwork(): void {
  const at = frame.networkAt
  const etherType = frame.etherType
  if (at == 0 || (etherType != ETHER_TYPE_IPV4 && etherType != ETHER_TYPE_IPV6 && etherType != 0)) return
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
