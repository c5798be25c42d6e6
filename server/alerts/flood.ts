// Do more devices or names turn up than a home can have?
import type { Finding } from './alert.ts'
import type { AlertSettings } from './settings.ts'

const WINDOW_SECONDS = 600

export interface FloodMemory {
  /** When devices turned up, within the last ten minutes. */
  recent: number[]
  /** How often each cap of the engine was reached. */
  limits: Record<string, number>
}

export function newFloodMemory(): FloodMemory {
  return { recent: [], limits: {} }
}

/** The sample is new devices; a cap that is reached more often than before tells of names, flows and the like. */
export function flood(
  memory: FloodMemory,
  sample: { second: number; devices: number; limits: Record<string, number> | null },
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, devices } = sample
  memory.recent = memory.recent.filter((at) => at > second - WINDOW_SECONDS)
  for (let count = 0; count < Math.min(devices, settings.floodDevices + 1); count++) memory.recent.push(second)
  let reached: string | null = null
  for (const [limit, times] of Object.entries(sample.limits ?? {})) {
    if (times > (memory.limits[limit] ?? 0)) reached ??= limit
    memory.limits[limit] = times
  }
  const seen = memory.recent.length
  if (seen <= settings.floodDevices && reached === null) return null
  return {
    kind: 'flood',
    from: memory.recent[0] ?? second,
    to: second,
    seen,
    usual: 0,
    unit: 'devices',
    sent: 0,
    received: 0,
    sure: 0.8,
    learning: false,
    detail: seen > settings.floodDevices ? null : reached,
  }
}
