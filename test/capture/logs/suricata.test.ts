// Suricata's eve.json: look-ups of each version, names of servers, and flows with bytes and MACs.
import { describe, expect, test } from 'vitest'
import { SuricataLog } from '../../../capture/logs/suricata.ts'
import { answersOf, queriesOf, readLog } from './read-log.ts'

const CLIENT = { src_ip: '10.0.0.5', src_port: 40000, dest_ip: '10.0.0.1', dest_port: 53, proto: 'UDP' }
const SERVER = { src_ip: '10.0.0.1', src_port: 53, dest_ip: '10.0.0.5', dest_port: 40000, proto: 'UDP' }

function event(type: string, fields: object): string {
  return JSON.stringify({ timestamp: '2026-11-24T13:00:00.250000+0100', flow_id: 7, event_type: type, ...fields })
}
function dns(fields: object, ends: object = CLIENT): string {
  return event('dns', { ...ends, dns: fields })
}
function read(...lines: string[]): ReturnType<typeof readLog> {
  return readLog(new SuricataLog(), lines.join('\n'))
}

const QUERY = { type: 'query', id: 1, rrname: 'a.example', rrtype: 'A', tx_id: 0 }
const WHOLE = {
  version: 2,
  type: 'answer',
  id: 1,
  rcode: 'NOERROR',
  rrname: 'a.example',
  rrtype: 'A',
  answers: [
    { rrname: 'a.example', rrtype: 'CNAME', ttl: 60, rdata: 'b.example' },
    { rrname: 'b.example', rrtype: 'A', ttl: 60, rdata: '192.0.2.7' },
  ],
}

describe('a look-up', () => {
  test('of version 2 is counted once, with its answer', () => {
    const records = read(dns(QUERY), dns(WHOLE))
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example answered 192.0.2.7'])
    expect(records[1]).toMatchObject({ aliases: ['b.example'], time: Date.UTC(2026, 10, 24, 12) / 1000 + 0.25 })
  })

  test('of version 1 is counted once, with an answer per record', () => {
    const record = (rrtype: string, rdata: string): string =>
      dns({ type: 'answer', id: 1, rcode: 'NOERROR', rrname: 'a.example', rrtype, ttl: 60, rdata }, SERVER)
    const records = read(dns(QUERY), record('A', '192.0.2.7'), record('A', '192.0.2.8'))
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(records)).toEqual([
      '10.0.0.5 a.example answered 192.0.2.7',
      '10.0.0.5 a.example answered 192.0.2.8',
    ])
    expect(queriesOf(read(record('A', '192.0.2.7'), record('A', '192.0.2.8')))).toHaveLength(1)
  })

  test('of version 3 is read from its list of questions', () => {
    const queries = [{ rrname: 'a.example', rrtype: 'AAAA' }]
    const records = read(
      dns({ version: 3, type: 'request', id: 1, queries }),
      dns({ version: 3, type: 'response', id: 1, rcode: 'NXDOMAIN', queries }),
    )
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 28'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example no-name'])
  })

  test('with grouped answers has their addresses', () => {
    const { answers: _, ...grouped } = { ...WHOLE, grouped: { CNAME: ['b.example'], A: ['192.0.2.7', '192.0.2.8'] } }
    expect(answersOf(read(dns(grouped)))).toEqual(['10.0.0.5 a.example answered 192.0.2.7 192.0.2.8'])
  })

  test('stands for its question too where only answers are logged', () => {
    expect(queriesOf(read(dns(WHOLE), dns(WHOLE)))).toEqual(['10.0.0.5 a.example 1', '10.0.0.5 a.example 1'])
  })

  test('is the asker’s, whichever way the event goes', () => {
    expect(queriesOf(read(dns(WHOLE, SERVER)))).toEqual(['10.0.0.5 a.example 1'])
  })

  test('with 0.0.0.0 for an answer is blocked, and multicast DNS is no look-up', () => {
    const blocked = { ...WHOLE, answers: [{ rrname: 'a.example', rrtype: 'A', rdata: '0.0.0.0' }] }
    expect(answersOf(read(dns(blocked)))).toEqual(['10.0.0.5 a.example blocked'])
    expect(read(dns(QUERY, { ...CLIENT, dest_ip: '224.0.0.251', dest_port: 5353 }))).toEqual([])
  })

  test('behind what syslog puts in front is read', () => {
    expect(queriesOf(read(`Nov 24 12:00:00 gate suricata[7]: @cee: ${dns(QUERY)}`))).toHaveLength(1)
  })
})

describe('a flow', () => {
  const FLOW = {
    src_ip: '10.0.0.5',
    src_port: 40001,
    dest_ip: '192.0.2.7',
    dest_port: 443,
    proto: 'TCP',
    flow: {
      pkts_toserver: 12,
      pkts_toclient: 10,
      bytes_toserver: 1840,
      bytes_toclient: 9120,
      start: '2026-11-24T12:58:40.000000+0100',
      end: '2026-11-24T12:59:12.000000+0100',
      age: 32,
    },
  }

  test('has its bytes and the time it took', () => {
    expect(read(event('flow', FLOW))).toEqual([
      expect.objectContaining({
        kind: 'connection',
        uid: '7',
        client: '10.0.0.5',
        clientPort: 40001,
        server: '192.0.2.7',
        serverPort: 443,
        protocol: 6,
        seconds: 32,
        bytesUp: 1840,
        bytesDown: 9120,
        packetsUp: 12,
        packetsDown: 10,
        clientMac: null,
        time: Date.UTC(2026, 10, 24, 11, 58, 40) / 1000,
      }),
    ])
  })

  test.each([
    ['a list of one', { src_macs: ['02:00:00:00:00:05'], dest_macs: ['02:00:00:00:00:01'] }, '02:00:00:00:00:05'],
    ['a single one', { src_mac: '02:00:00:00:00:05', dest_mac: '02:00:00:00:00:01' }, '02:00:00:00:00:05'],
    ['several on one end', { src_macs: ['02:00:00:00:00:05', '02:00:00:00:00:06'] }, null],
  ])('with %s as MAC', (_, ether, mac) => {
    expect(read(event('flow', { ...FLOW, ether }))[0]).toMatchObject({ clientMac: mac })
  })

  test('is named by the hello that Suricata saw in it', () => {
    const hello = { ...FLOW, flow: undefined }
    for (const [type, part] of [
      ['tls', { tls: { sni: 'api.example', version: 'TLS 1.3' } }],
      ['quic', { quic: { sni: 'api.example', version: '1' } }],
    ] as const)
      expect(read(event(type, { ...hello, ...part }))).toEqual([
        expect.objectContaining({ kind: 'server-name', uid: '7', client: '10.0.0.5', name: 'api.example' }),
      ])
    expect(read(event('tls', { ...hello, tls: { version: 'TLS 1.3' } }))).toEqual([])
  })

  test('counts nothing below zero, and other events say nothing', () => {
    const odd = { ...FLOW, flow: { bytes_toserver: -5, bytes_toclient: '7', start: 'x', end: null } }
    expect(read(event('flow', odd))[0]).toMatchObject({ bytesUp: 0, bytesDown: 0, seconds: 0 })
    expect(
      read(event('stats', { stats: {} }), event('netflow', { ...FLOW, netflow: { bytes: 5 } }), '{', '[]'),
    ).toEqual([])
  })
})
