// The network layer is found behind both headers of Linux's "any" interface.
import { describe, expect, test } from 'vitest'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { decodeFrame, macOf, stopOf } from '../../support/decode-frame.ts'
import { hex } from '../../../server/sample/packets/bytes.ts'

const COOKED = { linkType: LinkType.LinuxCooked }
const COOKED2 = { linkType: LinkType.LinuxCooked2 }

describe('version 1', () => {
  test.each([
    ['to us', '00 00', false],
    ['broadcast', '00 01', true],
    ['multicast', '00 02', true],
    ['to another host', '00 03', false],
    ['sent by us', '00 04', false],
  ])('gives a packet %s, its sender and its EtherType', (_, type, toGroup) => {
    const frame = decodeFrame(hex(`${type} 00 01 00 06 02 00 00 00 00 0a 00 00 08 06`), COOKED)
    expect([macOf(frame), frame.toGroup, frame.etherType, frame.networkAt - frame.at, frame.stopped]).toEqual([
      '02:00:00:00:00:0a',
      toGroup,
      0x0806,
      16,
      null,
    ])
  })

  test.each([
    ['Ethernet', '00 01 00 06', '02:00:00:00:00:0a'],
    ['Wi-Fi', '03 21 00 06', '02:00:00:00:00:0a'],
    ['Wi-Fi with radiotap header', '03 23 00 06', '02:00:00:00:00:0a'],
    ['PPP, whose address is no MAC', '02 00 00 06', '00:00:00:00:00:00'],
    ['a tunnel with four bytes of address', '03 00 00 04', '00:00:00:00:00:00'],
    ['Ethernet with eight bytes of address', '00 01 00 08', '00:00:00:00:00:00'],
  ])('takes a MAC from %s', (_, hardware, mac) => {
    expect(macOf(decodeFrame(hex(`00 00 ${hardware} 02 00 00 00 00 0a 00 00 08 06`), COOKED))).toBe(mac)
  })

  test('steps over a VLAN tag', () => {
    const frame = decodeFrame(hex('00 00 00 01 00 06 02 00 00 00 00 0a 00 00 81 00 00 64 08 06'), COOKED)
    expect([frame.etherType, frame.networkAt - frame.at]).toEqual([0x0806, 20])
  })

  test('has no network layer for the frames that are no Ethernet II', () => {
    expect(
      decodeFrame(hex('00 00 00 01 00 06 02 00 00 00 00 0a 00 00 00 04 42 42 03 00 00 00 00 00'), COOKED).networkAt,
    ).toBe(-1)
  })

  test('cut short is reported', () => {
    expect(stopOf(decodeFrame(hex('00 00 00 01 00 06 02 00 00 00 00 0a 00 00 08'), COOKED))).toEqual([
      'cooked',
      0,
      16,
      15,
    ])
  })
})

describe('version 2', () => {
  test.each([
    ['to us', '00', false],
    ['broadcast', '01', true],
    ['multicast', '02', true],
    ['sent by us', '04', false],
  ])('gives a packet %s, its sender and its EtherType', (_, type, toGroup) => {
    const frame = decodeFrame(hex(`08 06 00 00 00 00 00 03 00 01 ${type} 06 02 00 00 00 00 0a 00 00`), COOKED2)
    expect([macOf(frame), frame.toGroup, frame.etherType, frame.networkAt - frame.at, frame.stopped]).toEqual([
      '02:00:00:00:00:0a',
      toGroup,
      0x0806,
      20,
      null,
    ])
  })

  test('takes no MAC from a tunnel', () => {
    expect(macOf(decodeFrame(hex('08 06 00 00 00 00 00 03 03 08 00 06 02 00 00 00 00 0a 00 00'), COOKED2))).toBe(
      '00:00:00:00:00:00',
    )
  })

  test('cut short is reported', () => {
    expect(stopOf(decodeFrame(hex('08 06 00 00 00 00 00 03 00 01 00 06 02 00 00 00 00 0a 00'), COOKED2))).toEqual([
      'cooked',
      0,
      20,
      19,
    ])
  })
})
