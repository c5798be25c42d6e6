// In which hour and day of the books is a moment? The home's zone as of now, and a seam where the zone was changed.
import { LocalTime } from './local-time.ts'

/** Like LocalTime; no bucket reaches over the seam, the moment from which this zone is the home's. */
export class Calendar {
  readonly local: LocalTime
  /** Seconds; -Infinity where the zone was never changed. */
  private readonly hourSeam: number
  private readonly daySeam: number

  constructor(zone: string, hourSeam: number, daySeam: number) {
    this.local = new LocalTime(zone)
    this.hourSeam = hourSeam
    this.daySeam = daySeam
  }

  hourStart(time: number): number {
    const start = this.local.hourStart(time)
    return time >= this.hourSeam ? Math.max(start, this.hourSeam) : start
  }

  nextHour(time: number): number {
    const next = this.local.nextHour(time)
    return time < this.hourSeam ? Math.min(next, this.hourSeam) : next
  }

  dayStart(time: number): number {
    const start = this.local.dayStart(time)
    return time >= this.daySeam ? Math.max(start, this.daySeam) : start
  }

  nextDay(time: number): number {
    const next = this.local.nextDay(time)
    return time < this.daySeam ? Math.min(next, this.daySeam) : next
  }
}
