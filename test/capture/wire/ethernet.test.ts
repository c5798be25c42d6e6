// The network layer is found behind MACs, VLAN tags, LLC/SNAP and PPPoE.
import { describe, expect, test } from 'vitest'
import { decodeFrame, macOf, stopOf } from '../../support/decode-frame.ts'
import { hex } from '../../../server/sample/packets/bytes.ts'

const MACS = '02 00 00 00 00 01  02 00 00 00 00 02'

/** EtherType and offset of the network layer; null where none was found. */
function networkOf(bytes: string): [number, number] | null {
  const frame = decodeFrame(hex(bytes))
  expect(frame.stopped === null || frame.networkAt >= 0 || frame.etherType === 0).toBe(true)
  return frame.networkAt < 0 ? null : [frame.etherType, frame.networkAt - frame.at]
}

describe('addresses', () => {
  test.each([
    ['a device', '02 1a 2b 3c 4d 5e', '02:1a:2b:3c:4d:5e'],
    ['a high address, whose numbers are negative', 'fe ff ff ff ff ff', 'fe:ff:ff:ff:ff:ff'],
    ['zeros, which are nobody', '00 00 00 00 00 00', '00:00:00:00:00:00'],
    ['a group, which sends nothing', '01 00 5e 00 00 01', '00:00:00:00:00:00'],
  ])('of %s', (_, source, mac) => {
    expect(macOf(decodeFrame(hex(`02 00 00 00 00 01 ${source} 08 06`)))).toBe(mac)
  })

  test.each([
    ['one receiver', '02 00 00 00 00 01', false],
    ['a group', '33 33 00 00 00 01', true],
    ['everybody', 'ff ff ff ff ff ff', true],
  ])('recognises a frame to %s', (_, destination, toGroup) => {
    expect(decodeFrame(hex(`${destination} 02 00 00 00 00 02 08 06`)).toGroup).toBe(toGroup)
  })

  test('are not kept from the frame before', () => {
    const frame = decodeFrame(hex('ff ff ff ff ff ff 02 00 00 00 00 02 08 06'))
    decodeFrame(hex('02 00'), {}, frame)
    expect([macOf(frame), frame.toGroup, frame.networkAt]).toEqual(['00:00:00:00:00:00', false, -1])
  })
})

describe('EtherType', () => {
  test.each([
    ['ARP', '08 06', 0x0806],
    ['something unknown', '88 cc', 0x88cc],
    ['the first number that is no length', '06 00', 0x0600],
  ])('%s is handed on', (_, type, etherType) => {
    expect(networkOf(`${MACS} ${type}`)).toEqual([etherType, 14])
  })

  test.each([
    ['one VLAN tag', '81 00 20 64 08 06', 18],
    ['QinQ', '88 a8 00 0a 81 00 00 64 08 06', 22],
    ["the old vendors' outer tags", '91 00 00 0a 92 00 00 14 08 06', 22],
    ['eight tags', '81 00 00 01 '.repeat(8) + '08 06', 46],
  ])('behind %s is found', (_, tags, at) => {
    expect(networkOf(`${MACS} ${tags}`)).toEqual([0x0806, at])
  })

  test('behind nine tags is not looked for', () => {
    expect(networkOf(`${MACS} ${'81 00 00 01 '.repeat(9)} 08 06`)).toEqual([0x8100, 46])
  })
})

describe('IEEE 802.3', () => {
  test('with SNAP holds an EtherType', () => {
    expect(networkOf(`${MACS} 00 24 aa aa 03 00 00 00 08 06`)).toEqual([0x0806, 22])
  })

  test('with SNAP is found behind a VLAN tag', () => {
    expect(networkOf(`${MACS} 81 00 00 64 00 24 aa aa 03 00 00 00 08 06`)).toEqual([0x0806, 26])
  })

  test.each([
    ['spanning tree', '00 26 42 42 03 00 00 00 00 00'],
    ['SNAP of another organisation', '00 26 aa aa 03 00 00 0c 20 00'],
    ['SNAP with another control field', '00 26 aa aa 13 00 00 00 08 00'],
    ['IPX without LLC', '00 22 ff ff 00 22 00 00 00 00'],
    ['less than a SNAP header', '00 03 42 42 03'],
  ])('with %s holds no network layer of ours', (_, rest) => {
    expect(networkOf(`${MACS} ${rest}`)).toBeNull()
  })
})

describe('PPPoE', () => {
  test.each([
    ['IPv4', '00 21', 0x0800],
    ['IPv6', '00 57', 0x86dd],
  ])('carries %s', (_, protocol, etherType) => {
    expect(networkOf(`${MACS} 88 64 11 00 00 01 00 22 ${protocol}`)).toEqual([etherType, 22])
  })

  test('is found behind the VLAN tag of a DSL line', () => {
    expect(networkOf(`${MACS} 81 00 00 07 88 64 11 00 00 01 00 22 00 21`)).toEqual([0x0800, 26])
  })

  test.each([['link control', '88 64 11 00 00 01 00 04 c0 21']])('of %s holds no network layer', (_, rest) => {
    expect(networkOf(`${MACS} ${rest}`)).toBeNull()
  })
})

describe('a cut header', () => {
  test.each([
    ['nothing', '', ['ethernet', 0, 14, 0]],
    ['13 bytes', `${MACS} 08`, ['ethernet', 0, 14, 13]],
    ['a tag without its type', `${MACS} 81 00 00 64`, ['vlan', 14, 4, 2]],
    ['a second tag without its type', `${MACS} 81 00 00 64 81 00 00`, ['vlan', 18, 4, 1]],
    ['PPPoE without its protocol', `${MACS} 88 64 11 00 00 01 00 22 00`, ['pppoe', 14, 8, 7]],
  ])('is reported: %s', (_, bytes, stop) => {
    const frame = decodeFrame(hex(bytes))
    expect(stopOf(frame)).toEqual(stop)
    expect(frame.networkAt).toBe(-1)
  })
})
