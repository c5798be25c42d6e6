// The accounts of admin and viewer: first password, log-in, log-out, changes of passwords, access log.
import { randomBytes } from 'node:crypto'
import type { AccessEntry, Role } from '../api.ts'
import { ServiceError } from '../model/service-error.ts'
import type { AccessState, StateFile } from './access-state.ts'
import { type Login, LoginSessions, type LoginSessionsOptions, type Session } from './login-sessions.ts'
import { hashPassword, isPassword, sameText } from './password.ts'
import { addressGroup } from './address-group.ts'
import { cookieFor, knownBrowser, type KnownBrowser } from './known-browsers.ts'
import { createThrottle, type Lane, type Throttle } from './throttle.ts'

export const MAXIMUM_LOG = 500

/** What else is known of whoever tries a password. */
export interface LoginContext {
  /** The browser was logged in before. */
  browser?: KnownBrowser | null
  /** It is on this machine. */
  isLocal?: boolean
}

export interface AccountsOptions extends LoginSessionsOptions {
  /** Seconds of a clock that is never turned; for the pause after wrong tries. */
  monotonic?: () => number
}

export class Accounts {
  private readonly state: StateFile<AccessState>
  private readonly now: () => number
  private readonly sessions: LoginSessions
  private readonly throttle: Throttle
  private token: string | null
  private claiming = false

  constructor(options: AccountsOptions) {
    this.state = options.state
    this.now = options.now
    this.sessions = new LoginSessions(options)
    this.throttle = createThrottle(options.monotonic ?? (() => performance.now() / 1000))
    this.token = options.state.data.admin === null ? randomBytes(16).toString('base64url') : null
  }

  claimed(): boolean {
    return this.state.data.admin !== null
  }

  hasViewer(): boolean {
    return this.state.data.viewer !== null
  }

  /** What the first visitor has to show; null once the box is claimed. A new one at every start. */
  claimToken(): string | null {
    return this.token
  }

  async claim(shown: string, password: string, address = ''): Promise<Login> {
    if (this.token === null || this.claiming)
      throw new ServiceError(409, 'claimed', 'This box has its password already: log in with it.')
    if (!sameText(shown, this.token))
      throw new ServiceError(403, 'wrong-token', 'This is not the address that the program printed when it started.')
    this.claiming = true
    try {
      const admin = await hashPassword(password)
      const login = this.sessions.open('admin', addressGroup(address))
      await this.changeWithNote('claimed', 'admin', (data) => (data.admin = admin)).catch((error: unknown) => {
        this.sessions.end(login.key)
        throw error
      })
      this.token = null
      return login
    } finally {
      this.claiming = false
    }
  }

  async login(password: string, address: string, context: LoginContext = {}): Promise<Login> {
    if (this.state.data.admin === null)
      throw new ServiceError(
        409,
        'unclaimed',
        'This box has no password yet: open the address that the program printed when it started.',
      )
    const [place, lane] = laneOf(address, context)
    this.requireNoPause(place, lane)
    const role = await this.roleOf(password, this.state.data.admin, lane !== 'stranger')
    if (role === null) {
      await this.note('login-failed', null)
      throw new ServiceError(401, 'wrong-password', 'This is not the password.')
    }
    this.throttle.right(place, lane)
    const login = this.sessions.open(role, addressGroup(address))
    await this.note('login', role)
    return login
  }

  async logout(session: Session): Promise<void> {
    this.sessions.end(session.key)
    await this.note('logout', session.role)
  }

  /** The session of an id, while it lasts; a visit makes it last longer. */
  find(id: string): Session | null {
    return this.sessions.find(id)
  }

  /** The browser of a cookie that `browserCookie` made. */
  knownBrowser(cookie: string | undefined): KnownBrowser | null {
    return knownBrowser(this.state.data, cookie)
  }

