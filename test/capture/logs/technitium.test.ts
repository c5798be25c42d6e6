// Technitium's log, its CSV export, its Log Exporter's JSON, and the database of its query logs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TechnitiumLog } from '../../../capture/logs/technitium.ts'
import { TechnitiumQueries } from '../../../capture/logs/technitium-db.ts'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import { answersOf, queriesOf, readLog } from './read-log.ts'

const NOON = Date.UTC(2026, 10, 24, 12) / 1000

function read(...lines: string[]): ReturnType<typeof readLog> {
  return readLog(new TechnitiumLog(), lines.join('\n'))
}

/** A line of the server's log. */
function line(question: string, { zone = 'UTC', client = '10.0.0.5:40000', protocol = 'UDP' } = {}): string {
  return `[2026-11-24 12:00:00 ${zone}] [${client}] [${protocol}] ${question}`
}

describe("a line of Technitium's own log", () => {
  test('gives the look-up and its answer, with the aliases on the way', () => {
    const records = read(
      line('QNAME: a.example; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: [b.example, 192.0.2.7, 192.0.2.8]'),
    )
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example answered 192.0.2.7 192.0.2.8'])
    expect(records[1]).toMatchObject({ aliases: ['b.example'] })
    expect(records.map(({ time }) => time)).toEqual([NOON, NOON])
  })

  test('is in UTC or in this zone, as it says', () => {
    const question = 'QNAME: a.example; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: []'
    expect(read(line(question))[0].time).toBe(NOON)
    expect(read(line(question, { zone: 'Local' }))[0].time).toBe(new Date(2026, 10, 24, 12).getTime() / 1000)
  })

  test.each([
    ['IPv6', { client: '[fd00::5]:53000' }, 'fd00::5'],
    ['IPv4 in IPv6', { client: '[::ffff:10.0.0.5]:53000' }, '10.0.0.5'],
    ['DNS over HTTPS', { protocol: 'HTTPS' }, '10.0.0.5'],
  ])('tells the client by %s', (_, fields, client) => {
    const records = read(line('QNAME: a.example; QTYPE: HTTPS; QCLASS: IN; RCODE: NoError; ANSWER: []', fields))
    expect(queriesOf(records)).toEqual([`${client} a.example 65`])
    expect(answersOf(records)).toEqual([`${client} a.example no-data`])
  })

  test.each([
    ['NxDomain; ANSWER: []', 'no-name'],
    ['ServerFailure; ANSWER: []', 'failed'],
    ['Refused; ANSWER: []', 'refused'],
    ['NoError; ANSWER: [0.0.0.0]', 'blocked'],
    ['NoError; ANSWER: [192.0.2.7]; ECS: 10.0.0.0/24', 'answered 192.0.2.7'],
  ])('with RCODE: %s is %s', (rest, status) => {
    const records = read(line(`QNAME: a.example; QTYPE: A; QCLASS: IN; RCODE: ${rest}`))
    expect(answersOf(records)).toEqual([`10.0.0.5 a.example ${status}`])
  })

  test('without a response is a look-up alone', () => {
    const records = read(line('QNAME: a.example; QTYPE: A; QCLASS: IN; NO RESPONSE FROM SERVER!'))
    expect(records.map(({ kind }) => kind)).toEqual(['query'])
  })

  test('that is about something else gives nothing', () => {
    expect(read('[2026-11-24 12:00:00 UTC] Logging started.')).toEqual([])
    expect(read(line('QNAME: a.example; QTYPE: TXT; QCLASS: CH; RCODE: NoError; ANSWER: []'))).toEqual([])
    expect(read('[2026-11-24 12:00:00 UTC] [10.0.0.5:1] [UDP] MISSING QUESTION!; RCODE: FormatError')).toEqual([])
  })
})

