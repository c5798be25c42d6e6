// Neighbour discovery gives holders of addresses and prefixes of the home; routed messages are ignored.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { readNdp } from '../../support/core-frame.ts'
import { decodeFrame, macOf } from '../../support/decode-frame.ts'
import { icmpv6, ip, ipv6, PROTOCOL } from '../../../server/sample/packets/packet-builder.ts'
import { hex, u32, u8, concat } from '../../../server/sample/packets/bytes.ts'
import { ipText, ipBytes } from '../../../server/sample/packets/addresses.ts'
import {
  routerAdvertisement,
  neighborAdvertisement,
  neighborSolicitation,
  ndpOption,
  ndp,
  NDP_OPTION,
  NDP,
} from '../../../server/sample/packets/ndp-builder.ts'

const ENDS = { source: 'fe80::2', destination: 'fe80::1' }
const MAC = 'fe:00:00:00:00:0a'

interface Claim {
  type: number
  address: string | null
  mac: string | null
  target: string | null
  prefixes: string[]
}

function read(packet: Uint8Array): Claim | null {
  const frame = decodeFrame(packet, { linkType: LinkType.Raw })
  const message = readNdp(frame)
  if (!message.isRead) return null
  const { bytes } = frame
  const textAt = (at: number): string | null => (at < 0 ? null : ipText(bytes.subarray(at, at + 16)))
  return {
    type: message.type,
    address: textAt(message.addressAt),
    mac: message.mac === null ? null : macOf(message.mac),
    target: textAt(message.targetAt),
    prefixes: message.prefixes.map(({ at, bits }) => `${textAt(at)}/${bits}`),
  }
}

function prefix(bits: number, flags: number, address = '2001:db8:1::'): Uint8Array {
  return ndpOption(NDP_OPTION.prefix, concat(u8(bits), u8(flags), new Uint8Array(12), ipBytes(address)))
}

function router(...options: Uint8Array[]): Uint8Array {
  return ndp(ENDS, NDP.routerAdvertisement, concat(new Uint8Array(12), ...options))
}

describe('neighbour discovery', () => {
  test('reads sender and target of a solicitation', () => {
    expect(read(neighborSolicitation({ ...ENDS, target: 'fe80::99', mac: MAC }))).toEqual({
      type: 135,
      address: 'fe80::2',
      mac: MAC,
      target: 'fe80::99',
      prefixes: [],
    })
  })

  test('reads the holder that an advertisement names, not its sender', () => {
    expect(read(neighborAdvertisement({ ...ENDS, target: '2001:db8::5', mac: MAC }))).toEqual({
      type: 136,
      address: '2001:db8::5',
      mac: MAC,
      target: '2001:db8::5',
      prefixes: [],
    })
  })

  test('reads router and prefix of a router advertisement', () => {
    expect(read(routerAdvertisement({ ...ENDS, mac: MAC, prefix: '2001:db8:1::', dnsServer: 'fe80::1' }))).toEqual({
      type: 134,
      address: 'fe80::2',
      mac: MAC,
      target: null,
      prefixes: ['2001:db8:1::/64'],
    })
  })

  test('reads the sender of a router solicitation', () => {
    expect(
      read(ndp(ENDS, NDP.routerSolicitation, concat(u32(0), ndpOption(NDP_OPTION.sourceLinkLayer, hex(MAC))))),
    ).toEqual({ type: 133, address: 'fe80::2', mac: MAC, target: null, prefixes: [] })
  })

  test('gives no MAC where no option has one', () => {
    expect(read(neighborSolicitation({ ...ENDS, target: 'fe80::99' }))).toMatchObject({ address: 'fe80::2', mac: null })
  })

  test.each([
    ["the other side's option", ndpOption(NDP_OPTION.sourceLinkLayer, hex(MAC))],
    ['an address of fourteen bytes', ndpOption(NDP_OPTION.targetLinkLayer, new Uint8Array(14))],
    ['an option of length 0', hex('0200 fe000000000a')],
    ['an option longer than the message', hex('0202 fe000000000a')],
    ['an option of seven bytes', hex('0201 fe0000000a')],
  ])('takes no MAC of an advertisement from %s', (_, option) => {
    expect(read(ndp(ENDS, NDP.neighborAdvertisement, concat(u32(0), ipBytes('fe80::2'), option)))).toMatchObject({
      mac: null,
    })
  })

  test("reads a group MAC as nobody's", () => {
    expect(read(neighborAdvertisement({ ...ENDS, target: 'fe80::2', mac: '33:33:00:00:00:01' }))).toMatchObject({
      mac: '00:00:00:00:00:00',
    })
  })

  test('finds an option behind others', () => {
    const body = concat(
      u32(0),
      ipBytes('fe80::2'),
      ndpOption(14, new Uint8Array(20)),
      ndpOption(NDP_OPTION.targetLinkLayer, hex(MAC)),
    )
    expect(read(ndp(ENDS, NDP.neighborAdvertisement, body))).toMatchObject({ mac: MAC })
  })

  test('stops looking after 32 options', () => {
    const others = (count: number): Uint8Array =>
      concat(...Array.from({ length: count }, () => ndpOption(14, new Uint8Array(6))))
    const advertisement = (count: number): Uint8Array =>
      ndp(
        ENDS,
        NDP.neighborAdvertisement,
        concat(u32(0), ipBytes('fe80::2'), others(count), ndpOption(NDP_OPTION.targetLinkLayer, hex(MAC))),
      )
    expect(read(advertisement(31))).toMatchObject({ mac: MAC })
    expect(read(advertisement(32))).toMatchObject({ mac: null })
  })
})

