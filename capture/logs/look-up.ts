// The records of one look-up, for logs whose lines hold a question and what became of it.
import { isUnspecified } from './addresses.ts'
import type { AnswerStatus, LogAnswer, LogQuery, LogRecord } from './record.ts'

/** Addresses and aliases taken from one answer. */
const MAX_ADDRESSES = 512
const MAX_ALIASES = 20

export interface Question {
  /** Seconds since 1970-01-01 UTC; null where the line carries none. */
  time: number | null
  client: string
  /** What the log calls the client; null where it has an address alone. */
  clientName?: string | null
  /** What its question was sent from; null where the log does not tell. */
  clientMac?: string | null
  name: string
  /** IANA resource record type, 0 where it is unknown. */
  type: number
}

export interface Outcome {
  status: AnswerStatus
  addresses?: readonly string[]
  aliases?: readonly string[]
}

/** The query and, where the log says what became of it, the answer. Nothing but 0.0.0.0 or :: is a filter's answer. */
export function lookUp(question: Question, outcome: Outcome | null): LogRecord[] {
  const query = queryOf(question)
  return outcome === null ? [query] : [query, answerOf(question, outcome)]
}

export function queryOf({ time, client, clientName, clientMac, name, type }: Question): LogQuery {
  return {
    kind: 'query',
    time,
    client,
    name,
    type,
    ...(clientName ? { clientName } : {}),
    ...(clientMac ? { clientMac } : {}),
  }
}

export function answerOf({ time, client, name, type }: Question, outcome: Outcome): LogAnswer {
  const all = outcome.addresses ?? []
  const isBlocked = outcome.status === 'blocked' || (all.length > 0 && all.every(isUnspecified))
  return {
    kind: 'answer',
    time,
    client,
    name,
    type,
    status: isBlocked ? 'blocked' : outcome.status,
    addresses: isBlocked ? [] : all.slice(0, MAX_ADDRESSES),
    aliases: isBlocked ? [] : (outcome.aliases ?? []).slice(0, MAX_ALIASES),
  }
}
