// The places of a traffic history's files on the disk, cleared of what cannot be used; and its replacement, from what
// can be read of a damaged one.
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Driver } from '../../capture/sources/sqlite.ts'
import { isDiskFull, withReserveSync } from '../store/reserve.ts'
import { setAsideDamaged, setAsideOf } from '../store/set-aside.ts'
import { isDamage } from './readable-rows.ts'
import { rebuildInto, type Recovered } from './rebuild.ts'
import { filesOf, migrate, type Migration } from './schema.ts'

/** Damaged histories that are kept: they are large. */
const MAX_DAMAGED_HISTORIES = 1
/** SQLite's file format, section 4.1: a write-ahead log begins with one of these. */
const LOG_MAGIC = new Set([0x377f0682, 0x377f0683])
const LOG_HEADER = 32
/** More than the history is ever allowed on the disk. */
const MAX_DECLARED = 2 ** 36

/** For this user only, from its first byte on. */
export function createPrivately(path: string): void {
  if (existsSync(path)) chmodSync(path, 0o600)
  else closeSync(openSync(path, 'a', 0o600))
}

/**
 * Sets aside what stands in the place of one of the files and is none, and a log that is none. One sentence where there
 * was something.
 */
export function clearPlaces(path: string): string | null {
  const found: string[] = []
  for (const file of [...filesOf(path), `${path}-journal`]) {
    const facts = lstatSync(file, { throwIfNoEntry: false })
    if (facts === undefined) continue
    const isFile = facts.isFile() || facts.isSymbolicLink()
    if (isFile && file === path && facts.size === 0) found.push(`${basename(path)} was empty: what it held is lost`)
    if (isFile && !(file.endsWith('-wal') && isDamagedLog(file))) continue
    const aside = setAsideDamaged(file, MAX_DAMAGED_HISTORIES)
    found.push(
      isFile
        ? `the log of its latest changes was damaged, which are lost (set aside as ${basename(aside)})`
        : `${basename(file)} was no file (set aside as ${basename(aside)})`,
    )
  }
  return found.length === 0 ? null : `Of the history, ${found.join(', and ')}.`
}

function isDamagedLog(path: string): boolean {
  const header = Buffer.alloc(LOG_HEADER)
  const file = openSync(path, 'r')
  try {
    return readSync(file, header, 0, LOG_HEADER, 0) === LOG_HEADER && !LOG_MAGIC.has(header.readUInt32BE(0))
  } finally {
    closeSync(file)
  }
}

/**
 * Puts a new file in the place of a damaged one, with what can be read of that. Returns a sentence about what was done.
 */
export function replaceDamaged(driver: Driver, path: string, migrations: readonly Migration[], reason: string): string {
  const fresh = `${path}.new`
  let recovered: Recovered | null = null
  let why = ''
  try {
    recovered = withReserveSync(dirname(path), () => recover(driver, path, fresh, migrations))
  } catch (error) {
    rmSync(fresh, { force: true })
    if (isDiskFull(error)) why = ', as there is no room on the disk to read it into a new one'
    else if (!isDamage(error)) throw error
  }
  for (const old of setAsideOf(path).filter((name) => name.slice(path.length).startsWith('.damaged')))
    rmSync(old, { recursive: true, force: true })
  const aside = setAsideDamaged(path, MAX_DAMAGED_HISTORIES)
  for (const file of filesOf(path).slice(1))
    if (existsSync(file)) renameSync(file, `${aside}${file.slice(path.length)}`)
  if (recovered === null || recovered.rows === 0) {
    rmSync(fresh, { force: true })
    createPrivately(path)
    return `The history was damaged (${reason}); it was set aside as ${basename(aside)} and a new one was begun${why}.`
  }
  renameSync(fresh, path)
  const lost = recovered.lost.length === 0 ? 'nothing is missing' : `lost: ${recovered.lost.join(', ')}`
  return `The history was damaged (${reason}); it was set aside as ${basename(aside)}, and ${recovered.rows} rows of it are in a new one (${lost}).`
}

function recover(driver: Driver, path: string, fresh: string, migrations: readonly Migration[]): Recovered {
  const size = statSync(path).size
  // SQLite reads nothing of a file that is shorter than it says; what is missing reads as zeros, and takes no room.
  const declared = declaredSize(path)
  if (declared > size) truncateSync(path, declared)
  const damaged = driver.open(path)
  try {
    return rebuildInto(fresh, damaged, driver, (to) => migrate(to, migrations, () => undefined))
  } finally {
    damaged.close()
    if (declared > size) truncateSync(path, size)
  }
}

/** SQLite's file format, section 1.3: size of a page at 16, number of pages at 28. Zero for what cannot be meant. */
function declaredSize(path: string): number {
  const header = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, header, 0, 100, 0) < 100 || header.toString('latin1', 0, 15) !== 'SQLite format 3') return 0
  } finally {
    closeSync(file)
  }
  const page = header.readUInt16BE(16)
  const bytes = (page === 1 ? 65_536 : page) * header.readUInt32BE(28)
  return bytes <= MAX_DECLARED ? bytes : 0
}
