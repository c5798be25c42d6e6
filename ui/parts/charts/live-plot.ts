// Draws the mirrored chart: axes and areas on uPlot's canvas. Pointing is in pointing.svelte.ts.
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Series } from '../../../server/api.ts'
import { clock, clockSeconds, day, rate } from '../../text/format.ts'
import { highestOf, mirroredAxes, type MirroredAxes } from './rate-ticks.ts'
import { drawSteps } from './step-path.ts'
import { tickStep, timeTicks } from './time-ticks.ts'

/** Room around the plotting area in CSS pixels: the layer for pointing lies exactly on it. */
export const PADDING = { left: 66, right: 10, top: 8, bottom: 26 }

export interface PlotModel {
  series: Series
  timeZone: string
  height: number
  /** True where sent and received have scales of their own. */
  ownScales: boolean
}

const PIXELS_PER_TIME = 70
const PIXELS_AT_EDGE = 14
const PIXELS_PER_RATE = 38
const PIXELS_PER_OUTLINE = 2

interface Colours {
  ink: string
  line: string
  zero: string
  sent: string
  sentFill: string
  received: string
  receivedFill: string
}

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  return {
    ink: read('--muted'),
    line: read('--line'),
    zero: read('--line-strong'),
    sent: read('--sent'),
    sentFill: read('--sent-fill'),
    received: read('--received'),
    receivedFill: read('--received-fill'),
  }
}

function axesOf(model: PlotModel): MirroredAxes {
  const count = Math.max(2, Math.floor((model.height - PADDING.top - PADDING.bottom) / PIXELS_PER_RATE))
  const sent = highestOf(model.series.sent) / model.series.step
  const received = highestOf(model.series.received) / model.series.step
  return mirroredAxes(sent, received, count, model.ownScales)
}

export class LivePlot {
  #host: HTMLElement
  #plot: uPlot | null = null
  #model: PlotModel | null = null
  #axes: MirroredAxes = mirroredAxes(0, 0, 2, false)
  #colours: Colours
  #visible = true
  #frame = 0
  #width = 0
  /** Draws done since the start, for tests of calm. */
  drawn = 0
  #intersection: IntersectionObserver
  #resize: ResizeObserver
  #theme: MutationObserver

