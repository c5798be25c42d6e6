// A saved log through analyze: who looked up what, how often, and bytes where the log tells them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { analyzeLog } from '../../../server/analyze-log.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { LINES, routine, writeLog } from '../../support/log-home.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'

const rules = openRules(compiledRulesFolder())
const cli = join(import.meta.dirname, '../../../dist/cli.js')
const folder = mkdtempSync(join(tmpdir(), 'telltale-log-analysis-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const START = Date.parse('2026-11-24T08:00:00Z') / 1000
const asked = routine(START, START + 86_400)

/** Look-ups by device and name. */
function countsOf({ devices }: Analysis): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { addresses, lookups = [] } of devices)
    for (const { host, count } of lookups) counts[`${addresses[0]} ${host}`] = count
  return counts
}

function expectedCounts(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { client, name } of asked) counts[`${client} ${name}`] = (counts[`${client} ${name}`] ?? 0) + 1
  return counts
}

async function analyze(path: string): Promise<Analysis> {
  const analysis = await analyzeLog(path, { rules })
  if (analysis === null) throw new Error('taken for no log')
  return analysis
}

describe('analyzeLog', () => {
  test.each([...Object.keys(LINES), 'pihole-ftl'])(
    'counts every look-up of a day in a log of %s, by device and name',
    async (format) => {
      const path = join(folder, `${format}.log`)
      writeLog(format, path, asked)
      const analysis = await analyze(path)
      expect(countsOf(analysis)).toEqual(expectedCounts())
      expect(analysis.capture.lookups).toBe(asked.length)
    },
  )

  test('says whose names they are, what the devices are, and when it was', async () => {
    const path = join(folder, 'unbound-day.log')
    writeLog('unbound', path, asked)
    const { devices, capture } = await analyze(path)
    const camera = devices.find(({ addresses }) => addresses.includes('192.168.7.11'))
    expect(camera?.kind).toBe('camera')
    expect(camera?.lookups?.every(({ company }) => company === 'wyze')).toBe(true)
    expect(capture.first).toBe('2026-11-24T08:00:00.000Z')
    expect(capture.last?.startsWith('2026-11-25T07:')).toBe(true)
  })

  test("counts the bytes of Zeek's flows as the device's, and names them by its look-ups", async () => {
    const path = join(folder, 'zeek.json')
    const dns = {
      _path: 'dns',
      ts: START,
      uid: 'D1',
      'id.orig_h': '192.168.7.11',
      'id.resp_h': '192.168.7.1',
      proto: 'udp',
      query: 'api.wyzecam.com',
      qtype: 1,
      qtype_name: 'A',
      rcode_name: 'NOERROR',
      answers: ['203.0.113.9'],
    }
    const conn = {
      _path: 'conn',
      ts: START + 2,
      uid: 'C1',
      'id.orig_h': '192.168.7.11',
      'id.orig_p': 4000,
      'id.resp_h': '203.0.113.9',
      'id.resp_p': 443,
      proto: 'tcp',
      duration: 30,
      orig_pkts: 10,
      orig_ip_bytes: 5000,
      resp_pkts: 12,
      resp_ip_bytes: 700,
      conn_state: 'SF',
    }
    writeFileSync(path, `${JSON.stringify(dns)}\n${JSON.stringify(conn)}\n`)
    const { devices, coverage } = await analyze(path)
    expect(devices.map(({ sent, received }) => [sent, received])).toEqual([[5000, 700]])
    expect(devices[0].endpoints).toMatchObject([
      { host: 'api.wyzecam.com', company: 'wyze', namedBy: 'dns', sent: 5000, received: 700 },
    ])
    expect(coverage.share).toBe(1)
  })
})

describe('telltale analyze with a log', () => {
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [cli, 'analyze', ...args], { encoding: 'utf8' })

  test('prints look-ups instead of bytes that the log does not tell', () => {
    const path = join(folder, 'day.log.gz')
    const lines = asked.map((one) => `${LINES['unbound']?.(one)}\n`).join('')
    writeFileSync(path, gzipSync(lines))
    const { status, stdout, stderr } = run(path)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`a log of ${asked.length} lines with ${asked.length} look-ups`)
    expect(stdout).toContain('the log tells look-ups and no bytes')
    expect(stdout).toMatch(/api\.wyzecam\.com\s+looked up \d+ times {2}wyze/)
  })

  test('gives the same as JSON', () => {
    const path = join(folder, 'json.log')
    writeLog('unbound', path, asked)
    const { stdout } = run(path, '--json')
    expect(countsOf(JSON.parse(stdout as string) as Analysis)).toEqual(expectedCounts())
  })

  test('refuses what is neither capture nor log with one sentence', () => {
    const path = join(folder, 'letter.txt')
    writeFileSync(path, 'Dear all,\nthis is no log.\n')
    const { status, stderr } = run(path)
    expect(status).toBe(2)
    expect(stderr).toMatch(/^telltale: .*letter\.txt: .*\n$/)
  })
})

const data = realDataFolder()
if (data === null) console.info(`Skipped: ${NO_REAL_DATA}`)
describe.skipIf(data === null)('real logs through analyze', () => {
  test.each(['bind-9.18-querylog', 'dnsmasq-2.90-log-queries-extra', 'unbound-1.17.1-log-queries-replies'])(
    '%s: every query of every client is counted',
    async (name) => {
      const truth: Record<string, number> = {}
      const [, ...rows] = readFileSync(join(data as string, 'dns-logs/TRUTH.tsv'), 'utf8')
        .trimEnd()
        .split('\n')
      for (const row of rows) {
        const [, , , client, host] = row.split('\t')
        truth[`${client} ${host.toLowerCase()}`] = (truth[`${client} ${host.toLowerCase()}`] ?? 0) + 1
      }
      const analysis = await analyze(join(data as string, 'dns-logs', `${name}.log`))
      expect(analysis.capture.lookups).toBe(rows.length)
      expect(
        Object.fromEntries(Object.entries(countsOf(analysis)).map(([key, count]) => [key.toLowerCase(), count])),
      ).toEqual(truth)
    },
  )
})
