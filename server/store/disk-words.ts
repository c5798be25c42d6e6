// What keeps a folder or file from being made or written, in a sentence for the person who named it.
import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { ServiceError } from '../model/service-error.ts'

/** Folders above a path that are looked at. */
const MOST_PARTS = 64

export interface Place {
  path: string
  /** "folder" or "file": what was to be made at `path`. */
  what: 'folder' | 'file'
  /** What to do about it, as a sentence. */
  advice: string
}

/** Null where the error is about something else than the disk. */
export function diskSentence(error: unknown, { path, what, advice }: Place): string | null {
  if (error instanceof ServiceError)
    return /^(?:disk-|not-written)/.test(error.code) ? `${path}: ${lowered(error.message)}` : null
  const why = reasonOf(error, path)
  if (why === null) return null
  const isThere = existsSync(path)
  const cannot = isThere ? 'cannot be written' : 'cannot be made'
  return `the ${what} ${path} ${cannot}: ${why}. ${advice}`
}

function reasonOf(error: unknown, path: string): string | null {
  const code = String((error as NodeJS.ErrnoException | null)?.code ?? '')
  if (code === 'ENOSPC' || code.startsWith('SQLITE_FULL')) return 'the disk is full'
  if (code === 'EDQUOT') return "this user's quota on the disk is used up"
  if (code === 'EROFS' || code.startsWith('SQLITE_READONLY')) return 'the disk is read-only'
  if (code === 'EACCES' || code === 'EPERM') return `this user may not write to ${nearest(path)}`
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${nearest(path)} is a file, and no folder`
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'ENAMETOOLONG') return 'its name is too long'
  if (code === 'ELOOP') return 'the links on the way to it lead in a circle'
  if (code === 'EIO' || code.startsWith('SQLITE_IOERR'))
    return 'the disk failed (EIO); look at the messages of the system'
  if (code === 'ENOENT') return whyMissing(path)
  return null
}

/** Where a folder is made with those above it, Node says ENOENT of a disk that is read-only. */
function whyMissing(path: string): string {
  const place = nearest(path)
  try {
    accessSync(place, constants.W_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EROFS') return 'the disk is read-only'
    if (code === 'EACCES') return `this user may not write to ${place}`
  }
  return `nothing can be made in ${place}`
}

/** The path itself, or the last of the folders above it that there is. */
function nearest(path: string): string {
  let place = path
  for (let parts = 0; parts < MOST_PARTS && dirname(place) !== place; parts++) {
    if (existsSync(place)) return place
    place = dirname(place)
  }
  return place
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
