// Schemas of questions and answers.
import { Type } from 'typebox'
import * as api from '../../api.ts'
import { describes, number, numberOrNull, oneOf, text, textOrNull, texts } from './fields.ts'

const QuestionId = oneOf(api.QUESTION_IDS)

export const QuestionList = describes<api.QuestionList>()(
  Type.Object({
    questions: Type.Array(
      Type.Object({
        id: QuestionId,
        title: text,
        story: text,
        state: oneOf(['answered', 'needs']),
        needs: textOrNull,
        devices: texts,
        companies: Type.Array(Type.Object({ slug: text, name: text })),
      }),
    ),
    best: Type.Union([QuestionId, Type.Null()]),
  }),
)

export const Answer = describes<api.Answer>()(
  Type.Object({
    id: QuestionId,
    title: text,
    asked: Type.Object({ from: number, to: number, devices: texts, company: textOrNull }),
    verdict: oneOf(api.VERDICTS),
    sentence: text,
    figures: Type.Array(
      Type.Object({
        name: text,
        value: number,
        low: Type.Optional(number),
        high: Type.Optional(number),
        unit: oneOf(api.FIGURE_UNITS),
        news: Type.Optional(number),
      }),
    ),
    perDay: Type.Array(Type.Object({ day: number, captured: number, sure: number, possible: number, sent: number })),
    limits: Type.Array(Type.Object({ key: text, sentence: text })),
    evidence: Type.Array(
      Type.Object({
        kind: oneOf(api.EVIDENCE_KINDS),
        ref: text,
        device: textOrNull,
        at: numberOrNull,
        words: text,
        value: number,
        of: text,
      }),
    ),
    evidenceTotal: number,
    evidenceRest: Type.Array(Type.Object({ of: text, value: number })),
    coverage: Type.Object({ captured: number, of: number, named: number, attributed: number }),
    sources: texts,
  }),
)
