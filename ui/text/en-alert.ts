// English words of the screen of one alert. Loaded with it, not with every page.
// Amounts and lengths are written as in the sentences of alerts, which stand beside them.
import { amount } from '../../server/text/en/amount.ts'
import { duration } from '../../server/text/en/duration.ts'
import { eventCount } from '../../server/text/en/events.ts'
import { type Course, lengthOf, times } from './en-incidents.ts'
import { bytes, clock, country, dayClock, list, number } from './format.ts'

const SPANS: Record<string, string> = { ten: 'within ten minutes', hour: 'an hour', day: 'a day' }

export const alertWords = {
  facts: {
    title: 'In figures',
    total: 'In all',
    soFar: (bytes: number): string => `${amount(bytes)} so far`,
    amount,
    length: 'How long',
    lasts: (course: Course): string => `${lengthOf(course)} so far, since ${clock(course.from)}`,
    lasted: (course: Course): string =>
      course.times > 1
        ? `Within ${lengthOf(course)}, from ${dayClock(course.from)} to ${dayClock(course.to)}`
        : lengthOf(course),
    peak: 'At its most',
    peakOf: (bytes: number): string => `${amount(bytes)} within ten seconds`,
    often: 'How often',
    times: (count: number): string => (count === 1 ? 'Once' : times(count)),
    seen: 'Seen',
    usual: 'Usual',
    /** `detail` of an upload begins with what its usual is about. */
    usualOf: (usual: number, detail: string | null): string =>
      usual < 1_000
        ? 'Next to nothing'
        : `Up to ${amount(usual)} ${SPANS[(detail ?? '').split(' ')[0] ?? ''] ?? ''}`.trim(),
    upTo: (what: string): string => `Up to ${what}`,
    noUsual: 'Not known yet',
    sure: 'How sure',
    why: 'Why it stands out',
    stillLearning: 'What is usual is not known yet.',
  },
  units: {
    bytes: amount,
    requests: times,
    seconds: duration,
    events: (count: number): string => (count === 1 ? '1 event' : `${number(count)} events`),
    addresses: (count: number): string => (count === 1 ? '1 address' : `${number(count)} addresses`),
    devices: (count: number): string => (count === 1 ? '1 device' : `${number(count)} devices`),
    lookups: (count: number): string => (count === 1 ? '1 look-up' : `${number(count)} look-ups`),
  },
  reasons: {
    ceiling: 'It is more than a device of this kind should ever send, whatever is usual.',
    nameless: 'It went to an address without a name: nothing seen here tells whose it is.',
    new: 'This device did not send there before.',
    known: 'This device sends there, but not as much.',
  },
  nameless: 'an address without a name',
  noCompany: 'company not known',
  destinationUnknown: 'Not known, or not kept for this device',
  others: 'Further destinations',
  decide: {
    'it-was-me': 'It was me',
    expected: 'Expected from now on',
    mute: 'Mute',
    unmute: 'Unmute',
    open: 'Open again',
    save: 'Save evidence',
    help: 'Decisions can be taken back here at any time.',
  },
  decision: {
    expectedWould: (covers: string): string => `“Expected from now on” would cover: ${covers}.`,
    expectedWouldPlain: '“Expected from now on”: as much of the same is no alert any more.',
    expectedNow: (covers: string): string => `Expected from now on: ${covers}.`,
    expectedNowPlain: 'Expected from now on: as much of the same is no alert any more.',
    itWasMeWould: '“It was me” closes this one only: the next one is told again.',
    itWasMeNow: 'Closed: you said it was you. The next one is told again.',
    habit: 'It came again and again in the same size, so it is a habit: no alert any more. More than that is told.',
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
  around: 'What else happened then',
  nothingElse: 'Nothing else of note, half an hour before and after.',
  whatToDo: 'What you can do',
  parts: (counts: { kind: string; count: number }[]): string =>
    `Part of this alert: ${list(counts.map(({ kind, count }) => eventCount(kind, count)))}`,
}
