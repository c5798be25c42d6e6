// Our reader's result for a DNS message, in the form of dns-packet.
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { embed } from './damage.ts'
import { inCore } from './in-core.ts'
import { ipText } from '../../server/sample/packets/addresses.ts'

export interface ReadRecord {
  section: number
  name: string | null
  type: number
  ttl: number
  /** The address, or the name that the record leads to, where its type has one; else the bytes in hex. */
  data: string | null
}

export interface ReadDns {
  id: number
  isResponse: boolean
  opcode: number
  responseCode: number
  questions: { name: string | null; type: number }[]
  records: ReadRecord[]
  incomplete: boolean
}

const text = new TextDecoder()

/** The text of a name as the reader writes it, null where it is damaged. */
export function nameAt(message: DnsMessage, at: number): string | null {
  const name = new DnsName()
  return readName(message, at, name) < 0 ? null : text.decode(name.bytes.subarray(0, name.length))
}

/** Everything the reader says, null where there is no header. The message lies in the middle of a larger buffer. */
export function readDns(bytes: Uint8Array, guard = 0xa5): ReadDns | null {
  const embedded = inCore(embed(bytes, guard))
  const message = new DnsMessage()
  if (!readDnsMessage(embedded.bytes, embedded.at, embedded.end, message)) return null
  const { id, isResponse, opcode, responseCode, incomplete } = message
  return {
    id,
    isResponse,
    opcode,
    responseCode,
    incomplete,
    questions: Array.from({ length: message.questionCount }, (_, index) => ({
      name: nameAt(message, message.questionAt[index]),
      type: message.questionType[index],
    })),
    records: Array.from({ length: message.recordCount }, (_, index) => ({
      section: message.recordSection[index],
      name: nameAt(message, message.recordAt[index]),
      type: message.recordType[index],
      ttl: message.recordSeconds[index],
      data: dataOf(message, index),
    })),
  }
}

function dataOf(message: DnsMessage, index: number): string | null {
  const data = message.bytes.subarray(message.rdataAt[index], message.rdataEnd[index])
  switch (message.recordType[index]) {
    case DnsType.A:
    case DnsType.AAAA:
      return ipText(data)
    case DnsType.CNAME:
    case DnsType.PTR:
    case DnsType.NS:
      return nameAt(message, message.rdataAt[index])
    case DnsType.SRV:
      return nameAt(message, message.rdataAt[index] + 6)
    default:
      return Buffer.from(data).toString('hex')
  }
}

/**
 * The name without escapes (RFC 1035 section 5.1) and without what is no UTF-8, as dns-packet writes it; '.' for the
 * root.
 */
export function plainName(name: string): string {
  const bytes: number[] = []
  for (let at = 0, source = Buffer.from(name); at < source.length;) {
    const digits = source.toString('latin1', at + 1, at + 4)
    if (source[at] !== 0x5c) bytes.push(source[at++])
    else if (/^\d{3}$/.test(digits)) {
      bytes.push(Number(digits))
      at += 4
    } else {
      bytes.push(source[at + 1])
      at += 2
    }
  }
  return bytes.length === 0 ? '.' : Buffer.from(bytes).toString('utf8')
}
