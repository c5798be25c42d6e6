// Messages between the thread that reads packets and the thread that serves the page.
import type { AlertMemory } from '../alerts/memory.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Replay, ReplayControl } from '../api.ts'
import type { Flood } from '../engine/newcomers.ts'
import type { RememberedName } from '../history/history.ts'
import type { Batch, LogPlace } from '../model/batch.ts'
import type { KeptEvidence, SeenDevice } from '../model/seen-device.ts'
import type { InputFault, InputMark } from '../model/input-fault.ts'
import type { Policy } from '../model/policy.ts'
import type { SourcePlan } from '../model/source-plan.ts'
import type { SourceReport } from '../model/source-report.ts'
import type { ActivityUpdate } from '../detection/activity.ts'
import type { AlertCommand } from '../alerts/command.ts'

export interface EngineCounters {
  packets: number
  dropped: number
  paused: number
  /** Captured more than once, and counted once. */
  copied: number
  damaged: Record<string, number>
  limits: Record<string, number>
  /** IP bytes of no device, by reason (server/model/remainder.ts). */
  remainder: Record<string, number>
}

export interface SessionPlan {
  source: SourcePlan
  home: string[]
  timeZone: string
  policy: Policy
  /** Where sources find what only this machine knows, such as keys of sensors; absent for recordings. */
  stateFolder?: string
  /**
   * Up to when the traffic history is complete: what a folder of captures holds from before is in it already. Null:
   * nothing is.
   */
  accountedUntil: number | null
  /** Ids of devices from before a restart: they keep their places in a flood of made-up ones. */
  known?: string[]
  /** What was known of devices before a restart, by MAC: it speaks for their kinds still. */
  evidence?: [mac: string, kept: KeptEvidence][]
  /** How far logs were read before a restart. */
  positions?: LogPlace[]
  /** Names of addresses by device, from before a restart. */
  names: RememberedName[]
  /** True where the session keeps its own history in memory and answers for it. */
  ownHistory: boolean
  /** Settings of the alerts, and what was learned before a restart. */
  alerts: { settings: AlertSettings; memory: AlertMemory | null }
  /** Where the thread gives signs of life, and what it has in hand: see thread-watch.ts and in-hand.ts. */
  shared?: SharedArrayBuffer
  /** Input at which the engine failed too often. */
  failedInput?: readonly InputMark[]
  /** A thread before this one was lost: what is at hand is noted. */
  isCareful?: boolean
}

export type ToEngine =
  | { type: 'policy'; policy: Policy }
  | { type: 'control'; control: ReplayControl }
  /** A device is forgotten: nothing of it stays in the thread's memory. */
  | { type: 'forget'; ids: string[] }
  | { type: 'call'; call: number; method: string; args: unknown[] }
  | { type: 'alert-settings'; settings: AlertSettings }
  | { type: 'alert-command'; command: AlertCommand }
  /** Asks for a `memory` message. */
  | { type: 'remember' }
  /** Whether somebody looks at the page now: then a second comes in parts as well. */
  | { type: 'watched'; isWatched: boolean }
  | { type: 'stop' }

export type FromEngine =
  /**
   * `tick` as TickMessage in server/api.ts; `batch` is null where the session keeps its own history; `active`: device
   * number and the last second in which it moved something, in turn; `heard`: numbers of devices that the internet sent
   * something; `flood`: the flood of made-up devices that is going on.
   */
  | {
      type: 'batch'
      batch: Batch | null
      tick: number[]
      active: number[]
      heard: number[]
      flood: Flood | null
      now: number
      counters: EngineCounters
      sources: SourceReport[]
    }
  /** What the second at hand has moved so far, as a `tick` that covers no second. */
  | { type: 'part'; tick: number[] }
  | { type: 'devices'; devices: SeenDevice[]; gone: number[] }
  | { type: 'activity'; update: ActivityUpdate }
  /** Habits and decisions, for keeping. */
  | { type: 'memory'; memory: AlertMemory }
  | { type: 'replay'; replay: Omit<Replay, 'id' | 'name' | 'revision'> }
  /**
   * The traffic history starts over (playing went back, or the tables were renewed): indexes and numbers so far are
   * void.
   */
  | { type: 'reset' }
  | { type: 'capturing'; since: number; on: boolean }
  | { type: 'answer'; call: number; result?: unknown; error?: string }
  | { type: 'ended' }
  /** A mistake of the program ends the thread. */
  | { type: 'failed'; error: Error }
  /** The engine failed at a packet or a line, which was left out. */
  | { type: 'fault'; fault: InputFault }
  /** A mistake of the program that cost events or alerts, and no packet. */
  | { type: 'mistake'; error: Error }
