// Kea's lease files, kea-leases4.csv and kea-leases6.csv: the address and host name of each device.
import { addressOf, macOf } from './addresses.ts'
import { CsvColumns, splitCsv } from './csv.ts'
import { nameOf } from './names.ts'
import type { LogLease } from './record.ts'
import { type DeviceTableFormat, MAX_DEVICES, MAX_LINE } from './table.ts'

const HEAD = /^address,(?:hwaddr|duid),/
/** Lease6 types (lib/dhcpsrv/lease.h): 0 an address, 1 a temporary one, 2 a prefix, which no device holds. */
const PREFIX = '2'

/**
 * A memfile (kea.readthedocs.io, "Memfile - Basic Storage for Leases"): headings, then a row for every change of a
 * lease, so that the last one of an address counts. Valid lifetime 0 and any state but 0 mean that it is held no more.
 * A DHCPv6 row may have no hwaddr: a DUID's MAC may be another interface's, so it is not taken for one.
 */
export function parseKeaLeases(text: string): LogLease[] {
  const [head = '', ...rows] = text.split('\n')
  if (!isKea(text)) return []
  const columns = new CsvColumns(head.trim().split(','))
  const leases = new Map<string, LogLease>()
  for (const row of rows) {
    const cells = splitCsv(row.slice(0, MAX_LINE).trim())
    const address = cells === null ? null : addressOf(columns.cell(cells, ['address']))
    if (cells === null || address === null || columns.cell(cells, ['leasetype']) === PREFIX) continue
    const mac = macOf(columns.cell(cells, ['hwaddr']))
    const isHeld = columns.cell(cells, ['validlifetime']) !== '0' && /^0?$/.test(columns.cell(cells, ['state']))
    if (mac === null || !isHeld) leases.delete(address)
    else if (leases.size < MAX_DEVICES || leases.has(address))
      leases.set(address, { kind: 'lease', time: null, mac, address, name: hostOf(columns.cell(cells, ['hostname'])) })
  }
  return [...leases.values()]
}

/** Kea writes a comma inside a value as "&#x2c"; a name that it completed itself ends with a dot. */
function hostOf(text: string): string | null {
  const name = text.replaceAll('&#x2c', ',')
  return name === '' ? null : nameOf(name, 'raw')
}

function isKea(text: string): boolean {
  return HEAD.test(text)
}

export const table: DeviceTableFormat = {
  id: 'kea-leases',
  // Debian; built from source; pfSense; OPNsense.
  usualPaths: [
    '/var/lib/kea/kea-leases4.csv',
    '/var/lib/kea/kea-leases6.csv',
    '/usr/local/var/lib/kea/kea-leases4.csv',
    '/usr/local/var/lib/kea/kea-leases6.csv',
    '/var/lib/kea/dhcp4.leases',
    '/var/lib/kea/dhcp6.leases',
    '/var/db/kea/kea-leases4.csv',
    '/var/db/kea/kea-leases6.csv',
  ],
  setting: 'leases',
  recognises: isKea,
  advice: 'Does Kea give out the addresses here?',
  parse: parseKeaLeases,
}
