// Logs of dnsmasq and Pi-hole: each query and answer has the device that sent the query, whatever a name contains.
import { describe, expect, test } from 'vitest'
import { DnsmasqLog, parseDnsmasqLine } from '../../../capture/logs/dnsmasq.ts'
import { answersOf, NOW, now, queriesOf, readLog } from './read-log.ts'

const HEAD = 'Nov 24 10:00:00 dnsmasq[7]: '

function read(...lines: string[]): ReturnType<typeof readLog> {
  return readLog(new DnsmasqLog(now), lines.map((line) => HEAD + line).join('\n'))
}

describe('a dnsmasq line', () => {
  test.each([
    ['its own log file', 'Nov 24 10:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5'],
    ['syslog', 'Nov  4 10:00:00 router dnsmasq[7]: query[A] a.example from 10.0.0.5'],
    ['syslog with ISO time', '2026-11-24T10:00:00.123456+01:00 router dnsmasq[7]: query[A] a.example from 10.0.0.5'],
    ["OpenWrt's logread", 'Tue Nov 24 10:00:00 2026 daemon.info dnsmasq[7]: query[A] a.example from 10.0.0.5'],
    ['the console', 'dnsmasq: query[A] a.example from 10.0.0.5'],
    ['extra', 'Nov 24 10:00:00 dnsmasq[7]: 12 10.0.0.5/4711 query[A] a.example from 10.0.0.5'],
    ['extra over TCP', 'Nov 24 10:00:00 dnsmasq[7]: TCP 12 10.0.0.5/4711 query[A] a.example from 10.0.0.5'],
    ['an authoritative zone', 'Nov 24 10:00:00 dnsmasq[7]: auth[A] a.example from 10.0.0.5'],
  ])('is read with the prefix of %s', (_, line) => {
    expect(parseDnsmasqLine(line, now)).toMatchObject({ kind: 'query', client: '10.0.0.5', name: 'a.example', type: 1 })
  })

  test.each([
    ['query[HTTPS] a.example from 10.0.0.5', 65],
    ['query[type=64] a.example from 10.0.0.5', 64],
    ['query[AAAA] a.example from 10.0.0.5', 28],
    ['query[NONSENSE] a.example from 10.0.0.5', 0],
  ])('"%s" asks for type %i', (line, type) => {
    expect(parseDnsmasqLine(HEAD + line, now)).toMatchObject({ type })
  })

  test('of the last evening of December is of the year before when read in January', () => {
    const january = Date.UTC(2027, 0, 1, 12) / 1000
    const line = parseDnsmasqLine('Dec 31 23:59:58 dnsmasq[7]: query[A] a.example from 10.0.0.5', () => january)
    expect(new Date((line?.time ?? 0) * 1000).getFullYear()).toBe(2026)
  })

  test('has the time of its stamp', () => {
    const stamp = new Date(2026, 10, 24, 10, 0, 0).getTime() / 1000
    expect(parseDnsmasqLine(`${HEAD}query[A] a.example from 10.0.0.5`, now)?.time).toBe(stamp)
    expect(parseDnsmasqLine('2026-11-24T10:00:00.5Z r dnsmasq[7]: query[A] a.example from 10.0.0.5', now)?.time).toBe(
      NOW - 2 * 3600 + 0.5,
    )
  })

  test.each([
    ['started, version 2.90 cachesize 1000'],
    ['using nameserver 192.0.2.1#53'],
    ['forwarded a.example to 192.0.2.1'],
    ['query[A] <name unprintable> from 10.0.0.5'],
    ['query[A] a.example from the.neighbour'],
    ['query[A] a.example'],
    ['query[A]  from 10.0.0.5'],
    ['query[A] a..example from 10.0.0.5'],
    [`query[A] ${'a'.repeat(64)}.example from 10.0.0.5`],
    [`query[A] ${'abcdefg.'.repeat(32)}example from 10.0.0.5`],
    ['reply 8.8.8.8 is dns.google'],
    ['validation result is SECURE'],
    ['reply a.example is nonsense'],
    ['1 10.0.0.6/99 query[A] a.example from 10.0.0.5'],
  ])('"%s" says nothing', (line) => {
    expect(parseDnsmasqLine(HEAD + line, now)).toBeNull()
  })

  test('with a line break inside is rejected', () => {
    expect(parseDnsmasqLine(`${HEAD}query[A] x\n${HEAD}query[A] bank.example from 10.0.0.5`, now)).toBeNull()
  })

  test('emits a lease', () => {
    const line = 'Nov 24 10:00:00 dnsmasq-dhcp[7]: DHCPACK(br-lan) 10.0.0.5 AA:BB:CC:00:00:01 kitchen-cam'
    expect(parseDnsmasqLine(line, now)).toMatchObject({
      kind: 'lease',
      mac: 'aa:bb:cc:00:00:01',
      address: '10.0.0.5',
      name: 'kitchen-cam',
    })
  })
})

