// Lock of the state folder, against a second Telltale: the kernel drops it when its owner dies, however that happens.
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { loadDriver, type Connection, type DriverName } from '../../capture/sources/sqlite.ts'
import { withReserveSync } from './reserve.ts'
import { setAsideDamaged } from './set-aside.ts'

export interface FolderLock {
  release(): void
}

const LOCK = 'lock'
const OWNER = 'lock.owner'

function ownerOf(folder: string): string {
  try {
    return ` (process ${Number(readFileSync(join(folder, OWNER), 'utf8'))})`
  } catch {
    return ''
  }
}

/** With the folders above it. Node's own way never ends in a place such as /proc, where no folder can be made. */
function makeFolder(folder: string): void {
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder))
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder; name another one with --state`)
}

/**
 * Locks the folder for this process until `release`, or until the process ends in any way. Throws a sentence for the
 * person where another process holds it. The lock is SQLite's own on an empty database: process numbers, which start
 * again at 1 in every container, play no part in it.
 */
export function lockStateFolder(folder: string, driver?: DriverName): FolderLock {
  makeFolder(folder)
  chmodSync(folder, 0o700)
  const path = join(folder, LOCK)
  const connection = withReserveSync(folder, () => takeLock(folder, path, driver))
  try {
    writeFileSync(join(folder, OWNER), String(process.pid), { mode: 0o600 })
  } catch {
    // It is only for the sentence above.
  }
  return { release: () => void connection.close() }
}

function takeLock(folder: string, path: string, driver: DriverName | undefined): Connection {
  for (const place of [path, `${path}-journal`, join(folder, OWNER)]) {
    const facts = lstatSync(place, { throwIfNoEntry: false })
    if (facts?.isDirectory() === true) setAsideDamaged(place)
  }
  closeSync(openSync(path, 'a', 0o600))
  const connection = tryLock(folder, path, driver)
  if (connection !== null) return connection
  // Whoever holds it keeps others from reading what it holds: nobody does, and it needs to hold nothing.
  truncateSync(path)
  const again = tryLock(folder, path, driver)
  if (again === null) throw new Error(`${path} cannot be used as a lock: delete it.`)
  return again
}

/** Null where the file is damaged. */
function tryLock(folder: string, path: string, driver: DriverName | undefined): Connection | null {
  const connection = loadDriver(driver).open(path)
  try {
    connection.pragma('busy_timeout = 0')
    connection.pragma('journal_mode = MEMORY')
    connection.exec('BEGIN EXCLUSIVE')
    return connection
  } catch (error) {
    connection.close()
    const { code = '', message } = error as { code?: string; message: string }
    if (/NOTADB|CORRUPT/.test(code)) return null
    if (!/locked|busy/i.test(message)) throw error
    throw new Error(
      `Another Telltale${ownerOf(folder)} is using ${folder}. Stop it first, or start this one with another folder (--state DIR).`,
    )
  }
}
