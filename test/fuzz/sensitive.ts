// Settings under which the detectors report as much as they can.

/** As arguments of `analyze --setting`. */
export const SENSITIVE = [
  'spikeFloorKilobytes=10',
  'largeUploadMegabytes=1',
  'quietFloorMegabytes=1',
  'quietHours=Mo-Su 00:00-24:00',
  'voiceFloor=2',
  'away=Mo-Su 00:00-24:00',
  'awayFloorKilobytes=10',
  'silentHours=1',
  'floodDevices=5',
]

/** The section of settings.json. */
export const SENSITIVE_ALERTS = {
  spikeFloorKilobytes: 10,
  largeUploadMegabytes: 1,
  quietFloorMegabytes: 1,
  quietHours: ['00:00-24:00'],
  voiceFloor: 2,
  away: ['00:00-24:00'],
  awayFloorKilobytes: 10,
  silentHours: 1,
  sourceMinutes: 1,
  floodDevices: 5,
  coolDownMinutes: 1,
}
