// What ARP and neighbour discovery say: who holds an address, and which prefixes are the home's.
import { arpAddress, arpMacHigh, arpMacLow, readArp } from './arp'
import { NO_MAC } from './constants'
import { frame } from './frame'
import { learnPrefix } from './home-network'
import { i32At, u16At } from './memory'
import { ndpAddressAt, ndpMacAt, ndpPrefixAt, ndpPrefixBits, ndpPrefixCount, ndpTargetAt, readNdp } from './ndp'
import { claimAddress, macOf, raiseEpoch, rescopeAddresses, sawMac } from './ownership'
import { ipv4Id, ipv6Id } from './senders'

/** The length that a prefix has which a host takes addresses from (RFC 4862, RFC 4291 section 2.5.1). */
const SUBNET_BITS: i32 = 64

export function observeArp(): void {
  if (!readArp()) return
  // Before its address takes a place.
  if (macOf(arpMacHigh, arpMacLow) == NO_MAC) return
  const address = ipv4Id(arpAddress)
  claimAddress(address, arpMacHigh, arpMacLow, frameMac())
}

export function observeNdp(): void {
  if (frame.fragmentOffset > 0 || !readNdp()) return
  let isNew = false
  for (let index = 0; index < ndpPrefixCount; index++)
    if (learnPrefix(ndpPrefixAt(index), ndpPrefixBits(index))) isNew = true
  if (learnPrefix(frame.sourceAt, SUBNET_BITS)) isNew = true
  if (ndpTargetAt != 0 && learnPrefix(ndpTargetAt, SUBNET_BITS)) isNew = true
  if (isNew) {
    // Addresses that looked like the internet's are the home's own.
    rescopeAddresses()
    raiseEpoch()
  }
  if (ndpMacAt == 0 || ndpAddressAt == 0) return
  const address = ipv6Id(ndpAddressAt)
  claimAddress(address, u16At(ndpMacAt), i32At(ndpMacAt + 2), frameMac())
}

/** The frame's MAC, which was seen now. */
function frameMac(): i32 {
  const mac = macOf(frame.macHigh, frame.macLow)
  sawMac(mac)
  return mac
}
