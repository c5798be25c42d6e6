// The notification channel: the message it sends, its answer, and the definition that its file exports.
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { WordedAlert } from '../alerts/alert.ts'
import type { IncidentPhase } from '../text/message-facts.ts'
import { choice, schedules, type SettingFormat, yesNo } from '../model/setting-fields.ts'
import type { HomeDevice } from './home-device.ts'

/** One message of one incident, kept until it is delivered. */
export interface AlertNotification {
  /** The incident's: the same in all its messages, over restarts and repetitions. */
  id: string
  alert: WordedAlert
  title: string
  text: string
  /** Summary: of alerts that were not told one by one. Absent, like what follows, where version 0.1.0 wrote it. */
  phase?: IncidentPhase | 'summary'
  /** Number of the message within the incident, from 1: with the id it tells a repetition from the next message. */
  sequence?: number
  /** Sent so far; 0 where it is not about an upload. */
  bytes?: number
  /** From the beginning of the incident to its last upload. */
  seconds?: number
  /** Company, host or address; null where it is not known, or about none. */
  destination?: string | null
  /** Ids of the devices that a summary names. */
  devices?: string[]
}

/** Delivered; not now (try again); or never (a wrong address, a refusal): the reason is a sentence without secrets. */
export type Delivery = { done: true } | { done: false; again: boolean; reason: string }

/** An open channel. */
export interface Channel {
  /** As its reasons begin: the definition's label. */
  name: string
  send(notification: AlertNotification): Promise<Delivery>
  /** Of a channel that shows the devices of the home. */
  devices?: DeviceDisplay
}

/** Devices of the home as a receiver shows them, each under a number that reveals nothing of it. */
export interface DeviceDisplay {
  numberOf(id: string): string
  /** Never throws; resolves when it is done, or put off as the receiver is away. */
  update(devices: readonly HomeDevice[]): Promise<void>
  /** Resolves once the devices are taken from the receiver, or are sure to be later. */
  clear(numbers: readonly string[]): Promise<void>
  /** Tells the receiver that Telltale is away, and hangs up. */
  stop(): Promise<void>
}

/** Numbers of devices that are still to be taken from the receiver, kept over a restart. */
export interface ClearingStore {
  load(): string[]
  save(numbers: readonly string[]): Promise<void>
}

/** What an open channel may use besides its settings. */
export interface ChannelContext {
  now(): number
  /** Random, made once and kept: two installations with one receiver stay apart by it. */
  identity: string
  clearing: ClearingStore
  /** Why the devices could not be shown, and null once they are. */
  report(reason: string | null): void
}

export interface ChannelDefinition<
  Name extends string = string,
  Fields extends TProperties = TProperties,
  Shows extends boolean = boolean,
> {
  /** Its section in the settings and its key in files of state. */
  name: Name
  /** What messages about it call it. */
  label: string
  /** Heading of its section in Settings. */
  title: string
  /** Its own settings, in the order of the form; those of every channel are added behind them. */
  fields: Fields
  /** Fields without which the channel is off. */
  needs: readonly (keyof Fields & string)[]
  /** Formats that only its own fields have, by their `x-format`. */
  formats?: Record<string, SettingFormat>
  /**
   * A message that is sent a second time, such as after a power cut, carries the id of the first one, so that the
   * receiver can drop or replace it.
   */
  replaces: boolean
  /**
   * A later message of an incident takes the place of the one before at the receiver. Where each is a notification of
   * its own there are three at most: the start, one growth and the end.
   */
  updates: boolean
  /** The open channel has `devices`; what it keeps of them is in the file of state under its name. */
  showsDevices: Shows
  /**
   * Of a channel that shows devices: the settings that say where. With other ones the receiver is another and nothing
   * is known of its devices.
   */
  place?(settings: Static<TObject<Fields>>): string
  create(settings: Static<TObject<Fields>>, context: ChannelContext): Channel
}

const WHICH = ['all', 'sure'] as const
/** Settings of every channel. */
const COMMON = {
  which: choice('Which alerts', 'All, or only those that are at least 85 % sure.', WHICH, 'all'),
  quiet: schedules(
    'Quiet hours',
    'Nothing is sent in these times; what happened is told afterwards, unless that is a day later.',
  ),
}

/** The field of a channel that connects to an address of the owner's choice. */
export const privateAddresses = yesNo(
  'May be a machine at home',
  'Addresses in the home network are refused unless you allow them here.',
  false,
)

/** The definition with the schema of its section in the settings. */
export function defineChannel<const Name extends string, Fields extends TProperties, const Shows extends boolean>(
  definition: ChannelDefinition<Name, Fields, Shows>,
) {
  const { name, title, fields, needs } = definition
  const section = Type.Object(
    { ...fields, ...COMMON },
    { additionalProperties: false, title, 'x-channel': name, 'x-needs': needs },
  )
  return { ...definition, section }
}
