// Does a camera send while a schedule says that nobody is home?
import type { Finding } from './alert.ts'
import type { LocalTime } from './local-time.ts'
import { isWithin, type AlertSettings } from './settings.ts'

export interface AwayMemory {
  /** Sent since the absence began; null at home. */
  away: { since: number; sent: number } | null
}

export function newAwayMemory(): AwayMemory {
  return { away: null }
}

/** The sample is what a device sent the internet in one second. */
export function cameraAway(
  memory: AwayMemory,
  sample: { second: number; sent: number; received: number; local: LocalTime; kind: string },
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, local } = sample
  if (!isWithin(settings.away, local.weekday, local.minute)) {
    memory.away = null
    return null
  }
  if (sample.kind !== 'camera' && sample.kind !== 'doorbell') return null
  memory.away ??= { since: second, sent: 0 }
  memory.away.sent += sample.sent
  const { since, sent } = memory.away
  if (sent < settings.awayFloorBytes) return null
  return {
    kind: 'camera-away',
    from: since,
    to: second,
    seen: sent,
    usual: 0,
    unit: 'bytes',
    sent,
    received: sample.received,
    sure: 0.9,
    learning: false,
    detail: null,
  }
}
