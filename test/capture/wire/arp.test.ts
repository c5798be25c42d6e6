// ARP messages give the holder of an address, and nothing where they prove nothing.
import { describe, expect, test } from 'vitest'
import { readArp } from '../../support/core-frame.ts'
import { decodeFrame, ipv4Text, macOf, stopOf } from '../../support/decode-frame.ts'
import { ethernet, ETHERTYPE } from '../../../server/sample/packets/packet-builder.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const REQUEST = '0001 0800 06 04 0001 fe000000000a c0a80114 000000000000 c0a80101'

function read(bytes: Uint8Array): { mac: string; address: string } | null {
  const frame = decodeFrame(ethernet('02:00:00:00:00:02', 'ff:ff:ff:ff:ff:ff', ETHERTYPE.arp, bytes))
  const message = readArp(frame)
  return message === null ? null : { mac: macOf(message), address: ipv4Text(message.address) }
}

describe('ARP', () => {
  test.each([
    ['a request', REQUEST],
    ['a reply', REQUEST.replace('0001 fe', '0002 fe')],
    ['a gratuitous announcement', '0001 0800 06 04 0001 fe000000000a c0a80114 000000000000 c0a80114'],
    ['a message over hardware that numbers like Ethernet (IEEE 802, 6)', REQUEST.replace('0001 0800', '0006 0800')],
  ])('gives the sender of %s', (_, bytes) => {
    expect(read(hex(bytes))).toEqual({ mac: 'fe:00:00:00:00:0a', address: '192.168.1.20' })
  })

  test('is read with the padding of a short frame behind it', () => {
    expect(read(concat(hex(REQUEST), new Uint8Array(18)))).not.toBeNull()
  })

  test.each([
    [
      'a probe, which asks before it holds the address',
      '0001 0800 06 04 0001 fe000000000a 00000000 000000000000 c0a80114',
    ],
    ['a sender without MAC', '0001 0800 06 04 0001 000000000000 c0a80114 000000000000 c0a80101'],
    ['a group as sender', '0001 0800 06 04 0001 01005e000001 c0a80114 000000000000 c0a80101'],
    ['another protocol', '0001 86dd 06 04 0001 fe000000000a c0a80114 000000000000 c0a80101'],
    ['hardware addresses of eight bytes', '0001 0800 08 04 0001 fe000000000a c0a80114 000000000000 c0a80101'],
    ['protocol addresses of sixteen bytes', '0001 0800 06 10 0001 fe000000000a c0a80114 000000000000 c0a80101'],
  ])('proves nothing: %s', (_, bytes) => {
    expect(read(hex(bytes))).toBeNull()
  })

  test('with only the four low bytes of a MAC has a sender', () => {
    expect(read(hex('0001 0800 06 04 0001 000000000001 c0a80114 000000000000 c0a80101'))).toEqual({
      mac: '00:00:00:00:00:01',
      address: '192.168.1.20',
    })
  })

  test('cut short proves nothing, and says where it is cut', () => {
    const frame = decodeFrame(
      ethernet('02:00:00:00:00:02', 'ff:ff:ff:ff:ff:ff', ETHERTYPE.arp, hex(REQUEST).subarray(0, 27)),
    )
    expect(frame.stopped).toBeNull()
    expect(readArp(frame)).toBeNull()
    expect(stopOf(frame)).toEqual(['arp', 14, 28, 27])
  })
})
