// English words of the list of devices. Loaded with it, not with every page.
import { bytes, number } from './format.ts'

export const devices = {
  title: 'Devices',
  lead: 'What every device sent and received.',
  period: 'Totals per',
  periods: { day: 'Day', week: 'Week', month: 'Month' },
  sortBy: 'Sort by',
  filter: 'Find a device',
  device: 'Device',
  thisRange: 'Shown time',
  lastSeen: 'Last seen',
  merge: 'Merge two…',
  totalRow: 'All devices',
  listedRow: 'Listed devices',
  nothingFound: 'No device matches.',
  localSent: 'In the home',
  totalsCaption: (period: string): string => `Sent by every device per ${period}, newest first`,

  mergeOffer: {
    lead: (name: string, count: number): string => `${name}: these ${number(count)} look like one device.`,
    why: 'They asked for an address by the same name, make up their hardware addresses, and were never here at the same time.',
    one: 'Make them one',
    apart: 'Keep them apart',
    more: (count: number): string =>
      count === 1 ? 'One more question like this.' : `${number(count)} more like this.`,
    kept: 'They stay apart.',
  },
  seenOnce: {
    lead: (count: number): string =>
      count === 1
        ? 'One device without a name was seen for less than ten minutes, and the internet never answered it.'
        : `${number(count)} devices without a name were seen for less than ten minutes each, and the internet never answered them.`,
    open: (count: number): string => `Forget these ${number(count)}…`,
    title: (count: number): string => (count === 1 ? 'Forget this device?' : `Forget these ${number(count)} devices?`),
    what: 'Everything kept about them is deleted from this machine: totals, addresses, history. Devices that you named, and those seen in the last ten minutes, stay. This cannot be undone.',
    go: 'Forget them',
    receipt: (count: number): string => (count === 1 ? 'One device.' : `${number(count)} devices.`),
  },
  totals: {
    row: (period: string, sent: number, received: number): string =>
      `${period}: sent ${bytes(sent)}, received ${bytes(received)}`,
    summary: (periods: number, sent: number, received: number): string =>
      `Over ${number(periods)} periods: sent ${bytes(sent)}, received ${bytes(received)}.`,
    running: 'so far',
    period: 'From',
  },
}
