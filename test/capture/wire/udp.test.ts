// Ports and payload of UDP datagrams are read, whatever the length field contains.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { decodeFrame, describeFrame, payloadOf, stopOf } from '../../support/decode-frame.ts'
import { ethernet, ETHERTYPE, ip, PROTOCOL, udp } from '../../../server/sample/packets/packet-builder.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const RAW = { linkType: LinkType.Raw }
const ENDS = { source: '192.168.1.2', destination: '203.0.113.9' }
const DATAGRAM = { ...ENDS, sourcePort: 50_000, destinationPort: 53, payload: hex('aabbcc') }

function packet(datagram: Uint8Array): Uint8Array {
  return ip(ENDS.source, ENDS.destination, PROTOCOL.udp, datagram)
}

describe('a UDP datagram', () => {
  test('gives ports and payload', () => {
    expect(describeFrame(decodeFrame(packet(udp(DATAGRAM)), RAW))).toMatchObject({
      protocol: 17,
      sourcePort: 50_000,
      destinationPort: 53,
      payload: 'aabbcc',
      payloadAt: 28,
      payloadLength: 3,
      stopped: null,
    })
  })

  test('without payload has none, however the frame is padded', () => {
    const frame = decodeFrame(
      ethernet(
        '02:00:00:00:00:02',
        '02:00:00:00:00:01',
        ETHERTYPE.ipv4,
        concat(packet(udp({ ...DATAGRAM, payload: hex('') })), new Uint8Array(18)),
      ),
    )
    expect([payloadOf(frame), frame.payloadLength, frame.stopped]).toEqual(['', 0, null])
  })

  test('ends where its own length says, before the packet does', () => {
    const frame = decodeFrame(packet(udp({ ...DATAGRAM, length: 10 })), RAW)
    expect([payloadOf(frame), frame.payloadLength]).toEqual(['aabb', 2])
  })

  test.each([
    ['0, as in a jumbogram', 0],
    ['less than a header', 7],
    ['more than the packet', 12],
    ['everything', 0xffff],
  ])('with a length of %s ends with the packet', (_, length) => {
    const frame = decodeFrame(packet(udp({ ...DATAGRAM, length })), RAW)
    expect([payloadOf(frame), frame.payloadLength, frame.stopped]).toEqual(['aabbcc', 3, null])
  })

  test('cut in its payload gives the whole length', () => {
    const whole = packet(udp({ ...DATAGRAM, payload: new Uint8Array(1000) }))
    const frame = decodeFrame(whole.subarray(0, 96), { ...RAW, originalLength: whole.length })
    expect([frame.payloadEnd - frame.payloadAt, frame.payloadLength, frame.stopped]).toEqual([68, 1000, null])
  })

  test.each([
    [0, 0, 0],
    [3, 0, 0],
    [4, 50_000, 53],
    [7, 50_000, 53],
  ])(
    'cut to %i bytes keeps the ports where they are there, and says where it is cut',
    (length, sourcePort, destinationPort) => {
      const whole = packet(udp(DATAGRAM))
      const frame = decodeFrame(whole.subarray(0, 20 + length), { ...RAW, originalLength: whole.length })
      expect(frame).toMatchObject({ sourcePort, destinationPort })
      expect([payloadOf(frame), stopOf(frame)]).toEqual(['', ['udp', 20, 8, length]])
    },
  )
})
