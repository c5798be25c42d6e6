// Tests of forgetting: no byte of the device is left in any file, while everything runs, and with the disk full.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { openHistory } from '../../../server/history/open.ts'
import type { Batch } from '../../../server/model/batch.ts'
import { batch, deviceName, endpoint, introduce, type TestCell } from './histories.ts'
import { filesContaining, temporaryFolder } from './folder.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z') / 1_000
const SECRET = '02:c0:ff:ee:ba:be'
const MAC = Buffer.from('02c0ffeebabe', 'hex')
const OWN_ADDRESS = Buffer.from([198, 51, 100, 77])

/** Every form in which the device could be left behind. */
const NEEDLES = [
  Buffer.from(SECRET),
  Buffer.from(SECRET.toUpperCase()),
  Buffer.from(SECRET.replaceAll(':', '')),
  MAC,
  Buffer.from(MAC).reverse(),
  Buffer.from('only-secret'),
  Buffer.from('named-secret'),
  Buffer.from('198.51.100.77'),
  OWN_ADDRESS,
  Buffer.from(OWN_ADDRESS).reverse(),
  Buffer.from('2001:db8:5ec:2e7::1'),
  Buffer.from('20010db805ec02e70000000000000001', 'hex'),
  Buffer.from('20010db805ec02e70000000000000001', 'hex').reverse(),
]

function introduceSecret(): Batch {
  return batch([], {
    devices: [{ index: 7, id: SECRET }],
    endpoints: [
      endpoint(900, { host: 'only-secret.example.org', address: '198.51.100.77' }),
      endpoint(901, { host: null, address: '2001:db8:5ec:2e7::1', namedBy: 'none' }),
    ],
    names: Array.from({ length: 50 }, (_, number) => ({
      device: SECRET,
      address: `203.0.113.${number}`,
      host: `named-secret-${number}.example.org`,
    })),
  })
}

function traffic(second: number): TestCell[] {
  return [
    [second, 7, 900, 500, 20],
    [second, 7, 901, 40, 4],
    [second, 7, 1, 6, 7],
    [second, 0, 1, 10, 1],
    [second, 1, 2, 11, 1],
    [second, 7, 0, 9, 9],
  ]
}

function sentOf(sums: { device: string; sent: number }[]): Record<string, number> {
  const sent: Record<string, number> = {}
  for (const sum of sums) sent[sum.device] = (sent[sum.device] ?? 0) + sum.sent
  return sent
}

