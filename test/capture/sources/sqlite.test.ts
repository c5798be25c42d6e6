// Every SQLite library that works on this machine behaves the same.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  DRIVER_NAMES,
  loadDriver,
  SqliteError,
  type Connection,
  type DriverName,
} from '../../../capture/sources/sqlite.ts'
import { presentDrivers } from '../../support/sqlite-drivers.ts'

const present = presentDrivers()
let folder = ''
let path = ''
let opened: Connection[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-sqlite-'))
  path = join(folder, 'database.sqlite')
})
afterEach(() => {
  for (const connection of opened) connection.close()
  opened = []
  rmSync(folder, { recursive: true })
})

function kept(connection: Connection): Connection {
  opened.push(connection)
  return connection
}

/** The code of what SQLite refuses; fails where it does not. */
function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof SqliteError) return error.code
    throw error
  }
  throw new Error('SQLite refused nothing')
}

test('the first library of the list that works is taken, and stays', () => {
  expect(loadDriver()).toBe(present[0])
  expect(loadDriver()).toBe(loadDriver())
})

test('where none works, one sentence says so with the reason', () => {
  expect(() => loadDriver('sqlite9' as DriverName)).toThrow(
    /^No SQLite library works on this machine.+\(sqlite9: there is no such library\)\.$/,
  )
})

test("Node's warning about its own SQLite is not shown, and every other warning is", () => {
  const program = `
    const { loadDriver } = await import(${JSON.stringify(join(import.meta.dirname, '../../../capture/sources/sqlite.ts'))})
    process.emitWarning('before all', 'ExperimentalWarning')
    loadDriver().open(':memory:').close()
    process.emitWarning('after all', 'ExperimentalWarning')`
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { encoding: 'utf8', cwd: join(import.meta.dirname, '../../..') },
  )
  expect({ status, stderr }).toMatchObject({ status: 0 })
  expect(stderr).toMatch(/ExperimentalWarning: before all[^]+ExperimentalWarning: after all/)
  expect(stderr).not.toMatch(/SQLite/)
})

