// Logs as resolvers, syslog daemons and containers write them: who asked for what, what was answered, and what is said
// where a log cannot tell devices or times apart.
import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'dns-packet'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogParser, type TextFormat } from '../../capture/logs/formats.ts'
import { PiholeQueries, readPiholeDevices } from '../../capture/logs/pihole-ftl.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import { DnsLogSource } from '../../capture/sources/dns-log.ts'
import { loadDriver } from '../../capture/sources/sqlite.ts'
import type { Policy } from '../../server/model/policy.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { TrafficAccounting } from '../../server/session/accounting.ts'
import { answersOf, now, queriesOf, readLog } from '../capture/logs/read-log.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

const data = realDataFolder()
const cases = data === null || !existsSync(join(data, 'cases')) ? null : join(data, 'cases')
if (cases === null) console.log(`skipped: ${NO_REAL_DATA}`)

function caseText(name: string): string {
  return readFileSync(join(cases as string, name), 'utf8')
}

function read(format: TextFormat, ...lines: string[]): LogRecord[] {
  return readLog(createLogParser(format, now), lines.join('\n'))
}

const zone = process.env['TZ']
let folder = ''
const sources: DnsLogSource[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-cases-'))
})
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop()
  rmSync(folder, { recursive: true })
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

function follow(path: string, format: TextFormat): DnsLogSource {
  const source = new DnsLogSource(path, { format, from: 'start', onRecord: () => {} })
  sources.push(source)
  return source
}

describe('unbound behind RFC 5424', () => {
  test.skipIf(cases === null)('is read as OPNsense and pfSense write it', () => {
    const records = read('unbound', caseText('26-opnsense-unbound-5424/unbound.log'))
    expect(queriesOf(records)).toEqual([
      '192.168.1.2 a.example 1',
      '192.168.1.3 pf5424.example 1',
      '192.168.1.3 pf5424b.example 1',
      '192.168.1.3 opn-file2.example 1',
    ])
    expect(answersOf(records)).toEqual(['192.168.1.2 a.example answered'])
    expect(records[0]?.time).toBe(Date.UTC(2026, 2, 23, 23, 17, 39) / 1000)
  })

  const HEAD = '<30>1 2026-11-24T10:00:00Z fw unbound 9 -'
  test.each([
    ['no structured data and a byte order mark', `${HEAD} - \ufeff[9:0] info: 10.0.0.5 a.example. A IN`],
    ['several elements with escapes', `${HEAD} [a x="\\"]"][b y="[z] \\\\"] [9:0] query: 10.0.0.5 a.example. A IN`],
    ['structured data left out', `${HEAD} [9:1f] info: 10.0.0.5 a.example. A IN`],
    ['no host, no process', '<30>1 2026-11-24T10:00:00Z - unbound - - - [9:0] info: 10.0.0.5 a.example. A IN'],
    ['another identity', '<30>1 2026-11-24T11:00:00+01:00 fw resolver 9 - - [9:0] info: 10.0.0.5 a.example. A IN'],
  ])('is read with %s', (_, line) => {
    const [record] = read('unbound', line)
    expect(record).toMatchObject({ client: '10.0.0.5', name: 'a.example', time: Date.UTC(2026, 10, 24, 10) / 1000 })
  })

  test.each([
    ['a value that never ends', `${HEAD} [a x="10.0.0.5 a.example. A IN`],
    ['a message in the structured data', `${HEAD} [a x="[9:0] info: 10.0.0.5 a.example. A IN"] started`],
  ])('with %s says nothing', (_, line) => {
    expect(read('unbound', line)).toEqual([])
  })
})

