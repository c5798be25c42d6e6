// What did habits look like before a day? Settings are tried on what happened since, which must be no part of its own
// past.
import type { WatchedDevice } from './alert.ts'
import { newAwayMemory } from './camera-away.ts'
import { newDnsMemory } from './around-your-dns.ts'
import type { AlertMemory, DeviceHabits, PairHabits } from './engine.ts'
import { newIncidentMemory } from './incidents.ts'
import { newLargeMemory } from './large-upload.ts'
import { newCompanyMemory } from './new-company.ts'
import { newQuietMemory } from './quiet-hours.ts'
import { newSilentMemory } from './silent.ts'
import { newUnencryptedMemory } from './unencrypted.ts'
import { newSpikeMemory } from './upload-spike.ts'
import { newVoiceMemory } from './voice-busy.ts'

/** Whom a device already talked to: families of companies, who answers names, who is sent readable text. */
export interface KnownPeers {
  families: string[]
  resolvers: string[]
  readable: string[]
}

export interface Baseline {
  /** Second from which on things happen anew. */
  from: number
  /** Local days from which on uploads are looked at anew: within seconds, and within minutes. */
  spikesFrom: number
  largeFrom: number
  /** Devices known before `from`, with whom they talked to. */
  devices: readonly { device: WatchedDevice; known: KnownPeers }[]
}

/** Decisions stay as they are now; incidents are none. `memory` is null where nothing was ever learned. */
export function baselineBefore(
  memory: AlertMemory | null,
  { from, spikesFrom, largeFrom, devices }: Baseline,
): AlertMemory {
  const first = memory?.home.first ?? null
  const seen = Object.entries(memory?.home.devices ?? {}).filter(([, at]) => at < from)
  const { mutes, expectations } = memory?.incidents ?? newIncidentMemory()
  return {
    version: 1,
    home: { first: first !== null && first < from ? first : null, devices: Object.fromEntries(seen) },
    devices: Object.fromEntries(devices.map(({ device, known }) => [device.id, habitsBefore(device, known)])),
    pairs: Object.fromEntries(
      Object.entries(memory?.pairs ?? {}).map(([key, pair]) => [key, pairBefore(pair, spikesFrom, largeFrom)]),
    ),
    incidents: { ...newIncidentMemory(), mutes: [...mutes], expectations: [...expectations] },
  }
}

function habitsBefore({ firstSeen }: WatchedDevice, { families, resolvers, readable }: KnownPeers): DeviceHabits {
  return {
    companies: { ...newCompanyMemory(firstSeen), known: [...families] },
    quiet: newQuietMemory(),
    voice: newVoiceMemory(),
    away: newAwayMemory(),
    dns: { ...newDnsMemory(), known: [...resolvers] },
    unencrypted: { ...newUnencryptedMemory(), known: [...readable] },
    silent: newSilentMemory(),
  }
}

function pairBefore({ spike, large }: PairHabits, spikesFrom: number, largeFrom: number): PairHabits {
  return {
    spike: {
      ...newSpikeMemory(spike.first),
      days: spike.days.filter(({ day }) => day < spikesFrom).map((day) => ({ ...day })),
    },
    large: { ...newLargeMemory(), days: large.days.filter(({ day }) => day < largeFrom).map((day) => ({ ...day })) },
  }
}
