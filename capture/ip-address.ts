// IP addresses as text and as numbers: reading, writing, prefixes, and what their blocks are for.
import { type AddressUse, IPV4_BLOCKS, IPV6_BLOCKS } from './special-addresses.ts'

/** An address of 128 bits as four signed words; IPv4 stands as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2). */
export type AddressWords = [number, number, number, number]

/** The first `bits` bits of an address. */
export interface Prefix {
  words: AddressWords
  bits: number
}

const LONGEST_TEXT = 64
const MAPPED_WORD = 0xffff
const IPV4_BITS = 32
/** Of an IPv4 address as a mapped one. */
const MAPPED_BITS = 96

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
  if (text.length > LONGEST_TEXT) return null
  let rest = withoutZone(text)
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

function parseGroups(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  for (const group of text.split(':')) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
    groups.push(Number.parseInt(group, 16))
  }
  return groups
}

/**
 * Null where the text is no address. One with a zone ("fe80::1%eth0") means something on one machine only: null too.
 */
export function parseAddress(text: string): AddressWords | null {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== null) return [0, 0, MAPPED_WORD, ipv4 | 0]
  const groups = text.includes('%') ? null : parseIpv6(text)
  if (groups === null) return null
  const word = (index: number): number => (groups[2 * index] << 16) | groups[2 * index + 1]
  return [word(0), word(1), word(2), word(3)]
}

/** "fe80::1" of "fe80::1%eth0". */
export function withoutZone(text: string): string {
  const zone = text.indexOf('%')
  return zone < 0 ? text : text.slice(0, zone)
}

export function isMapped([w0, w1, w2]: AddressWords): boolean {
  return w0 === 0 && w1 === 0 && w2 === MAPPED_WORD
}

/** Canonical text of words; a mapped IPv4 address as IPv4. */
export function addressText(words: AddressWords): string {
  return isMapped(words) ? ipv4Text(words[3]) : ipv6Text(...words)
}

/** "192.0.2.1" of a signed or unsigned 32-bit number. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** The canonical form of RFC 5952: lower case, the longest run of zero groups as "::". */
export function ipv6Text(w0: number, w1: number, w2: number, w3: number): string {
  const groups = [w0 >>> 16, w0 & 0xffff, w1 >>> 16, w1 & 0xffff, w2 >>> 16, w2 & 0xffff, w3 >>> 16, w3 & 0xffff]
  let bestAt = -1
  let bestLength = 1
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > bestLength) {
      bestAt = at
      bestLength = length
    }
    if (length > 0) at += length - 1
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return bestAt < 0 ? text(0, 8) : `${text(0, bestAt)}::${text(bestAt + bestLength, 8)}`
}

/** As `ipv4Text`, of four bytes. */
export function ipv4TextAt(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

/** As `ipv6Text`, of sixteen bytes. */
export function ipv6TextAt(bytes: Uint8Array, at: number): string {
  const word = (offset: number): number =>
    (bytes[at + offset] << 24) | (bytes[at + offset + 1] << 16) | (bytes[at + offset + 2] << 8) | bytes[at + offset + 3]
  return ipv6Text(word(0), word(4), word(8), word(12))
}

/** "192.168.0.0/16" or "fc00::/7"; a bare address is the whole of itself. Null for anything else. */
export function parsePrefix(text: string): Prefix | null {
  const [address = '', bitsText, ...more] = text.split('/')
  const words = parseAddress(address)
  const isIpv4 = !address.includes(':')
  const room = isIpv4 ? IPV4_BITS : 128
  const bits = bitsText === undefined ? room : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Number.NaN
  if (words === null || more.length > 0 || !(bits <= room)) return null
  return { words, bits: isIpv4 ? bits + MAPPED_BITS : bits }
}

/** As `parsePrefix`; throws a sentence that names the text. */
export function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new Error(`"${text}" is no network: write it like 192.168.0.0/16 or fc00::/7`)
  return prefix
}

export function prefixContains({ words, bits }: Prefix, w0: number, w1: number, w2: number, w3: number): boolean {
  return (
    isSame(words[0], w0, bits) &&
    isSame(words[1], w1, bits - 32) &&
    isSame(words[2], w2, bits - 64) &&
    isSame(words[3], w3, bits - 96)
  )
}

/** Whether the first `bits` bits (at most 32) of two words agree. */
function isSame(one: number, other: number, bits: number): boolean {
  if (bits <= 0) return true
  return bits >= 32 ? one === other : (one ^ other) >>> (32 - bits) === 0
}

export function isLoopback(text: string): boolean {
  const words = parseAddress(withoutZone(text))
  if (words === null) return false
  return isMapped(words) ? words[3] >>> 24 === 127 : words.every((word, index) => word === (index === 3 ? 1 : 0))
}

interface Block extends Prefix {
  use: AddressUse
}

/** The smallest blocks first. */
function blocksOf(uses: Readonly<Record<string, AddressUse>>): Block[] {
  return Object.entries(uses)
    .map(([text, use]) => ({ ...prefixOf(text), use }))
    .sort((one, other) => other.bits - one.bits)
}

const IPV4 = blocksOf(IPV4_BLOCKS)
const IPV6 = blocksOf(IPV6_BLOCKS)

/** What the block of an address is for; null where the text is no address. A mapped IPv4 address is none of its own. */
export function addressUse(text: string): AddressUse | null {
  const words = parseAddress(withoutZone(text))
  if (words === null) return null
  const blocks = text.includes(':') ? IPV6 : IPV4
  return blocks.find((block) => prefixContains(block, ...words))?.use ?? 'none'
}

/**
 * Whether an address is one of a home, of this machine, or otherwise not on the internet. What is no address is too.
 */
export function isPrivateAddress(text: string): boolean {
  return addressUse(text) !== 'public'
}

/** Whether an address is one of a home or of this machine: what is sent there stays in the house. */
export function isHomeAddress(text: string): boolean {
  const words = parseAddress(withoutZone(text))
  if (words === null) return false
  return isLoopback(text) || addressUse(addressText(words)) === 'home'
}
