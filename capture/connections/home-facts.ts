// Who is in the home, from a gateway's own tables: its routes, its neighbours.
import { type AddressWords, addressText, parseAddress, type Prefix } from '../ip-address.ts'

/** Neighbours and routes that are read; a home has a few dozen of each. */
const MAX_NEIGHBOURS = 4_096
const MAX_ROUTES = 4_096
const GLOBAL_UNICAST = 1

export interface Neighbour {
  mac: string
  address: string
}

export interface HomeFacts {
  neighbours: Neighbour[]
  /** Global IPv6 prefixes of the links that are not the way to the internet. */
  prefixes: Prefix[]
}

interface Found {
  neighbours: (Neighbour & { link: string })[]
  prefixes: (Prefix & { link: string })[]
  /** Links with a default route. */
  ways: Set<string>
}

/** Each reads a line of its table into what was found; false where the line is none. */
const READERS = [readRoute, readRoute6, readArp, readNdp]

/**
 * Lines of /proc/net/route, /proc/net/ipv6_route, /proc/net/arp and `ip -6 neigh`, in any order; others say nothing.
 * What is on the link to the internet is not at home, unless there is no other link.
 */
export function homeFactsOf(lines: readonly string[]): HomeFacts {
  const found: Found = { neighbours: [], prefixes: [], ways: new Set() }
  for (const line of lines) READERS.some((read) => read(line, found))
  const links = new Set([...found.neighbours, ...found.prefixes].map(({ link }) => link))
  const isOneLink = [...links].every((link) => found.ways.has(link))
  const isAtHome = ({ link }: { link: string }): boolean => isOneLink || !found.ways.has(link)
  return {
    neighbours: found.neighbours.filter(isAtHome).map(({ mac, address }) => ({ mac, address })),
    prefixes: isOneLink ? [] : found.prefixes.filter(isAtHome).map(({ words, bits }) => ({ words, bits })),
  }
}

/** Iface Destination Gateway Flags …: little-endian hexadecimal. */
function readRoute(line: string, { ways }: Found): boolean {
  const found =
    /^([\w.:@+-]{1,15})\s+([0-9A-F]{8})\s+[0-9A-F]{8}\s+[0-9A-F]{4}\s+\d+\s+\d+\s+\d+\s+([0-9A-F]{8})\s/.exec(line)
  if (found === null) return false
  if (/^0+$/.test(found[2]) && /^0+$/.test(found[3]) && ways.size < MAX_ROUTES) ways.add(found[1])
  return true
}

/** destination, bits, source, bits, gateway, metric, references, use, flags, interface (ipv6_route_seq_show). */
function readRoute6(line: string, { ways, prefixes }: Found): boolean {
  const found =
    /^([0-9a-f]{32}) ([0-9a-f]{2}) [0-9a-f]{32} [0-9a-f]{2} ([0-9a-f]{32}) [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8})\s+([\w.:@+-]{1,15})$/.exec(
      line,
    )
  if (found === null) return false
  const [, destination = '', bitsText = '', gateway = '', flags = '', link = ''] = found
  const bits = Number.parseInt(bitsText, 16)
  const hasGateway = !/^0+$/.test(gateway)
  // The kernel's own "no route" stands there as ::/0 on lo.
  if (bits === 0 && link !== 'lo') {
    if (ways.size < MAX_ROUTES) ways.add(link)
  } else if (isGlobal(destination) && bits >= 48 && bits <= 64 && !hasGateway && link !== 'lo' && isUp(flags)) {
    if (prefixes.length < MAX_ROUTES) prefixes.push({ words: wordsOf(destination), bits, link })
  }
  return true
}

function isGlobal(hex: string): boolean {
  return Number.parseInt(hex[0], 16) >> 1 === GLOBAL_UNICAST
}

/** RTF_UP, and not RTF_REJECT. */
function isUp(flags: string): boolean {
  const bits = Number.parseInt(flags, 16)
  return (bits & 0x1) !== 0 && (bits & 0x200) === 0
}

function wordsOf(hex: string): AddressWords {
  const word = (index: number): number => Number.parseInt(hex.slice(8 * index, 8 * index + 8), 16) | 0
  return [word(0), word(1), word(2), word(3)]
}

/** Address, hardware type, flags, hardware address, mask, device: complete entries of Ethernet. */
function readArp(line: string, found: Found): boolean {
  const parts =
    /^(\d[\d.]{6,14})\s+0x1\s+0x([0-9a-f]{1,4})\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+\S+\s+([\w.:@+-]{1,15})$/i.exec(
      line,
    )
  if (parts === null) return false
  if ((Number.parseInt(parts[2], 16) & 0x2) !== 0) addNeighbour(found, parts[1], parts[3], parts[4])
  return true
}

/** address dev LINK lladdr MAC [router] STATE, as iproute2 and BusyBox write it. */
function readNdp(line: string, found: Found): boolean {
  const parts = /^([0-9a-f.:]{2,45}) dev ([\w.:@+-]{1,15})\s+lladdr ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s(.*)$/i.exec(line)
  if (parts === null) return false
  // A router of the home is told of by its own packets.
  if (!/\b(?:FAILED|INCOMPLETE|router)\b/.test(parts[4])) addNeighbour(found, parts[1], parts[3], parts[2])
  return true
}

function addNeighbour({ neighbours }: Found, address: string, mac: string, link: string): void {
  const words = parseAddress(address)
  if (words === null || /^(?:00:){5}00$/.test(mac) || neighbours.length >= MAX_NEIGHBOURS) return
  neighbours.push({ address: addressText(words), mac: mac.toLowerCase(), link })
}
