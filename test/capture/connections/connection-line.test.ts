// Lines of Linux's table of connections are read in the forms of several versions, and nothing else is.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { countersOf, endsOf, MAX_CONNECTION_LINE, partsOf } from '../../../capture/connections/connection-line.ts'
import { addressText } from '../../../capture/ip-address.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'

const TUPLES =
  'src=192.168.1.10 dst=203.0.113.9 sport=50000 dport=443 packets=3 bytes=300 src=203.0.113.9 dst=198.51.100.2 sport=443 dport=61000 packets=2 bytes=2000'
const ROW = `ipv4     2 tcp      6 431987 ESTABLISHED ${TUPLES} [ASSURED] mark=0 use=1 id=2520484050`

/** What a line says, in short; null where it is no connection. */
function read(line: string) {
  const parts = partsOf(line)
  if (parts === null) return null
  const ends = endsOf(parts.body)
  if (ends === null) return null
  const { event, id, protocol, isOffloaded } = parts
  const between = `${addressText(ends.a)} ${ends.portA} ${addressText(ends.b)} ${ends.portB}`
  return { event, id, protocol, isOffloaded, between, counters: countersOf(parts.body) }
}

const COUNTED = { packetsA: 3, bytesA: 300, packetsB: 2, bytesB: 2000 }
const SEEN = {
  event: '',
  id: '2520484050',
  protocol: 6,
  isOffloaded: false,
  between: '192.168.1.10 50000 203.0.113.9 443',
  counters: COUNTED,
}

describe('a row', () => {
  test('of conntrack -L -o id,extended', () => expect(read(ROW)).toEqual(SEEN))
  test('of conntrack -L -o id, without the network protocol', () =>
    expect(read(ROW.replace('ipv4     2 ', ''))).toEqual(SEEN))
  test('of /proc/net/nf_conntrack, which has no number', () =>
    expect(read(ROW.replace('use=1 id=2520484050', 'zone=0 use=2'))).toEqual({ ...SEEN, id: '' }))
  test('of /proc/net/ip_conntrack', () =>
    expect(read(`tcp      6 431987 ESTABLISHED ${TUPLES} [ASSURED] mark=0 use=2`)).toEqual({ ...SEEN, id: '' }))
  test('with a security context, a mark and a delta time', () =>
    expect(read(ROW.replace('mark=0', 'mark=7 secctx=system_u:object_r:unlabeled_t:s0 delta-time=1756'))).toEqual(SEEN))
  test('with the times of nf_conntrack_timestamp', () =>
    expect(read(ROW.replace('use=1', '[start=Tue Sep 29 10:00:00 2026] use=1'))).toEqual(SEEN))
  test('without an answer', () =>
    expect(
      read(ROW.replace(' src=203', ' [UNREPLIED] src=203').replace('packets=2 bytes=2000', 'packets=0 bytes=0')),
    ).toEqual({
      ...SEEN,
      counters: { ...COUNTED, packetsB: 0, bytesB: 0 },
    }))
  test.each(['[OFFLOAD]', '[HW_OFFLOAD]'])('that goes past the firewall: %s, which has no timeout', (flag) =>
    expect(read(ROW.replace('431987 ESTABLISHED ', '').replace('[ASSURED]', flag))).toEqual({
      ...SEEN,
      isOffloaded: true,
    }),
  )
  test('of IPv6, in full as /proc writes it', () => {
    const a = '2001:0db8:0050:0000:0000:0000:0000:0010'
    const b = '2001:0db8:0060:0000:0000:0000:0000:0001'
    const line = `ipv6     10 udp      17 29 src=${a} dst=${b} sport=1 dport=53 packets=1 bytes=60 src=${b} dst=${a} sport=53 dport=1 packets=1 bytes=80 mark=0 zone=0 use=2`
    expect(read(line)).toMatchObject({ protocol: 17, between: '2001:db8:50::10 1 2001:db8:60::1 53' })
  })
  test('of ICMP, whose own number is not that of the connection', () => {
    const line =
      'icmp     1 29 src=192.168.1.10 dst=203.0.113.9 type=8 code=0 id=27152 packets=1 bytes=84 src=203.0.113.9 dst=198.51.100.2 type=0 code=0 id=27152 packets=1 bytes=84 mark=0 use=1 id=1608092411'
    expect(read(line)).toMatchObject({ protocol: 1, id: '1608092411', between: '192.168.1.10 0 203.0.113.9 0' })
    expect(read(line.replace(' id=1608092411', ''))).toMatchObject({ id: '' })
  })
  test('of GRE and of a protocol without a name', () => {
    const gre =
      'ipv4 2 gre 47 29 timeout=30, stream_timeout=180 src=192.168.1.10 dst=203.0.113.9 srckey=0x1 dstkey=0x2 packets=1 bytes=84 src=203.0.113.9 dst=192.168.1.10 srckey=0x2 dstkey=0x1 packets=1 bytes=84 mark=0 use=1 id=9'
    expect(read(gre)).toMatchObject({ protocol: 47, id: '9' })
    const esp =
      'ipv4     2 unknown  50 599 src=192.168.1.10 dst=203.0.113.9 packets=1 bytes=84 src=203.0.113.9 dst=192.168.1.10 packets=1 bytes=84 mark=0 use=1 id=10'
    expect(read(esp)).toMatchObject({ protocol: 50, id: '10', between: '192.168.1.10 0 203.0.113.9 0' })
  })
  test('without counters says so', () => {
    const line = ROW.replace(/ packets=\d+ bytes=\d+/g, '')
    expect(read(line)).toEqual({ ...SEEN, counters: 'none' })
  })
})

