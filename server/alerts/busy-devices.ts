// Which appliances ask for names far more often than before: several at once say that the way to the internet is down,
// and that they try again and again.
import { GENERAL_PURPOSE, type WatchedDevice } from './watched-device.ts'

const SPAN_SECONDS = 600
/** A device is busy for so many spans from its last busy one on. */
const BUSY_SPANS = 3
/** Devices counted at once. */
const MAX_DEVICES = 512
/** So many look-ups in this span and the last, and more than any two spans before can have had, are far more. */
const FLOOR = 8
const SPANS = 2

interface Spans {
  span: number
  count: number
  /** In the span before this one. */
  before: number
  /** The most in a span before, in this run; null in the first. */
  most: number | null
  /** The last span in which it asked far more often. */
  busyAt: number | null
}

export class BusyDevices {
  private readonly devices = new Map<string, Spans>()

  /** Counts the device's look-ups; how many others are busy. */
  othersBusy({ id, kind }: WatchedDevice, second: number, count: number): number {
    const span = Math.floor(second / SPAN_SECONDS)
    if (kind === 'unknown' || !GENERAL_PURPOSE.includes(kind)) this.count(id, span, count)
    let others = 0
    for (const [other, { busyAt }] of this.devices)
      if (other !== id && busyAt !== null && span >= busyAt && span - busyAt < BUSY_SPANS) others++
    return others
  }

  private count(id: string, span: number, count: number): void {
    let spans = this.devices.get(id)
    if (spans === undefined) {
      if (this.devices.size >= MAX_DEVICES) return
      this.devices.set(id, (spans = { span, count: 0, before: 0, most: null, busyAt: null }))
    }
    if (span > spans.span) {
      // A busy span is no habit.
      if (spans.busyAt !== spans.span) spans.most = Math.max(spans.most ?? 0, spans.count)
      Object.assign(spans, { before: span === spans.span + 1 ? spans.count : 0, span, count: 0 })
    }
    spans.count += count
    const lately = spans.count + spans.before
    if (spans.most !== null && lately >= FLOOR && lately > SPANS * spans.most) spans.busyAt = span
  }
}
