// What do the owner's settings mean to those who watch?
import type { AlertKind } from '../alerts/alert.ts'
import { parseSchedules } from '../alerts/schedule.ts'
import { type AlertSettings, DEFAULT_SETTINGS } from '../alerts/settings.ts'
import type { Settings } from './settings.ts'

/** Of the sample's two days nothing can be learned: what is large is told at once. */
const SAMPLE_KINDS: readonly AlertKind[] = [
  'large-upload',
  'quiet-hours',
  'camera-away',
  'around-your-dns',
  'unencrypted',
]

export function alertSettingsOf({ alerts, home }: Settings, isSample: boolean): AlertSettings {
  const on: Record<AlertKind, boolean> = {
    'upload-spike': alerts.uploadSpike,
    'large-upload': alerts.largeUpload,
    'quiet-hours': alerts.quietHoursAlert,
    'new-device': alerts.newDevice,
    'new-company': alerts.newCompany,
    'voice-busy': alerts.voiceBusy,
    'camera-away': alerts.cameraAway,
    'around-your-dns': alerts.aroundYourDns,
    unencrypted: alerts.unencrypted,
    silent: alerts.silent,
    'source-stopped': alerts.sourceStopped,
    flood: alerts.flood,
  }
  if (isSample) for (const kind of Object.keys(on) as AlertKind[]) on[kind] &&= SAMPLE_KINDS.includes(kind)
  return {
    ...DEFAULT_SETTINGS,
    on,
    learningDays: home.learningDays,
    tellWhileLearning: isSample,
    spikeFloorBytes: alerts.spikeFloorKilobytes * 1e3,
    spikeFactor: alerts.spikeFactor,
    largeUploadBytes: alerts.largeUploadMegabytes * 1e6,
    quietFloorBytes: alerts.quietFloorMegabytes * 1e6,
    quietHours: parseSchedules(alerts.quietHours),
    away: parseSchedules(alerts.away),
    awayFloorBytes: alerts.awayFloorKilobytes * 1e3,
    voiceFloor: alerts.voiceFloor,
    silentHours: alerts.silentHours,
    sourceMinutes: alerts.sourceMinutes,
    floodDevices: alerts.floodDevices,
    coolDownSeconds: alerts.coolDownMinutes * 60,
  }
}
