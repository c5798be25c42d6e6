// What a write that the disk refused is called: a status, a code and a sentence for the person.
import { ServiceError } from '../model/service-error.ts'
import { isDiskFull } from './reserve.ts'

const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM', 'SQLITE_READONLY'])

/** `what` is the file or the change; nothing of it was kept. */
export function diskFault(error: unknown, what: string): ServiceError {
  if (error instanceof ServiceError) return error
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  if (isDiskFull(error) && !/^(EIO|SQLITE_IOERR)/.test(code))
    return new ServiceError(
      507,
      'disk-full',
      `The disk of Telltale's state folder is full: ${what} could not be written, and nothing was changed. Make room on it and try again.`,
    )
  if (READ_ONLY.has(code))
    return new ServiceError(
      503,
      'disk-read-only',
      `Telltale may not write to its state folder (${code}): ${what} could not be written, and nothing was changed.`,
    )
  return new ServiceError(
    503,
    'not-written',
    `The disk refused to write (${code || message}): ${what} could not be written, and nothing was changed.`,
  )
}

/** True for a change that was refused because of the disk: it may be repeated. */
export function isDiskFault(error: unknown): boolean {
  return error instanceof ServiceError && ['disk-full', 'disk-read-only', 'not-written'].includes(error.code)
}
