// Whether an interface of this machine is the side of the internet: by the default route and the machine's addresses.
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { addressUse, isHomeAddress, parseIpv4 } from '../ip-address.ts'
import { forwardsPackets, listInterfaces, type NetworkInterface } from './interfaces.ts'

/** What is looked at; stands in for this machine in tests. */
export interface Machine {
  interfaces: Pick<NetworkInterface, 'name' | 'kind' | 'isUp' | 'bridge'>[]
  addresses: Readonly<Record<string, readonly { address: string; netmask: string }[] | undefined>>
  /** The kernel's tables: /proc/net/route and /proc/net/ipv6_route. */
  ipv4Routes: string
  ipv6Routes: string
  /** Whether it passes packets on between its interfaces. */
  forwards: boolean
}

/** Bits of a route (linux/route.h): it can be used; it refuses what it matches. */
const ROUTE_UP = 1
const ROUTE_REJECT = 0x200
const CONTAINER_PORT =
  /^(?:veth|docker|vnet|tap|tun|dummy|vmnet|vboxnet|lxc|lxd|cni|cali|flannel|podman|virbr|br-[0-9a-f]{12}$)/
const MACHINE_FILES = ['/proc/net/route', '/proc/net/ipv6_route'] as const

/**
 * The sentence for the person who chose the interface; null where it may be the home's side. A machine with one
 * interface on the LAN has its default route there too: only a public address of the interface, or a home's interface
 * beside it of which this machine is the gateway, shows that it is not the home's.
 */
export function internetSideSentence(interfaceName: string, machine: Machine = thisMachine()): string | null {
  if (!defaultInterfaces(machine).has(interfaceName)) return null
  const own = machine.addresses[interfaceName] ?? []
  const open = own.find(({ address }) => isPublicIpv4(address))
  const home = homeInterface(interfaceName, machine)
  if (open !== undefined) {
    const where = home === null ? '' : `, such as ${home.name} (${home.address})`
    return `${interfaceName} is the internet side: the default route leads out of it, and its address is public (${open.address}). Take the LAN/Wi-Fi side${where}, or name the address as the home with --home ${open.address}/32.`
  }
  if (home === null || !machine.forwards) return null
  return `${interfaceName} seems to be the internet side: the default route leads out of it, and this machine is the gateway of ${home.name} (${home.address}). Take the LAN/Wi-Fi side: ${home.name}.`
}

/** All interfaces, those of the internet side last, with what capturing there shows. */
export function interfacesBySide(list = listInterfaces(), machine: Machine = thisMachine()): NetworkInterface[] {
  const described = list.map((one): [NetworkInterface, string | null] => [one, internetSideSentence(one.name, machine)])
  const home = described.flatMap(([one, sentence]) => (sentence === null ? [one] : []))
  const internet = described.flatMap(([one, sentence]) =>
    sentence === null ? [] : [{ ...one, sees: `Not the devices of the home: ${sentence}` }],
  )
  return [...home, ...internet]
}

export function thisMachine(): Machine {
  const [ipv4Routes, ipv6Routes] = MACHINE_FILES.map(read)
  return {
    interfaces: listInterfaces(),
    addresses: networkInterfaces(),
    ipv4Routes,
    ipv6Routes,
    forwards: forwardsPackets() || read('/proc/sys/net/ipv6/conf/all/forwarding').trim() === '1',
  }
}

/** The interfaces that a default route leads out of, of either family. */
export function defaultInterfaces({ ipv4Routes, ipv6Routes }: Pick<Machine, 'ipv4Routes' | 'ipv6Routes'>): Set<string> {
  const names = new Set<string>()
  const isUsed = (flags: string): boolean => {
    const bits = Number.parseInt(flags, 16)
    return (bits & ROUTE_UP) !== 0 && (bits & ROUTE_REJECT) === 0
  }
  for (const line of ipv4Routes.split('\n')) {
    // Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask …
    const [name, destination, , flags = '', , , , mask] = line.trim().split(/\s+/)
    if (destination === '00000000' && mask === '00000000' && isUsed(flags)) names.add(name)
  }
  for (const line of ipv6Routes.split('\n')) {
    // Destination and its length, source and its length, next hop, metric, counters, flags, device.
    const [destination, length, , , , , , , flags = '', name = ''] = line.trim().split(/\s+/)
    if (/^0{32}$/.test(destination) && length === '00' && name !== 'lo' && isUsed(flags)) names.add(name)
  }
  return names
}

/** An interface besides that one that this machine is the gateway of: a home's. */
function homeInterface(but: string, machine: Machine): { name: string; address: string } | null {
  const { interfaces, addresses } = machine
  const routes = defaultInterfaces(machine)
  const taken = (addresses[but] ?? []).map(subnetOf)
  for (const { name, kind, isUp, bridge } of interfaces) {
    const mayBe = kind === 'bridge' || kind === 'ethernet' || kind === 'wifi' || kind === 'vlan'
    if (!mayBe || !isUp || name === but || bridge !== null || routes.has(name) || CONTAINER_PORT.test(name)) continue
    if (kind === 'bridge' && !hasRealPort(name, interfaces)) continue
    const gateway = (addresses[name] ?? []).find((one) => isGatewayAddress(one) && !taken.includes(subnetOf(one)))
    if (gateway !== undefined) return { name, address: gateway.address }
  }
  return null
}

/** The bridges of containers and virtual machines have none. */
function hasRealPort(bridgeName: string, interfaces: Machine['interfaces']): boolean {
  return interfaces.some(({ name, bridge }) => bridge === bridgeName && !CONTAINER_PORT.test(name))
}

/** Routers have the first or the last address of their network; a machine with two cables to one home seldom does. */
function isGatewayAddress({ address, netmask }: { address: string; netmask: string }): boolean {
  const [own, mask] = [parseIpv4(address), parseIpv4(netmask)]
  if (own === null || mask === null || !isHomeAddress(address)) return false
  // Made up by the machine itself, without a router (RFC 3927).
  if (own >>> 16 === 0xa9fe) return false
  const host = (own & ~mask) >>> 0
  return host === 1 || host === (~mask >>> 0) - 1
}

function subnetOf({ address, netmask }: { address: string; netmask: string }): string {
  const [own, mask] = [parseIpv4(address), parseIpv4(netmask)]
  return own === null || mask === null ? address : `${(own & mask) >>> 0}`
}

function isPublicIpv4(address: string): boolean {
  if (parseIpv4(address) === null) return false
  const use = addressUse(address)
  return use === 'public' || use === 'documentation'
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
