// Valid messages of application protocols, for tests that cut, change and repeat them.
import { hex, u32, u16, u8, text, concat } from '../../server/sample/packets/bytes.ts'
import { dhcp, DHCP_OPTION, DHCP_MESSAGE } from '../../server/sample/packets/dhcp-builder.ts'
import { httpsRecord, dns, HTTPS_TYPE } from '../../server/sample/packets/dns-builder.ts'
import { LAMP, CLOUD } from './valid-ends.ts'

const ECH_CONFIG_LIST = concat(
  hex('0045 fe0d 0041 59 0020 0020'),
  new Uint8Array(32).fill(7),
  hex('0004 0001 0001 00'),
  u8(18),
  text('front.example.test'),
  hex('0000'),
)

export function dnsMessages(): Uint8Array[] {
  const question = { type: 'A', name: 'api.lamp.example' } as const
  return [
    dns({ type: 'query', id: 7, flags: 0x0100, questions: [question] }),
    dns({
      type: 'query',
      id: 8,
      questions: [question, { type: 'AAAA', name: 'api.lamp.example' }, { type: HTTPS_TYPE, name: 'api.lamp.example' }],
    }),
    dns({
      type: 'response',
      id: 7,
      questions: [question],
      answers: [
        { type: 'CNAME', name: 'api.lamp.example', ttl: 5, data: 'edge.cdn.example' },
        { type: 'A', name: 'edge.cdn.example', ttl: 5, data: CLOUD },
        { type: 'AAAA', name: 'edge.cdn.example', ttl: 5, data: '2001:db8:ffff::80' },
      ],
      authorities: [{ type: 'NS', name: 'cdn.example', ttl: 5, data: 'ns.cdn.example' }],
      additionals: [{ type: 'TXT', name: 'x.example', ttl: 5, data: ['a=1', 'b=2'] }],
    }),
    dns({
      type: 'response',
      id: 9,
      questions: [{ type: HTTPS_TYPE, name: 'api.lamp.example' }],
      answers: [
        httpsRecord('api.lamp.example', 1, '', {
          alpn: ['h3', 'h2'],
          port: 8443,
          ipv4Hints: [CLOUD],
          ech: ECH_CONFIG_LIST,
          ipv6Hints: ['2001:db8:ffff::80'],
        }),
        httpsRecord('api.lamp.example', 0, 'edge.cdn.example'),
      ],
    }),
    // Compressed as servers write it: owner and part of the CNAME's target are pointers.
    hex(
      '0007 8180 0001 0002 0000 0000  03617069 046c616d70 076578616d706c65 00 0001 0001  c00c 0005 0001 0000003c 0007 04656467 65 c015  c02e 0001 0001 0000003c 0004 cb007150',
    ),
    // Multicast DNS: an announcement with the cache-flush bit, escapes and UTF-8 in the instance name.
    dns({
      type: 'response',
      id: 0,
      flags: 0x0400,
      answers: [
        { type: 'PTR', name: '_hap._tcp.local', ttl: 120, data: 'Küche._hap._tcp.local' },
        {
          type: 'SRV',
          name: 'Küche._hap._tcp.local',
          ttl: 120,
          data: { port: 80, target: 'lamp.local', priority: 0, weight: 0 },
        },
        { type: 'TXT', name: 'Küche._hap._tcp.local', ttl: 120, data: ['md=LCT015', 'id=02:00:00:00:00:0a'] },
        { type: 'A', name: 'lamp.local', ttl: 120, data: LAMP.ip, flush: true },
      ],
    }),
  ]
}

export function dhcpMessages(): Uint8Array[] {
  const options: [number, Uint8Array][] = [
    [DHCP_OPTION.hostName, text('lamp')],
    [DHCP_OPTION.vendorClass, text('udhcp 1.24')],
    [DHCP_OPTION.parameterList, hex('0103060f')],
    [DHCP_OPTION.clientIdentifier, hex('01 02000000000a')],
    [DHCP_OPTION.fullyQualifiedName, hex('050000 046c616d70 04686f6d65 00')],
  ]
  const overloaded = dhcp({
    message: DHCP_MESSAGE.request,
    transaction: 2,
    clientMac: '00:00:00:00:00:00',
    options: [
      [52, hex('03')],
      [DHCP_OPTION.clientIdentifier, hex('01 02000000000a')],
    ],
  })
  overloaded.set(concat(hex('3c05'), text('udhcp'), hex('ff')), 44)
  overloaded.set(concat(hex('00 0c04'), text('lamp'), hex('ff')), 108)
  return [
    dhcp({ message: DHCP_MESSAGE.discover, transaction: 1, clientMac: LAMP.mac, options }),
    dhcp({
      message: DHCP_MESSAGE.request,
      transaction: 1,
      clientMac: LAMP.mac,
      options: [
        [DHCP_OPTION.requestedAddress, hex('c0a80114')],
        [DHCP_OPTION.fullyQualifiedName, concat(hex('000000'), text('lamp.home.'))],
        [DHCP_OPTION.hostName, text('la')],
        [DHCP_OPTION.hostName, text('mp')],
      ],
    }),
    dhcp({
      message: DHCP_MESSAGE.acknowledge,
      transaction: 1,
      clientMac: LAMP.mac,
      yourAddress: LAMP.ip,
      options: [
        [DHCP_OPTION.leaseSeconds, u32(86_400)],
        [DHCP_OPTION.serverIdentifier, hex('c0a80101')],
      ],
    }),
    overloaded,
  ]
}

