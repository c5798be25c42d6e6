// The words of the questions about books, music, films and televisions, in English.
import { duration } from '../duration.ts'
import { counted, listed, percent } from './common.ts'

export const READING_LISTENING = {
  title: 'Which books, music and films services are used, and when?',
  story: 'Amazon alone sees what is read with Kindle, heard with Audible and Music, and watched with Prime Video.',
}

/** "Audible on 4 days, about 3 hours together". */
export function servicePart(name: string, days: number, seconds: number): string {
  return `${name} on ${counted(days, 'day')}, about ${duration(seconds)} together`
}

export function readingSentence(parts: readonly string[]): string {
  return `${listed(parts)}.`
}

export const noReading = 'No service for books, music or films brought anything in this time.'
export const readingLimits = [
  { key: 'which', sentence: 'Which book, piece or film it was cannot be seen.' },
  {
    key: 'minutes',
    sentence: 'A minute counts when more than 50 kB came; what was loaded ahead and heard later is not seen.',
  },
]

export const TV_ACR = {
  title: 'Does the television report what is watched?',
  story: 'Televisions recognise what is on the screen and sell that; Vizio paid 2.2 million dollars for it.',
}

export function acrSentence(device: string, active: number, on: number): string {
  return `${device} contacted a recognition service in ${active.toLocaleString('en')} of ${counted(on, 'minute')} that it was on (${percent(active, on)}).`
}

export function noAcr(device: string, on: number): string {
  return `${device} contacted no known recognition service in ${counted(on, 'minute')} that it was on.`
}

export const acrLimits = [
  { key: 'content', sentence: 'What was reported cannot be seen, only that the service was contacted.' },
  { key: 'known', sentence: 'Only recognition services that are known by name are counted.' },
  { key: 'on', sentence: 'The television counts as on in minutes with more than a little traffic.' },
]
export const needsTv = 'No television is known in this home.'
export const needsMinutes = 'This time is kept by the hour only: minutes are needed for an answer.'
