// Logs of CoreDNS, dnscrypt-proxy, blocky and pfBlockerNG: who asked for what, and what was blocked.
import { describe, expect, test } from 'vitest'
import { BlockyLog } from '../../../capture/logs/blocky.ts'
import { CoreDnsLog } from '../../../capture/logs/coredns.ts'
import { DnscryptBlockedLog } from '../../../capture/logs/dnscrypt-blocked.ts'
import { DnscryptLog } from '../../../capture/logs/dnscrypt-proxy.ts'
import { recogniseLog } from '../../../capture/logs/formats.ts'
import { PfBlockerLog } from '../../../capture/logs/pfblockerng.ts'
import { answersOf, now, queriesOf, readLog } from './read-log.ts'

/** 24 November 2026, noon in this machine's zone. */
const NOON_HERE = new Date(2026, 10, 24, 12).getTime() / 1000
const NOON = Date.UTC(2026, 10, 24, 12) / 1000

describe('a line of CoreDNS', () => {
  const read = (line: string): ReturnType<typeof readLog> => readLog(new CoreDnsLog(now), line)

  test.each([
    [
      'common',
      '[INFO] 10.0.0.5:40000 - 57020 "A IN a.example. udp 30 false 512" NOERROR qr,rd,ra 64 0.003s',
      '10.0.0.5 a.example 1',
    ],
    [
      'combined',
      '[INFO] 10.0.0.5:40000 - 57020 "0 A IN a.example. udp 30 false 512" NOERROR qr,rd,ra 64 0.003s',
      '10.0.0.5 a.example 1',
    ],
    [
      'IPv6',
      '[INFO] [fd00::5]:50759 - 29008 "AAAA IN a.example. tcp 41 true 4096" NOERROR qr,aa 68 0.037s',
      'fd00::5 a.example 28',
    ],
    [
      'before 1.1',
      '[INFO] 10.0.0.5 - [24/Nov/2026:12:00:00 +0000] "A IN a.example. udp false 512" NOERROR 64 3ms',
      '10.0.0.5 a.example 1',
    ],
    [
      'JSON',
      '[INFO] {"remote":"10.0.0.5","port":"1","type":"A","class":"IN","name":"a.example.","rcode":"NOERROR"}',
      '10.0.0.5 a.example 1',
    ],
  ])('is read in the form "%s"', (_, line, query) => {
    expect(queriesOf(read(line))).toEqual([query])
    expect(answersOf(read(line))).toEqual([`${query.replace(/ \d+$/, '')} answered`])
  })

  test.each([
    ['NXDOMAIN qr,rd', 'no-name'],
    ['SERVFAIL qr,rd', 'failed'],
    ['REFUSED qr', 'refused'],
  ])('with %s tells it', (behind, status) => {
    expect(answersOf(read(`[INFO] 10.0.0.5:1 - 2 "A IN a.example. udp 30 false 512" ${behind} 64 0.003s`))).toEqual([
      `10.0.0.5 a.example ${status}`,
    ])
  })

  test('has the time that docker puts in front, and none without', () => {
    const line = '[INFO] 10.0.0.5:1 - 2 "A IN a.example. udp 30 false 512" NOERROR qr 64 0.003s'
    expect(read(`2026-11-24T12:00:00.000000000Z ${line}`)[0].time).toBe(NOON)
    expect(read(line)[0].time).toBeNull()
  })

  test.each([
    '[INFO] plugin/reload: Running configuration MD5 = 71c5',
    '[ERROR] plugin/errors: 2 a.example. A: read udp',
    '[INFO] 10.0.0.5:1 - 2 "TXT CH version.bind. udp 30 false 512" NOERROR qr 64 0.003s',
    '[2026-11-24 12:00:00] [INFO] 10.0.0.5:47378 - "GET /docs HTTP/1.1" 200',
  ])('such as %s says nothing', (line) => {
    expect(read(line)).toEqual([])
  })
})

