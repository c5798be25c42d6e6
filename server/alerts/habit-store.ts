// Habits of the home, its devices, and pairs of device and company, with a limit for each: what detectors remember.
import { DETECTORS } from './detectors/index.ts'
import {
  type AlertMemory,
  type DeviceMemory,
  type HomeMemory,
  type Memories,
  newDeviceMemory,
  newHomeMemory,
  newPairMemory,
} from './memory.ts'
import type { WatchedDevice } from './watched-device.ts'

/**
 * Devices and pairs of device and company whose habits are kept; beyond, the newest goes: a flood must not wash old
 * habits away.
 */
const MAX_DEVICES = 512
const MAX_PAIRS = 2_048
/** Devices remembered, with habits or without. */
const MAX_KNOWN_DEVICES = 4_096

export class HabitStore {
  readonly home: HomeMemory
  /** Memory of detectors that look at the home as a whole; it ends with the run. */
  readonly ofHome: Memories
  private readonly devices: Map<string, DeviceMemory>
  private readonly pairs: Map<string, Memories>
  private readonly onEvicted: () => void
  /** How many devices the home knows: counting them anew costs more with each. */
  private known: number

  /** `onEvicted`: a memory was dropped to make room; nobody may go on writing to it. */
  constructor(memory: AlertMemory | null, onEvicted: () => void) {
    this.home = memory?.home ?? newHomeMemory()
    this.known = Object.keys(this.home.devices).length
    this.devices = new Map(Object.entries(memory?.devices ?? {}))
    this.pairs = new Map(Object.entries(memory?.pairs ?? {}))
    this.ofHome = Object.fromEntries(DETECTORS.map(({ memory: plan }) => [plan.key, plan.fresh(0)]))
    this.onEvicted = onEvicted
  }

  toJSON(): Pick<AlertMemory, 'home' | 'devices' | 'pairs'> {
    return { home: this.home, devices: Object.fromEntries(this.devices), pairs: Object.fromEntries(this.pairs) }
  }

  hasDevice(id: string): boolean {
    return this.devices.has(id)
  }

  /** Devices whose habits are kept. */
  deviceIds(): string[] {
    return [...this.devices.keys()]
  }

  /** The home has seen the device before, whether its habits are kept or not. */
  isKnown(id: string): boolean {
    return Object.hasOwn(this.home.devices, id)
  }

  /** Whether there was room for a device that the home did not know; null where it knew it. */
  register(id: string, second: number): boolean | null {
    this.home.first ??= second
    if (this.isKnown(id)) return null
    if (this.known >= MAX_KNOWN_DEVICES) return false
    this.home.devices[id] = second
    this.known++
    return true
  }

  ofDevice({ id, firstSeen }: WatchedDevice): DeviceMemory {
    return this.devices.get(id) ?? this.addDevice(id, firstSeen)
  }

  ofPair(device: string, company: string | null, second: number): Memories {
    const key = JSON.stringify([device, company])
    const kept = this.pairs.get(key)
    if (kept !== undefined) return kept
    if (this.pairs.size >= MAX_PAIRS) this.makeRoom(this.pairs)
    const memories = newPairMemory(second)
    this.pairs.set(key, memories)
    return memories
  }

  /** The device's habits begin anew at `second`. */
  relearn(id: string, second: number): void {
    this.forgetPairs(new Set([id]))
    if (this.devices.delete(id)) this.addDevice(id, second)
  }

  forget(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      this.devices.delete(id)
      if (this.isKnown(id)) this.known--
      delete this.home.devices[id]
    }
    this.forgetPairs(ids)
  }

  private addDevice(id: string, first: number): DeviceMemory {
    if (this.devices.size >= MAX_DEVICES) this.makeRoom(this.devices)
    const memory = newDeviceMemory(first)
    this.devices.set(id, memory)
    return memory
  }

  private forgetPairs(ids: ReadonlySet<string>): void {
    for (const key of this.pairs.keys()) if (ids.has((JSON.parse(key) as [string])[0])) this.pairs.delete(key)
  }

  private makeRoom(map: Map<string, unknown>): void {
    const newest = [...map.keys()].at(-1)
    if (newest === undefined) return
    map.delete(newest)
    this.onEvicted()
  }
}
