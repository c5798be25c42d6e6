// The kept state of access: password hashes, log-in sessions, the access log.
import type { AccessEntry, Role } from '../api.ts'
import { isPasswordHash } from './password.ts'

/**
 * A file whose content is in memory; `save` resolves once it is safely on the disk. `change` changes both or, where the
 * disk refuses, neither; it calls `work` for each.
 */
export interface StateFile<Data> {
  data: Data
  save(): Promise<void>
  change<Result>(work: (data: Data) => Result): Promise<Result>
}

export interface AccessState {
  admin: string | null
  viewer: string | null
  /** Only the hash of a session's id is kept: whoever reads the file cannot log in with it. */
  sessions: { key: string; role: Role; expires: number }[]
  log: AccessEntry[]
  /** Signs the cookie of browsers that were logged in before; made with the first of them. */
  browserKey?: string
}

export const emptyAccess = (): AccessState => ({ admin: null, viewer: null, sessions: [], log: [] })

function isEntry(entry: Partial<AccessEntry> | null): boolean {
  return Number.isFinite(entry?.at) && typeof entry?.what === 'string'
}

/** True where a stored value has the shape of AccessState. */
export function isAccessState(value: unknown): value is AccessState {
  const state = value as Partial<AccessState> | null
  return (
    typeof state === 'object' &&
    state !== null &&
    Array.isArray(state.sessions) &&
    Array.isArray(state.log) &&
    state.log.every(isEntry) &&
    [state.admin, state.viewer].every((kept) => kept === null || isPasswordHash(kept)) &&
    (state.browserKey === undefined || typeof state.browserKey === 'string') &&
    state.sessions.every(
      (one) =>
        typeof one?.key === 'string' && (one.role === 'admin' || one.role === 'viewer') && Number.isFinite(one.expires),
    )
  )
}
