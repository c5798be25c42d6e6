// How a device of the sample home joins, and what it announces to everybody at home.
import { ETHERTYPE, arp, ethernet, udpFrame } from './packets/packet-builder.ts'
import { derivedSeed, seededRandom, type Random } from './packets/random.ts'
import { play, type Steps } from './connection.ts'
import { HOME_PREFIX, type Introduction, type Member } from './household.ts'
import type { Stage } from './talks.ts'
import type { Tape } from './tape.ts'
import { u32, text } from './packets/bytes.ts'
import { type Address, BROADCAST_MAC, ipText, multicastMac, solicitedNode } from './packets/addresses.ts'
import { routerAdvertisement, neighborAdvertisement, neighborSolicitation } from './packets/ndp-builder.ts'
import { dhcp, DHCP_MESSAGE, DHCP_OPTION, type DhcpFields } from './packets/dhcp-builder.ts'
import { dns } from './packets/dns-builder.ts'

const SECOND = 1e6
const ALL_NODES = 'ff02::1'
const MDNS_GROUP = '224.0.0.251'
const SSDP_GROUP = '239.255.255.250'
const ETHERNET_HEADER = 14

/** Joins: asks for an address, looks for the router, introduces itself. */
export function join(stage: Stage, device: Member, at: number): void {
  const random = seededRandom(derivedSeed(stage.seed, ++stage.begun))
  play(
    stage.tape,
    at * SECOND,
    (function* (): Steps {
      yield* askForAddress(stage, random, device)
      yield* findRouter(stage, random, device)
      if (device.ipv6 !== null) yield* joinIpv6(stage, random, device, device.ipv6)
      introduce(stage.tape, device)
    })(),
  )
}

/** From now and then on: neighbours are asked for again, services announced again. */
export function remind(stage: Stage, device: Member, from: number, until: number, period: number): void {
  const random = seededRandom(derivedSeed(stage.seed, ++stage.begun))
  for (
    let at = from + random.integer(60, period);
    at < until - 10;
    at += Math.round(period * (0.9 + 0.2 * random.next()))
  ) {
    play(stage.tape, at * SECOND, findRouter(stage, random, device))
    introduce(stage.tape, device)
  }
}

/** Advertises the home's prefix, RFC 4861, section 6.2.1. */
export function advertiseRouter(stage: Stage, at: number): void {
  const { router } = stage.household
  stage.tape.now = at * SECOND
  const source = router.ipv6!.linkLocal
  const packet = routerAdvertisement({
    source,
    destination: ALL_NODES,
    mac: router.mac,
    prefix: HOME_PREFIX,
    dnsServer: source,
  })
  toGroup(stage.tape, router, ethernet(router.mac, multicastMac(ALL_NODES), ETHERTYPE.ipv6, packet))
}

function introduce(tape: Tape, device: Member): void {
  const { mdns, ssdp } = device.introduction
  if (mdns !== undefined) multicast(tape, device, MDNS_GROUP, 5353, offer(device, mdns))
  if (ssdp !== undefined) multicast(tape, device, SSDP_GROUP, 1900, notify(device, ssdp))
}

function* askForAddress(stage: Stage, random: Random, device: Member): Steps {
  const {
    tape,
    household: { router },
  } = stage
  const base = { transaction: random.integer(0, 0xffffffff), clientMac: device.mac }
  const { hostName, vendorClass, parameters } = device.introduction.dhcp
  const said: [number, Uint8Array][] = [[DHCP_OPTION.parameterList, Uint8Array.from(parameters)]]
  if (hostName !== undefined) said.push([DHCP_OPTION.hostName, text(hostName)])
  if (vendorClass !== undefined) said.push([DHCP_OPTION.vendorClass, text(vendorClass)])
  const granted: [number, Uint8Array][] = [
    [DHCP_OPTION.serverIdentifier, router.ipv4],
    [DHCP_OPTION.leaseSeconds, u32(86_400)],
    [DHCP_OPTION.subnetMask, u32(0xffffff00)],
    [DHCP_OPTION.router, router.ipv4],
    [DHCP_OPTION.dnsServers, router.ipv4],
  ]
  const ask = (fields: Pick<DhcpFields, 'message' | 'options'>): void => {
    const frame = udpFrame({
      sourceMac: device.mac,
      destinationMac: BROADCAST_MAC,
      source: '0.0.0.0',
      destination: '255.255.255.255',
      sourcePort: 68,
      destinationPort: 67,
      payload: dhcp({ ...base, ...fields }),
    })
    toGroup(tape, device, frame)
  }
  const answer = (message: number): void => {
    const payload = dhcp({ ...base, message, yourAddress: device.ipv4, serverAddress: router.ipv4, options: granted })
    toMember(
      tape,
      router,
      device,
      udpFrame({
        sourceMac: router.mac,
        destinationMac: device.mac,
        source: router.ipv4,
        destination: device.ipv4,
        sourcePort: 67,
        destinationPort: 68,
        payload,
      }),
    )
  }
  ask({ message: DHCP_MESSAGE.discover, options: said })
  yield random.integer(1000, 20_000)
  answer(DHCP_MESSAGE.offer)
  yield random.integer(500, 5000)
  ask({
    message: DHCP_MESSAGE.request,
    options: [[DHCP_OPTION.requestedAddress, device.ipv4], [DHCP_OPTION.serverIdentifier, router.ipv4], ...said],
  })
  yield random.integer(1000, 20_000)
  answer(DHCP_MESSAGE.acknowledge)
  yield random.integer(500, 5000)
}

