// Packets of neighbour discovery, RFC 4861.
import { type Address, ipBytes, macBytes } from './addresses.ts'
import { concat, empty, u16, u32, u8 } from './bytes.ts'
import { type Ends, icmpv6, ipv6, PROTOCOL } from './packet-builder.ts'

export const NDP = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
} as const

export const NDP_OPTION = { sourceLinkLayer: 1, targetLinkLayer: 2, prefix: 3, recursiveDns: 25 } as const

/** A whole IPv6 packet: neighbour discovery is only believed with hop limit 255. */
export function ndp(ends: Ends, type: number, body: Uint8Array): Uint8Array {
  return ipv6({ ...ends, nextHeader: PROTOCOL.icmpv6, hopLimit: 255, payload: icmpv6(ends, type, 0, body) })
}

/** An option: type, length in units of 8 bytes, value; padded with zeros. */
export function ndpOption(type: number, value: Uint8Array): Uint8Array {
  const units = Math.ceil((2 + value.length) / 8)
  const option = new Uint8Array(8 * units)
  option[0] = type
  option[1] = units
  option.set(value, 2)
  return option
}

export function neighborSolicitation({
  source,
  destination,
  target,
  mac,
}: Ends & { target: Address; mac?: Address }): Uint8Array {
  const option = mac === undefined ? empty : ndpOption(NDP_OPTION.sourceLinkLayer, macBytes(mac))
  return ndp({ source, destination }, NDP.neighborSolicitation, concat(u32(0), ipBytes(target), option))
}

export function neighborAdvertisement({
  source,
  destination,
  target,
  mac,
  solicited = true,
}: Ends & { target: Address; mac?: Address; solicited?: boolean }): Uint8Array {
  const option = mac === undefined ? empty : ndpOption(NDP_OPTION.targetLinkLayer, macBytes(mac))
  const override = 0x20000000
  return ndp(
    { source, destination },
    NDP.neighborAdvertisement,
    concat(u32(((solicited ? 0x40000000 : 0) | override) >>> 0), ipBytes(target), option),
  )
}

export type RouterAdvertisementFields = Ends & {
  mac: Address
  prefix?: Address
  prefixLength?: number
  dnsServer?: Address
  lifetimeSeconds?: number
}

export function routerAdvertisement(fields: RouterAdvertisementFields): Uint8Array {
  const lifetime = fields.lifetimeSeconds ?? 1800
  const options = [ndpOption(NDP_OPTION.sourceLinkLayer, macBytes(fields.mac))]
  // Flags 0xc0: on-link, and addresses may be formed from the prefix (SLAAC).
  if (fields.prefix !== undefined) {
    options.push(
      ndpOption(
        NDP_OPTION.prefix,
        concat(u8(fields.prefixLength ?? 64), u8(0xc0), u32(86400), u32(14400), u32(0), ipBytes(fields.prefix)),
      ),
    )
  }
  // RFC 8106, section 5.1.
  if (fields.dnsServer !== undefined)
    options.push(ndpOption(NDP_OPTION.recursiveDns, concat(u16(0), u32(lifetime), ipBytes(fields.dnsServer))))
  return ndp(fields, NDP.routerAdvertisement, concat(u8(64), u8(0), u16(lifetime), u32(0), u32(0), ...options))
}
