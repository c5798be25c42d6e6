// A minute of a home over IPv4 or IPv6, and what an intruder in it may put into the minute.
import { dhcp, DHCP_MESSAGE, DHCP_OPTION } from '../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../server/sample/packets/dns-builder.ts'
import { neighborAdvertisement, routerAdvertisement } from '../../server/sample/packets/ndp-builder.ts'
import { arp, ETHERTYPE, ethernet, tcpFrame, udpFrame } from '../../server/sample/packets/packet-builder.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { BROADCAST_MAC, macBytes, multicastMac } from '../../server/sample/packets/addresses.ts'
import { concat, text, u16, u8 } from '../../server/sample/packets/bytes.ts'

export interface Party {
  mac: string
  address: string
}

export interface PoisonedHome {
  version: 4 | 6
  router: Party
  victim: Party
  intruder: Party
  /** An address on the internet that DNS named for the victim, and one without a name. */
  named: string
  nameless: string
  /** A resolver on the internet that nobody asks. */
  stranger: string
}

export type Timed = [seconds: number, frame: Uint8Array]

export const START = 1_790_000_000
export const NAME = 'api.maker.example'
export const FORGED_NAME = 'forged.example'
const MACS = { router: '00:11:22:33:44:55', victim: '02:aa:00:00:00:20', intruder: '02:ba:d0:00:00:66' }
const GROUP = { 4: '224.0.0.251', 6: 'ff02::fb' } as const

export function homeOf(version: 4 | 6): PoisonedHome {
  const address = (last: number): string => (version === 4 ? `192.168.1.${last}` : `2001:db8:1:1::${last}`)
  const party = (name: keyof typeof MACS, last: number): Party => ({ mac: MACS[name], address: address(last) })
  return {
    version,
    router: party('router', 1),
    victim: party('victim', 20),
    intruder: party('intruder', 66),
    named: version === 4 ? '203.0.113.5' : '2001:db8:ffff::5',
    nameless: version === 4 ? '198.51.100.7' : '2001:db8:ffff::7',
    stranger: version === 4 ? '192.0.2.53' : '2001:db8:ffff::53',
  }
}

/** The MAC says that it holds the address, as ARP or NDP has it. */
export function claim({ version }: PoisonedHome, { mac, address }: Party): Uint8Array {
  if (version === 4) {
    const fields = { operation: 'reply', senderMac: mac, senderAddress: address, targetAddress: address } as const
    return ethernet(mac, BROADCAST_MAC, ETHERTYPE.arp, arp(fields))
  }
  const ends = { source: address, destination: 'ff02::1' }
  const packet = neighborAdvertisement({ ...ends, target: address, mac, solicited: false })
  return ethernet(mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, packet)
}

/** 1,000 bytes to the internet, from a MAC to a MAC. */
export function up(home: PoisonedHome, from: Party, to: string, port = 40_000, nextHop = home.router.mac): Uint8Array {
  return tcpFrame({
    sourceMac: from.mac,
    destinationMac: nextHop,
    source: from.address,
    destination: to,
    sourcePort: port,
    destinationPort: 443,
    payload: new Uint8Array(1_000).fill(0x7a),
  })
}

export function down(home: PoisonedHome, to: Party, from: string, port = 40_000, by = home.router.mac): Uint8Array {
  return tcpFrame({
    sourceMac: by,
    destinationMac: to.mac,
    source: from,
    destination: to.address,
    sourcePort: 443,
    destinationPort: port,
    timeToLive: 55,
    payload: new Uint8Array(1_000).fill(0x79),
  })
}

export interface Exchange {
  id?: number
  port?: number
  name?: string
  server?: string
  /** The MAC that sends the answer. */
  mac?: string
}

export function query(home: PoisonedHome, from: Party, { id = 7, port = 50_000, name = NAME, server }: Exchange = {}) {
  const questions = [{ name, type: home.version === 4 ? ('A' as const) : ('AAAA' as const) }]
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: home.router.mac,
    source: from.address,
    destination: server ?? home.router.address,
    sourcePort: port,
    destinationPort: 53,
    payload: dns({ type: 'query', id, flags: 0x0100, questions }),
  })
}

