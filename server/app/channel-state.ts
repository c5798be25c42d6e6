// The kept state of the channels: waiting notifications, alerts already emitted, and the devices shown elsewhere.
import { randomBytes } from 'node:crypto'
import { CHANNEL_NAMES, DEVICE_CHANNELS, type DeviceChannelName } from '../notify/channels/index.ts'
import type { Waiting } from '../notify/queue.ts'

/** Channels that show devices have a part of their own, under their name. */
export type ChannelState = Deliveries & Record<DeviceChannelName, DeviceState>

export interface Deliveries {
  /** Notices that wait, by channel. */
  waiting: Record<string, Waiting[]>
  /** Ids of notifications that each channel accepted, the latest last: what was emitted once is not emitted again. */
  told: Record<string, string[]>
}

export interface DeviceState {
  /** Made once, by chance: keys the numbers that stand for devices at the receiver. */
  identity: string
  /** Numbers of the devices that the receiver shows. */
  devices: string[]
  /** Numbers of those that are still to be taken from the receiver. */
  clearing: string[]
}

/** As many as alerts are kept. */
export const MAX_TOLD = 500

export function noChannelState(): ChannelState {
  const devices = DEVICE_CHANNELS.map((name) => [name, noDevices()])
  return { waiting: {}, told: {}, ...(Object.fromEntries(devices) as Record<DeviceChannelName, DeviceState>) }
}

/** What a stored file says, as far as it can be used. */
export function readChannelState(stored: unknown): ChannelState {
  const state = noChannelState()
  const known = (stored ?? {}) as Partial<ChannelState>
  const { waiting, told } = known
  for (const name of CHANNEL_NAMES) {
    const notifications = waiting?.[name]
    const ids = told?.[name]
    if (Array.isArray(notifications)) state.waiting[name] = notifications.map(presentForm).filter(isWaiting)
    if (Array.isArray(ids)) state.told[name] = ids.filter((id) => typeof id === 'string').slice(-MAX_TOLD)
  }
  for (const name of DEVICE_CHANNELS) state[name] = devicesFrom(known[name])
  return state
}

function noDevices(): DeviceState {
  return { identity: randomBytes(16).toString('hex'), devices: [], clearing: [] }
}

function devicesFrom(stored: Partial<DeviceState> | undefined): DeviceState {
  const { identity, devices, clearing } = stored ?? {}
  return typeof identity === 'string' && /^[0-9a-f]{32}$/.test(identity)
    ? { identity, devices: numbersIn(devices), clearing: numbersIn(clearing) }
    : noDevices()
}

/** Version 0.1.0 kept the notification under the key `notice`. */
function presentForm(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('notice' in value)) return value
  const { notice, ...rest } = value
  return { notification: notice, ...rest }
}

function isWaiting(value: unknown): value is Waiting {
  const { notification, since, attempts, next } = (value ?? {}) as Partial<Waiting>
  return (
    typeof notification?.id === 'string' &&
    typeof notification.text === 'string' &&
    typeof notification.alert === 'object' &&
    [since, attempts, next].every(Number.isFinite)
  )
}

function numbersIn(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((number) => typeof number === 'string' && /^[0-9a-f]{16}$/.test(number))
    : []
}
