// Words that several answers use, in English.
import { amount } from '../amount.ts'
import { duration } from '../duration.ts'

export { amount }

/** "1 device", "14 devices". */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** "13 to 21", "13" where both are the same. */
export function span(low: number, high: number): string {
  return low === high ? low.toLocaleString('en') : `${low.toLocaleString('en')} to ${high.toLocaleString('en')}`
}

/** "Ring 61.6 MB, Alexa 2.3 MB and 3 others". */
export function listed(parts: readonly string[], most = 3): string {
  if (parts.length <= 1) return parts.join('')
  if (parts.length <= most) return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) as string}`
  return `${parts.slice(0, most).join(', ')} and ${counted(parts.length - most, 'other')}`
}

/** "41 %"; "under 1 %" where it is not nothing. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100
  return share > 0 && share < 1 ? 'under 1 %' : `${Math.round(share)} %`
}

/** What is missing where an answer would rest on too little. */
export function notEnough(capturedSeconds: number, rangeSeconds: number): string {
  const captured = duration(capturedSeconds)
  return capturedSeconds < 86_400
    ? `Only ${captured} of this time were captured: an answer needs at least 24 hours.`
    : `Only ${captured} of ${duration(rangeSeconds)} were captured: an answer needs at least half of the time.`
}

/** Where nothing but look-ups is told of. */
export const needsBytes =
  'Only look-ups are known of this home: this takes packets, flow records or connections, which tell of bytes.'
