// Does a source of packets deliver none any more?
import type { Finding } from './alert.ts'
import type { AlertSettings } from './settings.ts'

export interface SourceMemory {
  /** Last packet by source. */
  last: Record<string, number>
}

export function newSourceMemory(): SourceMemory {
  return { last: {} }
}

export interface SourceSample {
  second: number
  /** What the owner calls it. */
  source: string
  /** Last packet; null before the first. */
  lastPacket: number | null
  /** A source that was stopped on purpose, or came to its end, is no matter. */
  isWanted: boolean
}

export function sourceStopped(
  memory: SourceMemory,
  sample: SourceSample,
  settings: AlertSettings,
): Omit<Finding, 'device' | 'company'> | null {
  const { second, source, lastPacket, isWanted } = sample
  if (!isWanted) {
    delete memory.last[source]
    return null
  }
  // One that never delivered counts from when it was first asked.
  const last = lastPacket ?? memory.last[source] ?? second
  memory.last[source] = last
  const seen = second - last
  if (seen < settings.sourceMinutes * 60) return null
  return {
    kind: 'source-stopped',
    from: last,
    to: second,
    seen,
    usual: 0,
    unit: 'seconds',
    sent: 0,
    received: 0,
    sure: 0.95,
    learning: false,
    detail: source,
  }
}
