// Timestamps at the start of log lines: their value, and where they end.
import type { Now } from './record.ts'

/** What stands before a log's own text: the time, and where the text behind stamp and space starts. */
export interface Stamp {
  /** Seconds since 1970-01-01 UTC; null where there is no stamp. */
  time: number | null
  end: number
}

/** No stamp is longer. */
const LONGEST_STAMP = 48
const DAY = 86_400
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const EPOCH = /^\[?(\d{9,10})(\.\d{1,9})?\]? /
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?: |$)/
const SYSLOG = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? /
const BIND = /^(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? /
const CTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) /

/**
 * Reads the stamps that resolvers and syslog daemons write: epoch, ISO 8601, syslog (RFC 3164, no year: the one that is
 * nearest before a day from now), BIND's, and OpenWrt's logread. Those without a zone are in this machine's.
 */
export function readStamp(line: string, now: Now): Stamp {
  const text = line.slice(0, LONGEST_STAMP)
  return (
    readEpoch(text) ??
    readIso(text) ??
    readSyslog(text, now) ??
    readBind(text) ??
    readCtime(text) ?? { time: null, end: 0 }
  )
}

/** An ISO 8601 time by itself, such as in JSON; null where it is none. */
export function parseIso(text: string): number | null {
  return text.length > LONGEST_STAMP ? null : (readIso(text)?.time ?? null)
}

function readEpoch(text: string): Stamp | null {
  const found = EPOCH.exec(text)
  return found === null ? null : { time: Number(found[1]) + fraction(found[2]?.slice(1)), end: found[0].length }
}

function readIso(text: string): Stamp | null {
  const found = ISO.exec(text)
  if (found === null) return null
  const [all, year, month, day, hour, minute, second, part, zone] = found
  const fields = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const
  const whole = zone === undefined ? localSeconds(...fields) : Date.UTC(...fields) / 1000 - zoneSeconds(zone)
  return { time: whole + fraction(part), end: all.length }
}

function readSyslog(text: string, now: Now): Stamp | null {
  const found = SYSLOG.exec(text)
  if (found === null) return null
  const [all, monthName = '', day, hour, minute, second, part] = found
  const month = MONTHS.indexOf(monthName.toLowerCase())
  if (month < 0) return null
  const latest = now() + DAY
  const year = new Date(latest * 1000).getFullYear()
  const inYear = (offset: number): number =>
    localSeconds(year - offset, month, Number(day), Number(hour), Number(minute), Number(second))
  const thisYear = inYear(0)
  return { time: (thisYear <= latest ? thisYear : inYear(1)) + fraction(part), end: all.length }
}

function readBind(text: string): Stamp | null {
  const found = BIND.exec(text)
  if (found === null) return null
  const [all, day, monthName = '', year, hour, minute, second, part] = found
  const month = MONTHS.indexOf(monthName.toLowerCase())
  if (month < 0) return null
  return {
    time: localSeconds(Number(year), month, Number(day), Number(hour), Number(minute), Number(second)) + fraction(part),
    end: all.length,
  }
}

function readCtime(text: string): Stamp | null {
  const found = CTIME.exec(text)
  if (found === null) return null
  const [all, monthName = '', day, hour, minute, second, year] = found
  const month = MONTHS.indexOf(monthName.toLowerCase())
  if (month < 0) return null
  return {
    time: localSeconds(Number(year), month, Number(day), Number(hour), Number(minute), Number(second)),
    end: all.length,
  }
}

function localSeconds(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  return new Date(year, month, day, hour, minute, second).getTime() / 1000
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z') return 0
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60
  return zone.startsWith('-') ? -seconds : seconds
}

function fraction(digits: string | undefined): number {
  return digits === undefined || digits === '' ? 0 : Number(`0.${digits}`)
}
