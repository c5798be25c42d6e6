// Verdicts of real and made-up resolvers' logs as a home counts them: how many look-ups of each name were blocked.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLogParser, LOG_FORMATS, type LogFormat, type TextFormat } from '../../capture/logs/formats.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import { VERDICT_LENGTH, LOOKUP_LENGTH } from '../../server/model/batch.ts'
import type { Policy } from '../../server/model/policy.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { TrafficAccounting } from '../../server/session/accounting.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

const rules = openRules(compiledRulesFolder())
const policy: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }
const NOW = Date.parse('2026-11-30T12:00:00Z') / 1000
const folder = realDataFolder()
if (folder === null) console.log(`Cases of blocked look-ups are not tested: ${NO_REAL_DATA}`)

interface Counts {
  lookups: number
  blocked: number
  answered: number
}

/** Look-ups by host, over all devices, as they reach the history. */
function countsOf(records: readonly LogRecord[]): Map<string, Counts> {
  const accounting = new TrafficAccounting(rules, null, policy)
  for (const record of records) accounting.addLog(record, NOW, false)
  const { endpoints, lookups = new Float64Array(), verdicts = new Float64Array() } = accounting.drain()
  const hosts = new Map(endpoints.map(({ number, host }) => [number, host ?? '']))
  const counts = new Map<string, Counts>()
  const of = (endpoint: number): Counts => {
    const host = hosts.get(endpoint) ?? ''
    const known = counts.get(host) ?? { lookups: 0, blocked: 0, answered: 0 }
    counts.set(host, known)
    return known
  }
  for (let at = 0; at < lookups.length; at += LOOKUP_LENGTH) of(lookups[at + 2] ?? 0).lookups += lookups[at + 3] ?? 0
  for (let at = 0; at < verdicts.length; at += VERDICT_LENGTH) {
    const one = of(verdicts[at + 2] ?? 0)
    one.blocked += verdicts[at + 3] ?? 0
    one.answered += verdicts[at + 4] ?? 0
  }
  return counts
}

function recordsOf(format: TextFormat, text: string): LogRecord[] {
  const parser = createLogParser(format, () => NOW)
  return text.split('\n').flatMap((line) => [...parser.parse(line)])
}

function textFormat(id: LogFormat): TextFormat {
  const format = LOG_FORMATS.find((one) => one.id === id)
  if (format === undefined || format.storage !== 'text') throw new Error(`${id} is no text format`)
  return id as TextFormat
}

const isSound = (counts: Map<string, Counts>): boolean =>
  [...counts.values()].every(
    ({ lookups, blocked, answered }) => blocked >= 0 && answered >= 0 && blocked + answered <= lookups,
  )

describe.skipIf(folder === null)('real files', () => {
  test("Pi-hole's verdicts: each of its words for a block is one, and only those", () => {
    const path = join(folder as string, 'cases/30-pihole-verdicts/pihole-verdicts.log')
    if (!existsSync(path)) return console.log('There is no case of Pi-hole verdicts')
    const counts = countsOf(recordsOf(textFormat('pihole'), readFileSync(path, 'utf8')))
    expect(isSound(counts)).toBe(true)
    const BLOCKED = [
      ...['mask.icloud.com', 'use-application-dns.net', '_dns.resolver.arpa', 'metrics.shop.example'],
      ...['bad.example', 'bad2.example', 'bad3.example', 'ads.example', 'ads2.example', 'ads3.example'],
      'doubleclick.net',
    ]
    for (const host of BLOCKED)
      expect([host, counts.get(host)]).toEqual([host, { lookups: 1, blocked: 1, answered: 0 }])
    for (const host of ['sig.example', 'sig2.example'])
      expect([host, counts.get(host)]).toEqual([host, { lookups: 1, blocked: 0, answered: 1 }])
    expect(counts.get('ede.example')).toEqual({ lookups: 1, blocked: 0, answered: 0 })
  })

  test.each([
    ['dnsmasq', 'dnsmasq-2.90-log-queries-extra.log'],
    ['unbound', 'unbound-1.17.1-log-queries-replies.log'],
    ['bind', 'bind-9.18-querylog.log'],
  ] as const)('the log of %s: no verdict is counted twice, and none made up', (id, name) => {
    const path = join(folder as string, 'dns-logs', name)
    if (!existsSync(path)) return console.log(`There is no ${name}`)
    const records = recordsOf(textFormat(id), readFileSync(path, 'utf8'))
    const counts = countsOf(records)
    expect(isSound(counts)).toBe(true)
    const sum = (field: keyof Counts): number => [...counts.values()].reduce((all, one) => all + one[field], 0)
    expect(sum('lookups')).toBe(records.filter(({ kind }) => kind === 'query').length)
    const said = (status: string): boolean => records.some((one) => one.kind === 'answer' && one.status === status)
    expect([sum('blocked') > 0, sum('answered') > 0]).toEqual([said('blocked'), said('answered')])
    console.log(`${name}: ${sum('lookups')} look-ups, ${sum('blocked')} blocked, ${sum('answered')} answered`)
  })
})
