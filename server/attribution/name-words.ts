// Words of host names that say what a server is for, whoever runs it.
import { registeredDomain } from '../model/registered-domain.ts'

/**
 * Words as whole labels or between hyphens, without digits at their end. Only those that mean one thing wherever they
 * stand: "data", "event" and "config" are none of them. The first group that fits counts: `ota-log` is a log.
 */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ads: ['ad', 'ads', 'adv', 'adx', 'adserver', 'adserve', 'adservice', 'adservices', 'adsdk', 'adtech', 'advertising'],
  tracking: ['track', 'tracking', 'trk', 'pixel', 'beacon', 'beacons'],
  telemetry: [
    ...[
      'log',
      'logs',
      'logger',
      'loggers',
      'logging',
      'logser',
      'logserver',
      'logservice',
      'logcollector',
      'logupload',
    ],
    ...[
      'metric',
      'metrics',
      'smetrics',
      'nmetrics',
      'telemetry',
      'analytics',
      'stat',
      'stats',
      'statistics',
      'datacollector',
      'bigdata',
    ],
    ...['crash', 'crashes', 'crashlog', 'crashlytics', 'crashreport', 'diag', 'diagnostic', 'diagnostics'],
    ...['bugsnag', 'sentry'],
  ],
  update: ['ota', 'fota', 'firmware', 'update', 'updates', 'upgrade', 'softwareupdate', 'softwareupdates'],
  time: ['ntp', 'sntp'],
  connectivity: ['stun', 'captiveportal', 'connectivitycheck', 'checkip'],
  account: ['auth', 'oauth', 'login', 'signin', 'sso', 'account', 'accounts'],
  push: ['push', 'pushserver', 'pushservice'],
  control: ['mqtt', 'mqtts', 'iot'],
}

/** Words that say it only as a whole label: "real-time" is no clock. */
const WHOLE_LABELS: Readonly<Record<string, string>> = { time: 'time' }

/** In clouds of devices "ads" is as often a device service as advertising. */
const AMBIGUOUS_UNDER_CONTROL: readonly string[] = ['ad', 'ads', 'adv']

/** Purposes of a rule that say little of one server: its name may say more. */
const GENERAL_PURPOSES: readonly string[] = ['web', 'control', 'unknown']

/**
 * Purposes that a company's bare name does not lose to a word: what it sells is what all of its names are for, or the
 * words in front are those of its customers.
 */
const PURPOSES_OF_ALL_NAMES: readonly string[] = [
  ...['ads', 'tracking', 'telemetry'],
  ...['cdn', 'cloud', 'dns', 'time', 'security', 'connectivity'],
]

const purposeOfWord = new Map(
  Object.entries(WORDS).flatMap(([purpose, words]) => words.map((word) => [word, purpose] as const)),
)
const RANK = Object.keys(WORDS)

/** Whether a rule says so little of one server that a word of its name says more. */
export function isGeneralRule(suffix: string, purpose: string): boolean {
  if (GENERAL_PURPOSES.includes(purpose)) return true
  return !PURPOSES_OF_ALL_NAMES.includes(purpose) && registeredDomain(suffix) === suffix
}

/** What the labels in front of a general rule's suffix say; null where they say nothing, or nothing surely. */
export function purposeOfWords(labels: readonly string[], rulePurpose: string): string | null {
  let best: string | null = null
  for (const label of labels) {
    for (const part of label.split('-')) {
      const purpose = purposeOfPart(part, label, rulePurpose)
      if (purpose !== null && (best === null || RANK.indexOf(purpose) < RANK.indexOf(best))) best = purpose
    }
  }
  return best
}

function purposeOfPart(part: string, label: string, rulePurpose: string): string | null {
  const word = part.replace(/\d{1,3}$/, '')
  if (rulePurpose === 'control' && AMBIGUOUS_UNDER_CONTROL.includes(word)) return null
  const purpose = purposeOfWord.get(word)
  if (purpose !== undefined) return purpose
  return part === label && Object.hasOwn(WHOLE_LABELS, word) ? WHOLE_LABELS[word] : null
}
