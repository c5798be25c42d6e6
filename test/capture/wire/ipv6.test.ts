// Addresses, length, extension headers, fragment and payload of IPv6 packets are read.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { decodeFrame, describeFrame, payloadOf, stopOf } from '../../support/decode-frame.ts'
import {
  ethernet,
  ETHERTYPE,
  ipv6,
  ipv6FragmentHeader,
  ipv6Fragments,
  PROTOCOL,
  udp,
  type Ipv6Extension,
  type Ipv6Fields,
} from '../../../server/sample/packets/packet-builder.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const RAW = { linkType: LinkType.Raw }
const ENDS = { source: '2001:db8::2', destination: '2001:db8::9' }
const UDP = {
  ...ENDS,
  nextHeader: PROTOCOL.udp,
  payload: udp({ ...ENDS, sourcePort: 5000, destinationPort: 6000, payload: hex('aabb') }),
}
const ADDRESSES = '20010db8 00000000 00000000 00000002  20010db8 00000000 00000000 00000009'

/** The packet's transport: protocol, ports, captured payload, where decoding stopped. */
function transportOf(packet: Uint8Array): unknown[] {
  const frame = decodeFrame(packet, RAW)
  return [frame.protocol, frame.sourcePort, frame.destinationPort, payloadOf(frame), stopOf(frame)]
}

const READ = [17, 5000, 6000, 'aabb', null]

describe('an IPv6 packet', () => {
  test('gives every field of its header', () => {
    expect(describeFrame(decodeFrame(hex(`6a b12345 0004 3b ff ${ADDRESSES} 01020304`), RAW))).toMatchObject({
      version: 6,
      source: '20010db8000000000000000000000002',
      destination: '20010db8000000000000000000000009',
      ipBytes: 44,
      hopLimit: 255,
      protocol: 59,
      fragmentOffset: 0,
      moreFragments: false,
      fragmentId: 0,
      payload: '01020304',
      payloadAt: 40,
      payloadLength: 4,
      stopped: null,
    })
  })

  test('ends before the padding of a short Ethernet frame', () => {
    const frame = decodeFrame(
      ethernet(
        '02:00:00:00:00:02',
        '02:00:00:00:00:01',
        ETHERTYPE.ipv6,
        concat(ipv6({ ...UDP, nextHeader: 99, payload: hex('aa') }), new Uint8Array(5)),
      ),
    )
    expect([payloadOf(frame), frame.payloadLength, frame.ipBytes]).toEqual(['aa', 1, 41])
  })

  test('gives its whole length where the capture kept only its start', () => {
    const whole = ipv6({ ...ENDS, nextHeader: 99, payload: new Uint8Array(1000) })
    const frame = decodeFrame(whole.subarray(0, 60), { ...RAW, originalLength: whole.length })
    expect([frame.ipBytes, frame.payloadEnd - frame.payloadAt, frame.payloadLength]).toEqual([1040, 20, 1000])
  })

  test('of length 0, as segmentation offload leaves it, is as long as its frame', () => {
    const packet = ipv6({ ...ENDS, nextHeader: 99, payload: new Uint8Array(70_000), payloadLength: 0 })
    expect(decodeFrame(packet.subarray(0, 100), { ...RAW, originalLength: packet.length })).toMatchObject({
      ipBytes: 70_040,
      payloadLength: 70_000,
    })
  })

  test.each([
    ['that says so', PROTOCOL.none],
    ['whose frame has nothing but padding', PROTOCOL.tcp],
  ])('without payload has none: one %s', (_, nextHeader) => {
    const frame = decodeFrame(concat(ipv6({ ...ENDS, nextHeader, payload: hex('') }), new Uint8Array(6)), RAW)
    expect([frame.ipBytes, frame.payloadLength, payloadOf(frame)]).toEqual([40, 0, ''])
  })

  test.each([
    ['nothing', '', ['ipv4', 0, 1, 0]],
    ['39 bytes', `60000000 0000 3b 40 ${ADDRESSES}`.slice(0, -2), ['ipv6', 0, 40, 39]],
  ])('is none: %s', (_, bytes, stop) => {
    const frame = decodeFrame(hex(bytes), RAW)
    expect([stopOf(frame), frame.version]).toEqual([stop, 0])
  })
})

