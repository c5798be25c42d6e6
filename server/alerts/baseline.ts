// Alert memory as it was before a day: a dry run sees again what happened since, which must be no part of its own past.
import type { AnyDetector, PastEndpoint } from './detector.ts'
import { DETECTORS } from './detectors/index.ts'
import { newIncidentMemory } from './incidents.ts'
import type { AlertMemory, Memories } from './memory.ts'
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
  const { from, devices } = past
  const first = memory?.home.first ?? null
  const seen = Object.entries(memory?.home.devices ?? {}).filter(([, at]) => at < from)
  const { mutes, expectations } = memory?.incidents ?? newIncidentMemory()
  return {
    version: 1,
    home: { first: first !== null && first < from ? first : null, asked: null, devices: Object.fromEntries(seen) },
    devices: Object.fromEntries(
      devices.map(({ device: { id, firstSeen }, endpoints }) => [
        id,
        { ...memoriesOf('device', memory?.devices[id], firstSeen, endpoints, past), first: firstSeen },
      ]),
    ),
    pairs: Object.fromEntries(
      Object.entries(memory?.pairs ?? {}).map(([key, pair]) => [key, memoriesOf('pair', pair, from, [], past)]),
    ),
    incidents: { ...newIncidentMemory(), mutes: [...mutes], expectations: [...expectations] },
  }
}

function memoriesOf(
  scope: 'device' | 'pair',
  now: Memories | undefined,
  first: number,
  endpoints: readonly PastEndpoint[],
  { from, days }: DryRunPast,
): Memories {
  const memories = DETECTORS.filter(({ memory }) => memory.scope === scope).map(({ memory, dryRun }) => {
    const fresh = memory.fresh(first)
    const day = dryRun === null ? Math.floor(from / 86_400) : days[dryRun]
    return [memory.key, memory.baseline?.({ now: now?.[memory.key] ?? null, fresh, day, endpoints }) ?? fresh]
  })
  return Object.fromEntries(memories) as Memories
}
