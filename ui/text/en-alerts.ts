// English words around alerts and events. Their own titles and sentences come from the server.
import { eventCount } from '../../server/text/en/events.ts'
import { incidents } from './en-incidents.ts'
import { ago, bytes, clock, country, dayClock, list, number, share } from './format.ts'

function times(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`
}

export const alerts = {
  title: 'Alerts',
  lead: 'What is worth a look, and what you decided about it.',
  /** `what` is a sentence without its full stop. */
  lookAtThis: (what: string, from: number, others: number): string =>
    `Look at this: ${what}. It began at ${clock(from)}.${others === 0 ? '' : ` And ${times(others, 'other thing', 'other things')}.`}`,
  fresh: (what: string): string => `New alert: ${what}`,
  open: 'Open',
  badge: (count: number): string => times(count, 'open alert', 'open alerts'),
  none: 'Nothing is worth a look',
  noneWords:
    'When a device does something that is unusual for it, it appears here, and nowhere else unless you ask for it in the settings.',
  noneReplay: 'Nothing in this recording stands out so far.',
  learning: (until: string): string =>
    `Until ${until} what is usual here is being learned: only what needs no habit is told.`,
  stillLearning: 'What is usual is not known yet.',
  states: { open: 'Open', 'it-was-me': 'It was me', expected: 'Expected', habit: 'Habit', muted: 'Muted' },
  when: (from: number, now: number): string => `${dayClock(from)}, ${ago(from, now)}`,
  all: 'All alerts',
  some: 'Alerts',
  open1: 'Look',
  sure: (value: number): string => `${share(value, 1)} sure`,
  decide: {
    'it-was-me': 'It was me',
    expected: 'Expected from now on',
    mute: 'Mute',
    unmute: 'Unmute',
    open: 'Open again',
    save: 'Save evidence',
    did: {
      'it-was-me': 'Closed: it was you. The next one is told again.',
      expected: 'Expected from now on. More than this is told again.',
      open: 'Open again.',
    },
    muted: 'This kind of alert, of this device and company, stays silent.',
    unmuted: 'It is told again.',
    help: 'Decisions can be taken back here at any time.',
  },
  chart: {
    title: 'All its traffic, six hours before and after',
    /** Without amounts: they are those of the whole device, and the alert's own stand beside it. */
    summary: (when: string): string => `It sent the most at ${when}.`,
    summaryNothing: 'It sent nothing in this time.',
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
    /** Of what is no upload: then no other total is shown. */
    howMuch: (sent: number, received: number): string =>
      `${bytes(sent)} sent and ${bytes(received)} received from its first to its last minute.`,
    howMuchUpload: (total: string, isOver: boolean): string => `${total} sent ${isOver ? 'in all' : 'so far'}.`,
  },
  where: 'Where to',
  incidents,
  around: 'What else happened then',
  nothingElse: 'Nothing else of note, half an hour before and after.',
  whatToDo: 'What you can do',
  state: 'Look at this',
  events: {
    title: 'What happened',
    ofDevice: 'What it did',
    none: 'Nothing of note in this time.',
    slot: (from: number, to: number, counts: { kind: string; count: number }[]): string =>
      `${clock(from)}–${clock(to)}: ${list(counts.map(({ kind, count }) => eventCount(kind, count)))}`,
    strip: 'Events on a line of time',
    more: (count: number): string => `${number(count)} more not shown`,
    quiet: 'Heartbeats are left out.',
  },
}
