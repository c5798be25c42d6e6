// BIND's log with any print- option: each query has the device that sent it.
import { describe, expect, test } from 'vitest'
import { BindLog, parseBindLine } from '../../../capture/logs/bind.ts'
import { answersOf, now, readLog } from './read-log.ts'

const CLIENT = 'client @0x7fc408207098 10.0.0.5#35498 (a.example): '

describe('a BIND line', () => {
  test.each([
    ['all prints', `22-Nov-2026 21:41:02.271 queries: info: ${CLIENT}query: a.example IN A + (192.0.2.53)`],
    ['no prints', `${CLIENT}query: a.example IN A +E(0)K (192.0.2.53)`],
    ['severity alone', `2026-11-24T10:00:00.555 info: ${CLIENT}query: a.example IN A - (192.0.2.53)`],
    ['ISO time in UTC', `2026-11-24T10:00:00.555Z queries: info: ${CLIENT}query: a.example IN A - (192.0.2.53)`],
    ['syslog', `Nov 24 10:00:00 router named[12]: ${CLIENT}query: a.example IN A + (192.0.2.53)`],
    ['a view', `${CLIENT}view inside: query: a.example IN A + (192.0.2.53)`],
    ['no pointer', 'client 10.0.0.5#35498 (a.example): query: a.example IN A + (192.0.2.53)'],
    ['a client subnet', `${CLIENT}query: a.example IN A +E(0) (192.0.2.53) [ECS 198.51.100.0/24/0]`],
    ['a key', 'client @0x7f 10.0.0.5#35498/key home (a.example): query: a.example IN A +S (192.0.2.53)'],
  ])('is read with %s', (_, line) => {
    expect(parseBindLine(line, now)).toMatchObject({ kind: 'query', client: '10.0.0.5', name: 'a.example', type: 1 })
  })

  test('of an IPv6 client comes without the zone', () => {
    expect(
      parseBindLine('client @0x7f fe80::1%2#353 (a.example): query: a.example IN AAAA + (::1)', now),
    ).toMatchObject({ client: 'fe80::1', type: 28 })
  })

  test.each([
    [`${CLIENT}query failed (SERVFAIL) for a.example/IN/AAAA at query.c:7916`, '10.0.0.5 a.example failed', 28],
    [`${CLIENT}query failed (REFUSED) for a/b.example/IN/A at query.c:5`, '10.0.0.5 a/b.example refused', 1],
    [`${CLIENT}response: a.example IN A NXDOMAIN + 1 0 1 (192.0.2.53)`, '10.0.0.5 a.example no-name', 1],
    [
      `${CLIENT}rpz QNAME NXDOMAIN rewrite ads.example/A/IN via ads.example.blocklist`,
      '10.0.0.5 ads.example blocked',
      1,
    ],
  ])('emits the outcome: %s', (line, answer, type) => {
    const records = readLog(new BindLog(now), line)
    expect(answersOf(records)).toEqual([answer])
    expect(records[0]).toMatchObject({ type })
  })

  test.each([
    [String.raw`we\"ird\\\(x\)\;\$.te\.st`, String.raw`we"ird\\(x);$.te\.st`],
    [String.raw`evil\010Nov\03222\032query:\032x.com`, String.raw`evil\010Nov 22 query: x.com`],
    [String.raw`m\195\188nchen.example`, 'münchen.example'],
    [String.raw`\001\128\255bin.test`, String.raw`\001\128\255bin.test`],
    ['MiXeD.Example', 'MiXeD.Example'],
  ])('writes the name %s as the wire does', (logged, name) => {
    expect(parseBindLine(`client @0x7f 10.0.0.66#1 (${logged}): query: ${logged} IN A + (::1)`, now)).toMatchObject({
      client: '10.0.0.66',
      name,
    })
  })

  test.each([
    [String.raw`client @0x7f 10.0.0.66#1 (.): query: . IN NS + (::1)`],
    ['client @0x7f 10.0.0.66#1 (version.bind): query: version.bind CH TXT + (::1)'],
    ['client @0x7f somebody#1 (a.example): query: a.example IN A + (::1)'],
    ['client @0x7f 10.0.0.66#1: message parsing failed: bad label'],
    ['zone example/IN: loaded serial 1'],
    [`client @0x7f 10.0.0.66#1 (${'a'.repeat(64)}): query: ${'a'.repeat(64)} IN A + (::1)`],
  ])('"%s" says nothing', (line) => {
    expect(parseBindLine(line, now)).toBeNull()
  })
})
