// Saved logs: what wrote them is found out, plain, gzipped and as a database; damage costs only what lies behind it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { LOG_FORMATS, TEXT_FORMATS } from '../../../capture/logs/formats.ts'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { readSavedLog, recogniseSavedLog, SavedLogTooLargeError } from '../../../capture/sources/saved-log.ts'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import { PiholeDatabase } from '../../support/pihole-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-saved-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function write(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.log`)
  writeFileSync(path, content)
  return path
}

interface Read {
  records: LogRecord[]
  lines: number
  skipped: number
  problems: string[]
}

async function read(path: string, maxUnpackedBytes?: number): Promise<Read> {
  const format = await recogniseSavedLog(path)
  if (format === null) throw new Error('no log')
  const all: Read = { records: [], lines: 0, skipped: 0, problems: [] }
  const options = maxUnpackedBytes === undefined ? {} : { maxUnpackedBytes }
  for await (const { records, lines, skippedLines, problem } of readSavedLog(path, format, options)) {
    all.records.push(...records)
    Object.assign(all, { lines, skipped: skippedLines })
    if (problem !== null) all.problems.push(problem)
  }
  return all
}

const bind = (second: number, name: string): string =>
  `24-Nov-2026 10:00:${String(second).padStart(2, '0')}.000 queries: info: client @0x7f 192.168.1.5#4242 (${name}): query: ${name} IN A +E(0) (192.168.1.1)\n`

describe('recogniseSavedLog', () => {
  test.each(TEXT_FORMATS.filter(({ recognises }) => recognises !== null).map((format) => [format.id, format] as const))(
    'knows a log of %s, plain and gzipped, also with other lines before and Windows line ends',
    async (id, { example, exampleHead }) => {
      const lines = `${exampleHead ?? 'something else'}\n${example}\n`
      expect(await recogniseSavedLog(write(lines))).toBe(id)
      expect(await recogniseSavedLog(write(gzipSync(lines)))).toBe(id)
      expect(await recogniseSavedLog(write(lines.replaceAll('\n', '\r\n')))).toBe(id)
    },
  )

  test("knows Pi-hole's database, and not another program's", async () => {
    const pihole = join(folder, 'ftl.db')
    new PiholeDatabase(pihole).close()
    expect(await recogniseSavedLog(pihole)).toBe(LOG_FORMATS.find(({ storage }) => storage === 'database')?.id)
    const other = join(folder, 'other.db')
    const writer = loadDriver().open(other)
    writer.exec('CREATE TABLE notes (text TEXT)')
    writer.close()
    expect(await recogniseSavedLog(other)).toBeNull()
  })

  test.each([
    ['an empty file', ''],
    ['a text', 'Dear all,\nthis is no log.\n'],
    ['zero bytes', new Uint8Array(5000)],
    ['gzipped noise', gzipSync(new Uint8Array(100_000).map((_, index) => (index * 7919) % 251))],
    ['cut gzip without a line', gzipSync('Dear all').subarray(0, 12)],
  ])('takes %s for no log', async (_, content) => {
    expect(await recogniseSavedLog(write(content))).toBeNull()
  })

  test('takes a log of a single line without a line end', async () => {
    expect(await recogniseSavedLog(write(bind(1, 'one.example').trimEnd()))).toBe('bind')
  })
})

describe('readSavedLog', () => {
  const many = Array.from({ length: 60 }, (_, second) => bind(second, `host${second}.example`)).join('')

  test('gives every record in the order of the file, however long it is', async () => {
    const long = many.repeat(200)
    const { records, lines } = await read(write(long))
    expect(lines).toBe(12_000)
    expect(records.filter(({ kind }) => kind === 'query')).toHaveLength(12_000)
    expect(records.slice(0, 60).map((record) => 'name' in record && record.name)).toEqual(
      Array.from({ length: 60 }, (_, second) => `host${second}.example`),
    )
  })

  test('of a gzip file that is cut off it gives what could be unpacked, and says so', async () => {
    const whole = gzipSync(many.repeat(50), { level: 0 })
    const { records, problems } = await read(write(whole.subarray(0, whole.length / 2)))
    expect(records.length).toBeGreaterThan(1000)
    expect(records.length).toBeLessThan(3000)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/gzip data is damaged or cut off/)
  })

  test.each(['zstd', 'xz'])('reads a log packed with %s where this machine can pack it', async (tool) => {
    const packed = spawnSync(tool, ['-c'], { input: many.repeat(200), maxBuffer: 1e8 })
    if (packed.error !== undefined) return console.info(`Skipped: no ${tool} on this machine`)
    const { records, problems } = await read(write(packed.stdout))
    expect([records.length, problems]).toEqual([12_000, []])
    const cut = await read(write(packed.stdout.subarray(0, packed.stdout.length - 12)))
    expect(cut.problems[0]).toContain(`the ${tool} data is damaged or cut off`)
  })

  test('leaves out lines that are too long and counts them', async () => {
    const { records, skipped, lines } = await read(
      write(`${bind(1, 'a.example')}${'x'.repeat(400_000)}\n${bind(2, 'b.example')}`),
    )
    expect([records.length, skipped, lines]).toEqual([2, 1, 2])
  })

  test('stops at the limit of unpacked bytes', async () => {
    const bomb = gzipSync(bind(1, 'a.example').repeat(100_000))
    await expect(read(write(bomb), 1_000_000)).rejects.toBeInstanceOf(SavedLogTooLargeError)
  })

  test('a stamp without a year is of the year in which the file was last written', async () => {
    const path = write('Mar  3 10:00:00 router dnsmasq[1]: query[A] a.example from 192.168.1.5\n')
    utimesSync(path, new Date('2024-06-01T00:00:00Z'), new Date('2024-06-01T00:00:00Z'))
    const { records } = await read(path)
    expect(new Date((records[0].time as number) * 1000).getFullYear()).toBe(2024)
  })

  test("gives the rows of Pi-hole's database, its devices first", async () => {
    const path = join(folder, 'rows.db')
    const database = new PiholeDatabase(path)
    database.ask(1_790_000_000, '192.168.1.20', 'cam.example')
    database.close()
    const { records } = await read(path)
    expect(records.map(({ kind }) => kind)).toContain('query')
  })
})
