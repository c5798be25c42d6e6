// Which number is this IP address, as text from a capture, a log or a rule?

/**
 * An address as numbers: IPv4 in `low` (unsigned, 32 bits); IPv6 as its first 64 bits, `high` and `low` of 32 bits
 * each.
 */
export interface AddressNumbers {
  version: 4 | 6
  high: number
  low: number
}

const LONGEST_ADDRESS = 64
const NAT64_PREFIX = [0x0064, 0xff9b, 0, 0, 0, 0] as const

/**
 * Dotted decimal to an unsigned 32-bit number; null for anything else (octal, hexadecimal and short forms included).
 */
export function parseIpv4(text: string): number | null {
  let value = 0
  let octets = 0
  let at = 0
  while (octets < 4) {
    let octet = 0
    const start = at
    while (at < text.length && at - start < 3) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      octet = octet * 10 + digit
      at++
    }
    const digits = at - start
    if (digits === 0 || octet > 255 || (digits > 1 && text.charCodeAt(start) === 48)) return null
    value = value * 256 + octet
    octets++
    if (octets < 4 && text.charCodeAt(at++) !== 46) return null
  }
  return at === text.length ? value : null
}

/** The eight 16-bit groups of an IPv6 address (RFC 4291, section 2.2); a zone id is dropped; null for anything else. */
export function parseIpv6(text: string): number[] | null {
  if (text.length > LONGEST_ADDRESS) return null
  const zone = text.indexOf('%')
  let rest = zone >= 0 ? text.slice(0, zone) : text
  const tail: number[] = []
  const lastColon = rest.lastIndexOf(':')
  if (lastColon < 0) return null
  if (rest.includes('.')) {
    const ipv4 = parseIpv4(rest.slice(lastColon + 1))
    if (ipv4 === null) return null
    tail.push(ipv4 >>> 16, ipv4 & 0xffff)
    rest = rest.slice(0, rest[lastColon - 1] === ':' ? lastColon + 1 : lastColon)
  }
  const halves = rest.split('::')
  if (halves.length > 2) return null
  const before = parseGroups(halves[0] ?? '')
  const after = halves.length === 2 ? parseGroups(halves[1] ?? '') : []
  if (before === null || after === null) return null
  const missing = 8 - before.length - after.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  return [...before, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...after, ...tail]
}

/**
 * IPv4, IPv6, and the IPv4 address inside an IPv4-mapped (RFC 4291, 2.5.5.2) or NAT64 (RFC 6052, 64:ff9b::/96) one,
 * since that is the network the packets end up in.
 */
export function parseAddress(text: string): AddressNumbers | null {
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
export function parseCidr(text: string): { version: 4 | 6; first: AddressNumbers; last: AddressNumbers } | null {
  const [address = '', bits = '', ...more] = text.split('/')
  if (more.length > 0 || !/^\d{1,3}$/.test(bits)) return null
  const first = parseAddress(address)
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

function parseGroups(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  for (const group of text.split(':')) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
    groups.push(Number.parseInt(group, 16))
  }
  return groups
}
