// Decoding finds the transport of every link type, and records of every cut packet where it stopped.
import { describe, expect, test } from 'vitest'
import { decode } from '../../capture/decode.ts'
import { Frame } from '../../capture/frame.ts'
import { LinkType } from '../../capture/formats/link-types.ts'
import { prefixesOf } from '../support/damage.ts'
import { decodeFrame, describeFrame, payloadOf } from '../support/decode-frame.ts'
import { ethernet, ETHERTYPE, ip, ipv4, PROTOCOL, udp } from '../../server/sample/packets/packet-builder.ts'
import { applicationFrames, ethernetFrames, otherFrames, type ValidFrame } from '../support/valid-packets.ts'
import { hex, text } from '../../server/sample/packets/bytes.ts'

const ENDS = { source: '192.168.1.2', destination: '203.0.113.9' }
const ALL: [string, ValidFrame][] = [...ethernetFrames(), ...otherFrames(), ...applicationFrames()].map((frame) => [
  frame.name,
  frame,
])

describe('decode', () => {
  test.each(ALL)('reads %s to its end without stopping', (_, { bytes, linkType }) => {
    expect(decodeFrame(bytes, { linkType }).stopped).toBeNull()
  })

  test.each(otherFrames().map((frame) => [frame.name, frame] as const))(
    'finds ports and payload of %s',
    (_, { bytes, linkType }) => {
      const frame = decodeFrame(bytes, { linkType })
      expect([frame.sourcePort, frame.destinationPort, payloadOf(frame)]).toEqual([
        50_000,
        443,
        Buffer.from('hello').toString('hex'),
      ])
    },
  )

  test.each([
    ['IPv6 under the EtherType of IPv4', 6, 17],
    ['IPv4 under the EtherType of IPv6', 4, 6],
  ])('uses the version in the header: %s', (_, version, protocol) => {
    const { bytes } = ethernetFrames().find(
      ({ name }) => name === (version === 6 ? 'IPv6 under the type of IPv4' : 'IPv4 under the type of IPv6'),
    ) as ValidFrame
    expect(decodeFrame(bytes)).toMatchObject({ version, protocol, sourcePort: 50_000, destinationPort: 443 })
  })

  test.each([
    ['version 5', 0x55],
    ['version 0', 0x00],
    ['version 15', 0xff],
  ])('finds no IP in a packet of %s', (_, first) => {
    const packet = ip(ENDS.source, ENDS.destination, PROTOCOL.udp, udp({ ...ENDS, sourcePort: 1, destinationPort: 2 }))
    packet[0] = first
    for (const linkType of [LinkType.Raw, LinkType.Ethernet]) {
      const bytes =
        linkType === LinkType.Raw ? packet : ethernet('02:00:00:00:00:02', '02:00:00:00:00:01', ETHERTYPE.ipv4, packet)
      expect(decodeFrame(bytes, { linkType })).toMatchObject({
        version: 0,
        sourcePort: 0,
        payloadAt: 0,
        payloadEnd: 0,
        stopped: null,
      })
    }
  })

  test('looks for IP under no other EtherType', () => {
    const bytes = ethernet(
      '02:00:00:00:00:02',
      '02:00:00:00:00:01',
      0x88cc,
      ipv4({ ...ENDS, protocol: PROTOCOL.udp, payload: hex('') }),
    )
    expect(decodeFrame(bytes)).toMatchObject({ version: 0, etherType: 0x88cc })
  })

  test.each([189, 195, 147, 65_535, -1])('leaves link type %i alone', (linkType) => {
    const frame = new Frame()
    frame.linkType = linkType
    frame.bytes = text('whatever this is')
    frame.end = 16
    expect(decode(frame)).toBe(false)
    expect(frame).toMatchObject({ version: 0, networkAt: -1, stopped: null })
  })

  test('leaves nothing of one packet to the next', () => {
    const used = new Frame()
    for (const [, { bytes, linkType }] of ALL) {
      decodeFrame(bytes, { linkType }, used)
      const fresh = describeFrame(decodeFrame(bytes, { linkType }))
      expect(describeFrame(used)).toEqual(fresh)
      const cut = { linkType, originalLength: bytes.length }
      const half = bytes.subarray(0, bytes.length >> 1)
      expect(describeFrame(decodeFrame(half, cut, used))).toEqual(describeFrame(decodeFrame(half, cut)))
    }
  })
})

describe('every prefix of a packet', () => {
  test.each(ALL)(
    'of %s is decoded as far as it goes, from its own bytes, and says what is missing',
    (_, { bytes, linkType }) => {
      const whole = decodeFrame(bytes, { linkType })
      for (const prefix of prefixesOf(bytes)) {
        const options = { linkType, originalLength: bytes.length }
        const frame = decodeFrame(prefix, { ...options, guard: 0 })
        expect(describeFrame(decodeFrame(prefix, { ...options, guard: 0xff }))).toEqual(describeFrame(frame))
        expectInside(frame)
        const missing = bytes.length - prefix.length
        const isCutPayload = frame.version !== 0 && frame.payloadLength > frame.payloadEnd - frame.payloadAt
        // Nothing is missing from what is not looked into: ARP has its own reader, spanning tree has none.
        const isRead = whole.version !== 0 || prefix.length < 14
        if (isRead) expect(frame.stopped !== null || isCutPayload, `cut to ${prefix.length} bytes`).toBe(missing > 0)
        if (frame.version !== 0) expect(frame.ipBytes).toBe(whole.ipBytes)
        if (frame.sourcePort !== 0)
          expect([frame.sourcePort, frame.destinationPort]).toEqual([whole.sourcePort, whole.destinationPort])
      }
    },
  )
})

function expectInside(frame: Frame): void {
  const { at, end } = frame
  if (frame.networkAt >= 0) expect(frame.networkAt).toBeGreaterThanOrEqual(at)
  expect(frame.networkAt).toBeLessThanOrEqual(end)
  if (frame.version !== 0) {
    expect(frame.payloadAt).toBeGreaterThanOrEqual(at)
    expect(frame.payloadEnd).toBeGreaterThanOrEqual(frame.payloadAt)
    expect(frame.payloadEnd).toBeLessThanOrEqual(end)
    expect(frame.payloadLength).toBeGreaterThanOrEqual(frame.payloadEnd - frame.payloadAt)
  }
  if (frame.version === 6) {
    expect(frame.sourceAt).toBeGreaterThanOrEqual(at)
    expect(frame.destinationAt + 16).toBeLessThanOrEqual(end)
  }
  if (frame.stopped !== null) {
    expect(frame.stoppedAt).toBeLessThanOrEqual(end)
    expect(frame.stoppedNeed).toBeGreaterThan(frame.stoppedHave)
  }
}
