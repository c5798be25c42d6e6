// The bytes that the router forwarded for a device: nft's counters, by each address of the device.
import { run } from './namespaces.ts'
import type { DevicePlan } from './plan.ts'
import { namespaceOfDevice, type Lab } from './topology.ts'

/** IP bytes forwarded from a device and to it. */
export interface Shown {
  sent: number
  received: number
}

interface CountedElement {
  elem: { val: string; counter: { packets: number; bytes: number } }
}

export type Family = 4 | 6

export function whatDevicesShow(lab: Lab, plan: DevicePlan, families: readonly Family[] = [4, 6]): Shown {
  const addresses = new Set(addressesOf(lab, plan))
  const of = (set: string): number =>
    elementsOf(lab, set)
      .filter(({ elem }) => addresses.has(elem.val))
      .reduce((sum, { elem }) => sum + elem.counter.bytes, 0)
  const sum = (way: 'up' | 'down'): number => families.reduce((bytes, family) => bytes + of(`${way}${family}`), 0)
  return { sent: sum('up'), received: sum('down') }
}

/** IP bytes forwarded for all devices so far. */
export function forwardedInAll(lab: Lab, families: readonly Family[] = [4, 6]): Shown {
  const of = (way: 'up' | 'down'): number =>
    families
      .flatMap((family) => elementsOf(lab, `${way}${family}`))
      .reduce((bytes, { elem }) => bytes + elem.counter.bytes, 0)
  return { sent: of('up'), received: of('down') }
}

export function addressesOf({ owner }: Lab, plan: DevicePlan): string[] {
  const text = run('ip', ['-n', namespaceOfDevice(owner, plan), '-j', 'addr', 'show', 'dev', 'eth0'])
  const links = JSON.parse(text) as { addr_info?: { local?: string; scope?: string }[] }[]
  return links
    .flatMap(({ addr_info = [] }) => addr_info)
    .filter(({ scope }) => scope === 'global')
    .flatMap(({ local }) => (local === undefined ? [] : [local]))
}

function elementsOf({ router }: Lab, set: string): CountedElement[] {
  const text = run('ip', ['netns', 'exec', router, 'nft', '-j', 'list', 'set', 'inet', 'lab', set])
  const { nftables } = JSON.parse(text) as { nftables: { set?: { elem?: CountedElement[] } }[] }
  return nftables.flatMap(({ set }) => set?.elem ?? [])
}
