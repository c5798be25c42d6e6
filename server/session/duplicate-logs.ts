// Look-ups that two logs of one program both hold, such as Pi-hole's log and its database: each counts once.
import { LOG_FORMATS, type LogFormat } from '../../capture/logs/formats.ts'
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { LogQuery } from '../../capture/logs/record.ts'

const MINUTE = 60
/** Minutes × clients × names remembered: hours of a busy home. The oldest go first. */
const MAX_REMEMBERED = 100_000
/** Which side of which pair a format is: what is repeated, or what repeats it. */
const SIDES = new Map<LogFormat, { pair: LogFormat; side: 0 | 1; tellsTypes: boolean }>()
for (const { id, repeats, tellsTypes = true } of LOG_FORMATS) {
  if (repeats.length === 0) continue
  SIDES.set(id, { pair: id, side: 1, tellsTypes })
  for (const repeated of repeats) SIDES.set(repeated as LogFormat, { pair: id, side: 0, tellsTypes })
}

/** Whether among these formats there are two of one program. Two files of one format are two programs'. */
export function haveDuplicates(formats: readonly LogFormat[]): boolean {
  const sides = formats.flatMap((format) => SIDES.get(format) ?? [])
  return sides.some(({ pair, side }) => side === 1 && sides.some((other) => other.pair === pair && other.side === 0))
}

/**
 * Per minute, client, name and type the larger count of the two is right: both have the same clock, and a look-up that
 * one of them left out is in the other. The database is written up to a minute late. Some write names in lower case,
 * and some no types.
 */
export class DuplicateLogs {
  private readonly counts = new BoundedMap<string, [repeated: number, repeating: number]>('look-ups', MAX_REMEMBERED)

  /** True where the other one has held it before. A line without a time counts as of `now`. */
  isRepeat(format: LogFormat, { client, name, type, time }: LogQuery, now: number): boolean {
    const place = SIDES.get(format)
    if (place === undefined) return false
    const own = place.side
    const minute = Math.floor((time ?? now) / MINUTE)
    const key = `${place.pair} ${minute} ${client} ${place.tellsTypes ? type : ''} ${name.toLowerCase()}`
    const counts = this.counts.get(key) ?? [0, 0]
    counts[own]++
    if (counts[0] + counts[1] === 1) this.counts.set(key, counts)
    return counts[own] <= counts[1 - own]
  }
}
