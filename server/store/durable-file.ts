// Small files that survive a power cut: written beside, synced, renamed over; the version before is kept as .bak.
import { constants } from 'node:fs'
import { chmod, copyFile, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

let written = 0

/** Bytes that this process has written into state files. */
export function stateBytesWritten(): number {
  return written
}

export function countWritten(text: string): void {
  written += Buffer.byteLength(text)
}

/** Makes the folder if need be; only the owner may read it. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600)
  try {
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
    countWritten(text)
  } finally {
    await handle.close()
  }
}

/**
 * Resolves once the text is on the disk under its name. `backup`: the version before becomes .bak first. What a write
 * that failed had taken of the disk is given back. `isLarge`: the version before is kept without writing it again.
 */
export async function writeDurably(path: string, text: string, backup: boolean, isLarge = false): Promise<void> {
  try {
    if (backup) {
      try {
        if (isLarge) await keepBefore(path)
        else await copyBefore(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
    await writeSynced(`${path}.new`, text)
    await rename(`${path}.new`, path)
    await syncFolder(dirname(path))
  } catch (error) {
    for (const left of [`${path}.new`, `${path}.bak.new`]) await rm(left, { force: true }).catch(() => undefined)
    throw error
  }
}

/** A second name for the version before: nothing is written. Where the file system has none, a copy. */
async function keepBefore(path: string): Promise<void> {
  const kept = `${path}.bak.new`
  await rm(kept, { force: true, recursive: true })
  try {
    await link(path, kept)
    await rename(kept, `${path}.bak`)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
    await copyBefore(path)
  }
}

async function copyBefore(path: string): Promise<void> {
  await copyFile(path, `${path}.bak.new`)
  await writeSyncedCopy(`${path}.bak.new`, `${path}.bak`)
}

async function writeSyncedCopy(from: string, to: string): Promise<void> {
  const handle = await open(from, 'r+')
  try {
    await handle.chmod(0o600)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(from, to)
}

export async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Removes what an interrupted write left behind. */
export async function removeLeftovers(path: string): Promise<void> {
  await rm(`${path}.new`, { force: true, recursive: true })
  await rm(`${path}.bak.new`, { force: true, recursive: true })
}
