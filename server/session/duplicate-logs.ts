// Do two of the logs tell the same look-ups? Pi-hole's log and its database do: each look-up counts once.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { LogQuery } from '../../capture/logs/record.ts'
import type { DnsLogFormat } from '../model/source-plan.ts'

const MINUTE = 60
/** Minutes × clients × names remembered: hours of a busy home. The oldest go first. */
const MAX_REMEMBERED = 100_000
/** What writes a file beside Pi-hole's database on one machine. Two files of one format are two resolvers'. */
const BESIDE_DATABASE: readonly DnsLogFormat[] = ['pihole', 'dnsmasq']

/** Whether among these formats there are two of one resolver. */
export function haveDuplicates(formats: readonly DnsLogFormat[]): boolean {
  return formats.includes('pihole-ftl') && formats.some((format) => BESIDE_DATABASE.includes(format))
}

/**
 * Per minute, client, name and type the larger count of the two is right: their clocks are one, and a look-up that one
 * of
 * them left out is in the other. The database is written up to a minute late.
 */
export class DuplicateLogs {
  private readonly counts = new BoundedMap<string, [log: number, database: number]>('look-ups', MAX_REMEMBERED)

  /** True where the other one has told it before. A line without a time is told as of `now`. */
  isRepeat(format: DnsLogFormat, { client, name, type, time }: LogQuery, now: number): boolean {
    const own = format === 'pihole-ftl' ? 1 : BESIDE_DATABASE.includes(format) ? 0 : null
    if (own === null) return false
    const key = `${Math.floor((time ?? now) / MINUTE)} ${client} ${type} ${name}`
    const counts = this.counts.get(key) ?? [0, 0]
    counts[own]++
    if (counts[0] + counts[1] === 1) this.counts.set(key, counts)
    return (counts[own] as number) <= (counts[1 - own] as number)
  }
}
