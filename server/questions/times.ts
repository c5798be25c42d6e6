// Times as answers write them.
import type { LocalTime } from '../model/local-time.ts'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** "Tue 14:02", in the home's time zone. */
export function shortTime(localTime: LocalTime, time: number): string {
  const local = time + localTime.offsetAt(time)
  const day = Math.floor(local / 86_400)
  const minute = Math.floor((local - day * 86_400) / 60)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${DAYS[(((day + 4) % 7) + 7) % 7]} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
