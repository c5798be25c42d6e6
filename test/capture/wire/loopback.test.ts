// The network layer is found behind the address family of BSD loopback captures, in either byte order.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { decodeFrame, stopOf } from '../../support/decode-frame.ts'
import { ip } from '../../../server/sample/packets/packet-builder.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const V4 = ip('127.0.0.1', '127.0.0.1', 1, hex('0800f7ff00000000'))
const V6 = ip('::1', '::1', 58, hex('8000000000000000'))

describe('loopback', () => {
  test.each([
    ['IPv4, little-endian', '02000000', V4, 4],
    ['IPv4, big-endian', '00000002', V4, 4],
    ['IPv6 of NetBSD and OpenBSD', '18000000', V6, 6],
    ['IPv6 of FreeBSD', '1c000000', V6, 6],
    ['IPv6 of macOS', '1e000000', V6, 6],
    ['IPv6 of macOS, big-endian', '0000001e', V6, 6],
    ['IPv6 of Linux', '0a000000', V6, 6],
    ['IPv6 of Windows', '17000000', V6, 6],
  ])('carries %s', (_, family, packet, version) => {
    for (const linkType of [LinkType.Null, LinkType.Loop]) {
      const frame = decodeFrame(concat(hex(family), packet), { linkType })
      expect([frame.version, frame.networkAt - frame.at, frame.stopped, frame.macHigh, frame.macLow]).toEqual([
        version,
        4,
        null,
        0,
        0,
      ])
    }
  })

  test('of another family has no network layer', () => {
    expect(decodeFrame(hex('07000000 45'), { linkType: LinkType.Null })).toMatchObject({
      networkAt: -1,
      version: 0,
      stopped: null,
    })
  })

  test('cut short is reported', () => {
    expect(stopOf(decodeFrame(hex('020000'), { linkType: LinkType.Null }))).toEqual(['loopback', 0, 4, 3])
  })
})