describe('signed answers of dnsmasq', () => {
  test.skipIf(cases === null)('lead to their addresses', () => {
    const records = read('dnsmasq', caseText('29-dnssec-signed/dnsmasq-dnssec.log'))
    expect(answersOf(records)).toEqual([
      '192.168.1.10 cam.sig.test answered 203.0.113.9',
      '192.168.1.10 cam.sig.test answered 203.0.113.9',
      '192.168.1.10 alias.sig.test answered',
      '192.168.1.10 alias.sig.test answered 203.0.113.9',
      '192.168.1.10 cam.sig.test answered 2001:db8::9',
    ])
  })

  const ask = 'Nov 24 10:00:00 dnsmasq[7]: 3 10.0.0.5/99 query[A] a.example from 10.0.0.5'
  test.each([
    ['cached-stale a.example is 192.0.2.1 (DNSSEC signed)', 'answered 192.0.2.1'],
    ['reply a.example is NODATA-IPv6 (DNSSEC signed)', 'no-data'],
    ['reply a.example is NXDOMAIN (DNSSEC signed) (EDE: synthesized)', 'no-name'],
    ['reply a.example is <HTTPS> (DNSSEC signed)', 'answered'],
    ['reply a.example is SERVFAIL (EDE: NSEC(3) missing)', 'failed'],
    ['reply a.example is 192.0.2.1 (EDE: stale answer (it is 10.9.9.9))', 'answered 192.0.2.1'],
    ['reply error is REFUSED (EDE: not (so) (much))', 'refused'],
  ])('"%s" means %s', (line, meaning) => {
    const records = read('dnsmasq', ask, `Nov 24 10:00:00 dnsmasq[7]: 3 10.0.0.5/99 ${line}`)
    expect(answersOf(records)).toEqual([`10.0.0.5 a.example ${meaning}`])
  })

  test.each([
    ['validation result is SECURE'],
    ['validation a.example is BOGUS (EDE: DNSSEC bogus)'],
    ['reply a.example is truncated'],
    ['reply a.example is duplicate'],
    ['reply a.example is DNSKEY keytag 24544, algo 13'],
    ['reply a.example is 192.0.2.1 (nobody knows)'],
  ])('"%s" answers nothing', (line) => {
    expect(answersOf(read('dnsmasq', ask, `Nov 24 10:00:00 dnsmasq[7]: 3 10.0.0.5/99 ${line}`))).toEqual([])
  })
})

describe("Pi-hole's verdicts", () => {
  test.skipIf(cases === null)('are told for each look-up', () => {
    const records = read('pihole', caseText('30-pihole-verdicts/pihole-verdicts.log'))
    const verdicts = new Map(
      records.flatMap((record) => (record.kind === 'answer' ? [[record.name, record.status] as const] : [])),
    )
    expect(Object.fromEntries(verdicts)).toEqual({
      'mask.icloud.com': 'blocked',
      'use-application-dns.net': 'blocked',
      '_dns.resolver.arpa': 'blocked',
      'metrics.shop.example': 'blocked',
      'loud.cam.example': 'refused',
      'bad.example': 'blocked',
      'bad2.example': 'blocked',
      'bad3.example': 'blocked',
      'ads.example': 'blocked',
      'ads2.example': 'blocked',
      'ads3.example': 'blocked',
      'busy.example': 'blocked',
      'pi.hole': 'answered',
      'doubleclick.net': 'blocked',
      'sig.example': 'answered',
      'sig2.example': 'answered',
      'ede.example': 'failed',
      'm.example': 'answered',
      'proto.example': 'blocked',
      'proto2.example': 'answered',
    })
    expect(queriesOf(records)).toContain('192.168.1.5 "quoted".example 1')
    expect(queriesOf(records)).toContain('192.168.1.5 dhcp.example 255')
    expect(queriesOf(records)).toContain('fe80::1c2:33ff:fe44:5566 doubleclick.net 65')
  })

  test.each([
    ['gravity blocked (CNAME) a.example is ::', 'blocked'],
    ['regex denied (CNAME) a.example is NXDOMAIN', 'blocked'],
    ['exactly blacklisted a.example is 10.0.0.2', 'blocked'],
    ['blocked upstream with known address a.example is 146.112.61.106', 'blocked'],
    ['blocked upstream with EDE15 a.example is NODATA (EDE: blocked)', 'blocked'],
    ['to be refused (gravity database is not available) a.example is REFUSED', 'blocked'],
    ['/etc/pihole/gravity.list a.example is 0.0.0.0', 'blocked'],
    ['Rate-limiting a.example is REFUSED (EDE: synthesized)', 'refused'],
  ])('"%s" means %s', (line, status) => {
    const head = 'Nov 24 10:00:00 dnsmasq[7]: '
    const records = read('pihole', `${head}query[A] a.example from 10.0.0.5`, head + line)
    expect(answersOf(records)).toEqual([`10.0.0.5 a.example ${status}`])
  })

  test('stand against what is logged of the same look-up behind them, until the next one', () => {
    const head = 'Nov 24 10:00:00 dnsmasq[7]: '
    const records = read(
      'pihole',
      `${head}query[A] a.example from 10.0.0.5`,
      `${head}reply a.example is blocked during CNAME inspection`,
      `${head}reply a.example is <CNAME>`,
      `${head}query[A] a.example from 10.0.0.5`,
      `${head}reply a.example is 192.0.2.1`,
    )
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example blocked', '10.0.0.5 a.example answered 192.0.2.1'])
  })
})

