// unbound's log: each query and reply has the device that sent the query.
import { describe, expect, test } from 'vitest'
import { parseUnboundLine, UnboundLog } from '../../../capture/logs/unbound.ts'
import { answersOf, now, queriesOf, readLog } from './read-log.ts'

const HEAD = '[1795383622] unbound[23971:0] info: '

function read(...lines: string[]): ReturnType<typeof readLog> {
  return readLog(new UnboundLog(now), lines.join('\n'))
}

describe('an unbound line', () => {
  test.each([
    ['epoch', '[1795383622] unbound[23971:0] info: 10.0.0.5 a.example. A IN'],
    ['log-time-ascii', 'Nov 24 10:00:00 unbound[23971:1f] info: 10.0.0.5 a.example. A IN'],
    ['log-time-iso', '2026-11-24T10:00:00.123+00:00 unbound[23971:0] info: 10.0.0.5 a.example. A IN'],
    ['syslog', 'Nov 24 10:00:00 router unbound: [23971:0] info: 10.0.0.5 a.example. A IN'],
    ['syslog with pid', 'Nov 24 10:00:00 router unbound[23971]: [23971:0] info: 10.0.0.5 a.example. A IN'],
    ['log-identity', '[1795383622] resolver-1[23971:0] info: 10.0.0.5 a.example. A IN'],
    ['log-tag-queryreply', '[1795383622] unbound[23971:0] query: 10.0.0.5 a.example. A IN'],
  ])('is read with %s', (_, line) => {
    expect(parseUnboundLine(line, now)).toMatchObject({ kind: 'query', client: '10.0.0.5', name: 'a.example', type: 1 })
  })

  test.each([
    ['resolving a.example. A IN'],
    ['server stats for thread 0: 6 queries, 0 answers from cache'],
    ['10.0.0.5 . NS IN'],
    ['10.0.0.5 version.bind. TXT CH'],
    ['10.0.0.5 a.example. A IN extra'],
    ['   0.000064    0.000128 1'],
    ['router.lan a.example. A IN'],
  ])('"%s" says nothing', (line) => {
    expect(parseUnboundLine(HEAD + line, now)).toBeNull()
  })
})

describe('an unbound log', () => {
  test('with queries and replies emits each question once', () => {
    const lines = [`${HEAD}10.0.0.5 a.example. AAAA IN`, `${HEAD}10.0.0.5 a.example. AAAA IN NXDOMAIN 0.000589 0 79`]
    expect(queriesOf(read(...lines, ...lines))).toEqual(['10.0.0.5 a.example 28', '10.0.0.5 a.example 28'])
    expect(answersOf(read(...lines))).toEqual(['10.0.0.5 a.example no-name'])
  })

  test('with tagged replies alone emits the questions too', () => {
    const line = '[1795383622] unbound[23971:0] reply: 10.0.0.5 a.example. A IN NOERROR 0.000589 0 79'
    expect(queriesOf(read(line, line))).toEqual(['10.0.0.5 a.example 1', '10.0.0.5 a.example 1'])
    expect(answersOf(read(line))).toEqual(['10.0.0.5 a.example answered'])
  })

  test.each([
    ['ads.example. always_nxdomain 10.0.0.5@4444 ads.example. A IN'],
    ['rpz: applied [blocklist] ads.example. rpz-nxdomain 10.0.0.5@4444 ads.example. A IN'],
  ])('says that a filter took the question: %s', (line) => {
    const records = read(
      `${HEAD}10.0.0.5 ads.example. A IN`,
      HEAD + line,
      `${HEAD}10.0.0.5 ads.example. A IN NXDOMAIN 0.0 1 30`,
    )
    expect(queriesOf(records)).toEqual(['10.0.0.5 ads.example 1'])
    expect(answersOf(records)).toEqual(['10.0.0.5 ads.example blocked', '10.0.0.5 ads.example blocked'])
  })
})
