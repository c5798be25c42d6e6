// Backup and restore by the built program: while the service runs, to the byte, and refused where anything is damaged.
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { create } from 'tar'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import { unpack as unpackArchive, verify } from '../../../server/backup/archive.ts'
import { finishRestore, restoreBackup } from '../../../server/backup/restore.ts'
import { differences } from '../../upgrade/compare.ts'
import { ASKED_AT, PASSWORD } from '../../upgrade/home.ts'
import { type Home, unpack } from '../../upgrade/kept.ts'
import { Browser, Program, until } from '../../upgrade/program.ts'
import { TABLES } from '../history/tables.ts'

const CLI = join(import.meta.dirname, '../../../dist/cli.js')
const ASKED = [
  '/api/books/live/devices',
  '/api/settings',
  `/api/books/live/overview?from=${ASKED_AT - 86_400}&to=${ASKED_AT}`,
]

const folder = mkdtempSync(join(tmpdir(), 'telltale-backup-test-'))
const file = join(folder, 'home.tar.gz')
let home: Home
let program: Program
/** What the running service answered, and all rows of its history. */
let answers: Record<string, unknown>
let rows: Record<string, unknown[]>

function telltale(...args: string[]): { status: number | null; output: string; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })
  return { status, output: stdout, said: stderr }
}

function rowsOf(path: string): Record<string, unknown[]> {
  const connection = loadDriver().openReadOnly(path)
  const all = Object.fromEntries(TABLES.map((table) => [table, connection.prepare(`SELECT * FROM ${table}`).all()]))
  connection.close()
  return all
}

const bytesOf = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('base64')]))

const startOn = (stateFolder: string): Promise<Program> =>
  Program.start({ cli: CLI, stateFolder, workingFolder: home.folder, clock: { start: ASKED_AT, rate: 0 } })

async function answersOf(running: Program): Promise<Record<string, unknown>> {
  const browser = new Browser(running.origin)
  await browser.enter(PASSWORD)
  // From the first status on it is known since when the home is watched, and so what is new in it.
  await browser.get('/api/books/live/status')
  return Object.fromEntries(await Promise.all(ASKED.map(async (path) => [path, await browser.get(path)] as const)))
}

beforeAll(async () => {
  home = unpack()
  program = await startOn(home.stateFolder)
  answers = await answersOf(program)
  // The program's clock stands still: after the save at its start nothing is written any more.
  await until('the first save', async () => {
    rows = rowsOf(join(home.stateFolder, 'history.db'))
    return JSON.stringify(rows['state']).includes(`\\"clock\\":${ASKED_AT},`)
  })
}, 60_000)

afterAll(async () => {
  await program.stop()
  for (const made of [folder, home.folder]) rmSync(made, { recursive: true, force: true })
})

