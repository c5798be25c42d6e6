// Which claims make up one device?
import type { Engine } from '../engine/engine.ts'
import { Scope } from '../engine/home-network.ts'
import { NO_MAC, OTHER_CLAIM } from '../engine/ownership.ts'
import { ClaimNumber } from '../engine/row-table.ts'

/** Stands for all that found no room in the tables, so that the devices add up. */
const OTHER_DEVICE = 'other'

/** Claims of one device. `mac` is NO_MAC where the device is an address standing alone. */
export interface DeviceClaims {
  id: string
  mac: number
  claims: number[]
}

/**
 * Groups all claims by device. A claim without a MAC of its own (seen only as a destination, or sent on by a router)
 * joins whoever proved or used the address next.
 */
export function groupClaims(engine: Engine): DeviceClaims[] {
  const holders = holdersByAddress(engine)
  const devices = new Map<string, DeviceClaims>()
  for (let claim = 1; claim < engine.ownership.claimsUsed; claim++) {
    const address = engine.ownership.addressOf(claim)
    const mac = ownMac(engine, claim) || adoptedMac(engine, claim, holders.get(address) ?? [])
    if (mac === NO_MAC && !standsAlone(engine, address)) continue
    const id = mac === NO_MAC ? engine.addresses.text(address) : engine.ownership.macText(mac)
    const device = devices.get(id)
    if (device === undefined) devices.set(id, { id, mac, claims: [claim] })
    else device.claims.push(claim)
  }
  if (hasTraffic(engine, OTHER_CLAIM))
    devices.set(OTHER_DEVICE, { id: OTHER_DEVICE, mac: NO_MAC, claims: [OTHER_CLAIM] })
  return [...devices.values()]
}

function hasTraffic(engine: Engine, claim: number): boolean {
  return Object.values(ClaimNumber).some((field) => engine.rows.claimNumber(claim, field) !== 0)
}

/** Claims whose MAC is the device's own, by address, in the order they were made. */
function holdersByAddress(engine: Engine): Map<number, number[]> {
  const holders = new Map<number, number[]>()
  for (let claim = 1; claim < engine.ownership.claimsUsed; claim++) {
    if (ownMac(engine, claim) === NO_MAC) continue
    const address = engine.ownership.addressOf(claim)
    const known = holders.get(address)
    if (known === undefined) holders.set(address, [claim])
    else known.push(claim)
  }
  return holders
}

function ownMac(engine: Engine, claim: number): number {
  const { ownership } = engine
  const mac = ownership.macOfClaim(claim)
  return mac !== NO_MAC && (ownership.isProven(claim) || !ownership.isRouter(mac)) ? mac : NO_MAC
}

function adoptedMac(engine: Engine, claim: number, holders: number[]): number {
  const holder = holders.find((other) => other > claim) ?? holders.at(-1)
  return holder === undefined ? NO_MAC : engine.ownership.macOfClaim(holder)
}

/** An unspecified source address without a MAC is nobody; a loopback address is this machine. */
function standsAlone(engine: Engine, address: number): boolean {
  return engine.addresses.scope(address) !== Scope.Self || !/^(0\.|::$)/.test(engine.addresses.text(address))
}