describe('prefixes', () => {
  test.each([
    ['on-link of 32 bits', prefix(32, 0x80), ['2001:db8:1::/32']],
    ['on-link of 128 bits', prefix(128, 0xc0), ['2001:db8:1::/128']],
    ['not on-link', prefix(64, 0x40), []],
    ['of 31 bits, which would be half the world', prefix(31, 0x80), []],
    ['of 129 bits', prefix(129, 0x80), []],
    ['in an option of another length', ndpOption(NDP_OPTION.prefix, new Uint8Array(22).fill(0x80)), []],
  ])('%s', (_, option, prefixes) => {
    expect(read(router(option))).toMatchObject({ prefixes })
  })

  test('are kept up to eight', () => {
    expect(
      read(router(...Array.from({ length: 10 }, (_, index) => prefix(64, 0x80, `2001:db8:${index}::`))))?.prefixes,
    ).toHaveLength(8)
  })

  test('do not stay for the next message', () => {
    expect(read(router(prefix(64, 0x80)))?.prefixes).toHaveLength(1)
    expect(read(neighborSolicitation({ ...ENDS, target: 'fe80::9' }))).toMatchObject({ prefixes: [], mac: null })
  })
})

describe('what is no neighbour discovery', () => {
  const body = concat(u32(0), ipBytes('fe80::2'), ndpOption(NDP_OPTION.targetLinkLayer, hex(MAC)))

  test.each([
    [
      'passed on by a router, as the hop limit shows',
      ipv6({
        ...ENDS,
        nextHeader: PROTOCOL.icmpv6,
        hopLimit: 254,
        payload: icmpv6(ENDS, NDP.neighborAdvertisement, 0, body),
      }),
    ],
    [
      'with another code',
      ipv6({
        ...ENDS,
        nextHeader: PROTOCOL.icmpv6,
        hopLimit: 255,
        payload: icmpv6(ENDS, NDP.neighborAdvertisement, 1, body),
      }),
    ],
    ['an echo request', ndp(ENDS, 128, body)],
    ['a redirect', ndp(ENDS, 137, body)],
    ['an advertisement without its whole target', ndp(ENDS, NDP.neighborAdvertisement, body.subarray(0, 19))],
    ['a solicitation without its whole target', ndp(ENDS, NDP.neighborSolicitation, body.subarray(0, 19))],
    ['less than a header', ndp(ENDS, NDP.routerSolicitation, hex('000000'))],
    [
      'in an IPv4 packet',
      ip('192.168.1.2', '192.168.1.3', PROTOCOL.icmpv6, icmpv6(ENDS, NDP.neighborAdvertisement, 0, body), {
        timeToLive: 255,
      }),
    ],
  ])('proves nothing: %s', (_, packet) => {
    expect(read(packet)).toBeNull()
  })

  test('names no address of the packet before, where this one is IPv4', () => {
    const frame = decodeFrame(neighborSolicitation({ ...ENDS, target: 'fe80::9', mac: MAC }), {
      linkType: LinkType.Raw,
    })
    decodeFrame(
      ip('192.168.1.2', '192.168.1.3', PROTOCOL.icmpv6, icmpv6(ENDS, NDP.routerSolicitation, 0, u32(0)), {
        timeToLive: 255,
      }),
      { linkType: LinkType.Raw },
      frame,
    )
    expect(readNdp(frame)).toMatchObject({ isRead: false, addressAt: -1 })
  })
})

test('a MAC is given as the frame keeps one', () => {
  const frame = decodeFrame(neighborSolicitation({ ...ENDS, target: 'fe80::9', mac: 'fe:01:82:03:04:05' }), {
    linkType: LinkType.Raw,
  })
  expect(readNdp(frame).mac).toEqual({ macHigh: 0xfe01, macLow: 0x82030405 | 0 })
})
