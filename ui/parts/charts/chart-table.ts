// The table behind a chart.
import type { Series } from '../../../server/api.ts'
import { exactBytes } from '../../text/format.ts'
import { t } from '../../text/text.ts'

export interface ChartTable {
  head: string[]
  /** How many columns from the left hold words; the others hold numbers. */
  texts: number
  /** Ready to be shown, hostile names made visible. */
  rows: string[][]
  /** How many rows were left out. */
  left: number
}

/** More rows would make the page slow and unreadable. */
const MOST_ROWS = 500

export function tableOf(head: string[], texts: number, rows: string[][]): ChartTable {
  return { head, texts, rows: rows.slice(0, MOST_ROWS), left: Math.max(0, rows.length - MOST_ROWS) }
}

/** Newest step first; a gap is named as one. */
export function seriesTable(series: Series, when: (second: number) => string): ChartTable {
  const rows = series.sent.map((sent, place) => {
    const received = series.received[place] ?? null
    const time = when(series.from + place * series.step)
    return sent === null ? [time, t.charts.gap, t.charts.gap] : [time, exactBytes(sent), exactBytes(received ?? 0)]
  })
  return tableOf([t.charts.time, t.traffic.sentArrow, t.traffic.receivedArrow], 1, rows.reverse())
}
