// The accounts of admin and viewer: first password, log-in, log-out, changes of passwords, access log.
import { randomBytes } from 'node:crypto'
import type { AccessEntry, Role } from '../api.ts'
import { ServiceError } from '../model/service-error.ts'
import type { AccessState, StateFile } from './access-state.ts'
import { type Login, LoginSessions, type LoginSessionsOptions, type Session } from './login-sessions.ts'
import { hashPassword, isPassword, sameText } from './password.ts'
import { createThrottle, type Throttle } from './throttle.ts'

export const MAXIMUM_LOG = 500

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

  async claim(shown: string, password: string): Promise<Login> {
    if (this.token === null || this.claiming)
      throw new ServiceError(409, 'claimed', 'This box has its password already: log in with it.')
    if (!sameText(shown, this.token))
      throw new ServiceError(403, 'wrong-token', 'This is not the address that the program printed when it started.')
    this.claiming = true
    try {
      this.state.data.admin = await hashPassword(password)
      this.token = null
    } finally {
      this.claiming = false
    }
    const login = this.sessions.open('admin')
    await this.note('claimed', 'admin')
    return login
  }

  async login(password: string, address: string): Promise<Login> {
    if (this.state.data.admin === null)
      throw new ServiceError(
        409,
        'unclaimed',
        'This box has no password yet: open the address that the program printed when it started.',
      )
    this.requireNoPause(address)
    const role = await this.roleOf(password, this.state.data.admin)
    if (role === null) {
      await this.note('login-failed', null)
      throw new ServiceError(401, 'wrong-password', 'This is not the password.')
    }
    this.throttle.right(address)
    const login = this.sessions.open(role)
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

  /** The session of a key, for a socket that was let in with it. */
  findKey(key: string): Session | null {
    return this.sessions.findKey(key)
  }

  async changePassword(session: Session, current: string, password: string, address: string): Promise<void> {
    this.requireNoPause(address)
    if (this.state.data.admin === null || !(await isPassword(current, this.state.data.admin)))
      throw new ServiceError(403, 'wrong-password', 'The current password is another one.')
    this.throttle.right(address)
    this.state.data.admin = await hashPassword(password)
    this.sessions.endWhere((one) => one.key !== session.key)
    await this.note('password-changed', 'admin')
  }

  /** Null: there is no viewer. Sessions of viewers end. */
  async setViewerPassword(password: string | null): Promise<void> {
    this.state.data.viewer = password === null ? null : await hashPassword(password)
    this.sessions.endWhere((one) => one.role === 'viewer')
    await this.note('password-changed', 'viewer')
  }

  log(): AccessEntry[] {
    return [...this.state.data.log]
  }

  async note(what: AccessEntry['what'], role: Role | null): Promise<void> {
    const { log } = this.state.data
    log.push({ at: this.now(), what, role })
    if (log.length > MAXIMUM_LOG) log.splice(0, log.length - MAXIMUM_LOG)
    await this.state.save()
  }

  /** Called with the key of each session that ends before its time. */
  onEnd(listener: (key: string) => void): void {
    this.sessions.onEnd(listener)
  }

  private async roleOf(password: string, admin: string): Promise<Role | null> {
    if (await isPassword(password, admin)) return 'admin'
    const { viewer } = this.state.data
    return viewer !== null && (await isPassword(password, viewer)) ? 'viewer' : null
  }

  /** Counts a try; throws where the address has to wait. */
  private requireNoPause(address: string): void {
    const wait = this.throttle.begin(address)
    if (wait > 0)
      throw new ServiceError(429, 'paused', `Too many wrong passwords; try again in ${Math.ceil(wait / 60)} minutes.`)
  }
}

/** For `telltale reset-password`, while the server is stopped: the next start prints a new address to claim the box. */
export async function resetPassword(state: StateFile<AccessState>): Promise<void> {
  Object.assign(state.data, { admin: null, viewer: null, sessions: [] })
  await state.save()
}
