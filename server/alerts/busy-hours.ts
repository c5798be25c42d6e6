// Which appliances ask for names far more often than before: several at once say that the way to the internet is down.
import { GENERAL_PURPOSE, type WatchedDevice } from './watched-device.ts'

const HOUR = 3_600
/** Devices counted at once. */
const MAX_DEVICES = 512
/** So many look-ups in an hour, and so many times as many as in any hour before, are far more. */
const FLOOR = 20
const FACTOR = 5

interface Hours {
  hour: number
  count: number
  /** The most in an hour before, in this run; null in the first. */
  most: number | null
  /** The last hour in which it asked far more often. */
  busyAt: number | null
}

export class BusyHours {
  private readonly devices = new Map<string, Hours>()

  /** Counts the device's look-ups; how many others are busy, this hour or the last. */
  othersBusy({ id, kind }: WatchedDevice, second: number, count: number): number {
    const hour = Math.floor(second / HOUR)
    if (kind === 'unknown' || !GENERAL_PURPOSE.includes(kind)) this.count(id, hour, count)
    let others = 0
    for (const [other, { busyAt }] of this.devices)
      if (other !== id && busyAt !== null && hour - busyAt <= 1 && hour >= busyAt) others++
    return others
  }

  private count(id: string, hour: number, count: number): void {
    let hours = this.devices.get(id)
    if (hours === undefined) {
      if (this.devices.size >= MAX_DEVICES) return
      this.devices.set(id, (hours = { hour, count: 0, most: null, busyAt: null }))
    }
    if (hour > hours.hour) {
      // An hour in which it was busy is no habit.
      if (hours.busyAt !== hours.hour) hours.most = Math.max(hours.most ?? 0, hours.count)
      Object.assign(hours, { hour, count: 0 })
    }
    hours.count += count
    if (hours.most !== null && hours.count >= FLOOR && hours.count >= FACTOR * hours.most) hours.busyAt = hour
  }
}
