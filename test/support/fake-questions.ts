// Questions and answers of the fake home.
import { type Answer, QUESTION_IDS, type QuestionList } from '../../server/api.ts'
import { ServiceError } from '../../server/model/service-error.ts'

const TITLE = 'How many times a day is something said to a speaker sent out?'
const STORY = 'A household found 90,000 recordings at Amazon.'

export function fakeQuestions(device: string): QuestionList {
  return {
    questions: QUESTION_IDS.map((id) => ({
      id,
      title: id === 'voice-per-day' ? TITLE : id,
      story: STORY,
      state: id === 'child' ? 'needs' : 'answered',
      needs: id === 'child' ? 'No device belongs to a child yet.' : null,
      devices: id === 'voice-per-day' ? [device] : [],
      companies: id === 'company-all' ? [{ slug: 'amazon', name: 'Amazon' }] : [],
    })),
    best: 'voice-per-day',
  }
}

export function fakeAnswer(id: string, query: { from: number; to: number; device?: string; company?: string }): Answer {
  const known = QUESTION_IDS.find((one) => one === id)
  if (known === undefined) throw new ServiceError(404, 'no-such-question', `There is no question "${id}".`)
  const { from, to, device, company } = query
  return {
    id: known,
    title: TITLE,
    asked: { from, to, devices: device === undefined ? [] : [device], company: company ?? null },
    verdict: 'number',
    sentence: 'On 6 captured days your 2 voice devices sent 13 to 21 spoken requests a day.',
    figures: [{ name: 'requests a day', value: 17, low: 15, high: 17, unit: 'count', news: 70 }],
    perDay: [{ day: from, captured: 86_400, sure: 13, possible: 2, sent: 400_000 }],
    limits: [{ key: 'no-request', sentence: 'An upload is no request.' }],
    evidence: [
      {
        kind: 'cell',
        ref: '2026-11-30',
        device: device ?? null,
        at: from,
        words: '2026-11-30: 15 requests',
        value: 15,
        of: 'requests',
      },
    ],
    evidenceTotal: 1,
    evidenceRest: [],
    coverage: { captured: to - from, of: to - from, named: 0.9, attributed: 0.8 },
    sources: ['Sample home'],
  }
}
