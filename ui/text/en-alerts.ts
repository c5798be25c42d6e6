// English words around alerts and events. Their own titles and sentences come from the server.
import { eventCount } from '../../server/text/en/events.ts'
import { incidents } from './en-incidents.ts'
import { ago, clock, dayClock, fullDay, list, number, share } from './format.ts'

function times(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`
}

export const alerts = {
  title: 'Alerts',
  /** `what` is a sentence without its full stop; `others` counts alerts, however often each of them came. */
  lookAtThis: (what: string, from: number, now: number, goesOn: boolean, others: number): string => {
    const began = fullDay(from) === fullDay(now) ? `at ${clock(from)}` : `on ${dayClock(from)}`
    const more = others === 0 ? '' : ` And ${times(others, 'other thing', 'other things')}.`
    return `Look at this: ${what}. It began ${began}${goesOn ? ' and goes on' : ''}.${more}`
  },
  fresh: (what: string): string => `New alert: ${what}`,
  open: 'Open',
  badge: (count: number): string => times(count, 'open alert', 'open alerts'),
  states: { open: 'Open', 'it-was-me': 'It was me', expected: 'Expected', habit: 'Habit', muted: 'Muted' },
  when: (from: number, now: number): string => `${dayClock(from)}, ${ago(from, now)}`,
  all: 'All alerts',
  some: 'Alerts',
  open1: 'Look',
  sure: (value: number): string => `${share(value, 1)} sure`,
  incidents,
  decided: {
    'it-was-me': 'Closed: it was you. The next one is told again.',
    expected: 'Expected from now on. More than this is told again.',
    open: 'Open again.',
    muted: 'This kind of alert, of this device and company, stays silent.',
    unmuted: 'It is told again.',
  },
  state: 'Look at this',
  events: {
    title: 'What happened',
    ofDevice: 'What it did',
    none: 'Nothing of note in this time.',
    slot: (from: number, to: number, counts: { kind: string; count: number }[]): string =>
      `${clock(from)}–${clock(to)}: ${list(counts.map(({ kind, count }) => eventCount(kind, count)))}`,
    strip: 'Events on a line of time',
    more: (count: number): string => `${number(count)} more not shown`,
    quiet: 'Heartbeats are left out.',
  },
}
