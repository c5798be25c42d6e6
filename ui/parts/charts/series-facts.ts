// Facts about a series: totals, gaps, the highest step, the values at one second.
import type { Series } from '../../../server/api.ts'
import { between, bytes, clock, clockSeconds, dayClock, rate, share } from '../../text/format.ts'
import { t } from '../../text/text.ts'

export interface SeriesFacts {
  sent: number
  received: number
  /** Place of the step in which most was sent; -1 where nothing was. */
  most: number
  gaps: number
  /** How many steps are over. */
  over: number
}

/** What is a moment ago may still be on its way. */
const SETTLING_SECONDS = 3

/** Steps that are not over at `now`, the history's clock, are no gaps: what will be in them is not known yet. */
export function factsOf(series: Series, now: number | null = null): SeriesFacts {
  const over =
    now === null
      ? series.sent.length
      : Math.min(series.sent.length, Math.max(0, Math.floor((now - SETTLING_SECONDS - series.from) / series.step)))
  const facts: SeriesFacts = { sent: 0, received: 0, most: -1, gaps: 0, over }
  let highest = 0
  series.sent.forEach((sent, place) => {
    if (sent === null && place < over) facts.gaps += 1
    facts.sent += sent ?? 0
    facts.received += series.received[place] ?? 0
    if ((sent ?? 0) > highest) {
      highest = sent ?? 0
      facts.most = place
    }
  })
  return facts
}

/** How a moment is written on a chart: as exactly as its steps are. */
export function momentWords(step: number, span: number): (second: number) => string {
  if (span > 86_400) return dayClock
  return step < 60 ? clockSeconds : clock
}

export function summaryOf(series: Series, now: number | null = null): string {
  const facts = factsOf(series, now)
  const span = series.sent.length * series.step
  if (series.sent.every((value) => value === null)) return t.charts.nothing
  const words = [
    t.charts.live.summary(bytes(facts.sent), bytes(facts.received), between(series.from, series.from + span)),
  ]
  if (facts.most >= 0) {
    const value = rate((series.sent[facts.most] ?? 0) / series.step)
    words.push(t.charts.live.most(value, momentWords(series.step, span)(series.from + facts.most * series.step)))
  }
  if (facts.gaps > 0) words.push(t.charts.live.gaps(share(facts.gaps, facts.over)))
  return words.join(' ')
}

/** What the series has at a second; null outside of it. */
export function valueAt(
  series: Series,
  second: number,
): { start: number; sent: number | null; received: number | null } | null {
  const place = Math.floor((second - series.from) / series.step)
  if (place < 0 || place >= series.sent.length) return null
  return {
    start: series.from + place * series.step,
    sent: series.sent[place] ?? null,
    received: series.received[place] ?? null,
  }
}
