// The words of the question about phones at night, in English.
import { amount, counted } from './common.ts'

export const NIGHT_PHONE = {
  title: 'Does WhatsApp send every night?',
  story: "WhatsApp was said to send users' data out every night.",
}

export interface NightFacts {
  phone: string
  company: string
  /** Nights captured, and those of them with something for the company. */
  nights: number
  sending: number
  low: number
  high: number
  /** Bytes of the usual minute with traffic, and minutes from one to the next; null where there are too few. */
  beat: { bytes: number; minutes: number } | null
}

export function nightSentence({ phone, company, nights, sending, low, high, beat }: NightFacts): string {
  if (sending === 0) return `In ${counted(nights, 'captured night')} ${phone} sent nothing to ${company} while asleep.`
  const bytes = low === high || amount(low) === amount(high) ? amount(high) : `${amount(low)} to ${amount(high)}`
  const rhythm = beat === null ? '' : `, usually ${amount(beat.bytes)} every ${counted(beat.minutes, 'minute')}`
  return `In ${sending} of ${counted(nights, 'night')} ${phone} sent ${bytes} to ${company} while asleep${rhythm}.`
}

/** Behind the first sentence. `when` as "Tue 01:10". */
export function largerSentence(
  uploads: readonly { bytes: number; to: string; when: string; isBackup: boolean }[],
): string {
  if (uploads.length === 0) return ''
  const [first] = uploads
  const one = `${amount(first.bytes)} to ${first.to} on ${first.when}${first.isBackup ? ' (looks like a backup)' : ''}`
  return uploads.length === 1 ? ` Larger: ${one}.` : ` Larger: ${one} and ${counted(uploads.length - 1, 'other')}.`
}

export const nightPhoneLimits = [
  { key: 'content', sentence: 'Only amounts and times are seen, never what was in them.' },
  { key: 'this-network', sentence: 'Only this network is seen: what a phone sends over mobile data is not.' },
  {
    key: 'asleep',
    sentence: 'A phone counts as asleep when nothing came for half an hour that looks like somebody using it.',
  },
]
export const needsPhone = 'No phone is known in this home.'

export function needsNights(nights: number): string {
  return nights === 0
    ? 'No night was captured whole from 00:00 to 06:00 in this time, or they are kept by the hour only.'
    : ''
}
