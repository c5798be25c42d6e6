// The builders write what the RFCs and known good packets say.
import { decode } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import {
  ETHERTYPE,
  PROTOCOL,
  TCP_FLAG,
  arp,
  ethernet,
  icmp,
  icmpv6,
  internetChecksum,
  ip,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  tcp,
  tcpFrame,
  udp,
  udpFrame,
  vlan,
} from '../../../../server/sample/packets/packet-builder.ts'
import { hex, u32, u16, text, concat } from '../../../../server/sample/packets/bytes.ts'
import {
  multicastMac,
  solicitedNode,
  macText,
  ipText,
  ipBytes,
  BROADCAST_MAC,
} from '../../../../server/sample/packets/addresses.ts'
import {
  routerAdvertisement,
  neighborAdvertisement,
  neighborSolicitation,
} from '../../../../server/sample/packets/ndp-builder.ts'
import { dhcp, DHCP_OPTION, DHCP_MESSAGE } from '../../../../server/sample/packets/dhcp-builder.ts'
import { dnsName, httpsRecord, dns, HTTPS_TYPE } from '../../../../server/sample/packets/dns-builder.ts'

const HOME = '192.168.1.2'
const SERVER = '203.0.113.9'
const HOME6 = '2001:db8::2'
const SERVER6 = '2001:db8:ffff::9'

/** Right when the sum over everything, the checksum included, is all ones: 0 after the complement. */
function leftOver(source: string, destination: string, protocol: number, segment: Uint8Array): number {
  const from = ipBytes(source)
  const length =
    from.length === 4 ? concat(u16(protocol), u16(segment.length)) : concat(u32(segment.length), u32(protocol))
  return internetChecksum(from, ipBytes(destination), length, segment)
}

