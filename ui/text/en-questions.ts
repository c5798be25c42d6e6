// English words of the screens of questions. Loaded with them, not with every page.
import { bytes, number, share } from './format.ts'

export const questions = {
  title: 'Questions',
  lead: 'What the news says about smart homes, asked of yours. Answers come from what was recorded here, and say what traffic cannot show.',
  range: 'Time of the answers',
  days: { '1': 'Last day', '7': '7 days', '30': '30 days', month: 'This month', '365': '12 months' },
  all: 'All questions',
  home: 'Questions from the news',
  looking: 'Looking it up…',
  failed: 'This question could not be answered.',
  ask: 'About',
  wholeHome: 'the whole home',
  company: 'Company',
  figures: 'Figures',
  perDay: 'Day by day',
  day: 'Day',
  sure: 'Sure',
  possible: 'Possible',
  sent: 'Sent',
  captured: 'Captured',
  today: 'today',
  limits: 'What traffic cannot show',
  evidence: 'What the answer rests on',
  rest: (count: number): string => `and ${number(count)} more rows`,
  coverage: (captured: number, of: number, named: number): string =>
    `${share(captured, of)} of this time was captured; ${share(named, 1)} of the bytes have a host's name.`,
  news: (value: number): string => `${number(value)} in the news`,
  between: (low: string, high: string): string => `${low} to ${high}`,
  story: 'The story',
  sources: 'Sources',
  verdicts: {
    number: 'Counted',
    yes: 'Yes',
    no: 'No',
    'cannot-know': 'Cannot be known',
    'not-enough': 'Not enough yet',
  },
  figure: (value: number, unit: string): string => {
    if (unit === 'bytes') return bytes(value)
    if (unit === 'share') return share(value, 1)
    if (unit === 'seconds')
      return value < 7_200 ? `${number(Math.round(value / 60))} min` : `${number(Math.round(value / 360) / 10)} h`
    if (unit === 'days') return value === 1 ? '1 day' : `${number(value)} days`
    if (unit === 'lookups') return value === 1 ? '1 look-up' : `${number(value)} look-ups`
    return number(value)
  },
}
