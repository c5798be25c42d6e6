// Table of the device that each binding on an address belongs to, as far as is known now.
import { type DeviceBindings, groupAll, hasOthers } from '../resolve/devices.ts'
import type { Engine } from '../engine/engine.ts'
import { BindingNumber } from '../engine/row-table.ts'

/** No device: an unspecified address without a MAC. */
export const NO_DEVICE = -1
/**
 * More bindings than a home has: they are sorted into devices less often, so that a flood of made-up MACs costs little.
 */
const MANY_BINDINGS = 2_048
const TICKS_BETWEEN_MANY = 30

export interface Move {
  binding: number
  from: number
  to: number
}

/** Numbers devices from 0, as they first appear. */
export class DeviceTable {
  /** Ids by number. */
  readonly ids: string[] = []
  /** Bindings by number of the device, as last grouped. */
  readonly groups: (DeviceBindings | undefined)[] = []
  private readonly engine: Engine
  private readonly numbers = new Map<string, number>()
  private ofBindings = new Int32Array(1024).fill(NO_DEVICE)
  private groupedEpoch = -1
  private hasOthers = false
  private groupedBindings = 0
  private ticksSince = 0
  private drainedUpTo = 0
  /** Bindings behind a router that are of no device, unless they turn out to use the internet. */
  private beyond: readonly number[] = []
  /** Changes with each grouping. */
  revision = 0

  constructor(engine: Engine) {
    this.engine = engine
  }

  ofBinding(binding: number): number {
    return binding < this.ofBindings.length ? this.ofBindings[binding] : NO_DEVICE
  }

  /**
   * Groups the bindings by the device that holds each now. Returns those that went from one device to another, or
   * from none to one.
   */
  regroup(force: boolean): Move[] {
    const { ownership } = this.engine
    // The others are a device from their first byte on, and no binding is made for it.
    const isOthersFirst = !this.hasOthers && hasOthers(this.engine)
    const isStale =
      isOthersFirst ||
      this.beyond.some((binding) => this.usesInternet(binding)) ||
      this.groupedEpoch !== ownership.epoch ||
      this.groupedBindings !== ownership.bindingsUsed
    this.ticksSince++
    if (!force && (!isStale || (ownership.bindingsUsed > MANY_BINDINGS && this.ticksSince < TICKS_BETWEEN_MANY)))
      return []
    this.hasOthers ||= isOthersFirst
    this.groupedEpoch = ownership.epoch
    this.groupedBindings = ownership.bindingsUsed
    this.ticksSince = 0
    return this.assign()
  }

  /** Devices numbered since the last call. */
  drainFresh(): { index: number; id: string }[] {
    const fresh = this.ids.slice(this.drainedUpTo).map((id, offset) => ({ index: this.drainedUpTo + offset, id }))
    this.drainedUpTo = this.ids.length
    return fresh
  }

  private assign(): Move[] {
    this.revision++
    const next = new Int32Array(Math.max(this.ofBindings.length, this.engine.ownership.bindingsUsed)).fill(NO_DEVICE)
    this.groups.fill(undefined)
    const { devices, beyond } = groupAll(this.engine)
    this.beyond = [...beyond]
    for (const group of devices) {
      const number = this.numberOf(group.id)
      this.groups[number] = group
      for (const binding of group.bindings) next[binding] = number
    }
    const moves: Move[] = []
    for (let binding = 0; binding < this.engine.ownership.bindingsUsed; binding++) {
      const from = this.ofBinding(binding)
      if (from !== next[binding]) moves.push({ binding, from, to: next[binding] })
    }
    this.ofBindings = next
    return moves
  }

  private usesInternet(binding: number): boolean {
    const { rows } = this.engine
    return rows.bindingNumber(binding, BindingNumber.Sent) + rows.bindingNumber(binding, BindingNumber.Received) > 0
  }

  private numberOf(id: string): number {
    const known = this.numbers.get(id)
    if (known !== undefined) return known
    const number = this.ids.length
    this.numbers.set(id, number)
    this.ids.push(id)
    return number
  }
}
