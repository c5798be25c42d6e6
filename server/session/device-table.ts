// Which device does each claim on an address belong to, as far as is known now?
import { type DeviceClaims, groupClaims } from '../resolve/devices.ts'
import type { Engine } from '../engine/engine.ts'

/** Nobody: an unspecified address without a MAC. */
export const NO_DEVICE = -1
/**
 * More claims than a home has: they are sorted into devices less often, so that a flood of made-up MACs costs little.
 */
const MANY_CLAIMS = 2_048
const TICKS_BETWEEN_MANY = 30

export interface Move {
  claim: number
  from: number
  to: number
}

/** Numbers devices from 0, as they first appear. */
export class DeviceTable {
  /** Ids by number. */
  readonly ids: string[] = []
  /** Claims by number of the device, as last grouped. */
  readonly groups: (DeviceClaims | undefined)[] = []
  private readonly engine: Engine
  private readonly numbers = new Map<string, number>()
  private ofClaims = new Int32Array(1024).fill(NO_DEVICE)
  private groupedEpoch = -1
  private groupedClaims = 0
  private ticksSince = 0
  private toldUpTo = 0

  constructor(engine: Engine) {
    this.engine = engine
  }

  ofClaim(claim: number): number {
    return claim < this.ofClaims.length ? this.ofClaims[claim] : NO_DEVICE
  }

  /**
   * Looks who holds which address now. Returns the claims that went from one device to another, or from nobody to one.
   */
  regroup(force: boolean): Move[] {
    const { ownership } = this.engine
    const isStale = this.groupedEpoch !== ownership.epoch || this.groupedClaims !== ownership.claimsUsed
    this.ticksSince++
    if (!force && (!isStale || (ownership.claimsUsed > MANY_CLAIMS && this.ticksSince < TICKS_BETWEEN_MANY))) return []
    this.groupedEpoch = ownership.epoch
    this.groupedClaims = ownership.claimsUsed
    this.ticksSince = 0
    return this.assign()
  }

  /** Devices numbered since the last call. */
  takeFresh(): { index: number; id: string }[] {
    const fresh = this.ids.slice(this.toldUpTo).map((id, offset) => ({ index: this.toldUpTo + offset, id }))
    this.toldUpTo = this.ids.length
    return fresh
  }

  private assign(): Move[] {
    const next = new Int32Array(Math.max(this.ofClaims.length, this.engine.ownership.claimsUsed)).fill(NO_DEVICE)
    this.groups.fill(undefined)
    for (const group of groupClaims(this.engine)) {
      const number = this.numberOf(group.id)
      this.groups[number] = group
      for (const claim of group.claims) next[claim] = number
    }
    const moves: Move[] = []
    for (let claim = 0; claim < this.engine.ownership.claimsUsed; claim++) {
      const from = this.ofClaim(claim)
      if (from !== next[claim]) moves.push({ claim, from, to: next[claim] })
    }
    this.ofClaims = next
    return moves
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
