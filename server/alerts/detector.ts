// The type of a detector: one file of server/alerts/detectors/ with everything about one kind of alert.
import type { Static, TSchema } from 'typebox'
import type { EventEndpoint, EventFact } from '../events/event.ts'
import type { ConflictFacts } from '../model/conflict.ts'
import type { LocalMoment } from '../model/local-time.ts'
import type { SettingFields, SettingValues } from '../model/setting-fields.ts'
import type { Language } from '../text/language.ts'
import type { FarEnd } from './destination.ts'
import type { Found, Wordable } from './found.ts'
import type { Amounts } from './past.ts'
import type { Upload } from './upload-meter.ts'
import type { WatchedDevice } from './watched-device.ts'

/** What holds for all detectors beside their own settings. */
export interface CommonSettings {
  /** Days in which the home, and each new device, is learned: nothing is reported that depends on habits. */
  learningDays: number
}

/** A second of the capture at which a device did something. */
export interface DeviceSample {
  readonly second: number
  readonly local: LocalMoment
  readonly device: WatchedDevice
  /** Known from a resolver's log: it asked for a name. */
  readonly isLookup?: boolean
}

/**
 * What a device moved with one endpoint on the internet since the sample before: of a second while an upload goes on,
 * else of up to ten minutes; in a dry run also of an hour.
 */
export interface TrafficSample extends DeviceSample {
  readonly sent: number
  readonly received: number
  readonly endpoint: EventEndpoint
  /** The company at the top, such as Amazon for Ring; null where nobody knows. */
  readonly family: string | null
  /** Since when the device is being learned: when it was first seen, or everything about it was forgotten. */
  readonly learnedFrom: number
  /** The home or the device is still being learned. */
  readonly isLearning: boolean
}

/** What a device asked for in a minute, by a resolver's log. */
export interface LookupSample extends Pick<
  TrafficSample,
  'second' | 'local' | 'device' | 'endpoint' | 'family' | 'learnedFrom' | 'isLearning'
> {
  /** How often, since the sample before. */
  readonly count: number
  /** How many of them are known to have been blocked; a log may tell it later. */
  readonly blocked?: number
  /** How many other appliances ask far more often than before, this hour or the last. */
  readonly othersBusy: number
}

/** What of it a filter blocked, told when the log has it: perhaps after the look-ups, and for an earlier minute. */
export type BlockedSample = Omit<LookupSample, 'othersBusy' | 'blocked'>

/** The same, with what is usual. Amounts are bytes sent beyond acknowledgements of what was received. */
export interface UploadSample extends TrafficSample {
  /** The first second of what was moved. */
  readonly from: number
  readonly farEnd: FarEnd
  /** The upload that goes on, or has just ended; null between uploads of note. */
  readonly upload: Upload | null
  readonly isEnd: boolean
  /** Sent to the destination in this period of ten minutes, in the last hour and on this day; not what was decided. */
  readonly amounts: Amounts
  /** What of the last hour voice requests, clips and the like explain. */
  readonly explained: number
  /** The most on the days before: to the destination, and to all. */
  readonly usual: Amounts
  readonly ownUsual: Amounts
  /** Days before on which the device sent anything. */
  readonly ownDays: number
  /** Sent to it in the hour that stood out last; 0 where none did. */
  readonly stoodOut: number
  /** When the device first sent to this destination, as far as it is remembered. */
  readonly firstSent: number
  /** The device had not sent to this destination before today, nor to another of the same company. */
  readonly isNew: boolean
  /** It began to after the device was learned (if rented: after its first day), less than a learning time ago. */
  readonly isYoung: boolean
  /** A phone or computer at home used the same company just before: somebody is looking. */
  readonly isStartedByPerson: boolean
}

export interface EventSample extends DeviceSample {
  readonly event: EventFact
}

export interface ClockSample extends DeviceSample {
  /** Seconds since the last packet, or look-up, of anybody at home. */
  readonly quietSeconds: number
  /** Since when look-ups have been read without a gap, in this run; null where none were. */
  readonly heardSince?: number | null
  /** The first packet of anybody in this run; null before. */
  readonly watchedSince?: number | null
}

export interface NewDeviceSample extends DeviceSample {
  /** The home is still being learned. */
  readonly isLearning: boolean
  /** False where more devices turned up than are remembered: then the same device comes again and again. */
  readonly isRemembered: boolean
}

export interface ConflictSample extends DeviceSample {
  /** The device of the sample is the one in whose name it was. */
  readonly conflict: Pick<ConflictFacts, 'kind' | 'address' | 'device' | 'other'>
}

export interface SourceSample {
  second: number
  /** What the owner calls it. */
  source: string
  /** Last packet; null before the first. */
  lastPacket: number | null
  /** A source that was stopped on purpose, or came to its end, is not reported. */
  isWanted: boolean
}

export interface LimitsSample {
  second: number
  /** How often each limit of the engine was reached. */
  limits: Record<string, number>
  /** The flood that is going on, and how many devices turned up in it; null where there is none. */
  flooding: { since: number; senders: number } | null
}

/**
 * The streams of samples. A detector takes those it wants with a pure function: it reads the sample and its memory,
 * changes the memory, and returns what it found or null. `settings` are its own and the common ones.
 */
