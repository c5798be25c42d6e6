// Addresses, length, fragment and payload of IPv4 packets are read; padding is left out.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { decodeFrame, describeFrame, payloadOf, stopOf } from '../../support/decode-frame.ts'
import {
  ethernet,
  ETHERTYPE,
  ipv4,
  ipv4Fragments,
  PROTOCOL,
  udp,
} from '../../../server/sample/packets/packet-builder.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const RAW = { linkType: LinkType.Raw }
const ENDS = { source: '192.168.1.2', destination: '203.0.113.9' }
const IGMP = { ...ENDS, protocol: PROTOCOL.igmp, payload: hex('16000904e00000fb') }
/** Version 4, TTL 1, protocol IGMP, without its first four bytes. */
const REST = '1234 0000 01 02 0000 c0a80102 e00000fb'

describe('an IPv4 packet', () => {
  test('gives every field of its header', () => {
    expect(
      describeFrame(decodeFrame(hex('45 00 001c abcd 2003 40 02 0000 c0a80102 cb007109 0102030405060708'), RAW)),
    ).toMatchObject({
      version: 4,
      source: '192.168.1.2',
      destination: '203.0.113.9',
      ipBytes: 28,
      hopLimit: 64,
      protocol: 2,
      fragmentOffset: 24,
      moreFragments: true,
      fragmentId: 0xabcd,
      payload: '0102030405060708',
      payloadAt: 20,
      payloadLength: 8,
      stopped: null,
    })
  })

  test('has its payload behind the options', () => {
    expect(describeFrame(decodeFrame(ipv4({ ...IGMP, options: hex('94040000') }), RAW))).toMatchObject({
      payload: '16000904e00000fb',
      payloadAt: 24,
      payloadLength: 8,
      ipBytes: 32,
    })
    expect(describeFrame(decodeFrame(ipv4({ ...IGMP, options: new Uint8Array(40) }), RAW))).toMatchObject({
      payloadAt: 60,
      payloadLength: 8,
      ipBytes: 68,
    })
  })

  test('ends before the padding of a short Ethernet frame', () => {
    const frame = decodeFrame(
      ethernet('02:00:00:00:00:02', '02:00:00:00:00:01', ETHERTYPE.ipv4, concat(ipv4(IGMP), new Uint8Array(18))),
    )
    expect([payloadOf(frame), frame.payloadLength, frame.ipBytes]).toEqual(['16000904e00000fb', 8, 28])
  })

  test('without payload has none, padding or not', () => {
    const frame = decodeFrame(hex(`45 00 0014 ${REST} ${'00'.repeat(26)}`), RAW)
    expect([payloadOf(frame), frame.payloadLength, frame.ipBytes]).toEqual(['', 0, 20])
  })

  test('gives its whole length where the capture kept only its start', () => {
    const whole = ipv4({
      ...ENDS,
      protocol: PROTOCOL.udp,
      payload: udp({ ...ENDS, sourcePort: 1, destinationPort: 2, payload: new Uint8Array(1000) }),
    })
    const frame = decodeFrame(whole.subarray(0, 60), { ...RAW, originalLength: whole.length })
    expect([frame.ipBytes, frame.payloadEnd - frame.payloadAt, frame.payloadLength, frame.stopped]).toEqual([
      1028,
      32,
      1000,
      null,
    ])
  })

  test('of length 0, as segmentation offload leaves it, is as long as its frame', () => {
    const packet = ethernet(
      '02:00:00:00:00:02',
      '02:00:00:00:00:01',
      ETHERTYPE.ipv4,
      ipv4({ ...IGMP, totalLength: 0, payload: new Uint8Array(70_000) }),
    )
    const frame = decodeFrame(packet.subarray(0, 200), { originalLength: packet.length })
    expect([frame.ipBytes, frame.payloadLength, frame.payloadEnd - frame.payloadAt]).toEqual([70_020, 70_000, 200 - 34])
  })

  test('of length 0 is never shorter than its header', () => {
    expect(decodeFrame(ipv4({ ...IGMP, totalLength: 0 }), { ...RAW, originalLength: 3 })).toMatchObject({
      ipBytes: 20,
      payloadLength: 0,
    })
  })

  test('shorter than its own header has no payload', () => {
    const frame = decodeFrame(ipv4({ ...IGMP, totalLength: 19 }), RAW)
    expect([payloadOf(frame), frame.payloadLength, frame.ipBytes]).toEqual(['', 0, 19])
  })

  test('whose options are cut has no payload', () => {
    const frame = decodeFrame(ipv4({ ...IGMP, options: new Uint8Array(40) }).subarray(0, 40), {
      ...RAW,
      originalLength: 68,
    })
    expect([payloadOf(frame), frame.payloadEnd - frame.at, frame.payloadLength]).toEqual(['', 40, 8])
  })

  test.each([
    ['nothing', '', ['ipv4', 0, 1, 0]],
    ['19 bytes', `45 00 001c ${REST}`.slice(0, -2), ['ipv4', 0, 20, 19]],
    ['a header of four words', `44 00 001c ${REST}`, ['ipv4', 0, 20, 16]],
    ['a header of no words', `40 00 001c ${REST}`, ['ipv4', 0, 20, 0]],
  ])('is none: %s', (_, bytes, stop) => {
    const frame = decodeFrame(hex(bytes), RAW)
    expect(stopOf(frame)).toEqual(stop)
    expect(frame.version).toBe(0)
  })
})

describe('fragments', () => {
  const payload = udp({ ...ENDS, sourcePort: 5000, destinationPort: 6000, payload: new Uint8Array(40) })
  const frames = ipv4Fragments({ ...ENDS, protocol: PROTOCOL.udp, payload, identification: 7 }, 24).map((fragment) =>
    decodeFrame(fragment, RAW),
  )

  test('give their place in the datagram', () => {
    expect(frames.map((frame) => [frame.fragmentOffset, frame.moreFragments, frame.fragmentId])).toEqual([
      [0, true, 7],
      [24, false, 7],
    ])
  })

  test('have ports in the first one only', () => {
    expect(frames.map((frame) => [frame.sourcePort, frame.destinationPort])).toEqual([
      [5000, 6000],
      [0, 0],
    ])
  })

  test('have their own part of the payload and nothing else', () => {
    expect(frames.map((frame) => [frame.payloadEnd - frame.payloadAt, frame.payloadLength, frame.stopped])).toEqual([
      [16, 16, null],
      [24, 24, null],
    ])
  })
})
