// Questions, records and names of DNS messages are read; reading of a hostile message stops at once.
import { encode, type Answer } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { readerCore } from '../../../capture/reader-core.ts'
import {
  DnsMessage,
  DnsName,
  DnsType,
  MAX_RECORDS,
  readDnsMessage,
  readName,
  skipName,
} from '../../../capture/wire/dns.ts'
import { newCore, place } from '../../support/core.ts'
import { inCore } from '../../support/in-core.ts'
import { readDns } from '../../support/read-dns.ts'
import { dnsMessages } from '../../support/valid-messages.ts'
import { hex, u16, u8, text, concat } from '../../../server/sample/packets/bytes.ts'
import { dnsName, dns } from '../../../server/sample/packets/dns-builder.ts'
import { HEADER, read, header, rest, nameIn } from './dns-bytes.ts'

describe('a message', () => {
  test('gives its header', () => {
    expect(read(hex('abcd 8583 0000 0000 0000 0000'))).toEqual({
      id: 0xabcd,
      isResponse: true,
      opcode: 0,
      responseCode: 3,
      questions: [],
      records: [],
      incomplete: false,
    })
    expect(read(hex('0001 2900 0000 0000 0000 0000'))).toMatchObject({ isResponse: false, opcode: 5, responseCode: 0 })
  })

  test('shorter than a header is none', () => {
    expect(readDns(hex('abcd 8583 0000 0000 0000 00'))).toBeNull()
  })

  test.each<[string, Answer, number, string]>([
    ['A', { type: 'A', name: 'a.example', ttl: 300, data: '203.0.113.9' }, DnsType.A, '203.0.113.9'],
    ['AAAA', { type: 'AAAA', name: 'a.example', ttl: 300, data: '2001:db8::9' }, DnsType.AAAA, '2001:db8::9'],
    ['CNAME', { type: 'CNAME', name: 'a.example', ttl: 300, data: 'b.example' }, DnsType.CNAME, 'b.example'],
    [
      'PTR',
      { type: 'PTR', name: '_hap._tcp.local', ttl: 300, data: 'Küche 1._hap._tcp.local' },
      DnsType.PTR,
      'Küche 1._hap._tcp.local',
    ],
    ['NS', { type: 'NS', name: 'example', ttl: 300, data: 'ns.example' }, DnsType.NS, 'ns.example'],
    [
      'SRV',
      {
        type: 'SRV',
        name: 'x._hap._tcp.local',
        ttl: 300,
        data: { port: 80, target: 'lamp.local', priority: 1, weight: 2 },
      },
      DnsType.SRV,
      'lamp.local',
    ],
    ['TXT', { type: 'TXT', name: 'a.example', ttl: 300, data: ['a=1', 'b'] }, DnsType.TXT, '03613d310162'],
  ])('gives back the %s record that dns-packet wrote', (_, answer, type, data) => {
    const message = encode({
      type: 'response',
      id: 3,
      questions: [{ type: 'ANY' as 'A', name: answer.name }],
      answers: [answer],
    })
    expect(read(message)).toMatchObject({
      questions: [{ name: answer.name, type: 255 }],
      records: [{ section: 0, name: answer.name, type, ttl: 300, data }],
      incomplete: false,
    })
  })

  test('keeps the sections apart', () => {
    const record = (name: string): Answer => ({ type: 'A', name, data: '192.0.2.1' })
    const message = dns({
      type: 'response',
      answers: [record('a'), record('b')],
      authorities: [record('c')],
      additionals: [record('d')],
    })
    expect(read(message).records.map(({ section, name }) => [section, name])).toEqual([
      [0, 'a'],
      [0, 'b'],
      [1, 'c'],
      [2, 'd'],
    ])
  })

  test('keeps a lifetime of more than 2^31 seconds', () => {
    expect(read(concat(header(0, 1), hex('00 0001 0001 ffffffff 0000'))).records).toMatchObject([{ ttl: 0xffffffff }])
  })

  test('keeps every bit of the class out of the type', () => {
    expect(read(concat(header(1), dnsName('lamp.local'), hex('00ff 8001'))).questions).toEqual([
      { name: 'lamp.local', type: 255 },
    ])
  })

  test('is read the same with anything behind it', () => {
    const message = dnsMessages()[2]
    expect(readDns(concat(message, text('more')))).toEqual(readDns(message))
  })
})

