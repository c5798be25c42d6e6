// Settings of alerts: which detectors are on, what each reads from the owner's settings, and what holds for all.
import { defaultsOf, type SettingValues } from '../model/setting-fields.ts'
import type { CommonSettings } from './detector.ts'
import { type AlertKind, DETECTOR_FIELDS, type DetectorFields, DETECTORS, type OwnSettings } from './detectors/index.ts'

/** Plain data: it goes to other threads. */
export interface AlertSettings extends CommonSettings {
  /** Detectors that are on. */
  on: Record<AlertKind, boolean>
  own: OwnSettings
  /** A finding this soon after another of its kind, device and company belongs to the same incident. */
  coolDownSeconds: number
  /** Show what stands out while learning too, marked so: for a recording, which has no other past. */
  reportWhileLearning: boolean
}

/** The fields of the detectors as they stand in the owner's settings, in the section "alerts". */
export type DetectorValues = SettingValues<DetectorFields>

export const DEFAULT_VALUES: DetectorValues = defaultsOf(DETECTOR_FIELDS)

/** What the detectors read from the owner's settings; what is not given is at its default. */
export function detectorSettings(given: Partial<DetectorValues> = {}): Pick<AlertSettings, 'on' | 'own'> {
  const values: DetectorValues = { ...DEFAULT_VALUES, ...given }
  const isOn = (field: string): boolean => (values as Record<string, unknown>)[field] === true
  return {
    on: Object.fromEntries(DETECTORS.map(({ kind, settings }) => [kind, isOn(settings.on)])) as AlertSettings['on'],
    own: Object.fromEntries(DETECTORS.map(({ kind, settings }) => [kind, settings.read(values)])) as OwnSettings,
  }
}

export const DEFAULT_SETTINGS: AlertSettings = {
  ...detectorSettings(),
  learningDays: 7,
  coolDownSeconds: 3_600,
  reportWhileLearning: false,
}

/** For a recording: as at home, and what is a fact also while learning, since there is no other past. */
export const RECORDING_SETTINGS: AlertSettings = { ...DEFAULT_SETTINGS, reportWhileLearning: true }
