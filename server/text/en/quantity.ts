// A number of what an alert counts, in English.
import { amount } from './amount.ts'
import { duration } from './duration.ts'

/** "4.1 MB", "9 requests", "6 hours", "1 device". */
export function quantity(value: number, unit: string): string {
  if (unit === 'bytes') return amount(value)
  if (unit === 'seconds') return duration(value)
  const count = Math.ceil(value)
  return `${count.toLocaleString('en')} ${count === 1 ? singular(unit) : unit}`
}

function singular(unit: string): string {
  return unit.endsWith('sses') ? unit.slice(0, -2) : unit.replace(/s$/, '')
}
