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
import { enterTunnel, finishTunnel, mayBeTunnel, setMayEnter, tunnelDepth } from './tunnels'
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
import { decodeWifi, stepToPart } from './wire/wifi'

/** Headers of capture programs one in the other: PKTAP around radiotap around Wi-Fi. */
const MAX_CAPTURE_HEADERS = 3
/** What unwrapHeader found. */
const NO_HEADER = 0
const NOTHING_BEHIND = 1
const PASSED = 2

/**
 * Decodes link, network and transport layer of the bytes [frame.at, frame.end). What could be read before a damaged
 * place is kept; frame.stopped names the layer that was cut. Behind a header of the capture program, and in a tunnel
 * within the home, the frame's record becomes that of the packet inside. Where a Wi-Fi frame holds several packets,
 * this is the first. False where the link type is not one we read.
 */
export function decodeFrame(): bool {
  let isRead: bool
  do {
    resetFrame()
    isRead = decodeLink()
    decodeNetwork()
  } while (frame.protocol != PROTOCOL_TCP && mayBeTunnel() && enterTunnel())
  if (tunnelDepth != 0) finishTunnel()
  return isRead
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
  setMayEnter(false)
  decodeQuietly()
  setMayEnter(true)
}

/** The next packet of the same Wi-Fi frame, which there is where frame.partsAt is not 0; the record becomes its. */
export function decodeNextPart(): void {
  const tunnel = frame.tunnel
  const end = frame.partsEnd
  const next = stepToPart(frame.partsAt, end)
  setMayEnter(false)
  decodeFrame()
  setMayEnter(true)
  frame.isUnusual = 1
  frame.partsAt = next
  frame.partsEnd = end
  frame.tunnel = tunnel
  frame.outerBytes = 0
}

/** Each decoder of the usual link types has this one caller: it is compiled into it. */
function decodeLink(): bool {
  for (let headers = 0; headers <= MAX_CAPTURE_HEADERS; headers++) {
    switch (frame.linkType) {
      case LINK_ETHERNET:
        decodeEthernet()
        return true
      case LINK_NULL:
      case LINK_LOOP:
        decodeLoopback()
        return true
      case LINK_RAW_BSD:
      case LINK_RAW_OPENBSD:
      case LINK_RAW:
      case LINK_IPV4:
      case LINK_IPV6:
        frame.networkAt = frame.at
        return true
      case LINK_LINUX_COOKED:
        decodeLinuxCooked()
        return true
      case LINK_LINUX_COOKED2:
        decodeLinuxCooked2()
        return true
      case LINK_WIFI:
        decodeWifi()
        // The first of several packets has become the record, as Ethernet.
        if (frame.linkType == LINK_WIFI) return true
        break
      case LINK_NFLOG:
        decodeNflog()
        return true
      default: {
        if (decodeSerialOrTagged()) return true
        const found = unwrapHeader()
        if (found == NOTHING_BEHIND) return true
        if (found == NO_HEADER) return headers > 0 && noteUnread()
      }
    }
  }
  return noteUnread()
}

/** What is behind the capture program's header is of a link type that is not read; the file's own type is. */
function noteUnread(): bool {
  countNote(NOTE_UNREAD_INSIDE)
  keepUnread(frame.linkType)
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

/** Moves the record behind a header of the capture program. Gives NO_HEADER where the link type has none. */
function unwrapHeader(): i32 {
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
      return NO_HEADER
  }
  return isThere ? PASSED : NOTHING_BEHIND
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
