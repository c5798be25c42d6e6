// English words of incidents: how much in all, whether it goes on, why it stands out, and what a decision covers.
// Amounts and lengths are written as in the sentences of alerts, which stand beside them.
import { amount } from '../../server/text/en/amount.ts'
import { duration } from '../../server/text/en/duration.ts'
import { eventCount, eventTitle } from '../../server/text/en/events.ts'
import { clock, dayClock, list, number } from './format.ts'

export interface Course {
  bytes: number
  times: number
  from: number
  to: number
  isOver: boolean
}

function times(count: number): string {
  return count === 1 ? 'once' : `${number(count)} times`
}

function inAll({ bytes, times: count }: Pick<Course, 'bytes' | 'times'>): string {
  return count > 1 ? `${times(count)}, ${amount(bytes)} in all` : `${amount(bytes)} in all`
}

/** From the first to the last second, both counted. */
function lengthOf({ from, to }: Pick<Course, 'from' | 'to'>): string {
  return duration(Math.max(1, to - from + 1))
}

export const incidents = {
  /** "Sending now, 41 MB so far"; "14 times, 5.7 MB in all"; empty where there is nothing to add. */
  course: (course: Course): string => {
    if (course.bytes === 0) return course.times > 1 ? times(course.times) : ''
    if (!course.isOver)
      return `Sending now, ${amount(course.bytes)} so far${course.times > 1 ? `, ${times(course.times)}` : ''}`
    return course.times > 1 ? inAll(course) : `Stopped after ${lengthOf(course)}: ${amount(course.bytes)}`
  },
  goesOn: 'Sending now',
  ended: (message: string, course: string): string => `${course}. ${message}`,
  /** "Hall camera: 3 alerts, 1.9 GB in all"; `who` is empty for the home as a whole. */
  group: (who: string, count: number, course: Course): string => {
    const often = course.times > count ? `, ${times(course.times)}` : ''
    const sum = course.bytes > 0 ? `, ${amount(course.bytes)} in all` : ''
    return `${who === '' ? '' : `${who}: `}${number(count)} alerts${often}${sum}`
  },
  latest: (when: string): string => `The last: ${when}`,
  fold: (count: number): string => `Decided, muted and habits (${number(count)})`,
  nothingOpen: 'Nothing is open.',
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
    upTo: (what: string): string => `Up to ${what}`,
    noUsual: 'Not known yet',
    sure: 'How sure',
    why: 'Why it stands out',
  },
  units: {
    bytes: amount,
    requests: times,
    seconds: duration,
    devices: (count: number): string => (count === 1 ? '1 device' : `${number(count)} devices`),
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
  /** Of an event whose bytes are counted in an alert: no other amount is shown for them. */
  event: (event: { kind: string; confidence: number }, whom: string): string => `${eventTitle(event)} to ${whom}`,
  part: (course: Pick<Course, 'bytes' | 'times'>): string =>
    course.times > 1 ? `Counted in this alert: ${inAll(course)}` : `Part of this upload: ${inAll(course)}`,
  parts: (counts: { kind: string; count: number }[]): string =>
    `Part of this alert: ${list(counts.map(({ kind, count }) => eventCount(kind, count)))}`,
  decision: {
    expectedWould: (covers: string): string =>
      `“Expected from now on” would cover: ${covers}. What goes beyond is told.`,
    expectedWouldPlain: '“Expected from now on”: as much of the same is no alert any more.',
    expectedNow: (covers: string): string => `Expected from now on: ${covers}. What goes beyond is told.`,
    expectedNowPlain: 'Expected from now on: as much of the same is no alert any more.',
    itWasMeWould: '“It was me” closes this one only: the next one is told again.',
    itWasMeNow: 'Closed: you said it was you. The next one is told again.',
    habit: 'It came again and again in the same size, so it is a habit: no alert any more. More than that is told.',
  },
}
