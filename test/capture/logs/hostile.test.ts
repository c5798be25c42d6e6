// No line, however long or strange, makes a parser throw or take more than linear time.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { createLogParser, TEXT_FORMATS } from '../../../capture/logs/formats.ts'
import { nameOf } from '../../../capture/logs/names.ts'
import { MAX_LINE_LENGTH } from '../../../capture/logs/record.ts'
import { now } from './read-log.ts'

const STARTS = [
  '',
  'Nov 24 10:00:00 dnsmasq[7]: ',
  'Nov 24 10:00:00 dnsmasq[7]: query[A] ',
  'Nov 24 10:00:00 dnsmasq[7]: 1 10.0.0.5/1 reply ',
  '[1795383622] unbound[1:0] info: ',
  '22-Nov-2026 21:41:02.271 queries: info: client @0x7f 10.0.0.5#1 (',
  'client @0x7f 10.0.0.5#1 (x): query: ',
  '{"IP":"10.0.0.5","QH":"',
  '{"query":"',
  '#fields\t',
  '#separator ',
  '1.5\t',
  '[2026-11-24 10:00:00 UTC] [10.0.0.5:1] [UDP] QNAME: ',
  '2026-11-24T10:00:00.000Z,a.example,A,false,DoH,10.0.0.5,"',
  '{"queryTime":"2026-11-24T10:00:00Z","sourceIp":"10.0.0.5","question":"',
  '[{"a":',
  '[INFO] 10.0.0.5:1 - 1 "A IN ',
  '[2026-11-24 10:00:00]\t10.0.0.5\t',
  '2026-11-24 10:00:00\t10.0.0.5\tcam\t1\tR\t',
  '[2026-11-24 10:00:00]  INFO queryLog: query resolved answer=A (',
  'DNS-reply,Nov 24 10:00:00,reply,A,A,60,',
  '{"timestamp":"2026-11-24T10:00:00Z","event_type":"dns","src_ip":"10.0.0.5","dest_ip":"10.0.0.1","dns":{"rrname":"',
  'time,client,domain\n',
]
const PIECES = [
  'a',
  ' ',
  '.',
  '\\',
  '"',
  '(',
  ' from ',
  ' is ',
  '1',
  'x: ',
  '\t',
  '[',
  '{"a":',
  ':',
  '::',
  '<',
  '\\x',
  'a ',
  '1.',
  '%',
  ',',
  '""',
  '"",',
  'A (',
  'a=',
  '; ',
  '[[',
]

const FORMATS = TEXT_FORMATS.map(({ id }) => id)

describe('every log parser', () => {
  test.each(FORMATS)('%s does not look into a line of a megabyte', (format) => {
    const parser = createLogParser(format, now)
    for (const start of STARTS) {
      for (const piece of PIECES) {
        // What is too long is not looked at: the time does not depend on the clock to be tested.
        const line = start + piece.repeat(1_000_000 / piece.length)
        expect(line.length).toBeGreaterThan(MAX_LINE_LENGTH)
        expect(parser.parse(line)).toEqual([])
      }
    }
  })

  test.each(FORMATS)('%s never throws and never gives a name that no wire could carry', (format) => {
    const part = fc.oneof(
      fc.constantFrom(...STARTS),
      fc.constantFrom(...PIECES),
      fc.string(),
      fc.constantFrom('10.0.0.5', 'a.example', ' IN A + (::1)', ' A IN', '"}', '\n'),
    )
    const parser = createLogParser(format, now)
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        for (const record of parser.parse(parts.join(''))) {
          if (record.kind !== 'query' && record.kind !== 'answer') continue
          expect(nameOf(record.name, 'escaped')).toBe(record.name)
          expect(record.client).toMatch(/^[0-9a-f:.]+$/)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