describe('forgetting a device', () => {
  test('leaves no trace in any file of the folder while the thread runs and other questions are asked', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'history.sqlite')
    writeFileSync(`${path}.damaged-1`, `old ${SECRET}`)
    writeFileSync(`${path}.before-v1`, `older ${SECRET}`)
    const history = await openHistory({ path, timeZone: 'Asia/Kolkata', saveEverySeconds: 3_600 })
    history.add(introduce(3, 5))
    history.add(introduceSecret())
    let steps = 0
    for (let second = NOW - 60 * 3_600; second < NOW; second += 60, steps += 1) {
      history.add({ ...batch(traffic(second)), lookups: Float64Array.of(second, 7, 900, 3, second, 0, 1, 2) })
      history.tick(second)
    }
    await history.flush()
    expect(
      filesContaining(folder, [Buffer.from(SECRET), Buffer.from('only-secret'), Buffer.from('named-secret')]).length,
    ).toBeGreaterThan(0)

    const day = { from: NOW - 90 * 3_600, to: NOW + 60 }
    history.add(batch(traffic(NOW)))
    const asked = [history.sums(day), history.series(day), history.totals([day.from, day.to])]
    const receipt = await history.forget([SECRET])
    const after = history.sums(day)
    await Promise.all(asked)
    expect(filesContaining(folder, NEEDLES)).toEqual([])
    expect(receipt.files).toBe(2)
    expect(receipt.rows).toBeGreaterThan(60 + 50 + 1)
    expect(sentOf(await after)).toEqual({ [deviceName(0)]: 10 * (steps + 1), [deviceName(1)]: 11 * (steps + 1) })
    expect(await history.search('secret', 9)).toEqual([])
    expect(await history.lookups(day)).toMatchObject([{ device: deviceName(0), count: 2 * steps }])
    expect((await history.names()).length).toBe(0)

    // What it does from now on, unless ignored, is a new device's beginning.
    history.add(batch(traffic(NOW + 5)))
    expect(sentOf(await history.sums({ from: 0, to: NOW + 60 }))[SECRET]).toBe(555)
    expect((await history.search('only-secret', 9)).length).toBe(1)
    await history.forget([SECRET])
    await history.close()
    expect(filesContaining(folder, NEEDLES)).toEqual([])
  })

  test('a removal that a crash cut short is finished at the next start', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'history.sqlite')
    const database = new HistoryDatabase({ path, timeZone: 'UTC' })
    database.add(introduce(3, 5))
    database.add(introduceSecret())
    for (let second = NOW - 3_600; second < NOW; second += 60) {
      database.add(batch(traffic(second)))
      database.tick(second)
    }
    database.flush()
    interface Inside {
      file: { connection: { prepare(sql: string): { get(): { facts: string }; run(facts: string): void } } }
      store: { catalog: { devices: Map<string, { id: number }> } }
    }
    const inside = database as unknown as Inside
    const state = JSON.parse(inside.file.connection.prepare('SELECT facts FROM state').get().facts) as {
      forgetting: number[]
    }
    state.forgetting = [inside.store.catalog.devices.get(SECRET)?.id as number]
    inside.file.connection.prepare('UPDATE state SET facts = ?').run(JSON.stringify(state))
    // The process ends here without closing; another one begins.
    const again = new HistoryDatabase({ path, timeZone: 'UTC' })
    expect(sentOf(again.sums({ from: 0, to: NOW }))).toEqual({ [deviceName(0)]: 600, [deviceName(1)]: 660 })
    expect(filesContaining(folder, NEEDLES)).toEqual([])
    again.close()
  })

  test('works with the disk full', (context) => {
    const folder = join(temporaryFolder(), 'full')
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'telltale-test', folder], { stdio: 'ignore' })
    } catch {
      console.log('skipped: mounting a small disk needs root')
      return context.skip()
    }
    try {
      const path = join(folder, 'history.sqlite')
      const database = new HistoryDatabase({ path, timeZone: 'UTC', saveEverySeconds: 3_600 })
      database.add(introduce(3, 5))
      database.add(introduceSecret())
      for (let second = NOW - 50 * 3_600; second < NOW; second += 60) {
        database.add(batch(traffic(second)))
        database.tick(second)
      }
      database.flush()
      const filler = Buffer.alloc(65_536, 120)
      let length = 65_536
      const pieces: Buffer[] = []
      expect(() => {
        for (; ; length += 65_536) {
          pieces.push(filler)
          writeFileSync(join(folder, 'filler'), Buffer.concat(pieces))
        }
      }).toThrow(/ENOSPC/)
      database.add(batch(traffic(NOW)))
      database.tick(NOW + 3_600)
      expect(database.facts().problem).toMatch(/could not be written.*make room/)
      database.forget([SECRET])
      expect(filesContaining(folder, NEEDLES)).toEqual([])
      expect(sentOf(database.sums({ from: 0, to: NOW + 1 }))).toEqual({
        [deviceName(0)]: 30_010,
        [deviceName(1)]: 33_011,
      })
      writeFileSync(join(folder, 'filler'), '')
      database.tick(NOW + 7_200)
      expect(database.facts().problem).toBe(null)
      database.close()
    } finally {
      execFileSync('umount', ['-l', folder])
    }
  })
})

describe('bringing a device down to a level', () => {
  test.each([
    [
      'companies' as const,
      [
        ['company-4', 'purpose-0'],
        ['company-5', 'purpose-1'],
        ['company-1', 'purpose-1'],
      ],
    ],
    ['totals' as const, [['*kept-back', 'unknown']]],
  ])('"%s" keeps every byte and no host', (level, expected) => {
    const folder = temporaryFolder()
    const database = new HistoryDatabase({
      path: join(folder, 'history.sqlite'),
      timeZone: 'UTC',
      saveEverySeconds: 7_200,
    })
    database.add(introduce(3, 5))
    database.add(introduceSecret())
    for (let second = NOW - 60 * 3_600; second < NOW; second += 300) {
      database.add(batch(traffic(second)))
      database.tick(second)
    }
    const range = { from: 0, to: NOW + 1 }
    const before = sentOf(database.sums(range))
    database.coarsen(SECRET, level)
    expect(sentOf(database.sums(range))).toEqual(before)
    const kept = database.endpoints(database.sums({ ...range, devices: [SECRET] }).map(({ endpoint: id }) => id))
    expect(kept.map(({ company, purpose }) => [company, purpose]).sort()).toEqual([...expected].sort())
    expect(
      kept.every(({ host, addresses, namedBy }) => host === null && addresses.length === 0 && namedBy === 'kept-back'),
    ).toBe(true)
    expect(filesContaining(folder, NEEDLES.slice(5))).toEqual([])
    expect(readFileSync(join(folder, 'history.sqlite')).includes(SECRET)).toBe(true)
    database.close()
  })
})
