// Timestamps at the start of log lines: their value, and where they end.
import type { Now } from './record.ts'

/** What stands before a log's own text: the time, and where the text behind stamp and space starts. */
export interface Stamp {
  /** Seconds since 1970-01-01 UTC; null where there is no stamp, or one that counts from the machine's start. */
  time: number | null
  /** 0 where there is no stamp. */
  end: number
  /** Without a zone: taken as this machine's. */
  isLocal: boolean
  /** The other time that a local stamp may mean: where clocks go back, an hour comes twice. */
  later: number | null
}

/** No stamp is longer. */
const LONGEST_STAMP = 64
const DAY = 86_400
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** Clocks go back by an hour, on Lord Howe Island by half of one. */
const REPEATED = [3600, 1800]
/** 29 February is there every fourth year, but in 1900 and 2100. */
const LEAP_YEARS = 8

/** Seconds east of UTC of the abbreviations that stand for one zone; null: for several, taken as this machine's. */
const ZONES: Readonly<Record<string, number | null>> = {
  AST: null,
  BST: null,
  CST: null,
  IST: null,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 3600,
  CET: 3600,
  CEST: 7200,
  EET: 7200,
  EEST: 10_800,
  MSK: 10_800,
  EST: -18_000,
  EDT: -14_400,
  CDT: -18_000,
  MST: -25_200,
  MDT: -21_600,
  PST: -28_800,
  PDT: -25_200,
  JST: 32_400,
  KST: 32_400,
  AEST: 36_000,
  AEDT: 39_600,
  NZST: 43_200,
  NZDT: 46_800,
  SAST: 7200,
}
const ZONE_WORDS = Object.keys(ZONES).join('|')

