// Replaces the hosts of a recording by others. Each host of the home gets a place; where its MAC and addresses stand in
// each packet is noted once and overwritten for every replay. Lengths stay right, checksums do not.
import { ETHERTYPE } from '../../../server/sample/packets/packet-builder.ts'
import type { RecordedPacket } from './read-classic.ts'

/** Somewhere in a frame an address of host `host` (0 is the gateway). */
export type Place = { at: number; what: 'mac' | 'ipv4' | 'ipv6'; host: number }
export type Part = { packet: RecordedPacket; places: Place[] }

const GATEWAY = 0
const UDP = 17
/** RFC 2131, figure 1: ciaddr and yiaddr, chaddr, from the start of the message. */
const DHCP_PLACES = [
  { at: 12, what: 'ipv4' },
  { at: 16, what: 'ipv4' },
  { at: 28, what: 'mac' },
] as const

/** Notes every place of every packet. Hosts are numbered in the order in which they appear. */
export function castRecording(packets: RecordedPacket[]): Part[] {
  const hostOf = hostsOf(packets)
  return packets.map((packet) => ({
    packet,
    places: placesOf(packet.frame).flatMap(({ at, what }) => {
      const host = hostOf.get(keyAt(packet.frame, at, what))
      return host === undefined ? [] : [{ at, what, host }]
    }),
  }))
}

/**
 * Host numbers by MAC, private IPv4 and home IPv6 address. A MAC that sends from public addresses is the gateway; an
 * IPv6 address is of the home when a MAC other than the gateway's sends from it.
 */
function hostsOf(packets: RecordedPacket[]): Map<string, number> {
  const senders = packets.flatMap(({ frame }) => senderOf(frame))
  const gateways = new Set(
    senders
      .filter(({ at, frame, what }) => what === 'ipv4' && isPublic(frame, at))
      .map(({ frame }) => keyAt(frame, 6, 'mac')),
  )
  const hostOf = new Map<string, number>()
  for (const gateway of gateways) hostOf.set(gateway, GATEWAY)
  let next = GATEWAY + 1
  for (const { frame, at, what } of senders) {
    const mac = keyAt(frame, 6, 'mac')
    if (what === 'ipv4' ? !isPrivate(frame, at) : gateways.has(mac)) continue
    const address = keyAt(frame, at, what)
    const known = hostOf.get(mac) ?? hostOf.get(address) ?? next++
    if (!hostOf.has(mac)) hostOf.set(mac, known)
    if (!hostOf.has(address)) hostOf.set(address, known)
  }
  return hostOf
}

/** Where the sender's IP address stands, if the frame carries IP. */
function senderOf(frame: Uint8Array): { frame: Uint8Array; at: number; what: 'ipv4' | 'ipv6' }[] {
  const { type, at } = payloadOf(frame)
  if (type === ETHERTYPE.ipv4 && isIpv4At(frame, at)) return [{ frame, at: at + 12, what: 'ipv4' }]
  if (type === ETHERTYPE.ipv6 && at + 40 <= frame.length && frame.subarray(at + 8, at + 24).some((byte) => byte !== 0))
    return [{ frame, at: at + 8, what: 'ipv6' }]
  return []
}

/** Where addresses stand in a frame, whoever's they are. */
function placesOf(frame: Uint8Array): { at: number; what: Place['what'] }[] {
  if (frame.length < 14) return []
  const places: { at: number; what: Place['what'] }[] = [
    { at: 0, what: 'mac' },
    { at: 6, what: 'mac' },
  ]
  const { type, at } = payloadOf(frame)
  if (type === ETHERTYPE.arp && at + 28 <= frame.length) {
    places.push(
      { at: at + 8, what: 'mac' },
      { at: at + 14, what: 'ipv4' },
      { at: at + 18, what: 'mac' },
      { at: at + 24, what: 'ipv4' },
    )
  }
  if (type === ETHERTYPE.ipv6 && at + 40 <= frame.length)
    places.push({ at: at + 8, what: 'ipv6' }, { at: at + 24, what: 'ipv6' })
  if (type === ETHERTYPE.ipv4 && isIpv4At(frame, at)) {
    places.push({ at: at + 12, what: 'ipv4' }, { at: at + 16, what: 'ipv4' })
    places.push(...dhcpPlaces(frame, at))
  }
  return places
}

function dhcpPlaces(frame: Uint8Array, ipAt: number): { at: number; what: Place['what'] }[] {
  const udpAt = ipAt + 4 * (frame[ipAt] & 0x0f)
  const messageAt = udpAt + 8
  if (frame[ipAt + 9] !== UDP || messageAt + 240 > frame.length) return []
  const ports = [u16(frame, udpAt), u16(frame, udpAt + 2)]
  if (!ports.includes(67)) return []
  return DHCP_PLACES.map(({ at, what }) => ({ at: messageAt + at, what }))
}

function payloadOf(frame: Uint8Array): { type: number; at: number } {
  if (frame.length < 18) return { type: 0, at: frame.length }
  const type = u16(frame, 12)
  return type === ETHERTYPE.vlan ? { type: u16(frame, 16), at: 18 } : { type, at: 14 }
}

function isIpv4At(frame: Uint8Array, at: number): boolean {
  return at + 20 <= frame.length && frame[at] >>> 4 === 4
}

/** RFC 1918 and link-local (RFC 3927). */
function isPrivate(frame: Uint8Array, at: number): boolean {
  const [first, second] = [frame[at], frame[at + 1]]
  return (
    first === 10 ||
    (first === 172 && second >>> 4 === 1) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254)
  )
}

/** Neither private nor special: 0/8, loopback, multicast and beyond. */
function isPublic(frame: Uint8Array, at: number): boolean {
  const first = frame[at]
  return !isPrivate(frame, at) && first !== 0 && first !== 127 && first < 224
}

function keyAt(frame: Uint8Array, at: number, what: Place['what']): string {
  const length = what === 'mac' ? 6 : what === 'ipv4' ? 4 : 16
  return Buffer.from(frame.buffer, frame.byteOffset + at, length).toString('latin1')
}

function u16(frame: Uint8Array, at: number): number {
  return (frame[at] << 8) | frame[at + 1]
}
