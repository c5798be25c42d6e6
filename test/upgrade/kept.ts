// The kept state folder beside this file: where it is, and a copy of it that a program may be started on.
import {
  cpSync,
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
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export const KEPT = join(import.meta.dirname, 'version-0.1.0')
/** Version 0.1.0 too, before its alerts became incidents; see make-incident-home.ts. */
export const KEPT_WITH_INCIDENTS = join(import.meta.dirname, 'version-0.1.0-with-incidents')
/** The resolver's log by the name it is kept under: no `*.log` is committed. */
export const KEPT_LOG = 'dnsmasq-log.txt'
/** The same by the name that the settings of the home give. */
export const LOG_NAME = 'dnsmasq.log'

export interface Home {
  /** Holds `state`, and the sources that the settings name. */
  folder: string
  stateFolder: string
  /** Of the browser in which the owner is logged in. */
  cookie: string
}

/** A copy of a kept home in a folder of its own. */
export function unpack(kept = KEPT): Home {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-upgrade-'))
  cpSync(kept, folder, { recursive: true })
  const stateFolder = join(folder, 'state')
  for (const name of readdirSync(stateFolder).filter((name) => name.endsWith('.gz'))) {
    const path = join(stateFolder, name)
    writeFileSync(path.slice(0, -3), gunzipSync(readFileSync(path)), { mode: 0o600 })
    rmSync(path)
  }
  const keptLog = join(folder, KEPT_LOG)
  if (existsSync(keptLog)) {
    const log = join(folder, LOG_NAME)
    renameSync(keptLog, log)
    keepPlaceInLog(join(stateFolder, 'history.db'), log)
  }
  mkdirSync(join(folder, 'captures'), { recursive: true })
  return { folder, stateFolder, cookie: readFileSync(join(kept, 'cookie.txt'), 'utf8').trim() }
}

interface Database {
  prepare(sql: string): { run(...values: unknown[]): { changes: number } }
  close(): void
}

/**
 * The history knows how far a log was read by the number of its file. An upgrade leaves the file where it is; a copy
 * has another number, and would be read again as a new log.
 */
function keepPlaceInLog(database: string, log: string): void {
  const require = createRequire(import.meta.url)
  const opened = openWith(require, database)
  const inode = String(statSync(log, { bigint: true }).ino)
  const sql = "UPDATE positions SET position = json_set(position, '$.inode', ?)"
  const { changes } = opened.prepare(sql).run(inode)
  opened.close()
  if (changes !== 1) throw new Error('The kept history knows no place in the log')
}

/** The two libraries that the program itself can do with. */
function openWith(require: NodeJS.Require, path: string): Database {
  try {
    return new (require('better-sqlite3') as new (path: string) => Database)(path)
  } catch {
    return new (require('libsql') as new (path: string) => Database)(path)
  }
}

/** What the old version answered; see make.ts. */
export function expectedOf(name: string, kept = KEPT): Record<string, unknown> {
  const path = join(kept, `${name}.json.gz`)
  if (!existsSync(path)) throw new Error(`${path} is missing: make.ts or make-incident-home.ts makes it`)
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as Record<string, unknown>
}
