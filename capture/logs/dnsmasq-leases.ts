// dnsmasq's list of DHCP leases: the address and host name of each device.
import { addressOf, macOf } from './addresses.ts'
import { nameOf } from './names.ts'
import type { LogLease } from './record.ts'
import { type DeviceTableFormat, MAX_DEVICES, MAX_LINE } from './table.ts'

/**
 * dnsmasq's lease file: EXPIRY MAC ADDRESS NAME CLIENT-ID, "*" for no name; read up to the line "duid …", behind which
 * DHCPv6 leases stand without a MAC. The name is what the device says of itself.
 */
export function parseDnsmasqLeases(text: string): LogLease[] {
  const leases: LogLease[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('duid ') || leases.length >= MAX_DEVICES) break
    const [expiry = '', macText = '', addressText = '', nameText = '*'] = line.slice(0, MAX_LINE).split(' ')
    const mac = macOf(macText)
    const address = addressOf(addressText)
    if (!/^\d{1,12}$/.test(expiry) || mac === null || address === null) continue
    leases.push({ kind: 'lease', time: null, mac, address, name: nameText === '*' ? null : nameOf(nameText, 'raw') })
  }
  return leases
}

export const table: DeviceTableFormat = {
  id: 'dnsmasq-leases',
  // OpenWrt, Debian, Pi-hole, DD-WRT.
  usualPaths: ['/tmp/dhcp.leases', '/var/lib/misc/dnsmasq.leases', '/etc/pihole/dhcp.leases', '/tmp/dnsmasq.leases'],
  setting: 'leases',
  recognises: (text) => /^(?:\d{1,12} \S{1,64} \S{2,64} \S{1,255} \S|duid )/.test(text),
  advice: 'Does dnsmasq give out the addresses here?',
  parse: parseDnsmasqLeases,
}
