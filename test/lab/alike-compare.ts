// Compares two reports of the same traffic.
import type { Analysis } from '../../server/analyze/analysis.ts'
import type { AlertRow, EventRow } from '../../server/api.ts'

/** What an event and an alert have in common, wherever it was reported. `at` in seconds. */
export interface Clue {
  at: number
  device: string | null
  kind: string
  company: string | null
  sent: number
  received: number
}

export interface Account {
  events: Clue[]
  alerts: Clue[]
}

/** Bytes and times of live traffic may differ by so much: the cable has a clock of its own. */
const BYTES_SHARE = 0.005
const SECONDS = 1

export function ofAnalysis({ events, alerts }: Pick<Analysis, 'events' | 'alerts'>): Account {
  return {
    events: events.map(({ at, device, kind, company, sent, received }) => ({
      at: Date.parse(at) / 1000,
      device,
      kind,
      company,
      sent,
      received,
    })),
    alerts: alerts.map(({ at, device, kind, company, seen }) => ({
      at: Date.parse(at) / 1000,
      device,
      kind,
      company,
      sent: seen,
      received: 0,
    })),
  }
}

/** Of the alerts the amount seen stands for the bytes. */
export function ofRows(events: readonly EventRow[], alerts: readonly AlertRow[]): Account {
  return {
    events: events.map(({ at, device, kind, company, sent, received }) => ({
      at,
      device,
      kind,
      company: company.slug,
      sent,
      received,
    })),
    alerts: alerts.map(({ from, device, kind, company, seen }) => ({
      at: from,
      device,
      kind,
      company: company?.slug ?? null,
      sent: seen,
      received: 0,
    })),
  }
}

/** Null where both say the same to the byte, else the first difference as a sentence. */
export function compareExactly(expected: Account, actual: Account): string | null {
  return (
    firstDifference('event', expected.events, actual.events, isSame) ??
    firstDifference('alert', expected.alerts, actual.alerts, isSame)
  )
}

/**
 * As `compareExactly` for events, all of them as much later as most are, with bytes within 0.5 % and times within a
 * second.
 */
export function compareLive(expected: Account, live: Account): string | null {
  const begun = live.events.toSorted(byTime)
  const shifts = expected.events
    .toSorted(byTime)
    .map(({ at }, place) => (begun[place]?.at ?? 0) - at)
    .toSorted((one, other) => one - other)
  const shift = shifts[shifts.length >> 1] ?? 0
  const isNear = (one: Clue, other: Clue): boolean =>
    one.kind === other.kind &&
    one.device === other.device &&
    one.company === other.company &&
    isAbout(one.sent, other.sent) &&
    isAbout(one.received, other.received) &&
    Math.abs(other.at - shift - one.at) <= SECONDS
  return firstDifference('event', expected.events, live.events, isNear)
}

function firstDifference(
  what: string,
  expected: readonly Clue[],
  actual: readonly Clue[],
  isAlike: (one: Clue, other: Clue) => boolean,
): string | null {
  if (expected.length !== actual.length)
    return `${actual.length} ${what}s instead of ${expected.length}: ${words(actual)} instead of ${words(expected)}`
  // Events of one second have no order among themselves.
  const left = actual.toSorted(byTime)
  for (const one of expected.toSorted(byTime)) {
    const place = left.findIndex((other) => isAlike(one, other))
    if (place < 0 || (place > 0 && Math.abs(left[place].at - left[0].at) > SECONDS))
      return `${what} ${words([one])} is not there, or out of order; next is ${words(left.slice(0, 1))}`
    left.splice(place, 1)
  }
  return null
}

function words(clues: readonly Clue[]): string {
  return (
    clues
      .toSorted(byTime)
      .map(
        ({ at, device, kind, company, sent, received }) =>
          `${at.toFixed(0)} ${kind} ${device} ${company} ${sent}/${received}`,
      )
      .join(', ') || 'nothing'
  )
}

function byTime(one: Clue, other: Clue): number {
  return one.at - other.at || (one.kind < other.kind ? -1 : Number(one.kind > other.kind))
}

function isSame(one: Clue, other: Clue): boolean {
  return (
    Math.floor(one.at) === Math.floor(other.at) &&
    one.device === other.device &&
    one.kind === other.kind &&
    one.company === other.company &&
    one.sent === other.sent &&
    one.received === other.received
  )
}

function isAbout(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.max(one, other) * BYTES_SHARE
}