describe('a jumbogram', () => {
  const jumbo = (length: string, packet: Partial<Ipv6Fields> = {}): Uint8Array =>
    ipv6({
      ...UDP,
      ...packet,
      extensions: [{ type: PROTOCOL.hopByHop, body: hex(`c2 04 ${length}`) }],
      payloadLength: 0,
    })

  test('is as long as its option says', () => {
    const whole = jumbo('00011178', { nextHeader: 99, payload: new Uint8Array(70_000) })
    expect(decodeFrame(whole.subarray(0, 100), { ...RAW, originalLength: whole.length })).toMatchObject({
      ipBytes: 40 + 70_008,
      payloadLength: 70_000,
    })
  })

  test('is no longer than its frame, whatever the option says', () => {
    expect(decodeFrame(jumbo('ffffffff'), RAW)).toMatchObject({ ipBytes: 40 + 8 + 10, payloadLength: 2 })
  })

  test('of option length 0 is as long as its frame', () => {
    expect(decodeFrame(jumbo('00000000'), RAW)).toMatchObject({ ipBytes: 58 })
  })

  test('ends before what the option does not count', () => {
    expect(transportOf(concat(jumbo('00000012'), new Uint8Array(30)))).toEqual(READ)
  })

  test.each([
    [
      'cut before its option',
      ipv6({
        ...UDP,
        extensions: [{ type: PROTOCOL.hopByHop, body: hex('c2 04 00000012') }],
        payloadLength: 0,
      }).subarray(0, 47),
      47,
    ],
    [
      'without the option',
      ipv6({ ...UDP, extensions: [{ type: PROTOCOL.hopByHop, body: hex('05 02 0000 0100') }], payloadLength: 0 }),
      58,
    ],
    [
      'whose option has another length',
      ipv6({ ...UDP, extensions: [{ type: PROTOCOL.hopByHop, body: hex('c2 02 0000 0100') }], payloadLength: 0 }),
      58,
    ],
  ])('%s is as long as its frame', (_, packet, ipBytes) => {
    expect(decodeFrame(packet, RAW).ipBytes).toBe(ipBytes)
  })
})

