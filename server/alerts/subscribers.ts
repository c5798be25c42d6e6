// Subscribers of the streams of samples: the detectors, each with its settings.
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