export function dhcpv6Messages(): Uint8Array[] {
  const option = (code: number, value: Uint8Array): Uint8Array => concat(u16(code), u16(value.length), value)
  const clientId = option(1, hex('0001 0001 01020304 02000000000a'))
  const fqdn = option(39, hex('00 046c616d70 04686f6d65 00'))
  const address = option(5, concat(hex('20010db8000100000000000000000005'), u32(3600), u32(7200)))
  const solicit = concat(
    hex('01 010203'),
    clientId,
    option(6, hex('0017 0018 0027')),
    option(16, hex('00000139 0004 74657374 0002 6162')),
    fqdn,
    option(3, new Uint8Array(12)),
  )
  const reply = concat(
    hex('07 010203'),
    option(1, hex('0003 0001 02000000000a')),
    option(2, hex('0003 0001 020000000001')),
    option(3, concat(hex('00000001 00000e10 00001c20'), address)),
    option(4, concat(hex('00000002'), address)),
  )
  const ends = concat(hex('20010db8000100000000000000000001'), hex('fe80000000000000000000000000000a'))
  return [
    solicit,
    reply,
    concat(hex('0c 00'), ends, option(18, text('port1')), option(9, solicit)),
    concat(hex('0d 01'), ends, option(9, concat(hex('0d 00'), ends, option(9, reply)))),
  ]
}

export function ssdpMessages(): Uint8Array[] {
  return [
    text(
      'NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=100\r\nLOCATION: http://192.168.1.20:80/description.xml\r\nSERVER: Linux/3.14 UPnP/1.0 IpBridge/1.50\r\nNTS: ssdp:alive\r\nhue-bridgeid: 02000000000A\r\nNT: upnp:rootdevice\r\nUSN: uuid:2f402f80::upnp:rootdevice\r\n01-NLS: 7\r\n\r\n',
    ),
    text(
      'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: urn:dial-multiscreen-org:service:dial:1\r\nUSER-AGENT: Google Chrome/83\r\nCPFN.UPNP.ORG: My phone\r\n\r\n',
    ),
    text(
      'HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nEXT:\r\nUSN: uuid:1::upnp:rootdevice\r\nSERVER: Linux\r\n folded\r\n\r\n',
    ),
  ]
}

export function httpRequests(): Uint8Array[] {
  return [
    text('GET /setup?x=1 HTTP/1.1\r\nHost: api.lamp.example:8080\r\nUser-Agent: lamp/1.0\r\nAccept: */*\r\n\r\n'),
    text(
      'POST http://user@api.lamp.example:80/v1 HTTP/1.1\nUser-Agent: lamp\n folded\nHost: other.example\nContent-Length: 2\n\nhi',
    ),
    text('CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nno colon here\r\n: no name\r\n\r\n'),
    text('GET / HTTP/1.0\r\nHost: 2001:db8::1\r\n\r\n'),
    text('UPDATEREDIRECTREF /x HTTP/1.1\r\nHost:\r\nHost: second.example\r\n\r\n'),
  ]
}

export function stunMessages(): Uint8Array[] {
  const transaction = hex('000102030405060708090a0b')
  const attribute = (type: number, value: Uint8Array): Uint8Array =>
    concat(u16(type), u16(value.length), value, new Uint8Array((4 - (value.length & 3)) & 3))
  const message = (type: number, ...attributes: Uint8Array[]): Uint8Array => {
    const body = concat(...attributes)
    return concat(u16(type), u16(body.length), hex('2112a442'), transaction, body)
  }
  const mapped4 = hex('0001 a147 e112a643')
  const mapped6 = concat(hex('0002 a147'), hex('0113a9fa a8a9abac adaeafb0 b1b2b3b4'))
  return [
    message(0x0001, attribute(0x8022, text('lamp/1.0'))),
    message(
      0x0101,
      attribute(0x0020, mapped4),
      attribute(0x0020, mapped6),
      attribute(0x0008, new Uint8Array(20)),
      attribute(0x8022, text('late')),
    ),
    message(
      0x0103,
      attribute(0x0016, mapped6),
      attribute(0x0012, mapped4),
      attribute(0x0014, text('turn.example')),
      attribute(0x001c, new Uint8Array(32)),
    ),
    message(0x0016, attribute(0x0012, mapped4), attribute(0x0013, text('data'))),
    message(0x0111),
  ]
}
