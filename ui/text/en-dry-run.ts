// English words of a dry run of alert settings. Loaded with the settings, not with Home.
import { dayClock, number } from './format.ts'

const alerts = (count: number): string => `${number(count)} ${count === 1 ? 'alert' : 'alerts'}`

export const dryRun = {
  title: 'Try it first',
  lead: 'See what the settings above would have told of what is kept already, before you save them. Nothing is changed, and nobody is notified.',
  over: 'Look at',
  home: 'What this home keeps',
  sample: 'The sample home',
  recording: (name: string): string => `The recording ${name}`,
  start: 'Try it',
  again: 'Try it again',
  cancel: 'Cancel',
  running: (share: number): string => `Looking: ${number(Math.floor(share * 100))} %`,
  over1: (from: number, to: number): string => {
    const days = Math.max(1, Math.round((to - from) / 86_400))
    return to - from < 86_400
      ? `from ${dayClock(from)} to ${dayClock(to)}`
      : `in the last ${number(days)} ${days === 1 ? 'day' : 'days'}`
  },
  /** "With these settings: 3 alerts in the last 35 days. As it is set now: 5 alerts." */
  counts: (tried: number, today: number, span: string): string =>
    `With these settings: ${alerts(tried)} ${span}. As it is set now: ${alerts(today)}.`,
  same: 'The same alerts as with the settings as they are now.',
  none: 'No alert at all.',
  changes: { new: 'Would be new', same: 'As now', gone: 'Would be gone' },
  list: 'The alerts, the latest first',
  more: (count: number): string => `and ${number(count)} more`,
  reach: 'What this can tell, and what it cannot',
  grains: {
    second: 'every second of the recording',
    event: 'bursts kept as events',
    minute: 'what is kept by the minute',
    hour: 'what is kept by the hour and by the minute',
  },
  since: (grain: string, from: number): string => `${grain}, since ${dayClock(from)}`,
  never: 'nothing: what it needs is not kept',
  nothingYet: 'nothing: none is kept yet',
  old: 'The settings were changed after this was tried.',
}
