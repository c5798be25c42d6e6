// Questions and answers between two threads: one History here, answered there.
import type { History } from '../history/history.ts'

/** The questions that may be asked from the other thread. */
const CALLABLE = ['sums', 'endpoints', 'series', 'sparklines', 'grid', 'totals', 'seen', 'endpointsBefore', 'search', 'names', 'coarsen', 'forget', 'facts', 'flush'] as const
type Callable = (typeof CALLABLE)[number]

export type Ask = (method: string, args: unknown[]) => Promise<unknown>

/** Answers one question; rejects for a method that is none of the above. */
export async function answer(history: History, method: string, args: unknown[]): Promise<unknown> {
  if (!CALLABLE.includes(method as Callable)) throw new Error(`There is no question "${method}"`)
  const call = history[method as Callable] as (...values: unknown[]) => Promise<unknown>
  return await call.apply(history, args)
}

/** A History whose answers come from elsewhere; what is written there is written there. */
export function remoteHistory(ask: Ask): History {
  const asked = Object.fromEntries(CALLABLE.map((method) => [method, (...args: unknown[]) => ask(method, args)]))
  return {
    ...(asked as unknown as Pick<History, Callable>),
    add: () => {},
    capturing: () => {},
    tick: () => {},
    close: async () => {},
  }
}
