// MAC, IPv4 and IPv6 addresses between text and bytes.
import { concat, hex } from './bytes.ts'

/** An address as text ('192.168.1.2', 'fe80::1', '02:00:00:00:00:01') or already as bytes. */
export type Address = string | Uint8Array

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'

export function macBytes(address: Address): Uint8Array {
  const bytes = typeof address === 'string' ? hex(address) : address
  if (bytes.length !== 6) throw new Error(`MAC address "${String(address)}" is not 6 bytes`)
  return bytes
}

/** 4 bytes for dotted decimals, 16 for anything with a colon (RFC 4291, section 2.2, with "::" and an IPv4 tail). */
export function ipBytes(address: Address): Uint8Array {
  if (typeof address !== 'string') return address
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address)
}

function ipv4Bytes(address: string): Uint8Array {
  const parts = address.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255))
    throw new Error(`"${address}" is not an IPv4 address`)
  return Uint8Array.from(parts, Number)
}

function ipv6Bytes(address: string): Uint8Array {
  const halves = address.split('::')
  const [head, tail] = halves.map((half) =>
    half === '' ? [] : half.split(':').flatMap((group) => ipv6Group(group, address)),
  )
  const bytes = new Uint8Array(16)
  bytes.set(head)
  if (tail) bytes.set(tail, 16 - tail.length)
  const given = head.length + (tail?.length ?? 0)
  if (halves.length > 2 || (tail ? given > 14 : given !== 16)) throw new Error(`"${address}" is not an IPv6 address`)
  return bytes
}

function ipv6Group(group: string, address: string): number[] {
  if (group.includes('.')) return [...ipv4Bytes(group)]
  if (!/^[0-9a-f]{1,4}$/i.test(group)) throw new Error(`"${address}" is not an IPv6 address`)
  return [parseInt(group, 16) >>> 8, parseInt(group, 16) & 0xff]
}

/** An address as text; IPv6 as RFC 5952 recommends. */
export function ipText(address: Uint8Array): string {
  if (address.length === 4) return address.join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address[2 * index] << 8) | address[2 * index + 1]).toString(16),
  )
  const zeros = groups.join(':').match(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g) ?? []
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '')
  const whole = groups.join(':')
  if (longest === '') return whole
  const at = whole.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`))
  return `${whole.slice(0, at).replace(/:$/, '')}::${whole.slice(at + longest.length).replace(/^:/, '')}`
}

export function macText(address: Uint8Array): string {
  return Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** The multicast address a neighbour solicitation for this address goes to, RFC 4291, section 2.7.1. */
export function solicitedNode(target: Address): Uint8Array {
  return concat(hex('ff02 0000 0000 0000 0000 0001 ff'), ipBytes(target).subarray(13))
}

/** The Ethernet address of an IPv4 (RFC 1112, section 6.4) or IPv6 (RFC 2464, section 7) multicast group. */
export function multicastMac(group: Address): Uint8Array {
  const bytes = ipBytes(group)
  return bytes.length === 4
    ? Uint8Array.of(0x01, 0x00, 0x5e, bytes[1] & 0x7f, bytes[2], bytes[3])
    : concat(hex('33 33'), bytes.subarray(12))
}