  constructor(host: HTMLElement) {
    this.#host = host
    this.#colours = coloursOf(host)
    this.#intersection = new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting ?? true
      if (this.#visible) this.#schedule()
    })
    this.#resize = new ResizeObserver((entries) => {
      this.#width = Math.floor(entries.at(-1)?.contentRect.width ?? 0)
      this.#schedule()
    })
    this.#theme = new MutationObserver(() => {
      this.#colours = coloursOf(host)
      this.#schedule()
    })
    this.#intersection.observe(host)
    this.#resize.observe(host)
    this.#theme.observe(document.documentElement, { attributes: true })
  }

  show(model: PlotModel): void {
    this.#model = model
    this.#schedule()
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame)
    this.#intersection.disconnect()
    this.#resize.disconnect()
    this.#theme.disconnect()
    this.#plot?.destroy()
    this.#plot = null
  }

  /** At most once a frame, and only while it is visible. */
  #schedule(): void {
    if (this.#frame !== 0 || !this.#visible || this.#model === null || this.#width < 40) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  #draw(): void {
    const model = this.#model
    if (model === null) return
    this.#axes = axesOf(model)
    const { from, step, sent, received } = model.series
    const times = Float64Array.from(sent, (_, place) => from + place * step)
    const data: uPlot.AlignedData = [times, sent, received]
    this.drawn += 1
    if (this.#plot === null) {
      this.#plot = new uPlot(this.#options(model), data, this.#host)
      return
    }
    if (this.#plot.width !== this.#width || this.#plot.height !== model.height)
      this.#plot.setSize({ width: this.#width, height: model.height })
    this.#plot.setData(data, true)
  }

  #options(model: PlotModel): uPlot.Options {
    const font = `11px ${getComputedStyle(this.#host).fontFamily}`
    return {
      width: this.#width,
      height: model.height,
      padding: [PADDING.top, PADDING.right, 0, 0],
      legend: { show: false },
      cursor: { show: false, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => this.#span() },
        y: { range: () => [-this.#axes.down.share, this.#axes.up.share] },
      },
      axes: [
        {
          size: PADDING.bottom,
          font,
          gap: 6,
          stroke: () => this.#colours.ink,
          grid: { stroke: () => this.#colours.line, width: 1 },
          ticks: { show: false },
          splits: () => this.#times(),
          values: (_, ticks) => this.#timeLabels(ticks),
        },
        {
          size: PADDING.left,
          font,
          gap: 8,
          stroke: () => this.#colours.ink,
          grid: { stroke: () => this.#colours.line, width: 1 },
          ticks: { show: false },
          splits: () => this.#rateSplits(),
          values: () => this.#rateLabels(),
        },
      ],
      series: [
        {},
        {
          scale: 'y',
          width: 1.5,
          stroke: () => this.#colours.sent,
          fill: () => this.#colours.sentFill,
          points: { show: false },
          paths: (plot) => this.#paths(plot, true),
        },
        {
          scale: 'y',
          width: 1.5,
          stroke: () => this.#colours.received,
          fill: () => this.#colours.receivedFill,
          points: { show: false },
          paths: (plot) => this.#paths(plot, false),
        },
      ],
      hooks: { draw: [(plot) => this.#zeroLine(plot)] },
    }
  }

  #span(): [number, number] {
    const series = this.#model?.series
    return series === undefined ? [0, 1] : [series.from, series.from + Math.max(1, series.sent.length) * series.step]
  }

  #paths(plot: uPlot, up: boolean): uPlot.Series.Paths | null {
    const series = this.#model?.series
    if (series === undefined) return null
    const half = up ? this.#axes.up : this.#axes.down
    const scale = ((up ? 1 : -1) * half.share) / half.top / series.step
    const area = new Path2D()
    const edge = new Path2D()
    const x = (place: number): number => Math.round(plot.valToPos(series.from + place * series.step, 'x', true))
    const y = (value: number): number => plot.valToPos(value * scale, 'y', true)
    drawSteps(up ? series.sent : series.received, { x, y }, area, edge)
    // Where steps are as thin as their outline, the outline would be all there is.
    const crowded = x(1) - x(0) < PIXELS_PER_OUTLINE * uPlot.pxRatio
    return { stroke: crowded ? null : edge, fill: area, clip: null, flags: 0 }
  }

  /** How many times fit under the chart. */
  #room(): number {
    return Math.max(2, Math.floor((this.#width - PADDING.left - PADDING.right) / PIXELS_PER_TIME))
  }

  /** Round times, without one at the very edge: its words would be cut off. */
  #times(): number[] {
    const [from, to] = this.#span()
    const edge = ((to - from) * PIXELS_AT_EDGE) / Math.max(1, this.#width - PADDING.left - PADDING.right)
    return timeTicks(from, to, this.#model?.timeZone ?? 'UTC', this.#room()).ticks.filter((tick) => tick <= to - edge)
  }

  #timeLabels(ticks: number[]): string[] {
    const [from, to] = this.#span()
    const step = tickStep(to - from, this.#room())
    if (step >= 86_400) return ticks.map(day)
    return ticks.map((tick) =>
      clock(tick) === '00:00' && step >= 3600 ? day(tick) : step < 60 ? clockSeconds(tick) : clock(tick),
    )
  }

  #rateSplits(): number[] {
    const { up, down } = this.#axes
    return [
      ...down.ticks.map((tick) => (-tick / down.top) * down.share).reverse(),
      0,
      ...up.ticks.map((tick) => (tick / up.top) * up.share),
    ]
  }

  #rateLabels(): string[] {
    const { up, down } = this.#axes
    return [...down.ticks.map((tick) => `↓ ${rate(tick)}`).reverse(), '0', ...up.ticks.map((tick) => `↑ ${rate(tick)}`)]
  }

  #zeroLine(plot: uPlot): void {
    const y = Math.round(plot.valToPos(0, 'y', true)) + 0.5
    plot.ctx.save()
    plot.ctx.strokeStyle = this.#colours.zero
    plot.ctx.lineWidth = uPlot.pxRatio
    plot.ctx.beginPath()
    plot.ctx.moveTo(plot.bbox.left, y)
    plot.ctx.lineTo(plot.bbox.left + plot.bbox.width, y)
    plot.ctx.stroke()
    plot.ctx.restore()
  }
}
