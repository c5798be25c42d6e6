// English words of the screen of recordings. Loaded with it, not with every page.
import { bytes, number } from './format.ts'

function left(seconds: number): string {
  if (seconds < 60) return `${number(Math.ceil(seconds))} s left`
  if (seconds < 3600) return `${number(Math.ceil(seconds / 60))} min left`
  return `${number(Math.floor(seconds / 3600))} h ${number(Math.ceil((seconds % 3600) / 60))} min left`
}

export const replay = {
  title: 'Replay',
  lead: 'Look into a saved recording with the same eyes. It never mixes with what is live.',
  drop: 'Drop a recording here',
  dropNow: 'Let go to look into it',
  choose: 'Choose a file',
  formats:
    'A pcap or pcapng file, or the saved log of Pi-hole, AdGuard Home or another resolver, also packed with gzip, zstd or xz. It stays on this machine and is deleted when you close it here.',
  viewer: 'Only the owner can add a recording.',
  uploading: (name: string): string => `Taking in ${name}`,
  progress: (done: number, all: number): string => `${bytes(done)} of ${bytes(all)}`,
  progressUnknown: (done: number): string => bytes(done),
  left,
  cancel: 'Cancel',
  cancelled: 'Cancelled. Nothing was kept.',
  failed: 'This recording could not be taken in.',
  noContact: 'Contact was lost while the recording was taken in. Try again.',
  list: 'Open recordings',
  none: 'No recording is open.',
  noneLead: 'Made one with tcpdump, Wireshark or your router? Drop it above.',
  states: {
    uploading: 'Being taken in',
    inspecting: 'Being counted',
    ready: 'Ready',
    playing: 'Playing',
    paused: 'Paused',
    ended: 'At the end',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  facts: {
    size: 'Size',
    packets: 'Packets',
    lookups: 'Look-ups',
    span: 'Time recorded',
    linkTypes: 'Link type',
    format: 'Format',
  },
  log: (program: string): string => `Log of ${program}`,
  unknown: 'not known yet',
  play: 'Play',
  pause: 'Pause',
  again: 'Play again',
  speed: 'Speed',
  speeds: { '1': '×1', '10': '×10', '100': '×100', max: 'Max' },
  skipQuiet: 'Skip quiet times',
  seek: 'Place in the recording',
  position: (moment: string): string => `At ${moment}`,
  rate: (packets: number): string => `${number(Math.round(packets))} packets/s`,
  read: (done: number, all: number): string => `${bytes(done)} of ${bytes(all)} read`,
  packetsOf: (done: number, all: number | null): string =>
    all === null ? `${number(done)} packets` : `${number(done)} of ${number(all)} packets`,
  lookupsOf: (done: number, all: number | null): string =>
    all === null ? `${number(done)} look-ups` : `${number(done)} of ${number(all)} look-ups`,
  close: 'Close and delete',
  closed: 'Closed. The recording was deleted.',
  open: { home: 'Home of this recording', devices: 'Its devices', companies: 'Its companies' },
  openLabel: 'Look into it',
  stretches: 'Times that hold packets',
  stretch: (moment: string): string => `Look at what is from ${moment} on`,
  problems: (count: number): string => (count === 1 ? '1 damaged place' : `${number(count)} damaged places`),
  problemAt: (message: string, offset: number): string => `${message} (byte ${number(offset)})`,
  problemsKept: 'What came before and after was kept.',
  refresh: 'Ask again',
}
