// Is there a device that was never here before?
import type { Finding, WatchedDevice } from './alert.ts'
import type { AlertSettings } from './settings.ts'

/** Devices remembered; what comes beyond is a flood, which has an alert of its own. */
export const MAX_KNOWN_DEVICES = 4_096

export interface HomeMemory {
  /** When the home was first watched. */
  first: number | null
  /** Ids of all devices, and when each was first seen. */
  devices: Record<string, number>
}

export function newHomeMemory(): HomeMemory {
  return { first: null, devices: {} }
}

/** The sample is a device that moved something. */
export function newDevice(
  memory: HomeMemory,
  sample: { second: number; device: WatchedDevice },
  settings: AlertSettings,
): Omit<Finding, 'company'> | null {
  const { second, device } = sample
  memory.first ??= second
  if (Object.hasOwn(memory.devices, device.id)) return null
  if (Object.keys(memory.devices).length >= MAX_KNOWN_DEVICES) return null
  memory.devices[device.id] = second
  if (second - memory.first < settings.learningDays * 86_400) return null
  return {
    kind: 'new-device',
    device: device.id,
    from: second,
    to: second,
    seen: 1,
    usual: 0,
    unit: 'devices',
    sent: 0,
    received: 0,
    sure: 0.9,
    learning: false,
    detail: device.kind === 'unknown' ? null : device.kind,
  }
}