describe("Pi-hole's older databases", () => {
  test.skipIf(cases === null).each([
    ['v5-plain.db', ['192.168.1.20 ads.example blocked'], 1],
    ['v5-addinfo.db', [], 0],
    ['v10-view.db', [], 0],
  ])('%s is read', (name, answers, devices) => {
    const path = join(folder, name)
    copyFileSync(join(cases as string, '32-ftl-db-before-v12', name), path)
    const database = loadDriver().openReadOnly(path)
    const records = new PiholeQueries(database, 0).read()
    expect(queriesOf(records)[0]).toBe('192.168.1.20 cam.example 1')
    expect(answersOf(records)).toEqual(answers)
    if (devices > 0) expect(readPiholeDevices(database)).toHaveLength(devices)
    database.close()
  })

  const QUERIES =
    'CREATE TABLE queries (id INTEGER PRIMARY KEY, timestamp INTEGER, type INTEGER, status INTEGER, domain TEXT, client TEXT, forward TEXT)'
  test.each([
    [
      'with names beside the device',
      `CREATE TABLE network (id INTEGER, hwaddr TEXT, interface TEXT, name TEXT, lastQuery INTEGER);
       CREATE TABLE network_addresses (network_id INTEGER, ip TEXT, lastSeen INTEGER);
       INSERT INTO network VALUES (1, 'aa:bb:cc:00:00:01', 'eth0', 'porch-cam', 9);
       INSERT INTO network_addresses VALUES (1, '10.0.0.5', 9)`,
    ],
    [
      'with one address of each device',
      `CREATE TABLE network (id INTEGER, ip TEXT, hwaddr TEXT, interface TEXT, name TEXT, lastQuery INTEGER);
       INSERT INTO network VALUES (1, '10.0.0.5', 'aa:bb:cc:00:00:01', 'eth0', 'porch-cam', 9)`,
    ],
    [
      'with names beside each address',
      `CREATE TABLE network (id INTEGER, hwaddr TEXT, interface TEXT, lastQuery INTEGER);
       CREATE TABLE network_addresses (network_id INTEGER, ip TEXT, lastSeen INTEGER, name TEXT);
       INSERT INTO network VALUES (1, 'aa:bb:cc:00:00:01', 'eth0', 9);
       INSERT INTO network_addresses VALUES (1, '10.0.0.5', 9, 'porch-cam')`,
    ],
  ])('%s give look-ups and devices', (_, schema) => {
    const path = join(folder, 'pihole-FTL.db')
    const writer = loadDriver().open(path)
    writer.exec(
      `${QUERIES}; ${schema}; INSERT INTO queries VALUES (1, 1795383622, 2, 5, 'a.example', '10.0.0.5', NULL)`,
    )
    writer.close()
    const database = loadDriver().openReadOnly(path)
    const records = new PiholeQueries(database, 0).read()
    expect([...queriesOf(records), ...answersOf(records)]).toEqual([
      '10.0.0.5 a.example 28',
      '10.0.0.5 a.example blocked',
    ])
    expect(readPiholeDevices(database)).toEqual([
      { kind: 'lease', time: 9, mac: 'aa:bb:cc:00:00:01', address: '10.0.0.5', name: 'porch-cam' },
    ])
    database.close()
  })
})