describe('a line of dnscrypt-proxy', () => {
  const read = (line: string): ReturnType<typeof readLog> => readLog(new DnscryptLog(), line)
  const tsv = (code: string): string => `[2026-11-24 12:00:00]\t10.0.0.5\ta.example\tA\t${code}\t62ms\tquad9`

  test.each([
    ['PASS', 'answered'],
    ['FORWARD', 'answered'],
    ['REJECT', 'blocked'],
    ['DROP', 'blocked'],
    ['NXDOMAIN', 'no-name'],
    ['SERVFAIL', 'failed'],
    ['NETWORK_ERROR', 'failed'],
  ])('with %s is %s', (code, status) => {
    expect(answersOf(read(tsv(code)))).toEqual([`10.0.0.5 a.example ${status}`])
    const ltsv = `time:${NOON}\thost:10.0.0.5\tmessage:a.example\ttype:A\treturn:${code}\tcached:0\tduration:62\tserver:quad9`
    expect(answersOf(read(ltsv))).toEqual([`10.0.0.5 a.example ${status}`])
    expect([read(tsv(code))[0].time, read(ltsv)[0].time]).toEqual([NOON_HERE, NOON])
  })

  test('of an older version is a look-up alone, and so is an answer of its own making', () => {
    expect(read('[2026-11-24 12:00:00]\tfd00::5\ta.example\tAAAA').map(({ kind }) => kind)).toEqual(['query'])
    expect(read(`time:${NOON}\thost:10.0.0.5\tmessage:a.example\ttype:A`).map(({ kind }) => kind)).toEqual(['query'])
    expect(read(tsv('SYNTH')).map(({ kind }) => kind)).toEqual(['query'])
  })

  test('of what it blocked is told from one of its query log', () => {
    const blocked = [
      '[2026-11-24 12:00:00]\t10.0.0.5\tads.example\t*.ads.example',
      `time:${NOON}\thost:10.0.0.5\tqname:ads.example\tmessage:ads.*`,
      '[2026-11-24 12:00:00]\t10.0.0.5\tads.example\t192.0.2.7\t192.0.2.*',
    ]
    for (const line of blocked) {
      expect(answersOf(readLog(new DnscryptBlockedLog(), line))).toEqual(['10.0.0.5 ads.example blocked'])
      expect(recogniseLog([line], now)).toBe('dnscrypt-blocked')
    }
    expect(recogniseLog([tsv('PASS')], now)).toBe('dnscrypt-proxy')
    expect(readLog(new DnscryptBlockedLog(), tsv('PASS'))).toEqual([])
  })
})

describe('a line of blocky', () => {
  const read = (line: string): ReturnType<typeof readLog> => readLog(new BlockyLog(now), line)
  const csv = (...cells: string[]): string => ['2026-11-24 12:00:00', '10.0.0.5', ...cells].join('\t')

  test.each([
    [
      'resolved',
      csv(
        'cam',
        '12',
        'RESOLVED (tcp+udp:9.9.9.9)',
        'a.example.',
        'CNAME (b.example.), A (192.0.2.7), A (192.0.2.8)',
        'NOERROR',
        'RESOLVED',
        'A',
        'blocky',
      ),
      'answered 192.0.2.7 192.0.2.8',
    ],
    [
      'cached',
      csv('cam', '0', 'CACHED', 'a.example.', 'A (192.0.2.7)', 'NOERROR', 'CACHED', 'A', 'blocky'),
      'answered 192.0.2.7',
    ],
    [
      'blocked',
      csv('cam', '0', 'BLOCKED (ads)', 'a.example.', 'A (0.0.0.0)', 'NOERROR', 'BLOCKED', 'A', 'blocky'),
      'blocked',
    ],
    [
      'without records',
      csv('cam', '9', 'RESOLVED (9.9.9.9)', 'a.example.', '', 'NOERROR', 'RESOLVED', 'A', 'blocky'),
      'no-data',
    ],
    [
      'of an older version',
      csv('cam', '9', 'RESOLVED (9.9.9.9)', 'A (a.example.)', 'A (192.0.2.7)', 'NOERROR'),
      'answered 192.0.2.7',
    ],
    [
      'of an older version, blocked',
      csv('cam', '9', 'BLOCKED (ads)', 'A (a.example.)', 'A (0.0.0.0)', 'NOERROR'),
      'blocked',
    ],
  ])('as CSV that was %s is read', (_, line, status) => {
    expect(queriesOf(read(line))).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(read(line))).toEqual([`10.0.0.5 a.example ${status}`])
    expect(read(line)[0]).toMatchObject({ time: NOON_HERE, clientName: 'cam' })
  })

  const FIELDS =
    'client_ip=10.0.0.5 client_names=cam; cam.lan duration_ms=1 instance=pi question_name=a.example. question_type=A response_code=NOERROR'

  test.each([
    [
      'text',
      `[2026-11-24 12:00:00]  INFO queryLog: query resolved answer=A (192.0.2.7) ${FIELDS} response_reason=RESOLVED (9.9.9.9) response_type=RESOLVED`,
      NOON_HERE,
    ],
    [
      'text without a time',
      `INFO queryLog: query resolved answer=A (192.0.2.7) ${FIELDS} response_type=RESOLVED`,
      null,
    ],
    [
      'key and value',
      `time=2026-11-24T12:00:00.5Z level=INFO msg="query resolved" prefix=queryLog answer="A (192.0.2.7)" ${FIELDS.replace('cam; cam.lan', '"cam; cam.lan"')} response_type=RESOLVED`,
      NOON + 0.5,
    ],
    [
      'JSON',
      JSON.stringify({
        answer: 'A (192.0.2.7)',
        client_ip: '10.0.0.5',
        client_names: 'cam',
        level: 'info',
        msg: 'query resolved',
        prefix: 'queryLog',
        question_name: 'a.example.',
        question_type: 'A',
        response_code: 'NOERROR',
        response_type: 'RESOLVED',
        time: '2026-11-24T12:00:00Z',
      }),
      NOON,
    ],
  ])('of its console as %s is read', (_, line, time) => {
    expect(queriesOf(read(line))).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(read(line))).toEqual(['10.0.0.5 a.example answered 192.0.2.7'])
    expect(read(line)[0]).toMatchObject({ time, clientName: 'cam' })
  })

  test('whose answer writes keys of its own says nothing', () => {
    expect(
      read(`[2026-11-24 12:00:00]  INFO queryLog: query resolved answer=TXT (x client_ip=10.0.0.9 y) ${FIELDS}`),
    ).toEqual([])
  })

  test('that leaves the address out is of the client that it names', () => {
    const line = [
      '2026-11-24 12:00:00',
      '',
      'cam',
      '1',
      'CACHED',
      'a.example.',
      '',
      'NOERROR',
      'CACHED',
      'A',
      'pi',
    ].join('\t')
    expect(read(line)[0]).toMatchObject({ clientName: 'cam', client: expect.stringMatching(/^100::/) as string })
  })
})

