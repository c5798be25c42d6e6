// Choice of a device's name, and the source of that name.
import type { DeviceEvidence } from './device-evidence.ts'

export type NameSource = 'owner' | 'dhcp' | 'mdns' | 'ssdp' | 'rule'

export interface ChosenName {
  name: string | null
  nameFrom: NameSource | null
}

const LONGEST_NAME = 63

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

/** The owner's name, else DHCP's, mDNS's, SSDP's, else the rule's. */
export function chooseName(evidence: DeviceEvidence, ruleName: string | null): ChosenName {
  const owner = cleanText(evidence.ownerName ?? '')
  if (owner !== '') return { name: owner, nameFrom: 'owner' }
  const dhcp = evidence.dhcpHostnames
    .map((name) => cleanText(name).replace(/\.(local|lan|home|localdomain|home\.arpa)$/i, ''))
    .filter((name) => name !== '')
  const chosen = dhcp.find((name) => !isMachineMade(name))
  if (chosen !== undefined) return { name: chosen, nameFrom: 'dhcp' }
  const mdns = mdnsName(evidence)
  if (mdns !== null) return { name: mdns, nameFrom: 'mdns' }
  const ssdp = evidence.ssdpServers.map(ssdpProduct).find((name) => name !== null)
  if (ssdp !== undefined && ssdp !== null) return { name: ssdp, nameFrom: 'ssdp' }
  if (ruleName !== null) return { name: ruleName, nameFrom: 'rule' }
  return dhcp.length > 0 ? { name: dhcp[0], nameFrom: 'dhcp' } : { name: null, nameFrom: null }
}

/**
 * Text from the wire as it may be shown: no control, format or bidirectional characters, single spaces, not endless.
 */
export function cleanText(text: string): string {
  return text
    .slice(0, 4 * LONGEST_NAME)
    .replace(/[\p{C}\p{Zl}\p{Zp}\ufffd]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_NAME)
}

function mdnsName(evidence: DeviceEvidence): string | null {
  for (const key of ['fn', 'ty']) {
    const text = evidence.mdnsTxt.find((entry) => entry.toLowerCase().startsWith(`${key}=`))
    const value = text === undefined ? '' : cleanText(text.slice(key.length + 1))
    if (value !== '' && !isMachineMade(value)) return value
  }
  const names = evidence.mdnsNames.map(cleanText)
  const instances = names
    .filter((name) => /[^.]\._[a-z0-9-]+\._(tcp|udp)\b/i.test(name) && !name.startsWith('_'))
    .map(instanceOf)
  const hosts = names
    .filter((name) => /\.local\.?$/i.test(name) && !name.includes('._') && !name.startsWith('_'))
    .map((name) => name.replace(/\.local\.?$/i, ''))
  const usable = [...instances, ...hosts].filter(
    (name) => name !== '' && !isMachineMade(name) && !/\.(in-addr|ip6)\.arpa/i.test(name),
  )
  return usable[0] ?? null
}

/** "B8D7AF@Kitchen._raop._tcp.local" is "Kitchen"; "Hue Bridge - 2476FF._hue._tcp.local" is "Hue Bridge - 2476FF". */
function instanceOf(name: string): string {
  const instance = name.slice(0, name.indexOf('._'))
  return instance.replace(/^[0-9A-F]{12}@/i, '').trim()
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
