// DNS messages byte by byte for the tests, and the result of reading them.
import { DnsMessage, readDnsMessage } from '../../../capture/wire/dns.ts'
import { nameAt, readDns, type ReadDns } from '../../support/read-dns.ts'
import { hex, u16, concat } from '../../../server/sample/packets/bytes.ts'

export const HEADER = 12

export function read(bytes: Uint8Array): ReadDns {
  const result = readDns(bytes)
  if (result === null) throw new Error('not read as DNS')
  return result
}

export function header(questions: number, answers = 0, authorities = 0, additionals = 0): Uint8Array {
  return concat(hex('0007 8180'), u16(questions), u16(answers), u16(authorities), u16(additionals))
}

/** A record without name: type A, class IN, 60 s. */
export function rest(data: Uint8Array, type = 1): Uint8Array {
  return concat(u16(type), hex('0001 0000003c'), u16(data.length), data)
}

/** The name whose wire form stands at `at` of a message that begins with `bytes`. */
export function nameIn(bytes: Uint8Array, at: number): string | null {
  const message = new DnsMessage()
  readDnsMessage(bytes, 0, bytes.length, message)
  return nameAt(message, at)
}
