// The words of an alert. They are made here only: the page, messages and the command line show them.
import { LANGUAGE } from '../text/language.ts'
import type { Alert, Finding, WordedAlert } from './alert.ts'
import { type AlertKind, detectorOf } from './detectors/index.ts'

/** Names for the sentence: of the device and of the company; null where there is none. */
export interface Names {
  device: string | null
  company: string | null
}

/** Longer names, which may come from the network, would break the sentence. */
const LONGEST_NAME = 40

export function titleOf(kind: AlertKind): string {
  return detectorOf(kind).words[LANGUAGE].title
}

export function messageOf(finding: Finding, { device, company }: Names): string {
  const who = device ?? finding.device ?? 'The home'
  const whom = company ?? 'an unknown company'
  const learning = finding.learning ? ' (still learning what is usual)' : ''
  return detectorOf(finding.kind).words[LANGUAGE].sentence(finding, inSentence(who), inSentence(whom)) + learning
}

export function adviceOf(kind: AlertKind): readonly string[] {
  return detectorOf(kind).words[LANGUAGE].advice
}

export function worded(alert: Alert, message: string): WordedAlert {
  return { ...alert, message, advice: adviceOf(alert.kind) }
}

function inSentence(name: string): string {
  const characters = [...name]
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME).join('')}…`
}

/** What "expected from now on" would cover, or covers, in words; null where the alert has no size. */
export function coverageOf(_alert: Alert): string | null {
  return null
}
