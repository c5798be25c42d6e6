// The words of the questions that traffic does not answer, in English.
import { amount, counted } from './common.ts'

export const CANNOT_SEE = {
  title: 'What do companies keep, read, sell or delete?',
  story: 'Amazon kept transcripts after users had deleted the recordings, and paid 25 million dollars.',
}

export function cannotSee(name: string, canAsk: boolean, canDelete: boolean): string {
  const ask = canAsk && canDelete ? 'ask for it, and delete it' : canAsk ? 'ask for it' : 'delete it'
  const way = canAsk || canDelete ? ` You can ${ask} at the pages below.` : ''
  return `No network can show what ${name} keeps, reads, sells or deletes.${way} The traffic shows only that something went there, when and how much.`
}

export const cannotSeeLimits = [
  {
    key: 'content',
    sentence: 'What is inside the traffic is encrypted, and what happens to it at the company is out of sight.',
  },
]

/** What a company says itself, with its date. */
export function saidRow(
  kind: 'export' | 'deletion' | 'retention',
  words: string,
  date: string,
  link: string | null,
): string {
  const what = { export: 'To ask for it', deletion: 'To delete it', retention: 'How long it says it keeps it' }[kind]
  return `${what} (${date}): ${words}${link === null ? '' : ` ${link}`}`
}

export const KEPT_BY_US = {
  title: 'What does this box keep, and can it forget?',
  story: 'A tool that watches the home must itself be beyond reproach.',
}

export function keptByUs(since: string, days: number, devices: number, bytes: number): string {
  return `Since ${since}, ${counted(days, 'day')}: when, how much and to whom ${counted(devices, 'device')} sent, in ${amount(bytes)} on this machine. No content is kept. Forgetting a device takes it out of every file, with a receipt.`
}

export const keptNothing = 'This box has kept nothing yet.'
export const keptLimits = [
  { key: 'backups', sentence: 'A backup that you made keeps what was there when it was made.' },
  { key: 'page', sentence: 'The page "What is recorded here" lists it in full.' },
]
