// Addresses and blocks of them as the numbers that tables of networks are sorted by.
import { parseIpv4, parseIpv6 } from '../../capture/ip-address.ts'

/**
 * An address as numbers: IPv4 in `low` (unsigned, 32 bits); IPv6 as its first 64 bits, `high` and `low` of 32 bits
 * each.
 */
export interface AddressNumbers {
  version: 4 | 6
  high: number
  low: number
}

const NAT64_PREFIX = [0x0064, 0xff9b, 0, 0, 0, 0] as const

/**
 * IPv4, IPv6, and the IPv4 address inside an IPv4-mapped (RFC 4291, 2.5.5.2) or NAT64 (RFC 6052, 64:ff9b::/96) one,
 * since that is the network the packets end up in.
 */
export function numbersOf(text: string): AddressNumbers | null {
  if (!text.includes(':')) {
    const value = parseIpv4(text)
    return value === null ? null : { version: 4, high: 0, low: value }
  }
  const groups = parseIpv6(text)
  if (groups === null) return null
  const [a = 0, b = 0, c = 0, d = 0, , , g = 0, h = 0] = groups
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  const translated = NAT64_PREFIX.every((group, index) => groups[index] === group)
  if (mapped || translated) return { version: 4, high: 0, low: g * 65536 + h }
  return { version: 6, high: a * 65536 + b, low: c * 65536 + d }
}

/**
 * A CIDR block as the first and last address it holds. IPv6 blocks smaller than a /64 are refused: tables keep 64 bits.
 */
export function rangeOf(text: string): { version: 4 | 6; first: AddressNumbers; last: AddressNumbers } | null {
  const [address = '', bits = '', ...more] = text.split('/')
  if (more.length > 0 || !/^\d{1,3}$/.test(bits)) return null
  const first = numbersOf(address)
  const length = Number(bits)
  if (first === null || length > (first.version === 4 ? 32 : 64)) return null
  const hosts = 2 ** ((first.version === 4 ? 32 : 64) - length)
  const start = BigInt(first.high) * 2n ** 32n + BigInt(first.low)
  if (start % BigInt(hosts) !== 0n) return null
  const end = start + BigInt(hosts) - 1n
  return {
    version: first.version,
    first,
    last: { version: first.version, high: Number(end / 2n ** 32n), low: Number(end % 2n ** 32n) },
  }
}
