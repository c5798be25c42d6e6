// The interface of detection in a session: traffic in, events and alerts out. A live home and a recording implement it
// each in its own way.
import type { AlertCommand } from '../alerts/command.ts'
import type { AlertMemory } from '../alerts/memory.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Engine } from '../engine/engine.ts'
import type { Flood } from '../engine/newcomers.ts'
import type { Tick } from '../engine/tick.ts'
import type { Batch } from '../model/batch.ts'
import type { AccountedFlows } from '../model/flows.ts'
import type { Policy } from '../model/policy.ts'
import type { ConflictFacts } from '../model/conflict.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import type { SourceReport } from '../model/source-report.ts'
import type { ActivityUpdate } from './activity.ts'

/** What was accounted since the time before. */
export interface AccountedTraffic {
  batch: Batch
  /** Of its cells, those of flows that were told late; absent where there are none. */
  flows?: AccountedFlows
  /** Devices of which more is known now. */
  described: readonly SeenDevice[]
  /** Numbers of described devices that are no more. */
  gone: readonly number[]
  /** By the history's clock. */
  now: number
  sources: readonly SourceReport[]
  /** Takes the conflicting claims seen since the time before. */
  drainConflicts: () => readonly ConflictFacts[]
  /** How often each cap of the engine was reached. */
  limits: Record<string, number>
  /** The flood of made-up devices that is going on. */
  flood: Flood | null
}

export interface Detection {
  /** One second of the engine, before it is accounted. */
  addTick(tick: Tick): void
  add(traffic: AccountedTraffic): void
  setPolicy(policy: Policy): void
  changeSettings(settings: AlertSettings): void
  apply(command: AlertCommand): void
  /** The tables begin anew, in this engine and without the forgotten devices. */
  renew(engine: Engine, forgotten: readonly string[]): void
  /** The source has ended. */
  finish(): void
  /** What is new since the last call; null where nothing is. */
  drainUpdate(): ActivityUpdate | null
  /** Habits and decisions to keep over a restart; null where none are kept. */
  memory(): AlertMemory | null
}
