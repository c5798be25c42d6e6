// Asking a question: the rules that hold for every answer.
import type { Answer, Evidence, QuestionId, QuestionList, QuestionRow } from '../api.ts'
import { attributedOf } from '../queries/sums.ts'
import { needsBytes, notEnough } from '../text/en/questions/common.ts'
import { type Asked, Facts, type FactsSource } from './facts.ts'
import type { Draft, Question, Subject } from './question.ts'
import { QUESTIONS } from './questions.ts'

const DAY = 86_400
/** Nothing is answered from less captured time, or from less than half of the range. */
const LEAST_CAPTURED = DAY
const LEAST_SHARE = 0.5
const MAX_EVIDENCE = 200

export function questionOf(id: string): Question | null {
  return QUESTIONS.find((one) => one.id === id) ?? null
}

/** Every question for the home, over the range. */
export async function listQuestions(source: FactsSource, range: { from: number; to: number }): Promise<QuestionList> {
  const rows: { row: QuestionRow; weight: number }[] = []
  const facts = new Facts(source, { ...range, devices: [], company: null })
  for (const question of QUESTIONS) {
    const subject = await subjectOf(question, facts)
    rows.push({ row: rowOf(question, subject), weight: subject.needs === null ? subject.weight : 0 })
  }
  const best = rows.reduce<(typeof rows)[number] | null>(
    (found, one) => (one.weight > (found?.weight ?? 0) ? one : found),
    null,
  )
  return { questions: rows.map(({ row }) => row), best: best?.row.id ?? null }
}

function rowOf({ id, title, story }: Question, { devices, companies, needs }: Subject): QuestionRow {
  return { id, title, story, state: needs === null ? 'answered' : 'needs', needs, devices, companies }
}

export async function ask(id: QuestionId, source: FactsSource, asked: Asked): Promise<Answer> {
  const question = questionOf(id)
  if (question === null) throw new Error(`There is no question "${id}"`)
  const facts = new Facts(source, asked)
  const captured = await facts.capturedSeconds()
  const draft = await draftOf(question, facts, captured)
  const evidence = [...(draft.evidence ?? [])].sort((one, other) => other.value - one.value)
  const { seen, likely, of } = attributedOf(facts.view, await facts.moved(), await facts.likely())
  const named = (await facts.moved()).reduce(
    (sum, { endpoint, sent, received }) => sum + ((endpoint?.host ?? null) === null ? 0 : sent + received),
    0,
  )
  return {
    id,
    title: question.title,
    asked: {
      from: asked.from,
      to: asked.to,
      devices: draft.devices ?? asked.devices,
      company: draft.company ?? asked.company,
    },
    verdict: draft.verdict,
    sentence: draft.sentence,
    figures: draft.figures ?? [],
    perDay: draft.perDay ?? [],
    limits: draft.limits,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    evidenceTotal: evidence.length,
    evidenceRest: restOf(evidence.slice(MAX_EVIDENCE)),
    coverage: {
      captured,
      of: asked.to - asked.from,
      named: of === 0 ? 0 : named / of,
      attributed: of === 0 ? 0 : (seen + likely) / of,
    },
    sources: [...source.sources, ...question.sources],
  }
}

async function subjectOf(question: Question, facts: Facts): Promise<Subject> {
  if (question.needsBytes === true && facts.source.lookupsOnly)
    return { devices: [], companies: [], needs: needsBytes, weight: 0 }
  return question.subject(facts)
}

async function draftOf(question: Question, facts: Facts, captured: number): Promise<Draft> {
  const { from, to } = facts.asked
  const { needs } = await subjectOf(question, facts)
  if (needs !== null) return { verdict: 'cannot-know', sentence: needs, limits: [{ key: 'needs', sentence: needs }] }
  const draft = await question.answer(facts)
  const isEnough = captured >= LEAST_CAPTURED && captured >= (to - from) * LEAST_SHARE
  if (question.needsNoCapture === true || isEnough) return draft
  // What was seen is shown all the same; it is no answer.
  return { ...draft, verdict: 'not-enough', sentence: notEnough(captured, to - from) }
}

function restOf(evidence: readonly Evidence[]): Answer['evidenceRest'] {
  const rest = new Map<string, number>()
  for (const { of, value } of evidence) rest.set(of, (rest.get(of) ?? 0) + value)
  return [...rest].map(([of, value]) => ({ of, value }))
}
