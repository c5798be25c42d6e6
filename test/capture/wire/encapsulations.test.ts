// The network layer is found behind every link type, capture header and tunnel, and nothing behind the packet is read.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { concat, hex, u16 } from '../../../server/sample/packets/bytes.ts'
import { ethernet, ETHERTYPE } from '../../../server/sample/packets/packet-builder.ts'
import { decodeFrame, describeFrame, macOf, stopOf } from '../../support/decode-frame.ts'
import { encapsulatedFrames, longNflog } from '../../support/encapsulated-frames.ts'
import { LAMP, ROUTER } from '../../support/valid-ends.ts'
import { onEthernet, talk } from '../../support/link-home.ts'
import { aggregate, label, nflog, pktap, ppi, radiotap, snap, tagged, wifi } from '../../support/wire/link-headers.ts'

const [{ packet }] = talk()
const ENDS = { source: LAMP.mac, destination: ROUTER.mac }

describe('whatever is cut off', () => {
  test.each(encapsulatedFrames().map((frame) => [frame.name, frame] as const))(
    'of %s, the bytes behind it say nothing',
    (_, { linkType, bytes }) => {
      for (let length = 0; length <= bytes.length; length++) {
        const cut = bytes.subarray(0, length)
        const [one, other] = [0xa5, 0x00].map((guard) =>
          decodeFrame(cut, { linkType, guard, originalLength: bytes.length }),
        )
        expect(describeFrame(one)).toEqual(describeFrame(other))
      }
    },
  )

  test.each([
    ['PPP', LinkType.Ppp, '', ['ppp', 0, 1, 0]],
    ['PPP behind its framing', LinkType.Ppp, 'ff03', ['ppp', 2, 1, 0]],
    ['PPP in its protocol', LinkType.PppHdlc, 'ff0300', ['ppp', 2, 2, 1]],
    ['Cisco HDLC', LinkType.CiscoHdlc, '0f0008', ['ppp', 0, 4, 3]],
    ['PPPoE', LinkType.PppEther, '11000001001600', ['pppoe', 0, 8, 7]],
    ['NFLOG', LinkType.Nflog, '0200', ['capture', 0, 4, 2]],
    ['SLIP', LinkType.Slip, '0000', ['capture', 0, 16, 2]],
    ['enc', LinkType.Enc, '02000000', ['capture', 0, 12, 4]],
    ['pflog', LinkType.Pflog, '3d02', ['capture', 0, 64, 2]],
    ['PKTAP', LinkType.Pktap, '6c000000', ['capture', 0, 108, 4]],
    ['radiotap', LinkType.Radiotap, '0000', ['capture', 0, 8, 2]],
    ['radiotap in its fields', LinkType.Radiotap, '00000c0000000000', ['capture', 0, 12, 8]],
    ['Prism', LinkType.Prism, '44000000', ['capture', 0, 8, 4]],
    ['AVS', LinkType.Avs, '8021100100000040', ['capture', 0, 64, 8]],
    ['PPI', LinkType.Ppi, '0000', ['capture', 0, 8, 2]],
    ['Wi-Fi', LinkType.Wifi, '08', ['wifi', 0, 2, 1]],
    ['Wi-Fi in its header', LinkType.Wifi, '88030000', ['wifi', 0, 32, 4]],
    ['MPLS', LinkType.Mpls, '00003040 0000', ['mpls', 4, 4, 2]],
    ['a switch tag', LinkType.DsaTag, '0200000000010200', ['ethernet', 0, 18, 8]],
    ['a switch tag in front', LinkType.BroadcomTagBefore, '0000', ['ethernet', 0, 4, 2]],
  ])('%s is reported where it stops', (_, linkType, bytes, stop) => {
    expect(stopOf(decodeFrame(hex(bytes), { linkType, originalLength: 100 }))).toEqual(stop)
  })
})

describe('802.11', () => {
  const content = snap(ETHERTYPE.ipv4, packet)
  test.each([
    ['to the point', { direction: 'to the point' }],
    ['from the point', { direction: 'from the point' }],
    ['between two devices', { direction: 'ad hoc' }],
    ['between repeaters', { direction: 'relayed', isQos: true }],
  ] as const)('%s: names sender and receiver', (_, fields) => {
    const bytes = wifi({ ...ENDS, ...fields }, content)
    const frame = decodeFrame(bytes, { linkType: LinkType.Wifi })
    expect(macOf(frame)).toBe(LAMP.mac)
    const receiver = frame.bytes.subarray(frame.receiverAt, frame.receiverAt + 6)
    expect(Buffer.from(receiver).toString('hex')).toBe(ROUTER.mac.replaceAll(':', ''))
    expect([frame.version, frame.ipBytes, frame.toGroup]).toEqual([4, packet.length, false])
  })

  test('to a group says so', () => {
    const bytes = wifi({ ...ENDS, destination: 'ff:ff:ff:ff:ff:ff' }, content)
    expect(decodeFrame(bytes, { linkType: LinkType.Wifi }).toGroup).toBe(true)
  })

  test.each([
    ['encrypted', wifi({ ...ENDS, isEncrypted: true }, content)],
    ['without data', concat(hex('4801'), wifi(ENDS, content).subarray(2))],
    ['of management', concat(hex('8000'), wifi(ENDS, content).subarray(2))],
    ['of control', concat(hex('d400'), wifi(ENDS, content).subarray(2))],
    ['of another version', concat(hex('0901'), wifi(ENDS, content).subarray(2))],
    ['a later fragment', wifi({ ...ENDS, fragment: 1 }, content)],
  ])('%s has no network layer', (_, bytes) => {
    expect(decodeFrame(bytes, { linkType: LinkType.Wifi })).toMatchObject({ version: 0, networkAt: -1, stopped: null })
  })

  test('of several packets begins with the first', () => {
    const part = { ...ENDS, source: '02:00:00:00:00:0b', content }
    const bytes = wifi({ ...ENDS, isAggregate: true }, aggregate([part, part]))
    const frame = decodeFrame(bytes, { linkType: LinkType.Wifi })
    expect([macOf(frame), frame.ipBytes]).toEqual(['02:00:00:00:00:0b', packet.length])
  })
})