describe('a backup of a running service', { timeout: 60_000 }, () => {
  test('is one file that only its owner may read, and says that it holds secrets', async () => {
    const { status, output, said } = telltale('backup', file, '--state', home.stateFolder)
    expect([status, said]).toEqual([0, ''])
    expect(output).toMatch(/holds \d+ files .* read again and found whole\. It contains secrets/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['home.tar.gz'])
    const names = (await verify(file)).files.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['access.json', 'decisions.json', 'settings.json', 'history.db']))
    expect(names.filter((name) => /lock|reserve|-wal|-shm|damaged|before/.test(name))).toEqual([])
  })

  test('restored into a new folder is equal to the byte, tables and files, and is the same home', async () => {
    const fresh = join(folder, 'fresh')
    const { status, output } = telltale('restore', file, '--state', fresh)
    expect(status).toBe(0)
    expect(output).toContain('Devices that were forgotten since are back')
    const unpacked = mkdtempSync(join(folder, 'unpacked-'))
    const manifest = await verify(file)
    await unpackArchive(file, manifest, unpacked)
    const restored = bytesOf(fresh)
    for (const name of ['lock', 'lock.owner']) delete restored[name]
    expect(restored).toEqual(bytesOf(unpacked))
    for (const { name } of manifest.files) {
      expect(statSync(join(fresh, name)).mode & 0o777, name).toBe(0o600)
      if (/^(settings|decisions|devices)\.json(\.bak)?$/.test(name))
        expect(readFileSync(join(fresh, name)).equals(readFileSync(join(home.stateFolder, name))), name).toBe(true)
    }
    expect(rowsOf(join(fresh, 'history.db'))).toEqual(rows)
    const again = await startOn(fresh)
    try {
      const found = differences(answers, await answersOf(again))
      // Whether a receiver was tried since the start is of the run, and not kept.
      expect(found.filter((difference) => !/channels\.\w+\.problem/.test(difference))).toEqual([])
    } finally {
      await again.stop()
    }
  })

  test('is not restored under a service that runs', () => {
    const before = statSync(join(home.stateFolder, 'settings.json')).ino
    const { status, said } = telltale('restore', file, '--state', home.stateFolder)
    expect(status).toBe(2)
    expect(said).toMatch(/^telltale: Another Telltale \(process \d+\) is using .*\n$/)
    expect(statSync(join(home.stateFolder, 'settings.json')).ino).toBe(before)
  })

  test('is refused in the state folder itself, and where a state file is damaged', () => {
    expect(telltale('backup', join(home.stateFolder, 'b.tar.gz'), '--state', home.stateFolder).said).toMatch(
      /outside the state folder/,
    )
    const damaged = join(folder, 'damaged')
    mkdirSync(damaged)
    writeFileSync(join(damaged, 'decisions.json'), '{"devices": {')
    const { status, said } = telltale('backup', join(folder, 'none.tar.gz'), '--state', damaged)
    expect([status, existsSync(join(folder, 'none.tar.gz'))]).toEqual([2, false])
    expect(said).toMatch(/^telltale: decisions\.json is damaged, so no backup was made/)
  })
})

describe('a backup that is damaged', { timeout: 60_000 }, () => {
  const place = (): string => {
    const made = mkdtempSync(join(folder, 'place-'))
    writeFileSync(join(made, 'settings.json'), '{}')
    return made
  }
  const isRefused = async (bytes: Buffer, sentence: RegExp): Promise<void> => {
    const bad = join(folder, 'bad.tar.gz')
    writeFileSync(bad, bytes)
    const stateFolder = place()
    await expect(restoreBackup(bad, stateFolder)).rejects.toThrow(sentence)
    expect(bytesOf(stateFolder)).toEqual({ 'settings.json': Buffer.from('{}').toString('base64') })
  }

  function isUnpackedAlike(one: Buffer, other: Buffer): boolean {
    try {
      return gunzipSync(one).equals(gunzipSync(other))
    } catch {
      return false
    }
  }

  test('in any bit, or cut off anywhere, changes nothing and is named', async () => {
    const bytes = readFileSync(file)
    for (let part = 1; part < 24; part += 1) {
      const at = Math.floor((bytes.length * part) / 24)
      const flipped = Buffer.from(bytes)
      flipped[at] ^= 1 << (part % 8)
      // Bits that only fill up a byte in front of a stored block (RFC 1951 section 3.2.4) say nothing.
      if (isUnpackedAlike(flipped, bytes)) continue
      await isRefused(flipped, /bad\.tar\.gz (is damaged|cannot be used|is no backup|holds)/)
      await isRefused(bytes.subarray(0, at), /bad\.tar\.gz (is damaged|is no backup)/)
    }
  })

  test('inside one of its files names that file', async () => {
    const tar = gunzipSync(readFileSync(file))
    const at = tar.indexOf('"newDevices"')
    tar[at + 1] ^= 1
    await isRefused(gzipSync(tar), /bad\.tar\.gz is damaged: (last-)?settings\.json(\.bak)? is not what it was/)
  })

  test('or no backup, or one that would write elsewhere, is refused', async () => {
    await isRefused(gzipSync('no tar'), /bad\.tar\.gz (is damaged|is no backup)/)
    await isRefused(Buffer.from('nothing'), /bad\.tar\.gz (is damaged|is no backup)/)
    const made = mkdtempSync(join(folder, 'made-'))
    const files = [{ name: '../escaped', size: 1, sha256: 'a'.repeat(64) }]
    const manifest = { format: 'telltale-backup', version: 1, telltale: '1', madeAt: '2026', files }
    writeFileSync(join(made, 'manifest.json'), JSON.stringify(manifest))
    writeFileSync(join(made, 'other'), 'x')
    const packed = join(folder, 'packed.tar.gz')
    await create({ gzip: true, cwd: made, file: packed }, ['manifest.json', 'other'])
    await isRefused(readFileSync(packed), /cannot be used: its list of files is damaged/)
    writeFileSync(join(made, 'manifest.json'), JSON.stringify({ ...manifest, files: [] }))
    await create({ gzip: true, cwd: made, file: packed }, ['manifest.json', 'other'])
    await isRefused(readFileSync(packed), /holds other, which its list does not name/)
    expect(existsSync(join(folder, 'escaped'))).toBe(false)
  })
})

