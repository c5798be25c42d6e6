// What this browser was told of alerts: whether one is new, or worth bringing its notification up to date.
import type { AlertRow } from '../../server/api.ts'

type Facts = Pick<AlertRow, 'id' | 'from' | 'bytes' | 'seen' | 'unit' | 'isOver' | 'state' | 'muted'>

interface Told {
  amount: number
  /** Its notification says that it is over. */
  isOver: boolean
  /** It was seen going on: its end is worth telling. */
  hasRun: boolean
  /** A notification of it was shown; one that was there before has none to be brought up to date. */
  isShown: boolean
}

/** Ten times what was told is told again. */
const GROWTH = 10
/** One that goes on after its end, and ends again, is told again from so many times on. */
const ANOTHER_END = 2
/** The service keeps no more alerts. */
const MAX_TOLD = 500

export class ToldAlerts {
  readonly #told = new Map<string, Told>()

  /** It was there before: it is no news. */
  know(alert: Facts): void {
    this.#remember(alert, false, false)
  }

  /** New: not told before. Update: its notification is to be replaced. */
  take(alert: Facts): 'new' | 'update' | null {
    if (alert.state !== 'open' || alert.muted) return null
    const known = this.#told.get(keyOf(alert))
    if (known === undefined) {
      this.#remember(alert, false, true)
      return 'new'
    }
    known.hasRun ||= !alert.isOver
    const times = amountOf(alert) / Math.max(1, known.amount)
    const isEnd = known.isShown && known.hasRun && alert.isOver && (!known.isOver || times >= ANOTHER_END)
    if (times < GROWTH && !isEnd) return null
    this.#remember(alert, known.hasRun, true)
    return known.isShown ? 'update' : 'new'
  }

  #remember(alert: Facts, hasRun: boolean, isShown: boolean): void {
    const { isOver } = alert
    const key = keyOf(alert)
    this.#told.delete(key)
    this.#told.set(key, { amount: amountOf(alert), isOver, hasRun: hasRun || !isOver, isShown })
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MAX_TOLD) break
      this.#told.delete(oldest)
    }
  }
}

/** The notification's tag: one with the same tag takes its place, in every tab. */
export function keyOf({ id, from }: Pick<AlertRow, 'id' | 'from'>): string {
  return `telltale-${id}-${from}`
}

function amountOf({ bytes, seen, unit }: Facts): number {
  return unit === 'bytes' && bytes > 0 ? bytes : seen
}