describe("AdGuard Home's clients", () => {
  const line = (fields: Record<string, unknown>): string =>
    JSON.stringify({ T: '2026-11-24T10:00:00Z', QH: 'a.example', QT: 'A', IP: '192.168.1.1', Result: {}, ...fields })

  test.skipIf(cases === null)('behind a forwarder and outside are the devices themselves', () => {
    const records = read('adguard-home', caseText('34-agh-ecs-and-cid/querylog.json'))
    const queries = records.filter((record) => record.kind === 'query')
    expect(queries.find(({ name }) => name === 'ecs.example')).toMatchObject({ client: '192.168.1.38' })
    const tablet = queries.find(({ name }) => name === 'cid.example')
    expect(tablet).toMatchObject({ clientName: 'kids-tablet' })
    expect(devicesOf(records)).toEqual([
      { name: 'kids-tablet', addresses: [] },
      { name: null, addresses: ['192.168.1.38'] },
    ])
  })

  test.each([
    ['an IPv6 address in full', { ECS: 'fd00::38/128' }, 'fd00::38'],
    ['a network', { ECS: '192.168.1.0/24' }, '192.168.1.1'],
    ['an address on the internet', { ECS: '203.0.113.9/32' }, '192.168.1.1'],
    ['an address named by somebody outside', { ECS: '192.168.1.38/32', IP: '203.0.113.9' }, '203.0.113.9'],
    ['a device at home that has an id', { IP: '192.168.1.40', CID: 'kids-tablet' }, '192.168.1.40'],
    ['with its scope', { ECS: '192.168.1.38/32/0/0' }, '192.168.1.38'],
  ])('%s', (_, fields, client) => {
    expect(read('adguard-home', line(fields))[0]).toMatchObject({ client })
  })

  test('with the same id are the same device, wherever they are', () => {
    const [one] = read('adguard-home', line({ IP: '198.51.100.7', CID: 'kids-tablet' }))
    const [other] = read('adguard-home', line({ IP: '2001:db8::7', CID: 'kids-tablet' }))
    expect(devicesOf([one, other])).toEqual([{ name: 'kids-tablet', addresses: [] }])
  })

  test.each([
    ['safe search', { Reason: 7, IsFiltered: true }, 'answered 192.0.2.1'],
    ['safe browsing', { Reason: 4, IsFiltered: true }, 'blocked'],
    ['parental control', { Reason: 5, IsFiltered: true }, 'blocked'],
    ['a blocked service', { Reason: 8, IsFiltered: true, ServiceName: 'x' }, 'blocked'],
    ['a rewrite', { Reason: 9 }, 'answered 192.0.2.1'],
    ['a rule that rewrites', { Reason: 11 }, 'answered 192.0.2.1'],
    ['an allow list', { Reason: 1 }, 'answered 192.0.2.1'],
    ['a reason in words', { Reason: 'FilteredBlackList' }, 'blocked'],
  ])('are told that %s took the question', (_, Result, meaning) => {
    const Answer = encode({
      type: 'response',
      questions: [{ type: 'A', name: 'a.example' }],
      answers: [{ type: 'A', name: 'a.example', data: '192.0.2.1' }],
    }).toString('base64')
    expect(answersOf(read('adguard-home', line({ Result, Answer })))).toEqual([`192.168.1.1 a.example ${meaning}`])
  })

  test('are found in the question of the old form, by its EDNS option', () => {
    const questions = [{ type: 'AAAA' as const, name: 'old.example' }]
    const options = [{ code: 'CLIENT_SUBNET' as const, family: 1, sourcePrefixLength: 32, ip: '192.168.1.38' }]
    const additionals = [
      { type: 'OPT' as const, name: '.' as const, udpPayloadSize: 1232, flags: 0, options },
    ] as unknown as NonNullable<Parameters<typeof encode>[0]['additionals']>
    const Question = encode({ type: 'query', questions, additionals }).toString('base64')
    const text = JSON.stringify({ Question, Time: '2019-11-24T10:00:00.5Z', IP: '192.168.1.1', Result: {}, Elapsed: 1 })
    const records = read('adguard-home', text)
    expect(queriesOf(records)).toEqual(['192.168.1.38 old.example 28'])
    expect(records[0]?.time).toBe(Date.UTC(2019, 10, 24, 10) / 1000 + 0.5)
  })
})

