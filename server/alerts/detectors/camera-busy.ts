// Alert: a camera recorded far more clips, or was watched far more often, than usual at this time of the day.
import type { EventKind } from '../../events/event.ts'
import type { LocalMoment } from '../../model/local-time.ts'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { defineDetector, type EventSample } from '../detector.ts'
import { countEvent, countsAround, type EventCounts, EventCountsSchema, newEventCounts } from '../event-counts.ts'
import type { Found } from '../found.ts'

const ENOUGH_DAYS = 5
const REMEMBERED_DAYS = 14
/** Above the busiest of the days before. */
const FACTOR = 3
/** Hours of the night: few clips stand out there that nobody would look at by day. */
const NIGHT: readonly number[] = [23, 0, 1, 2, 3, 4]
const NIGHT_PART = 0.5

const KINDS: readonly EventKind[] = ['motion-upload', 'doorbell', 'live-view']

const fields = {
  cameraBusy: yesNo('Many clips', 'A camera records or is watched far more often within an hour than usual.', true),
  clipFloor: number('Many from (clips in an hour)', 'Fewer are never told; at night half as many.', 16, 2, 1_000),
}

function read({ clipFloor }: SettingValues<typeof fields>) {
  return { floor: clipFloor }
}

function detect(memory: EventCounts, { event, local }: EventSample, settings: ReturnType<typeof read>): Found | null {
  if (!KINDS.includes(event.kind)) return null
  const { at } = event
  const usual = usualOf(memory, local)
  const seen = countEvent(memory, at, local, REMEMBERED_DAYS + 1)
  const floor = settings.floor * (NIGHT.includes(local.hour) ? NIGHT_PART : 1)
  if (usual === null || seen <= Math.max(floor, FACTOR * usual)) return null
  return {
    company: event.company,
    from: memory.recent[0],
    to: at,
    seen,
    usual,
    unit: 'events',
    sent: event.sent,
    received: event.received,
    sure: 0.75,
    learning: false,
    detail: NIGHT.includes(local.hour) ? 'night' : null,
  }
}

/** Most clips in an hour about this time of the day; null while there are too few days. */
function usualOf(counts: EventCounts, local: LocalMoment): number | null {
  const around = countsAround(counts, local, ENOUGH_DAYS)
  return around === null ? null : Math.max(0, ...around.counts)
}

export const cameraBusy = defineDetector({
  kind: 'camera-busy',
  settings: { on: 'cameraBusy', fields, read },
  memory: { scope: 'device', key: 'clips', schema: EventCountsSchema, fresh: newEventCounts },
  streams: { events: detect },
  words: {
    en: {
      title: 'Many clips',
      sentence: ({ seen, usual, detail }, who) =>
        `${who} sent ${seen} clips within an hour${detail === 'night' ? ' of the night' : ''}; usual at this time are up to ${usual ?? 0}`,
      advice: [
        'Wind, rain and insects before the lens explain most of it: look at the clips.',
        "See in the maker's app who watched, and change the password if you do not know them.",
      ],
    },
  },
  dryRun: 'event',
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
