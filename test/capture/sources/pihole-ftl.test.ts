// Pi-hole's own database is read without writing to it, and reading resumes where it stopped.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PIHOLE_SCHEMA } from '../../support/pihole-database.ts'
import { PiholeQueries, readPiholeDevices } from '../../../capture/logs/pihole-ftl.ts'
import { loadDriver, type Connection } from '../../../capture/sources/sqlite.ts'
import { answersOf, queriesOf } from '../logs/read-log.ts'

let folder = ''
let writer: Connection
let reader: Connection

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-ftl-'))
  writer = loadDriver().open(join(folder, 'pihole-FTL.db'))
  writer.exec(PIHOLE_SCHEMA)
  reader = loadDriver().openReadOnly(join(folder, 'pihole-FTL.db'))
})

afterEach(() => {
  reader.close()
  writer.close()
  rmSync(folder, { recursive: true })
})

let texts = 0
function ask(client: string, domain: string, type: number, status: number, reply: number | null): void {
  const id = ++texts
  writer.prepare('INSERT INTO domain_by_id VALUES (?, ?)').run(id, domain)
  writer.prepare('INSERT INTO client_by_id VALUES (?, ?, NULL)').run(id, client)
  writer
    .prepare(
      'INSERT INTO query_storage (timestamp, type, status, domain, client, reply_type) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(1_795_383_622, type, status, id, id, reply)
}

describe("Pi-hole's database", () => {
  test('gives each query and how it ended', () => {
    ask('10.0.0.5', 'a.example', 1, 2, 4)
    ask('10.0.0.5', 'b.example', 16, 3, 1)
    ask('10.0.0.6', 'ads.example', 2, 1, 4)
    ask('fe80::7', 'caa.example', 357, 2, 2)
    ask('10.0.0.6', 'late.example', 1, 2, null)
    const records = new PiholeQueries(reader, 0).read()
    expect(queriesOf(records)).toEqual([
      '10.0.0.5 a.example 1',
      '10.0.0.5 b.example 65',
      '10.0.0.6 ads.example 28',
      'fe80::7 caa.example 257',
      '10.0.0.6 late.example 1',
    ])
    expect(answersOf(records)).toEqual([
      '10.0.0.5 a.example answered',
      '10.0.0.5 b.example no-data',
      '10.0.0.6 ads.example blocked',
      'fe80::7 caa.example no-name',
    ])
    expect(records[0]?.time).toBe(1_795_383_622)
  })

  test('is read on from the saved position, and from its end where there is none', () => {
    ask('10.0.0.5', 'before.example', 1, 2, null)
    const first = new PiholeQueries(reader)
    expect(first.read()).toEqual([])
    ask('10.0.0.5', 'a.example', 1, 2, null)
    expect(queriesOf(first.read())).toEqual(['10.0.0.5 a.example 1'])
    ask('10.0.0.5', 'b.example', 1, 2, null)
    expect(queriesOf(new PiholeQueries(reader, first.position).read())).toEqual(['10.0.0.5 b.example 1'])
  })

  test('that was emptied begins anew', () => {
    for (let index = 0; index < 5; index++) ask('10.0.0.5', 'old.example', 1, 2, null)
    const queries = new PiholeQueries(reader)
    writer.exec('DELETE FROM query_storage; DELETE FROM sqlite_sequence')
    ask('10.0.0.5', 'new.example', 1, 2, null)
    expect([...queries.read(), ...queries.read()]).toMatchObject([{ name: 'new.example' }])
  })

  test('with clients hidden, or hostile names, credits nobody else', () => {
    ask('0.0.0.0', 'hidden', 1, 2, 4)
    ask('10.0.0.66', 'x\n10.0.0.5', 1, 2, null)
    ask('kitchen', 'a.example', 1, 2, null)
    expect(queriesOf(new PiholeQueries(reader, 0).read())).toEqual(['10.0.0.66 x\\01010.0.0.5 1'])
  })

  test('emits the devices that it knows', () => {
    writer.exec(`INSERT INTO network (id, hwaddr, interface) VALUES (1, 'AA:BB:CC:00:00:01', 'eth0'), (2, 'ip-10.0.0.9', 'eth0');
      INSERT INTO network_addresses (network_id, ip, lastSeen, name) VALUES (1, '10.0.0.5', 5, 'kitchen-cam'), (1, 'fe80::5', 6, NULL), (2, '10.0.0.9', 7, 'x')`)
    expect(readPiholeDevices(reader)).toEqual([
      { kind: 'lease', time: 5, mac: 'aa:bb:cc:00:00:01', address: '10.0.0.5', name: 'kitchen-cam' },
      { kind: 'lease', time: 6, mac: 'aa:bb:cc:00:00:01', address: 'fe80::5', name: null },
    ])
  })

  test('is never written to', () => {
    expect(() => reader.exec('DELETE FROM query_storage')).toThrow(/readonly/)
  })
})
