// What do the thread that reads packets and the thread that serves the page say to each other?
import type { Alert } from '../alerts/alert.ts'
import type { AlertMemory } from '../alerts/engine.ts'
import type { Mute } from '../alerts/incidents.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Level, Replay, ReplayControl } from '../api.ts'
import type { EventFact } from '../events/event.ts'
import type { RememberedName } from '../history/history.ts'
import type { LogFormat } from '../../capture/logs/formats.ts'
import type { Batch, LogPlace } from '../model/batch.ts'

/** What the packets say of a device, before the owner's own words for it. */
export interface SeenDevice {
  index: number
  /** Its MAC, or its address where no MAC is known. */
  id: string
  name: string | null
  kind: string
  vendor: string | null
  why: string[]
  confidence: number
  mac: string | null
  privateMac: boolean
  addresses: string[]
  /** Capture time in seconds. */
  firstSeen: number
  lastSeen: number
}

/** What the owner decided that changes how packets are counted. */
export interface Policy {
  levels: Record<string, Level>
  newDeviceLevel: Level
  /** Kinds that the owner knows better, by id. */
  kinds: Record<string, string>
  /** Devices to be passed over, as salted hashes of their ids, so that the ids are nowhere. */
  ignored: { salt: string; hashes: string[] }
}

export interface EngineCounters {
  packets: number
  dropped: number
  paused: number
  damaged: Record<string, number>
  limits: Record<string, number>
}

/** Which packets a session reads. */
export type SourcePlan =
  | { kind: 'recording'; path: string; limits: { minutes: number; unpackedBytes: number } }
  | { kind: 'sample'; path: string }
  /** `leases`: dnsmasq's list of who holds which address; empty where it is to be found. */
  | { kind: 'live'; sources: LiveSourcePlan[]; leases?: string }

/** `title` is shown to people; `isOff`: named, and not used now. */
export type LiveSourcePlan = { id: string; title: string; isOff?: boolean } & (
  | { kind: 'interface'; interface: string }
  /** The capture service's socket, where capture runs apart from the page. */
  | { kind: 'socket'; path: string; interface: string }
  | { kind: 'ssh'; router: { host: string; interfaceName: string } }
  | { kind: 'folder'; folder: string }
  | { kind: 'stdin' }
  /** Look-ups, and with Zeek bytes, out of a log; `pihole-ftl` is Pi-hole's database. */
  | { kind: 'dns-log'; format: DnsLogFormat; path: string }
)

export type DnsLogFormat = LogFormat | 'pihole-ftl'

export interface SessionPlan {
  source: SourcePlan
  home: string[]
  timeZone: string
  policy: Policy
  /**
   * Up to when the traffic history are complete: what a folder of captures holds from before is in them already. Null: nothing
   * is.
   */
  accountedUntil: number | null
  /** How far logs were read before a restart. */
  positions?: LogPlace[]
  /** What devices called addresses before a restart. */
  names: RememberedName[]
  /** True where the session keeps its own history in memory and answers for them. */
  ownHistory: boolean
  /** What is watched for, and what was learned before a restart. */
  alerts: { settings: AlertSettings; memory: AlertMemory | null }
}

/** An event with the device's id: numbers end with a session. The same id again means that more is known now. */
export type DeviceEvent = Omit<EventFact, 'device' | 'endpoint'> & { device: string }

/** What devices did, new since the update before. */
export interface ActivityUpdate {
  events: DeviceEvent[]
  /** Ids of events that turned out to be nothing. */
  withdrawn: string[]
  alerts: Alert[]
  /** All that is muted; null where nothing changed. */
  mutes: Mute[] | null
  /** These are all events and alerts: others told before are void. */
  replace: boolean
  learningUntil: number | null
}

/** What the owner decides about alerts. */
export type AlertCommand =
  | { order: 'it-was-me' | 'expected' | 'open'; id: string }
  | { order: 'mute'; mute: Mute }
  | { order: 'unmute'; mute: Pick<Mute, 'device' | 'company' | 'kind'> }

/** What a source tells of itself; see SourceStatus in server/api.ts. */
export interface SourceReport {
  id: string
  kind: 'sample' | 'interface' | 'ssh' | 'stdin' | 'folder' | 'file' | 'dns-log'
  title: string
  state: 'starting' | 'running' | 'quiet' | 'failed' | 'ended' | 'off'
  packets: number
  dropped: number
  lastPacket: number | null
  problem: string | null
  /** True where it sees nobody but this machine: what the problem says. */
  onlyOwnTraffic?: boolean
  /** False where it tells look-ups and no bytes. */
  tellsBytes?: boolean
}

export type ToEngine =
  | { type: 'policy'; policy: Policy }
  | { type: 'control'; control: ReplayControl }
  /** A device is forgotten: nothing of it stays in the thread's memory. */
  | { type: 'forget'; ids: string[] }
  | { type: 'call'; call: number; method: string; args: unknown[] }
  | { type: 'alert-settings'; settings: AlertSettings }
  | { type: 'order'; order: AlertCommand }
  /** Asks for a `memory` message. */
  | { type: 'remember' }
  | { type: 'stop' }

export type FromEngine =
  /**
   * `tick` as TickMessage in server/api.ts; `batch` is null where the session keeps its own history; `active`: device
   * number and the last second in which it moved something, in turn.
   */
  | {
      type: 'batch'
      batch: Batch | null
      tick: number[]
      active: number[]
      now: number
      counters: EngineCounters
      sources: SourceReport[]
    }
  | { type: 'devices'; devices: SeenDevice[]; gone: number[] }
  | { type: 'activity'; update: ActivityUpdate }
  /** Habits and decisions, for keeping. */
  | { type: 'memory'; memory: AlertMemory }
  | { type: 'replay'; replay: Omit<Replay, 'id' | 'name' | 'revision'> }
  /** The traffic history begin anew (sought back, or tables renewed with `keep`): indexes and numbers so far are void. */
  | { type: 'reset' }
  | { type: 'capturing'; since: number; on: boolean }
  | { type: 'answer'; call: number; result?: unknown; error?: string }
  | { type: 'ended' }
