// Alert memory as it was before a day: a dry run sees again what happened since, which must be no part of its own past.
import type { AnyDetector, PastEndpoint } from './detector.ts'
import { DETECTORS } from './detectors/index.ts'
import { newIncidentMemory } from './incidents.ts'
import type { AlertMemory, Memories } from './memory.ts'
import { newPast, type Past } from './past.ts'
import { newUploadHabits, type UploadHabits } from './upload-habits.ts'
import type { WatchedDevice } from './watched-device.ts'

export interface DryRunPast {
  /** Second from which on things happen again. */
  from: number
  /** The local day from which on the samples of each grain come again. */
  days: Record<NonNullable<AnyDetector['dryRun']>, number>
  /** Devices known before `from`, with the endpoints that each knew by then. */
  devices: readonly { device: WatchedDevice; endpoints: readonly PastEndpoint[] }[]
}

/** Decisions stay as they are now; incidents are none. `memory` is null where nothing was ever learned. */
export function baselineOf(memory: AlertMemory | null, past: DryRunPast): AlertMemory {
  const { from, days, devices } = past
  const first = memory?.home.first ?? null
  const seen = Object.entries(memory?.home.devices ?? {}).filter(([, at]) => at < from)
  const { mutes, expectations } = memory?.incidents ?? newIncidentMemory()
  return {
    version: 2,
    home: { first: first !== null && first < from ? first : null, asked: null, devices: Object.fromEntries(seen) },
    devices: Object.fromEntries(
      devices.map(({ device: { id, firstSeen }, endpoints }) => [
        id,
        {
          ...memoriesOf(memory?.devices[id], firstSeen, endpoints, past),
          first: firstSeen,
          uploads: habitsBefore(memory?.devices[id]?.uploads, firstSeen, days.minute),
        },
      ]),
    ),
    pairs: Object.fromEntries(
      Object.entries(memory?.pairs ?? {}).map(([key, pair]) => [key, pastBefore(pair, days.minute)]),
    ),
    incidents: { ...newIncidentMemory(), mutes: [...mutes], expectations: [...expectations] },
  }
}

/** Habits of uploads as they were before the local day. */
function habitsBefore(habits: UploadHabits | undefined, first: number, day: number): UploadHabits {
  if (habits === undefined) return newUploadHabits(first)
  const families = Object.fromEntries(Object.entries(habits.families).filter(([, met]) => met < day))
  return { own: pastBefore(habits.own, day), families, events: {} }
}

function pastBefore(past: Past, day: number): Past {
  const before = <One extends { day: number }>(days: readonly One[]): One[] => days.filter((one) => one.day < day)
  return { ...newPast(past.first), habit: past.habit, days: before(past.days), unusual: before(past.unusual) }
}

function memoriesOf(
  now: Memories | undefined,
  first: number,
  endpoints: readonly PastEndpoint[],
  { from, days }: DryRunPast,
): Memories {
  const memories = DETECTORS.filter(({ memory }) => memory.scope === 'device').map(({ memory, dryRun }) => {
    const fresh = memory.fresh(first)
    const day = dryRun === null ? Math.floor(from / 86_400) : days[dryRun]
    return [memory.key, memory.baseline?.({ now: now?.[memory.key] ?? null, fresh, day, endpoints }) ?? fresh]
  })
  return Object.fromEntries(memories) as Memories
}
