// NetBIOS messages as they stand in RFC 1001 and 1002, and what is left of damaged ones.
import { describe, expect, test } from 'vitest'
import { readNetbiosDatagram, readNetbiosName } from '../../../capture/wire/netbios.ts'
import { netbiosDatagram, netbiosName, netbiosStatus, OPERATION } from '../../support/wire/netbios.ts'

const ADDRESS = 0xc0a80132 | 0
const address = '192.168.1.50'
const read = (bytes: Uint8Array): unknown => readNetbiosName(bytes, 0, bytes.length, ADDRESS)

describe('a message of the name service', () => {
  test('registers a name with an address', () => {
    expect(read(netbiosName({ name: 'ANNA-PC', address }))).toEqual({
      isClaim: true,
      hosts: [{ name: 'ANNA-PC', address: ADDRESS }],
    })
  })

  test('that asks, releases or refuses tells nothing', () => {
    const refusal = netbiosName({ name: 'ANNA-PC', address, operation: OPERATION.query, isResponse: true })
    refusal[3] |= 3
    const operations = [OPERATION.query, OPERATION.release]
    const messages = operations.map((operation) => netbiosName({ name: 'ANNA-PC', address, operation }))
    expect([...messages, refusal].map(read)).toEqual([null, null, null])
  })

  test('of a status gives the names of the sender that are its own', () => {
    const status = netbiosStatus([
      ['WORKGROUP', 0x00, true],
      ['MAX-PC', 0x00, false],
      ['MAX-PC', 0x20, false],
      ['MAX', 0x03, false],
    ])
    const own = { name: 'MAX-PC', address: ADDRESS }
    expect(read(status)).toEqual({ isClaim: false, hosts: [own, own] })
  })

  test('cut anywhere, or with a name that is not encoded, is refused without an error', () => {
    const whole = netbiosName({ name: 'ANNA-PC', address })
    for (let length = 0; length < whole.length; length++) expect(read(whole.subarray(0, length))).toBeNull()
    const damaged = whole.slice()
    damaged[14] = 0x5a
    expect(read(damaged)).toBeNull()
  })

  test('whose pointer leads into its header or behind its end names nobody', () => {
    const whole = netbiosName({ name: 'ANNA-PC', address })
    const pointer = whole.findIndex((byte, at) => byte === 0xc0 && whole[at + 1] === 0x0c)
    for (const target of [0, 4, 0xff]) {
      const wrong = whole.slice()
      wrong[pointer + 1] = target
      expect(read(wrong)).toBeNull()
    }
  })
})

describe('a datagram', () => {
  test('names its sender by the address in its header', () => {
    const bytes = netbiosDatagram({ name: 'ANNA-PC', address })
    expect(readNetbiosDatagram(bytes, 0, bytes.length)?.hosts).toEqual([{ name: 'ANNA-PC', address: ADDRESS }])
  })

  test('of a master browser, of another type or too short names nobody', () => {
    const master = netbiosDatagram({ name: 'WORKGROUP', address, suffix: 0x1d })
    const other = netbiosDatagram({ name: 'ANNA-PC', address })
    other[0] = 0x13
    for (const bytes of [master, other, netbiosDatagram({ name: 'ANNA-PC', address }).subarray(0, 40)])
      expect(readNetbiosDatagram(bytes, 0, bytes.length)).toBeNull()
  })
})
