// DNS messages with wrong counts, cut or damaged are read up to the damage, and never beyond their bytes.
import { decode } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { DnsType, MAX_RECORDS } from '../../../capture/wire/dns.ts'
import { damagedCopies, prefixesOf } from '../../support/damage.ts'
import { readDns } from '../../support/read-dns.ts'
import { dnsMessages } from '../../support/valid-messages.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'
import { dnsName } from '../../../server/sample/packets/dns-builder.ts'
import { HEADER, read, header, rest } from './dns-bytes.ts'

describe('counts', () => {
  test.each([
    ['questions', header(65_535), dnsName('a'), hex('0001 0001'), 32, 0],
    ['answers', header(0, 65_535), dnsName('a'), rest(hex('01020304')), 0, MAX_RECORDS],
    ['additional records', header(0, 0, 0, 65_535), dnsName('a'), rest(hex('')), 0, MAX_RECORDS],
  ])('of 65,535 %s are read up to a cap', (_, start, name, record, questions, records) => {
    const bytes = concat(start, ...Array.from({ length: 4000 }, () => concat(name, record)))
    const result = read(bytes)
    expect([result.questions.length, result.records.length, result.incomplete]).toEqual([questions, records, true])
  })

  test('larger than what is there give what is there', () => {
    const bytes = concat(
      header(1, 65_535),
      dnsName('a.example'),
      hex('0001 0001'),
      dnsName('a.example'),
      rest(hex('cb007109')),
    )
    expect(read(bytes)).toMatchObject({
      questions: [{ name: 'a.example' }],
      records: [{ data: '203.0.113.9' }],
      incomplete: true,
    })
  })

  test('smaller than what is there leave the rest alone', () => {
    expect(
      read(concat(header(0, 1), dnsName('a'), rest(hex('cb007109')), dnsName('b'), rest(hex('cb007109')))),
    ).toMatchObject({ records: [{ name: 'a' }], incomplete: false })
  })
})

describe('damage', () => {
  const question = concat(dnsName('a.example'), hex('0001 0001'))

  test.each([
    ['a question without its type', concat(header(1), dnsName('a.example'), hex('0001 00')), 0],
    ['a question with a label of 64 bytes', concat(header(1), hex('40'), new Uint8Array(80)), 0],
    ['a second question that is damaged', concat(header(2), question, hex('ff')), 1],
  ])('in %s leaves the questions before it', (_, bytes, questions) => {
    expect(read(bytes)).toMatchObject({ incomplete: true, records: [] })
    expect(read(bytes).questions).toHaveLength(questions)
  })

  test.each([
    ['without its length', concat(dnsName('a'), hex('0001 0001 0000003c 00'))],
    ['whose data is longer than the message', concat(dnsName('a'), hex('0001 0001 0000003c 0005 01020304'))],
    ['whose data is 65,535 bytes', concat(dnsName('a'), hex('0001 0001 0000003c ffff 01020304'))],
    ['whose name does not end', hex('3f 616161')],
    [
      'whose name is longer than 255 bytes',
      concat(...Array.from({ length: 64 }, () => hex('03 616161')), hex('00'), rest(hex(''))),
    ],
  ])('of a record %s leaves the records before it', (_, damaged) => {
    const bytes = concat(header(1, 2), question, dnsName('a.example'), rest(hex('cb007109')), damaged)
    expect(read(bytes)).toMatchObject({
      questions: [{ name: 'a.example', type: 1 }],
      records: [{ data: '203.0.113.9' }],
      incomplete: true,
    })
    expect(read(bytes).records).toHaveLength(1)
  })

  test('of a name in a record does not harm the other records', () => {
    const bytes = concat(
      header(0, 3),
      dnsName('a'),
      rest(hex('cb007109')),
      hex('c0ff'),
      rest(hex('cb007109')),
      dnsName('c'),
      rest(hex('cb007109')),
    )
    expect(read(bytes).records.map((record) => record.name)).toEqual(['a', null, 'c'])
  })

  test('of a whole message cut anywhere leaves what came before', () => {
    for (const whole of dnsMessages()) {
      const expected = read(whole)
      for (const prefix of prefixesOf(whole)) {
        const result = readDns(prefix)
        expect(result === null).toBe(prefix.length < HEADER)
        if (result === null) continue
        expect(result.questions).toEqual(expected.questions.slice(0, result.questions.length))
        expect(result.records).toEqual(expected.records.slice(0, result.records.length))
        expect(result.incomplete).toBe(prefix.length < whole.length)
      }
    }
  })

  test('of any kind reads only the bytes it was given', () => {
    for (const bytes of damagedCopies(dnsMessages(), 3000, 91)) expect(readDns(bytes, 0)).toEqual(readDns(bytes, 0xff))
  })

  test('that cuts a pointer is not mended by the byte behind the message', () => {
    const bytes = concat(header(1, 1), question, dnsName('b.example'), rest(hex('c0'), DnsType.CNAME))
    // With this byte it would lead to the question.
    expect(readDns(bytes, HEADER)).toMatchObject({ records: [{ name: 'b.example', data: null }] })
  })

  test('that dns-packet takes is taken too, with the same questions', () => {
    let same = 0
    for (const bytes of damagedCopies(dnsMessages(), 1000, 92)) {
      const theirs = decodedOrNull(bytes)
      if (theirs === null) continue
      same++
      expect(read(bytes).questions).toHaveLength(theirs.questions?.length ?? 0)
    }
    expect(same).toBeGreaterThan(100)
  })
})

function decodedOrNull(bytes: Uint8Array): ReturnType<typeof decode> | null {
  try {
    return decode(Buffer.from(bytes))
  } catch {
    return null
  }
}