describe('extension headers', () => {
  const options = (type: number, length = 6): Ipv6Extension => ({ type, body: new Uint8Array(length) })

  test.each([
    ['hop-by-hop options', [options(PROTOCOL.hopByHop)]],
    ['routing', [options(PROTOCOL.routing, 22)]],
    ['destination options', [options(PROTOCOL.destinationOptions, 14)]],
    ['authentication', [options(51, 22)]],
    [
      'authentication of a length that is no multiple of 8',
      [{ type: 51, body: concat(hex('00 0000 00000001 00000001'), new Uint8Array(11)) }],
    ],
    ['mobility', [options(135)]],
    ['host identity', [options(139)]],
    ['shim6', [options(140)]],
    ['an atomic fragment', [ipv6FragmentHeader(0, false, 9)]],
    [
      'several',
      [
        options(PROTOCOL.hopByHop),
        options(PROTOCOL.destinationOptions),
        options(PROTOCOL.routing),
        ipv6FragmentHeader(0, false, 9),
        options(51, 22),
        options(PROTOCOL.destinationOptions, 2046),
      ],
    ],
    ['sixteen', Array.from({ length: 16 }, () => options(PROTOCOL.destinationOptions))],
  ])('are stepped over: %s', (_, extensions) => {
    expect(transportOf(ipv6({ ...UDP, extensions }))).toEqual(READ)
  })

  test('more than sixteen are not followed', () => {
    const extensions = Array.from({ length: 17 }, () => options(PROTOCOL.destinationOptions))
    expect(transportOf(ipv6({ ...UDP, extensions }))).toMatchObject([60, 0, 0, expect.any(String), null])
  })

  test('do not count into the payload', () => {
    expect(
      decodeFrame(ipv6({ ...UDP, extensions: [options(PROTOCOL.hopByHop), options(PROTOCOL.routing, 22)] }), RAW),
    ).toMatchObject({ payloadLength: 2, ipBytes: 40 + 8 + 24 + 10 })
  })

  test('that end the packet are recognised', () => {
    expect(transportOf(ipv6({ ...ENDS, nextHeader: PROTOCOL.routing, payload: hex('') }))).toEqual([
      43,
      0,
      0,
      '',
      ['ipv6', 40, 8, 0],
    ])
    expect(transportOf(ipv6({ ...ENDS, nextHeader: PROTOCOL.routing, payload: hex('11000000000000') }))).toEqual([
      43,
      0,
      0,
      '11000000000000',
      ['ipv6', 40, 8, 7],
    ])
  })

  test('that are longer than the packet leave no payload', () => {
    // 2,048 bytes of options, of which 8 are there, then more options.
    expect(transportOf(ipv6({ ...ENDS, nextHeader: PROTOCOL.hopByHop, payload: hex('3cff000000000000') }))).toEqual([
      60,
      0,
      0,
      '',
      ['ipv6', 48, 8, 0],
    ])
    expect(transportOf(ipv6({ ...ENDS, nextHeader: PROTOCOL.hopByHop, payload: hex('11ff000000000000') }))).toEqual([
      17,
      0,
      0,
      '',
      ['udp', 48, 8, 0],
    ])
  })

  test('do not reach into the padding', () => {
    expect(
      transportOf(
        concat(ipv6({ ...ENDS, nextHeader: PROTOCOL.destinationOptions, payload: hex('11') }), new Uint8Array(20)),
      ),
    ).toEqual([60, 0, 0, '11', ['ipv6', 40, 8, 1]])
  })
})

describe('fragments', () => {
  const payload = udp({ ...ENDS, sourcePort: 5000, destinationPort: 6000, payload: new Uint8Array(40) })
  const frames = ipv6Fragments(
    { ...UDP, payload, extensions: [{ type: PROTOCOL.hopByHop, body: new Uint8Array(6) }] },
    24,
    0xf1020304,
  ).map((fragment) => decodeFrame(fragment, RAW))

  test('give their place in the datagram', () => {
    expect(frames.map((frame) => [frame.fragmentOffset, frame.moreFragments, frame.fragmentId >>> 0])).toEqual([
      [0, true, 0xf1020304],
      [24, false, 0xf1020304],
    ])
  })

  test('have ports in the first one only', () => {
    expect(frames.map((frame) => [frame.protocol, frame.sourcePort, frame.payloadLength, frame.stopped])).toEqual([
      [17, 5000, 16, null],
      [17, 0, 24, null],
    ])
  })

  test('other than the first are not searched for extension headers', () => {
    const fragment = ipv6({
      ...ENDS,
      nextHeader: PROTOCOL.destinationOptions,
      payload: hex('11ff'),
      extensions: [ipv6FragmentHeader(64, false, 1)],
    })
    expect(decodeFrame(fragment, RAW)).toMatchObject({ protocol: 60, fragmentOffset: 64, stopped: null })
  })

  test('leave no identification to the packet after them', () => {
    const frame = decodeFrame(ipv6({ ...UDP, extensions: [ipv6FragmentHeader(8, true, 5)] }), RAW)
    decodeFrame(ipv6(UDP), RAW, frame)
    expect(frame).toMatchObject({ fragmentOffset: 0, moreFragments: false, fragmentId: 0 })
  })
})
