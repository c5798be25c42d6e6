// What of the alerts' updates is news to a reader: the start of an incident, and its end with the total.
import type { AlertRow } from '../../server/api.ts'
import { bySeriousness, isOpen } from './incidents.ts'

export interface AlertNews {
  alert: AlertRow
  what: 'start' | 'end'
}

/** An incident that ended and went on is told again from so many times the bytes told last. */
const GROWTH = 10
/** Incidents that are waited for; more at once are not. */
const MAX_TOLD = 200

/** Updates come once a second while an upload lasts: one start and one end of each is told. */
export class AlertTelling {
  /** Bytes told last of each incident whose end is of interest; 0 until its end. */
  private readonly told = new Map<string, number>()

  /** `isKnown`: it was there before. The most serious first. */
  news(alerts: readonly AlertRow[], isKnown: (alert: AlertRow) => boolean): AlertNews[] {
    return alerts
      .map((alert) => this.newsOf(alert, isKnown(alert)))
      .filter((news) => news !== null)
      .toSorted((one, other) => bySeriousness(one.alert, other.alert))
  }

  clear(): void {
    this.told.clear()
  }

  private newsOf(alert: AlertRow, isKnown: boolean): AlertNews | null {
    const { id, bytes } = alert
    if (!isOpen(alert)) {
      this.told.delete(id)
      return null
    }
    if (!isKnown) {
      this.remember(id, alert.isOver ? bytes : 0)
      return { alert, what: 'start' }
    }
    const told = this.told.get(id)
    if (told === undefined || !alert.isOver || bytes === 0 || bytes < told * GROWTH) return null
    this.told.set(id, bytes)
    return { alert, what: 'end' }
  }

  private remember(id: string, bytes: number): void {
    this.told.set(id, bytes)
    const [oldest] = this.told.keys()
    if (this.told.size > MAX_TOLD && oldest !== undefined) this.told.delete(oldest)
  }
}