describe('addresses', () => {
  test.each([
    ['192.168.1.2', '192.168.1.2'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ])('reads %s and writes it as RFC 5952 asks: %s', (given, written) => {
    expect(ipText(ipBytes(given))).toBe(written)
  })

  test.each(['192.168.1', '192.168.1.256', '1:2:3:4:5:6:7', '1::2::3', '1:2:3:4:5:6:7::8:9', 'fe80::12345', ''])(
    'refuses "%s"',
    (given) => {
      expect(() => ipBytes(given)).toThrow('is not an IP')
    },
  )
})

describe('internetChecksum', () => {
  test('gives the sum of the example in RFC 1071, section 3', () => {
    expect(internetChecksum(hex('00 01 f2 03 f4 f5 f6 f7'))).toBe(~0xddf2 & 0xffff)
  })

  test('counts an odd last byte as the higher half of a word', () => {
    expect(internetChecksum(hex('00 01 02'))).toBe(~0x0201 & 0xffff)
  })
})

describe('link layer', () => {
  test('writes destination, source, type and payload', () => {
    expect(ethernet('02:00:00:00:00:01', BROADCAST_MAC, ETHERTYPE.ipv4, hex('aabb'))).toEqual(
      hex('ffffffffffff 020000000001 0800 aabb'),
    )
  })

  test('writes a VLAN tag as priority, identifier and inner type', () => {
    expect(vlan(100, ETHERTYPE.ipv4, hex('aa'), 5)).toEqual(hex('a064 0800 aa'))
  })

  test('writes an ARP request for IPv4 over Ethernet', () => {
    expect(
      arp({ operation: 'request', senderMac: '02:00:00:00:00:01', senderAddress: HOME, targetAddress: '192.168.1.1' }),
    ).toEqual(hex('0001 0800 06 04 0001 020000000001 c0a80102 000000000000 c0a80101'))
  })
})

describe('ipv4', () => {
  test('writes the header of a known good packet with its checksum', () => {
    // The example that is everywhere: 45 00 00 73 … checksum b861.
    const packet = ipv4({
      source: '192.168.0.1',
      destination: '192.168.0.199',
      protocol: PROTOCOL.udp,
      payload: new Uint8Array(95),
      dontFragment: true,
    })
    expect(packet.subarray(0, 20)).toEqual(hex('4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7'))
  })

  test('pads options to whole words and counts them in the header length', () => {
    const packet = ipv4({
      source: HOME,
      destination: '224.0.0.22',
      protocol: PROTOCOL.igmp,
      payload: hex('16 00'),
      options: hex('94 04 00'),
    })
    expect(packet[0]).toBe(0x46)
    expect(packet.subarray(20, 26)).toEqual(hex('940400 00 1600'))
    expect(internetChecksum(packet.subarray(0, 24))).toBe(0)
  })

  test('writes the lengths that it is given, with a checksum that is right for them', () => {
    const packet = ipv4({
      source: HOME,
      destination: SERVER,
      protocol: PROTOCOL.tcp,
      payload: new Uint8Array(8),
      totalLength: 0,
      headerWords: 15,
      version: 6,
    })
    expect(packet.subarray(0, 4)).toEqual(hex('6f 00 0000'))
    expect(internetChecksum(packet.subarray(0, 20))).toBe(0)
  })

  test('cuts a payload into fragments that carry all of it', () => {
    const payload = Uint8Array.from({ length: 50 }, (_, index) => index)
    const fragments = ipv4Fragments(
      { source: HOME, destination: SERVER, protocol: PROTOCOL.udp, payload, identification: 7 },
      20,
    )
    expect(fragments.map((fragment) => (fragment[6] << 8) | fragment[7])).toEqual([0x2000, 0x2002, 0x2004, 0x0006])
    expect(concat(...fragments.map((fragment) => fragment.subarray(20)))).toEqual(payload)
  })
})

describe('ipv6', () => {
  test('chains extension headers by their next header fields', () => {
    const packet = ipv6({
      source: HOME6,
      destination: SERVER6,
      nextHeader: PROTOCOL.udp,
      payload: hex('aabb'),
      extensions: [
        { type: PROTOCOL.hopByHop, body: hex('05 02 0000 01 00') },
        { type: PROTOCOL.destinationOptions, body: hex('01 0a') },
      ],
    })
    expect(packet.subarray(0, 8)).toEqual(hex('60000000 0012 00 40'))
    expect(packet.subarray(40)).toEqual(hex('3c 00 0502000001 00  11 00 010a00000000  aabb'))
  })

  test('writes fragments with offset, more flag and identification', () => {
    const payload = Uint8Array.from({ length: 20 }, (_, index) => index)
    const fragments = ipv6Fragments(
      { source: HOME6, destination: SERVER6, nextHeader: PROTOCOL.udp, payload },
      16,
      0x01020304,
    )
    expect(fragments.map((fragment) => fragment.subarray(40, 48))).toEqual([
      hex('11 00 0001 01020304'),
      hex('11 00 0010 01020304'),
    ])
    expect(concat(...fragments.map((fragment) => fragment.subarray(48)))).toEqual(payload)
  })
})

describe('transport', () => {
  test.each([
    [HOME, SERVER],
    [HOME6, SERVER6],
  ])('writes TCP, UDP and ICMPv6 from %s to %s with checksums that hold', (source, destination) => {
    const ends = { source, destination, sourcePort: 50_000, destinationPort: 443 }
    expect(
      leftOver(
        source,
        destination,
        PROTOCOL.tcp,
        tcp({ ...ends, sequence: 0xfffffffe, flags: TCP_FLAG.syn, options: hex('020405b4 01'), payload: text('odd') }),
      ),
    ).toBe(0)
    expect(leftOver(source, destination, PROTOCOL.udp, udp({ ...ends, payload: text('odd') }))).toBe(0)
    expect(leftOver(source, destination, PROTOCOL.icmpv6, icmpv6({ source, destination }, 128, 0, text('odd')))).toBe(0)
  })

  test('writes a TCP header field by field', () => {
    const segment = tcp({
      source: HOME,
      destination: SERVER,
      sourcePort: 0x1234,
      destinationPort: 443,
      sequence: 1,
      acknowledgement: 0xffffffff,
      flags: TCP_FLAG.psh | TCP_FLAG.ack,
      window: 512,
      checksum: 0,
      payload: hex('aa'),
    })
    expect(segment).toEqual(hex('1234 01bb 00000001 ffffffff 50 18 0200 0000 0000 aa'))
  })

  test('sends a UDP checksum that comes out as zero as all ones', () => {
    const ends = { source: HOME, destination: SERVER, sourcePort: 1, destinationPort: 2 }
    const before = udp({ ...ends, payload: hex('0000') })
    const complement = (before[6] << 8) | before[7]
    expect(udp({ ...ends, payload: u16(complement) }).subarray(6, 8)).toEqual(hex('ffff'))
  })

  test('writes ICMP around the packet that caused it', () => {
    const message = icmp(3, 3, ip(HOME, SERVER, PROTOCOL.udp, hex('0001 0002 0008 0000')))
    expect(message.subarray(0, 2)).toEqual(hex('03 03'))
    expect(internetChecksum(message)).toBe(0)
  })

  test('chooses the Ethernet type of a whole frame by its addresses', () => {
    const macs = {
      sourceMac: '02:00:00:00:00:01',
      destinationMac: '02:00:00:00:00:02',
      sourcePort: 1,
      destinationPort: 2,
    }
    expect(tcpFrame({ ...macs, source: HOME, destination: SERVER }).subarray(12, 15)).toEqual(hex('0800 45'))
    expect(udpFrame({ ...macs, source: HOME6, destination: SERVER6, timeToLive: 255 }).subarray(12, 22)).toEqual(
      hex('86dd 60000000 0008 11 ff'),
    )
  })
})

describe('neighbour discovery', () => {
  test('forms the solicited-node group and multicast MAC addresses', () => {
    expect(ipText(solicitedNode('fe80::1234:5678'))).toBe('ff02::1:ff34:5678')
    expect(macText(multicastMac('ff02::1:ff34:5678'))).toBe('33:33:ff:34:56:78')
    expect(macText(multicastMac('239.255.255.250'))).toBe('01:00:5e:7f:ff:fa')
  })

  test('writes solicitation, advertisement and router advertisement with hop limit 255 and link-layer options', () => {
    const ends = { source: 'fe80::2', destination: 'fe80::1' }
    const mac = '02:00:00:00:00:02'
    const solicitation = neighborSolicitation({ ...ends, target: 'fe80::1', mac })
    expect(solicitation[7]).toBe(255)
    expect(solicitation.subarray(48)).toEqual(concat(ipBytes('fe80::1'), hex('01 01 020000000002')))
    expect(solicitation[40]).toBe(135)
    const advertisement = neighborAdvertisement({ ...ends, target: 'fe80::2', mac })
    expect(advertisement.subarray(44)).toEqual(concat(hex('60000000'), ipBytes('fe80::2'), hex('02 01 020000000002')))
    const router = routerAdvertisement({ ...ends, mac, prefix: '2001:db8:1::', dnsServer: 'fe80::1' })
    expect(router.subarray(56)).toEqual(
      concat(
        hex('01 01 020000000002  03 04 40 c0 00015180 00003840 00000000'),
        ipBytes('2001:db8:1::'),
        hex('19 03 0000 00000708'),
        ipBytes('fe80::1'),
      ),
    )
    for (const packet of [solicitation, advertisement, router])
      expect(leftOver(ends.source, ends.destination, PROTOCOL.icmpv6, packet.subarray(40))).toBe(0)
  })
})

describe('application', () => {
  test('writes a DHCP request: fixed part, magic cookie, message type, options, end', () => {
    const message = dhcp({
      message: DHCP_MESSAGE.request,
      transaction: 0x01020304,
      clientMac: '02:00:00:00:00:01',
      options: [[DHCP_OPTION.hostName, text('lamp')]],
    })
    expect(message.subarray(0, 8)).toEqual(hex('01 01 06 00 01020304'))
    expect(message.subarray(28, 34)).toEqual(hex('020000000001'))
    expect(message.subarray(236)).toEqual(hex('63825363 35 01 03 0c 04 6c616d70 ff'))
    expect(
      dhcp({ message: DHCP_MESSAGE.offer, transaction: 1, clientMac: BROADCAST_MAC, yourAddress: HOME }).subarray(
        0,
        20,
      ),
    ).toEqual(hex('02 01 06 00 00000001 00000000 00000000 c0a80102'))
  })

  test('writes DNS messages that dns-packet reads back', () => {
    const message = dns({
      type: 'response',
      id: 9,
      questions: [{ type: 'A', name: 'a.example' }],
      answers: [
        { type: 'CNAME', name: 'a.example', ttl: 5, data: 'b.example' },
        { type: 'A', name: 'b.example', ttl: 5, data: SERVER },
      ],
    })
    expect(decode(Buffer.from(message)).answers).toMatchObject([
      { type: 'CNAME', data: 'b.example' },
      { type: 'A', data: SERVER },
    ])
  })

  test('writes an HTTPS record with parameters in ascending order of their keys', () => {
    const record = httpsRecord('a.example', 1, '', {
      alpn: ['h3', 'h2'],
      port: 8443,
      ipv6Hints: [SERVER6],
      ipv4Hints: [SERVER],
    })
    const data = concat(
      hex('0001 00  0001 0006 02 6833 02 6832  0003 0002 20fb  0004 0004 cb007109  0006 0010'),
      ipBytes(SERVER6),
    )
    expect(new Uint8Array(record.data)).toEqual(data)
    const message = dns({ type: 'response', questions: [{ type: HTTPS_TYPE, name: 'a.example' }], answers: [record] })
    expect(message.subarray(message.length - data.length)).toEqual(data)
    expect(message.subarray(12, 27)).toEqual(concat(dnsName('a.example'), hex('0041 0001')))
  })
})
