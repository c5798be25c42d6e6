// Which device has which address, by the router's own tables: dnsmasq's leases and the kernel's ARP table?
import { addressOf, macOf } from './addresses.ts'
import { nameOf } from './names.ts'
import type { LogLease } from './record.ts'

/** Devices taken from one table. */
const MAX_DEVICES = 4096
/** No line of these tables is longer. */
const MAX_LINE = 1024

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

/**
 * /proc/net/arp (proc_net(5)): IP address, HW type, flags, HW address, mask, device. Incomplete entries prove nothing.
 */
export function parseArpTable(text: string): LogLease[] {
  const devices: LogLease[] = []
  for (const line of text.split('\n').slice(1)) {
    if (devices.length >= MAX_DEVICES) break
    const [addressText = '', hardware = '', flags = '', macText = ''] = line.slice(0, MAX_LINE).split(/ +/)
    const mac = macOf(macText)
    const address = addressOf(addressText)
    // ATF_COM 2: resolved. ARPHRD 1: Ethernet, Wi-Fi included.
    const isComplete = (Number.parseInt(flags, 16) & 2) !== 0 && Number.parseInt(hardware, 16) === 1
    if (isComplete && mac !== null && address !== null)
      devices.push({ kind: 'lease', time: null, mac, address, name: null })
  }
  return devices
}
