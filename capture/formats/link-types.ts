// The link layers that are read, and the names of others.

/** LINKTYPE_ values, https://www.tcpdump.org/linktypes.html. */
export const LinkType = {
  Null: 0,
  Ethernet: 1,
  RawBsd: 12,
  Raw: 101,
  Loop: 108,
  LinuxCooked: 113,
  Ipv4: 228,
  Ipv6: 229,
  LinuxCooked2: 276,
} as const

const READ = new Set<number>(Object.values(LinkType))

/** Names of the link types that a householder's file may carry and that we cannot read. */
const OTHERS: Record<number, string> = {
  6: 'Token Ring',
  7: 'ARCNET',
  8: 'SLIP',
  9: 'PPP',
  10: 'FDDI',
  50: 'PPP in HDLC framing',
  51: 'PPPoE',
  104: 'Cisco HDLC',
  105: 'Wi-Fi (802.11)',
  107: 'Frame Relay',
  119: 'Wi-Fi with Prism header',
  127: 'Wi-Fi with radiotap header',
  138: 'FireWire',
  149: 'USB (old)',
  163: 'Wi-Fi with AVS header',
  189: 'USB',
  192: 'PPI',
  195: '802.15.4 (Zigbee, Thread)',
  201: 'Bluetooth',
  209: 'MFR',
  220: 'USB',
  230: '802.15.4 (Zigbee, Thread)',
  239: 'NFLOG',
  249: 'USBPcap',
  251: 'Bluetooth Low Energy',
  253: 'Netlink',
  258: 'PKTAP',
}

const READ_NAMES: Record<number, string> = {
  [LinkType.Null]: 'Loopback',
  [LinkType.Ethernet]: 'Ethernet',
  [LinkType.RawBsd]: 'IP',
  [LinkType.Raw]: 'IP',
  [LinkType.Loop]: 'Loopback',
  [LinkType.LinuxCooked]: 'Linux cooked',
  [LinkType.Ipv4]: 'IPv4',
  [LinkType.Ipv6]: 'IPv6',
  [LinkType.LinuxCooked2]: 'Linux cooked',
}

/** "Ethernet", "Wi-Fi with radiotap header"; the number where it has no name here. */
export function linkTypeName(linkType: number): string {
  return READ_NAMES[linkType] ?? OTHERS[linkType] ?? `link type ${linkType}`
}

export function isReadable(linkType: number): boolean {
  return READ.has(linkType)
}

/** "link type 127 (Wi-Fi with radiotap header)". */
export function describeLinkType(linkType: number): string {
  const name = OTHERS[linkType]
  return name === undefined ? `link type ${linkType}` : `link type ${linkType} (${name})`
}
