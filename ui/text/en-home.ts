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
  sinceMidnight: 'since midnight',
  mostly: (device: string, company: string): string => `${device} to ${company}`,
  mostlyProbably: (device: string, company: string): string => `${device}, probably to ${company}`,
  nobody: 'someone we could not name',
  newDevices: (names: string[]): string =>
    names.length === 1
      ? `New device: ${names[0]}.`
      : `${number(names.length)} new devices: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and more' : ''}.`,
  dropped: (count: number, on: string): string =>
    `${number(count)} packets were missed${on && ` on ${on}`}: what you see is not all.`,
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
  questions: 'Questions from the news',
  emptyReplay: {
    title: 'Nothing played yet',
    lead: 'Start the recording, and what its devices sent appears here.',
  },
  emptyPlayed: {
    title: 'No device of a home is in it',
    lead: 'What the recording shows instead is said beside its player.',
  },
  empty: { title: 'No device seen yet', lead: 'As soon as a device in your home sends something, it appears here.' },
  emptyRange: 'Nothing was captured in this time. Choose a longer one.',
  toWelcome: 'Is it working?',
  device: {
    new: 'New',
    paused: 'Not looked at',
    quiet: 'Quiet',
    sending: 'Active',
    unnamed: 'Unnamed device',
    mostTo: (company: string): string => `mostly to ${company}`,
    probablyTo: (company: string): string => `probably to ${company}`,
    spark: (name: string): string => `Sent over time by ${name}`,
  },
  /** Shares of the bytes; those of which there is nothing are null. */
  coverage: (seen: string, likely: string | null, unknown: string | null): string =>
    `Who is behind it: ${seen} seen${likely === null ? '' : `, ${likely} probably`}${unknown === null ? '' : `, ${unknown} not known`}`,
  moreDevices: (count: number): string => `And ${number(count)} more devices`,
}
