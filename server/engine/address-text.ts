// How are addresses written, and how are they read?
import { parseIpv4, parseIpv6 } from '../attribution/addresses.ts'
import type { Prefix } from './home-network.ts'

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

/** "aa:bb:cc:dd:ee:ff" of the first two and the last four bytes. */
export function macText(high: number, low: number): string {
  const bytes = [high >>> 8, high & 255, low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** The first two bytes and the last four (as a signed number) of "aa:bb:cc:dd:ee:ff"; null where the text is no MAC. */
export function parseMac(text: string): { high: number; low: number } | null {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return null
  const digits = text.replaceAll(':', '')
  return { high: Number.parseInt(digits.slice(0, 4), 16), low: Number.parseInt(digits.slice(4), 16) | 0 }
}

/** Four words of an address; IPv4 as ::ffff:a.b.c.d. Null where the text is no address. */
export function parseAddress(text: string): Prefix['words'] | null {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== null) return [0, 0, 0xffff, ipv4 | 0]
  // A zone ("fe80::1%eth0") means something on one machine only.
  const groups = text.includes('%') ? null : parseIpv6(text)
  if (groups === null) return null
  const word = (index: number): number => ((groups[2 * index] as number) << 16) | (groups[2 * index + 1] as number)
  return [word(0), word(1), word(2), word(3)]
}

/**
 * "192.168.0.0/16" or "fc00::/7"; a bare address is the whole of itself. Throws with a sentence that names the text.
 */
export function parseCidr(text: string): Prefix {
  const [address = '', bitsText, ...more] = text.split('/')
  const words = parseAddress(address)
  const isIpv4 = !address.includes(':')
  const room = isIpv4 ? 32 : 128
  const bits = bitsText === undefined ? room : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Number.NaN
  if (words === null || more.length > 0 || !(bits <= room)) {
    throw new Error(`"${text}" is no network: write it like 192.168.0.0/16 or fc00::/7`)
  }
  return { words, bits: isIpv4 ? bits + 96 : bits }
}
