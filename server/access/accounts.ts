// Who may come in, as what, and until when?
import { createHash, randomBytes } from 'node:crypto'
import type { AccessEntry, Role } from '../api.ts'
import { hashPassword, isPassword, sameText } from './password.ts'
import { createThrottle } from './throttle.ts'
import { ServiceError } from '../model/service-error.ts'

/** A file whose content is in memory; `save` resolves once it is safely on the disk. */
export interface StateFile<Data> {
  data: Data
  save(): Promise<void>
}

export interface AccessState {
  admin: string | null
  viewer: string | null
  /** Only the hash of a session's id is kept: whoever reads the file cannot come in with it. */
  sessions: { key: string; role: Role; expires: number }[]
  log: AccessEntry[]
}

export const emptyAccess = (): AccessState => ({ admin: null, viewer: null, sessions: [], log: [] })

/** True where a stored value has the shape of AccessState. */
export function isAccessState(value: unknown): value is AccessState {
  const state = value as Partial<AccessState> | null
  return (
    typeof state === 'object' &&
    state !== null &&
    Array.isArray(state.sessions) &&
    Array.isArray(state.log) &&
    [state.admin, state.viewer].every((kept) => kept === null || typeof kept === 'string') &&
    state.sessions.every(
      (one) =>
        typeof one?.key === 'string' && (one.role === 'admin' || one.role === 'viewer') && Number.isFinite(one.expires),
    )
  )
}

export interface Session {
  /** Hash of the session's id. */
  key: string
  role: Role
  csrf: string
}

/** What a browser gets to keep. */
export interface Login extends Session {
  id: string
}

export interface Accounts {
  claimed(): boolean
  hasViewer(): boolean
  /** What the first visitor has to show; null once the box is claimed. A new one at every start. */
  claimToken(): string | null
  claim(token: string, password: string): Promise<Login>
  login(password: string, address: string): Promise<Login>
  logout(session: Session): Promise<void>
  /** The session of an id, while it lasts; a visit makes it last longer. */
  find(id: string): Session | null
  /** The session of a key, for a socket that was let in with it. */
  findKey(key: string): Session | null
  changePassword(session: Session, current: string, password: string, address: string): Promise<void>
  /** Null: nobody may only look. Sessions of viewers end. */
  setViewerPassword(password: string | null): Promise<void>
  log(): AccessEntry[]
  note(what: AccessEntry['what'], role: Role | null): Promise<void>
  /** Called with the key of each session that ends before its time. */
  onEnd(listener: (key: string) => void): void
}

const DAY = 86_400
export const MAXIMUM_SESSIONS = 100
export const MAXIMUM_LOG = 500

export interface AccountsOptions {
  state: StateFile<AccessState>
  /** Seconds since 1970. */
  now: () => number
  /** Seconds of a clock that is never turned; for the pause after wrong tries. */
  monotonic?: () => number
  sessionDays: () => number
}

