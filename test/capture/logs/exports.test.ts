// Exports of NextDNS and Control D, and CSV of AdGuard's and other logs: columns by their headings, and who asked.
import { describe, expect, test } from 'vitest'
import { AdGuardCsvLog, format as adguardCsv } from '../../../capture/logs/adguard-csv.ts'
import { ControlDLog } from '../../../capture/logs/controld.ts'
import { recogniseLog } from '../../../capture/logs/formats.ts'
import { isPlaceholder } from '../../../capture/logs/named-client.ts'
import { NextDnsLog } from '../../../capture/logs/nextdns.ts'
import type { LogParser, LogQuery, LogRecord } from '../../../capture/logs/record.ts'
import { answersOf, now, queriesOf, readLog } from './read-log.ts'

const NOON = Date.UTC(2026, 10, 24, 12) / 1000

const read = (parser: LogParser, ...lines: string[]): LogRecord[] => readLog(parser, lines.join('\n'))
const queries = (records: readonly LogRecord[]): LogQuery[] =>
  records.filter((record): record is LogQuery => record.kind === 'query')

describe("NextDNS's download", () => {
  const HEAD =
    'timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,destination_country,root_domain,device_id,device_name,device_model,device_local_ip,matched_name,client_name'
  const row = (status: string, device: string): string =>
    `2026-11-24T12:00:00.000Z,a.example,A,false,DNS-over-HTTPS,8.8.4.4,${status},,US,a.example,${device},,apple-profile`

  test('tells look-ups, their time and what was blocked', () => {
    const records = read(
      new NextDnsLog(),
      HEAD,
      row('', 'ABC12,Cam,,192.168.1.20'),
      row('blocked', 'ABC12,Cam,,192.168.1.20'),
    )
    expect(queriesOf(records)).toEqual(['192.168.1.20 a.example 1', '192.168.1.20 a.example 1'])
    expect(answersOf(records)).toEqual(['192.168.1.20 a.example blocked'])
    expect(queries(records)[0]).toMatchObject({ time: NOON, clientName: 'Cam' })
  })

  test('tells devices behind one public address apart by their id', () => {
    const [cam, tv, again, nobody] = queries(
      read(
        new NextDnsLog(),
        HEAD,
        row('', 'ABC12,Cam,,'),
        row('', 'DEF34,TV,,'),
        row('', 'ABC12,Cam,,'),
        row('', ',,,'),
      ),
    )
    expect([cam, tv].map(({ clientName }) => clientName)).toEqual(['Cam', 'TV'])
    expect(cam.client).toBe(again.client)
    expect(new Set([cam.client, tv.client, nobody.client]).size).toBe(3)
    expect([cam, tv, nobody].every(({ client }) => isPlaceholder(client))).toBe(true)
    expect(nobody.clientName).toBe('devices at 8.8.4.4')
  })

  test('is read with columns left out, in another order, and quoted', () => {
    const records = read(
      new NextDnsLog(),
      '"timestamp","domain","query_type","client_ip","device_name","status"',
      '"2026-11-24T12:00:00.000Z","a.example","AAAA","10.0.0.5","Anna\'s ""phone"", old","blocked"',
    )
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 28'])
    expect(queries(records)[0].clientName).toBe('Anna\'s "phone", old')
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example blocked'])
  })

  test('begun behind its headings has the columns of today; entries of the API are read too', () => {
    expect(queriesOf(read(new NextDnsLog(), row('', 'ABC12,Cam,,192.168.1.20')))).toEqual(['192.168.1.20 a.example 1'])
    const entry = {
      timestamp: '2026-11-24T12:00:00.000Z',
      domain: 'a.example',
      clientIp: '8.8.4.4',
      device: { id: 'ABC12', name: 'Cam', localIp: '192.168.1.20' },
      status: 'blocked',
    }
    expect(answersOf(read(new NextDnsLog(), JSON.stringify(entry)))).toEqual(['192.168.1.20 a.example blocked'])
  })
})

