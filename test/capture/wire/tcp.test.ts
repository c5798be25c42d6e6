// Ports, flags, sequence number and payload of TCP segments are read.
import { describe, expect, test } from 'vitest'
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../../capture/core/constants.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { decodeFrame, describeFrame, payloadOf, stopOf } from '../../support/decode-frame.ts'
import { ip, ipv4, PROTOCOL, tcp, TCP_FLAG } from '../../../server/sample/packets/packet-builder.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const RAW = { linkType: LinkType.Raw }
const ENDS = { source: '192.168.1.2', destination: '203.0.113.9' }
const SEGMENT = {
  ...ENDS,
  sourcePort: 50_000,
  destinationPort: 443,
  sequence: 0xfffffffe,
  flags: TCP_FLAG.psh | TCP_FLAG.ack,
  payload: hex('aabbcc'),
}

function packet(segment: Uint8Array): Uint8Array {
  return ip(ENDS.source, ENDS.destination, PROTOCOL.tcp, segment)
}

describe('a TCP segment', () => {
  test.each([
    ['without options', hex('')],
    ['with options', hex('0204 05b4 0101 080a 00000001 00000000')],
    ['with 40 bytes of options', new Uint8Array(40)],
  ])('%s gives ports, sequence, flags and payload', (_, options) => {
    expect(describeFrame(decodeFrame(packet(tcp({ ...SEGMENT, options })), RAW))).toMatchObject({
      protocol: 6,
      sourcePort: 50_000,
      destinationPort: 443,
      sequence: 0xfffffffe,
      tcpFlags: 0x18,
      payload: 'aabbcc',
      payloadLength: 3,
      payloadAt: 40 + ((options.length + 3) & ~3),
      stopped: null,
    })
  })

  test('over IPv6 is read the same', () => {
    const ends = { source: 'fe80::1', destination: 'fe80::2' }
    expect(
      describeFrame(decodeFrame(ip(ends.source, ends.destination, PROTOCOL.tcp, tcp({ ...SEGMENT, ...ends })), RAW)),
    ).toMatchObject({ sourcePort: 50_000, payload: 'aabbcc', payloadAt: 60 })
  })

  test.each([
    ['FIN', TCP_FLAG.fin, TCP_FIN],
    ['SYN', TCP_FLAG.syn, TCP_SYN],
    ['RST', TCP_FLAG.rst, TCP_RST],
    ['ACK', TCP_FLAG.ack, TCP_ACK],
  ])('has the flag %s where RFC 9293 puts it', (_, flags, flag) => {
    expect(decodeFrame(packet(tcp({ ...SEGMENT, flags })), RAW).tcpFlags).toBe(flag)
  })

  test('without payload has none, however the frame is padded', () => {
    const frame = decodeFrame(concat(packet(tcp({ ...SEGMENT, payload: hex('') })), new Uint8Array(6)), RAW)
    expect([payloadOf(frame), frame.payloadLength]).toEqual(['', 0])
  })

  test('cut in its payload gives the whole length', () => {
    const whole = packet(tcp({ ...SEGMENT, payload: new Uint8Array(1000) }))
    const frame = decodeFrame(whole.subarray(0, 96), { ...RAW, originalLength: whole.length })
    expect([frame.payloadEnd - frame.payloadAt, frame.payloadLength, frame.stopped]).toEqual([56, 1000, null])
  })

  test.each([
    [0, 0, 0],
    [3, 0, 0],
    [4, 50_000, 443],
    [19, 50_000, 443],
  ])(
    'cut to %i bytes keeps the ports where they are there, and says where it is cut',
    (length, sourcePort, destinationPort) => {
      const whole = packet(tcp(SEGMENT))
      const frame = decodeFrame(whole.subarray(0, 20 + length), { ...RAW, originalLength: whole.length })
      expect(frame).toMatchObject({ sourcePort, destinationPort, tcpFlags: 0 })
      expect([payloadOf(frame), stopOf(frame)]).toEqual(['', ['tcp', 20, 20, length]])
    },
  )

  test.each([
    ['shorter than a header', 0x40, 20, 16],
    ['longer than the segment', 0x60, 24, 23],
    ['of 60 bytes in a segment of 23', 0xf0, 60, 23],
  ])('with a header %s has no payload', (_, dataOffset, need, have) => {
    const segment = tcp(SEGMENT)
    segment[12] = dataOffset
    const frame = decodeFrame(packet(segment), RAW)
    expect([frame.sourcePort, frame.tcpFlags, frame.payloadEnd - frame.payloadAt, stopOf(frame)]).toEqual([
      50_000,
      0x18,
      0,
      ['tcp', 20, need, have],
    ])
    expect(frame.payloadLength).toBe(Math.max(0, 23 - need))
  })

  test('in a later fragment is not looked for', () => {
    const frame = decodeFrame(ipv4({ ...ENDS, protocol: PROTOCOL.tcp, payload: tcp(SEGMENT), fragmentOffset: 8 }), RAW)
    expect(frame).toMatchObject({ sourcePort: 0, tcpFlags: 0, payloadLength: 23, stopped: null })
  })

  test('leaves no flags and ports to the packet after it', () => {
    const frame = decodeFrame(packet(tcp(SEGMENT)), RAW)
    decodeFrame(ip(ENDS.source, ENDS.destination, 99, hex('aa')), RAW, frame)
    expect(frame).toMatchObject({ sourcePort: 0, destinationPort: 0, tcpFlags: 0 })
  })
})
