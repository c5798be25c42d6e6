// English words of the screens of companies. Loaded with them, not with every page.
import { bytes, number, share } from './format.ts'

function devices(count: number): string {
  return count === 1 ? '1 device' : `${number(count)} devices`
}

export const companies = {
  title: 'Companies',
  lead: 'Who gets what your home sends.',
  story: (count: number, sent: number, when: string): string =>
    `${count === 1 ? '1 company' : `${number(count)} companies`} got ${bytes(sent)} ${when}.`,
  top: (name: string, sent: number, total: number): string =>
    `${name} got most: ${bytes(sent)}, ${share(sent, total)} of it.`,
  none: 'Nothing left the home in this time.',
  noneLead: 'As soon as a device talks to the internet, whoever it talks to stands here.',
  learning: 'Names are still being learned: more of it will have a name soon.',
  table: 'Companies by what they got',
  columns: {
    company: 'Company',
    purposes: 'What for',
    devices: 'Devices',
    sent: '↑ Sent',
    received: '↓ Received',
    share: 'Share',
  },
  fromDevices: devices,
  cloud: 'Cloud',
  cloudWords: 'A rented cloud or delivery network. Whoever rents it is not visible from outside.',
  rentedOut: (owner: string): string => `Rented out by ${owner}; for whom cannot be seen`,
  itself: (owner: string): string => `${owner} itself`,
  onlyPurpose: (purpose: string): string => `Only: ${purpose}`,
  showAll: 'Show all purposes',
}

export const company = {
  story: (name: string, sent: number, received: number, count: number, when: string): string =>
    `${name} got ${bytes(sent)} from ${devices(count)} ${when} and sent back ${bytes(received)}.`,
  /** Beside bytes to computers that it rents out. */
  onlyRented: (name: string, when: string): string =>
    `Nothing is known to have gone to ${name}'s own services ${when}.`,
  partOf: 'Part of',
  brands: 'What belongs to it',
  brandsLead: (name: string): string => `Together they make up what ${name} got.`,
  rented: (sent: number, received: number): string =>
    `Its rented computers: ${bytes(sent)} sent to them, ${bytes(received)} received; for whom cannot be seen. They are in no sum here.`,
  rentedLookups: 'Its rented computers: for whom cannot be seen. They are in no sum here.',
  quiet: (name: string, when: string): string => `Nothing went to ${name} ${when}.`,
  unknownTitle: 'Unknown',
  chart: (name: string): string => `Sent to ${name} and received from it`,
  purposes: 'What for',
  purposeNone: 'No purpose is known.',
  devices: 'From which devices',
  hosts: 'Names seen, and how we know',
  hostsLead: 'A name says whose machine it was. It does not say what was in the traffic.',
  columns: {
    host: 'Name',
    device: 'Device',
    purpose: 'What for',
    how: 'How we know',
    sent: '↑ Sent',
    received: '↓ Received',
    last: 'Last',
  },
  website: 'Their website',
  websiteNote: 'opens outside of Telltale',
  back: 'All companies',
}
