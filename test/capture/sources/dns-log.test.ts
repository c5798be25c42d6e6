// Records of a log are emitted as it grows, whatever wrote it; its status reports what is wrong.
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { DnsLogSource } from '../../../capture/sources/dns-log.ts'
import { format as piholeFtl } from '../../../capture/logs/pihole-ftl.ts'
import { DatabaseLog } from '../../../capture/sources/database-log.ts'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import { queriesOf } from '../logs/read-log.ts'

let folder = ''
let path = ''
let records: LogRecord[] = []
const onRecord = (record: LogRecord): void => void records.push(record)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-dns-log-'))
  path = join(folder, 'query.log')
  records = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const DNSMASQ = 'Nov 24 10:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5\n'

describe('a log', () => {
  test.each([
    ['dnsmasq', DNSMASQ],
    ['unbound', '[1795383622] unbound[1:0] info: 10.0.0.5 a.example. A IN\n'],
    ['bind', 'client @0x7f 10.0.0.5#1 (a.example): query: a.example IN A + (::1)\n'],
    ['adguard-home', '{"T":"2026-11-24T10:00:00Z","QH":"a.example","QT":"A","QC":"IN","IP":"10.0.0.5","Result":{}}\n'],
    ['zeek', '{"ts":1795383622.5,"id.orig_h":"10.0.0.5","id.resp_p":53,"query":"a.example","qtype":1}\n'],
  ])('of %s is recognised, and only its new lines are emitted', async (format, line) => {
    writeFileSync(path, line)
    const source = new DnsLogSource(path, { onRecord })
    await source.look()
    expect(records).toEqual([])
    appendFileSync(path, line)
    await source.look()
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1'])
    expect(source.status()).toMatchObject({ format, problem: null })
    await source.stop()
  })

  test('of Zeek begun behind its header knows its columns', async () => {
    writeFileSync(
      path,
      '#separator \\x09\n#path\tdns\n#fields\tquery\tid.orig_h\tts\tqtype\nold.example\t10.0.0.5\t1.5\t1\n',
    )
    const source = new DnsLogSource(path, { onRecord })
    await source.look()
    appendFileSync(path, 'a.example\t10.0.0.5\t2.5\t28\n')
    await source.look()
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 28'])
    await source.stop()
  })

  test('that begins with other lines is emitted once it is recognised', async () => {
    writeFileSync(path, '')
    const source = new DnsLogSource(path, { onRecord })
    await source.look()
    appendFileSync(path, `Nov 24 09:59:59 dnsmasq[7]: started\n${DNSMASQ}${DNSMASQ}`)
    await source.look()
    expect(queriesOf(records)).toHaveLength(2)
    await source.stop()
  })

  test('goes on from its position', async () => {
    writeFileSync(path, DNSMASQ)
    const before = new DnsLogSource(path, { onRecord, from: 'start' })
    await before.look()
    const position = before.position()
    await before.stop()
    appendFileSync(path, DNSMASQ.replace('a.example', 'b.example'))
    const after = new DnsLogSource(path, { onRecord, position })
    await after.look()
    expect(queriesOf(records)).toEqual(['10.0.0.5 a.example 1', '10.0.0.5 b.example 1'])
    await after.stop()
  })

  test.each([
    ['something else', 'hello\n', /is no log that Telltale reads/],
    [
      'a resolver that logs no queries',
      'Nov 24 10:00:00 dnsmasq-dhcp[7]: DHCPREQUEST(br-lan) 10.0.0.5\n',
      /is no log that Telltale reads.*log-queries/,
    ],
  ])('of %s says so', async (_, line, sentence) => {
    writeFileSync(path, line.repeat(300))
    const source = new DnsLogSource(path, { onRecord, from: 'start' })
    await source.look()
    expect(source.status().problem).toMatch(sentence)
    await source.stop()
  })
})

test("Pi-hole's database that is not there says so, and is read once it is", () => {
  const file = join(folder, 'pihole-FTL.db')
  const source = new DatabaseLog(file, piholeFtl, { onRecord })
  source.look()
  expect(source.problem).toMatch(/cannot be read.*group pihole/)
  expect(existsSync(file)).toBe(false)
  const writer = loadDriver().open(file)
  writer.exec(`CREATE TABLE queries (id INTEGER PRIMARY KEY, timestamp, type, status, domain, client, reply_type); CREATE TABLE network (id, hwaddr);
    CREATE TABLE network_addresses (network_id, ip, name, lastSeen)`)
  source.look()
  expect(source.problem).toBeNull()
  for (let index = 0; index < 3; index++)
    writer.exec(
      "INSERT INTO queries (timestamp, type, status, domain, client) VALUES (1795383622, 1, 2, 'a.example', '10.0.0.5')",
    )
  source.look()
  expect(queriesOf(records)).toHaveLength(3)
  expect(source.position()).toBe(3)
  source.stop()
  writer.close()
})
