// Datagrams that the kernel dropped at a socket because its buffer was full, from Linux's /proc/net.
import { readFile } from 'node:fs/promises'
import { endianness } from 'node:os'
import { type AddressWords, isMapped, parseAddress, withoutZone } from '../ip-address.ts'

/** One line for each socket of a family; a machine with more than these many bytes of them is no home's. */
const MAX_TABLE_LENGTH = 1 << 20

/**
 * The drops of the UDP socket that is bound to the address and port so far; null where they cannot be read. `folder`
 * replaces /proc/net.
 */
export async function readSocketDrops(address: string, port: number, folder = '/proc/net'): Promise<number | null> {
  const isIpv6 = address.includes(':')
  let table: string
  try {
    table = await readFile(`${folder}/${isIpv6 ? 'udp6' : 'udp'}`, 'latin1')
  } catch {
    return null
  }
  if (table.length > MAX_TABLE_LENGTH) return null
  return dropsIn(table, localText(address, port))
}

/** proc(5): the second column is the local end, the last one the drops. */
function dropsIn(table: string, local: string): number | null {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (columns[1] !== local) continue
    const drops = Number(columns.at(-1))
    return Number.isSafeInteger(drops) ? drops : null
  }
  return null
}

/** The words of the address in the machine's own order, the port in the network's, in hexadecimal digits. */
function localText(address: string, port: number): string {
  const words: AddressWords = parseAddress(withoutZone(address)) ?? [0, 0, 0, 0]
  const shown = isMapped(words) && !address.includes(':') ? words.slice(3) : words
  return `${shown.map(wordText).join('')}:${hexadecimal(port, 4)}`
}

function wordText(word: number): string {
  const bytes = Buffer.alloc(4)
  if (endianness() === 'LE') bytes.writeInt32LE(word)
  else bytes.writeInt32BE(word)
  return bytes.toString('hex').toUpperCase()
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
