// Alert: more voice requests than usual at this time of the day.
import type { LocalMoment } from '../../model/local-time.ts'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { defineDetector, type EventSample } from '../detector.ts'
import { countEvent, countsAround, type EventCounts, EventCountsSchema, newEventCounts } from '../event-counts.ts'
import { quantile } from '../statistics.ts'
import type { Found } from '../found.ts'

const ENOUGH_DAYS = 5
const REMEMBERED_DAYS = 14
/** Two and a half times of what nine in ten of the hours have at most: a tripling is reported before it is complete. */
const FACTOR = 2.5
const USUAL_SHARE = 0.9

const fields = {
  voiceBusy: yesNo('Many voice requests', 'More within an hour than usual.', true),
  voiceFloor: number('Many from (requests in an hour)', 'Fewer are never reported.', 8, 2, 1000),
}

function read({ voiceFloor }: SettingValues<typeof fields>) {
  return { floor: voiceFloor }
}

function detect(memory: EventCounts, { event, local }: EventSample, settings: ReturnType<typeof read>): Found | null {
  if (event.kind !== 'voice-request') return null
  const { at } = event
  const usual = usualOf(memory, local)
  const seen = countEvent(memory, at, local, REMEMBERED_DAYS)
  if (usual === null || seen <= Math.max(settings.floor, FACTOR * usual)) return null
  return {
    company: event.company,
    from: memory.recent[0],
    to: at,
    seen,
    usual: Math.round(usual * 10) / 10,
    unit: 'requests',
    sent: event.sent,
    received: event.received,
    sure: 0.75,
    learning: false,
    detail: null,
  }
}

/** Requests an hour about this time of the day; days without any count as such. Null while there are too few days. */
function usualOf(counts: EventCounts, local: LocalMoment): number | null {
  const around = countsAround(counts, local, ENOUGH_DAYS)
  if (around === null) return null
  const missing = 3 * Math.max(0, Math.min(local.day - around.first, REMEMBERED_DAYS) - around.days)
  return quantile([...around.counts, ...new Array<number>(missing).fill(0)], USUAL_SHARE)
}

export const voiceBusy = defineDetector({
  kind: 'voice-busy',
  settings: { on: 'voiceBusy', fields, read },
  memory: { scope: 'device', key: 'voice', schema: EventCountsSchema, fresh: newEventCounts },
  streams: { events: detect },
  words: {
    en: {
      title: 'Many voice requests',
      sentence: ({ seen, usual }, who) =>
        `${who} sent ${seen} voice requests within an hour; usual at this time are up to ${Math.ceil(usual ?? 0)}`,
      advice: [
        'Guests and children explain most of it.',
        "See in the assistant's app what was heard, and switch the microphone off where you want quiet.",
      ],
    },
  },
  dryRun: 'event',
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
