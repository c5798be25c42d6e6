// The definition of a question: what it needs, how it is answered, and what its answer cannot show.
import type { Answer, AnswerDay, Evidence, Figure, QuestionId, Verdict } from '../api.ts'
import type { Facts } from './facts.ts'

/** What of the home a question is about; `needs` says what is missing where it cannot be asked. */
export interface Subject {
  devices: string[]
  companies: { slug: string; name: string }[]
  needs: string | null
  /** How much there is to say, to choose the question that the home answers best: 0 nothing, 1 much. */
  weight: number
}

/** An answer as the question gives it; `ask` adds what is the same for all. */
export interface Draft {
  verdict: Verdict
  sentence: string
  figures?: Figure[]
  perDay?: AnswerDay[]
  limits: Answer['limits']
  /** All rows; their values add up to the figures that they name. */
  evidence?: Evidence[]
  company?: string | null
  devices?: string[]
}

export interface Question {
  id: QuestionId
  title: string
  /** The story behind it, in a sentence. */
  story: string
  /** Pages about the story. */
  sources: string[]
  /** Needs no captured time: its answer rests on no traffic. */
  needsNoCapture?: true
  /** Cannot be answered where nothing but look-ups is told of. */
  needsBytes?: true
  subject(facts: Facts): Promise<Subject>
  answer(facts: Facts): Promise<Draft>
}