describe('a name', () => {
  test('is written without the trailing dot, the root as nothing', () => {
    expect(nameIn(concat(header(0), dnsName('a.bc.def')), HEADER)).toBe('a.bc.def')
    expect(nameIn(concat(header(0), hex('00')), HEADER)).toBe('')
  })

  test('keeps its case', () => {
    expect(nameIn(concat(header(0), dnsName('wWw.ExAmple')), HEADER)).toBe('wWw.ExAmple')
  })

  test.each([
    ['a dot in a label', '03 612e62 00', 'a\\.b'],
    ['a backslash', '03 615c62 00', 'a\\\\b'],
    ['controls and DEL', '04 00 09 1f 7f 00', '\\000\\009\\031\\127'],
    ['a blank, as service names have it', '03 612062 00', 'a b'],
    ['UTF-8', '04 4bc3bc63 00', 'Küc'],
  ])('writes %s so that it is distinct from others', (_, wire, expected) => {
    expect(nameIn(concat(header(0), hex(wire)), HEADER)).toBe(expected)
  })

  test('keeps bytes that are no UTF-8 as they are', () => {
    const bytes = concat(header(0), hex('02 ff80 00'))
    const [message, name] = [new DnsMessage(), new DnsName()]
    readDnsMessage(bytes, 0, bytes.length, message)
    expect(readName(message, HEADER, name)).toBe(bytes.length)
    expect(name.bytes.subarray(0, name.length)).toEqual(hex('ff80'))
  })

  test('may have labels of 63 bytes and 255 bytes in all, and no more', () => {
    const label = (length: number): Uint8Array => concat(u8(length), new Uint8Array(length).fill(0x61))
    const longest = concat(label(63), label(63), label(63), label(61), u8(0))
    expect(longest.length).toBe(255)
    expect(nameIn(concat(header(0), longest), HEADER)).toHaveLength(253)
    expect(nameIn(concat(header(0), label(63), label(63), label(63), label(62), u8(0)), HEADER)).toBeNull()
    expect(nameIn(concat(header(0), hex('40'), new Uint8Array(64), u8(0)), HEADER)).toBeNull()
    expect(nameIn(concat(header(0), hex('bf'), new Uint8Array(200), u8(0)), HEADER)).toBeNull()
  })

  test('of the greatest length fits its text even where every byte is escaped', () => {
    const label = (length: number): Uint8Array => concat(u8(length), new Uint8Array(length))
    const name = nameIn(concat(header(0), label(63), label(63), label(63), label(61), u8(0)), HEADER)
    expect(name).toBe([63, 63, 63, 61].map((length) => '\\000'.repeat(length)).join('.'))
  })

  test('that ends without its zero is damaged', () => {
    expect(nameIn(concat(header(0), hex('03 6162')), HEADER)).toBeNull()
    expect(nameIn(concat(header(0), hex('02 6162')), HEADER)).toBeNull()
    expect(nameIn(header(0), HEADER)).toBeNull()
  })
})

