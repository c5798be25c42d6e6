// AdGuard Home's querylog.json is read, with the addresses in its base64 messages.
import { encode, type Answer } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { AdGuardHomeLog } from '../../../capture/logs/adguard-home.ts'
import { answersOf, queriesOf, readLog } from './read-log.ts'

function message(name: string, answers: Answer[], type: 'A' | 'AAAA' = 'A', flags = 0): string {
  return encode({ type: 'response', id: 1, flags, questions: [{ type, name }], answers }).toString('base64')
}

/** The fields that AdGuard Home documents and writes (querylog/entry.go). */
function entry(fields: Record<string, unknown>): string {
  return JSON.stringify({
    T: '2026-11-24T10:00:00.123456789+01:00',
    QH: 'a.example',
    QT: 'A',
    QC: 'IN',
    CP: '',
    Upstream: '192.0.2.53:53',
    IP: '10.0.0.5',
    Elapsed: 1_000_000,
    Result: {},
    ...fields,
  })
}

describe("AdGuard Home's log", () => {
  test('gives the question, and the answer through aliases in any order', () => {
    const records = readLog(
      new AdGuardHomeLog(),
      entry({
        Answer: message('a.example', [
          { type: 'A', name: 'edge.cdn.example', data: '192.0.2.1' },
          { type: 'CNAME', name: 'mid.example', data: 'edge.cdn.example' },
          { type: 'CNAME', name: 'a.example', data: 'mid.example' },
          { type: 'A', name: 'unrelated.example', data: '192.0.2.99' },
        ]),
      }),
    )
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(answersOf(records)).toEqual(['10.0.0.5 a.example answered 192.0.2.1'])
    expect(records[1]).toMatchObject({ aliases: ['mid.example', 'edge.cdn.example'] })
    expect(records[0]?.time).toBeCloseTo(Date.UTC(2026, 10, 24, 9) / 1000 + 0.123456789, 6)
  })

  test('gives IPv6 addresses', () => {
    const answer = message('a.example', [{ type: 'AAAA', name: 'a.example', data: '2001:db8::1' }], 'AAAA')
    expect(answersOf(readLog(new AdGuardHomeLog(), entry({ QT: 'AAAA', Answer: answer })))).toEqual([
      '10.0.0.5 a.example answered 2001:db8::1',
    ])
  })

  test.each([
    [
      'a filter',
      { Result: { IsFiltered: true, Reason: 3, Rules: [{ FilterListID: 1, Text: '||a.example^' }] } },
      'blocked',
    ],
    ['a safe-browsing block', { Result: { Reason: 4 } }, 'blocked'],
    [
      'an unspecified address',
      { Answer: message('a.example', [{ type: 'A', name: 'a.example', data: '0.0.0.0' }]) },
      'blocked',
    ],
    ['NXDOMAIN', { Answer: message('a.example', [], 'A', 3) }, 'no-name'],
    ['no records', { Answer: message('a.example', []) }, 'no-data'],
  ])('emits %s', (_, fields, status) => {
    expect(answersOf(readLog(new AdGuardHomeLog(), entry(fields)))).toEqual([`10.0.0.5 a.example ${status}`])
  })

  test.each([
    ['another question', { Answer: message('b.example', [{ type: 'A', name: 'b.example', data: '192.0.2.1' }]) }],
    ['no base64', { Answer: '%%%' }],
    ['no text', { Answer: 7 }],
  ])('rejects an answer of %s', (_, fields) => {
    expect(answersOf(readLog(new AdGuardHomeLog(), entry(fields)))).toEqual([])
  })

  test.each([
    ['{'],
    ['[1]'],
    ['null'],
    ['{"IP":"10.0.0.5"}'],
    [entry({ IP: 'kitchen' })],
    [entry({ QH: '' })],
    ['{"__proto__":{"IP":"10.0.0.5","QH":"a.example"}}'],
    ['['.repeat(100_000)],
  ])('line %# says nothing', (line) => {
    expect(readLog(new AdGuardHomeLog(), line)).toEqual([])
  })

  test('keeps a line break in a name escaped and with its client', () => {
    const records = readLog(new AdGuardHomeLog(), entry({ IP: '10.0.0.66', QH: 'x\n{"IP":"10.0.0.5"}' }))
    expect(records).toMatchObject([{ client: '10.0.0.66' }])
  })
})
