// Sentences about uploads that stand out, in English.
import { amount } from './amount.ts'
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
  /** What `usual` is about, and events that explain part of it: `hour`, `day`, `ten`, `hour 14 clips`. */
  detail: string | null
}

/** One sentence without its full stop. */
export function uploadSentence(facts: UploadFacts, who: string, whom: string): string {
  const { bytes, times, from, to } = facts
  const parts = times > 1 ? ` in ${times} uploads` : ''
  return `${who} sent ${amount(bytes)} to ${whom}${parts} within ${duration(to - from + 1)}; ${because(facts)}`
}

const SPANS: Record<string, string> = { ten: 'within ten minutes', hour: 'an hour', day: 'a day' }

function because({ reason, usual, detail }: UploadFacts): string {
  const [span = 'hour', ...events] = (detail ?? '').split(' ')
  const per = SPANS[span] ?? 'an hour'
  const explained = events.length === 0 ? '' : `, with ${events.join(' ')} among them`
  switch (reason) {
    case 'ceiling':
      return `so much ${per} is told whatever is usual`
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
