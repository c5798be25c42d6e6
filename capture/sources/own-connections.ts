// The far ends of the TCP connections that a child of this process, and its children, have open (Linux, /proc).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface FarEnd {
  /** Without zone; an IPv4-mapped address as IPv4. */
  address: string
  port: number
}

/** More processes than ssh with its jump hosts ever has. */
const MAX_PROCESSES = 32
const ESTABLISHED = '01'

/** Empty where the system has no /proc, or no connection is open. Loopback is left out. */
export function farEndsOf(process: number): FarEnd[] {
  const ends = new Map<string, FarEnd>()
  for (const one of withDescendants(process)) {
    const inodes = socketsOf(one)
    if (inodes.size === 0) continue
    for (const table of ['tcp', 'tcp6'])
      for (const end of readTable(textOf(`/proc/${one}/net/${table}`), inodes))
        ends.set(`${end.address} ${end.port}`, end)
  }
  return [...ends.values()]
}

/** Far ends of the sockets with these inodes in the text of /proc/net/tcp or tcp6 (proc_net_tcp.rst of the kernel). */
export function readTable(text: string, inodes: ReadonlySet<string>): FarEnd[] {
  const ends: FarEnd[] = []
  for (const line of text.split('\n').slice(1)) {
    const [, , remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const [, hex = '', port = ''] = /^([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4})$/.exec(remote) ?? []
    if (state !== ESTABLISHED || !inodes.has(inode) || hex === '') continue
    const address = addressOf(hex)
    if (address !== null) ends.push({ address, port: parseInt(port, 16) })
  }
  return ends
}

/** Words of 32 bits, each as the machine's little-endian number; null for loopback. */
function addressOf(hex: string): string | null {
  const bytes: number[] = []
  for (let word = 0; word < hex.length; word += 8)
    for (let byte = 6; byte >= 0; byte -= 2) bytes.push(parseInt(hex.slice(word + byte, word + byte + 2), 16))
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff
  const four = isMapped ? bytes.slice(12) : bytes
  if (four.length === 4) return four[0] === 127 ? null : four.join('.')
  if (bytes.slice(0, 15).every((byte) => byte === 0)) return null
  const groups = Array.from({ length: 8 }, (_, group) => ((bytes[2 * group] << 8) | bytes[2 * group + 1]).toString(16))
  return groups.join(':')
}

function withDescendants(process: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of namesIn('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // "12 (a name) S 1 …": the name may hold anything.
    const parent = /^.*\) \S (\d+) /s.exec(textOf(`/proc/${name}/stat`))?.[1]
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)])
  }
  const found = [process]
  for (let at = 0; at < found.length && found.length < MAX_PROCESSES; at++)
    found.push(...(children.get(found[at]) ?? []))
  return found.slice(0, MAX_PROCESSES)
}

function socketsOf(process: number): Set<string> {
  const inodes = new Set<string>()
  for (const name of namesIn(`/proc/${process}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${process}/fd/${name}`))?.[1]
    if (inode !== undefined) inodes.add(inode)
  }
  return inodes
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
