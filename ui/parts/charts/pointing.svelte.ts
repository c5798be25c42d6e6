// What the reader points at on a chart, by mouse, finger or keys.
import { afterKey, selectionBetween, stepOf, type Bounds, type Selection } from './moving.ts'

export interface PointingProps {
  bounds: () => Bounds
  cursor: () => number | null
  selection: () => Selection | null
  oncursor: (second: number | null) => void
  onselect: (selection: Selection | null) => void
}

/** A drag shorter than this, in pixels, is a tap: it moves the cursor and selects nothing. */
const TAP_PIXELS = 6

export class ChartPointing {
  /** The selection while it is being drawn; the page is notified when the finger is lifted. */
  drawn = $state.raw<Selection | null>(null)
  #props: PointingProps
  #anchor: number | null = null
  #start: { x: number; second: number } | null = null

  constructor(props: PointingProps) {
    this.#props = props
  }

  get shown(): Selection | null {
    return this.drawn ?? this.#props.selection()
  }

  keydown = (event: KeyboardEvent): void => {
    const pointing = { cursor: this.#props.cursor(), anchor: this.#anchor, selection: this.#props.selection() }
    const next = afterKey(event.key, event.shiftKey, pointing, this.#props.bounds())
    if (next === null) return
    event.preventDefault()
    event.stopPropagation()
    this.#anchor = next.anchor
    this.#props.oncursor(next.cursor)
    if (next.selection !== pointing.selection) this.#props.onselect(next.selection)
  }

  pointerdown = (event: PointerEvent): void => {
    if (event.button !== 0) return
    this.#start = { x: event.clientX, second: this.#secondOf(event) }
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    this.#props.oncursor(stepOf(this.#start.second, this.#props.bounds()))
  }

  pointermove = (event: PointerEvent): void => {
    const second = this.#secondOf(event)
    this.#props.oncursor(stepOf(second, this.#props.bounds()))
    if (this.#start === null || Math.abs(event.clientX - this.#start.x) < TAP_PIXELS) return
    this.drawn = selectionBetween(this.#start.second, second, this.#props.bounds())
  }

  pointerup = (): void => {
    const drawn = this.drawn
    this.#start = null
    this.drawn = null
    if (drawn !== null) this.#props.onselect(drawn)
  }

  /** The browser uses the touch for scrolling. */
  pointercancel = (): void => {
    this.#start = null
    this.drawn = null
  }

  pointerleave = (event: PointerEvent): void => {
    if (this.#start === null && event.pointerType !== 'touch') this.#props.oncursor(null)
  }

  #secondOf(event: PointerEvent): number {
    const rect = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const { from, to } = this.#props.bounds()
    return from + ((event.clientX - rect.left) / Math.max(1, rect.width)) * (to - from)
  }
}
