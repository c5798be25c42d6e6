// Restoring a backup: checked as a whole, then put in the place of what is there, which is kept for a while.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { asideName } from '../store/set-aside.ts'
import { unpack, verify } from './archive.ts'
import { hashOfFile, type Manifest } from './manifest.ts'
import { HISTORY, stateFilesIn } from './state-files.ts'

const STAGING = 'restoring'
/** The files are complete: from here on the restore is finished, at the next start if need be. */
const READY = 'ready'
/** What was there before is out of the way. */
const CLEARED = 'cleared'

/** The folder must be locked by the caller. Throws a sentence for the person; nothing was changed then. */
export async function restoreBackup(file: string, stateFolder: string): Promise<Manifest> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  const manifest = await verify(file)
  const staging = join(stateFolder, STAGING)
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging, { mode: 0o700 })
  try {
    await unpack(file, manifest, staging)
    for (const { name, size, sha256 } of manifest.files) {
      const found = await hashOfFile(join(staging, name))
      if (found.size !== size || found.sha256 !== sha256)
        throw new Error(`${file}: ${name} did not arrive on the disk as it is in the backup; nothing was changed.`)
      await sync(join(staging, name))
    }
    writeFileSync(join(staging, READY), '', { mode: 0o600 })
    await sync(staging)
  } catch (error) {
    rmSync(staging, { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new Error(`There is no room for the backup in ${stateFolder}; nothing was changed.`)
    throw error
  }
  finishRestore(stateFolder)
  return manifest
}

/** Finishes a restore that was cut short once it was ready, and clears away one that was not. */
export function finishRestore(stateFolder: string): void {
  const staging = join(stateFolder, STAGING)
  if (!existsSync(staging)) return
  const isReady = existsSync(join(staging, READY))
  const isCleared = existsSync(join(staging, CLEARED))
  if (isReady) {
    for (const name of stateFilesIn(stateFolder)) setAside(stateFolder, name)
    renameSync(join(staging, READY), join(staging, CLEARED))
  }
  if (isReady || isCleared) {
    for (const name of readdirSync(staging)) {
      if (name !== CLEARED) renameSync(join(staging, name), join(stateFolder, name))
    }
  }
  rmSync(staging, { recursive: true, force: true })
}

function setAside(folder: string, name: string): void {
  const path = join(folder, name)
  const aside = asideName(path, 'replaced')
  renameSync(path, aside)
  if (name !== HISTORY) return
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`)
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
