// The owner's settings as settings of the detectors.
import { DETECTORS } from '../alerts/detectors/index.ts'
import { type AlertSettings, DEFAULT_SETTINGS, detectorSettings } from '../alerts/settings.ts'
import type { Settings } from './schema.ts'

export function alertSettingsOf({ alerts, home }: Settings, isSample: boolean): AlertSettings {
  const { on, own } = detectorSettings(alerts)
  if (isSample) for (const { kind, isInSample } of DETECTORS) on[kind] &&= isInSample
  return {
    ...DEFAULT_SETTINGS,
    on,
    own,
    learningDays: home.learningDays,
    reportWhileLearning: isSample,
    coolDownSeconds: alerts.coolDownMinutes * 60,
  }
}
