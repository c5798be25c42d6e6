// Questions that the news raises, and their answers from what was recorded.

/** In the order in which they are listed. */
export const QUESTION_IDS = [
  'voice-per-day',
  'voice-night',
  'company-all',
  'reading-listening',
  'camera-uploads',
  'others',
  'night-phone',
  'child',
  'tv-acr',
  'after-change',
  'cannot-see',
  'kept-by-us',
] as const
export type QuestionId = (typeof QUESTION_IDS)[number]

/**
 * GET /api/traffic/:scope/questions: every question, and whether this home has what it asks about. `best` is the one
 * that this home answers best; null before there is any.
 */
export interface QuestionList {
  questions: QuestionRow[]
  best: QuestionId | null
}

export interface QuestionRow {
  id: QuestionId
  title: string
  /** The story behind it, in a sentence. */
  story: string
  /** `needs`: something is missing, as the sentence says. */
  state: 'answered' | 'needs'
  needs: string | null
  /** What it may be asked about: devices (empty: the home), and companies where it is about one. */
  devices: string[]
  companies: { slug: string; name: string }[]
}

/**
 * `no`: looked for while at least 95 % of the time was captured, and not there. `not-enough`: less than 24 h or less
 * than half of the range was captured.
 */
export const VERDICTS = ['number', 'yes', 'no', 'cannot-know', 'not-enough'] as const
export type Verdict = (typeof VERDICTS)[number]

export const FIGURE_UNITS = ['bytes', 'count', 'days', 'share', 'seconds', 'lookups'] as const

export interface Figure {
  name: string
  value: number
  /** The bounds where the value is uncertain: what is sure, and what is sure or possible. */
  low?: number
  high?: number
  unit: (typeof FIGURE_UNITS)[number]
  /** The number in the news that it stands beside. */
  news?: number
}

/** One local day; `captured` of its seconds were captured: a day that nothing was captured on is in no list. */
export interface AnswerDay {
  day: number
  captured: number
  sure: number
  possible: number
  sent: number
}

export const EVIDENCE_KINDS = ['event', 'cell', 'endpoint', 'look-up'] as const

/** A row that the answer rests on. `ref` opens it: an event's id, a host, an address or a company. */
export interface Evidence {
  kind: (typeof EVIDENCE_KINDS)[number]
  ref: string
  device: string | null
  /** When it was, in seconds; null where it is of the whole range. */
  at: number | null
  words: string
  /** Its part of the figure `of`; the parts of all evidence make up that figure. */
  value: number
  of: string
}

/** GET /api/traffic/:scope/questions/:id?from&to[&device][&company] */
export interface Answer {
  id: QuestionId
  title: string
  asked: { from: number; to: number; devices: string[]; company: string | null }
  verdict: Verdict
  /** At most 40 words in one to three sentences, with the number. Names of devices in it are hostile texts. */
  sentence: string
  figures: Figure[]
  perDay: AnswerDay[]
  /** What traffic cannot show here: one at least, always shown. */
  limits: { key: string; sentence: string }[]
  /** At most 200; `evidenceTotal` says how many there are, `evidenceRest` what the others make up of each figure. */
  evidence: Evidence[]
  evidenceTotal: number
  evidenceRest: { of: string; value: number }[]
  /** Seconds captured of the seconds asked about; shares of the internet bytes with a name, and with a company. */
  coverage: { captured: number; of: number; named: number; attributed: number }
  /** The sources that the answer rests on, and pages about the news behind the question. */
  sources: string[]
}
