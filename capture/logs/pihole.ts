// Pi-hole's log: dnsmasq's, with its own words for what its lists block (see dnsmasq.ts).
import { DnsmasqLog } from './dnsmasq.ts'
import type { TextLogFormat } from './format.ts'

/** What Pi-hole adds to dnsmasq's words. */
export const PIHOLE_WORDS =
  /pihole|gravity blocked|exactly (?:denied|blacklisted)|regex (?:denied|blacklisted)|iCloud Private Relay domain|Mozilla canary domain|special domain/i

export const format: TextLogFormat<'pihole'> = {
  id: 'pihole',
  words: ['pihole'],
  program: 'Pi-hole',
  title: "Pi-hole's log",
  note: null,
  usualPath: '/var/log/pihole/pihole.log',
  switchOn: 'Settings › Privacy: *Show everything*; `pihole logging on`',
  storage: 'text',
  example: 'Nov 24 10:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5',
  tellsBytes: false,
  repeats: [],
  // Its lines are dnsmasq's, and read as such.
  recognises: null,
  isHeader: null,
  createParser: (now) => new DnsmasqLog(now),
}
