// DNS and mDNS messages, with HTTPS records (RFC 9460).
import { encode, type Answer, type Packet as DnsPacket, type Question } from 'dns-packet'
import { type Address, ipBytes } from './addresses.ts'
import { concat, text, u16, u8 } from './bytes.ts'

/** The type number as dns-packet writes records it has no words for. */
export const HTTPS_TYPE = 'UNKNOWN_65'

export type HttpsParameters = {
  alpn?: string[]
  port?: number
  ipv4Hints?: Address[]
  ipv6Hints?: Address[]
  ech?: Uint8Array
}

export type RawRecord = { name: string; type: typeof HTTPS_TYPE; ttl: number; class: 'IN'; data: Buffer }

type Records = (Answer | RawRecord)[]

/** dns-packet's description of a message, HTTPS records included. */
export type DnsMessage = Pick<DnsPacket, 'type' | 'id' | 'flags'> & {
  questions?: (Question | { name: string; type: typeof HTTPS_TYPE })[]
  answers?: Records
  authorities?: Records
  additionals?: Records
}

/** A DNS or mDNS message; dns-packet does not compress names. */
export function dns(message: DnsMessage): Uint8Array {
  return Uint8Array.from(encode(message as DnsPacket))
}

/** An HTTPS resource record (RFC 9460) for `dns`'s answers; `target` '' is "the owner itself", priority 0 an alias. */
export function httpsRecord(
  name: string,
  priority: number,
  target: string,
  parameters: HttpsParameters = {},
  ttl = 300,
): RawRecord {
  return {
    name,
    type: HTTPS_TYPE,
    ttl,
    class: 'IN',
    data: Buffer.from(concat(u16(priority), dnsName(target), serviceParameters(parameters))),
  }
}

/** A name in wire form, uncompressed, RFC 1035, section 3.1. */
export function dnsName(name: string): Uint8Array {
  const labels = name
    .split('.')
    .filter((label) => label !== '')
    .map(text)
  return concat(...labels.flatMap((label) => [u8(label.length), label]), u8(0))
}

/** RFC 9460, section 2.2: keys in ascending order, each with a 16-bit length. */
function serviceParameters({ alpn, port, ipv4Hints, ech, ipv6Hints }: HttpsParameters): Uint8Array {
  const parts: Uint8Array[] = []
  const add = (key: number, value: Uint8Array): number => parts.push(u16(key), u16(value.length), value)
  if (alpn) add(1, concat(...alpn.map((id) => concat(u8(id.length), text(id)))))
  if (port !== undefined) add(3, u16(port))
  if (ipv4Hints) add(4, concat(...ipv4Hints.map(ipBytes)))
  if (ech) add(5, ech)
  if (ipv6Hints) add(6, concat(...ipv6Hints.map(ipBytes)))
  return concat(...parts)
}
