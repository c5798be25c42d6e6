// The words of the questions about voice requests, in English.
import { counted, listed, span } from './common.ts'

export const VOICE_PER_DAY = {
  title: 'How many times a day is something said to a speaker sent out?',
  story: 'A household found 90,000 recordings of three and a half years at Amazon: about 70 a day.',
}

/** Requests of the captured days; `low` and `high` over the days, the sure ones and with the possible ones. */
export interface VoiceDays {
  days: number
  devices: number
  low: number
  high: number
  surelyLow: number
  surelyHigh: number
  news: number
}

export function voicePerDay({ days, devices, low, high, surelyLow, surelyHigh, news }: VoiceDays): string {
  const sure = surelyLow === low && surelyHigh === high ? '' : `, ${span(surelyLow, surelyHigh)} of them surely`
  return `On ${counted(days, 'captured day')} your ${counted(devices, 'voice device')} sent ${span(low, high)} spoken ${low === 1 && high === 1 ? 'request' : 'requests'} a day${sure}. The household in the news had about ${news}.`
}

/** Where no day was captured whole: how many came in the captured hours. */
export function voiceInHours(sure: number, possible: number, hours: number, devices: number, news: number): string {
  return `In ${counted(hours, 'captured hour')} your ${counted(devices, 'voice device')} sent ${span(sure, sure + possible)} spoken requests. No day was captured whole; the household in the news had about ${news} a day.`
}

export function noVoice(devices: number, days: number): string {
  return `Your ${counted(devices, 'voice device')} sent no spoken request on ${counted(days, 'captured day')}.`
}

export const VOICE_NIGHT = {
  title: 'Did it listen while nobody spoke?',
  story: 'Speakers were reported to record without their wake word.',
}

/** `times` as "Tue 14:02". */
export function voiceNight(away: number, quiet: number, times: readonly string[]): string {
  const parts = [
    ...(away > 0 ? [`${counted(away, 'request')} came while all phones were away`] : []),
    ...(quiet > 0 ? [`${counted(quiet, 'request')} came in your quiet hours`] : []),
  ]
  return `${parts.join(', ')}: ${listed(times)}.`.replace(/^./, (first) => first.toUpperCase())
}

export function noVoiceNight(looked: string): string {
  return `No spoken request came ${looked}.`
}

export const voiceLimits = [
  {
    key: 'no-request',
    sentence:
      'An upload is no request: two speakers that hear one sentence both count, and what was said is never seen.',
  },
  { key: 'who', sentence: 'Children, adults and the television look alike.' },
  { key: 'small', sentence: 'Below about 28 kB nothing can be told from other traffic.' },
]

export const nightLimits = [
  { key: 'guests', sentence: 'Guests, the television and a wake word that was misheard look the same.' },
  { key: 'phones', sentence: 'A phone that sleeps deeply looks as if it were away.' },
  ...voiceLimits,
]

export const needsVoice =
  'No device of this home sent anything that looks like a spoken request, and none is known as a speaker with a voice service.'
