// English words of incidents in lists, toasts and notifications: how much in all, and whether it goes on.
// Amounts and lengths are written as in the sentences of alerts, which stand beside them.
import { amount } from '../../server/text/en/amount.ts'
import { duration } from '../../server/text/en/duration.ts'
import { eventTitle } from '../../server/text/en/events.ts'
import { number } from './format.ts'

export interface Course {
  bytes: number
  times: number
  from: number
  to: number
  isOver: boolean
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${number(count)} times`
}

function inAll({ bytes, times: count, isOver }: Pick<Course, 'bytes' | 'times' | 'isOver'>): string {
  const sum = `${amount(bytes)} ${isOver ? 'in all' : 'so far'}`
  return count > 1 ? `${times(count)}, ${sum}` : sum
}

/** From the first to the last second, both counted. */
export function lengthOf({ from, to }: Pick<Course, 'from' | 'to'>): string {
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
  /** `message` is a sentence with the total. */
  ended: (message: string): string => `It has stopped: ${message}`,
  /**
   * "Hall camera: 3 alerts, 1.9 GB in all to Wyze"; `who` is empty for the home as a whole, `whom` where they went to
   * several.
   */
  group: (who: string, count: number, course: Course, whom: string): string => {
    const often = course.times > count ? `, ${times(course.times)}` : ''
    const sum = course.bytes > 0 ? `, ${amount(course.bytes)} in all${whom === '' ? '' : ` to ${whom}`}` : ''
    return `${who === '' ? '' : `${who}: `}${number(count)} alerts${often}${sum}`
  },
  latest: (when: string): string => `The last: ${when}`,
  fold: (count: number): string => `Decided, muted and habits (${number(count)})`,
  nothingOpen: 'Nothing is open.',
  /** Of an event whose bytes are counted in an alert: no other amount is shown for them. */
  event: (event: { kind: string; confidence: number }, whom: string): string => `${eventTitle(event)} to ${whom}`,
  part: (course: Pick<Course, 'bytes' | 'times' | 'isOver'>): string =>
    course.times > 1 ? `Counted in this alert: ${inAll(course)}` : `Part of this upload: ${inAll(course)}`,
}
