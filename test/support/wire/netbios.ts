// NetBIOS messages, RFC 1001 and 1002.
import { type Address, ipBytes } from '../../../server/sample/packets/addresses.ts'
import { concat, hex, u16, u32, u8 } from '../../../server/sample/packets/bytes.ts'

export const OPERATION = { query: 0, registration: 5, release: 6, refresh: 8, multihomed: 15 } as const

export interface NetbiosFields {
  name: string | Uint8Array
  address: Address
  /** The last byte of the name. */
  suffix?: number
  operation?: number
  isGroup?: boolean
  isResponse?: boolean
}

function lettersOf(name: string | Uint8Array): Uint8Array {
  const letters = new Uint8Array(15).fill(0x20)
  letters.set(typeof name === 'string' ? Buffer.from(name, 'latin1') : name)
  return letters
}

/** First-level encoding: a label of 32 letters, and the root. */
export function encodedName(name: string | Uint8Array, suffix = 0): Uint8Array {
  const letters = [...lettersOf(name), suffix].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 0x0f)])
  return concat(u8(32), Uint8Array.from(letters), u8(0))
}

/** A request with the name in its question and the address in its additional record, or an answer with both. */
export function netbiosName(fields: NetbiosFields): Uint8Array {
  const { name, address, suffix = 0, operation = OPERATION.registration, isGroup = false, isResponse = false } = fields
  const flags = (isResponse ? 0x8500 : 0x0110) | (operation << 11)
  const data = concat(u16(0x20), u16(1), u32(300_000), u16(6), u16(isGroup ? 0x8000 : 0), ipBytes(address))
  const encoded = encodedName(name, suffix)
  if (isResponse) return concat(u16(7), u16(flags), hex('0000 0001 0000 0000'), encoded, data)
  return concat(u16(7), u16(flags), hex('0001 0000 0000 0001'), encoded, hex('0020 0001'), hex('c00c'), data)
}

/** What a host answers when its status is asked: each name with its suffix and whether it is a group's. */
export function netbiosStatus(names: [name: string, suffix: number, isGroup: boolean][]): Uint8Array {
  const entries = names.map(([name, suffix, isGroup]) =>
    concat(lettersOf(name), u8(suffix), u16(isGroup ? 0x8400 : 0x0400)),
  )
  const data = concat(u8(names.length), ...entries, new Uint8Array(46))
  const asked = encodedName(Uint8Array.from([0x2a, ...new Uint8Array(14)]))
  return concat(u16(7), hex('8400 0000 0001 0000 0000'), asked, hex('0021 0001 00000000'), u16(data.length), data)
}

/** A datagram to the browsers of a workgroup. */
export function netbiosDatagram({ name, address, suffix = 0 }: NetbiosFields): Uint8Array {
  const body = concat(encodedName(name, suffix), encodedName('WORKGROUP', 0x1d), hex('ff534d4225'), new Uint8Array(80))
  return concat(hex('110a 0001'), ipBytes(address), u16(138), u16(body.length), u16(0), body)
}