describe('a restore', { timeout: 60_000 }, () => {
  test('over what is there keeps that beside it', async () => {
    const stateFolder = mkdtempSync(join(folder, 'over-'))
    writeFileSync(join(stateFolder, 'settings.json'), '{"before": true}')
    writeFileSync(join(stateFolder, 'history.db'), 'before')
    writeFileSync(join(stateFolder, 'history.db-wal'), 'log of before')
    await restoreBackup(file, stateFolder)
    const replaced = readdirSync(stateFolder).filter((name) => name.includes('.replaced-'))
    expect(replaced).toHaveLength(3)
    expect(existsSync(join(stateFolder, 'history.db-wal'))).toBe(false)
    expect(rowsOf(join(stateFolder, 'history.db'))).toEqual(rows)
  })

  test.skipIf(process.getuid?.() !== 0)(
    'by root leaves every file to the owner of the folder, and so does a new password',
    () => {
      const stateFolder = mkdtempSync(join(folder, 'owned-'))
      chownSync(stateFolder, 65_534, 65_534)
      const owners = (): number[] => [
        ...new Set(readdirSync(stateFolder).map((name) => statSync(join(stateFolder, name)).uid)),
      ]
      expect(telltale('restore', file, '--state', stateFolder).status).toBe(0)
      expect([readdirSync(stateFolder).length > 10, owners()]).toEqual([true, [65_534]])
      expect(telltale('reset-password', '--state', stateFolder).status).toBe(0)
      expect(owners()).toEqual([65_534])
    },
  )

  test.each(['before it was ready', 'once it was ready', 'half-way'])(
    'that was cut short %s is whole after the next start',
    async (when) => {
      const stateFolder = mkdtempSync(join(folder, 'cut-'))
      writeFileSync(join(stateFolder, 'settings.json'), '{"before": true}')
      const staging = join(stateFolder, 'restoring')
      mkdirSync(staging)
      const manifest = await verify(file)
      await unpackArchive(file, manifest, staging)
      if (when === 'once it was ready') writeFileSync(join(staging, 'ready'), '')
      if (when === 'half-way') {
        writeFileSync(join(staging, 'cleared'), '')
        renameSync(join(stateFolder, 'settings.json'), join(stateFolder, 'settings.json.replaced-x'))
        renameSync(join(staging, 'settings.json'), join(stateFolder, 'settings.json'))
      }
      finishRestore(stateFolder)
      expect(existsSync(staging)).toBe(false)
      const found = readdirSync(stateFolder).filter((name) => !name.includes('.replaced-'))
      if (when === 'before it was ready') expect(found).toEqual(['settings.json'])
      else expect(found.sort()).toEqual(manifest.files.map(({ name }) => name).sort())
      const isBefore = readFileSync(join(stateFolder, 'settings.json'), 'utf8').includes('"before"')
      expect(isBefore).toBe(when === 'before it was ready')
    },
  )
})
