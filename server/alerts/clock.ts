// The clock of detectors: when it may find something next, so that it need not go round to all devices each minute.
import type { AnyDetector, ClockSample } from './detector.ts'
import type { DeviceMemory } from './memory.ts'
import type { LocalMoment } from '../model/local-time.ts'
import type { HabitStore } from './habit-store.ts'
import type { Subscriber } from './subscribers.ts'
import type { WatchedDevice } from './watched-device.ts'

export class DueClock {
  /** Local day on which it went round last, and the second before which nothing is found. */
  private day = Number.NaN
  private from = Number.NEGATIVE_INFINITY

  isDue(second: number, { day }: LocalMoment): boolean {
    return day !== this.day || second >= this.from
  }

  /** Nobody knows when it is due: it goes round at the next minute. */
  renew(): void {
    this.from = Number.NEGATIVE_INFINITY
  }

  /** It goes round: those of whom something may be found by now. */
  *due(
    devices: readonly WatchedDevice[],
    habits: HabitStore,
    { second, local }: Pick<ClockSample, 'second' | 'local'>,
    subscribers: readonly Subscriber[],
  ): Generator<WatchedDevice> {
    this.day = local.day
    this.from = Number.POSITIVE_INFINITY
    for (const device of devices)
      if (habits.hasDevice(device.id) && this.note(habits.ofDevice(device), second, local, subscribers)) yield device
  }

  /** Notes when the clock may find something of the device, and whether it may now. */
  note(memory: DeviceMemory, second: number, local: LocalMoment, subscribers: readonly Subscriber[]): boolean {
    let from = Number.POSITIVE_INFINITY
    for (const { detector, settings } of subscribers)
      from = Math.min(from, firstSecond(detector, memory, second, local, settings))
    if (from < this.from) this.from = from
    return from <= second
  }
}

function firstSecond(
  { streams, memory: { key } }: AnyDetector,
  memory: DeviceMemory,
  second: number,
  local: LocalMoment,
  settings: object,
): number {
  return streams.clockFrom?.(memory[key], second, local, settings) ?? second
}
