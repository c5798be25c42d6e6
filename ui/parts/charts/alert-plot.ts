// Geometry and table of the chart around an alert: its scales, outlines, and the band of what is usual.
import type { AlertSeries } from '../../../server/api.ts'
import { alertWords } from '../../text/en-alert.ts'
import { bytes, clock } from '../../text/format.ts'
import { t } from '../../text/text.ts'
import type { ChartTable } from './chart-table.ts'
import { highestOf, mirroredAxes } from './rate-ticks.ts'
import { drawSteps, type Pen } from './step-path.ts'
import { timeTicks } from './time-ticks.ts'

export const ALERT_HEIGHT = 220
/** Room for the times under the plotting area. */
export const ALERT_FOOT = 22
const INNER = ALERT_HEIGHT - ALERT_FOOT

/** Records what a pen draws, as an SVG path. */
class PathText implements Pen {
  text = ''
  moveTo(x: number, y: number): void {
    this.text += `M${x.toFixed(1)} ${y.toFixed(1)}`
  }
  lineTo(x: number, y: number): void {
    this.text += `L${x.toFixed(1)} ${y.toFixed(1)}`
  }
  closePath(): void {
    this.text += 'Z'
  }
}

/** Sent above the base line, received below it, in a box of a width. */
export class AlertPlot {
  readonly axes: ReturnType<typeof mirroredAxes>
  /** Height of the line between sent and received. */
  readonly base: number
  private readonly series: AlertSeries
  private readonly width: number
  private readonly end: number

  constructor(series: AlertSeries, width: number) {
    const usual = (series.usual?.high ?? []).map((value) => value / (series.usual?.step ?? 1))
    this.series = series
    this.width = width
    this.end = series.from + series.sent.length * series.step
    this.axes = mirroredAxes(
      Math.max(highestOf(this.rates(series.sent)), highestOf(usual)),
      highestOf(this.rates(series.received)),
      6,
      false,
    )
    this.base = (INNER * this.axes.up.share) / (this.axes.up.share + this.axes.down.share)
  }

  x(second: number): number {
    return ((second - this.series.from) / (this.end - this.series.from)) * this.width
  }

  up(value: number): number {
    return this.base - (value / this.axes.up.top) * this.base
  }

  down(value: number): number {
    return this.base + (value / this.axes.down.top) * (INNER - this.base)
  }

  ticks(timeZone: string): readonly number[] {
    return timeTicks(this.series.from, this.end, timeZone, this.width < 500 ? 4 : 8).ticks
  }

  shapes(): { sent: { area: string; edge: string }; received: { area: string; edge: string } } {
    const { sent, received } = this.series
    return {
      sent: this.shapeOf(sent, (value) => this.up(value)),
      received: this.shapeOf(received, (value) => this.down(value)),
    }
  }

  /** Least to most of the same hours on the days before. */
  band(): { x: number; width: number; y: number; height: number }[] {
    const { from, usual } = this.series
    if (usual === null) return []
    return usual.high.map((high, hour) => {
      const left = Math.max(from, usual.from + hour * usual.step)
      const right = Math.min(this.end, usual.from + (hour + 1) * usual.step)
      const top = this.up(high / usual.step)
      return {
        x: this.x(left),
        width: Math.max(0, this.x(right) - this.x(left)),
        y: top,
        height: Math.max(1, this.up((usual.low[hour] ?? 0) / usual.step) - top),
      }
    })
  }

  private shapeOf(values: (number | null)[], y: (value: number) => number): { area: string; edge: string } {
    const { from, step } = this.series
    const area = new PathText()
    const edge = new PathText()
    drawSteps(this.rates(values), { x: (place) => this.x(from + place * step), y }, area, edge)
    return { area: area.text, edge: edge.text }
  }

  private rates(values: (number | null)[]): (number | null)[] {
    return values.map((value) => (value === null ? null : value / this.series.step))
  }
}

export function alertSummary({ sent, from, step }: AlertSeries): string {
  const most = sent.reduce<{ at: number; value: number }>(
    (best, value, at) => ((value ?? 0) > best.value ? { at, value: value ?? 0 } : best),
    { at: 0, value: 0 },
  )
  return most.value === 0 ? alertWords.chart.summaryNothing : alertWords.chart.summary(clock(from + most.at * step))
}

/** A row an hour. */
export function alertTable(series: AlertSeries): ChartTable {
  const perHour = Math.round(3600 / series.step)
  const rows: string[][] = []
  for (let at = 0; at < series.sent.length; at += perHour) {
    const sum = (values: (number | null)[]): number =>
      values.slice(at, at + perHour).reduce<number>((total, value) => total + (value ?? 0), 0)
    const second = series.from + at * series.step
    const hour = series.usual === null ? -1 : Math.floor((second - series.usual.from) / series.usual.step)
    rows.push([
      clock(second),
      bytes(sum(series.sent)),
      bytes(sum(series.received)),
      hour < 0 ? '–' : bytes(series.usual?.high[hour] ?? 0),
    ])
  }
  const head = [t.charts.time, t.traffic.sent, t.traffic.received, alertWords.chart.usualUpTo]
  return { head, texts: 1, rows, left: 0 }
}
