// English words of the charts of hours and of periods. Loaded with them, not with every page.
import { bytes, number } from './format.ts'

export const gridWords = {
  totals: {
    row: (period: string, sent: number, received: number): string =>
      `${period}: sent ${bytes(sent)}, received ${bytes(received)}`,
    summary: (periods: number, sent: number, received: number): string =>
      `Over ${number(periods)} periods: sent ${bytes(sent)}, received ${bytes(received)}.`,
    running: 'so far',
    period: 'From',
  },
  grid: {
    day: 'Day',
    hour: 'Hour',
    cell: (day: string, hour: string, sent: number): string => `${day}, ${hour}: sent ${bytes(sent)}`,
    cellGap: (day: string, hour: string): string => `${day}, ${hour}: nothing captured`,
    caption: 'Sent bytes by day and hour',
    none: 'nothing',
    upTo: (value: number): string => `up to ${bytes(value)}`,
    gap: 'not captured',
    summary: (day: string, hour: string, sent: number): string => `It sent most on ${day} at ${hour}: ${bytes(sent)}.`,
    quiet: 'It sent nothing in these days.',
  },
}
