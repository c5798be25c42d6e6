// Sentences about uploads that stand out, in English.
import { amount, habit } from './amount.ts'
import { duration } from './duration.ts'

/** What of an incident the sentence says. */
export interface UploadFacts {
  /** The whole upload, and how many single ones it consists of. */
  bytes: number
  times: number
  from: number
  to: number
  usual: number | null
  reason?: 'ceiling' | 'nameless' | 'new' | 'known' | null
  /**
   * What `usual` is about, and events that explain part of it: `hour`, `day`, `ten`, `hour 14 clips`. Of an alert of
   * version 0.1.0: `ten-seconds`, `ten-minutes`.
   */
  detail: string | null
}

/** One sentence without its full stop. */
export function uploadSentence(facts: UploadFacts, who: string, whom: string): string {
  const { bytes, times, from, to, usual } = facts
  const window = WINDOWS[facts.detail ?? '']
  if (window !== undefined) return `${who} sent ${amount(bytes)} to ${whom} within ${window}; ${habit(usual)}`
  const parts = times > 1 ? ` in ${times} uploads` : ''
  // An aside ends with a comma, too.
  const place = whom.includes(',') ? `${whom},` : whom
  return `${who} sent ${amount(bytes)} to ${place}${parts} within ${duration(to - from + 1)}; ${because(facts)}`
}

/** Alerts of version 0.1.0: more is not known of them. */
const WINDOWS: Record<string, string | undefined> = { 'ten-seconds': '10 seconds', 'ten-minutes': '10 minutes' }
const SPANS: Record<string, string> = { ten: 'within ten minutes', hour: 'an hour', day: 'a day' }

function because({ reason, usual, detail }: UploadFacts): string {
  const [span = 'hour', ...events] = (detail ?? '').split(' ')
  const per = SPANS[span] ?? 'an hour'
  const explained = events.length === 0 ? '' : `, with ${events.join(' ')} among them`
  switch (reason) {
    case 'ceiling':
      return `more than a device of this kind should ever send ${per}`
    case 'nameless':
      return 'nobody knows whose address it is'
    case 'new':
      return 'it sent nothing of note there before'
    default:
      return usual === null || usual < 1_000
        ? `usual is next to nothing${explained}`
        : `usual are up to ${amount(usual)} ${per}${explained}`
  }
}

/** What "expected from now on" covers. `hours`: the first and the last hour of the day; null for all. */
export function coverage(bytes: number, hours: readonly [number, number] | null, whom: string): string {
  const when = hours === null ? 'at any time' : `between ${clock(hours[0])} and ${clock(hours[1] + 1)}`
  return `up to ${amount(bytes)} an hour to ${whom}, ${when}; more is told again`
}

function clock(hour: number): string {
  return `${String(hour % 24).padStart(2, '0')}:00`
}
