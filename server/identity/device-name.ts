// Choice of a device's name, and the source of that name.
import type { DeviceEvidence } from './device-evidence.ts'
import { cleanText, hostName } from './host-name.ts'
import { multicastName } from './multicast-name.ts'

export { cleanText } from './host-name.ts'

export type NameSource = 'owner' | 'dhcp' | 'mdns' | 'netbios' | 'ssdp' | 'log' | 'rule'

export interface ChosenName {
  name: string | null
  nameFrom: NameSource | null
}

/**
 * Names that a module or an operating system fills in when nobody chose one: used only where there is nothing better.
 */
const MACHINE_MADE = [
  /^(localhost|unknown|none|null|\(none\)|android|linux|espressif|esp-?\d*|lwip\d*|hf-lpb\d+|udhcpc?|wlan\d?|openwrt|debian|ubuntu|user|device|host|default)$/i,
  /^(esp|gainspan|wlan|wifi|mxchip|android|amazon|lwip|wiz|rtk|host|device|iot|unknown)[_-]?[0-9a-f]{4,16}$/i,
  /^[0-9a-f]{8,}$/i,
  /^[0-9a-f]{2}([:_-][0-9a-f]{2}){5}$/i,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^\d{1,3}([.-]\d{1,3}){3}$/,
]

/** Words of an SSDP SERVER header that name software, not the product. */
const SSDP_SOFTWARE =
  /^(linux|upnp|http|dlnadoc|posix|unix|windows|microsoft|microsoft-windows|portable|sdk|for|devices|ipos|unspecified|debian|ubuntu|openwrt|miniupnpd|minissdpd|lwip|freertos|threadx|vxworks|ecos|nucleus|android|intel|micrium|net-os|server|httpd|simple|os|libupnp|allegro-software-rompager|custom|gupnp|arch|ralink|realtek|jupnp|cling|upnp-device-host|application|node|nodejs|python|async-upnp-client|java|darwin|ipbridge|platinum|embedded|device)$/i

/** Names that every host of a kind is asked for: whoever answers to them may be none of it. */
const ASKED_OF_ALL = /^(wpad|isatap|proxy|gateway|router|printer|server|fileserver|nas)$/i

/** The owner's name, else DHCP's, mDNS's, NetBIOS's, SSDP's, a log's, else the rule's. */
export function chooseName(evidence: DeviceEvidence, ruleName: string | null): ChosenName {
  const owner = cleanText(evidence.ownerName ?? '')
  if (owner !== '') return { name: owner, nameFrom: 'owner' }
  const dhcp = namesIn(evidence.dhcpHostnames)
  const chosen = dhcp.find((name) => !isMachineMade(name))
  if (chosen !== undefined) return { name: chosen, nameFrom: 'dhcp' }
  const mdns = multicastName(evidence, isMachineMade)
  if (mdns !== null) return { name: mdns, nameFrom: 'mdns' }
  const netbios = netbiosName(evidence)
  if (netbios !== null) return { name: netbios, nameFrom: 'netbios' }
  const ssdp = evidence.ssdpServers.map(ssdpProduct).find((name) => name !== null)
  if (ssdp !== undefined && ssdp !== null) return { name: ssdp, nameFrom: 'ssdp' }
  const [logged] = namesIn(evidence.loggedNames ?? [])
  if (logged !== undefined) return { name: logged, nameFrom: 'log' }
  if (ruleName !== null) return { name: ruleName, nameFrom: 'rule' }
  return dhcp.length > 0 ? { name: dhcp[0], nameFrom: 'dhcp' } : { name: null, nameFrom: null }
}

/** Names of a list as they may be shown, without placeholders. */
function namesIn(texts: readonly string[]): string[] {
  return texts.map(hostName).filter((name) => name !== null)
}

/** What it registered; else the only name that it answers to: who answers to several may answer for others. */
function netbiosName({ netbiosNames = [], answeredNames = [] }: DeviceEvidence): string | null {
  const registered = namesIn(netbiosNames).find((name) => !isMachineMade(name))
  if (registered !== undefined) return registered
  const answered = [...new Set(namesIn(answeredNames).map((name) => name.toUpperCase()))]
  const [only] = namesIn(answeredNames)
  return answered.length === 1 && !ASKED_OF_ALL.test(only) && !isMachineMade(only) ? only : null
}

function ssdpProduct(server: string): string | null {
  const tokens = cleanText(server)
    .replace(/\([^)]*\)/g, ' ')
    .split(/[\s,;]+/)
  for (const token of tokens.toReversed()) {
    const [product, version] = token.split('/')
    if (version === undefined || !/^[a-z][a-z0-9_-]{2,}$/i.test(product) || SSDP_SOFTWARE.test(product)) continue
    return product.replaceAll('_', ' ')
  }
  return null
}

function isMachineMade(name: string): boolean {
  const bare = name.replace(/^[[(]|[\])]$/g, '')
  return MACHINE_MADE.some((pattern) => pattern.test(bare))
}