describe('compression', () => {
  const message = concat(header(0), dnsName('lamp.example'), hex('03 617069 c00c'), hex('c01a'))

  test('continues a name where it stood before', () => {
    expect(nameIn(message, HEADER + 14)).toBe('api.lamp.example')
    expect(nameIn(message, HEADER + 14 + 6)).toBe('api.lamp.example')
  })

  test('gives the end of the name in the record, not where it is continued', () => {
    const [read, name] = [new DnsMessage(), new DnsName()]
    readDnsMessage(message, 0, message.length, read)
    expect(readName(read, HEADER + 14, name)).toBe(HEADER + 20)
    expect(readName(read, HEADER + 20, name)).toBe(HEADER + 22)
    expect(skipName(message, HEADER + 14, message.length)).toBe(HEADER + 20)
  })

  test('may point into the middle of what was written as one label', () => {
    // Label "\x01a\x00" holds the wire form of "a".
    expect(nameIn(concat(header(0), hex('03 016100 00 c00d')), HEADER + 5)).toBe('a')
  })

  test.each([
    ['at itself', 'c00c'],
    ['forward', 'c00e 0161 00'],
    ['at the start of its own name', '0161 c00c'],
    ['behind the end', 'c0ff'],
    ['into the header', 'c00b'],
    ['at the first byte of the message', 'c000'],
    ['with only one byte', 'c0'],
  ])('%s is damage', (_, wire) => {
    expect(nameIn(concat(header(0), hex(wire)), HEADER)).toBeNull()
  })

  test('that goes back and forth is damage', () => {
    // 12: -> 14, 14: -> 12; and a name at 16 -> 14 -> 12 -> 14.
    const bytes = concat(header(0), hex('c00e c00c c00e'))
    for (const at of [12, 14, 16]) expect(nameIn(bytes, at)).toBeNull()
  })

  test('is followed twenty times for one name and not oftener', () => {
    const chain = (hops: number): Uint8Array =>
      concat(
        header(0),
        dnsName('a'),
        ...Array.from({ length: hops }, (_, index) =>
          u16(0xc000 | (index === 0 ? HEADER : HEADER + 3 + 2 * (index - 1))),
        ),
      )
    const last = (hops: number): string | null => nameIn(chain(hops), HEADER + 3 + 2 * (hops - 1))
    expect(last(20)).toBe('a')
    expect(last(21)).toBeNull()
  })

  test('in a chain of 8,000 pointers ends after the first twenty, for every record', () => {
    // The chain stands in the data of the first record: each pointer leads to the one before.
    const dataAt = HEADER + 1 + 10
    const chain = concat(
      ...Array.from({ length: 8000 }, (_, index) => u16(0xc000 | (index === 0 ? dataAt : dataAt + 2 * (index - 1)))),
    )
    const owner = u16(0xc000 | (dataAt + 2 * 7999))
    const records = Array.from({ length: 3000 }, () => concat(owner, rest(hex('01020304'))))
    const bytes = concat(header(0, 3001), hex('00'), rest(chain, 16), ...records)
    expect(bytes.length).toBeGreaterThan(63_000)
    const message = new DnsMessage()
    readDnsMessage(bytes, 0, bytes.length, message)
    const name = new DnsName()
    for (let index = 1; index < message.recordCount; index++)
      expect(readName(message, message.recordAt[index], name)).toBe(-1)
    expect(message).toMatchObject({ recordCount: MAX_RECORDS, incomplete: true })
    // The same with owners that have 21 pointers before them: following all 8,000 takes a hundred times as long.
    const short = bytes.map((byte, at) => (at >= bytes.length - 3000 * 16 ? shortOwner(byte, at) : byte))
    expect(timeOfNames(bytes)).toBeLessThan(10 * timeOfNames(short))

    function shortOwner(byte: number, at: number): number {
      const place = (at - bytes.length + 3000 * 16) % 16
      return place < 2 ? u16(0xc000 | (dataAt + 2 * 21))[place] : byte
    }
  })

  test('of a name that grows beyond 255 bytes is damage', () => {
    const label = concat(u8(63), new Uint8Array(63).fill(0x61))
    const long = concat(label, label, label, u8(0))
    expect(nameIn(concat(header(0), long, label, u16(0xc00c)), HEADER + long.length)).toBeNull()
    expect(
      nameIn(concat(header(0), long, u8(61), new Uint8Array(61).fill(0x62), u16(0xc00c)), HEADER + long.length),
    ).toHaveLength(253)
  })
})

