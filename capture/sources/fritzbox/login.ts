// The log-in of FRITZ!OS by challenge and response: "AVM Technical Note: Session ID" of 2021-05-03.
import { createHash, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { FritzboxProblem } from './problem.ts'

const derive = promisify(pbkdf2)

/** Without a session the box says this one. */
export const NO_SID = '0000000000000000'

/** What the box answers under /login_sid.lua. */
export interface SessionInfo {
  sid: string
  challenge: string
  /** No log-in is taken for so many seconds, after wrong passwords. */
  blockSeconds: number
  /** Named to machines of the home only. The last one who logged in, or the box's own, is marked. */
  users: { name: string; isLast: boolean }[]
  /** What the session may do, such as BoxAdmin: 1 to read, 2 to change. */
  rights: Map<string, number>
}

/** Rounds that a box may ask for: fewer would make it easy to guess the password, more would keep this machine busy. */
const FEWEST_ROUNDS = 1000
const MOST_ROUNDS = 2_000_000
const MOST_SALT_DIGITS = 256
const KEY_BYTES = 32
const PBKDF2_CHALLENGE = /^2\$(\d{1,9})\$((?:[0-9a-f]{2})+)\$(\d{1,9})\$((?:[0-9a-f]{2})+)$/i
const MD5_CHALLENGE = /^[\w.-]{1,64}$/
/** A box blocks for longer each time; a damaged answer must not block for years. */
const LONGEST_BLOCK_SECONDS = 86_400
const MOST_USERS = 32

/** Null where the text is no such answer. */
export function parseSessionInfo(text: string): SessionInfo | null {
  const sid = element(text, 'SID')
  if (!text.includes('<SessionInfo') || sid === null || !/^[0-9a-f]{16}$/i.test(sid)) return null
  const block = Number(element(text, 'BlockTime') ?? 0)
  return {
    sid,
    challenge: element(text, 'Challenge') ?? '',
    blockSeconds: Number.isFinite(block) ? Math.min(Math.max(block, 0), LONGEST_BLOCK_SECONDS) : 0,
    users: [...text.matchAll(/<User\b([^>]*)>([^<]*)<\/User>/g)]
      .slice(0, MOST_USERS)
      .map(([, attributes = '', name = '']) => ({ name: plain(name), isLast: /\blast="1"/.test(attributes) })),
    rights: new Map(
      [...text.matchAll(/<Name>([^<]*)<\/Name>\s*<Access>(\d)<\/Access>/g)].map(([, name = '', access]) => [
        name,
        Number(access),
      ]),
    ),
  }
}

/** The user whom the box proposes; empty where it names none, as boxes without users do. */
export function proposedUser({ users }: SessionInfo): string {
  return (users.find(({ isLast }) => isLast) ?? users[0])?.name ?? ''
}

export function isPbkdf2(challenge: string): boolean {
  return challenge.startsWith('2$')
}

/**
 * The response to a challenge. "2$rounds1$salt1$rounds2$salt2": PBKDF2 with HMAC-SHA-256, twice; any other (before
 * FRITZ!OS 7.24): MD5 of "challenge-password" in UTF-16LE, where characters above 255 are full stops. Throws a
 * FritzboxProblem where the challenge is none.
 */
export async function responseTo(challenge: string, password: string): Promise<string> {
  if (!isPbkdf2(challenge)) return md5Response(challenge, password)
  const [, rounds1, salt1 = '', rounds2, salt2 = ''] = PBKDF2_CHALLENGE.exec(challenge) ?? []
  const [first, second] = [Number(rounds1), Number(rounds2)]
  const isUsable = first >= FEWEST_ROUNDS && second >= 1 && first <= MOST_ROUNDS && second <= MOST_ROUNDS
  if (!isUsable || salt1.length > MOST_SALT_DIGITS || salt2.length > MOST_SALT_DIGITS) throw strangeChallenge()
  const fixed = await derive(Buffer.from(password, 'utf8'), Buffer.from(salt1, 'hex'), first, KEY_BYTES, 'sha256')
  const response = await derive(fixed, Buffer.from(salt2, 'hex'), second, KEY_BYTES, 'sha256')
  return `${salt2}$${response.toString('hex')}`
}

function md5Response(challenge: string, password: string): string {
  if (!MD5_CHALLENGE.test(challenge)) throw strangeChallenge()
  const kept = [...password].map((one) => ((one.codePointAt(0) ?? 0) > 255 ? '.' : one)).join('')
  const hash = createHash('md5')
    .update(Buffer.from(`${challenge}-${kept}`, 'utf16le'))
    .digest('hex')
  return `${challenge}-${hash}`
}

function strangeChallenge(): FritzboxProblem {
  return new FritzboxProblem(
    'What answers asks for the password in a way that no FRITZ!Box does. Nothing of it was sent. Is it your FRITZ!Box?',
  )
}

function element(text: string, name: string): string | null {
  return new RegExp(`<${name}>([^<]{0,1000})</${name}>`).exec(text)?.[1] ?? null
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '')
}
