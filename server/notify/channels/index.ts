// All notification channels, in the order of the settings form. Everything that goes through channels goes through
// this.
import type { ChannelDefinition } from '../channel.ts'
import type { SettingFormat } from '../../model/setting-fields.ts'
import { email } from './email.ts'
import { mqtt } from './mqtt/index.ts'
import { ntfy } from './ntfy.ts'
import { webhook } from './webhook.ts'

const ALL = { webhook, ntfy, email, mqtt }

type All = typeof ALL
export type ChannelName = keyof All

/** Those that show the devices of the home. */
export type DeviceChannelName = {
  [Name in ChannelName]: All[Name]['showsDevices'] extends true ? Name : never
}[ChannelName]

export const CHANNEL_NAMES = Object.keys(ALL) as ChannelName[]

export const DEVICE_CHANNELS = CHANNEL_NAMES.filter(showsDevices)

export function showsDevices(name: ChannelName): name is DeviceChannelName {
  return channelOf(name).showsDevices
}

export function channelOf(name: ChannelName): ChannelDefinition<ChannelName> {
  return ALL[name]
}

/** Sections of the settings. */
export const CHANNEL_SECTIONS = Object.fromEntries(
  Object.entries(ALL).map(([name, { section }]) => [name, section]),
) as { [Name in ChannelName]: All[Name]['section'] }

export const CHANNEL_FORMATS = Object.assign({}, ...CHANNEL_NAMES.map((name) => channelOf(name).formats)) as Record<
  string,
  SettingFormat
>

/** Whether all is filled in that the channel needs. */
export function isSetUp(name: ChannelName, section: Readonly<Record<string, unknown>>): boolean {
  return channelOf(name).needs.every((field) => section[field] !== '')
}
