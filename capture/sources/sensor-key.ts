// The key that a sensor and the Telltale that it captures for share: as text to paste, and where each keeps it.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const KEY_BYTES = 32
/** Finds what was mistyped. */
const CHECK_BYTES = 2
/** Without i, l, o and u, which are easily taken for others (Crockford's base 32). */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'
const GROUP = 5
/** In the state folder of the Telltale that the sensors capture for. */
export const KEYS_FILE = 'sensor-keys.json'
const MAX_KEYS_LENGTH = 65_536

export function newSensorKey(): Buffer {
  return randomBytes(KEY_BYTES)
}

/** The pairing code: the key in groups of letters and digits, with a check at its end. */
export function codeOfKey(key: Uint8Array): string {
  const bytes = Buffer.concat([key, checkOf(key)])
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += LETTERS[(held >> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  if (bits > 0) text += LETTERS[(held << (5 - bits)) & 31]
  return (text.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? []).join('-')
}

/** Null where it is none, or mistyped. Spaces, hyphens and capitals say nothing; o is read as 0, i and l as 1. */
export function keyOfCode(code: string): Buffer | null {
  const letters = code.slice(0, 1000).toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
  const bytes: number[] = []
  let held = 0
  let bits = 0
  for (const letter of letters) {
    const value = LETTERS.indexOf(letter)
    if (value < 0) return null
    held = (held << 5) | value
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push(held >> bits)
    held &= (1 << bits) - 1
  }
  if (bytes.length !== KEY_BYTES + CHECK_BYTES || held !== 0) return null
  const key = Buffer.from(bytes.slice(0, KEY_BYTES))
  return checkOf(key).equals(Buffer.from(bytes.slice(KEY_BYTES))) ? key : null
}

function checkOf(key: Uint8Array): Buffer {
  return createHash('sha256').update('telltale sensor').update(key).digest().subarray(0, CHECK_BYTES)
}

/** Pairing codes by the sensor's address and port, of a state folder. Throws where the file cannot be read. */
export function readSensorKeys(folder: string): Map<string, Buffer> {
  const path = join(folder, KEYS_FILE)
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
  const keys = new Map<string, Buffer>()
  if (text.length > MAX_KEYS_LENGTH) throw new Error(`${path} is too long to hold keys of sensors`)
  const { keys: stored } = (JSON.parse(text) ?? {}) as { keys?: unknown }
  for (const [place, code] of Object.entries((stored ?? {}) as Record<string, unknown>)) {
    const key = typeof code === 'string' ? keyOfCode(code) : null
    if (key !== null) keys.set(place, key)
  }
  return keys
}

/** The text of the file. */
export function sensorKeysText(keys: ReadonlyMap<string, Uint8Array>): string {
  const codes = [...keys].map(([place, key]) => [place, codeOfKey(key)])
  return `${JSON.stringify({ version: 1, keys: Object.fromEntries(codes) }, null, 2)}\n`
}
