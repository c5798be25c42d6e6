// Grouping of bindings into devices.
import type { Engine } from '../engine/engine.ts'
import { Scope } from '../engine/home-network.ts'
import { NO_MAC, OTHER_BINDING } from '../engine/ownership.ts'
import { BindingNumber } from '../engine/row-table.ts'
import { OTHERS_ID } from '../model/others.ts'
import { Beyond, routedDoubt } from './beyond.ts'

/** Bindings of one device. `mac` is NO_MAC where the device is an address standing alone. */
export interface DeviceBindings {
  id: string
  mac: number
  bindings: number[]
}

/**
 * Groups all bindings by device. A binding without a MAC of its own (seen only as a destination, or sent on by a
 * router) joins whoever proved or used the address next.
 */
export function groupBindings(engine: Engine): DeviceBindings[] {
  return groupAll(engine).devices
}

/** The same, and the bindings on private addresses behind a router that are of no device here. */
export function groupAll(engine: Engine): { devices: DeviceBindings[]; beyond: ReadonlySet<number> } {
  const holders = holdersByAddress(engine)
  const beyond = bindingsBeyond(engine, holders)
  const devices = new Map<string, DeviceBindings>()
  for (let binding = 1; binding < engine.ownership.bindingsUsed; binding++) {
    const address = engine.ownership.addressOf(binding)
    const mac = ownMac(engine, binding) || adoptedMac(engine, binding, holders.get(address) ?? [])
    if (mac === NO_MAC && !standsAlone(engine, address)) continue
    if (mac === NO_MAC && beyond.has(binding)) continue
    const id = mac === NO_MAC ? engine.addresses.text(address) : engine.ownership.macText(mac)
    const device = devices.get(id)
    if (device === undefined) devices.set(id, { id, mac, bindings: [binding] })
    else device.bindings.push(binding)
  }
  if (hasOthers(engine)) devices.set(OTHERS_ID, { id: OTHERS_ID, mac: NO_MAC, bindings: [OTHER_BINDING] })
  return { devices: [...devices.values()], beyond }
}

function bindingsBeyond(engine: Engine, holders: ReadonlyMap<number, number[]>): Set<number> {
  const alone = new Map<number, number[]>()
  for (let binding = 1; binding < engine.ownership.bindingsUsed; binding++) {
    const address = engine.ownership.addressOf(binding)
    if (holders.has(address) || engine.ownership.passedOnBy(address) === NO_MAC) continue
    const known = alone.get(address)
    if (known === undefined) alone.set(address, [binding])
    else known.push(binding)
  }
  const beyond = new Beyond(engine, holders.keys())
  const found = new Set<number>()
  for (const [address, bindings] of alone)
    if (beyond.isBeyond(address, bindings)) for (const binding of bindings) found.add(binding)
  return found
}

/** What is doubtful about a device that is an address behind a router: it may be anywhere. */
export function doubtOfRouted(engine: Engine, { mac, bindings }: DeviceBindings): string[] {
  if (mac !== NO_MAC || bindings.length === 0) return []
  const address = engine.ownership.addressOf(bindings[0])
  if (engine.ownership.passedOnBy(address) === NO_MAC) return []
  const beyond = new Beyond(engine, holdersByAddress(engine).keys())
  const doubt = beyond.isBehindRouter(address) ? routedDoubt(engine, address) : null
  return doubt === null ? [] : [doubt]
}

/** Bindings of addresses that are none, by senders that are not known: of no device. */
export function bindingsOfNobody(engine: Engine): number[] {
  const holders = holdersByAddress(engine)
  const bindings: number[] = []
  for (let binding = 1; binding < engine.ownership.bindingsUsed; binding++) {
    const address = engine.ownership.addressOf(binding)
    if (engine.addresses.scope(address) !== Scope.Self || standsAlone(engine, address)) continue
    const mac = ownMac(engine, binding) || adoptedMac(engine, binding, holders.get(address) ?? [])
    if (mac === NO_MAC) bindings.push(binding)
  }
  return bindings
}

/** Whether anything counts for those that have no place of their own. */
export function hasOthers({ rows }: Engine): boolean {
  return Object.values(BindingNumber).some((field) => rows.bindingNumber(OTHER_BINDING, field) !== 0)
}

/** Bindings whose MAC is the device's own, by address, in the order they were made. */
function holdersByAddress(engine: Engine): Map<number, number[]> {
  const holders = new Map<number, number[]>()
  for (let binding = 1; binding < engine.ownership.bindingsUsed; binding++) {
    if (ownMac(engine, binding) === NO_MAC) continue
    const address = engine.ownership.addressOf(binding)
    const known = holders.get(address)
    if (known === undefined) holders.set(address, [binding])
    else known.push(binding)
  }
  return holders
}

function ownMac(engine: Engine, binding: number): number {
  const { ownership } = engine
  const mac = ownership.macOfBinding(binding)
  const isOwn = !ownership.isCarried(binding) && (ownership.isProven(binding) || !ownership.isRouter(mac))
  return mac !== NO_MAC && isOwn ? mac : NO_MAC
}

function adoptedMac(engine: Engine, binding: number, holders: number[]): number {
  const holder = holders.find((other) => other > binding) ?? holders.at(-1)
  return holder === undefined ? NO_MAC : engine.ownership.macOfBinding(holder)
}

/** An unspecified source address without a MAC is nobody; a loopback address is this machine. */
function standsAlone(engine: Engine, address: number): boolean {
  return engine.addresses.scope(address) !== Scope.Self || !/^(0\.|::$)/.test(engine.addresses.text(address))
}
