// A saved log is handed over up to a moment and no further, in its own order.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { LogFeed } from '../../../server/session/log-feed.ts'
import { RecordingTooLargeError } from '../../../server/session/recording-feed.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-log-feed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const START = Date.parse('2026-11-24T10:00:00Z') / 1000

/** A line of Zeek's dns.log as JSON, `second` after the start. */
const line = (second: number, name: string): string =>
  `${JSON.stringify({ ts: START + second, uid: 'C1', 'id.orig_h': '192.168.1.5', 'id.orig_p': 5, 'id.resp_h': '192.168.1.1', 'id.resp_p': 53, proto: 'udp', query: name, qtype: 1, qtype_name: 'A', rcode_name: 'NOERROR', answers: ['203.0.113.9'] })}\n`

let files = 0
function feedOf(lines: string[], maxUnpackedBytes = 1e9): { feed: LogFeed; out: [string, number][] } {
  const path = join(folder, `${files++}.log`)
  writeFileSync(path, lines.join(''))
  const out: [string, number][] = []
  const feed = new LogFeed({
    path,
    format: 'zeek',
    maxUnpackedBytes,
    onRecord: (record, now) => {
      if (record.kind === 'query') out.push([record.name, now - START])
    },
  })
  return { feed, out }
}

async function untilThere(feed: LogFeed, until: number): Promise<void> {
  while (!(await feed.advance(until, 1_000)));
}

describe('LogFeed', () => {
  test('hands over what lies before the moment, and says when the next line is due', async () => {
    const { feed, out } = feedOf([line(0, 'a.example'), line(10, 'b.example'), line(20, 'c.example')])
    await untilThere(feed, START + 10)
    expect(out.map(([name]) => name)).toEqual(['a.example', 'b.example'])
    expect(feed.nextTime).toBe(START + 20)
    expect(feed.packets).toBe(2)
    await untilThere(feed, Number.POSITIVE_INFINITY)
    expect(out).toHaveLength(3)
    expect([feed.hasEnded, feed.nextTime, feed.lastTime]).toEqual([true, null, START + 20])
  })

  test('a line of a time before comes at once, at its own time, and time does not go back', async () => {
    const { feed, out } = feedOf([line(50, 'a.example'), line(3, 'b.example'), line(51, 'c.example')])
    await untilThere(feed, START + 50)
    expect(out).toEqual([
      ['a.example', 50],
      ['b.example', 3],
    ])
    expect(feed.lastTime).toBe(START + 50)
  })

  test('lines that are too long are a problem with their number', async () => {
    const { feed } = feedOf([line(0, 'a.example'), `${'x'.repeat(300_000)}\n`, line(1, 'b.example')])
    await untilThere(feed, Number.POSITIVE_INFINITY)
    expect(feed.problems()).toHaveLength(1)
    expect(feed.problems()[0].message).toMatch(/^1 lines? /)
  })

  test('refuses more than is allowed', async () => {
    const { feed } = feedOf([line(0, 'a.example').repeat(50)], 1_000)
    await expect(untilThere(feed, Number.POSITIVE_INFINITY)).rejects.toBeInstanceOf(RecordingTooLargeError)
  })

  test('can be closed before, while and after it is read', async () => {
    const before = feedOf([line(0, 'a.example')]).feed
    await before.close()
    const { feed, out } = feedOf([line(0, 'a.example'), line(9, 'b.example')])
    await untilThere(feed, START)
    await feed.close()
    expect(out).toHaveLength(1)
  })
})
