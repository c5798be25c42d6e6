// The devices of the synthetic home, and the counts of what they send and receive.
import { derivedSeed, seededRandom } from '../../../server/sample/packets/random.ts'
import { hex, u32, u16, concat } from '../../../server/sample/packets/bytes.ts'
import { ipBytes, macBytes } from '../../../server/sample/packets/addresses.ts'

export type DeviceKind = 'camera' | 'speaker' | 'television' | 'phone' | 'computer' | 'plug' | 'sensor'

/** Bytes are IP total lengths (RFC 791; for IPv6 the 40 bytes of header and the payload): no Ethernet, no padding. */
export type Count = { sent: number; received: number }

/** What a sensor on the home's wire sees of one device. ARP is not IP and counted nowhere. */
export type Traffic = {
  internet: Count
  /** One device, or the gateway itself, at the other end. */
  local: Count
  /** To multicast groups and broadcast: discovery, DHCP requests. */
  groups: { sent: number }
}

/** Someone with a MAC address of its own, or everyone on the internet behind the gateway's. */
export type Party = { mac: Uint8Array; place: 'home' | 'internet' | 'group'; traffic: Traffic }

export type Device = Party & {
  name: string
  kind: DeviceKind
  ipv4: Uint8Array
  /** A global address, formed from the advertised prefix, and the link-local one; about one device in five has them. */
  ipv6: { global: Uint8Array; linkLocal: Uint8Array } | null
  /** Some ask a public resolver whatever DHCP says. */
  resolver: { party: Party; address: Uint8Array }
}

export type Home = {
  devices: Device[]
  gateway: Party & { ipv4: Uint8Array; linkLocal: Uint8Array }
  internet: Party
  subnetMask: Uint8Array
}

/** From RFC 3849's documentation prefix. */
export const HOME_PREFIX = '2001:db8:1:1::'
const PUBLIC_RESOLVER = '8.8.8.8'

/** How many of each kind in fifty, in the order in which a larger or smaller home is filled. */
const FIFTY: [DeviceKind, number][] = [
  ['phone', 12],
  ['camera', 8],
  ['plug', 8],
  ['speaker', 7],
  ['sensor', 6],
  ['computer', 5],
  ['television', 4],
]

export function noTraffic(): Traffic {
  return { internet: { sent: 0, received: 0 }, local: { sent: 0, received: 0 }, groups: { sent: 0 } }
}

/** Anyone at a multicast or broadcast MAC address. */
export function group(mac: Uint8Array | string): Party {
  return { mac: macBytes(mac), place: 'group', traffic: noTraffic() }
}

/** The home with this many devices; the same seed gives the same home. */
export function makeHome(seed: number, devices: number): Home {
  const gatewayMac = macBytes('02:00:5e:00:53:01')
  const gateway: Home['gateway'] = {
    mac: gatewayMac,
    place: 'home',
    traffic: noTraffic(),
    ipv4: ipBytes('192.168.1.1'),
    linkLocal: linkLocal(gatewayMac),
  }
  const internet: Party = { mac: gatewayMac, place: 'internet', traffic: noTraffic() }
  const random = seededRandom(derivedSeed(seed, -1))
  const kinds = kindsInTurn()
  const made = Array.from({ length: devices }, (_, index): Device => {
    const kind = kinds[index % kinds.length]
    const mac = concat(hex('02'), random.bytes(3), u16(index))
    const publicResolver = (kind === 'speaker' || kind === 'television') && random.chance(0.4)
    return {
      name: `${kind}-${index}`,
      kind,
      mac,
      place: 'home',
      traffic: noTraffic(),
      ipv4: Uint8Array.of(192, 168, 1 + Math.floor(index / 200), 10 + (index % 200)),
      ipv6:
        index % 5 === 0
          ? { global: concat(ipBytes(HOME_PREFIX).subarray(0, 8), interfaceId(mac)), linkLocal: linkLocal(mac) }
          : null,
      resolver: publicResolver
        ? { party: internet, address: ipBytes(PUBLIC_RESOLVER) }
        : { party: gateway, address: gateway.ipv4 },
    }
  })
  return { devices: made, gateway, internet, subnetMask: u32(devices <= 200 ? 0xffffff00 : 0xffff0000) }
}

/** Fifty kinds, spread so that any first few are a mixed home too. */
function kindsInTurn(): DeviceKind[] {
  const placed = FIFTY.flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => ({ kind, at: (index + 0.5) / count })),
  )
  return placed.sort((one, other) => one.at - other.at).map(({ kind }) => kind)
}

function linkLocal(mac: Uint8Array): Uint8Array {
  return concat(hex('fe80 0000 0000 0000'), interfaceId(mac))
}

/** Modified EUI-64, RFC 4291, appendix A. */
function interfaceId(mac: Uint8Array): Uint8Array {
  return Uint8Array.of(mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5])
}