function* findRouter({ tape, household: { router } }: Stage, random: Random, device: Member): Steps {
  tape.keep(
    ethernet(
      device.mac,
      BROADCAST_MAC,
      ETHERTYPE.arp,
      arp({ operation: 'request', senderMac: device.mac, senderAddress: device.ipv4, targetAddress: router.ipv4 }),
    ),
  )
  yield random.integer(100, 3000)
  tape.keep(
    ethernet(
      router.mac,
      device.mac,
      ETHERTYPE.arp,
      arp({
        operation: 'reply',
        senderMac: router.mac,
        senderAddress: router.ipv4,
        targetMac: device.mac,
        targetAddress: device.ipv4,
      }),
    ),
  )
  yield random.integer(100, 3000)
}

/** Duplicate address detection (RFC 4862, section 5.4) for both addresses, then the way to the router. */
function* joinIpv6(
  { tape, household: { router } }: Stage,
  random: Random,
  device: Member,
  own: NonNullable<Member['ipv6']>,
): Steps {
  const solicit = (packet: Uint8Array, target: Uint8Array): void =>
    toGroup(tape, device, ethernet(device.mac, multicastMac(solicitedNode(target)), ETHERTYPE.ipv6, packet))
  for (const target of [own.linkLocal, own.global]) {
    solicit(neighborSolicitation({ source: '::', destination: solicitedNode(target), target }), target)
    yield random.integer(1000, 50_000)
  }
  const target = router.ipv6!.linkLocal
  solicit(
    neighborSolicitation({ source: own.linkLocal, destination: solicitedNode(target), target, mac: device.mac }),
    target,
  )
  yield random.integer(100, 3000)
  const answer = neighborAdvertisement({ source: target, destination: own.linkLocal, target, mac: router.mac })
  toMember(tape, router, device, ethernet(router.mac, device.mac, ETHERTYPE.ipv6, answer))
}

function offer(device: Member, { service, instance, host, port, txt }: NonNullable<Introduction['mdns']>): Uint8Array {
  const name = `${instance}.${service}`
  return dns({
    type: 'response',
    id: 0,
    flags: 0x0400,
    answers: [{ type: 'PTR', name: service, ttl: 4500, data: name }],
    additionals: [
      { type: 'SRV', name, ttl: 120, flush: true, data: { port, target: host } },
      { type: 'TXT', name, ttl: 4500, flush: true, data: txt },
      { type: 'A', name: host, ttl: 120, flush: true, data: ipText(device.ipv4) },
    ],
  })
}

function notify(device: Member, { server, type }: NonNullable<Introduction['ssdp']>): Uint8Array {
  const lines = [
    'NOTIFY * HTTP/1.1',
    `HOST: ${SSDP_GROUP}:1900`,
    'CACHE-CONTROL: max-age=1800',
    `LOCATION: http://${ipText(device.ipv4)}:9197/dmr`,
    `SERVER: ${server}`,
    `NT: ${type}`,
    'NTS: ssdp:alive',
    `USN: uuid:5e5e5e5e-0000-1000-8000-00000000000${device.ipv4[3] % 10}::${type}`,
  ]
  return text(`${lines.join('\r\n')}\r\n\r\n`)
}

function multicast(tape: Tape, device: Member, group: Address, port: number, payload: Uint8Array): void {
  const ends = { sourceMac: device.mac, destinationMac: multicastMac(group), source: device.ipv4, destination: group }
  toGroup(
    tape,
    device,
    udpFrame({ ...ends, sourcePort: port, destinationPort: port, payload, timeToLive: port === 5353 ? 255 : 4 }),
  )
}

function toGroup(tape: Tape, device: Member, frame: Uint8Array): void {
  tape.countLocal(device.id, 'sent', frame.length - ETHERNET_HEADER)
  tape.keep(frame)
}

function toMember(tape: Tape, from: Member, to: Member, frame: Uint8Array): void {
  tape.countLocal(from.id, 'sent', frame.length - ETHERNET_HEADER)
  tape.countLocal(to.id, 'received', frame.length - ETHERNET_HEADER)
  tape.keep(frame)
}
