// Hours and days of the traffic history: the home's zone as of now, and a seam where the zone was changed.
import { LocalTime } from '../model/local-time.ts'

/** Like LocalTime; no bucket reaches over the seam, the moment from which this zone is the home's. */
export class Calendar {
  readonly local: LocalTime
  /** Seconds; -Infinity where the zone was never changed. */
  private readonly hourSeam: number
  private readonly daySeam: number
  /** The last answer: a roll-up needs the same one thousands of times. */
  private hour = { from: Number.NaN, to: Number.NaN }
  private day = { from: Number.NaN, to: Number.NaN }

  constructor(zone: string, hourSeam: number, daySeam: number) {
    this.local = new LocalTime(zone)
    this.hourSeam = hourSeam
    this.daySeam = daySeam
  }

  hourStart(time: number): number {
    if (time >= this.hour.from && time < this.hour.to) return this.hour.from
    const start = this.local.hourStart(time)
    const from = time >= this.hourSeam ? Math.max(start, this.hourSeam) : start
    this.hour = { from, to: this.nextHour(time) }
    return from
  }

  nextHour(time: number): number {
    const next = this.local.nextHour(time)
    return time < this.hourSeam ? Math.min(next, this.hourSeam) : next
  }

  dayStart(time: number): number {
    if (time >= this.day.from && time < this.day.to) return this.day.from
    const start = this.local.dayStart(time)
    const from = time >= this.daySeam ? Math.max(start, this.daySeam) : start
    this.day = { from, to: this.nextDay(time) }
    return from
  }

  nextDay(time: number): number {
    const next = this.local.nextDay(time)
    return time < this.daySeam ? Math.min(next, this.daySeam) : next
  }
}
