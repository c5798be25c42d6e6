// The words of an alert. They are made here only: the page, messages and the command line show them.
import { LANGUAGE } from '../text/language.ts'
import type { LocalMoment } from '../model/local-time.ts'
import { coverage } from '../text/en/uploads.ts'
import type { Alert, WordedAlert } from './alert.ts'
import { isNameless } from './destination.ts'
import { type AlertKind, detectorOf } from './detectors/index.ts'
import { expectedHours } from './expected-hours.ts'
import { EXPECTED_FACTOR, expectedSize } from './incidents.ts'

/** Names for the sentence: of the device and of the company; null where there is none. */
export interface Names {
  device: string | null
  company: string | null
}

/** Version 0.1.0 did not look at whom these went to. */
const TO_ANYBODY: readonly AlertKind[] = ['quiet-hours', 'camera-away']
/** Longer names, which may come from the network, would break the sentence. */
const LONGEST_NAME = 40

export function titleOf(kind: AlertKind): string {
  return detectorOf(kind).words[LANGUAGE].title
}

export function messageOf(alert: Alert, { device, company }: Names): string {
  const who = device ?? alert.device ?? 'The home'
  const learning = alert.learning ? ' (still learning what is usual)' : ''
  const whom = whomOf(alert, company)
  return detectorOf(alert.kind).words[LANGUAGE].sentence(alert, inSentence(who), inSentence(whom)) + learning
}

/** The company, else the host or the address. */
function whomOf({ kind, destination, destinations }: Alert, company: string | null): string {
  if (company !== null) return destination?.startsWith('cloud:') === true ? `a rented computer at ${company}` : company
  const [first] = destinations
  if (destination === null && first === undefined && TO_ANYBODY.includes(kind)) return 'the internet'
  if (first === undefined) return 'an unknown company'
  return first.host ?? (first.address === null ? 'an unknown company' : `${first.address}, an address without a name`)
}

/** What goes to an address that nobody knows is no backup, however much it is. */
export function adviceOf({ kind, destination }: Pick<Alert, 'kind' | 'destination'>): readonly string[] {
  const isStrange = destination !== null && isNameless(destination) && detectorOf(kind).group === 'upload'
  return detectorOf(isStrange ? 'new-destination' : kind).words[LANGUAGE].advice
}

export function worded(alert: Alert, message: string): WordedAlert {
  return { ...alert, message, advice: adviceOf(alert) }
}

function inSentence(name: string): string {
  const characters = [...name]
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME).join('')}…`
}

/** What "expected from now on" would cover, or covers, in words; null where the alert has no size. */
export function coverageOf(
  alert: Alert,
  company: string | null,
  localTime: (second: number) => LocalMoment,
): string | null {
  if (alert.unit !== 'bytes') return null
  const hours = expectedHours(alert, localTime)
  return coverage(EXPECTED_FACTOR * expectedSize(alert), hours, inSentence(whomOf(alert, company)))
}
