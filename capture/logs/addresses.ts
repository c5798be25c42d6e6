// Addresses in logs, where names, words and malformed values may stand in their place.
import { addressText, parseAddress, withoutZone } from '../ip-address.ts'

const LONGEST = 64

/** The address in lower case and without its zone, IPv4-mapped ones as IPv4; null where the text is none. */
export function addressOf(text: string): string | null {
  if (text.length > LONGEST) return null
  const isIpv6 = text.includes(':')
  const words = parseAddress(isIpv6 ? withoutZone(text) : text)
  return words === null ? null : isIpv6 ? addressText(words) : text
}

/** 0.0.0.0 and :: are what filters answer instead of an address. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** "AA-BB-…" or "aa:bb:…" as "aa:bb:cc:dd:ee:ff"; null for anything else, for groups and for the empty address. */
export function macOf(text: string): string | null {
  if (!/^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}$/.test(text)) return null
  const mac = text.toLowerCase().replaceAll('-', ':')
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1 || mac === '00:00:00:00:00:00' ? null : mac
}
