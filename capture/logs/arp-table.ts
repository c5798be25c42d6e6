// The kernel's ARP table: IPv4 addresses and MACs of the devices this machine has communicated with.
import { addressOf, macOf } from './addresses.ts'
import type { LogLease } from './record.ts'
import { type DeviceTableFormat, MAX_DEVICES, MAX_LINE } from './table.ts'

/**
 * /proc/net/arp (proc_net(5)): IP address, HW type, flags, HW address, mask, device. Incomplete entries are left out.
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

export const table: DeviceTableFormat = {
  id: 'arp',
  usualPaths: ['/proc/net/arp'],
  setting: null,
  recognises: (text) => text.startsWith('IP address '),
  advice: 'Does this machine run Linux?',
  parse: parseArpTable,
}