  /** For a browser that just logged in. */
  async browserCookie(role: Role, known: KnownBrowser | null): Promise<string> {
    const hadKey = this.state.data.browserKey !== undefined
    const cookie = cookieFor(this.state.data, role, known)
    // Where the disk is full the browser is known until the next start, and logged in all the same.
    if (!hadKey) await this.state.save().catch(() => undefined)
    return cookie
  }

  /** The session of a key, for a socket that was let in with it. */
  findKey(key: string): Session | null {
    return this.sessions.findKey(key)
  }

  /** Tries are the session's own: nobody without one takes them away. */
  async changePassword(session: Session, current: string, password: string): Promise<void> {
    this.requireNoPause(session.key, 'known-admin')
    if (this.state.data.admin === null || !(await isPassword(current, this.state.data.admin, true)))
      throw new ServiceError(403, 'wrong-password', 'The current password is another one.')
    this.throttle.right(session.key, 'known-admin')
    const admin = await hashPassword(password)
    await this.changePasswordOf('admin', admin, (one) => one.key !== session.key)
  }

  /** Null: there is no viewer. Sessions of viewers end. */
  async setViewerPassword(password: string | null): Promise<void> {
    const viewer = password === null ? null : await hashPassword(password)
    await this.changePasswordOf('viewer', viewer, (one) => one.role === 'viewer')
  }

  log(): AccessEntry[] {
    return [...this.state.data.log]
  }

  /**
   * Resolves once the entry, and with it each change of sessions, is on the disk, or stays in memory as that refuses: a
   * full disk keeps nobody from logging in or out.
   */
  async note(what: AccessEntry['what'], role: Role | null): Promise<void> {
    this.addEntry(this.state.data, what, role)
    await this.state.save().catch(() => undefined)
  }

  private addEntry({ log }: AccessState, what: AccessEntry['what'], role: Role | null): void {
    log.push({ at: this.now(), what, role })
    if (log.length > MAXIMUM_LOG) log.splice(0, log.length - MAXIMUM_LOG)
  }

  /** One write, or nothing of it. */
  private changeWithNote(what: AccessEntry['what'], role: Role, work: (data: AccessState) => void): Promise<void> {
    return this.state.change((data) => {
      work(data)
      this.addEntry(data, what, role)
    })
  }

  /** Called with the key of each session that ends before its time. */
  onEnd(listener: (key: string) => void): void {
    this.sessions.onEnd(listener)
  }

  /** A new password, and the end of the sessions that the old one opened. */
  private async changePasswordOf(
    role: Role,
    hash: string | null,
    isEnded: (session: AccessState['sessions'][number]) => boolean,
  ): Promise<void> {
    const ended = this.state.data.sessions.filter(isEnded)
    await this.changeWithNote('password-changed', role, (data) => {
      data[role] = hash
      data.sessions = data.sessions.filter((one) => !isEnded(one))
    })
    for (const { key } of ended) this.sessions.end(key)
  }

  private async roleOf(password: string, admin: string, isKnown: boolean): Promise<Role | null> {
    if (await isPassword(password, admin, isKnown)) return 'admin'
    const { viewer } = this.state.data
    return viewer !== null && (await isPassword(password, viewer, isKnown)) ? 'viewer' : null
  }

  /** Counts a try; throws where whoever makes it has to wait. */
  private requireNoPause(place: string, lane: Lane): void {
    const wait = this.throttle.begin(place, lane)
    if (wait > 0)
      throw new ServiceError(429, 'paused', `Too many wrong passwords; try again in ${Math.ceil(wait / 60)} minutes.`)
  }
}

/** Where a try is counted, and in which lane. */
function laneOf(address: string, { browser, isLocal }: LoginContext): [place: string, lane: Lane] {
  if (browser !== null && browser !== undefined) return [browser.id, `known-${browser.role}`]
  return [address, isLocal === true ? 'local' : 'stranger']
}

/** For `telltale reset-password`, while the server is stopped: the next start prints a new address to claim the box. */
export async function resetPassword(state: StateFile<AccessState>): Promise<void> {
  Object.assign(state.data, { admin: null, viewer: null, sessions: [], browserKey: undefined })
  await state.save()
}
