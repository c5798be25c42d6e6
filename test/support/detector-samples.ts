// Samples, settings and memories for tests of single detectors.
import type { Static, TSchema } from 'typebox'
import type { WatchedDevice } from '../../server/alerts/watched-device.ts'
import type { Found } from '../../server/alerts/found.ts'
import { farEndOf } from '../../server/alerts/destination.ts'
import type { UploadSample } from '../../server/alerts/detector.ts'
import type { AlertKind, OwnSettings } from '../../server/alerts/detectors/index.ts'
import { detectorSettings, type DetectorValues } from '../../server/alerts/settings.ts'
import type { EventEndpoint } from '../../server/events/event.ts'
import { localClock } from '../../server/model/local-time.ts'

export const DAY = 86_400
export const HOUR = 3_600
/** A Monday, 2026-06-01, 00:00 UTC. */
export const START = 1_780_272_000
export const utc = localClock('UTC')
export const COMMON = { learningDays: 7 }

/** What the detector is given, with the owner's settings as far as named. */
export function settingsOf<Kind extends AlertKind>(
  kind: Kind,
  values: Partial<DetectorValues> = {},
): OwnSettings[Kind] & typeof COMMON {
  return { ...detectorSettings(values).own[kind], ...COMMON }
}

export function deviceOf(kind: string, id = 'aa'): WatchedDevice {
  return { id, name: null, kind, firstSeen: START }
}

/** Memory of a detector without a past. */
export function freshOf<Schema extends TSchema>(detector: {
  memory: { schema: Schema; fresh(first: number): Static<Schema> }
}): Static<Schema> {
  return detector.memory.fresh(START)
}

/** What the detector makes of a stream that it takes. */
export function taking<Memory, Sample, Settings>(
  detect: ((memory: Memory, sample: Sample, settings: Settings) => Found | null) | undefined,
): (memory: Memory, sample: Sample, settings: Settings) => Found | null {
  if (detect === undefined) throw new Error('The detector does not take this stream')
  return detect
}

const ENDPOINT: EventEndpoint = {
  number: 1,
  host: 'a.tuya.example',
  address: '192.0.2.1',
  company: 'tuya',
  purpose: 'control',
  network: null,
  labels: [],
  namedBy: 'tls',
}

export type Traffic = Partial<Omit<UploadSample, 'endpoint'>> & {
  kind?: string
  endpoint?: Partial<EventEndpoint>
}

export const NOTHING = { ten: 0, hour: 0, day: 0 }

/** Of a device that is known for ten days; what it sends now is all that it sent lately, unless told otherwise. */
export function traffic(
  second: number,
  sent: number,
  { kind = 'camera', endpoint: facts = {}, ...more }: Traffic = {},
): UploadSample {
  const endpoint = { ...ENDPOINT, ...facts }
  return {
    from: second,
    second,
    local: utc(second),
    device: deviceOf(kind),
    sent,
    received: 0,
    endpoint,
    family: 'tuya',
    learnedFrom: START,
    isLearning: false,
    farEnd: farEndOf(endpoint),
    upload: null,
    isEnd: false,
    amounts: { ten: sent, hour: sent, day: sent },
    explained: 0,
    usual: NOTHING,
    ownUsual: NOTHING,
    ownDays: 10,
    firstSent: START,
    isNew: false,
    isYoung: false,
    isStartedByPerson: false,
    ...more,
  }
}
