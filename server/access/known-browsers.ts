// Browsers that were logged in before: a signed cookie that opens nothing, and keeps tries and connections for them.
import { createHmac, randomBytes } from 'node:crypto'
import type { Role } from '../api.ts'
import type { AccessState } from './access-state.ts'
import { sameText } from './password.ts'

export interface KnownBrowser {
  /** Random, made at the first log-in. */
  id: string
  /** Of the account that it was logged in to last. */
  role: Role
}

/** As long as browsers keep a cookie. */
export const KNOWN_FOR_SECONDS = 400 * 86_400

const COOKIE = /^(admin|viewer)\.([\w-]{22})\.([\w-]{43})$/

/** The browser of a cookie; null where the cookie is none of ours, or the account's password is another by now. */
export function knownBrowser(state: AccessState, cookie: string | undefined): KnownBrowser | null {
  const [, role, id = '', signature = ''] = COOKIE.exec(cookie ?? '') ?? []
  if (role !== 'admin' && role !== 'viewer') return null
  const expected = signatureOf(state, role, id)
  return expected !== null && sameText(signature, expected) ? { id, role } : null
}

/** The cookie for a browser that just logged in; `known` is what it was before. */
export function cookieFor(state: AccessState, role: Role, known: KnownBrowser | null): string {
  state.browserKey ??= randomBytes(32).toString('hex')
  const id = known?.id ?? randomBytes(16).toString('base64url')
  return `${role}.${id}.${signatureOf(state, role, id) ?? ''}`
}

/** Bound to the account by its password's hash: a new password makes every browser unknown. */
function signatureOf(state: AccessState, role: Role, id: string): string | null {
  const { browserKey, [role]: account } = state
  if (browserKey === undefined || account === null) return null
  return createHmac('sha256', browserKey).update(`${role} ${id} ${account}`).digest('base64url')
}
