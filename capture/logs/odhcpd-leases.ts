// odhcpd's state file on OpenWrt: the address and host name of each device.
import { addressOf, macOf } from './addresses.ts'
import { nameOf } from './names.ts'
import type { LogLease } from './record.ts'
import { type DeviceTableFormat, MAX_DEVICES, MAX_LINE } from './table.ts'

const IPV4_LEASE =
  /^# (\S{1,32}) ([0-9A-Fa-f:]{11,17}) ipv4 (\S{1,255}) (-?\d{1,12}) [0-9a-f]{1,8} 32 (\S{7,18})\/32\s*$/
const ANY_LEASE =
  /^# \S{1,32} [0-9A-Fa-f:]{8,260} (?:ipv4|[0-9a-f]{1,8}) \S{1,255} -?\d{1,12} [0-9a-f]{1,16} \d{1,3}(?: |\s*$)/m

/**
 * The lines that begin with "#" (statefiles_write_state4 of odhcpd's src/statefiles.c, dhcpv6-ia.c before 2025):
 * "# IFACE MAC ipv4 NAME VALID-UNTIL ADDRESS-IN-HEX 32 ADDRESS/32", where the MAC has colons in newer versions and none
 * in older ones, and "-" stands for no name. DHCPv6 lines have a DUID, whose MAC may be another interface's. The lines
 * between are a hosts file.
 */
export function parseOdhcpdLeases(text: string): LogLease[] {
  const leases: LogLease[] = []
  for (const line of text.split('\n')) {
    if (leases.length >= MAX_DEVICES) break
    const [, , macText, nameText, validUntil, addressText] = IPV4_LEASE.exec(line.slice(0, MAX_LINE)) ?? []
    const mac = macText === undefined ? null : macOf(withColons(macText))
    const address = macText === undefined ? null : addressOf(addressText)
    if (mac === null || address === null || validUntil === '0') continue
    // "broken\x20" stands in front of a name that is none.
    const name = nameText === '-' || nameText.startsWith('broken\\x20') ? null : nameOf(nameText, 'raw')
    leases.push({ kind: 'lease', time: null, mac, address, name })
  }
  return leases
}

/** "aabbccddeeff", or "a:bb:c:…" as ether_ntoa(3) writes it. */
function withColons(text: string): string {
  const parts = text.includes(':') ? text.split(':') : (text.match(/../g) ?? [])
  return parts.map((part) => part.padStart(2, '0')).join(':')
}

export const table: DeviceTableFormat = {
  id: 'odhcpd-leases',
  // Its `leasefile`: up to 24.10, and since.
  usualPaths: ['/tmp/hosts/odhcpd', '/tmp/odhcpd.leases'],
  setting: 'leases',
  recognises: (text) => ANY_LEASE.test(text.slice(0, 65_536)),
  advice: 'Does odhcpd give out the addresses here?',
  parse: parseOdhcpdLeases,
}
