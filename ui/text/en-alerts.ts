// What do alerts and events say in English? They name the service and the amount, never what was said or shown.
import { ago, bytes, clock, country, dayClock, list, number, share } from './format.ts'

function times(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`
}

function time(seconds: number): string {
  if (seconds < 120) return times(Math.round(seconds), 'second', 'seconds')
  if (seconds < 7_200) return times(Math.round(seconds / 60), 'minute', 'minutes')
  return seconds < 172_800
    ? times(Math.round(seconds / 3_600), 'hour', 'hours')
    : times(Math.round(seconds / 86_400), 'day', 'days')
}

const kinds: Record<string, string> = {
  'upload-spike': 'Sudden upload',
  'large-upload': 'Large upload',
  'quiet-hours': 'Busy in quiet hours',
  'new-device': 'New device',
  'new-company': 'New company',
  'voice-busy': 'Many voice requests',
  'camera-away': 'Camera while nobody is home',
  'around-your-dns': 'Asks for names elsewhere',
  unencrypted: 'Readable on the way',
  silent: 'Gone silent',
  'source-stopped': 'Source stopped',
  flood: 'Flood',
}

/** What the words of an alert are made of. */
export interface AlertFacts {
  kind: string
  seen: number
  usual: number | null
  sent: number
  from: number
  to: number
  detail: string | null
}

/** One sentence; `who` is the device, `whom` the company. */
function sentence({ kind, seen, usual, sent, from, to, detail }: AlertFacts, who: string, whom: string): string {
  switch (kind) {
    case 'upload-spike':
      return `${who} sent ${bytes(seen)} to ${whom} within 10 seconds at ${clock(from)}`
    case 'large-upload':
      return `${who} sent ${bytes(seen)} to ${whom} within 10 minutes at ${clock(from)}`
    case 'quiet-hours':
      return `${who} sent ${bytes(seen)} at ${clock(from)}, in an hour that is usually quiet`
    case 'new-device':
      return `${who} is new in the home`
    case 'new-company':
      return `${who} sent ${bytes(sent)} to ${whom}, which it never talked to before`
    case 'voice-busy':
      return `${who} sent ${number(seen)} voice requests within an hour; usual are up to ${number(Math.ceil(usual ?? 0))}`
    case 'camera-away':
      return `${who} sent ${bytes(seen)} while nobody should be home`
    case 'around-your-dns':
      return `${who} asks ${whom} for names instead of your home’s own resolver`
    case 'unencrypted':
      return `${who} sent ${bytes(sent)} to ${whom} that anybody on the way can read`
    case 'silent':
      return `${who} has been silent for ${time(to - from)}; usual are at most ${time(usual ?? 0)}`
    case 'source-stopped':
      return `${detail ?? 'The source of packets'} has delivered nothing for ${time(seen)}`
    case 'flood':
      return detail === null
        ? `${number(seen)} new devices within ten minutes are more than a home has`
        : 'More names, addresses or connections than there is room for'
    default:
      return `${who}: ${kind}`
  }
}

const eventKinds: Record<string, { title: string; many: string }> = {
  'voice-request': { title: 'Voice request', many: 'voice requests' },
  'live-view': { title: 'Live view', many: 'live views' },
  'motion-upload': { title: 'Recording', many: 'recordings' },
  doorbell: { title: 'Doorbell', many: 'doorbells' },
  call: { title: 'Call', many: 'calls' },
  'firmware-update': { title: 'New software', many: 'pieces of new software' },
  'telemetry-upload': { title: 'Statistics', many: 'uploads of statistics' },
  backup: { title: 'Backup', many: 'backups' },
  heartbeat: { title: 'Heartbeat', many: 'heartbeats' },
  streaming: { title: 'Streaming', many: 'streams' },
  'unknown-upload': { title: 'Unknown upload', many: 'unknown uploads' },
}

function eventTitle(kind: string, confidence: number): string {
  const title = eventKinds[kind]?.title ?? kind
  return confidence < 0.7 ? `Possible ${title.charAt(0).toLowerCase()}${title.slice(1)}` : title
}

export const alerts = {
  title: 'Alerts',
  lead: 'What is worth a look, and what you decided about it.',
  kinds,
  sentence,
  lookAtThis: (what: string, others: number): string =>
    `Look at this: ${what}${others === 0 ? '.' : `; and ${times(others, 'other thing', 'other things')}.`}`,
  fresh: (what: string): string => `New alert: ${what}`,
  open: 'Open',
  decided: 'Decided',
  badge: (count: number): string => times(count, 'open alert', 'open alerts'),
  none: 'Nothing is worth a look',
  noneWords:
    'When a device does something that is unusual for it, it appears here, and nowhere else unless you ask for it in the settings.',
  noneReplay: 'Nothing in this recording stands out so far.',
  learning: (until: string): string =>
    `Until ${until} what is usual here is being learned: only what needs no habit is told.`,
  stillLearning: 'What is usual is not known yet.',
  states: { open: 'Open', 'it-was-me': 'It was me', expected: 'Expected', muted: 'Muted' },
  when: (from: number, now: number): string => `${dayClock(from)}, ${ago(from, now)}`,
  ofHome: 'The home',
  all: 'All alerts',
  last: 'Last alerts',
  open1: 'Look',
  usual: (seen: string, usual: string): string => `Seen: ${seen}. Usual: up to ${usual}.`,
  noUsual: (seen: string): string => `Seen: ${seen}. What is usual is not known yet.`,
  sure: (value: number): string => `${share(value, 1)} sure`,
  decide: {
    'it-was-me': 'It was me',
    expected: 'Expected from now on',
    mute: 'Mute',
    unmute: 'Unmute',
    open: 'Open again',
    save: 'Save evidence',
    did: {
      'it-was-me': 'Noted: it was you. The next one is told again.',
      expected: 'As much of this is no alert any more.',
      open: 'Open again.',
    },
    muted: 'This kind of alert, of this device and company, stays silent.',
    unmuted: 'It is told again.',
    help: 'Decisions can be taken back here at any time.',
  },
  chart: {
    title: 'Six hours before and after',
    summary: (sent: string, most: string, when: string): string =>
      `Sent ${sent} in this time, the most at ${when}: ${most} in a minute.`,
    usual: 'Usual at this hour on other days',
    noUsual: 'There are no other days to compare with yet.',
    band: 'The alert',
    usualUpTo: 'Usual up to',
  },
  questions: {
    title: 'Four questions',
    triggered: 'Did somebody start it?',
    people: (names: string[]): string =>
      `Perhaps: ${list(names)} talked to the same company in the five minutes before.`,
    local: (amount: number): string => `Perhaps: it moved ${bytes(amount)} with something at home just before.`,
    nobody:
      'Nothing at home was seen that did: no phone or computer talked to the same company in the five minutes before.',
    tooOld: 'This cannot be told: too long ago, or about no single device.',
    makers: 'Is it its maker’s own service?',
    own: {
      yes: (vendor: string): string => `Yes: it goes to ${vendor}.`,
      no: (vendor: string): string => `No: the maker seems to be ${vendor}.`,
    },
    cloud: 'It is a rented cloud: who rents it is not visible.',
    makerUnknown: 'Not known: the maker or the company has no name here.',
    country: 'Which country?',
    countries: (codes: string[]): string =>
      `${list(codes.map((code) => country(code)))}: where the addresses are registered, which need not be where the machine stands.`,
    noCountry: 'Not known for these addresses.',
    amount: 'How much?',
    howMuch: (sent: number, received: number): string =>
      `${bytes(sent)} sent and ${bytes(received)} received from its first to its last minute.`,
  },
  where: 'Where to',
  around: 'What else happened then',
  nothingElse: 'Nothing else of note, half an hour before and after.',
  whatToDo: 'What you can do',
  state: 'Look at this',
  events: {
    title: 'What happened',
    ofDevice: 'What it did',
    none: 'Nothing of note in this time.',
    eventTitle,
    /** "Possible voice request, 108 kB to Amazon". */
    line: (kind: string, confidence: number, sent: number, received: number, company: string): string =>
      `${eventTitle(kind, confidence)}: ${sent >= received ? `${bytes(sent)} to` : `${bytes(received)} from`} ${company}`,
    slot: (from: number, to: number, counts: { kind: string; count: number }[]): string =>
      `${clock(from)}–${clock(to)}: ${list(counts.map(({ kind, count }) => `${number(count)} ${count === 1 ? (eventKinds[kind]?.title ?? kind).toLowerCase() : (eventKinds[kind]?.many ?? kind)}`))}`,
    strip: 'Events on a line of time',
    more: (count: number): string => `${number(count)} more not shown`,
    quiet: 'Heartbeats are left out.',
  },
}
