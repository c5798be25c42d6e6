// Habits of the home, its devices, and of each device and destination, with a limit for each: what is remembered.
import { isIP } from 'node:net'
import { BoundedMap } from '../../capture/bounded-map.ts'
import { type FarEnd, isHost, isNameless, UNNAMED } from './destination.ts'
import { DETECTORS } from './detectors/index.ts'
import {
  type AlertMemory,
  type DeviceMemory,
  type HomeMemory,
  type Memories,
  newDeviceMemory,
  newHomeMemory,
} from './memory.ts'
import { newPast, type Past } from './past.ts'
import type { WatchedDevice } from './watched-device.ts'

/**
 * Devices and destinations of devices whose habits are kept; beyond, the newest goes: a flood must not wash old habits
 * away.
 */
const MAX_DEVICES = 512
const MAX_PAIRS = 2_048
/** Addresses without a name that are kept of each device, the latest: nothing is usual to them. */
const MAX_NAMELESS = 64
/** Less sent to one is not worth a place on the disk. */
const KEPT_NAMELESS_BYTES = 50_000
/** So long hosts of a memory of version 1 turn up. */
const UNNAMED_SECONDS = 7 * 86_400
/** Longer ago is what a wrong clock left behind. */
const READ_AGAIN_SECONDS = 7_200
/** Devices remembered, with habits or without. */
const MAX_KNOWN_DEVICES = 4_096

export class HabitStore {
  readonly home: HomeMemory
  /** Memory of detectors that look at the home as a whole; it ends with the run. */
  readonly ofHome: Memories
  private readonly devices: Map<string, DeviceMemory>
  private readonly pairs = new Map<string, Past>()
  /** By device, then by key of the destination. */
  private readonly nameless = new Map<string, BoundedMap<string, Past>>()
  private readonly onEvicted: () => void
  /** Pasts of before a restart, and the last second that each holds. */
  private readonly kept = new WeakMap<Past, number>()
  /** How many devices the home knows: counting them anew costs more with each. */
  private known: number

  /** `onEvicted`: a memory was dropped to make room; nobody may go on writing to it. */
  constructor(memory: AlertMemory | null, onEvicted: () => void) {
    this.home = memory?.home ?? newHomeMemory()
    this.known = Object.keys(this.home.devices).length
    this.devices = new Map(Object.entries(memory?.devices ?? {}))
    for (const [key, past] of Object.entries(memory?.pairs ?? {})) {
      const [device, destination] = JSON.parse(key) as [string, string]
      this.kept.set(past, past.last)
      if (isNameless(destination)) this.namelessOf(device).set(destination, past)
      else this.pairs.set(key, past)
    }
    this.ofHome = Object.fromEntries(DETECTORS.map(({ memory: plan }) => [plan.key, plan.fresh(0)]))
    this.onEvicted = onEvicted
  }

  toJSON(): Pick<AlertMemory, 'home' | 'devices' | 'pairs'> {
    const pairs = Object.fromEntries(this.pairs)
    for (const [device, pasts] of this.nameless)
      for (const [destination, past] of pasts)
        if (past.total >= KEPT_NAMELESS_BYTES) pairs[JSON.stringify([device, destination])] = past
    return { home: this.home, devices: Object.fromEntries(this.devices), pairs }
  }

  hasDevice(id: string): boolean {
    return this.devices.has(id)
  }

  /**
   * Devices known from before the restart, and not among those that were seen since. An address may have got a MAC,
   * which is a device of its own.
   */
  absentDevices(seen: Iterable<WatchedDevice>): WatchedDevice[] {
    const here = new Set([...seen].map(({ id }) => id))
    const hasMacs = Object.keys(this.home.devices).some((id) => isIP(id) === 0)
    return [...this.devices]
      .filter(([id]) => !here.has(id) && (!hasMacs || isIP(id) === 0))
      .map(([id, { first }]) => ({ id, name: null, kind: 'unknown', firstSeen: first }))
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

  /** What the device sent to the destination, from `second` on where that is new. */
  ofPair(device: string, { key: destination, class: how }: FarEnd, second: number, day = 0): Past {
    if (how === 'nameless') {
      const pasts = this.namelessOf(device)
      const past = pasts.get(destination) ?? newPast(second, day)
      pasts.renew(destination, past)
      return past
    }
    const key = JSON.stringify([device, destination])
    const kept = this.pairs.get(key)
    if (kept !== undefined) return kept
    if (this.pairs.size >= MAX_PAIRS) this.makeRoom(this.pairs)
    const past = this.unnamedPast(device, destination, second) ?? newPast(second, day)
    this.pairs.set(key, past)
    return past
  }

  /**
   * Version 1 of the memory knew hosts without a company only together: for a week after, what the device sent to all
   * of them is usual to each that it is seen with.
   */
  private unnamedPast(device: string, destination: string, second: number): Past | null {
    const past = isHost(destination) ? this.pairs.get(JSON.stringify([device, UNNAMED])) : undefined
    return past === undefined || second - past.last > UNNAMED_SECONDS ? null : structuredClone(past)
  }

  /**
   * The past held this second before the restart: after a power cut a capture may be read again of which the history
   * was not saved yet, but alerts were.
   */
  isReadAgain(past: Past, second: number): boolean {
    const last = this.kept.get(past)
    return last !== undefined && second <= last && last - second < READ_AGAIN_SECONDS
  }

  /** The past of the pair if there is one. */
  pastOf(device: string, destination: string): Past | undefined {
    return this.pairs.get(JSON.stringify([device, destination])) ?? this.nameless.get(device)?.get(destination)
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

  private namelessOf(device: string): BoundedMap<string, Past> {
    let pasts = this.nameless.get(device)
    if (pasts === undefined) {
      if (this.nameless.size >= MAX_DEVICES) this.makeRoom(this.nameless)
      this.nameless.set(device, (pasts = new BoundedMap('addresses without a name', MAX_NAMELESS)))
    }
    return pasts
  }

  private addDevice(id: string, first: number): DeviceMemory {
    if (this.devices.size >= MAX_DEVICES) this.makeRoom(this.devices)
    const memory = newDeviceMemory(first)
    this.devices.set(id, memory)
    return memory
  }

  private forgetPairs(ids: ReadonlySet<string>): void {
    for (const key of this.pairs.keys()) if (ids.has((JSON.parse(key) as [string])[0])) this.pairs.delete(key)
    for (const id of ids) this.nameless.delete(id)
  }

  private makeRoom(map: Map<string, unknown>): void {
    const newest = [...map.keys()].at(-1)
    if (newest === undefined) return
    map.delete(newest)
    this.onEvicted()
  }
}
