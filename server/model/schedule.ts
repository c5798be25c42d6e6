// Parts of the week, written like "Mo-Fr 08:30-17:00".

/** Weekdays from 0 (Sunday), hours as minutes since local midnight; `to` before `from` runs past midnight. */
export interface Schedule {
  days: number[]
  from: number
  to: number
}

/** From 0 (Sunday), as in `Date`. */
const DAYS = ['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa']
const SHAPE = /^(?:([a-z]{2}(?:-[a-z]{2})?(?:,[a-z]{2}(?:-[a-z]{2})?)*)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/

/** Days are two letters, ranges and lists of them; without days it is every day. Null where it is no such text. */
export function parseSchedule(text: string): Schedule | null {
  const match = SHAPE.exec(text.trim().toLowerCase())
  if (match === null) return null
  const [, names, fromHour, fromMinute, toHour, toMinute] = match
  const days = names === undefined ? DAYS.map((_, day) => day) : daysOf(names)
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  const isTime = Number(fromMinute) < 60 && Number(toMinute) < 60 && from < 1440 && to <= 1440 && from !== to
  return days === null || !isTime ? null : { days, from, to }
}

/** All of a list; what is no schedule is left out: the settings refuse it before. */
export function parseSchedules(texts: readonly string[]): Schedule[] {
  return texts.map(parseSchedule).filter((schedule) => schedule !== null)
}

function daysOf(names: string): number[] | null {
  const days = new Set<number>()
  for (const part of names.split(',')) {
    const [first = '', last = first] = part.split('-')
    const from = DAYS.indexOf(first)
    const to = DAYS.indexOf(last)
    if (from < 0 || to < 0) return null
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === to) break
    }
  }
  return [...days].sort((one, other) => one - other)
}

export function isWithin(schedules: readonly Schedule[], weekday: number, minute: number): boolean {
  return schedules.some(({ days, from, to }) => {
    if (from <= to) return days.includes(weekday) && minute >= from && minute < to
    const yesterday = (weekday + 6) % 7
    return (days.includes(weekday) && minute >= from) || (days.includes(yesterday) && minute < to)
  })
}
