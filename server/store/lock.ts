// Lock of the state folder, against a second Telltale: the kernel drops it when its owner dies, however that happens.
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, chmodSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadDriver, type DriverName } from '../../capture/sources/sqlite.ts'

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
  closeSync(openSync(path, 'a', 0o600))
  const connection = loadDriver(driver).open(path)
  try {
    connection.pragma('busy_timeout = 0')
    connection.pragma('journal_mode = MEMORY')
    connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    connection.close()
    if (!/locked|busy/i.test((error as Error).message)) throw error
    throw new Error(
      `Another Telltale${ownerOf(folder)} is using ${folder}. Stop it first, or start this one with another folder (--state DIR).`,
    )
  }
  writeFileSync(join(folder, OWNER), String(process.pid), { mode: 0o600 })
  return { release: () => void connection.close() }
}
