// Tunnels around frames and packets, written from the protocols' public descriptions.
import { concat, hex, u16, u32, u8 } from '../../../server/sample/packets/bytes.ts'
import { ethernet, ETHERTYPE, ip, PROTOCOL, udp } from '../../../server/sample/packets/packet-builder.ts'

type Bytes = Uint8Array

export interface Outside {
  source: string
  destination: string
}

export const PROTOCOL_GRE = 47
export const ERSPAN_2 = 0x88be
export const ERSPAN_3 = 0x22eb
export const BRIDGED = 0x6558

export interface TzspFields {
  /** 1 Ethernet, 18 802.11, 119 Prism, 127 AVS. */
  protocol?: number
  /** Tags before the end tag. */
  tags?: Bytes
  type?: number
}

export function tzsp(frame: Bytes, { protocol = 1, tags = hex(''), type = 0 }: TzspFields = {}): Bytes {
  return concat(u8(1), u8(type), u16(protocol), tags, u8(1), frame)
}

export function vxlan(frame: Bytes, id = 7): Bytes {
  return concat(hex('08000000'), u32(id << 8), frame)
}

export function geneve(frame: Bytes, options: Bytes = hex('')): Bytes {
  return concat(u8(options.length / 4), u8(0), u16(BRIDGED), u32(7 << 8), options, frame)
}

export interface GreFields {
  hasChecksum?: boolean
  key?: number
  sequence?: number
}

export function gre(protocol: number, payload: Bytes, { hasChecksum = false, key, sequence }: GreFields = {}): Bytes {
  const flags = (hasChecksum ? 0x8000 : 0) | (key === undefined ? 0 : 0x2000) | (sequence === undefined ? 0 : 0x1000)
  return concat(
    u16(flags),
    u16(protocol),
    hasChecksum ? u32(0) : hex(''),
    key === undefined ? hex('') : u32(key),
    sequence === undefined ? hex('') : u32(sequence),
    payload,
  )
}

/** Type I is GRE without a number; II and III have headers of their own behind one with a number. */
export function erspan(type: 1 | 2 | 3, frame: Bytes, { isLong = false, isIp = false } = {}): Bytes {
  if (type === 1) return gre(ERSPAN_2, frame)
  if (type === 2) return gre(ERSPAN_2, concat(hex('1001 0005 00000003'), frame), { sequence: 9 })
  const last = (isIp ? 2 << 10 : 0) | (isLong ? 1 : 0)
  const header = concat(hex('2001 0005 00000000 0000'), u16(last), isLong ? hex('0000000000000000') : hex(''))
  return gre(ERSPAN_3, concat(header, frame), { sequence: 9 })
}

/** The packet outside of a tunnel over UDP. */
export function overUdp(ends: Outside, port: number, payload: Bytes): Bytes {
  const { source, destination } = ends
  const datagram = udp({ source, destination, sourcePort: 51_000, destinationPort: port, payload })
  return ip(source, destination, PROTOCOL.udp, datagram)
}

export function overIp(ends: Outside, payload: Bytes): Bytes {
  return ip(ends.source, ends.destination, PROTOCOL_GRE, payload)
}

/** The packet on its way from the router to whoever takes the mirror. */
export function inFrame(packet: Bytes, source = '02:00:00:00:00:01', destination = '02:00:00:00:00:ee'): Bytes {
  return ethernet(source, destination, packet[0] >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4, packet)
}
