// A session on a FRITZ!Box: log-in, its right to capture, whether it still stands, log-out.
import type { FritzboxClient } from './client.ts'
import { isPbkdf2, NO_SID, parseSessionInfo, proposedUser, responseTo, type SessionInfo } from './login.ts'
import { FritzboxProblem } from './problem.ts'

const LOGIN = '/login_sid.lua?version=2'
/** A box that is unplugged must not hold up the rest. */
const CHECK_MS = 3000
const FAREWELL_MS = 1500
/** A password that was refused is refused again: tried anew after this, and later after the longer time. */
const REFUSED_WAIT_MS = 600_000
const REFUSED_AGAIN_WAIT_MS = 3_600_000
const RIGHT_WAIT_MS = 60_000
const MAY_CHANGE = 2
/** A session of FRITZ!OS ends 20 minutes after its last request, in older versions after 10. */
const KEEP_ALIVE_MS = 240_000

export class FritzboxSession {
  private readonly client: FritzboxClient
  private readonly user: string | null
  private readonly password: string
  private current: string | null = null
  private askedAt = -Infinity
  /** Nothing is asked before this time, in milliseconds of performance.now. */
  private notBefore = -Infinity
  private refusals = 0
  private wasPbkdf2 = false

  /** `user` null: whom the box proposes. */
  constructor(client: FritzboxClient, user: string | null, password: string) {
    this.client = client
    this.user = user
    this.password = password
  }

  /** Milliseconds for which the box is left alone; 0 or less: none. */
  get waitMs(): number {
    return this.notBefore - performance.now()
  }

  /** The session that stands, as far as is known; null where there is none. */
  get standing(): string | null {
    return this.current
  }

  /** Nothing is asked of the box for so long. */
  rest(milliseconds: number): void {
    this.notBefore = Math.max(this.notBefore, performance.now() + milliseconds)
  }

  get isDueForCheck(): boolean {
    return this.current !== null && performance.now() - this.askedAt >= KEEP_ALIVE_MS
  }

  /** The session's id: the one that stands, or that of a new log-in. Rejects with a FritzboxProblem. */
  async id(signal?: AbortSignal): Promise<string> {
    if (this.password === '')
      throw new FritzboxProblem(
        `The password for ${this.client.name} is missing. Set it under Settings › Sources, or with --fritzbox-password-file.`,
      )
    if (this.current !== null && (await this.check(signal))) return this.current
    return await this.logIn(signal)
  }

  /** Whether the box still knows the session; the question keeps it from ending. Rejects where nobody answers. */
  async check(signal?: AbortSignal): Promise<boolean> {
    const sid = this.current
    if (sid === null) return false
    const info = await this.ask({ sid }, signal, CHECK_MS)
    this.askedAt = performance.now()
    if (info.sid === sid) return true
    this.current = null
    return false
  }

  /** The session that the box does not take any more. */
  lose(): void {
    this.current = null
  }

  /** Ends it on the box, where it answers. */
  async logOut(): Promise<void> {
    const sid = this.current
    this.current = null
    if (sid !== null) await this.ask({ logout: '1', sid }, undefined, FAREWELL_MS).catch(() => undefined)
  }

  private async logIn(signal: AbortSignal | undefined): Promise<string> {
    const { client, password } = this
    const asked = await this.ask(undefined, signal)
    if (asked.blockSeconds > 0) throw blocked(client.name, asked.blockSeconds)
    // Somebody in between could ask for the older, weaker response.
    if (this.wasPbkdf2 && !isPbkdf2(asked.challenge))
      throw new FritzboxProblem(
        `${client.name} asks for the password in an older way than before: nothing of it was sent. Was its FRITZ!OS replaced by an older one? Then start Telltale anew.`,
        { waitMs: RIGHT_WAIT_MS },
      )
    this.wasPbkdf2 ||= isPbkdf2(asked.challenge)
    const username = this.user ?? proposedUser(asked)
    const answered = await this.ask({ username, response: await responseTo(asked.challenge, password) }, signal)
    if (answered.sid === NO_SID) throw this.refused(username, answered)
    this.refusals = 0
    this.askedAt = performance.now()
    this.current = answered.sid
    const right = answered.rights.get('BoxAdmin')
    if (answered.rights.size > 0 && (right ?? 0) < MAY_CHANGE) {
      await this.logOut()
      throw new FritzboxProblem(missingRightSentence(client.name, username), { waitMs: RIGHT_WAIT_MS })
    }
    return answered.sid
  }

  private refused(username: string, { blockSeconds }: SessionInfo): FritzboxProblem {
    const wait = this.refusals++ === 0 ? REFUSED_WAIT_MS : REFUSED_AGAIN_WAIT_MS
    const waitMs = Math.max(wait, blockSeconds * 1000)
    const who = username === '' ? 'the password' : `the password of its user ${printable(username)}`
    return new FritzboxProblem(
      `${this.client.name} does not accept ${who}. Set the right one under Settings › Sources, and name the user if it is another ` +
        `one: "USER@${this.client.name}". So that the box does not block log-ins it is tried again only in ${minutes(waitMs)}.`,
      { waitMs },
    )
  }

  private async ask(
    form: Record<string, string> | undefined,
    signal: AbortSignal | undefined,
    timeoutMs?: number,
  ): Promise<SessionInfo> {
    const { client } = this
    const answer = await client.ask({
      path: LOGIN,
      ...(form === undefined ? {} : { form }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    if (answer.status >= 300 && answer.status < 400)
      throw new FritzboxProblem(redirectSentence(client.name, answer.location))
    const info = answer.status === 200 ? parseSessionInfo(answer.body) : null
    if (info !== null) return info
    throw new FritzboxProblem(
      `What answers at ${client.name} is no FRITZ!Box: its log-in page is missing (status ${answer.status}). Write the box's address.`,
    )
  }
}

export function redirectSentence(name: string, location: string): string {
  if (/^https:/i.test(location))
    return `${name} wants to be asked over HTTPS. Write "https://${name}" in the source; the next sentence here names the fingerprint of its certificate.`
  return `${name} sends Telltale elsewhere, and that is not followed. Write the address of the FRITZ!Box itself.`
}

export function missingRightSentence(name: string, username: string): string {
  const who = username === '' ? 'This log-in' : `The user ${printable(username)}`
  return (
    `${who} may not capture on ${name}. Give it the right "FRITZ!Box Settings" there: System › FRITZ!Box Users › edit the user. ` +
    'It is tried again each minute.'
  )
}

function blocked(name: string, seconds: number): FritzboxProblem {
  return new FritzboxProblem(
    `${name} takes no log-ins for another ${seconds} s, because of wrong passwords before. It is tried again after that.`,
    { waitMs: (seconds + 1) * 1000 },
  )
}

function minutes(milliseconds: number): string {
  const count = Math.round(milliseconds / 60_000)
  return count >= 60 ? `${Math.round(count / 60)} h` : `${count} minutes`
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 60)
}
