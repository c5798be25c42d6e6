// The tables of devices that Telltale reads beside logs. A new one is a file in this folder and its two lines here.
import { table as arp } from './arp-table.ts'
import { table as dnsmasqLeases } from './dnsmasq-leases.ts'
import type { DeviceTableFormat } from './table.ts'

/** Read in this order: leases last, for they know the name. */
export const DEVICE_TABLES: readonly DeviceTableFormat[] = [arp, dnsmasqLeases]