describe('a line of pfBlockerNG', () => {
  const read = (...lines: string[]): ReturnType<typeof readLog> => readLog(new PfBlockerLog(now), lines.join('\n'))
  const BLOCKED = ',ads.example,10.0.0.5,Python,DNSBL_A,DNSBL_ADs,ads.example,StevenBlack,+'

  test.each([
    ['of older versions', `DNSBL-python,Nov 24 12:00:00${BLOCKED}`, 0],
    ['with the type', `DNSBL-python,Nov 24 12:00:00${BLOCKED},AAAA`, 28],
    ['with the year', `DNSBL-python,2026-11-24 12:00:00${BLOCKED},A`, 1],
    ['behind syslog', `Nov 24 12:00:05 pfsense pfblockerng: DNSBL-python,Nov 24 12:00:00${BLOCKED},A`, 1],
  ])('that was blocked, %s, is read', (_, line, type) => {
    expect(queriesOf(read(line))).toEqual([`10.0.0.5 ads.example ${type}`])
    expect(answersOf(read(line))).toEqual(['10.0.0.5 ads.example blocked'])
    expect(read(line)[0].time).toBe(NOON_HERE)
  })

  test.each([
    ['reply,A,A,60,a.example,10.0.0.5,192.0.2.7,US', 'answered 192.0.2.7'],
    ['cache,A,CNAME,60,a.example,10.0.0.5,b.example,unk', 'answered'],
    ['reply,A,SOA,60,a.example,10.0.0.5,NXDOMAIN,unk', 'no-name'],
    ['servfail,A,Unk,Unk,a.example,10.0.0.5,ServFail,unk', 'failed'],
    ['local,A,A,3600,a.example,10.0.0.5,10.0.0.9,PRV', 'answered 10.0.0.9'],
  ])('"%s" of its replies is read', (rest, status) => {
    const line = `DNS-reply,Nov 24 12:00:00,${rest}`
    expect(queriesOf(read(line))).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(read(line))).toEqual([`10.0.0.5 a.example ${status}`])
  })

  test('of its block page counts where look-ups are not told', () => {
    const visit = 'DNSBL-HTTPS,Nov 24 12:00:01,ads.example,10.0.0.5,Unknown,DNSBL,DNSBL_ADs,ads.example,StevenBlack,+'
    expect(queriesOf(read(visit))).toHaveLength(1)
    expect(queriesOf(read(`DNSBL-python,Nov 24 12:00:00${BLOCKED}`, visit))).toHaveLength(1)
  })

  test('of the packet filter says nothing', () => {
    expect(
      read(
        'Block,Nov 24 12:00:00,100,em0,WAN,block,4,6,TCP,192.0.2.201,10.0.0.5,1,443,in,US,x,y,z,Unknown,Unknown,Unknown,,,+',
      ),
    ).toEqual([])
  })
})
