// Messages between the history's thread and its client.
import type { Batch } from '../model/batch.ts'
import type { HistoryOptions } from './options.ts'
import type { History } from './history.ts'

/** Methods of the history that its client calls by name. */
export const QUESTIONS = [
  'sums',
  'cells',
  'lookups',
  'events',
  'eventCounts',
  'positions',
  'endpoints',
  'captured',
  'series',
  'sparklines',
  'grid',
  'totals',
  'seen',
  'namedAround',
  'endpointsBefore',
  'search',
  'names',
  'coarsen',
  'keep',
  'seenOnce',
  'beginForget',
  'forget',
  'facts',
  'configure',
  'believeClock',
  'flush',
  'close',
] as const satisfies (keyof History)[]
export type Question = (typeof QUESTIONS)[number]

export type ToWorker =
  | { kind: 'add'; batch: Batch }
  | { kind: 'capturing'; since: number; on: boolean }
  | { kind: 'tick'; now: number }
  | { kind: 'ask'; id: number; question: Question; values: unknown[] }

export type FromWorker =
  | { kind: 'opened' }
  /** The traffic history could not be opened; a sentence. */
  | { kind: 'failed'; message: string }
  /** One `add` was processed. */
  | { kind: 'added'; problem: string | null }
  /** Something other than an `add` or a question went wrong; a sentence. */
  | { kind: 'problem'; message: string }
  | { kind: 'answer'; id: number; value: unknown }
  /** `fault` where the disk is the reason: status and code of the answer to the page. */
  | { kind: 'refused'; id: number; message: string; fault: DiskFault | null }
  /** Worth the log. */
  | { kind: 'notice'; sentence: string }

/** What becomes a ServiceError in the other thread. */
export interface DiskFault {
  status: number
  code: string
}

/** The worker's data. */
export type WorkerSetup = Omit<HistoryOptions, 'elapsed'>
