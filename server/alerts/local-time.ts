// What time of which day is it in the owner's zone?

export interface LocalTime {
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

/** Local time of a second since 1970-01-01 UTC; throws a RangeError for a zone nobody knows. */
export function localClock(timeZone: string): (second: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  let quarter = Number.NaN
  let offset = 0
  let last = Number.NaN
  let time: LocalTime = { day: 0, weekday: 0, hour: 0, minute: 0 }
  return (second) => {
    // Many ask for one and the same second.
    if (second === last) return time
    const at = Math.floor(second / QUARTER) * QUARTER
    if (at !== quarter) {
      quarter = at
      const parts = Object.fromEntries(
        format.formatToParts(new Date(at * 1000)).map(({ type, value }) => [type, Number(value)]),
      )
      offset =
        Date.UTC(
          parts['year'] as number,
          (parts['month'] as number) - 1,
          parts['day'],
          parts['hour'],
          parts['minute'],
        ) /
          1000 -
        at
    }
    const local = second + offset
    const day = Math.floor(local / 86_400)
    const minute = Math.floor((local - day * 86_400) / 60)
    last = second
    time = { day, weekday: (((day + 4) % 7) + 7) % 7, hour: Math.floor(minute / 60), minute }
    return time
  }
}