describe("Control D's export", () => {
  const ENTRY = {
    queryTime: '2026-11-24T12:00:00.000Z',
    question: 'a.example',
    rrType: 'A',
    rcode: 0,
    action: 1,
    sourceIp: '8.8.4.4',
    endpointId: 'x1',
    endpointName: 'Kitchen',
    answers: [{ rrname: 'a.example', rdata: '192.0.2.7' }],
    location: { country: 'US' },
  }

  test.each([
    ['bypassed', { action: 1 }, 'answered 192.0.2.7'],
    ['blocked', { action: 0, rcode: 3, answers: [] }, 'blocked'],
    ['blocked in words', { action: 'blocked', rcode: undefined, answers: undefined }, 'blocked'],
    ['failed', { action: -1, rcode: undefined, answers: undefined }, 'failed'],
  ])('knows what was %s', (_, fields, status) => {
    const records = read(new ControlDLog(), JSON.stringify({ ...ENTRY, ...fields }))
    const { client, clientName } = queries(records)[0]
    expect(answersOf(records)).toEqual([`${client} a.example ${status}`])
    expect(clientName).toBe('Kitchen')
  })

  test('is read from one document, on one line or on many', () => {
    const entries = [ENTRY, { ...ENTRY, question: 'b.example', sourceIp: '192.168.1.20' }]
    for (const text of [
      JSON.stringify(entries),
      JSON.stringify({ success: true, body: { queries: entries } }),
      JSON.stringify(entries, null, 2),
      JSON.stringify({ success: true, body: { queries: entries } }, null, 2),
      entries.map((entry) => JSON.stringify(entry)).join(',\n'),
    ])
      expect(queries(read(new ControlDLog(), text)).map(({ name }) => name)).toEqual(['a.example', 'b.example'])
  })

  test('takes a client number that is a MAC for one', () => {
    const records = read(new ControlDLog(), JSON.stringify({ ...ENTRY, clientId: '0200000000a5', clientName: 'lamp' }))
    expect(records[0]).toMatchObject({ kind: 'lease', mac: '02:00:00:00:00:a5', name: 'lamp' })
  })

  test('is read as CSV by its headings', () => {
    const head = 'Query Time,Question,RR Type,Action,Source IP,Endpoint ID,Endpoint Name'
    const records = read(new ControlDLog(), head, '2026-11-24T12:00:00Z,a.example,A,0,192.168.1.20,x1,Kitchen')
    expect(answersOf(records)).toEqual(['192.168.1.20 a.example blocked'])
    expect(recogniseLog([head], now)).toBe('controld')
  })

  test('ends an entry that is never closed', () => {
    const endless = ['{', ...Array.from({ length: 10_000 }, () => '"a": "b",')]
    expect(read(new ControlDLog(), ...endless, JSON.stringify(ENTRY))).not.toEqual([])
  })
})

describe('look-ups as CSV', () => {
  test.each([
    ['jq of querylog.json', 'T,QH,QT,IP,Result.IsFiltered', '2026-11-24T12:00:00Z,a.example,A,10.0.0.5,true'],
    [
      "fields of AdGuard Home's API",
      'time;client;question.name;question.type;reason',
      '2026-11-24T13:00:00+01:00;10.0.0.5;a.example;A;FilteredBlackList',
    ],
    [
      'quoted words',
      '"Time","Client IP","Domain","Type","Status"',
      '"2026-11-24 12:00:00","10.0.0.5","a.example","A","Blocked"',
    ],
    ['seconds and tabs', 'timestamp\tdomain\ttype\tclient\tblocked', `${NOON}\ta.example\tA\t10.0.0.5\t1`],
  ])('with the headings of %s are read', (_, head, row) => {
    const records = read(new AdGuardCsvLog(), head, row)
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example blocked'])
    expect(records[0].time).toBe(NOON)
    expect(recogniseLog([head, row], now)).toBe('adguard-csv')
  })

  test.each(['NotFilteredNotFound', 'FilteredSafeSearch', 'allowed', 'Processed', ''])(
    'are not blocked by "%s"',
    (word) => {
      const records = read(
        new AdGuardCsvLog(),
        'time,client,domain,type,status',
        `${NOON},10.0.0.5,a.example,A,${word}`,
      )
      expect(records.map(({ kind }) => kind)).toEqual(['query'])
    },
  )

  test('are not taken for those of an export with a reader of its own, nor any table for them', () => {
    for (const head of [
      'timestamp,domain,query_type,dnssec,protocol,client_ip',
      'queryTime,question,sourceIp,endpointId',
      'RowNumber,Timestamp,ClientIpAddress,Protocol,ResponseType,RCODE,Domain,Type,Class,Answer',
      'time,temperature,room',
      'a.example,10.0.0.5',
    ])
      expect(adguardCsv.recognises?.(head, now)).toBe(false)
  })
})
