// Verdicts on look-ups: which of those in a log were blocked, and which answered, each once.
import type { AnswerStatus } from '../../capture/logs/record.ts'
import { BoundedMap } from '../../capture/bounded-map.ts'

/** Look-ups by client and name that an answer may still be about. The oldest go first. */
const MAX_NAMES = 20_000
/** Latest look-ups remembered of one client and name. */
const MAX_OF_NAME = 32
/** A resolver has given up by then, and so has whoever asked. */
const LONGEST_WAIT = 60
/** Lines about one answer are written together, a second apart at most; so are those of look-ups made at once. */
const TOGETHER = 5
/** Logs give whole seconds. */
const ROUNDING = 1

/** How many look-ups of one place in the history were blocked, and how many answered. */
export interface VerdictCounts {
  blocked: number
  answered: number
}

/**
 * What is known of a look-up so far. `other` is an answer without a record: no such name, none of this type, an error.
 * What comes later may raise it, but never lower it: an alias is logged before it is found to lead to a blocked name.
 */
const RANKS = { none: 0, other: 1, answered: 2, blocked: 3 } as const
type Verdict = keyof typeof RANKS

interface Lookup<Counts> {
  time: number
  type: number
  counts: Counts
  verdict: Verdict
  /** When the verdict was given. */
  decided: number
}

/** What an answer says of itself. */
export interface Answered {
  client: string
  name: string
  type: number
  status: AnswerStatus
  time: number
}

/**
 * Matches answers with look-ups by client, name and type. A log may give an answer in several lines, a second log may
 * repeat it, and some logs have queries only: a look-up without an answer has no verdict.
 */
export class LookupVerdicts<Counts extends VerdictCounts> {
  private readonly names = new BoundedMap<string, Lookup<Counts>[]>('look-ups without an answer', MAX_NAMES)

  asked({ client, name, type, time }: Omit<Answered, 'status'>, counts: Counts): void {
    const key = keyOf(client, name)
    const lookups = this.names.get(key) ?? []
    lookups.push({ time, type, counts, verdict: 'none', decided: time })
    if (lookups.length > MAX_OF_NAME) lookups.shift()
    this.names.renew(key, lookups)
  }

  /** Counts the verdict, and returns where it was counted; null where no look-up got a new one. */
  answered(answer: Answered): Counts | null {
    const lookups = this.names.get(keyOf(answer.client, answer.name))
    if (lookups === undefined) return null
    const verdict = verdictOf(answer.status)
    const ofType = lookups.filter(({ type }) => type === answer.type)
    const lookup = openOne(ofType, answer) ?? raisable(ofType, answer, verdict) ?? otherType(lookups, answer, verdict)
    if (lookup === undefined) return null
    count(lookup, -1)
    Object.assign(lookup, { verdict, decided: answer.time })
    count(lookup, 1)
    return lookup.counts
  }

  /** Look-ups of these places get no verdict any more. */
  forget(isGone: (counts: Counts) => boolean): void {
    for (const [key, lookups] of this.names) {
      const left = lookups.filter(({ counts }) => !isGone(counts))
      if (left.length === 0) this.names.delete(key)
      else if (left.length < lookups.length) this.names.set(key, left)
    }
  }
}

function verdictOf(status: AnswerStatus): Verdict {
  return status === 'blocked' || status === 'answered' ? status : 'other'
}

/**
 * The latest look-up without a verdict. One that another was made after, which has its verdict, was most likely never
 * answered; unless they were made at once.
 */
function openOne<Counts>(lookups: readonly Lookup<Counts>[], { time }: Answered): Lookup<Counts> | undefined {
  let wait = LONGEST_WAIT
  for (let at = lookups.length - 1; at >= 0; at--) {
    const lookup = lookups[at]
    const waited = time - lookup.time
    if (lookup.verdict !== 'none') wait = TOGETHER
    else if (waited >= -ROUNDING && waited <= wait) return lookup
  }
  return undefined
}

/** The latest look-up, where this is more of its answer, and says more. */
function raisable<Counts>(
  lookups: readonly Lookup<Counts>[],
  { time }: Answered,
  verdict: Verdict,
): Lookup<Counts> | undefined {
  const last = lookups.findLast((lookup) => lookup.time <= time + ROUNDING)
  if (last === undefined || RANKS[verdict] <= RANKS[last.verdict]) return undefined
  return Math.abs(time - last.decided) <= TOGETHER ? last : undefined
}

/** A filter blocks a name whatever was asked about it, and some logs do not say what. */
function otherType<Counts>(
  lookups: readonly Lookup<Counts>[],
  answer: Answered,
  verdict: Verdict,
): Lookup<Counts> | undefined {
  if (verdict !== 'blocked') return undefined
  const lookup = openOne(lookups, answer)
  return lookup !== undefined && answer.time - lookup.time <= TOGETHER ? lookup : undefined
}

function count({ counts, verdict }: Lookup<VerdictCounts>, one: 1 | -1): void {
  if (verdict === 'blocked') counts.blocked += one
  if (verdict === 'answered') counts.answered += one
}

function keyOf(client: string, name: string): string {
  return `${client} ${name.toLowerCase()}`
}
