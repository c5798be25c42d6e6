// Bytes, numbers, times and shares in the reader's language and the home's time zone.

let locale = 'en'
let timeZone: string | undefined
const cache = new Map<
  string,
  | Intl.NumberFormat
  | Intl.DateTimeFormat
  | Intl.RelativeTimeFormat
  | Intl.PluralRules
  | Intl.ListFormat
  | Intl.DisplayNames
>()

/** Language of numbers and dates, a BCP 47 tag. */
export function setLocale(tag: string): void {
  locale = tag
  cache.clear()
}

/** The zone in which the traffic history cuts its hours and days, an IANA name. */
export function setTimeZone(name: string): void {
  if (name === timeZone) return
  timeZone = name
  cache.clear()
}

function once<T>(
  key: string,
  make: () => T &
    (
      | Intl.NumberFormat
      | Intl.DateTimeFormat
      | Intl.RelativeTimeFormat
      | Intl.PluralRules
      | Intl.ListFormat
      | Intl.DisplayNames
    ),
): T {
  let made = cache.get(key)
  if (made === undefined) cache.set(key, (made = make()))
  return made as T
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte']

function scaled(value: number): { value: number; unit: number } {
  let unit = 0
  // From 999.5 on, three digits would round up to a thousand.
  while (Math.abs(value) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return { value, unit }
}

function measured(value: number, suffix: string): string {
  const { value: number, unit } = scaled(value)
  const name = `${BYTE_UNITS[unit]}${suffix}`
  const digits = number !== 0 && Math.abs(number) < 100 && unit > 0 ? (Math.abs(number) < 10 ? 1 : 0) : 0
  const format = (): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits })
  const text = once(`${name}${digits}`, format).format(number)
  return unit === 0 ? text.replace(/\bbyte\b/, number === 1 ? 'byte' : 'bytes') : text
}

/** 412 MB; powers of 1000. */
export function bytes(value: number): string {
  return measured(value, '')
}

/** 3.2 kB/s. */
export function rate(bytesPerSecond: number): string {
  return measured(bytesPerSecond, '-per-second')
}

/** Every byte: 412,034,122 bytes. */
export function exactBytes(value: number): string {
  return once(
    'exact',
    () => new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' }),
  ).format(value)
}

export function number(value: number): string {
  return once('number', () => new Intl.NumberFormat(locale)).format(value)
}

/** 37 %; between 0 and 1 % and between 99 and 100 % it never says none or all. */
export function share(part: number, whole: number): string {
  const format = once('percent', () => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }))
  if (whole <= 0 || part <= 0) return format.format(0)
  const share = part / whole
  if (share < 0.01) return `<${format.format(0.01)}`
  if (share > 0.99 && part < whole) return `>${format.format(0.99)}`
  return format.format(share)
}

export function pluralForm(count: number): Intl.LDMLPluralRule {
  return once('plural', () => new Intl.PluralRules(locale)).select(count)
}

export function list(items: string[]): string {
  return once('list', () => new Intl.ListFormat(locale, { type: 'conjunction' })).format(items)
}

function date(second: number, name: string, options: Intl.DateTimeFormatOptions): string {
  const format = once(
    name,
    () => new Intl.DateTimeFormat(locale, { ...(timeZone === undefined ? {} : { timeZone }), ...options }),
  )
  return format.format(second * 1000)
}

/** 21:04 */
export function clock(second: number): string {
  return date(second, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

/** 21:04:09 */
export function clockSeconds(second: number): string {
  return date(second, 'seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
}

/** Tue 24 Nov */
export function day(second: number): string {
  return date(second, 'day', { weekday: 'short', day: 'numeric', month: 'short' })
}

/** Nov 2026 */
export function monthName(second: number): string {
  return date(second, 'month', { month: 'short', year: 'numeric' })
}

/** 24 Nov 2026 */
export function fullDay(second: number): string {
  return date(second, 'fullDay', { day: 'numeric', month: 'short', year: 'numeric' })
}

/** 24 Nov, 21:04 */
export function dayClock(second: number): string {
  return date(second, 'dayClock', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}

/** 24 Nov 2026, 21:04:09 */
export function moment(second: number): string {
  return date(second, 'moment', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
}

/** The clock where both ends are on one day, with the day where not. */
export function between(from: number, to: number): string {
  const same = fullDay(from) === fullDay(to)
  if (!same) return `${dayClock(from)} – ${dayClock(to)}`
  const exact = to - from < 120 || from % 60 !== 0 || to % 60 !== 0
  return exact ? `${clockSeconds(from)}–${clockSeconds(to)}` : `${clock(from)}–${clock(to)}`
}

/** 5 minutes ago. */
export function ago(second: number, now: number): string {
  const format = once('ago', () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  const past = Math.max(0, now - second)
  if (past < 60) return format.format(0, 'second')
  if (past < 3600) return format.format(-Math.floor(past / 60), 'minute')
  if (past < 86_400) return format.format(-Math.floor(past / 3600), 'hour')
  return format.format(-Math.floor(past / 86_400), 'day')
}

/** The country's name for an ISO 3166 code; the code itself where nobody knows. */
export function country(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code
  return once('region', () => new Intl.DisplayNames(locale, { type: 'region' })).of(code) ?? code
}
