// Addresses that are one visitor's: an IPv6 home has 2^64 of them.
import { addressText, isMapped, parseAddress, withoutZone } from '../../capture/ip-address.ts'

/** An IPv4 address as it is; of an IPv6 address its /64, as text of four groups. */
export function addressGroup(address: string): string {
  const plain = withoutZone(address)
  const words = parseAddress(plain)
  if (words === null) return plain
  if (isMapped(words)) return addressText(words)
  return [words[0] >>> 16, words[0] & 0xffff, words[1] >>> 16, words[1] & 0xffff]
    .map((group) => group.toString(16))
    .join(':')
}
