// English words of the screen "what is recorded here". Loaded with it, not with every page.
import { number } from './format.ts'

function days(count: number): string {
  if (count % 365 === 0) return count === 365 ? '1 year' : `${number(count / 365)} years`
  return count === 1 ? '1 day' : `${number(count)} days`
}

export const recorded = {
  title: 'What is recorded here',
  lead: 'For everybody in this home, guests too. No password is needed for this page.',
  never: 'Never recorded',
  neverLines: [
    'What was said, written, seen or heard. The content of a connection is not kept.',
    'Pages, searches, passwords, messages.',
    'Anything outside this home. Nothing leaves this machine.',
  ],
  kept: 'Recorded',
  keptLines: [
    'Which device sent how many bytes, to whom and when.',
    'The names in DNS look-ups and TLS handshakes, such as a company’s server.',
    'What a device calls itself, and its addresses in the home.',
  ],
  howLong: 'For how long',
  minutes: (hours: number): string =>
    hours % 24 === 0 ? `By the minute for ${days(hours / 24)}.` : `By the minute for ${number(hours)} hours.`,
  hours: (count: number): string => `By the hour for ${days(count)}.`,
  days: (count: number): string => `By the day for ${days(count)}, then it is deleted.`,
  saved: (seconds: number): string => `Saved to the disk every ${number(Math.round(seconds / 60))} minutes.`,
  choices: 'What you can ask the owner for',
  choicesLead: 'For each device, the owner can keep less, or forget it: then everything about it is deleted.',
  newDevices: (level: string): string => `A new device starts with: ${level}.`,
  limits: 'Traffic is no proof of content. It shows that something was sent, never what.',
}
