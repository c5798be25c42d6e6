// What may the owner change about alerts, and what holds unless they do?
import { ALERT_KINDS, GENERAL_PURPOSE, type AlertKind } from './alert.ts'

/**
 * A part of the week: weekdays from 0 (Sunday), hours as minutes since local midnight; `to` before `from` runs past
 * midnight.
 */
export interface Schedule {
  days: number[]
  from: number
  to: number
}

export interface AlertSettings {
  /** Detectors that are on. */
  on: Record<AlertKind, boolean>
  /** Days in which the home, and each new device, is learned: nothing is told that depends on habits. */
  learningDays: number
  /** Upload in 10 s below which nothing is a spike: half of what a spoken request takes is about 50 kB. */
  spikeFloorBytes: number
  /** How far above the usual a spike must be. */
  spikeFactor: number
  /** Upload in ten minutes from which it is large whatever is usual for others. */
  largeUploadBytes: number
  /** Upload in an hour that is otherwise quiet. */
  quietFloorBytes: number
  /** When the owner wants it quiet; empty: hours that always were. */
  quietHours: Schedule[]
  /** When nobody is home. */
  away: Schedule[]
  awayFloorBytes: number
  /** Voice requests in an hour below which nothing is busy. */
  voiceFloor: number
  /** Hours without a packet before a device counts as silent at the earliest. */
  silentHours: number
  /** Minutes without any packet before a source counts as stopped. */
  sourceMinutes: number
  /** New devices within ten minutes that are a flood. */
  floodDevices: number
  /** A finding this soon after another of its kind, device and company belongs to the same incident. */
  coolDownSeconds: number
  /** Tell spikes and large uploads while learning too, marked so: for a recording, which has no other past. */
  tellWhileLearning: boolean
  /** People's own devices, and stores, may send more at once. Off where nobody may know yet what a device is. */
  allowances: boolean
}

export const DEFAULT_SETTINGS: AlertSettings = {
  on: Object.fromEntries(ALERT_KINDS.map((kind) => [kind, true])) as Record<AlertKind, boolean>,
  learningDays: 7,
  spikeFloorBytes: 50_000,
  spikeFactor: 2,
  largeUploadBytes: 50_000_000,
  quietFloorBytes: 3_000_000,
  quietHours: [],
  away: [],
  awayFloorBytes: 200_000,
  voiceFloor: 8,
  silentHours: 6,
  sourceMinutes: 5,
  floodDevices: 25,
  coolDownSeconds: 3_600,
  tellWhileLearning: false,
  allowances: true,
}

/** For a recording: every spike by itself, against what the recording showed before, of whatever device. */
export const RECORDING_SETTINGS: AlertSettings = {
  ...DEFAULT_SETTINGS,
  coolDownSeconds: 15,
  tellWhileLearning: true,
  allowances: false,
}

export function isWithin(schedules: readonly Schedule[], weekday: number, minute: number): boolean {
  return schedules.some(({ days, from, to }) => {
    if (from <= to) return days.includes(weekday) && minute >= from && minute < to
    const yesterday = (weekday + 6) % 7
    return (days.includes(weekday) && minute >= from) || (days.includes(yesterday) && minute < to)
  })
}

/**
 * People copy photos and files from their own devices whenever they please: ten seconds say nothing, and large begins
 * later.
 */
const PERSONAL_LARGE_FACTOR = 10

/** The settings as they hold for a kind of device. An unknown one gets no allowance. */
export function settingsFor(settings: AlertSettings, kind: string): AlertSettings {
  if (kind !== 'storage' && (kind === 'unknown' || !GENERAL_PURPOSE.includes(kind))) return settings
  return {
    ...settings,
    spikeFloorBytes: Number.POSITIVE_INFINITY,
    largeUploadBytes: settings.largeUploadBytes * PERSONAL_LARGE_FACTOR,
  }
}
