// Choice of a device's name among the services and hosts that it announces by multicast DNS.
import type { DeviceEvidence } from './device-evidence.ts'
import { cleanText, hostName } from './host-name.ts'

/** An instance's name and its service type in "Kitchen._raop._tcp.local" (RFC 6763 section 4.1). */
const INSTANCE = /^(.*[^.])\.(_[a-z0-9-]+\._(?:tcp|udp))(?:\.|$)/i

/**
 * Services whose instances are numbers, keys or what the device does for the whole home: their names name no device.
 * Thread border routers, Matter, Apple's home hubs and remote control, Android's debugging, sleep proxies.
 */
const NAMELESS_SERVICES = new Set([
  ...['_meshcop._udp', '_meshcop-e._udp', '_trel._udp', '_srpl-tls._tcp', '_matter._tcp', '_matterc._udp'],
  ...['_matterd._udp', '_homekit._tcp', '_apple-mobdev._tcp', '_apple-mobdev2._tcp', '_remotepairing._tcp'],
  ...['_adb-tls-connect._tcp', '_adb-tls-pairing._tcp', '_adb._tcp', '_sleep-proxy._udp', '_asquic._udp'],
  ...['_googlezone._tcp', '_googlerpc._tcp', '_amzn-wplay._tcp', '_tunnel._tcp', '_nfapi._tcp'],
])
/** HomeKit accessories: a bridge announces one for each. */
const ACCESSORY = '_hap._tcp'
const BRIDGE = /\bbridge\b|homebridge|hoobs|scrypted|\bhass\b|home ?assistant|\bhub\b/i
/** Programs that show other makers' things to HomeKit, in the names of the host that they run on. */
const BRIDGING_HOST =
  /homebridge|hoobs|scrypted|\bhass(io|os)?\b|home-?assistant|openhab|iobroker|domoticz|homey/i
/** "HP LaserJet @ raspberrypi": a print server's queue (CUPS, macOS). */
const PRINT_QUEUE = /^.+ @ (.+)$/
const PRINTER_SERVICES = /^_(ipps?|printer|pdl-datastream|uscans?|scanner)\._tcp$/i

interface Instance {
  name: string
  service: string
}

/** The name; null where none of those announced is the device's own. `isMachineMade` refuses names that nobody chose. */
export function multicastName(evidence: DeviceEvidence, isMachineMade: (name: string) => boolean): string | null {
  const isUsable = (name: string | null): name is string => name !== null && name !== '' && !isMachineMade(name)
  return (
    [textName(evidence.mdnsTxt), ...announcedNames(evidence.mdnsNames, evidence.dhcpHostnames)].find(isUsable) ??
    announcedNames(evidence.repeatedNames ?? [], []).find(isUsable) ??
    null
  )
}

/** What the device is called in its texts: only where it announces one thing. */
function textName(texts: readonly string[]): string | null {
  for (const key of ['fn', 'ty']) {
    const values = texts
      .filter((text) => text.toLowerCase().startsWith(`${key}=`))
      .map((text) => cleanText(text.slice(key.length + 1)))
      .filter((value) => value !== '')
    if (new Set(values).size === 1) return hostName(values[0])
  }
  return null
}

function announcedNames(names: readonly string[], dhcpHostnames: readonly string[]): (string | null)[] {
  const instances = names.map(instanceOf).filter((one) => one !== null)
  const hosts = names
    .filter((name) => /\.local\.?$/i.test(name) && !name.includes('._') && !name.startsWith('_'))
    .filter((name) => !/\.(in-addr|ip6)\.arpa/i.test(name))
    .map(hostName)
  const isBridging = [...hosts, ...dhcpHostnames].some((name) => name !== null && BRIDGING_HOST.test(name))
  const own: (string | null)[] = []
  /** Names of what the host shows to others beside itself. */
  const shown = new Set<string>()
  for (const group of byService(instances)) {
    const distinct = new Map(group.map(({ name }) => [bareOf(name), name]))
    const isAccessory = group[0].service === ACCESSORY
    if (distinct.size === 1 && !(isAccessory && isBridging)) {
      own.push(ownerOfQueue(group[0]) ?? group[0].name)
      continue
    }
    const bridges = isAccessory ? [...distinct.values()].filter((name) => BRIDGE.test(name)) : []
    if (bridges.length === 1) own.push(bridges[0])
    const queues = new Set(group.map(ownerOfQueue))
    if (queues.size === 1) own.push([...queues][0])
    for (const [bare, name] of distinct) if (!bridges.includes(name)) shown.add(bare)
  }
  const isOwn = (name: string | null): boolean => name !== null && !shown.has(bareOf(name))
  return [...own, ...hosts].filter(isOwn)
}

/** "B8D7AF@Kitchen._raop._tcp.local" is "Kitchen"; "Hue Bridge - 2476FF._hue._tcp.local" is "Hue Bridge - 2476FF". */
function instanceOf(text: string): Instance | null {
  const parts = INSTANCE.exec(text)
  if (parts === null || text.startsWith('_')) return null
  const service = parts[2].toLowerCase()
  if (NAMELESS_SERVICES.has(service)) return null
  const name = hostName(
    parts[1]
      .replace(/^(?:[0-9A-F]{12}|RINCON_[0-9A-F]{12,}|[0-9a-f]{2}(?::[0-9a-f]{2}){5})@/i, '')
      .replace(/ \[[0-9a-f]{2}(?::[0-9a-f]{2}){5}\]$/i, ''),
  )
  return name === null ? null : { name, service }
}

function byService(instances: readonly Instance[]): Instance[][] {
  const groups = new Map<string, Instance[]>()
  for (const instance of instances) {
    const group = groups.get(instance.service)
    if (group === undefined) groups.set(instance.service, [instance])
    else group.push(instance)
  }
  return [...groups.values()]
}

function ownerOfQueue({ name, service }: Instance): string | null {
  return PRINTER_SERVICES.test(service) ? (PRINT_QUEUE.exec(name)?.[1] ?? null) : null
}

/** Letters and digits only: "Kitchen Lamp 1A2B" is also the host "Kitchen-Lamp-1A2B". */
function bareOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
