// An answer as text for the console, in English.
import { amount } from './common.ts'

/** The parts of an answer that are printed; see Answer in server/api.ts. */
export interface PrintedAnswer {
  title: string
  verdict: string
  sentence: string
  figures: { name: string; value: number; low?: number; high?: number; unit: string; news?: number }[]
  limits: { sentence: string }[]
  evidence: { words: string }[]
  evidenceTotal: number
  coverage: { captured: number; of: number }
}

const MOST_ROWS = 20

/** Texts of the network in it are shown without control characters. */
export function printAnswer(answer: PrintedAnswer, file: string | null): string {
  const { title, verdict, sentence, figures, limits, evidence, evidenceTotal, coverage } = answer
  const hours = (seconds: number): string => (seconds / 3_600).toFixed(1)
  const rows = evidence.slice(0, MOST_ROWS).map(({ words }) => `  ${words}`)
  const more = evidenceTotal - rows.length
  return [
    ...(file === null ? [] : [`${file}:`]),
    title,
    `${sentence} [${verdict}]`,
    ...figures.map((figure) => `  ${figure.name}: ${valueOf(figure)}`),
    `Captured: ${hours(coverage.captured)} of ${hours(coverage.of)} hours`,
    ...(rows.length > 0 ? ['Rows:', ...rows] : []),
    ...(more > 0 ? [`  and ${more} more (--json lists up to 200)`] : []),
    'What traffic cannot show:',
    ...limits.map(({ sentence: limit }) => `  ${limit}`),
  ]
    .map(plain)
    .join('\n')
}

function valueOf({ value, low, high, unit, news }: PrintedAnswer['figures'][number]): string {
  const shown = (number: number): string => (unit === 'bytes' ? amount(number) : number.toLocaleString('en'))
  const bounds = low !== undefined && high !== undefined && low !== high ? ` (${shown(low)} to ${shown(high)})` : ''
  const beside = news === undefined ? '' : `, in the news ${shown(news)}`
  return `${shown(value)}${unit === 'bytes' ? '' : ` ${unit}`}${bounds}${beside}`
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}')
}
