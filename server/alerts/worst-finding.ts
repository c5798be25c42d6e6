// The worst of what detectors of uploads find in a sample.
import type { Finding } from './alert.ts'
import { type IncidentMemory, isUnwanted } from './incidents.ts'
import type { DeviceMemory } from './memory.ts'
import { rankOf } from './rank.ts'
import type { AlertSettings } from './settings.ts'
import { findingOf, type Subscriber } from './subscribers.ts'
import type { WatchedUpload } from './upload-sample.ts'

/** Null where nothing stands out, or the owner does not want to know. */
export function worstOf(
  settings: AlertSettings,
  decisions: IncidentMemory,
  subscribers: readonly Subscriber[],
  sample: WatchedUpload,
  memory: DeviceMemory,
): Finding | null {
  let worst: Finding | null = null
  for (const { detector, detect, settings: own } of subscribers) {
    const found = detect(memory[detector.memory.key], sample, own)
    if (found === null) continue
    const finding = findingOf(settings, detector, found, sample.device.id, sample.endpoint.company)
    if (finding === null) continue
    finding.destination = sample.farEnd.key
    if (isUnwanted(decisions, finding, sample.local.hour)) continue
    if (worst === null || rankOf({ ...finding, bytes: 0 }) > rankOf({ ...worst, bytes: 0 })) worst = finding
  }
  return worst
}
