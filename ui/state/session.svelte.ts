// The log-in: who is looking, and whether they may change anything.
import type { RuleWords, SessionFacts } from '../../server/api.ts'
import { ApiFailure, get, onLoggedOut, send, setCsrf } from './api.ts'

export class Session {
  facts = $state.raw<SessionFacts | null>(null)
  words = $state.raw<RuleWords>({ purposes: {}, kinds: {}, labels: {}, networksDate: '' })
  /** Why the first request failed; null while it has not. */
  failure = $state.raw<ApiFailure | null>(null)

  constructor() {
    onLoggedOut(() => this.ended())
  }

  get mayChange(): boolean {
    return this.facts?.role === 'admin'
  }

  async load(): Promise<void> {
    try {
      const facts = await get<SessionFacts>('/api/session')
      setCsrf(facts.csrf)
      if (facts.role !== null) this.words = await get<RuleWords>('/api/words')
      this.facts = facts
      this.failure = null
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      this.failure = error
    }
  }

  /** Sets the first password; `token` is the one that the console printed. */
  async claim(token: string, password: string): Promise<void> {
    await send('POST', '/api/claim', { token, password })
    await this.load()
  }

  async logIn(password: string): Promise<void> {
    await send('POST', '/api/login', { password })
    await this.load()
  }

  async logOut(): Promise<void> {
    await send('POST', '/api/logout')
    await this.load()
  }

  /** The login has ended on the server. */
  ended(): void {
    if (this.facts === null || this.facts.role === null) return
    this.facts = { ...this.facts, role: null, csrf: null }
    void this.load()
  }
}

export const session = new Session()
