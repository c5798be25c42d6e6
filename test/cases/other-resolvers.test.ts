// Logs of resolvers beside those that most homes have: each is read, or named in the refusal at its first line.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { TextFormat } from '../../capture/logs/formats.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import { DnsLogSource } from '../../capture/sources/dns-log.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { answersOf, queriesOf } from '../capture/logs/read-log.ts'

const data = realDataFolder()
const folder = data === null ? '' : join(data, 'cases', '39-other-resolvers')
const isThere = data !== null && existsSync(folder)

let source: DnsLogSource | null = null
afterEach(async () => {
  await source?.stop()
  source = null
})

async function read(file: string, format: TextFormat | null): Promise<{ records: LogRecord[]; source: DnsLogSource }> {
  const records: LogRecord[] = []
  source = new DnsLogSource(join(folder, file), { format, from: 'start', onRecord: (record) => records.push(record) })
  await source.look()
  return { records, source }
}

const READ: [file: string, format: TextFormat, query: string, answer: string | null][] = [
  ['other-blocky.log', 'blocky', '192.168.1.11 ping.example 1', '192.168.1.11 ping.example blocked'],
  ['other-coredns.log', 'coredns', '192.168.1.20 www.waze.example 1', '192.168.1.20 www.waze.example answered'],
  ['other-dnscrypt.log', 'dnscrypt-proxy', '192.168.0.67 github.example 1', '192.168.0.67 github.example answered'],
  ['other-nextdns.csv', 'nextdns', '192.168.1.20 cam.example 1', null],
  ['other-pfb-reply.log', 'pfblockerng', '192.168.1.20 cam.example 1', '192.168.1.20 cam.example answered 203.0.113.9'],
  ['other-pfblocker.log', 'pfblockerng', '192.168.1.20 ads.example 0', '192.168.1.20 ads.example blocked'],
  ['other-suricata.json', 'suricata', '192.168.1.20 cam.example 1', '192.168.1.20 cam.example answered 203.0.113.9'],
  ['other-technitium.log', 'technitium', '192.168.1.20 cam.example 1', '192.168.1.20 cam.example answered 203.0.113.9'],
]

test.skipIf(!isThere).each(READ)(
  `%s is recognised and read${isThere ? '' : ` (${NO_REAL_DATA})`}`,
  async (file, format, query, answer) => {
    const { records, source: log } = await read(file, null)
    expect(log.status()).toMatchObject({ format, problem: null })
    expect(queriesOf(records)).toEqual([query])
    expect(answersOf(records)).toEqual(answer === null ? [] : [answer])
  },
)

const NAMED: [file: string, sentence: RegExp][] = [
  ['other-resolved.log', /looks like systemd-resolved's log: not supported\. .*Follow the log of the resolver/],
  ['other-dnstap.txt', /looks like dnstap as text: not supported\. Let the resolver write its own query log/],
  ['other-controld.json', /looks like an export of Control D without look-ups: not supported\. .*Analytics to Full/],
]

test.skipIf(!isThere).each(NAMED)(
  `%s is named at its first line${isThere ? '' : ` (${NO_REAL_DATA})`}`,
  async (file, sentence) => {
    for (const format of [null, 'dnsmasq', 'controld'] as const) {
      const { records, source: log } = await read(file, format)
      expect(records).toEqual([])
      expect(log.status().problem).toMatch(sentence)
      await log.stop()
    }
  },
)

test.skipIf(!isThere)(
  `each of them given as another one is named too${isThere ? '' : ` (${NO_REAL_DATA})`}`,
  async () => {
    for (const [file, format] of READ) {
      const other = 'unbound'
      const { source: log } = await read(file, other)
      expect(log.status().problem).toContain(`give it as dns:${format}:`)
      await log.stop()
    }
  },
)
