// The questions of the open home or recording, and their answers.
import type { Answer, QuestionId, QuestionList } from '../../server/api.ts'
import { ApiFailure, get, isAbort, trafficPath } from './api.ts'
import { router } from './router.svelte.ts'
import { Asked, traffic } from './traffic.svelte.ts'

const DAY = 86_400
export const SPANS = ['1', '7', '30', 'month', '365'] as const
export type SpanName = (typeof SPANS)[number]
const DEFAULT_SPAN: SpanName = '30'

/** The days that answers are about, as the address names them. */
export function spanName(): SpanName {
  return SPANS.find((name) => name === router.route.query['days']) ?? DEFAULT_SPAN
}

/** Of a recording all of it; of the home the days up to now, from its first one on. Null before its clock is known. */
export function spanOf(name: SpanName): { from: number; to: number } | null {
  const status = traffic.status.value
  if (status === null || status.first === null) return null
  const first = Math.floor(status.first)
  if (!traffic.isLive) return { from: first, to: Math.ceil(status.last ?? status.now) + 1 }
  const to = Math.ceil(status.now)
  const from = name === 'month' ? monthStart(to, status.timeZone) : to - Number(name) * DAY
  return { from: Math.min(Math.max(first, from), to - 1), to }
}

/** Midnight of the first of the month, in the home's zone; to the hour where the clock is changed in between. */
function monthStart(now: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(now * 1000)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0)
  return now - (part('day') - 1) * DAY - part('hour') * 3_600 - part('minute') * 60 - part('second')
}

export class QuestionsScreen {
  readonly list = new Asked<QuestionList>()
  answers = $state.raw<Partial<Record<QuestionId, Answer | ApiFailure>>>({})
  #run = 0

  /** Asks for the list, then for each answer, one after the other. */
  async load(name: SpanName): Promise<void> {
    const span = spanOf(name)
    const run = ++this.#run
    this.answers = {}
    if (span === null) return
    const list = await this.list.ask(trafficPath(router.scope, 'questions'), span)
    for (const { id, state } of list?.questions ?? []) {
      if (run !== this.#run) return
      if (state === 'needs') continue
      const answer = await ask(id, span)
      if (run !== this.#run || answer === null) return
      this.answers = { ...this.answers, [id]: answer }
    }
  }
}

/** Null where the request was given up. */
export async function ask(
  id: string,
  span: { from: number; to: number },
  about: { device?: string; company?: string } = {},
): Promise<Answer | ApiFailure | null> {
  try {
    return await get<Answer>(trafficPath(router.scope, `questions/${id}`), { ...span, ...about })
  } catch (error) {
    if (isAbort(error)) return null
    if (error instanceof ApiFailure) return error
    throw error
  }
}
