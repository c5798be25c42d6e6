// Tests of duplicate logs: a look-up in both Pi-hole's log and its database counts once, one in only one of them
// counts too.
import { beforeEach, describe, expect, test } from 'vitest'
import type { LogQuery } from '../../../capture/logs/record.ts'
import type { LogFormat } from '../../../capture/logs/formats.ts'
import { haveDuplicates, DuplicateLogs } from '../../../server/session/duplicate-logs.ts'

let duplicates: DuplicateLogs
beforeEach(() => {
  duplicates = new DuplicateLogs()
})

function counted(format: LogFormat, names: string[], fields: Partial<LogQuery> = {}): number {
  return names.filter(
    (name) =>
      !duplicates.isRepeat(
        format,
        { kind: 'query', time: 1000, client: '192.168.7.5', type: 1, name, ...fields },
        1000,
      ),
  ).length
}

describe('a log beside the database', () => {
  test('counts once what both hold, whichever is first', () => {
    expect(counted('pihole', ['a.example', 'a.example', 'b.example'])).toBe(3)
    expect(counted('pihole-ftl', ['a.example', 'a.example', 'b.example'])).toBe(0)
    expect(counted('pihole-ftl', ['c.example'])).toBe(1)
    expect(counted('pihole', ['c.example'])).toBe(0)
  })

  test('counts what only one of them holds', () => {
    expect(counted('pihole', ['a.example'])).toBe(1)
    expect(counted('pihole-ftl', ['a.example', 'a.example', 'd.example'])).toBe(2)
  })

  test('counts another client, another type and another minute as another look-up', () => {
    expect(counted('pihole', ['a.example'])).toBe(1)
    for (const other of [
      { client: '192.168.7.6' },
      { type: 28 },
      { time: 1080 },
      { time: null, client: '192.168.7.7' },
    ])
      expect(counted('pihole-ftl', ['a.example'], other)).toBe(1)
  })

  test('counts once what differs in case or, where one tells no types, in the type alone', () => {
    expect(counted('technitium', ['A.Example'])).toBe(1)
    expect(counted('technitium-db', ['a.example'])).toBe(0)
    expect(counted('dnscrypt-proxy', ['ads.example'])).toBe(1)
    expect(counted('dnscrypt-blocked', ['ads.example'], { type: 0 })).toBe(0)
    expect(counted('pfblockerng', ['b.example', 'b.example'])).toBe(2)
    expect(counted('pfblockerng-unified', ['b.example', 'b.example', 'b.example'])).toBe(1)
  })

  test('leaves the log of another resolver alone', () => {
    expect(counted('pihole', ['a.example'])).toBe(1)
    expect(counted('unbound', ['a.example'])).toBe(1)
    expect(counted('pihole-ftl', ['a.example'])).toBe(0)
  })

  test('holds no more than a few hours of a busy home', () => {
    expect(
      counted(
        'pihole',
        Array.from({ length: 100_001 }, (_, index) => `n${index}.example`),
      ),
    ).toBe(100_001)
    expect(counted('pihole-ftl', ['n100000.example'])).toBe(0)
    expect(counted('pihole-ftl', ['n0.example'])).toBe(1)
  })
})

test("only a database and a file beside it are one resolver's", () => {
  const all: [LogFormat[], boolean][] = [
    [['pihole', 'pihole-ftl'], true],
    [['pihole-ftl', 'dnsmasq'], true],
    [['dnsmasq', 'dnsmasq'], false],
    [['pihole', 'unbound'], false],
    [['pihole-ftl'], false],
  ]
  for (const [formats, wanted] of all) expect([formats, haveDuplicates(formats)]).toEqual([formats, wanted])
})
