// Background traffic of devices: joining the network, announcements, discovery.
import { ETHERTYPE, arp, ethernet, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { derivedSeed, seededRandom, type Random } from '../../../server/sample/packets/random.ts'
import type { Steps } from '../../../server/sample/packets/talk.ts'
import { HOME_PREFIX, group, type Device, type Home, type Party } from './home.ts'
import type { Wire } from './wire.ts'
import { u32, text } from '../../../server/sample/packets/bytes.ts'
import {
  type Address,
  BROADCAST_MAC,
  ipBytes,
  ipText,
  multicastMac,
  solicitedNode,
} from '../../../server/sample/packets/addresses.ts'
import {
  routerAdvertisement,
  neighborAdvertisement,
  neighborSolicitation,
} from '../../../server/sample/packets/ndp-builder.ts'
import { dhcp, DHCP_OPTION, DHCP_MESSAGE } from '../../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

const SECOND = 1e6
const EVERYONE = group(BROADCAST_MAC)
const MDNS_GROUP = '224.0.0.251'
const SSDP_GROUP = '239.255.255.250'
const ALL_NODES = 'ff02::1'

/** What this kind of device offers by mDNS, RFC 6763; the others only ask. */
const OFFERS: Partial<Record<Device['kind'], string>> = {
  speaker: '_spotify-connect._tcp.local',
  television: '_googlecast._tcp.local',
  computer: '_smb._tcp.local',
  sensor: '_hap._tcp.local',
}
const ASKS = ['_googlecast._tcp.local', '_airplay._tcp.local', '_spotify-connect._tcp.local', '_ipp._tcp.local']

/** The whole life of one device beside its flows: joins in the first seconds, chats until `endMicros`. */
export function* lifeOnTheLan(wire: Wire, home: Home, seed: number, device: Device, endMicros: number): Steps {
  const random = seededRandom(derivedSeed(seed, 1_000_000 + home.devices.indexOf(device)))
  yield* joinByDhcp(wire, home, random, device)
  yield* resolveGateway(wire, home, random, device)
  if (device.ipv6) yield* joinIpv6(wire, home, random, device, device.ipv6)
  while (wire.now < endMicros) {
    yield random.exponential(120 * SECOND)
    if (wire.now >= endMicros) return
    yield* sayOneThing(wire, home, random, device)
  }
}

/** Advertises the home's prefix every 200 s or so, RFC 4861, section 6.2.1. */
export function* advertiseRouter(wire: Wire, home: Home, seed: number, endMicros: number): Steps {
  const random = seededRandom(derivedSeed(seed, -2))
  const { gateway } = home
  while (wire.now < endMicros) {
    const packet = routerAdvertisement({
      source: gateway.linkLocal,
      destination: ALL_NODES,
      mac: gateway.mac,
      prefix: HOME_PREFIX,
      dnsServer: gateway.linkLocal,
    })
    wire.ip(
      gateway,
      group(multicastMac(ALL_NODES)),
      ethernet(gateway.mac, multicastMac(ALL_NODES), ETHERTYPE.ipv6, packet),
    )
    yield random.integer(150, 250) * SECOND
  }
}

function* joinByDhcp(wire: Wire, home: Home, random: Random, device: Device): Steps {
  const transaction = random.integer(0, 0xffffffff)
  const { gateway } = home
  const base = { transaction, clientMac: device.mac }
  const hostName: [number, Uint8Array] = [DHCP_OPTION.hostName, text(device.name)]
  const parameters: [number, Uint8Array] = [DHCP_OPTION.parameterList, Uint8Array.of(1, 3, 6, 12, 15, 28, 42)]
  const granted: [number, Uint8Array][] = [
    [DHCP_OPTION.serverIdentifier, gateway.ipv4],
    [DHCP_OPTION.leaseSeconds, u32(86_400)],
    [DHCP_OPTION.subnetMask, home.subnetMask],
    [DHCP_OPTION.router, gateway.ipv4],
    [DHCP_OPTION.dnsServers, device.resolver.address],
  ]
  const ask = (payload: Uint8Array): void => udp(wire, device, EVERYONE, '0.0.0.0', '255.255.255.255', 68, 67, payload)
  const answer = (payload: Uint8Array): void => udp(wire, gateway, device, gateway.ipv4, device.ipv4, 67, 68, payload)
  ask(dhcp({ ...base, message: DHCP_MESSAGE.discover, options: [hostName, parameters] }))
  yield random.integer(1000, 20_000)
  answer(
    dhcp({
      ...base,
      message: DHCP_MESSAGE.offer,
      yourAddress: device.ipv4,
      serverAddress: gateway.ipv4,
      options: granted,
    }),
  )
  yield random.integer(500, 5000)
  ask(
    dhcp({
      ...base,
      message: DHCP_MESSAGE.request,
      options: [
        [DHCP_OPTION.requestedAddress, device.ipv4],
        [DHCP_OPTION.serverIdentifier, gateway.ipv4],
        hostName,
        parameters,
      ],
    }),
  )
  yield random.integer(1000, 20_000)
  answer(
    dhcp({
      ...base,
      message: DHCP_MESSAGE.acknowledge,
      yourAddress: device.ipv4,
      serverAddress: gateway.ipv4,
      options: granted,
    }),
  )
  yield random.integer(500, 5000)
}

function* resolveGateway(wire: Wire, home: Home, random: Random, device: Device): Steps {
  const { gateway } = home
  wire.other(
    ethernet(
      device.mac,
      BROADCAST_MAC,
      ETHERTYPE.arp,
      arp({ operation: 'request', senderMac: device.mac, senderAddress: device.ipv4, targetAddress: gateway.ipv4 }),
    ),
  )
  yield random.integer(100, 3000)
  wire.other(
    ethernet(
      gateway.mac,
      device.mac,
      ETHERTYPE.arp,
      arp({
        operation: 'reply',
        senderMac: gateway.mac,
        senderAddress: gateway.ipv4,
        targetMac: device.mac,
        targetAddress: device.ipv4,
      }),
    ),
  )
  yield random.integer(100, 3000)
}

/** Duplicate address detection (RFC 4862, section 5.4) for both addresses, then the way to the router. */
function* joinIpv6(
  wire: Wire,
  home: Home,
  random: Random,
  device: Device,
  own: { global: Uint8Array; linkLocal: Uint8Array },
): Steps {
  for (const target of [own.linkLocal, own.global]) {
    solicit(wire, device, neighborSolicitation({ source: '::', destination: solicitedNode(target), target }), target)
    yield random.integer(1000, 50_000)
  }
  const { gateway } = home
  solicit(
    wire,
    device,
    neighborSolicitation({
      source: own.linkLocal,
      destination: solicitedNode(gateway.linkLocal),
      target: gateway.linkLocal,
      mac: device.mac,
    }),
    gateway.linkLocal,
  )
  yield random.integer(100, 3000)
  const answer = neighborAdvertisement({
    source: gateway.linkLocal,
    destination: own.linkLocal,
    target: gateway.linkLocal,
    mac: gateway.mac,
  })
  wire.ip(gateway, device, ethernet(gateway.mac, device.mac, ETHERTYPE.ipv6, answer))
}

function solicit(wire: Wire, device: Device, packet: Uint8Array, target: Uint8Array): void {
  const mac = multicastMac(solicitedNode(target))
  wire.ip(device, group(mac), ethernet(device.mac, mac, ETHERTYPE.ipv6, packet))
}

function* sayOneThing(wire: Wire, home: Home, random: Random, device: Device): Steps {
  const what = random.next()
  if (what < 0.15) yield* resolveGateway(wire, home, random, device)
  else if (what < 0.3 && (device.kind === 'television' || device.kind === 'computer')) searchBySsdp(wire, device)
  else if (OFFERS[device.kind] && random.chance(0.5)) announceByMdns(wire, device, OFFERS[device.kind]!)
  else askByMdns(wire, random, device)
}

function askByMdns(wire: Wire, random: Random, device: Device): void {
  multicast(
    wire,
    device,
    MDNS_GROUP,
    5353,
    5353,
    dns({ type: 'query', id: 0, flags: 0, questions: [{ type: 'PTR', name: random.pick(ASKS) }] }),
  )
}

function announceByMdns(wire: Wire, device: Device, service: string): void {
  const instance = `${device.name}.${service}`
  const payload = dns({
    type: 'response',
    id: 0,
    flags: 0x0400,
    answers: [{ type: 'PTR', name: service, ttl: 4500, data: instance }],
    additionals: [
      { type: 'SRV', name: instance, ttl: 120, flush: true, data: { port: 8009, target: `${device.name}.local` } },
      { type: 'TXT', name: instance, ttl: 4500, flush: true, data: [`fn=${device.name}`, `md=${device.kind}`] },
      { type: 'A', name: `${device.name}.local`, ttl: 120, flush: true, data: ipText(device.ipv4) },
    ],
  })
  multicast(wire, device, MDNS_GROUP, 5353, 5353, payload)
}

function searchBySsdp(wire: Wire, device: Device): void {
  const search = `M-SEARCH * HTTP/1.1\r\nHOST: ${SSDP_GROUP}:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: urn:dial-multiscreen-org:service:dial:1\r\n\r\n`
  multicast(wire, device, SSDP_GROUP, 50_000 + device.mac[5], 1900, text(search))
}

function multicast(
  wire: Wire,
  device: Device,
  address: string,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): void {
  udp(wire, device, group(multicastMac(address)), device.ipv4, ipBytes(address), sourcePort, destinationPort, payload)
}

function udp(
  wire: Wire,
  from: Party,
  to: Party,
  source: Address,
  destination: Address,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): void {
  wire.ip(
    from,
    to,
    udpFrame({
      sourceMac: from.mac,
      destinationMac: to.mac,
      source,
      destination,
      sourcePort,
      destinationPort,
      payload,
      timeToLive: destinationPort === 5353 ? 255 : 64,
    }),
  )
}
