// What a householder is told of the alerts of an engine: at the start, when ten times what was last told, at the end.
import type { Alert } from '../../../server/alerts/alert.ts'

export const TEN_TIMES = 10

export interface Push {
  second: number
  id: string
  bytes: number
  why: 'start' | 'ten times' | 'end'
}

/** Takes every update of an engine. */
export class Householder {
  readonly pushes: Push[] = []
  /** The last state of each alert, in the order of their first. */
  readonly alerts = new Map<string, Alert>()
  /** Set before the engine is fed. */
  second = 0
  private readonly last = new Map<string, { bytes: number; isOver: boolean }>()

  take(given: Alert): void {
    const alert = { ...given }
    this.alerts.set(alert.id, alert)
    if (alert.state !== 'open') return
    const last = this.last.get(alert.id)
    const why =
      last === undefined
        ? 'start'
        : alert.bytes >= TEN_TIMES * last.bytes
          ? 'ten times'
          : alert.isOver && !last.isOver
            ? 'end'
            : null
    if (why === null) {
      if (last !== undefined) last.isOver = alert.isOver
      return
    }
    this.pushes.push({ second: this.second, id: alert.id, bytes: alert.bytes, why })
    this.last.set(alert.id, { bytes: alert.bytes, isOver: alert.isOver })
  }
}