describe('headers of capture programs', () => {
  const air = wifi(ENDS, snap(ETHERTYPE.ipv4, packet))
  test.each([
    ['radiotap of another version', LinkType.Radiotap, concat(hex('01'), radiotap(air).subarray(1))],
    ['radiotap shorter than itself', LinkType.Radiotap, concat(hex('00000400'), radiotap(air).subarray(4))],
    ['PPI of another version', LinkType.Ppi, concat(hex('01'), ppi(LinkType.Wifi, air).subarray(1))],
    ['AVS without its mark', LinkType.Avs, concat(hex('00000000'), air)],
    ['a private link type that is no PKTAP', LinkType.User2, concat(hex('01020304'), new Uint8Array(200))],
    ['PKTAP without a packet', LinkType.Pktap, concat(hex('6c000000 00000000'), pktap(1, air).subarray(8))],
    ['pflog shorter than its header', LinkType.Pflog, concat(hex('0a02'), new Uint8Array(100))],
  ])('%s has no network layer', (_, linkType, bytes) => {
    expect(decodeFrame(bytes, { linkType })).toMatchObject({ version: 0, networkAt: -1 })
  })

  test('in each other are followed three deep', () => {
    const nest = (levels: number): Uint8Array =>
      Array.from({ length: levels }).reduce<Uint8Array>(
        (inner) => pktap(LinkType.Pktap, inner),
        pktap(LinkType.Raw, packet),
      )
    expect(decodeFrame(nest(2), { linkType: LinkType.Pktap }).version).toBe(4)
    expect(decodeFrame(nest(3), { linkType: LinkType.Pktap }).version).toBe(0)
  })

  test('NFLOG: the payload ends where its attribute does, padding does not count', () => {
    const bytes = concat(nflog(packet), hex('0400 0300'))
    expect(decodeFrame(bytes, { linkType: LinkType.Nflog })).toMatchObject({ version: 4, ipBytes: packet.length })
  })

  test('NFLOG without a payload ends', () => {
    expect(decodeFrame(longNflog(), { linkType: LinkType.Nflog }).version).toBe(0)
  })
})

describe('tags', () => {
  const frame = onEthernet({ packet, isUp: true })
  test('of a Marvell switch stand in front of a VLAN tag', () => {
    const bytes = tagged(frame, concat(hex('dada0000c0080000'), hex('81000064')))
    expect(decodeFrame(bytes)).toMatchObject({ version: 4, ipBytes: packet.length })
  })

  test('of MPLS end with the one that says so', () => {
    const stack = concat(...Array.from({ length: 15 }, () => label(20, false)), label(21, true))
    const bytes = ethernet(LAMP.mac, ROUTER.mac, 0x8847, concat(stack, packet))
    expect(decodeFrame(bytes)).toMatchObject({ version: 4, ipBytes: packet.length })
    const longer = ethernet(LAMP.mac, ROUTER.mac, 0x8847, concat(label(20, false), stack, packet))
    expect(decodeFrame(longer).version).toBe(0)
  })

  test('of MPLS with Ethernet inside name the sender inside', () => {
    for (const control of ['00000000', '']) {
      const inside = concat(label(16, true), hex(control), frame)
      const decoded = decodeFrame(ethernet('02:00:00:00:00:77', ROUTER.mac, 0x8847, inside))
      expect([macOf(decoded), decoded.version]).toEqual(['a4:da:22:00:00:10', 4])
    }
  })

  test.each(['02:00:00:00:00:01', '64:00:00:00:00:01', '44:00:00:00:00:01'])(
    'of MPLS with Ethernet to %s inside are not taken for IP',
    (destination) => {
      const inside = ethernet('a4:da:22:00:00:10', destination, 0x8100, concat(hex('0064 0800'), packet))
      const decoded = decodeFrame(ethernet(LAMP.mac, ROUTER.mac, 0x8847, concat(label(16, true), inside)))
      expect([macOf(decoded), decoded.version, decoded.ipBytes]).toEqual(['a4:da:22:00:00:10', 4, packet.length])
    },
  )

  test('of MPLS in PPP are stepped over', () => {
    const bytes = concat(hex('ff03 0281'), label(16, true), packet)
    expect(decodeFrame(bytes, { linkType: LinkType.Ppp })).toMatchObject({ version: 4, ipBytes: packet.length })
  })

  test('of a type that nobody reads are left alone', () => {
    expect(decodeFrame(concat(frame.subarray(0, 12), u16(0x88e5), packet)).version).toBe(0)
  })
})
