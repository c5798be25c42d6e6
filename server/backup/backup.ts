// A backup of the state folder into one file, also while the service runs.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { loadDriver } from '../../capture/sources/sqlite.ts'
import { pack, verify } from './archive.ts'
import { hashOfFile, MANIFEST, newManifest, type ListedFile, type Manifest } from './manifest.ts'
import { HISTORY, stateFilesIn } from './state-files.ts'

/**
 * Writes the backup and reads it again. Each file is as it was at one moment, the history as of its last save. A file
 * of this name is replaced once the new one is complete. Throws a sentence for the person.
 */
export async function makeBackup(stateFolder: string, file: string, version: string): Promise<Manifest> {
  const names = stateFilesIn(stateFolder)
  if (names.length === 0) throw new Error(`${stateFolder} holds nothing of Telltale's; name its folder with --state.`)
  if (!existsSync(dirname(file))) throw new Error(`There is no folder ${dirname(file)}.`)
  if (isWithin(realpathSync(dirname(file)), realpathSync(stateFolder)))
    throw new Error(
      'Name a place outside the state folder: a backup in it would go with the next device that is forgotten.',
    )
  const staging = mkdtempSync(join(dirname(file), '.telltale-backup-'))
  const packed = join(staging, 'packed')
  try {
    const files: ListedFile[] = []
    for (const name of names) {
      if (!copyState(stateFolder, staging, name)) continue
      files.push({ name, ...(await hashOfFile(join(staging, name))) })
    }
    writeFileSync(join(staging, MANIFEST), JSON.stringify(newManifest(version, files), null, 2), { mode: 0o600 })
    await pack(
      staging,
      files.map(({ name }) => name),
      packed,
    )
    const manifest = await verify(packed)
    await sync(packed)
    renameSync(packed, file)
    return manifest
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new Error(`There is no room for the backup in ${dirname(file)}; nothing was written.`)
    throw error
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function isWithin(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`)
}

/** False where the file went meanwhile. */
function copyState(stateFolder: string, staging: string, name: string): boolean {
  const from = join(stateFolder, name)
  const to = join(staging, name)
  if (name === HISTORY) copyDatabase(from, to)
  else {
    const bytes = readOrNull(from)
    if (bytes === null) return false
    if (name.endsWith('.json')) requireJson(name, bytes)
    writeFileSync(to, bytes, { mode: 0o600 })
  }
  chmodSync(to, 0o600)
  return true
}

/** State files are replaced as a whole: what is read is one version or the other. */
function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function requireJson(name: string, bytes: Buffer): void {
  try {
    JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Error(`${name} is damaged, so no backup was made: start Telltale, which uses what is left of it.`)
  }
}

/** The service may write at the same time. Pages without rows, which hold what was deleted, are not copied. */
function copyDatabase(from: string, to: string): void {
  if (statSync(from).size === 0) return writeFileSync(to, '', { mode: 0o600 })
  const connection = loadDriver().open(from)
  try {
    connection.prepare('VACUUM INTO ?').run(to)
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    if (code === 'SQLITE_FULL') throw Object.assign(new Error(message), { code: 'ENOSPC' })
    throw new Error(
      `${basename(from)} could not be read (${message}), so no backup was made: start Telltale, which uses what is left of it.`,
    )
  } finally {
    connection.close()
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.chmod(0o600)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
