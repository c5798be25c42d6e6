// How many messages an incident makes: one when it begins, one when it has grown tenfold, one at its end.
import type { Alert } from '../alerts/alert.ts'

/** A message of growth is due when it is so many times what was last told. */
export const GROWTH = 10
/** Replacements of a message are no new ones: no incident makes more of these. */
export const MOST_PUSHES = 3

type Phase = 'start' | 'growth' | 'end'

/** Of one alert id, from its updates. */
export class Pushes {
  private told: number | null = null
  private readonly phases = new Set<Phase>()
  private wasOver = false

  /** The message that is due with this update; null where none is. */
  tell({ bytes, isOver, state }: Pick<Alert, 'bytes' | 'isOver' | 'state'>): Phase | null {
    const phase = this.phaseOf(bytes, isOver, state)
    this.wasOver = isOver
    if (phase === null) return null
    this.told = bytes
    this.phases.add(phase)
    return phase
  }

  get count(): number {
    return Math.min(MOST_PUSHES, this.phases.size)
  }

  private phaseOf(bytes: number, isOver: boolean, state: Alert['state']): Phase | null {
    if (state !== 'open') return null
    if (this.told === null) return 'start'
    // An end without bytes more than what was told says nothing new.
    if (isOver && !this.wasOver && bytes > this.told) return 'end'
    return bytes >= GROWTH * Math.max(1, this.told) && bytes > 0 ? 'growth' : null
  }
}
