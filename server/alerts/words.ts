// How is an alert said in one English sentence, and what can one do?
import { amount } from '../events/amount.ts'
import type { AlertKind, Finding } from './alert.ts'

/** Names for the sentence: of the device and of the company; null where there is none. */
export interface Names {
  device: string | null
  company: string | null
}

export function messageOf(finding: Finding, { device, company }: Names): string {
  const who = device ?? finding.device ?? 'The home'
  const whom = company ?? 'an unknown company'
  const learning = finding.learning ? ' (still learning what is usual)' : ''
  return sentence(finding, who, whom) + learning
}

function sentence({ kind, seen, usual, from, to, detail, sent }: Finding, who: string, whom: string): string {
  switch (kind) {
    case 'upload-spike':
      return `${who} sent ${amount(seen)} to ${whom} within 10 seconds; ${habit(usual)}`
    case 'large-upload':
      return `${who} sent ${amount(seen)} to ${whom} within 10 minutes${usual === null ? '' : `; ${habit(usual)}`}`
    case 'quiet-hours':
      return `${who} sent ${amount(seen)} in an hour that is usually quiet${usual === null ? '' : ` (at most ${amount(usual)} before)`}`
    case 'new-device':
      return `${who} is new in the home${detail === null ? '' : ` and seems to be a ${detail}`}`
    case 'new-company':
      return `${who} sent ${amount(sent)} to ${whom}, which it never talked to before`
    case 'voice-busy':
      return `${who} sent ${seen} voice requests within an hour; usual at this time are up to ${Math.ceil(usual ?? 0)}`
    case 'camera-away':
      return `${who} sent ${amount(seen)} while nobody should be home`
    case 'around-your-dns':
      return `${who} asks ${whom} for names${detail === 'hidden' ? ', hidden in an encrypted connection' : ''} instead of your home's own resolver`
    case 'unencrypted':
      return detail === 'login'
        ? `${who} uses a login that anybody on the way can read, at ${whom}`
        : `${who} sent ${amount(sent)} to ${detail ?? whom} that anybody on the way can read`
    case 'silent':
      return `${who} has been silent for ${time(to - from)}; usual are at most ${time(usual ?? 0)}`
    case 'source-stopped':
      return `${detail ?? 'The source of packets'} has delivered nothing for ${time(seen)}`
    case 'flood':
      return detail === null
        ? `${seen} new devices within ten minutes are more than a home has`
        : `More than there is room for (${detail}): somebody makes up names, addresses or connections`
  }
}

export const ADVICE: Record<AlertKind, string[]> = {
  'upload-spike': [
    'Think of what you did with the device at that time.',
    'If it goes on, switch the device off and see who else it talked to.',
  ],
  'large-upload': [
    'A backup or a new recording plan explains most of it.',
    "Look into the device's own settings for what it uploads.",
  ],
  'quiet-hours': [
    'Look whether somebody or something was in front of the device.',
    "Change its password, and see in the maker's app who has access.",
  ],
  'new-device': [
    "Give it a name if it is yours or a guest's.",
    'If nobody knows it, change the password of your Wi-Fi.',
  ],
  'new-company': [
    'A new feature or an update of the device may have brought it.',
    "See on the company's page who else at home talks to it.",
  ],
  'voice-busy': [
    'Guests and children explain most of it.',
    "See in the assistant's app what was heard, and switch the microphone off where you want quiet.",
  ],
  'camera-away': ["Look at the camera's recordings of that time.", "See in the maker's app who watched."],
  'around-your-dns': [
    'Filters on your own resolver do not see these names.',
    'Block the address or port 853 on the router if you want them to.',
  ],
  unencrypted: ['Look for an update of the device.', 'Use it only in networks that you trust.'],
  silent: ['Look whether it has power and Wi-Fi.', 'Pull the plug and put it back.'],
  'source-stopped': ['Look at the source in the settings: the sentence beside it says what is wrong.'],
  flood: ['A computer at home may be scanning or out of order: see which device is the newest and the loudest.'],
}

function habit(usual: number | null): string {
  return usual === null || usual < 1_000 ? 'usual is next to nothing' : `usual are up to ${amount(usual)}`
}

function time(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} seconds`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} hours`
  return `${Math.round(seconds / 86_400)} days`
}