export function answer(home: PoisonedHome, to: Party, data: string, exchange: Exchange = {}): Uint8Array {
  const { id = 7, port = 50_000, name = NAME, server = home.router.address, mac = home.router.mac } = exchange
  const type = home.version === 4 ? ('A' as const) : ('AAAA' as const)
  const payload = dns({
    type: 'response',
    id,
    flags: 0x0180,
    questions: [{ name, type }],
    answers: [{ name, type, ttl: 300, data }],
  })
  return udpFrame({
    sourceMac: mac,
    destinationMac: to.mac,
    source: server,
    destination: to.address,
    sourcePort: 53,
    destinationPort: port,
    payload,
  })
}

/** Announces by multicast DNS that the name belongs to an address. */
export function announce(home: PoisonedHome, from: Party, name: string, address = from.address): Uint8Array {
  const type = home.version === 4 ? ('A' as const) : ('AAAA' as const)
  const group = GROUP[home.version]
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: multicastMac(group),
    source: from.address,
    destination: group,
    sourcePort: 5353,
    destinationPort: 5353,
    timeToLive: 255,
    payload: dns({ type: 'response', id: 0, flags: 0x0400, answers: [{ name, type, ttl: 120, data: address }] }),
  })
}

/** A DHCP message about the MAC `client`, with a host name, sent by the MAC `mac`. */
export function named(home: PoisonedHome, mac: string, client: string, name: string, transaction = 9): Uint8Array {
  if (home.version === 6) return namedByDhcpv6(mac, client, name)
  const options: [number, Uint8Array][] = [[DHCP_OPTION.hostName, text(name)]]
  return udpFrame({
    sourceMac: mac,
    destinationMac: BROADCAST_MAC,
    source: '0.0.0.0',
    destination: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    payload: dhcp({ message: DHCP_MESSAGE.request, transaction, clientMac: client, options }),
  })
}

/** RFC 8415: a REQUEST with a client identifier (DUID-LL) and the client's name (RFC 4704). */
function namedByDhcpv6(mac: string, client: string, name: string): Uint8Array {
  const option = (code: number, value: Uint8Array): Uint8Array => concat(u16(code), u16(value.length), value)
  const duid = concat(u16(3), u16(1), macBytes(client))
  const label = concat(u8(0), u8(name.length), text(name), u8(0))
  return udpFrame({
    sourceMac: mac,
    destinationMac: multicastMac('ff02::1:2'),
    source: 'fe80::1234',
    destination: 'ff02::1:2',
    sourcePort: 546,
    destinationPort: 547,
    payload: concat(u8(3), u8(0), u16(9), option(1, duid), option(39, label)),
  })
}

/** What a server says of the client's name and address. */
export function acknowledged(home: PoisonedHome, server: Party, client: Party, name: string, transaction = 77) {
  return udpFrame({
    sourceMac: server.mac,
    destinationMac: client.mac,
    source: server.address,
    destination: client.address,
    sourcePort: 67,
    destinationPort: 68,
    payload: dhcp({
      message: DHCP_MESSAGE.acknowledge,
      transaction,
      clientMac: client.mac,
      yourAddress: client.address,
      serverAddress: home.router.address,
      options: [[DHCP_OPTION.hostName, text(name)]],
    }),
  })
}

/** `count` frames a hundredth of a second apart. */
export function spread(seconds: number, count: number, frame: (index: number) => Uint8Array): Timed[] {
  return Array.from({ length: count }, (_, index) => [seconds + index / 100, frame(index)] as Timed)
}

/** The minute: everybody shows up, the victim looks a name up and talks, and goes on after second 10. */
export function minuteOf(home: PoisonedHome, attack: readonly Timed[] = []): Timed[] {
  const { router, victim, intruder } = home
  const prefix = routerAdvertisement({
    source: 'fe80::1',
    destination: 'ff02::1',
    mac: router.mac,
    prefix: '2001:db8:1:1::',
  })
  const frames: Timed[] = [
    ...(home.version === 6
      ? [[0, ethernet(router.mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, prefix)] as Timed]
      : []),
    [0.1, claim(home, router)],
    [0.2, claim(home, victim)],
    [0.3, claim(home, intruder)],
    [0.4, named(home, victim.mac, victim.mac, 'kitchen-cam')],
    [0.5, announce(home, victim, 'kitchen-cam.local')],
    [0.6, query(home, victim)],
    [0.7, answer(home, victim, home.named)],
    ...spread(1, 5, () => up(home, intruder, home.nameless, 41_000)),
    ...spread(2, 20, () => up(home, victim, home.named)),
    ...spread(2.5, 10, () => down(home, victim, home.named)),
    ...spread(3, 10, () => up(home, victim, home.nameless, 40_001)),
    ...attack.map(([seconds, frame]): Timed => [5 + seconds, frame]),
    ...spread(10, 100, () => up(home, victim, home.named)),
    ...spread(12, 50, () => down(home, victim, home.named)),
    ...spread(13, 50, () => up(home, victim, home.nameless, 40_002)),
    ...spread(14, 20, () => up(home, victim, home.named, 40_003)),
    [15, announce(home, victim, 'kitchen-cam.local')],
  ]
  return frames.sort(([one], [other]) => one - other).map(([seconds, frame]) => [START + seconds, frame])
}

