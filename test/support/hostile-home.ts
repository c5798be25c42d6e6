// A home in which every device sends hostile names, in every protocol that carries one.
import { ETHERTYPE, ethernet, arp, tcpFrame, udpFrame } from '../../server/sample/packets/packet-builder.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'
import { pcapFile } from '../../server/sample/packets/pcap-writer.ts'
import { buildClientHello, wrapTlsRecords } from '../../server/sample/packets/tls-hello-builder.ts'
import { text, concat } from '../../server/sample/packets/bytes.ts'
import { BROADCAST_MAC } from '../../server/sample/packets/addresses.ts'
import { dns } from '../../server/sample/packets/dns-builder.ts'

export const HOSTILE_START = 1_790_000_000
const ROUTER_MAC = '02:00:00:00:00:01'
const LONGEST_LABEL = 60

/** As much of it as fits into one label of a DNS name: no dot splits it, nothing is escaped. */
function label(name: string): string {
  let cut = name.replaceAll('.', '·')
  while (Buffer.byteLength(cut) > LONGEST_LABEL) cut = cut.slice(0, -1)
  return cut === '' ? ' ' : cut
}

interface Member {
  mac: string
  address: string
  name: string
  number: number
}

const members: Member[] = HOSTILE_NAMES.map((name, number) => ({
  mac: `02:00:00:00:01:${number.toString(16).padStart(2, '0')}`,
  address: `192.168.1.${20 + number}`,
  name,
  number,
}))

/** Six ways to say a name: DNS, TLS, HTTP, DHCP, mDNS, SSDP. */
function framesOf({ mac, address, name, number }: Member): Uint8Array[] {
  const out = { sourceMac: mac, destinationMac: ROUTER_MAC, source: address }
  const back = { sourceMac: ROUTER_MAC, destinationMac: mac, destination: address }
  const server = (kind: number): string => `203.0.${kind}.${number + 1}`
  const dnsName = `${label(name)}.example.com`
  const option = (code: number, value: Uint8Array): Uint8Array => concat(Uint8Array.of(code, value.length), value)
  const macBytes = Uint8Array.from(mac.split(':').map((part) => Number.parseInt(part, 16)))
  const dhcp = concat(
    Uint8Array.of(1, 1, 6, 0),
    new Uint8Array(24),
    macBytes,
    new Uint8Array(10 + 64 + 128),
    Uint8Array.of(0x63, 0x82, 0x53, 0x63),
    option(53, Uint8Array.of(3)),
    option(12, text(name).subarray(0, 250)),
    option(60, text(name).subarray(0, 250)),
    Uint8Array.of(255),
  )
  const instance = `${label(name)}._http._tcp.local`
  const mdns = dns({
    type: 'response',
    id: 0,
    flags: 0x0400,
    questions: [],
    answers: [
      { name: '_http._tcp.local', type: 'PTR', ttl: 60, data: instance },
      { name: instance, type: 'SRV', ttl: 60, data: { target: `${label(name)}.local`, port: 80 } },
      { name: instance, type: 'TXT', ttl: 60, data: [`md=${name}`.slice(0, 80)] },
      { name: `${label(name)}.local`, type: 'A', ttl: 60, data: address },
    ],
  })
  const ssdp = text(
    `NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nSERVER: ${name.slice(0, 200)}\r\nUSN: uuid:${number}\r\n\r\n`,
  )
  return [
    ethernet(
      mac,
      BROADCAST_MAC,
      ETHERTYPE.arp,
      arp({ operation: 'request', senderMac: mac, senderAddress: address, targetAddress: '192.168.1.1' }),
    ),
    udpFrame({
      sourceMac: mac,
      destinationMac: BROADCAST_MAC,
      source: '0.0.0.0',
      destination: '255.255.255.255',
      sourcePort: 68,
      destinationPort: 67,
      payload: dhcp,
    }),
    udpFrame({
      ...back,
      source: '192.168.1.1',
      sourcePort: 53,
      destinationPort: 50_000,
      payload: dns({
        type: 'response',
        id: 1,
        flags: 0x0180,
        questions: [{ name: dnsName, type: 'A' }],
        answers: [{ name: dnsName, type: 'A', ttl: 60, data: server(113) }],
      }),
    }),
    tcpFrame({
      ...out,
      destination: server(113),
      sourcePort: 40_000,
      destinationPort: 4_433,
      payload: text('x'.repeat(300 + number)),
    }),
    tcpFrame({
      ...out,
      destination: server(114),
      sourcePort: 40_001,
      destinationPort: 443,
      payload: wrapTlsRecords(buildClientHello({ random: new Uint8Array(32).fill(7), serverName: name.slice(0, 200) })),
    }),
    tcpFrame({
      ...out,
      destination: server(115),
      sourcePort: 40_002,
      destinationPort: 80,
      payload: text(`GET / HTTP/1.1\r\nHost: ${name.slice(0, 200)}\r\nUser-Agent: ${name.slice(0, 200)}\r\n\r\n`),
    }),
    tcpFrame({
      ...back,
      source: server(113),
      sourcePort: 4_433,
      destinationPort: 40_000,
      payload: text('y'.repeat(200 + number)),
    }),
    udpFrame({
      sourceMac: mac,
      destinationMac: '01:00:5e:00:00:fb',
      source: address,
      destination: '224.0.0.251',
      sourcePort: 5353,
      destinationPort: 5353,
      payload: mdns,
    }),
    udpFrame({
      sourceMac: mac,
      destinationMac: '01:00:5e:7f:ff:fa',
      source: address,
      destination: '239.255.255.250',
      sourcePort: 1900,
      destinationPort: 1900,
      payload: ssdp,
    }),
  ]
}

/** A capture of one device for each hostile name, two seconds each. */
export function hostileCapture(): Uint8Array {
  return pcapFile(
    {},
    members.flatMap((member) =>
      framesOf(member).map((bytes, index) => ({
        seconds: HOSTILE_START + member.number * 2,
        nanos: index * 1_000_000,
        bytes,
      })),
    ),
  )
}
