// What do the channels keep over a restart?
import { randomBytes } from 'node:crypto'
import type { Waiting } from '../notify/queue.ts'

export interface ChannelState {
  /** Notices that wait, by channel. */
  waiting: Record<string, Waiting[]>
  /** Ids of notifications that each channel took on, the latest last: what was told once is not told again. */
  told: Record<string, string[]>
  mqtt: MqttState
}

export interface MqttState {
  /** Made once, by chance: keys the numbers that stand for devices at the broker. */
  identity: string
  /** Numbers of the devices that the broker keeps topics of. */
  devices: string[]
  /** Numbers of those whose topics are still to be cleared. */
  clearing: string[]
}

/** As many as alerts are kept. */
export const MAX_TOLD = 500

export function noChannelState(): ChannelState {
  return { waiting: {}, told: {}, mqtt: { identity: randomBytes(16).toString('hex'), devices: [], clearing: [] } }
}

/** What a stored file says, as far as it can be used. `channels` are the names of those there are. */
export function readChannelState(stored: unknown, channels: readonly string[]): ChannelState {
  const state = noChannelState()
  const { waiting, told, mqtt } = (stored ?? {}) as Partial<ChannelState>
  for (const name of channels) {
    const notifications = waiting?.[name]
    const ids = told?.[name]
    if (Array.isArray(notifications)) state.waiting[name] = notifications.filter(isWaiting)
    if (Array.isArray(ids)) state.told[name] = ids.filter((id) => typeof id === 'string').slice(-MAX_TOLD)
  }
  if (typeof mqtt?.identity === 'string' && /^[0-9a-f]{32}$/.test(mqtt.identity))
    state.mqtt = { identity: mqtt.identity, devices: numbersIn(mqtt.devices), clearing: numbersIn(mqtt.clearing) }
  return state
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