export function captureOf(frames: readonly Timed[]): Uint8Array {
  const records = frames.map(([time, bytes]) => {
    const seconds = Math.floor(time)
    return pcapRecord({ seconds, nanos: Math.round((time - seconds) * 1e9), bytes })
  })
  return concat(pcapHeader({}), ...records)
}

/** The intruder's MAC with the victim's address, or the router's. */
const as = ({ intruder }: PoisonedHome, { address }: Party): Party => ({ mac: intruder.mac, address })

/** Attacks by name; each gives frames with seconds from the moment that it begins. */
export const ATTACKS: Record<string, (home: PoisonedHome) => Timed[]> = {
  'claims to the victim, to which the router falls': (home) => [
    ...spread(0, 20, () => claim(home, as(home, home.victim))),
    ...spread(7.5, 50, () => down(home, as(home, home.victim), home.named)),
  ],
  'claims every second, as arpspoof sends them': (home) =>
    Array.from({ length: 15 }, (_, second) => [second, claim(home, as(home, home.victim))]),
  'claims to the router': (home) => spread(0, 20, () => claim(home, as(home, home.router))),
  'a claim in the frame of another MAC': (home) => {
    const forged = claim(home, { mac: '02:00:5e:00:00:99', address: home.victim.address })
    forged.set(macBytes(home.intruder.mac), 6)
    return spread(0, 20, () => forged)
  },
  'a forged source address': (home) => spread(0, 100, () => up(home, as(home, home.victim), home.nameless, 42_000)),
  "a forged source address on the victim's own ports": (home) =>
    spread(5.005, 100, () => up(home, as(home, home.victim), home.named)),
  'an intruder in the middle that passes everything on': (home) => [
    ...spread(0, 5, () => claim(home, as(home, home.victim))),
    ...spread(0.5, 5, () => claim(home, as(home, home.router))),
    ...spread(7.5, 50, () => down(home, as(home, home.victim), home.named)),
    ...spread(5.005, 100, () => up(home, as(home, home.victim), home.named)),
  ],
  'an answer in the name of the resolver': (home) =>
    [home.named, home.nameless].map((data, index): Timed => [
      index,
      answer(home, home.victim, data, { mac: home.intruder.mac, name: FORGED_NAME, id: 99, port: 5_000 }),
    ]),
  'an answer to a query under another id': (home) => [
    [0, query(home, home.victim, { name: FORGED_NAME, id: 20, port: 50_020 })],
    [
      0.1,
      answer(home, home.victim, home.nameless, {
        mac: home.intruder.mac,
        name: FORGED_NAME,
        id: 21,
        port: 50_020,
      }),
    ],
  ],
  'an answer from a resolver that was not asked': (home) => [
    [0, query(home, home.victim, { name: FORGED_NAME, id: 20, port: 50_020 })],
    [
      0.1,
      answer(home, home.victim, home.nameless, {
        mac: home.intruder.mac,
        name: FORGED_NAME,
        id: 20,
        port: 50_020,
        server: home.stranger,
      }),
    ],
  ],
  'an answer of the intruder to itself': (home) => {
    const exchange = { name: FORGED_NAME, server: home.stranger }
    const forged = answer(home, home.intruder, home.nameless, { ...exchange, mac: home.intruder.mac })
    forged.set(macBytes(home.router.mac), 0)
    return [
      [0, query(home, home.intruder, exchange)],
      [0.1, forged],
    ]
  },
  "a name announced from the victim's address": (home) => [
    [0, announce(home, as(home, home.victim), 'attacker.local')],
  ],
  "a name announced for the victim's address": (home) => [
    [0, announce(home, home.intruder, 'attacker.local', home.victim.address)],
  ],
  "DHCP in the victim's name": (home) => [[0, named(home, home.intruder.mac, home.victim.mac, 'attacker', 1234)]],
}
/** Only of IPv4. */
export const DHCP_ANSWER = (home: PoisonedHome): Timed[] => [
  [0, acknowledged(home, as(home, home.router), home.victim, 'attacker')],
]