describe("Zeek's times and shippers", () => {
  test.skipIf(cases === null)('in milliseconds are those of the log', () => {
    const [record] = read('zeek', caseText('35-zeek-json-millis/dns.log'))
    expect(record?.time).toBeCloseTo(Date.UTC(2026, 10, 29, 10) / 1000 + 0.123, 3)
  })

  const fields = { 'id.orig_h': '10.0.0.5', 'id.resp_p': 53, query: 'a.example', qtype: 1 }
  const SECOND = Date.UTC(2026, 10, 24, 10) / 1000
  const ecs = {
    '@timestamp': '2026-11-24T10:00:00Z',
    event: { dataset: 'zeek.dns' },
    source: { ip: '10.0.0.5' },
    destination: { port: 53 },
  }
  test.each([
    ['seconds', { ts: SECOND, ...fields }],
    ['milliseconds without sign', { ts: SECOND * 1000, ...fields }],
    ['ISO 8601', { ts: '2026-11-24T10:00:00.000000Z', ...fields }],
    ['Security Onion, raw', { ...ecs, message: JSON.stringify({ ts: SECOND, ...fields }) }],
    ['Security Onion, fields', { ...ecs, dns: { query: { name: 'a.example', type_name: 'A' } } }],
    ['the original of an event', { ...ecs, event: { original: JSON.stringify({ ts: SECOND, ...fields }) } }],
    ['Elastic, fields with dots', { ...ecs, 'dns.question.name': 'a.example', 'dns.question.type': 'A' }],
    ['a list', [{ ts: SECOND, ...fields }]],
  ])('as %s give the same look-up', (_, entry) => {
    expect(read('zeek', JSON.stringify(entry))).toEqual([
      { kind: 'query', time: SECOND, client: '10.0.0.5', name: 'a.example', type: 1 },
    ])
  })
})

