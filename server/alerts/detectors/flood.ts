// Alert: more devices or names turn up than a home can have.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { defineDetector, type LimitsSample, type NewDeviceSample } from '../detector.ts'
import type { Found } from '../found.ts'

const WINDOW_SECONDS = 600
/** Devices remembered: more than the setting allows for. */
const MAX_RECENT = 1_000

const fields = {
  flood: yesNo('Floods', 'More devices or names than a home can have.', true),
  floodDevices: number('Flood from (devices in ten minutes)', 'Fewer are never reported.', 25, 5, 500),
}

function read({ floodDevices }: SettingValues<typeof fields>) {
  return { devices: floodDevices }
}
type Own = ReturnType<typeof read>

const schema = Type.Object({
  /** When devices turned up, within the last ten minutes. */
  recent: Type.Array(Type.Number()),
  /** How often each limit of the engine was reached. */
  limits: Type.Record(Type.String(), Type.Number()),
})
type Memory = Static<typeof schema>

function detectDevice(memory: Memory, { second, isLearning }: NewDeviceSample, settings: Own): Found | null {
  forgetOld(memory, second)
  if (!isLearning && memory.recent.length < MAX_RECENT) memory.recent.push(second)
  return foundIn(memory, second, null, settings)
}

/** A limit that is reached more often than before is a sign of too many names, connections and the like. */
function detectLimit(memory: Memory, { second, limits, flooding }: LimitsSample, settings: Own): Found | null {
  forgetOld(memory, second)
  if (flooding !== null) {
    for (const [limit, times] of Object.entries(limits)) memory.limits[limit] = times
    const { since, senders } = flooding
    // From its beginning on, so that it is one incident however long it lasts.
    return { ...found(memory, second, Math.max(senders, memory.recent.length), null), from: since }
  }
  let reached: string | null = null
  for (const [limit, times] of Object.entries(limits)) {
    if (times > (memory.limits[limit] ?? 0)) reached ??= limit
    memory.limits[limit] = times
  }
  return foundIn(memory, second, reached, settings)
}

function forgetOld(memory: Memory, second: number): void {
  memory.recent = memory.recent.filter((at) => at > second - WINDOW_SECONDS)
}

function foundIn(memory: Memory, second: number, reached: string | null, { devices }: Own): Found | null {
  const seen = memory.recent.length
  if (seen <= devices && reached === null) return null
  return found(memory, second, seen, seen > devices ? null : reached)
}

function found({ recent }: Memory, second: number, seen: number, detail: string | null): Found {
  return {
    device: null,
    from: recent[0] ?? second,
    to: second,
    seen,
    usual: 0,
    unit: 'devices',
    sent: 0,
    received: 0,
    sure: 0.8,
    learning: false,
    detail,
  }
}

export const flood = defineDetector({
  kind: 'flood',
  settings: { on: 'flood', fields, read },
  memory: { scope: 'home', key: 'flood', schema, fresh: () => ({ recent: [], limits: {} }) },
  streams: { newDevice: detectDevice, limits: detectLimit },
  words: {
    en: {
      title: 'Flood',
      sentence: ({ seen, detail }) =>
        detail === null
          ? `${seen.toLocaleString('en')} new devices within ten minutes are more than a home has`
          : `More than there is room for (${detail}): somebody makes up names, addresses or connections`,
      advice: ['A computer at home may be scanning or out of order: see which device is the newest and the loudest.'],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
