// Log-in sessions of browsers: opened, found, extended and ended.
import { createHash, randomBytes } from 'node:crypto'
import type { Role } from '../api.ts'
import type { AccessState, StateFile } from './access-state.ts'

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

const DAY = 86_400
/** Of each account: whoever logs in to one again and again ends no session of the other. */
export const MAXIMUM_SESSIONS = 100

export interface LoginSessionsOptions {
  state: StateFile<AccessState>
  /** Seconds since 1970. */
  now: () => number
  sessionDays: () => number
}

export class LoginSessions {
  private readonly options: LoginSessionsOptions
  private readonly listeners: ((key: string) => void)[] = []
  /** Where the sessions of this run were opened, by their keys; never on disk. */
  private readonly places = new Map<string, string>()
  /** Keys of those that nobody came back to yet. */
  private readonly fresh = new Set<string>()

  constructor(options: LoginSessionsOptions) {
    this.options = options
  }

  /** Called with the key of each session that ends before its time. */
  onEnd(listener: (key: string) => void): void {
    this.listeners.push(listener)
  }

  /** `place` is the browser's address: of too many sessions, those of the place with the most make room. */
  open(role: Role, place: string): Login {
    const { state, now, sessionDays } = this.options
    const id = randomBytes(32).toString('base64url')
    const session = { key: keyOf(id), role, expires: now() + sessionDays() * DAY }
    state.data.sessions = state.data.sessions.filter((one) => one.expires > now())
    for (const key of this.places.keys()) if (!state.data.sessions.some((one) => one.key === key)) this.forgetPlace(key)
    state.data.sessions.push(session)
    this.places.set(session.key, place)
    this.fresh.add(session.key)
    this.makeRoom(role, session.key)
    return { id, key: session.key, role, csrf: csrfOf(session.key) }
  }

  /** The session of an id, while it lasts; a visit makes it last longer. */
  find(id: string): Session | null {
    const { state, now, sessionDays } = this.options
    const session = this.findKey(keyOf(id))
    if (session !== null) this.fresh.delete(session.key)
    const kept = state.data.sessions.find((one) => one.key === session?.key)
    const expires = now() + sessionDays() * DAY
    // Once a day is enough: each save is a write to the SD card.
    if (kept !== undefined && expires - kept.expires > DAY) {
      kept.expires = expires
      void state.save().catch(() => undefined)
    }
    return session
  }

  /** The session of a key, for a socket that was let in with it. */
  findKey(key: string): Session | null {
    const { state, now } = this.options
    const session = state.data.sessions.find((one) => one.key === key)
    if (session === undefined) return null
    if (session.expires <= now()) {
      this.end(key)
      return null
    }
    return { key, role: session.role, csrf: csrfOf(key) }
  }

  end(key: string): void {
    const { data } = this.options.state
    this.forgetPlace(key)
    data.sessions = data.sessions.filter((one) => one.key !== key)
    for (const listener of this.listeners) listener(key)
  }

  private forgetPlace(key: string): void {
    this.places.delete(key)
    this.fresh.delete(key)
  }

  /** `opened` just now has to stay. */
  private makeRoom(role: Role, opened: string): void {
    const ofRole = this.options.state.data.sessions.filter((one) => one.role === role)
    if (ofRole.length <= MAXIMUM_SESSIONS) return
    // One from before the restart counts as of a place of its own.
    const placeOf = (key: string): string => this.places.get(key) ?? key
    const counts = new Map<string, number>()
    for (const { key } of ofRole) counts.set(placeOf(key), (counts.get(placeOf(key)) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const ofPlace = ofRole.filter(({ key }) => counts.get(placeOf(key)) === most && key !== opened)
    const unused = most > 1 ? ofPlace.find(({ key }) => this.fresh.has(key)) : undefined
    const oldest = unused ?? ofPlace[0] ?? ofRole[0]
    this.end(oldest.key)
  }

  endWhere(isChosen: (session: { key: string; role: Role }) => boolean): void {
    for (const session of this.options.state.data.sessions.filter(isChosen)) this.end(session.key)
  }
}

const keyOf = (id: string): string => createHash('sha256').update(id).digest('hex')
/**
 * Made from the key, so that it need not be kept and outlives a restart. The key is secret to the server; the token
 * says nothing of it.
 */
const csrfOf = (key: string): string => createHash('sha256').update(`csrf ${key}`).digest('base64url')
