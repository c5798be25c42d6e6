// English words of Home.
import { bytes, number } from './format.ts'

function devices(count: number): string {
  return count === 1 ? '1 device' : `${number(count)} devices`
}

export const home = {
  title: 'Home',
  nothingUnusual: 'Nothing unusual.',
  /** "12 devices, 412 MB sent since midnight, mostly Doorbell to Ring." */
  story: (count: number, sent: number, when: string, mostly: string | null): string =>
    `${devices(count)}, ${bytes(sent)} sent ${when}${mostly === null ? '' : `, ${mostly}`}.`,
  mostlyFlow: (flow: string): string => `mostly ${flow}`,
  largestFlow: (flow: string): string => `the most from ${flow}`,
  sourceFailed: (source: string): string => `${source} does not work.`,
  empty: 'No traffic yet.',
  sinceMidnight: 'since midnight',
  mostly: (device: string, company: string): string => `${device} to ${company}`,
  nobody: 'someone we could not name',
  newDevices: (names: string[]): string =>
    names.length === 1
      ? `New device: ${names[0]}.`
      : `${number(names.length)} new devices: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and more' : ''}.`,
  dropped: (count: number): string => `${number(count)} packets were missed: what you see is not all.`,
  quiet: 'Nothing was sent in this time.',
  learning: 'Still learning what is usual here.',
  states: { calm: 'Calm', notice: 'Have a look', trouble: 'Not working', learning: 'Learning' },
  chart: 'Sent and received by all devices',
  devicesTitle: 'Devices',
  allDevices: 'All devices',
  flowTitle: 'Who sent to whom',
  flowToday: 'Who sent to whom today',
  leftOver: (name: string, sent: number, words: string): string => `${name}: ${bytes(sent)} ${words}`,
  companiesLink: 'All companies',
  emptyTitle: 'No device seen yet',
  emptyLead: 'As soon as a device in your home sends something, it appears here.',
  emptyReplayTitle: 'Nothing played yet',
  emptyReplayLead: 'Start the recording, and what its devices sent appears here.',
  emptyRange: 'Nothing was captured in this time. Choose a longer one.',
  toWelcome: 'Is it working?',
  device: {
    new: 'New',
    paused: 'Not looked at',
    quiet: 'Quiet',
    sending: 'Active',
    seen: (when: string): string => `Seen ${when}`,
    totals: 'Totals only',
    unnamed: 'Unnamed device',
    mostTo: (company: string): string => `mostly to ${company}`,
    spark: (name: string): string => `Sent over time by ${name}`,
    pausedWords: 'Not looked at',
  },
  coverage: {
    title: 'How much is named',
    named: (share: string): string => `${share} of the bytes have a name.`,
    nameSources: {
      tls: 'Name in the TLS handshake',
      quic: 'Name in the TLS handshake of QUIC',
      http: 'Name in an unencrypted request',
      dns: 'The device asked for this name just before',
      certificate: "Name in the server's certificate",
      'dns-other': 'Another device asked for this name',
      remembered: 'Known from an earlier visit',
      range: 'Address published by the company',
      network: 'Only whose network it is',
      none: 'No name',
      'kept-back': 'Details not kept',
      other: 'Folded together',
    },
  },
  moreDevices: (count: number): string => `And ${number(count)} more devices`,
}