test('a report of an end has its event', () => {
  const line = `[1796015415.535548]\t[DESTROY] ipv4     2 tcp      6 TIME_WAIT ${TUPLES} [ASSURED] delta-time=30 id=5`
  expect(read(line)).toEqual({ ...SEEN, event: 'DESTROY', id: '5' })
  expect(read(line.replace('[1796015415.535548]\t', ''))).toEqual({ ...SEEN, event: 'DESTROY', id: '5' })
})

test('the far end is where the answer comes from, whatever the device addressed', () => {
  const forwarded = ROW.replace('src=192.168.1.10 dst=203.0.113.9', 'src=203.0.113.9 dst=198.51.100.2').replace(
    'src=203.0.113.9 dst=198.51.100.2 sport=443 dport=61000',
    'src=192.168.1.50 dst=203.0.113.9 sport=80 dport=50000',
  )
  expect(read(forwarded)?.between).toBe('203.0.113.9 50000 192.168.1.50 80')
})

test('connections of two zones are two', () => {
  const zoned = ROW.replace('mark=0', 'mark=0 zone=3')
  expect(partsOf(zoned)?.key).not.toBe(partsOf(ROW)?.key)
  expect(partsOf(ROW.replace('mark=0', 'mark=0 zone=0'))?.key).toBe(partsOf(ROW)?.key)
})

describe('no connection', () => {
  test.each([
    ['nothing', ''],
    ['the last line of the program', 'conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.'],
    ['one tuple', ROW.slice(0, ROW.indexOf(' src=203'))],
    ['no address', ROW.replace('src=192.168.1.10', 'src=192.168.1.999')],
    ['two kinds of addresses', ROW.replace(' src=203.0.113.9', ' src=2001:db8::1')],
    ['a port too high', ROW.replace('sport=50000', 'sport=65536')],
    ['a protocol too high', ROW.replace('tcp      6', 'tcp      600')],
    ['a line too long', `${ROW}${' mark=0'.repeat(MAX_CONNECTION_LINE)}`],
  ])('is %s', (_, line) => expect(read(line)).toBeNull())

  test.each([
    ['a packet of less than a header', 'packets=3 bytes=59'],
    ['a packet of more than any', 'packets=3 bytes=9999999'],
    ['more than a number holds', 'packets=9007199254740993 bytes=9007199254740993'],
    ['bytes without packets', 'packets=0 bytes=100'],
  ])('counters are %s', (_, text) => expect(read(ROW.replace('packets=3 bytes=300', text))?.counters).toBeNull())
})

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)
describe.skipIf(folder === null)('lines of a real gateway', () => {
  const lines = (file: string): string[] =>
    readFileSync(`${folder}/exporters/${file}`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')

  test.each(['conntrack-list.txt', 'proc-nf_conntrack.txt'])('each of %s has counters', (file) => {
    for (const line of lines(file)) expect(read(line)?.counters, line).toMatchObject({ packetsA: expect.any(Number) })
  })

  test('each of conntrack-events.txt is read, and each end has its counters', () => {
    const all = lines('conntrack-events.txt')
    for (const line of all) expect(read(line), line).not.toBeNull()
    const ends = all.map(read).filter((one) => one?.event === 'DESTROY')
    expect(ends.length).toBeGreaterThan(10)
    for (const end of ends) expect(end?.counters).toMatchObject({ bytesA: expect.any(Number) })
    // The same sum by another way than the parser's.
    const sum = all
      .filter((line) => line.includes('[DESTROY]'))
      .flatMap((line) => [...line.matchAll(/bytes=(\d+)/g)].map(([, bytes]) => Number(bytes)))
      .reduce((total, bytes) => total + bytes, 0)
    const read_ = ends.reduce((total, end) => {
      const { bytesA, bytesB } = end?.counters as typeof COUNTED
      return total + bytesA + bytesB
    }, 0)
    expect(read_).toBe(sum)
  })
})
