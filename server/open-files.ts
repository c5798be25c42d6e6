// How many files this process may have open at once, and what that is enough for. Every connection is one.
import { readFileSync } from 'node:fs'

/** Starting the service opens its parts at the same time. Fewer, and it fails somewhere on the way. */
export const FEWEST_FILES = 256
/** For everything but connections. */
const OWN_FILES = 120

/** The soft limit, which Node raises to the hard one when it starts; null where the system does not tell. */
export function openFilesLimit(path = '/proc/self/limits'): number | null {
  try {
    const found = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(path, 'utf8'))
    return found === null ? null : found[1] === 'unlimited' ? Infinity : Number(found[1])
  } catch {
    return null
  }
}

/** Why the service cannot start; null where it can. */
export function tooFewFiles(limit: number | null): string | null {
  if (limit === null || limit >= FEWEST_FILES) return null
  return `Only ${limit} files may be open at once here, and the service needs ${FEWEST_FILES} or more: raise the limit first (ulimit -n 1024; as a service: LimitNOFILE=1024)`
}

/** The share of the places for connections that there are files for, at most 1. */
export function connectionShare(limit: number | null, places: number): number {
  return limit === null ? 1 : Math.min(1, Math.max(0, limit - OWN_FILES) / places)
}

/** A sentence about an error that came of too many open files; null of others. */
export function openFilesProblem(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code !== 'EMFILE' && code !== 'ENFILE') return null
  return code === 'ENFILE'
    ? 'Too many files are open on this machine: close some programs, or raise its limit (sysctl fs.file-max)'
    : 'Too few files may be open at once here: raise the limit first (ulimit -n 1024)'
}