describe('a log with one client', () => {
  const line = (client: string, index: number): string =>
    `${stampOf(Date.now() / 1000)} dnsmasq[1]: query[A] host${index}.example from ${client}\n`

  test.skipIf(cases === null)('says who that is and what to do', async () => {
    const path = join(folder, 'onec.log')
    writeFileSync(path, caseText('37-one-client-no-hint/onec.log'))
    const source = follow(path, 'dnsmasq')
    await source.look()
    expect(source.status().problem).toMatch(/from one address, 172\.17\.0\.1 \(Docker's bridge.*host networking.*DHCP/)
  })

  test.each([
    ['172.18.0.1', 30, /Docker's bridge/],
    ['10.88.0.1', 30, /container network/],
    ['192.168.178.1', 30, /192\.168\.178\.1 \(the router\?\)/],
    ['fd00::1', 30, /the router/],
    ['127.0.0.1', 30, /resolver's own machine/],
    ['192.168.1.23', 100, /from one address, 192\.168\.1\.23:/],
  ])('%s, that is after %i look-ups', async (client, most, sentence) => {
    const path = join(folder, 'query.log')
    writeFileSync(path, Array.from({ length: most - 1 }, (_, index) => line(client, index)).join(''))
    const source = follow(path, 'dnsmasq')
    await source.look()
    expect(source.status().problem).toBeNull()
    appendFileSync(path, line(client, most))
    await source.look()
    expect(source.status().problem).toMatch(sentence)
    appendFileSync(path, line('192.168.1.77', most))
    if (client !== '127.0.0.1') appendFileSync(path, line('192.168.1.78', most))
    await source.look()
    expect(source.status().problem).toBeNull()
  })
})

describe('a log whose clock is off', () => {
  const lines = (second: number): string =>
    Array.from(
      { length: 5 },
      (_, index) => `${stampOf(second)} dnsmasq[1]: query[A] h${index}.example from 192.168.1.31\n`,
    ).join('')
  const seconds = (): number => Math.floor(Date.now() / 1000)

  test.skipIf(cases === null)('by an hour asks whether the zone is another one', async () => {
    const path = join(folder, 'query.log')
    writeFileSync(path, execFileSync('/bin/sh', [join(cases as string, '38-log-clock-off/make.sh')]))
    const source = follow(path, 'dnsmasq')
    await source.look()
    expect(source.status().problem).toMatch(/always 1 hour \(3600 s\) behind.*time zone/)
  })

  test.each([
    ['an hour ahead', -3600, /1 hour \(3600 s\) ahead/],
    ['five and a half hours behind', 19_800, /5\.5 hours/],
    ['eight hours behind, with a daemon that holds lines back', 28_800 + 20, /8 hours/],
  ])('%s, is said when it stays so', async (_, offset, sentence) => {
    const path = join(folder, 'query.log')
    writeFileSync(path, '')
    const source = follow(path, 'dnsmasq')
    for (let look = 0; look < 3; look++) {
      appendFileSync(path, lines(seconds() - offset + look - 2))
      await source.look()
    }
    expect(source.status().problem).toMatch(sentence)
    appendFileSync(path, lines(seconds()))
    await source.look()
    expect(source.status().problem).toBeNull()
  })

  test.each([
    ['that is right', 0],
    ['of which the last line is older', 2000],
    ['that was copied two days later', 2 * 86_400],
  ])('%s, says nothing', async (_, offset) => {
    const path = join(folder, 'query.log')
    writeFileSync(path, lines(seconds() - offset))
    const source = follow(path, 'dnsmasq')
    await source.look()
    expect(source.status().problem).toBeNull()
  })
})

describe('a stamp without a zone', () => {
  const at = (clock: string): string => `Oct 25 ${clock} dnsmasq[1]: query[A] a.example from 10.0.0.5`

  test('of the hour that comes twice in autumn is told by the order of the lines', () => {
    process.env['TZ'] = 'Europe/Berlin'
    const records = read(
      'dnsmasq',
      at('01:59:00'),
      at('02:30:00'),
      at('02:59:59'),
      at('02:00:01'),
      at('02:30:00'),
      at('03:00:00'),
    )
    const midnight = Date.UTC(2026, 9, 24, 22) / 1000
    expect(records.map(({ time }) => (time ?? 0) - midnight)).toEqual([7140, 9000, 10_799, 10_801, 12_600, 14_400])
  })

  test('is of the second hour where it is being written now', () => {
    process.env['TZ'] = 'Europe/Berlin'
    const second = Date.UTC(2026, 9, 25, 1, 30) / 1000
    const parser = createLogParser('dnsmasq', () => second + 1)
    expect(parser.parse(at('02:30:00'))[0]?.time).toBe(second)
    const earlier = createLogParser('dnsmasq', () => second - 3599)
    expect(earlier.parse(at('02:30:00'))[0]?.time).toBe(second - 3600)
  })

  test('beside one with a zone further out counts less', () => {
    process.env['TZ'] = 'America/New_York'
    const [record] = read('dnsmasq', `2026-10-25T00:30:00.5Z ${at('02:30:00')}`)
    expect(record?.time).toBe(Date.UTC(2026, 9, 25, 0, 30) / 1000 + 0.5)
  })

  test('is of the year in which the day was, and of the one before in January', () => {
    const read2027 = (stamp: string): number | null | undefined =>
      createLogParser('dnsmasq', () => Date.UTC(2027, 0, 2) / 1000).parse(at('10:00:00').replace('Oct 25', stamp))[0]
        ?.time
    expect(new Date((read2027('Dec 31') ?? 0) * 1000).getFullYear()).toBe(2026)
    expect(new Date((read2027('Jan  1') ?? 0) * 1000).getFullYear()).toBe(2027)
    expect(new Date((read2027('Feb 29') ?? 0) * 1000).getFullYear()).toBe(2024)
    expect(read2027('Feb 30')).toBeUndefined()
  })
})

/** What a home of these records alone shows. */
function devicesOf(records: LogRecord[]): { name: string | null; addresses: string[] }[] {
  const policy: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }
  const accounting = new TrafficAccounting(openRules(compiledRulesFolder()), null, policy)
  for (const record of records) accounting.addLog(record, 2_000_000_000, false)
  accounting.engine.timeMark(2_000_000_000)
  accounting.drain()
  return accounting.drainDevices(100).map(({ name, addresses }) => ({ name, addresses }))
}

/** As syslog writes it, of this machine's zone. */
function stampOf(second: number): string {
  const date = new Date(second * 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getMonth()]
  return `${month} ${String(date.getDate()).padStart(2)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
