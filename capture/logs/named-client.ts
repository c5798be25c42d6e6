// Clients that a log knows by a name or a number and not by an address of the home.
import { createHash } from 'node:crypto'
import { addressOf } from './addresses.ts'

/** RFC 6666: nothing is ever reached in it, so that it can stand for a device without an address. */
const PREFIX = '100::'

/**
 * An address in the discard-only prefix that stands for the client in the records: always the same one for the same
 * id, hashed, so that it says nothing of the id.
 */
export function placeholderFor(id: string): string {
  const hash = createHash('sha256').update(id).digest()
  const groups = [0, 2, 4, 6].map((at) => hash.readUInt16BE(at).toString(16))
  return addressOf(`${PREFIX}${groups.join(':')}`) as string
}

/** Whether the address only stands for a client without one. */
export function isPlaceholder(address: string): boolean {
  return /^100::[0-9a-f:]{1,19}$/.test(address)
}