describe('the CSV of the query logs', () => {
  const NOW = 'RowNumber,Timestamp,ClientIpAddress,Protocol,ResponseType,ResponseRtt,RCODE,Domain,Type,Class,Answer'
  const BEFORE = 'RowNumber,Timestamp,ClientIpAddress,Protocol,ResponseType,RCODE,Domain,Type,Class,Answer'

  test('is read with and without the column that newer versions have', () => {
    const now = read(
      NOW,
      '1,2026-11-24T12:00:00.0000000Z,10.0.0.5,Udp,Recursive,3.2,NoError,a.example,A,IN,"192.0.2.7, 192.0.2.8"',
    )
    const before = read(BEFORE, '1,2026-11-24T12:00:00.0000000Z,10.0.0.5,Udp,Cached,NoError,a.example,A,IN,192.0.2.7')
    expect(answersOf(now)).toEqual(['10.0.0.5 a.example answered 192.0.2.7 192.0.2.8'])
    expect(answersOf(before)).toEqual(['10.0.0.5 a.example answered 192.0.2.7'])
    expect(now[0].time).toBe(NOON)
  })

  test.each(['Blocked', 'UpstreamBlocked', 'UpstreamBlockedCached', 'CacheBlocked'])(
    'knows that %s is blocked',
    (word) => {
      const records = read(NOW, `1,2026-11-24T12:00:00Z,10.0.0.5,Udp,${word},,NxDomain,ads.example,A,IN,`)
      expect(answersOf(records)).toEqual(['10.0.0.5 ads.example blocked'])
    },
  )

  test('says nothing without its headings, nor in a row whose quote is never closed', () => {
    const row = '1,2026-11-24T12:00:00Z,10.0.0.5,Udp,Cached,1,NoError,a.example,A,IN,"192.0.2.7'
    expect(read(row)).toEqual([])
    expect(read(NOW, row)).toEqual([])
  })
})

test('a line of the Log Exporter is read, blocked or answered', () => {
  const entry = (fields: object): string =>
    JSON.stringify({
      answers: [{ name: 'a.example', recordType: 'A', recordClass: 'IN', recordTtl: 60, recordData: '192.0.2.7' }],
      clientIp: '10.0.0.5',
      protocol: 'Udp',
      question: { questionClass: 'IN', questionName: 'a.example', questionType: 'A' },
      responseCode: 'NoError',
      responseType: 'Recursive',
      timestamp: '2026-11-24T12:00:00.000Z',
      ...fields,
    })
  expect(answersOf(read(entry({})))).toEqual(['10.0.0.5 a.example answered 192.0.2.7'])
  expect(answersOf(read(entry({ responseType: 'Blocked' })))).toEqual(['10.0.0.5 a.example blocked'])
  expect(read(entry({ responseType: 'Dropped' })).map(({ kind }) => kind)).toEqual(['query'])
  expect(read(entry({ question: null }))).toEqual([])
})

describe('the database of the query logs', () => {
  const BEFORE =
    'dlid INTEGER PRIMARY KEY, timestamp DATETIME, client_ip VARCHAR(39), protocol TINYINT, response_type TINYINT, rcode TINYINT, qname VARCHAR(255), qtype SMALLINT, qclass SMALLINT, answer TEXT'

  test.each([
    ['an older version', BEFORE],
    [
      'a newer version',
      BEFORE.replace('timestamp', 'server VARCHAR(255), timestamp').replace('rcode', 'response_rtt REAL, rcode'),
    ],
  ])('of %s is read, and goes on from its position', (_, columns) => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-technitium-'))
    const writer = loadDriver().open(join(folder, 'querylogs.db'))
    try {
      writer.exec(`CREATE TABLE dns_logs (${columns})`)
      const insert = (values: string): void =>
        writer.exec(
          `INSERT INTO dns_logs (timestamp, client_ip, protocol, response_type, rcode, qname, qtype, qclass, answer) VALUES (${values})`,
        )
      insert("'2026-11-24 12:00:00', '10.0.0.5', 0, 2, 0, 'a.example', 1, 1, '192.0.2.7'")
      insert("'2026-11-24 12:00:00.5', '10.0.0.5', 0, 4, 3, 'ads.example', 28, 1, NULL")
      insert("'2026-11-24 12:00:01', '10.0.0.5', 0, 7, 0, NULL, NULL, NULL, NULL")
      const reader = new TechnitiumQueries(writer, 0)
      const records = reader.read()
      expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1', '10.0.0.5 ads.example 28'])
      expect(answersOf(records)).toEqual(['10.0.0.5 a.example answered 192.0.2.7', '10.0.0.5 ads.example blocked'])
      expect(records[0].time).toBe(NOON)
      expect(reader.position).toBe(3)
      insert("'2026-11-24 12:00:02', '10.0.0.6', 0, 2, 3, 'b.example', 1, 1, NULL")
      expect(answersOf(new TechnitiumQueries(writer, 3).read())).toEqual(['10.0.0.6 b.example no-name'])
    } finally {
      writer.close()
      rmSync(folder, { recursive: true })
    }
  })
})
