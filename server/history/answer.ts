// Answers to questions of the traffic history by their name, and the traffic history of this thread behind the same
// interface as that of another.
import type { HistoryDatabase } from './database.ts'
import type { History } from './history.ts'
import { QUESTIONS, type Question } from './messages.ts'

/** Throws what the traffic history throws. */
export function answer(database: HistoryDatabase, question: Question, values: unknown[]): unknown {
  if (!QUESTIONS.includes(question)) throw new Error(`The history has no question "${String(question)}"`)
  const method = database[question] as (...values: unknown[]) => unknown
  return method.apply(database, values)
}

/**
 * The traffic history of this thread behind the interface: for replays, which run in a worker of their own already.
 */
export function historyInThread(database: HistoryDatabase): History {
  const ask =
    (question: Question) =>
    async (...values: unknown[]): Promise<never> =>
      Promise.resolve(answer(database, question, values) as never)
  return {
    add: (batch) => database.add(batch),
    capturing: (since, on) => database.capturing(since, on),
    tick: (now) => database.tick(now),
    ...askAll(ask),
  }
}

type Questions = Pick<History, Question>

/** One function for each question. */
export function askAll(ask: (question: Question) => (...values: unknown[]) => Promise<never>): Questions {
  return Object.fromEntries(QUESTIONS.map((question) => [question, ask(question)])) as unknown as Questions
}
