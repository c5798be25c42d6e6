// Local time in an IANA zone: where hours and days begin (half-hour offsets, days of 23 and 25 hours), and which hour
// of which day a second is in.
const HOUR = 3_600
const DAY = 86_400
/** Years whose changes of the clock are remembered. */
const CACHED_YEARS = 64
/** No zone changes its clock twice within so many seconds (Morocco's Ramadan is the shortest stretch, a month). */
const SEARCH_STEP = 7 * DAY

/**
 * Changes of a zone's offset: `offsets[i]` holds from `from[i]` on. Seconds; the first entry is the start of the year.
 */
interface Changes {
  from: number[]
  offsets: number[]
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}

function yearOf(time: number): number {
  return new Date(time * 1_000).getUTCFullYear()
}

function startOfYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1) / 1_000
}

/** "GMT+05:30" as seconds; seconds of old local mean times are left out. */
function parseOffset(text: string): number {
  const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text)
  if (match === null || match[1] === undefined) return 0
  const seconds = Number(match[2]) * HOUR + Number(match[3]) * 60
  return match[1] === '-' ? -seconds : seconds
}

/**
 * All times are seconds since 1970-01-01 UTC. An hour begins where the local clock shows a full hour, and where the
 * clock is changed; a day begins at the first moment whose local clock shows its date or a later one. So days are made
 * of whole hours, and both run without a hole or an overlap.
 */
export class LocalTime {
  readonly zone: string
  private readonly format: Intl.DateTimeFormat
  private readonly years = new Map<number, Changes>()

  /** Throws a RangeError for a zone that this machine does not know. */
  constructor(zone: string) {
    this.zone = zone
    this.format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' })
  }

  /** Seconds east of UTC. */
  offsetAt(time: number): number {
    const { from, offsets } = this.changesOf(yearOf(time))
    let place = from.length - 1
    while (place > 0 && from[place] > time) place -= 1
    return offsets[place]
  }

  hourStart(time: number): number {
    const offset = this.offsetAt(time)
    const floor = time - modulo(time + offset, HOUR)
    return this.offsetAt(floor) === offset ? floor : (this.changeIn(floor, time) ?? floor)
  }

  nextHour(time: number): number {
    const end = time + HOUR - modulo(time + this.offsetAt(time), HOUR)
    return this.changeIn(time, end) ?? end
  }

  dayStart(time: number): number {
    const day = Math.floor((time + this.offsetAt(time)) / DAY)
    const next = this.startOfDate(day + 1)
    return next <= time ? next : this.startOfDate(day)
  }

  nextDay(time: number): number {
    const day = Math.floor((time + this.offsetAt(time)) / DAY)
    // Where a date is repeated or skipped its neighbours begin at the same moment: go on to the first later one.
    for (let ahead = 1; ; ahead += 1) {
      const start = this.startOfDate(day + ahead)
      if (start > time) return start
    }
  }

  /** The local date of the day that `time` is counted into, YYYY-MM-DD. */
  dateOf(time: number): string {
    const start = this.dayStart(time)
    return new Date((start + this.offsetAt(start)) * 1_000).toISOString().slice(0, 10)
  }

  /** What the local clock's hour hand shows, 0 to 23. */
  hourOf(time: number): number {
    return Math.floor(modulo(time + this.offsetAt(time), DAY) / HOUR)
  }

  /** The first moment whose local clock has reached the midnight that begins the day (days since 1970-01-01, local). */
  private startOfDate(day: number): number {
    const midnight = day * DAY
    let from = midnight - 15 * HOUR
    for (;;) {
      const reached = Math.max(from, midnight - this.offsetAt(from))
      const change = this.changeIn(from, reached + 1)
      if (change === null) return reached
      from = change
    }
  }

  /** The first change of the clock after `from` and before `to`. */
  private changeIn(from: number, to: number): number | null {
    for (let year = yearOf(from); year <= yearOf(to); year += 1) {
      const changes = this.changesOf(year)
      for (let place = 1; place < changes.from.length; place += 1) {
        const at = changes.from[place]
        if (at > from && at < to) return at
      }
    }
    return null
  }

  private changesOf(year: number): Changes {
    const known = this.years.get(year)
    if (known !== undefined) return known
    if (this.years.size >= CACHED_YEARS) this.years.clear()
    const changes = this.findChanges(startOfYear(year), startOfYear(year + 1))
    this.years.set(year, changes)
    return changes
  }

  private findChanges(start: number, end: number): Changes {
    const changes: Changes = { from: [start], offsets: [this.ask(start)] }
    let before = changes.offsets[0]
    for (let week = start; week < end; week += SEARCH_STEP) {
      const after = this.ask(week + SEARCH_STEP)
      if (after === before) continue
      let low = week
      let high = week + SEARCH_STEP
      while (high - low > 60) {
        const middle = low + Math.floor((high - low) / 120) * 60
        if (this.ask(middle) === before) low = middle
        else high = middle
      }
      before = after
      if (high >= end) continue
      changes.from.push(high)
      changes.offsets.push(after)
    }
    return changes
  }

  private ask(time: number): number {
    return parseOffset(this.format.format(time * 1_000))
  }
}

/** What the local clock shows at a second. */
export interface LocalMoment {
  /** Days since 1970-01-01, local. */
  day: number
  /** 0 is Sunday. */
  weekday: number
  hour: number
  /** Minutes since local midnight. */
  minute: number
}

/** Zones change their offset at most at a quarter of an hour. */
const QUARTER = 900

/** The offset of this machine's own zone: Date knows it without the formats of Intl, which take 13 ms to load. */
const OWN: Pick<LocalTime, 'offsetAt'> = {
  offsetAt(time) {
    const minutes = new Date(time * 1_000).getTimezoneOffset()
    if (Number.isNaN(minutes)) throw new RangeError('Invalid time value')
    return -60 * Math.trunc(minutes)
  },
}

/**
 * The moment of a second since 1970-01-01 UTC, in this machine's own zone where `zone` is null; throws a RangeError for
 * a zone that this machine does not know.
 */
export function localClock(zone: string | LocalTime | null): (second: number) => LocalMoment {
  const local = zone === null ? OWN : typeof zone === 'string' ? new LocalTime(zone) : zone
  let quarter = Number.NaN
  let offset = 0
  let last = Number.NaN
  let moment: LocalMoment = { day: 0, weekday: 0, hour: 0, minute: 0 }
  return (second) => {
    // Many ask for one and the same second.
    if (second === last) return moment
    const at = Math.floor(second / QUARTER) * QUARTER
    if (at !== quarter) {
      quarter = at
      offset = local.offsetAt(at)
    }
    const shown = second + offset
    const day = Math.floor(shown / DAY)
    const minute = Math.floor((shown - day * DAY) / 60)
    last = second
    moment = { day, weekday: modulo(day + 4, 7), hour: Math.floor(minute / 60), minute }
    return moment
  }
}
