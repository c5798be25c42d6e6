// Files that were set aside: damaged ones, and copies from before a migration or a restore. Capped, kept for a limited
// time, and deleted with whatever is forgotten.
import { copyFileSync, chmodSync, existsSync, lstatSync, readdirSync, renameSync, rmSync, lutimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Damaged versions of one file; the oldest goes first. */
export const MAX_DAMAGED = 3
/** Copies from before a migration are deleted this long after, by a start that succeeded. */
export const COPY_DAYS = 7
/** Damaged files are kept as long as hours of the traffic history usually are. */
export const DAMAGED_DAYS = 35
const DAY_MS = 86_400_000
const SET_ASIDE = /\.(damaged|before|replaced)(-|$)/

/** "2026-11-30T101500Z": sorts by time, and may stand in the name of a file anywhere. */
export function stamp(now = Date.now()): string {
  return new Date(now)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')
}

export function isSetAside(name: string): boolean {
  return SET_ASIDE.test(name)
}

/** All that was set aside in a folder. */
export function setAsideIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => SET_ASIDE.test(name))
    .sort()
    .map((name) => join(folder, name))
}

/** What was set aside of one file; further files of it, such as a write-ahead log, included. */
export function setAsideOf(path: string): string[] {
  const name = basename(path)
  return setAsideIn(dirname(path)).filter(
    (aside) => SET_ASIDE.test(basename(aside).slice(name.length)) && basename(aside).startsWith(`${name}.`),
  )
}

/** A name for what is set aside that nothing has yet. */
export function asideName(path: string, why: 'damaged' | 'before' | 'replaced'): string {
  const name = `${path}.${why}-${stamp()}`
  for (let number = 2; ; number += 1) {
    const tried = number === 2 ? name : `${name}-${number - 1}`
    if (!existsSync(tried)) return tried
  }
}

/** Moves a damaged file or folder out of the way and returns its new name. */
export function setAsideDamaged(path: string, most = MAX_DAMAGED): string {
  const aside = asideName(path, 'damaged')
  const damaged = setAsideOf(path).filter((name) => name.slice(path.length).startsWith('.damaged'))
  for (const old of damaged.slice(0, Math.max(0, damaged.length - most + 1)))
    rmSync(old, { recursive: true, force: true })
  renameSync(path, aside)
  // Its age counts from here.
  const now = new Date()
  lutimesSync(aside, now, now)
  return aside
}

/** A copy of a file as it is before this version changes its form. Null where there is one already. */
export function copyBefore(path: string): string | null {
  if (setAsideOf(path).some((name) => name.slice(path.length).startsWith('.before'))) return null
  const copy = asideName(path, 'before')
  copyFileSync(path, copy)
  chmodSync(copy, 0o600)
  return copy
}

/** Deletes what has been set aside for long enough. To be called once a start has succeeded, and daily. */
export function dropOldSetAside(folder: string, now = Date.now()): void {
  for (const path of setAsideIn(folder)) {
    const days = /\.damaged(-|$)/.test(basename(path)) ? DAMAGED_DAYS : COPY_DAYS
    try {
      if (now - lstatSync(path).mtimeMs > days * DAY_MS) rmSync(path, { recursive: true, force: true })
    } catch {
      // It is gone already, or cannot be deleted now.
    }
  }
}

/** Deletes everything that was set aside, as a device was forgotten. Returns how many files. */
export function dropSetAside(folder: string): number {
  const all = setAsideIn(folder)
  for (const path of all) rmSync(path, { recursive: true, force: true })
  return all.length
}
