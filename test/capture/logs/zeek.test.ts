// Zeek's dns, conn and ssl logs are read the same as TSV and as JSON, with columns in any order.
import { describe, expect, test } from 'vitest'
import { ZeekLog } from '../../../capture/logs/zeek.ts'
import { answersOf, queriesOf, readLog } from './read-log.ts'

function tsv(path: string, columns: Record<string, string>, order = Object.keys(columns)): string {
  return [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    `#path\t${path}`,
    '#open\t2026-11-24-10-00-00',
    `#fields\t${order.join('\t')}`,
    `#types\t${order.map(() => 'string').join('\t')}`,
    order.map((name) => columns[name]).join('\t'),
    '#close\t2026-11-24-11-00-00',
  ].join('\n')
}

const DNS = {
  ts: '1795383622.271000',
  uid: 'C1',
  'id.orig_h': '10.0.0.5',
  'id.orig_p': '35498',
  'id.resp_h': '10.0.0.1',
  'id.resp_p': '53',
  query: 'a.example',
  qtype: '1',
  qtype_name: 'A',
  rcode: '0',
  rcode_name: 'NOERROR',
  answers: 'edge.cdn.example,192.0.2.1,192.0.2.2',
}
const CONN = {
  ts: '1795383622.271',
  uid: 'C2',
  'id.orig_h': '10.0.0.5',
  'id.orig_p': '40000',
  'id.resp_h': '192.0.2.1',
  'id.resp_p': '443',
  proto: 'tcp',
  duration: '1.5',
  orig_bytes: '100',
  resp_bytes: '2000',
  conn_state: 'SF',
  orig_pkts: '5',
  orig_ip_bytes: '300',
  resp_pkts: '6',
  resp_ip_bytes: '2240',
  orig_l2_addr: 'AA:BB:CC:00:00:01',
}

describe('a Zeek log', () => {
  test.each([
    ['as written', Object.keys(DNS)],
    ['reversed', Object.keys(DNS).reverse()],
  ])('of look-ups gives questions and answers, columns %s', (_, order) => {
    const records = readLog(new ZeekLog(), tsv('dns', DNS, order))
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example answered 192.0.2.1 192.0.2.2'])
    expect(records[1]).toMatchObject({ time: 1795383622.271, aliases: ['edge.cdn.example'] })
  })

  test('of look-ups in JSON gives the same as in TSV', () => {
    const json = JSON.stringify({
      ...DNS,
      ts: 1795383622.271,
      'id.resp_p': 53,
      qtype: 1,
      rcode: 0,
      answers: DNS.answers.split(','),
    })
    expect(readLog(new ZeekLog(), json)).toEqual(readLog(new ZeekLog(), tsv('dns', DNS)))
  })

  test('of flows brings bytes, packets and MAC', () => {
    const [flow] = readLog(new ZeekLog(), tsv('conn', CONN))
    expect(flow).toEqual({
      kind: 'connection',
      time: 1795383622.271,
      uid: 'C2',
      client: '10.0.0.5',
      clientPort: 40000,
      server: '192.0.2.1',
      serverPort: 443,
      protocol: 6,
      seconds: 1.5,
      bytesUp: 300,
      bytesDown: 2240,
      packetsUp: 5,
      packetsDown: 6,
      clientMac: 'aa:bb:cc:00:00:01',
      serverMac: null,
    })
    const json = JSON.stringify({
      ...CONN,
      ts: '2026-11-22T21:40:22.271Z',
      'id.orig_p': 40000,
      'id.resp_p': 443,
      duration: 1.5,
      orig_ip_bytes: 300,
      resp_ip_bytes: 2240,
      orig_pkts: 5,
      resp_pkts: 6,
    })
    expect(readLog(new ZeekLog(), json)).toEqual([flow])
  })

  test('of flows without IP bytes counts the payload, and unset columns as nothing', () => {
    const rest = { ...CONN, orig_ip_bytes: '-', resp_ip_bytes: '-' }
    expect(readLog(new ZeekLog(), tsv('conn', { ...rest, duration: '-' }))[0]).toMatchObject({
      bytesUp: 100,
      bytesDown: 2000,
      seconds: 0,
    })
  })

  test('of TLS gives the server name of the flow', () => {
    const entry = {
      ts: '1795383622.3',
      uid: 'C2',
      'id.orig_h': '10.0.0.5',
      'id.resp_h': '192.0.2.1',
      'id.resp_p': '443',
      cipher: 'x',
      server_name: 'a.example',
    }
    const expected = [
      {
        kind: 'server-name',
        time: 1795383622.3,
        uid: 'C2',
        client: '10.0.0.5',
        server: '192.0.2.1',
        serverPort: 443,
        name: 'a.example',
      },
    ]
    expect(readLog(new ZeekLog(), tsv('ssl', entry))).toEqual(expected)
    expect(readLog(new ZeekLog(), JSON.stringify({ ...entry, ts: 1795383622.3, 'id.resp_p': 443 }))).toEqual(expected)
    expect(readLog(new ZeekLog(), tsv('ssl', { ...entry, server_name: '-' }))).toEqual([])
    expect(readLog(new ZeekLog(), tsv('ssl', { ...entry, server_name: '192.0.2.1' }))).toEqual([])
  })

  test('begun in the middle is read with the default columns of its kind', () => {
    const line =
      '1795383622.2\tC1\t10.0.0.5\t35498\t10.0.0.1\t53\tudp\t1\t0.01\ta.example\t1\tC_INTERNET\t28\tAAAA\t3\tNXDOMAIN\tF\tF\tT\tF\t0\t-\t-\tF'
    const records = readLog(new ZeekLog('dns'), line)
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 28'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example no-name'])
    expect(readLog(new ZeekLog(), line)).toEqual([])
  })

  test('keeps an escaped separator inside its name, and a line break escaped', () => {
    const records = readLog(
      new ZeekLog(),
      tsv('dns', { ...DNS, query: 'x\\x0910.0.0.9\\x0ay.example', answers: 'a\\x2cb.example,192.0.2.1' }),
    )
    expect(records[0]).toMatchObject({ client: '10.0.0.5', name: 'x\\00910.0.0.9\\010y.example' })
    expect(records[1]).toMatchObject({ aliases: ['a,b.example'], addresses: ['192.0.2.1'] })
  })

  test('of multicast DNS is no look-up', () => {
    expect(readLog(new ZeekLog(), tsv('dns', { ...DNS, 'id.resp_p': '5353' }))).toEqual([])
  })
})
