// The network interfaces of this machine, and what a capture on each one covers.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'

export type InterfaceKind =
  'bridge' | 'bridge-port' | 'wifi' | 'ethernet' | 'vlan' | 'tunnel' | 'virtual' | 'loopback' | 'any'

export interface NetworkInterface {
  name: string
  kind: InterfaceKind
  mac: string | null
  addresses: string[]
  isUp: boolean
  /** Packets that it has received and sent since it came up. */
  packets: number
  /** The bridge that it is a port of. */
  bridge: string | null
  /** One sentence: what capturing there shows. */
  sees: string
}

/**
 * IFNAMSIZ is 16 with its zero; a slash or a space is no name (dev_valid_name), and a minus in front would be an
 * option.
 */
export function isInterfaceName(name: string): boolean {
  return /^[\w.:@+][\w.:@+-]{0,14}$/.test(name) && name !== '.' && name !== '..'
}

/** Linux's list of interfaces. */
export const INTERFACES = '/sys/class/net'

/** True where the interface was taken down (IFF_UP is not set); false also where it is not known. */
export function isInterfaceDown(name: string, root = INTERFACES): boolean {
  const flags = read(join(root, name, 'flags'))
  return flags !== '' && (Number.parseInt(flags, 16) & 1) === 0
}

/** All interfaces, those that capture the most first, and "any". `root` stands in for /sys/class/net in tests. */
export function listInterfaces(root = INTERFACES): NetworkInterface[] {
  const addresses = networkInterfaces()
  const names = existsSync(root)
    ? readdirSync(root).filter((name) => isInterfaceName(name) && existsSync(join(root, name, 'flags')))
    : Object.keys(addresses)
  const list = names.map((name) =>
    describe(
      root,
      name,
      (addresses[name] ?? []).map(({ address }) => address),
    ),
  )
  list.push({
    name: 'any',
    kind: 'any',
    mac: null,
    addresses: [],
    isUp: true,
    packets: 0,
    bridge: null,
    sees: 'All interfaces of this machine at once; traffic that passes two of them counts once.',
  })
  return list.sort((a, b) => rank(b) - rank(a) || b.packets - a.packets || (a.name < b.name ? -1 : 1))
}

/** True while this machine forwards packets between interfaces, as a gateway does. */
export function forwardsPackets(path = '/proc/sys/net/ipv4/ip_forward'): boolean {
  return read(path) === '1'
}

const ORDER: InterfaceKind[] = [
  'loopback',
  'tunnel',
  'virtual',
  'bridge-port',
  'any',
  'vlan',
  'wifi',
  'ethernet',
  'bridge',
]

function rank({ kind, isUp, addresses }: NetworkInterface): number {
  return ORDER.indexOf(kind) + (isUp ? 20 : 0) + (addresses.length > 0 && kind !== 'loopback' ? 10 : 0)
}

function describe(root: string, name: string, addresses: string[]): NetworkInterface {
  const folder = join(root, name)
  const bridge = bridgeOf(folder)
  const kind = kindOf(folder, bridge)
  const mac = read(join(folder, 'address'))
  return {
    name,
    kind,
    mac: /^[0-9a-f:]{17}$/.test(mac) && mac !== '00:00:00:00:00:00' ? mac : null,
    addresses,
    // IFF_UP. "operstate" is "unknown" where a driver does not report it.
    isUp:
      (Number.parseInt(read(join(folder, 'flags')) || '0', 16) & 1) === 1 && read(join(folder, 'operstate')) !== 'down',
    packets:
      Number(read(join(folder, 'statistics/rx_packets')) || 0) +
      Number(read(join(folder, 'statistics/tx_packets')) || 0),
    bridge,
    sees: SEES[kind](bridge),
  }
}

const SEES: Record<InterfaceKind, (bridge: string | null) => string> = {
  bridge: () => 'Everything that the devices on its ports send through this machine: the best place on a gateway.',
  'bridge-port': (bridge) => `The devices on this one port; ${bridge ?? 'its bridge'} sees those of all ports.`,
  wifi: () =>
    "The devices of this machine's own access point; as a client, only its own traffic and what is sent to all.",
  ethernet: () =>
    'The devices behind it where this machine is the gateway or a mirror port leads here; otherwise only its own traffic and what is sent to all.',
  vlan: () => 'The devices of this one VLAN.',
  tunnel: () => 'What goes through this tunnel, without the MAC addresses of devices.',
  virtual: () => 'The one container or virtual machine on the other end.',
  loopback: () => "This machine's talk with itself, and no device.",
  any: () => 'All interfaces of this machine at once; traffic that passes two of them counts once.',
}

function kindOf(folder: string, bridge: string | null): InterfaceKind {
  if (existsSync(join(folder, 'bridge'))) return 'bridge'
  if (bridge !== null) return 'bridge-port'
  if (existsSync(join(folder, 'wireless')) || existsSync(join(folder, 'phy80211'))) return 'wifi'
  const type = /^DEVTYPE=(.+)$/m.exec(read(join(folder, 'uevent')))?.[1]
  if (type === 'vlan') return 'vlan'
  if (type === 'wlan') return 'wifi'
  // ARPHRD_ (if_arp.h): 1 Ethernet, 772 loopback, 65534 none, 512 PPP.
  const hardware = Number(read(join(folder, 'type')) || 0)
  if (hardware === 772) return 'loopback'
  if (hardware !== 1) return 'tunnel'
  return existsSync(join(folder, 'device'))
    ? 'ethernet'
    : /^(?:veth|docker|vnet|tap|dummy)/.test(folder.slice(folder.lastIndexOf('/') + 1))
      ? 'virtual'
      : 'ethernet'
}

function bridgeOf(folder: string): string | null {
  const name = /^INTERFACE=(.+)$/m.exec(read(join(folder, 'brport/bridge/uevent')))?.[1]
  return name ?? null
}

/** '' where there is nothing to read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