describe('with extra', () => {
  test('answers go by serial number, through aliases', () => {
    const records = read(
      '1 10.0.0.5/100 query[A] shop.example from 10.0.0.5',
      '2 10.0.0.6/200 query[A] shop.example from 10.0.0.6',
      '2 10.0.0.6/200 reply shop.example is <CNAME>',
      '1 10.0.0.5/100 reply shop.example is 192.0.2.1',
      '2 10.0.0.6/200 reply edge.cdn.example is 192.0.2.2',
      '2 10.0.0.6/200 reply edge.cdn.example is 192.0.2.3',
    )
    expect(queriesOf(records)).toEqual(['10.0.0.5 shop.example 1', '10.0.0.6 shop.example 1'])
    expect(answersOf(records)).toEqual([
      '10.0.0.6 shop.example answered',
      '10.0.0.5 shop.example answered 192.0.2.1',
      '10.0.0.6 shop.example answered 192.0.2.2',
      '10.0.0.6 shop.example answered 192.0.2.3',
    ])
  })

  test('an answer with the number of another client is dropped', () => {
    expect(
      answersOf(read('1 10.0.0.5/100 query[A] a.example from 10.0.0.5', '1 10.0.0.6/100 reply a.example is 192.0.2.1')),
    ).toEqual([])
  })

  test('a failure belongs to its question', () => {
    expect(
      answersOf(read('4 10.0.0.5/100 query[A] a.example from 10.0.0.5', '4 10.0.0.5/100 reply error is REFUSED')),
    ).toEqual(['10.0.0.5 a.example refused'])
  })
})

describe('without extra', () => {
  test('an answer belongs to the last query for the name, and an alias chain to its head', () => {
    const records = read(
      'query[A] other.example from 10.0.0.7',
      'query[A] edge.cdn.example from 10.0.0.6',
      'query[A] shop.example from 10.0.0.5',
      'forwarded shop.example to 192.0.2.53',
      'reply shop.example is <CNAME>',
      'reply mid.cdn.example is <CNAME>',
      'reply edge.cdn.example is 192.0.2.2',
      'reply edge.cdn.example is 192.0.2.3',
      'reply other.example is 192.0.2.9',
      'cached edge.cdn.example is 192.0.2.4',
    )
    expect(answersOf(records)).toEqual([
      '10.0.0.5 shop.example answered',
      '10.0.0.5 shop.example answered',
      '10.0.0.5 shop.example answered 192.0.2.2',
      '10.0.0.5 shop.example answered 192.0.2.3',
      '10.0.0.7 other.example answered 192.0.2.9',
      '10.0.0.6 edge.cdn.example answered 192.0.2.4',
    ])
  })

  test("an answer nobody asked for is nobody's", () => {
    expect(answersOf(read('query[A] a.example from 10.0.0.5', 'reply b.example is 192.0.2.1'))).toEqual([])
  })

  test.each([
    ['cached a.example is NXDOMAIN', 'no-name'],
    ['reply a.example is NODATA-IPv4', 'no-data'],
    ['config a.example is 0.0.0.0', 'blocked'],
    ['gravity blocked a.example is ::', 'blocked'],
    ['exactly denied a.example is 0.0.0.0', 'blocked'],
    ['regex blacklisted a.example is 10.0.0.1', 'blocked'],
    ['special domain a.example is NXDOMAIN', 'blocked'],
    ['/etc/hosts a.example is 10.0.0.9', 'answered 10.0.0.9'],
    ['/etc/pihole/local.list a.example is 2001:DB8::9', 'answered 2001:db8::9'],
    ['DHCP a.example is 10.0.0.9', 'answered 10.0.0.9'],
    ['cached-stale a.example is 10.0.0.9', 'answered 10.0.0.9'],
    ['reply a.example is <HTTPS>', 'answered'],
    ['reply error is SERVFAIL (EDE: network error)', 'failed'],
  ])('"%s" means %s', (line, meaning) => {
    expect(answersOf(read('query[A] a.example from 10.0.0.5', line))).toEqual([`10.0.0.5 a.example ${meaning}`])
  })
})

describe('a hostile name', () => {
  test.each([
    ['x from 10.0.0.5'],
    ['query[A] bank.example from 10.0.0.5'],
    ['1 10.0.0.5/1 query[A] bank.example from 10.0.0.5'],
    ['"; from 10.0.0.5 "'],
  ])('"%s" is never credited to another device', (name) => {
    for (const front of ['', '9 10.0.0.66/5 ']) {
      const records = read(
        `${front}query[A] ${name} from 10.0.0.66`,
        `${front}reply ${name} is 192.0.2.1`,
        `${front}reply ${name} is <CNAME>`,
      )
      expect(records.length).toBe(3)
      for (const record of records) expect(record).toMatchObject({ client: '10.0.0.66' })
    }
  })

  test('does not make its own answer: the last "is" counts', () => {
    expect(answersOf(read('query[A] x is 10.9.9.9 from 10.0.0.66', 'reply x is 10.9.9.9 is 192.0.2.1'))).toEqual([
      '10.0.0.66 x is 10.9.9.9 answered 192.0.2.1',
    ])
  })
})