export function createAccounts({ state, now, monotonic, sessionDays }: AccountsOptions): Accounts {
  const throttle = createThrottle(monotonic ?? (() => performance.now() / 1000))
  const listeners: ((key: string) => void)[] = []
  let token = state.data.admin === null ? randomBytes(16).toString('base64url') : null
  let claiming = false

  function open(role: Role): Login {
    const id = randomBytes(32).toString('base64url')
    const session = { key: keyOf(id), role, expires: now() + sessionDays() * DAY }
    state.data.sessions = state.data.sessions.filter((one) => one.expires > now())
    state.data.sessions.push(session)
    if (state.data.sessions.length > MAXIMUM_SESSIONS) end(state.data.sessions[0].key)
    return { id, key: session.key, role, csrf: csrfOf(session.key) }
  }
  function end(key: string): void {
    state.data.sessions = state.data.sessions.filter((one) => one.key !== key)
    for (const listener of listeners) listener(key)
  }
  function endAll(chosen: (session: { key: string; role: Role }) => boolean): void {
    for (const session of state.data.sessions.filter(chosen)) end(session.key)
  }
  function findKey(key: string): Session | null {
    const session = state.data.sessions.find((one) => one.key === key)
    if (session === undefined) return null
    if (session.expires <= now()) {
      end(key)
      return null
    }
    return { key, role: session.role, csrf: csrfOf(key) }
  }
  function record(what: AccessEntry['what'], role: Role | null): void {
    state.data.log.push({ at: now(), what, role })
    if (state.data.log.length > MAXIMUM_LOG) state.data.log.splice(0, state.data.log.length - MAXIMUM_LOG)
  }
  async function note(what: AccessEntry['what'], role: Role | null): Promise<void> {
    record(what, role)
    await state.save()
  }
  function mayTry(address: string): void {
    const wait = throttle.begin(address)
    if (wait > 0)
      throw new ServiceError(429, 'paused', `Too many wrong passwords; try again in ${Math.ceil(wait / 60)} minutes.`)
  }

  return {
    claimed: () => state.data.admin !== null,
    hasViewer: () => state.data.viewer !== null,
    claimToken: () => token,
    async claim(shown, password) {
      if (token === null || claiming)
        throw new ServiceError(409, 'claimed', 'This box has its password already: log in with it.')
      if (!sameText(shown, token))
        throw new ServiceError(403, 'wrong-token', 'This is not the address that the program printed when it started.')
      claiming = true
      try {
        state.data.admin = await hashPassword(password)
        token = null
      } finally {
        claiming = false
      }
      const login = open('admin')
      await note('claimed', 'admin')
      return login
    },
    async login(password, address) {
      if (state.data.admin === null)
        throw new ServiceError(
          409,
          'unclaimed',
          'This box has no password yet: open the address that the program printed when it started.',
        )
      mayTry(address)
      const role = (await isPassword(password, state.data.admin))
        ? 'admin'
        : state.data.viewer !== null && (await isPassword(password, state.data.viewer))
          ? 'viewer'
          : null
      if (role === null) {
        await note('login-failed', null)
        throw new ServiceError(401, 'wrong-password', 'This is not the password.')
      }
      throttle.right(address)
      const login = open(role)
      await note('login', role)
      return login
    },
    async logout(session) {
      end(session.key)
      await note('logout', session.role)
    },
    find(id) {
      const session = findKey(keyOf(id))
      const kept = state.data.sessions.find((one) => one.key === session?.key)
      const expires = now() + sessionDays() * DAY
      // Once a day is enough: each save is a write to the SD card.
      if (kept !== undefined && expires - kept.expires > DAY) {
        kept.expires = expires
        void state.save().catch(() => undefined)
      }
      return session
    },
    findKey,
    async changePassword(session, current, password, address) {
      mayTry(address)
      if (state.data.admin === null || !(await isPassword(current, state.data.admin)))
        throw new ServiceError(403, 'wrong-password', 'The current password is another one.')
      throttle.right(address)
      state.data.admin = await hashPassword(password)
      endAll((one) => one.key !== session.key)
      await note('password-changed', 'admin')
    },
    async setViewerPassword(password) {
      state.data.viewer = password === null ? null : await hashPassword(password)
      endAll((one) => one.role === 'viewer')
      await note('password-changed', 'viewer')
    },
    log: () => [...state.data.log],
    note,
    onEnd: (listener) => {
      listeners.push(listener)
    },
  }
}

/** For `telltale reset-password`, while the server is stopped: the next start prints a new address to claim the box. */
export async function resetPassword(state: StateFile<AccessState>): Promise<void> {
  Object.assign(state.data, { admin: null, viewer: null, sessions: [] })
  await state.save()
}

const keyOf = (id: string): string => createHash('sha256').update(id).digest('hex')
/**
 * Made from the key, so that it need not be kept and outlives a restart. The key is secret to the server; the token
 * says nothing of it.
 */
const csrfOf = (key: string): string => createHash('sha256').update(`csrf ${key}`).digest('base64url')
