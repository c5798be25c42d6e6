// Every kind of text log, in every form in which syslog, the journal and containers hand it on, gives the same records.
import { describe, expect, test } from 'vitest'
import { createLogParser, recogniseLog, TEXT_FORMATS, type TextFormat } from '../../../capture/logs/formats.ts'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { now, NOW, readLog } from './read-log.ts'
import { WRAPPINGS } from './wrappings.ts'

const SECOND = NOW - 7200
const ANSWER = 'EjSBgAABAAEAAAAAA2VjcwdleGFtcGxlAAABAAEDZWNzB2V4YW1wbGUAAAEAAQAAADwABMsAcQk='

/** What each program writes behind its own stamp and name, and the tag that syslog puts in front. */
const LOGS: Readonly<Record<string, { program: string; messages: string[] }>> = {
  dnsmasq: {
    program: 'dnsmasq',
    messages: [
      '1 10.0.0.5/4711 query[A] cam.example from 10.0.0.5',
      '1 10.0.0.5/4711 forwarded cam.example to 192.0.2.53',
      '1 10.0.0.5/4711 reply cam.example is 203.0.113.9 (DNSSEC signed)',
      'query[AAAA] "odd".example from fd00::5',
      'DHCPACK(br-lan) 10.0.0.5 aa:bb:cc:00:00:01 kitchen-cam',
    ],
  },
  pihole: {
    program: 'pihole-FTL',
    messages: ['query[A] ads.example from 10.0.0.5', 'gravity blocked ads.example is 0.0.0.0'],
  },
  'adguard-home': {
    program: 'AdGuardHome',
    messages: [`{"QH":"ecs.example","QT":"A","QC":"IN","IP":"10.0.0.5","Result":{},"Answer":"${ANSWER}"}`],
  },
  unbound: {
    program: 'unbound',
    messages: [
      '[77753:1] info: 10.0.0.5 cam.example. A IN',
      '[77753:1] info: 10.0.0.5 cam.example. A IN NOERROR 0.000589 0 79',
      '[77753:0] query: 10.0.0.6 b.example. HTTPS IN',
    ],
  },
  bind: {
    program: 'named',
    messages: [
      'client @0x7f 10.0.0.5#40000 (cam.example): view home: query: cam.example IN A +E(0) (10.0.0.1)',
      'queries: info: client 10.0.0.6#40001: query: b.example IN AAAA + (10.0.0.1)',
    ],
  },
  zeek: {
    program: 'zeek',
    messages: [
      '{"id.orig_h":"10.0.0.5","id.resp_h":"10.0.0.1","id.resp_p":53,"query":"cam.example","qtype":1,"rcode":0,"answers":["203.0.113.9"]}',
    ],
  },
}

/** What lines are recognised as of formats that no line is surely of. */
const written: Readonly<Record<string, string>> = { pihole: 'dnsmasq', 'pfblockerng-unified': 'pfblockerng' }

function recordsOf(format: TextFormat, text: string): LogRecord[] {
  return readLog(createLogParser(format, now), text)
}

function withoutTime(records: readonly LogRecord[]): unknown[] {
  return records.map((record) => ({ ...record, time: null }))
}

describe.each(TEXT_FORMATS)('a log of $id', ({ id: format, example, exampleHead, recognises }) => {
  // A format that is not above has its own stamp in its example.
  const hasStamp = !Object.hasOwn(LOGS, format)
  const lines = exampleHead === undefined ? [example] : [exampleHead, example]
  const { program, messages } = hasStamp ? { program: format, messages: lines } : LOGS[format]
  const plain = withoutTime(recordsOf(format, messages.join('\n')))

  test('gives records at all', () => {
    expect(plain.length).toBeGreaterThanOrEqual(!hasStamp && messages.length > 1 ? 2 : 1)
  })

  test.each(Object.entries(WRAPPINGS))('in the form of %s', (_, wrap) => {
    const text = messages.map((message) => wrap({ message, program, process: 77_753, second: SECOND })).join('\n')
    const records = recordsOf(format, text)
    expect(withoutTime(records)).toEqual(plain)
    for (const { time } of records) if (!hasStamp) expect(Math.floor(time ?? 0)).toBe(SECOND)
    expect(recogniseLog(text.split('\n'), now)).toBe(recognises === null ? written[format] : format)
  })
})