describe('a message that repeats the longest name in every record', () => {
  const label = (length: number): Uint8Array => concat(u8(length), new Uint8Array(length).fill(0x61))
  const longest = concat(label(63), label(63), label(63), label(61), u8(0))
  const bytes = concat(
    header(1, 500),
    longest,
    hex('0001 0001'),
    ...Array.from({ length: 500 }, () => concat(hex('c00c'), rest(hex('cb007109')))),
  )

  test('is given its names up to as many bytes as the longest message holds', () => {
    // 254 bytes each, without the closing zero: 258 of them stay below 65,536, one more passes it.
    const names = [...read(bytes).questions, ...read(bytes).records].map(({ name }) => name)
    expect(names).toHaveLength(501)
    expect(names.findIndex((name) => name === null)).toBe(259)
    expect(names.slice(259).every((name) => name === null)).toBe(true)
  })

  test('does not spoil the message after it', () => {
    const [message, name] = [new DnsMessage(), new DnsName()]
    readDnsMessage(bytes, 0, bytes.length, message)
    for (let index = 0; index < message.recordCount; index++) readName(message, message.recordAt[index], name)
    expect(readName(message, HEADER, name)).toBe(-1)
    readDnsMessage(bytes, 0, bytes.length, message)
    expect(readName(message, HEADER, name)).toBe(HEADER + 255)
  })

  test('leaves the names of the largest message of multicast DNS alone', () => {
    const name = '_services._dns-sd._udp.a-rather-long-name-of-a-home.local'
    const records = Array.from({ length: 450 }, () => concat(hex('c00c'), rest(hex('c00c'), 12)))
    const large = concat(header(1, 450), dnsName(name), hex('000c 0001'), ...records)
    expect(read(large).records.every((record) => record.name === name && record.data === name)).toBe(true)
  })
})

/** Milliseconds that the names of the message's records take, all but the first: the best of ten times. */
function timeOfNames(bytes: Uint8Array): number {
  const placed = inCore({ bytes, at: 0, end: bytes.length })
  const message = new DnsMessage()
  readDnsMessage(placed.bytes, placed.at, placed.end, message)
  const { exports } = readerCore()
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now()
    for (let index = 1; index < message.recordCount; index++) exports.readDnsName(message.recordAt[index])
    return performance.now() - start
  })
  return Math.min(...times)
}

describe('messages in the memory of a core', () => {
  const name = new DnsName()
  const text = (message: DnsMessage, at: number): string => {
    readName(message, at, name)
    return Buffer.from(name.bytes.subarray(0, name.length)).toString()
  }

  test('are read in place, with offsets in all of it, and stay readable when it grows', () => {
    const core = newCore()
    const bytes = dns({ type: 'response', answers: [{ type: 'A', name: 'lamp.example', data: '203.0.113.9' }] })
    const at = place(core, bytes)
    const message = new DnsMessage(core)
    expect(readDnsMessage(core.bytes, at, at + bytes.length, message)).toBe(true)
    expect(message).toMatchObject({ start: at, end: at + bytes.length, recordCount: 1 })
    const before = core.bytes
    core.exports.allocate(1 << 24)
    expect(before).toHaveLength(0)
    expect(text(message, message.recordAt[0])).toBe('lamp.example')
    expect([...message.bytes.subarray(message.rdataAt[0], message.rdataEnd[0])]).toEqual([203, 0, 113, 9])
  })

  test('are read in turns with others that lie elsewhere', () => {
    const core = newCore()
    const [one, two] = ['one.example', 'two.example'].map((name) =>
      dns({ type: 'query', questions: [{ type: 'A', name }] }),
    )
    const at = place(core, one)
    const messages = [new DnsMessage(core), new DnsMessage(core), new DnsMessage(core)]
    readDnsMessage(core.bytes, at, at + one.length, messages[0])
    readDnsMessage(two, 0, two.length, messages[1])
    readDnsMessage(one, 0, one.length, messages[2])
    for (let round = 0; round < 2; round++)
      expect(messages.map((message) => text(message, message.questionAt[0]))).toEqual([
        'one.example',
        'two.example',
        'one.example',
      ])
  })
})
