// DNS lookups of the synthetic home and their answers.
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import type { Random } from '../../../server/sample/packets/random.ts'
import type { Steps } from '../../../server/sample/packets/talk.ts'
import type { Device } from './home.ts'
import type { Service } from './services.ts'
import type { Wire } from './wire.ts'
import { u32, u16, u8, text, concat } from '../../../server/sample/packets/bytes.ts'
import { dnsName, httpsRecord, dns, HTTPS_TYPE } from '../../../server/sample/packets/dns-builder.ts'

type QueryType = 'A' | 'AAAA' | 'HTTPS'

const TYPE_NUMBER = { A: 1, CNAME: 5, AAAA: 28, HTTPS: 65 } as const
/** The question's name stands right after the 12 bytes of header: a pointer to it, RFC 1035, section 4.1.4. */
const QUESTION_AT = 12

/** One query and answer per type, all from one port, as getaddrinfo does it. */
export function* lookUp(wire: Wire, random: Random, device: Device, service: Service, types: QueryType[]): Steps {
  const port = random.integer(10_000, 60_999)
  const { party: resolver, address } = device.resolver
  const asked = types.map((type) => ({ type, id: random.integer(0, 0xffff) }))
  for (const { type, id } of asked) {
    const payload = dns({
      type: 'query',
      id,
      flags: 0x0100,
      questions: [{ name: service.name, type: type === 'HTTPS' ? HTTPS_TYPE : type }],
    })
    wire.ip(
      device,
      resolver,
      udpFrame({
        sourceMac: device.mac,
        destinationMac: resolver.mac,
        source: device.ipv4,
        destination: address,
        sourcePort: port,
        destinationPort: 53,
        payload,
        identification: id,
      }),
    )
    yield random.integer(20, 200)
  }
  yield resolver.place === 'internet' ? random.integer(8_000, 40_000) : random.integer(300, 25_000)
  for (const { type, id } of asked) {
    const payload = answerTo(random, service, type, id)
    wire.ip(
      resolver,
      device,
      udpFrame({
        sourceMac: resolver.mac,
        destinationMac: device.mac,
        source: address,
        destination: device.ipv4,
        sourcePort: 53,
        destinationPort: port,
        payload,
        identification: id,
      }),
    )
    yield random.integer(50, 3000)
  }
}

/**
 * As resolvers write it: recursion available, owner names compressed, the whole chain of aliases, then the addresses.
 */
function answerTo(random: Random, service: Service, type: QueryType, id: number): Uint8Array {
  const question = concat(dnsName(service.name), u16(TYPE_NUMBER[type]), u16(1))
  const records: Uint8Array[] = []
  let owner = QUESTION_AT
  let at = QUESTION_AT + question.length
  const add = (recordType: number, data: Uint8Array): void => {
    const record = concat(
      u16(0xc000 | owner),
      u16(recordType),
      u16(1),
      u32(random.integer(20, 600)),
      u16(data.length),
      data,
    )
    records.push(record)
    at += record.length
  }
  for (const alias of service.aliases) {
    const dataAt = at + 12
    add(TYPE_NUMBER.CNAME, aliasName(service.name, alias))
    owner = dataAt
  }
  if (type === 'HTTPS')
    add(TYPE_NUMBER.HTTPS, httpsRecord('', 1, '', { alpn: ['h3', 'h2'], ipv4Hints: service.ipv4 }).data)
  else for (const address of type === 'A' ? service.ipv4 : service.ipv6) add(TYPE_NUMBER[type], address)
  return concat(u16(id), u16(0x8180), u16(1), u16(records.length), u16(0), u16(0), question, ...records)
}

/** A name that begins with the question's cannot be compressed; one that ends with the same top-level label can. */
function aliasName(question: string, alias: string): Uint8Array {
  const last = question.slice(question.lastIndexOf('.') + 1)
  if (!alias.endsWith(`.${last}`)) return dnsName(alias)
  const labels = alias.slice(0, -last.length - 1).split('.')
  const pointer = 0xc000 | (QUESTION_AT + question.length - last.length)
  return concat(...labels.flatMap((label) => [u8(label.length), text(label)]), u16(pointer))
}