describe.each(present)('$name', (driver) => {
  const open = (at = path): Connection => kept(driver.open(at))

  function table(rows: number, at = path): Connection {
    const connection = open(at)
    connection.pragma('journal_mode = WAL')
    connection.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, value)')
    const insert = connection.prepare('INSERT INTO things VALUES (?, ?)')
    connection.exec('BEGIN')
    for (let id = 1; id <= rows; id += 1) insert.run(id, `thing ${id}`)
    connection.exec('COMMIT')
    return connection
  }

  test('values come back as they were stored, in plain rows', () => {
    const connection = table(0)
    const insert = connection.prepare('INSERT INTO things VALUES (?, ?)')
    const values = ['text ✓', 1.5, 2 ** 40, -1, null, Uint8Array.of(0, 255, 7), new Uint8Array(0), '']
    for (const [at, value] of values.entries())
      expect(insert.run(at + 1, value)).toStrictEqual({ changes: 1, lastInsertRowid: at + 1 })
    const rows = connection.prepare('SELECT value FROM things ORDER BY id').all() as { value: unknown }[]
    expect(rows.map(({ value }) => (value instanceof Uint8Array ? [...value] : value))).toStrictEqual(
      values.map((value) => (value instanceof Uint8Array ? [...value] : value)),
    )
    const first = connection.prepare('SELECT id, value FROM things WHERE id = ?').get(2)
    expect(first).toStrictEqual({ id: 2, value: 1.5 })
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype)
    expect([...connection.prepare('SELECT id FROM things LIMIT 2').iterate()]).toStrictEqual([{ id: 1 }, { id: 2 }])
  })

  test('an integer that no number can hold comes as the nearest one, and a bigint is stored exactly', () => {
    const connection = table(0)
    connection.prepare('INSERT INTO things VALUES (?, ?)').run(1, 2n ** 62n + 1n)
    const sql = 'SELECT value, CAST(value AS TEXT) AS text FROM things WHERE value > ?'
    const expected = { value: 2 ** 62, text: '4611686018427387905' }
    expect(connection.prepare(sql).get(0)).toStrictEqual(expected)
    expect(connection.prepare(sql).all(0n)).toStrictEqual([expected])
    expect([...connection.prepare(sql).iterate(0)]).toStrictEqual([expected])
  })

  test('one parameter may be null or bytes, and numbers compare as numbers', () => {
    const connection = table(3)
    expect(connection.prepare('SELECT ? AS value').get(null)).toStrictEqual({ value: null })
    expect(connection.prepare('SELECT hex(?) AS value').get(Buffer.from('ab'))).toStrictEqual({ value: '6162' })
    expect(connection.prepare('SELECT hex(?) AS value').get(Uint8Array.of(1))).toStrictEqual({ value: '01' })
    expect(connection.prepare('SELECT id FROM things WHERE id % 2 = ? LIMIT ?').all(1, 1)).toStrictEqual([{ id: 1 }])
  })

  test('what cannot be stored is refused before anything is written', () => {
    const connection = table(0)
    const insert = connection.prepare('INSERT INTO things (value) VALUES (?)')
    for (const value of [true, undefined, {}, [1], Symbol('x')])
      expect(() => insert.run(value as never)).toThrow(TypeError)
    expect(connection.prepare('SELECT count(*) AS count FROM things').get()).toStrictEqual({ count: 0 })
  })

  test('changes are counted, and a query without rows gives undefined, an empty list, and no step', () => {
    const connection = table(5)
    expect(connection.prepare('UPDATE things SET value = 1 WHERE id > ?').run(2).changes).toBe(3)
    expect(connection.prepare('DELETE FROM things WHERE id = 99').run().changes).toBe(0)
    const none = connection.prepare('SELECT * FROM things WHERE id = 99')
    expect([none.get(), none.all(), [...none.iterate()]]).toStrictEqual([undefined, [], []])
    expect(connection.prepare('INSERT INTO things VALUES (7, 7)').all()).toStrictEqual([])
  })

  test('an iteration that is left early holds nothing up', () => {
    const connection = table(1_000)
    const rows = connection.prepare('SELECT * FROM things WHERE id > ?')
    for (const row of rows.iterate(0)) if ((row as { id: number }).id === 3) break
    expect(() => {
      for (const row of rows.iterate(0)) throw new Error(`left by an error at ${Object.keys(row as object).join()}`)
    }).toThrow('left by an error')
    expect(connection.pragma('wal_checkpoint(TRUNCATE)')).toStrictEqual([{ busy: 0, log: 0, checkpointed: 0 }])
    connection.exec('VACUUM')
    expect([...rows.iterate(990)]).toHaveLength(10)
  })

  test('a transaction is all or nothing, and another connection sees it when it is committed', () => {
    const connection = table(1)
    const other = open()
    const count = (): unknown => other.prepare('SELECT count(*) AS count FROM things').get()
    connection.exec('BEGIN IMMEDIATE')
    connection.prepare('INSERT INTO things VALUES (2, 2)').run()
    expect(count()).toStrictEqual({ count: 1 })
    connection.exec('ROLLBACK')
    connection.exec('BEGIN IMMEDIATE; INSERT INTO things VALUES (2, 2); INSERT INTO things VALUES (3, 3); COMMIT')
    expect(count()).toStrictEqual({ count: 3 })
  })

  test('a lock of another connection is SQLITE_BUSY, after waiting for as long as the timeout says', () => {
    const connection = table(1)
    const other = open()
    expect(other.pragma('busy_timeout')).toStrictEqual([{ timeout: 5000 }])
    connection.exec('BEGIN IMMEDIATE')
    other.pragma('busy_timeout = 0')
    expect(refusal(() => other.exec('BEGIN IMMEDIATE'))).toBe('SQLITE_BUSY')
    expect(refusal(() => other.prepare('DELETE FROM things').run())).toBe('SQLITE_BUSY')
    other.pragma('busy_timeout = 300')
    const before = performance.now()
    expect(refusal(() => other.exec('BEGIN IMMEDIATE'))).toBe('SQLITE_BUSY')
    expect(performance.now() - before).toBeGreaterThan(200)
    connection.exec('COMMIT')
    expect(other.prepare('DELETE FROM things').run().changes).toBe(1)
  })

  test('pragmas answer with rows, those that only set something with none', () => {
    const connection = table(1)
    expect(connection.pragma('journal_mode')).toStrictEqual([{ journal_mode: 'wal' }])
    expect(connection.pragma('user_version = 7')).toStrictEqual([])
    expect(connection.pragma('user_version')).toStrictEqual([{ user_version: 7 }])
    expect(connection.pragma('quick_check(1)')).toStrictEqual([{ quick_check: 'ok' }])
    connection.exec('BEGIN; PRAGMA user_version = 8; ROLLBACK')
    expect(connection.pragma('user_version')).toStrictEqual([{ user_version: 7 }])
  })

  test('a checkpoint reports whether a reader kept it from emptying the log', () => {
    const connection = table(1_000)
    connection.pragma('busy_timeout = 0')
    const reader = open().prepare('SELECT * FROM things').iterate()
    reader.next()
    connection.prepare('INSERT INTO things VALUES (5000, 1)').run()
    expect(connection.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 1 }])
    reader.return?.()
    expect(connection.pragma('wal_checkpoint(TRUNCATE)')).toStrictEqual([{ busy: 0, log: 0, checkpointed: 0 }])
    expect(readFileSync(`${path}-wal`)).toHaveLength(0)
  })

  test('with secure_delete nothing of a deleted row is left in the files', () => {
    const connection = table(100)
    connection.pragma('secure_delete = ON')
    expect(connection.pragma('secure_delete')).toStrictEqual([{ secure_delete: 1 }])
    connection.prepare('INSERT INTO things VALUES (200, ?)').run('a-secret-name'.repeat(1_000))
    connection.pragma('wal_checkpoint(TRUNCATE)')
    expect(readFileSync(path).includes('a-secret-name')).toBe(true)
    connection.prepare('DELETE FROM things WHERE id = 200').run()
    connection.pragma('wal_checkpoint(TRUNCATE)')
    expect(readFileSync(path).includes('secret')).toBe(false)
  })

  test('opened for reading only, a database is read while another writes it, and never written', () => {
    const odd = join(folder, 'a?b#c%20 é.sqlite')
    const writer = table(3, odd)
    const reader = kept(driver.openReadOnly(odd))
    expect(reader.prepare('SELECT count(*) AS count FROM things').get()).toStrictEqual({ count: 3 })
    writer.prepare('INSERT INTO things VALUES (4, 4)').run()
    expect(reader.prepare('SELECT count(*) AS count FROM things').get()).toStrictEqual({ count: 4 })
    expect(refusal(() => reader.prepare('INSERT INTO things VALUES (5, 5)').run())).toBe('SQLITE_READONLY')
    expect(refusal(() => reader.exec('DROP TABLE things'))).toBe('SQLITE_READONLY')
  })

  test('a database that is not there is not made by reading it', () => {
    expect(refusal(() => driver.openReadOnly(path))).toBe('SQLITE_CANTOPEN')
    expect(existsSync(path)).toBe(false)
    expect(refusal(() => driver.open(join(folder, 'no', 'such', 'folder.sqlite')))).toBe('SQLITE_CANTOPEN')
  })

  test('a full disk is SQLITE_FULL, and the connection goes on afterwards', () => {
    const connection = table(10)
    const [pages] = connection.pragma('page_count') as { page_count: number }[]
    connection.pragma(`max_page_count = ${pages.page_count + 2}`)
    const insert = connection.prepare('INSERT INTO things (value) VALUES (?)')
    connection.exec('BEGIN IMMEDIATE')
    expect(
      refusal(() => {
        for (;;) insert.run('x'.repeat(3_000))
      }),
    ).toBe('SQLITE_FULL')
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled it back already.
    }
    expect(connection.prepare('SELECT count(*) AS count FROM things').get()).toStrictEqual({ count: 10 })
    connection.pragma('max_page_count = 1000000')
    expect(insert.run('fits').changes).toBe(1)
  })

  test('damage, a file that is no database, and mistakes have the codes that SQLite gives them', () => {
    const whole = table(500)
    whole.pragma('wal_checkpoint(TRUNCATE)')
    whole.close()
    const bytes = readFileSync(path)
    // Another file: libraries may keep pages of the one that they had open.
    const damaged = join(folder, 'damaged.sqlite')
    writeFileSync(damaged, bytes.fill(0x55, 4_096))
    expect(refusal(() => open(damaged).prepare('SELECT * FROM things').all())).toBe('SQLITE_CORRUPT')
    expect(refusal(() => [...open(damaged).prepare('SELECT * FROM things').iterate()])).toBe('SQLITE_CORRUPT')
    const garbage = join(folder, 'garbage.sqlite')
    writeFileSync(garbage, Buffer.alloc(20_000, 'garbage'))
    expect(refusal(() => open(garbage).pragma('journal_mode = WAL'))).toBe('SQLITE_NOTADB')
    const sound = table(1, join(folder, 'sound.sqlite'))
    expect(refusal(() => sound.prepare('INSERT INTO things VALUES (1, 1)').run())).toBe('SQLITE_CONSTRAINT')
    expect(refusal(() => sound.exec('SELEC'))).toBe('SQLITE_ERROR')
    expect(() => sound.prepare('SELECT * FROM missing')).toThrow('no such table: missing')
  })

  test('closing gives up the lock, rolls back, may be repeated, and ends every statement', () => {
    const connection = table(1)
    connection.pragma('journal_mode = DELETE')
    const insert = connection.prepare('INSERT INTO things VALUES (?, ?)')
    connection.exec('BEGIN EXCLUSIVE')
    insert.run(2, 2)
    connection.close()
    connection.close()
    const other = open()
    other.pragma('busy_timeout = 0')
    other.exec('BEGIN EXCLUSIVE')
    expect(other.prepare('SELECT count(*) AS count FROM things').get()).toStrictEqual({ count: 1 })
    for (const use of [
      () => insert.run(3, 3),
      () => insert.all(3, 3),
      () => connection.prepare('SELECT 1'),
      () => connection.exec('SELECT 1'),
      () => connection.pragma('user_version'),
    ])
      expect(refusal(use)).toBe('SQLITE_MISUSE')
  })

  test('what it wrote is read by every other library', () => {
    const connection = table(1_000)
    connection.pragma('wal_checkpoint(TRUNCATE)')
    connection.close()
    for (const other of present) {
      const again = kept(other.open(path))
      expect(again.pragma('integrity_check')).toStrictEqual([{ integrity_check: 'ok' }])
      expect(again.prepare('SELECT value FROM things WHERE id = 1000').get()).toStrictEqual({ value: 'thing 1000' })
      again.close()
    }
  })
})

describe.skipIf(present.length === DRIVER_NAMES.length)('libraries that do not work here', () => {
  test.each(DRIVER_NAMES.filter((name) => !present.some((driver) => driver.name === name)))(
    '%s is refused with a reason, and another one is taken',
    (name) => {
      expect(() => loadDriver(name)).toThrow(`(${name}: `)
      expect(loadDriver().name).not.toBe(name)
    },
  )
})
