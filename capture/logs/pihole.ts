// Pi-hole's log: dnsmasq's, with words of its own for what its lists block (see dnsmasq.ts).
import { DnsmasqLog } from './dnsmasq.ts'
import type { TextLogFormat } from './format.ts'

export const format: TextLogFormat<'pihole'> = {
  id: 'pihole',
  words: ['pihole'],
  program: 'Pi-hole',
  title: "Pi-hole's log",
  note: null,
  usualPath: '/var/log/pihole/pihole.log',
  switchOn: 'Settings › Privacy: *Show everything*; `pihole logging on`',
  storage: 'text',
  tellsBytes: false,
  repeats: [],
  // Its lines are dnsmasq's, and read as such.
  recognises: null,
  isHeader: null,
  createParser: (now) => new DnsmasqLog(now),
}
