// Changes of the alert memory that is kept between two runs of the engine's thread, which alone changes it otherwise.
import type { Alert } from './alert.ts'
import type { AlertKind } from './detectors/index.ts'
import { AlertEngine } from './engine.ts'
import type { Found } from './found.ts'
import { MAX_ALERTS } from './incidents.ts'
import type { AlertMemory } from './memory.ts'
import type { AlertSettings } from './settings.ts'

export interface KeptMemory {
  memory: AlertMemory | null
  settings: AlertSettings
  timeZone: string
}

/** The memory with alerts that the thread emitted after it last handed its memory over. */
export function withAlerts(kept: KeptMemory, alerts: readonly Alert[]): AlertMemory {
  const memory = engineOf(kept).toJSON()
  const { incidents } = memory
  const latest = new Map([...incidents.alerts, ...alerts].map((alert) => [alert.id, { ...alert }]))
  const numbers = [...latest.keys()].map((id) => Number(id.split('-').at(-1))).filter(Number.isInteger)
  incidents.alerts = [...latest.values()].slice(-MAX_ALERTS)
  // A number that was given once must not be given to another alert.
  incidents.next = Math.max(incidents.next, ...numbers.map((number) => number + 1))
  return memory
}

/** The memory with a finding, and the alert that it became; null where the owner does not want it. */
export function withFinding(
  kept: KeptMemory,
  kind: AlertKind,
  found: Found,
): { memory: AlertMemory; alert: Alert | null } {
  let alert: Alert | null = null
  const engine = engineOf(kept, (changed) => (alert = changed))
  engine.report(kind, found)
  return { memory: engine.toJSON(), alert }
}

/** The memory without the devices. */
export function withoutDevices(kept: KeptMemory, ids: readonly string[]): AlertMemory {
  const engine = engineOf(kept)
  engine.forget(new Set(ids))
  return engine.toJSON()
}

function engineOf({ memory, settings, timeZone }: KeptMemory, onAlert: (alert: Alert) => void = () => {}): AlertEngine {
  return new AlertEngine({ settings, timeZone, memory, onAlert })
}
