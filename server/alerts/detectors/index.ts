// All detectors, in the order of the settings form. A new one is imported and added here: see server/alerts/README.md.
import type { AnyDetector } from '../detector.ts'
import { addressConflict } from './address-conflict.ts'
import { aroundYourDns } from './around-your-dns.ts'
import { blockedAgain } from './blocked-again.ts'
import { cameraAway } from './camera-away.ts'
import { cameraBusy } from './camera-busy.ts'
import { childTrackers } from './child-trackers.ts'
import { engineStopped } from './engine-stopped.ts'
import { flood } from './flood.ts'
import { largeUpload } from './large-upload.ts'
import { longUpload } from './long-upload.ts'
import { manyAddresses } from './many-addresses.ts'
import { newCompany } from './new-company.ts'
import { newDestination } from './new-destination.ts'
import { newDevice } from './new-device.ts'
import { newTracker } from './new-tracker.ts'
import { quietHours } from './quiet-hours.ts'
import { quietLookups } from './quiet-lookups.ts'
import { silent } from './silent.ts'
import { sourceStopped } from './source-stopped.ts'
import { unencrypted } from './unencrypted.ts'
import { uploadSpike } from './upload-spike.ts'
import { voiceBusy } from './voice-busy.ts'

const ALL = [
  newDestination,
  uploadSpike,
  longUpload,
  largeUpload,
  quietHours,
  newDevice,
  newCompany,
  newTracker,
  childTrackers,
  quietLookups,
  blockedAgain,
  voiceBusy,
  cameraBusy,
  cameraAway,
  manyAddresses,
  aroundYourDns,
  unencrypted,
  silent,
  sourceStopped,
  engineStopped,
  flood,
  addressConflict,
] as const satisfies readonly AnyDetector[]

type Listed = (typeof ALL)[number]
type Fields = Listed extends infer One
  ? One extends Listed
    ? (fields: One['settings']['fields']) => void
    : never
  : never

/** A closed list: the kind of each detector. */
export type AlertKind = Listed['kind']
/** What each detector reads from the settings. */
export type OwnSettings = { [One in Listed as One['kind']]: ReturnType<One['settings']['read']> }
/** Fields of the settings' section "alerts", of all detectors. */
export type DetectorFields = Fields extends (fields: infer All) => void ? All : never

export const DETECTORS: readonly (AnyDetector & { kind: AlertKind })[] = ALL
export const ALERT_KINDS: readonly AlertKind[] = ALL.map(({ kind }) => kind)
export const DETECTOR_FIELDS = Object.assign({}, ...ALL.map(({ settings }) => settings.fields)) as DetectorFields

const BY_KIND = new Map<string, AnyDetector & { kind: AlertKind }>(ALL.map((detector) => [detector.kind, detector]))

/** The detector of the kind. */
export function detectorOf(kind: AlertKind): AnyDetector & { kind: AlertKind } {
  return BY_KIND.get(kind) as AnyDetector & { kind: AlertKind }
}
