// Subscribers of the streams of samples: the detectors, each with its settings, and findings of theirs.
import type { Finding } from './alert.ts'
import type { AnyDetector, Stream } from './detector.ts'
import { type AlertKind, DETECTORS } from './detectors/index.ts'
import type { Found } from './found.ts'
import type { AlertSettings } from './settings.ts'

/** A detector that takes a stream, with its settings. */
export interface Subscriber {
  detector: AnyDetector & { kind: AlertKind }
  detect: (memory: unknown, sample: unknown, settings: object) => Found | null
  settings: object
}

const STREAMS: Record<Stream, true> = {
  activity: true,
  traffic: true,
  uploads: true,
  lookups: true,
  blocked: true,
  events: true,
  clock: true,
  newDevice: true,
  conflicts: true,
  sources: true,
  limits: true,
}

export function subscribersOf(settings: AlertSettings): Record<Stream, Subscriber[]> {
  const subscribers = (stream: Stream): Subscriber[] =>
    DETECTORS.flatMap((detector) => {
      const detect = detector.streams[stream] as Subscriber['detect'] | undefined
      const { learningDays } = settings
      return detect === undefined
        ? []
        : [{ detector, detect, settings: { ...settings.own[detector.kind], learningDays } }]
    })
  return Object.fromEntries(
    (Object.keys(STREAMS) as Stream[]).map((stream) => [stream, subscribers(stream)]),
  ) as Record<Stream, Subscriber[]>
}

/** Null where the detector is off, or where it is too soon for what it found. */
export function findingOf(
  settings: AlertSettings,
  { kind, isShownWhileLearning }: Subscriber['detector'],
  found: Found,
  device: string | null,
  company: string | null,
): Finding | null {
  if (!settings.on[kind]) return null
  if (found.learning && !(settings.reportWhileLearning && isShownWhileLearning)) return null
  return {
    ...found,
    reason: found.reason ?? null,
    kind,
    device: found.device === null ? null : device,
    destination: found.destination ?? null,
    company: found.company ?? company,
  }
}
