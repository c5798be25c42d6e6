// Password hashes with scrypt, and their check.
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { ServiceError } from '../model/service-error.ts'

/** About 100 ms and 32 MB on a small computer, for each try. */
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const KEY_BYTES = 32

export const PASSWORD_MINIMUM = 8
export const PASSWORD_MAXIMUM = 256

/** Tries that may be computed or wait at one time, of strangers and of those who are known. */
const MAXIMUM_WAITING = 8
const waiting = { stranger: [] as (() => void)[], known: [] as (() => void)[] }
let isComputing = false
const inHand = { stranger: 0, known: 0 }

/**
 * `scrypt$<salt>$<key>` in hex, with a salt of its own. Throws a ServiceError where the password is too short or too
 * long.
 */
export async function hashPassword(password: string): Promise<string> {
  const length = [...password].length
  if (length < PASSWORD_MINIMUM)
    throw new ServiceError(400, 'short-password', `A password has ${PASSWORD_MINIMUM} characters or more.`)
  if (length > PASSWORD_MAXIMUM)
    throw new ServiceError(400, 'long-password', `A password has ${PASSWORD_MAXIMUM} characters at most.`)
  const salt = randomBytes(16)
  return `scrypt$${salt.toString('hex')}$${(await derive(password, salt, true)).toString('hex')}`
}

export function isPasswordHash(kept: unknown): boolean {
  return typeof kept === 'string' && /^scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}$/.test(kept)
}

/** `isKnown`: by somebody known here, who does not wait for strangers. */
export async function isPassword(password: string, kept: string, isKnown = false): Promise<boolean> {
  const [kind, salt = '', key = ''] = kept.split('$')
  if (kind !== 'scrypt') throw new Error('The kept password is damaged: run "telltale reset-password"')
  return sameBytes(await derive(password, Buffer.from(salt, 'hex'), isKnown), Buffer.from(key, 'hex'))
}

/** Compares without telling by its duration how much was right. */
export function sameText(one: string, other: string): boolean {
  return sameBytes(Buffer.from(one), Buffer.from(other))
}

function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** One at a time, so that many tries cannot take the machine's memory: each takes 32 MB. */
async function derive(password: string, salt: Buffer, isKnown = false): Promise<Buffer> {
  const who = isKnown ? 'known' : 'stranger'
  if (inHand[who] >= MAXIMUM_WAITING)
    throw new ServiceError(429, 'busy', 'Too many passwords are being checked at once; try again in a few seconds.')
  inHand[who]++
  try {
    if (isComputing) await new Promise<void>((begin) => waiting[who].push(begin))
    isComputing = true
    return await new Promise((resolve, reject) => {
      scrypt(password.normalize('NFC'), salt, KEY_BYTES, COST, (error, key) =>
        error === null ? resolve(key) : reject(error),
      )
    })
  } finally {
    inHand[who]--
    isComputing = false
    const next = waiting.known.shift() ?? waiting.stranger.shift()
    if (next !== undefined) {
      isComputing = true
      next()
    }
  }
}
