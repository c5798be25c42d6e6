// ISC dhcpd's dhcpd.leases: the address and host name of each device.
import { addressOf, macOf } from './addresses.ts'
import { nameOf } from './names.ts'
import type { LogLease } from './record.ts'
import { type DeviceTableFormat, MAX_DEVICES, MAX_LINE } from './table.ts'

const START = /^lease ([0-9A-Fa-f.:]{2,45}) \{/
const FILE =
  /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:lease [0-9A-Fa-f.:]{2,45} \{|authoring-byte-order |server-duid |failover peer )/

interface Block {
  address: string
  mac: string | null
  name: string | null
  /** Null where the block does not say. */
  state: string | null
}

/**
 * A lease database (dhcpd.leases(5)): blocks "lease ADDRESS { … }", the last one of an address counts. Only what is
 * bound now (`binding state active`) is a device's; versions before 3 wrote no state. DHCPv6 blocks (`ia-na`) have no
 * MAC and are left out.
 */
export function parseIscLeases(text: string): LogLease[] {
  const leases = new Map<string, LogLease>()
  let block: Block | null = null
  let depth = 0
  for (const raw of text.split('\n')) {
    const line = raw.slice(0, MAX_LINE).trim()
    const address = addressOf(START.exec(line)?.[1] ?? '')
    if (address !== null) {
      block = { address, mac: null, name: null, state: null }
      depth = 0
    }
    if (block === null) continue
    readStatements(line, block)
    depth += opened(line)
    if (depth > 0) continue
    close(block, leases)
    block = null
  }
  return [...leases.values()]
}

/** By how many blocks, such as that of `on release`, the line leads further in; names in quotes may hold braces. */
function opened(line: string): number {
  const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, '')
  return bare.split('{').length - bare.split('}').length
}

function readStatements(line: string, block: Block): void {
  const mac = /(?:^|[{;] ?)hardware ethernet ([0-9a-fA-F:]{11,17});/.exec(line)
  const name = /(?:^|[{;] ?)client-hostname "((?:[^"\\]|\\.){1,255})";/.exec(line)
  const state = /(?:^|[{;] ?)binding state ([a-z]{1,16});/.exec(line)
  if (mac !== null) block.mac = macOf(padded(mac[1]))
  if (name !== null) block.name = nameOf(unquoted(name[1]), 'raw')
  if (state !== null) block.state = state[1]
}

function close({ address, mac, name, state }: Block, leases: Map<string, LogLease>): void {
  if (mac === null || (state !== null && state !== 'active')) leases.delete(address)
  else if (leases.size < MAX_DEVICES || leases.has(address))
    leases.set(address, { kind: 'lease', time: null, mac, address, name })
}

/** "0:1:2:a:b:c" as "00:01:02:0a:0b:0c". */
function padded(mac: string): string {
  return mac
    .split(':')
    .map((part) => part.padStart(2, '0'))
    .join(':')
}

/** Bytes that are no ASCII stand as "\303\244", quotes as \". */
function unquoted(text: string): string {
  if (!text.includes('\\')) return text
  const bytes: number[] = []
  const utf8 = Buffer.from(text, 'utf8')
  for (let at = 0; at < utf8.length; at++) {
    const octal = utf8[at] === 0x5c ? /^[0-3][0-7]{2}$/.exec(utf8.toString('latin1', at + 1, at + 4)) : null
    if (octal !== null) {
      bytes.push(Number.parseInt(octal[0], 8))
      at += 3
    } else {
      if (utf8[at] === 0x5c) at++
      if (at < utf8.length) bytes.push(utf8[at])
    }
  }
  return Buffer.from(bytes).toString('utf8')
}

export const table: DeviceTableFormat = {
  id: 'isc-leases',
  // Debian; Red Hat; pfSense and OPNsense; BSD.
  usualPaths: [
    '/var/lib/dhcp/dhcpd.leases',
    '/var/lib/dhcpd/dhcpd.leases',
    '/var/dhcpd/var/db/dhcpd.leases',
    '/var/db/dhcpd.leases',
  ],
  setting: 'leases',
  recognises: (text) => FILE.test(text.slice(0, 8192)),
  advice: 'Does ISC dhcpd give out the addresses here?',
  parse: parseIscLeases,
}
