// The tables of devices that Telltale reads beside logs. A new one is a file in this folder and its two lines here.
import { table as arp } from './arp-table.ts'
import { table as dnsmasqLeases } from './dnsmasq-leases.ts'
import { table as iscLeases } from './isc-leases.ts'
import { table as keaLeases } from './kea-leases.ts'
import { table as odhcpdLeases } from './odhcpd-leases.ts'
import type { DeviceTableFormat } from './table.ts'

/** Read in this order: leases last, for they know the name. */
export const DEVICE_TABLES: readonly DeviceTableFormat[] = [arp, odhcpdLeases, keaLeases, iscLeases, dnsmasqLeases]

/** Of any table of leases that the owner may name, by what the file holds; dnsmasq's where it says nothing yet. */
export const NAMED_LEASES: Pick<DeviceTableFormat, 'advice' | 'parse'> = {
  advice: dnsmasqLeases.advice,
  parse: (text) => {
    const own = DEVICE_TABLES.filter(({ setting }) => setting === 'leases')
    return (own.find(({ recognises }) => recognises(text)) ?? dnsmasqLeases).parse(text)
  },
}