const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`
const ZONE = String.raw`(?: ?(Z|[+-]\d\d(?::?\d\d)?)| (${ZONE_WORDS}))?`
const EPOCH = /^\[?(\d{9,10})(\.\d{1,9})?\]? /
const SINCE_START = /^\[ {0,8}\d{1,8}\.\d{1,9}\] /
const ISO = new RegExp(String.raw`^(?:[A-Z][a-z]{2} )?(\d{4})-(\d\d)-(\d\d)[T ]${CLOCK}${ZONE}(?: +|$)`)
const SYSLOG = new RegExp(
  String.raw`^(?:(\d{4}) )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?${CLOCK}(?: (\d{4}))?${ZONE}:? `,
)
const BIND = new RegExp(String.raw`^(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) ${CLOCK}${ZONE} `)
const CTIME = new RegExp(
  String.raw`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) ${CLOCK}(?: (${ZONE_WORDS}|[+-]\d{2,4}))? (\d{4}) `,
)

/**
 * Reads the stamps that resolvers and syslog daemons write: epoch, ISO 8601, syslog (RFC 3164, without a year: the one
 * that is nearest before a day from now; syslog-ng's with one), BIND's, OpenWrt's logread, journalctl's. Those without
 * a zone are in this machine's.
 */
export function readStamp(line: string, now: Now): Stamp {
  const text = line.slice(0, LONGEST_STAMP)
  const first = text.charCodeAt(0)
  const isDigit = first >= 0x30 && first <= 0x39
  if (isDigit) return readEpoch(text) ?? readIso(text) ?? readBind(text) ?? readSyslog(text, now) ?? NO_STAMP
  if (first === 0x5b) return readEpoch(text) ?? readSinceStart(text) ?? NO_STAMP
  if (first < 0x41 || first > 0x5a) return NO_STAMP
  return readSyslog(text, now) ?? readIso(text) ?? readCtime(text) ?? NO_STAMP
}

export const NO_STAMP: Stamp = { time: null, end: 0, isLocal: false, later: null }

/** An ISO 8601 time by itself, such as in JSON; null where it is none. */
export function parseIso(text: string): number | null {
  return text.length > LONGEST_STAMP ? null : (readIso(text)?.time ?? null)
}

function readEpoch(text: string): Stamp | null {
  const found = EPOCH.exec(text)
  if (found === null) return null
  return { ...NO_STAMP, time: Number(found[1]) + fraction(found[2]?.slice(1)), end: found[0].length }
}

function readSinceStart(text: string): Stamp | null {
  const found = SINCE_START.exec(text)
  return found === null ? null : { ...NO_STAMP, end: found[0].length }
}

function readIso(text: string): Stamp | null {
  const found = ISO.exec(text)
  if (found === null) return null
  const [all, year, month, day, hour, minute, second, part, offset, zone] = found
  return stampOf([year, Number(month) - 1, day, hour, minute, second].map(Number), part, offset ?? zone, all)
}

function readSyslog(text: string, now: Now): Stamp | null {
  const found = SYSLOG.exec(text)
  if (found === null) return null
  const [all, front, monthName, day, middle, hour, minute, second, part, behind, offset, zone] = found
  const month = monthOf(monthName)
  const rest = [month, day, hour, minute, second].map(Number)
  const year = front ?? middle ?? behind
  if (year !== undefined) return stampOf([Number(year), ...rest], part, offset ?? zone, all)
  const latest = now() + DAY
  const thisYear = new Date(latest * 1000).getFullYear()
  const isLeapDay = month === 1 && Number(day) === 29
  for (let back = 0; back <= (isLeapDay ? LEAP_YEARS : 1); back++) {
    const stamp = stampOf([thisYear - back, ...rest], part, offset ?? zone, all)
    if (stamp?.time != null && stamp.time <= latest) return stamp
  }
  return null
}

function readBind(text: string): Stamp | null {
  const found = BIND.exec(text)
  if (found === null) return null
  const [all, day, monthName, year, hour, minute, second, part, offset, zone] = found
  return stampOf([year, monthOf(monthName), day, hour, minute, second].map(Number), part, offset ?? zone, all)
}

function readCtime(text: string): Stamp | null {
  const found = CTIME.exec(text)
  if (found === null) return null
  const [all, monthName, day, hour, minute, second, part, zone, year] = found
  return stampOf([year, monthOf(monthName), day, hour, minute, second].map(Number), part, zone, all)
}

/** Null where no calendar has the day or no clock the time; `fields`: year, month from 0, day, hour, minute, second. */
function stampOf(fields: number[], part: string | undefined, zone: string | undefined, all: string): Stamp | null {
  const [year, month, day, hour, minute, second] = fields
  const isDate = month >= 0 && month <= 11 && day >= 1 && day <= new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  if (!isDate || hour > 24 || minute > 59 || second > 60) return null
  const offset = zone === undefined ? null : zoneSeconds(zone)
  const rest = fraction(part)
  if (offset !== null) {
    const time = Date.UTC(year, month, day, hour, minute, second) / 1000 - offset + rest
    return { time, end: all.length, isLocal: false, later: null }
  }
  const whole = new Date(year, month, day, hour, minute, second).getTime() / 1000
  const later = laterOf(whole)
  return { time: whole + rest, end: all.length, isLocal: true, later: later === null ? null : later + rest }
}

/** The second time of that hour and minute on the same day; null nearly always. */
function laterOf(time: number): number | null {
  const date = new Date(time * 1000)
  for (const seconds of REPEATED) {
    const other = new Date((time + seconds) * 1000)
    if (other.getHours() === date.getHours() && other.getMinutes() === date.getMinutes()) return time + seconds
  }
  return null
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.toLowerCase())
}

function zoneSeconds(zone: string): number | null {
  if (zone === 'Z') return 0
  if (!/^[+-]/.test(zone)) return ZONES[zone]
  const digits = zone.slice(1).replace(':', '')
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2) || 0) * 60
  return zone.startsWith('-') ? -seconds : seconds
}

function fraction(digits: string | undefined): number {
  return digits === undefined || digits === '' ? 0 : Number(`0.${digits}`)
}