export interface Streams<Memory, Settings> {
  /** The device moved something, at home or with the internet, or asked for a name. */
  activity?(memory: Memory, sample: DeviceSample, settings: Settings): Found | null
  /** The device sent something to the internet. */
  traffic?(memory: Memory, sample: UploadSample, settings: Settings): Found | null
  /** The same: what is found in it becomes part of the incident of device and destination. */
  uploads?(memory: Memory, sample: UploadSample, settings: Settings): Found | null
  /** The device asked for a name, by a resolver's log. A dry run has none of them. */
  lookups?(memory: Memory, sample: LookupSample, settings: Settings): Found | null
  /** What the device asked for was blocked, by a resolver's log. A dry run has none of them. */
  blocked?(memory: Memory, sample: BlockedSample, settings: Settings): Found | null
  /** An event about which one is at least half sure; each comes once. */
  events?(memory: Memory, sample: EventSample, settings: Settings): Found | null
  /** Each device about once a minute, packet or not; not before `clockFrom`. */
  clock?(memory: Memory, sample: ClockSample, settings: Settings): Found | null
  /**
   * The second before which `clock` finds nothing, as long as nothing else comes of the device and the local day does
   * not change. It goes with `clock`.
   */
  clockFrom?(memory: Memory, second: number, local: LocalMoment, settings: Settings): number
  /** A device that the home did not know. */
  newDevice?(memory: Memory, sample: NewDeviceSample, settings: Settings): Found | null
  /** Two devices claim one address, or one of them speaks in the other's name; while it lasts again and again. */
  conflicts?(memory: Memory, sample: ConflictSample, settings: Settings): Found | null
  /** Each source about once a minute. */
  sources?(memory: Memory, sample: SourceSample, settings: Settings): Found | null
  /** The limits of the engine about once a minute. */
  limits?(memory: Memory, sample: LimitsSample, settings: Settings): Found | null
}
export type Stream = Exclude<keyof Streams<unknown, unknown>, 'clockFrom'>
export type SampleOf<Name extends Stream> = Parameters<NonNullable<Streams<unknown, unknown>[Name]>>[1]

/** Streams of no device in particular: they have no memory of a device. */
type HomeStream = 'sources' | 'limits'

/** What is known of the time before a dry run, which must be no part of its own past. */
export interface Past<Memory> {
  /** As it is now, with what the dry run is going to see; null where there is none. */
  now: Memory | null
  /** Memory without a past. */
  fresh: Memory
  /** The local day from which on the detector's samples come again. */
  day: number
  /** Endpoints that the device knew before. */
  endpoints: readonly PastEndpoint[]
}
export type PastEndpoint = EventEndpoint & { family: string | null }

/** The subject of the memory: each device, or the home (then it ends with the run). */
export type Scope = 'device' | 'home'

export interface MemoryPlan<Of extends Scope, Schema extends TSchema> {
  scope: Of
  /** Its name in the file of alert memory; it must not change. */
  key: string
  /** What of a stored memory does not fit it is replaced by what `fresh` has. */
  schema: Schema
  /** `first`: the second in which the device was first seen. */
  fresh(first: number): Static<Schema>
  /** Memory as it was before a dry run; `fresh` where absent. */
  baseline?(past: Past<Static<Schema>>): Static<Schema>
}

export interface DetectorWords {
  title: string
  /** One sentence without its full stop; `who` is the device, `whom` the company or another far end. */
  sentence(found: Wordable, who: string, whom: string): string
  /** What one can do about it, one sentence each. */
  advice: readonly string[]
}

/** The form's fields, and what the detector reads from them. */
export interface SettingsPlan<Fields extends SettingFields, Borrowed extends SettingFields, Own extends object> {
  /** The field that switches the detector on. */
  on: keyof Fields & string
  fields: Fields
  /** Fields of other detectors that this one reads too. */
  borrowed?: Borrowed
  /** In the units that the detector counts in; plain data, which goes to other threads. */
  read(values: SettingValues<Fields & Borrowed>): Own
}

export interface Detector<
  Kind extends string,
  Fields extends SettingFields,
  Borrowed extends SettingFields,
  Own extends object,
  Of extends Scope,
  Schema extends TSchema,
> {
  kind: Kind
  settings: SettingsPlan<Fields, Borrowed, Own>
  memory: MemoryPlan<Of, Schema>
  streams: Of extends 'home'
    ? Streams<Static<Schema>, Own & CommonSettings>
    : Omit<Streams<Static<Schema>, Own & CommonSettings>, HomeStream>
  words: Record<Language, DetectorWords>
  /** What of the traffic history a dry run shows it: the finest that it can do without. Null: it cannot be tried. */
  dryRun: 'hour' | 'minute' | 'event' | null
  /** On in the sample home too, whose two days are too short to learn habits. */
  isInSample: boolean
  /** Findings of the learning time are shown where the settings say so (recordings, the sample), marked as such. */
  isShownWhileLearning: boolean
  /** Detectors of uploads see the same thing: what several of them find of one destination is one incident. */
  group: 'upload' | null
}

/** Gives a detector its type. */
export function defineDetector<
  const Kind extends string,
  Fields extends SettingFields,
  Own extends object,
  Of extends Scope,
  Schema extends TSchema,
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no fields of others, unless they are named
  Borrowed extends SettingFields = {},
>(detector: Detector<Kind, Fields, Borrowed, Own, Of, Schema>): Detector<Kind, Fields, Borrowed, Own, Of, Schema> {
  return detector
}

/** Any detector, for code that goes through all of them. */
export interface AnyDetector extends Pick<
  Detector<string, SettingFields, SettingFields, object, Scope, TSchema>,
  'kind' | 'words' | 'dryRun' | 'isInSample' | 'isShownWhileLearning' | 'group'
> {
  settings: { on: string; fields: SettingFields; read(values: object): object }
  memory: {
    scope: Scope
    key: string
    schema: TSchema
    fresh(first: number): unknown
    baseline?(past: Past<unknown>): unknown
  }
  streams: Streams<unknown, object>
}
