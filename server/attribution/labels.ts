// Labels of a connection: facts that matter to a person, whoever is at the other end.
import { LABELS, type Label } from '../rules/types.ts'

/** What is known of a connection's far end: `port` is the far end's. */
export interface ConnectionFacts {
  host: string | null
  company: string | null
  purpose: string | null
  protocol: 'tcp' | 'udp' | 'icmp' | 'esp' | 'ah' | 'gre' | 'sctp' | 'other'
  port: number
}

type Transport = 'tcp' | 'udp' | 'both'

interface PortRule {
  label: Label
  transport: Transport
  first: number
  last: number
}

/**
 * From IANA's registry of port numbers and the programs' own manuals; only ports that are rarely used for anything
 * else.
 */
const PORTS: readonly PortRule[] = [
  port('vpn', 'udp', 51820), // WireGuard
  port('vpn', 'both', 1194), // OpenVPN
  port('vpn', 'udp', 500),
  port('vpn', 'udp', 4500), // IKE and its NAT traversal, RFC 7296
  port('vpn', 'tcp', 1723), // PPTP, RFC 2637
  port('vpn', 'udp', 1701), // L2TP, RFC 2661
  port('vpn', 'udp', 41641), // Tailscale
  port('tor', 'tcp', 9001),
  port('tor', 'tcp', 9030),
  port('tor', 'tcp', 9050),
  port('tor', 'tcp', 9150),
  port('hidden-dns', 'both', 853), // DNS over TLS, RFC 7858; over QUIC, RFC 9250
  port('hidden-dns', 'both', 5443), // DNSCrypt's usual second port
  port('direct-media', 'both', 3478),
  port('direct-media', 'both', 5349), // STUN and TURN, RFC 8489
  port('direct-media', 'udp', 3479),
  port('direct-media', 'udp', 3480),
  port('direct-media', 'udp', 3481),
  range('direct-media', 'udp', 19302, 19309), // Google's STUN
  port('remote-access', 'tcp', 22), // SSH
  port('remote-access', 'both', 3389), // Remote Desktop
  range('remote-access', 'tcp', 5900, 5903), // VNC
  port('remote-access', 'both', 5938), // TeamViewer
  port('remote-access', 'tcp', 6568), // AnyDesk
  range('remote-access', 'udp', 21116, 21116),
  range('remote-access', 'tcp', 21115, 21119), // RustDesk
  range('peer-to-peer', 'both', 6881, 6889), // BitTorrent
  port('peer-to-peer', 'both', 6969), // BitTorrent tracker
  port('peer-to-peer', 'both', 4662),
  port('peer-to-peer', 'udp', 4672), // eDonkey
  port('unencrypted-login', 'tcp', 23),
  port('unencrypted-login', 'tcp', 2323), // Telnet
  port('unencrypted-login', 'tcp', 21), // FTP
]

/**
 * Resolvers that answer inside HTTPS or QUIC: their names on a web port mean that DNS is hidden from the home's own
 * resolver.
 */
const HIDDEN_DNS_HOSTS = [
  'dns.google',
  'cloudflare-dns.com',
  'one.one.one.one',
  'dns.quad9.net',
  'dns9.quad9.net',
  'dns10.quad9.net',
  'dns11.quad9.net',
  'doh.opendns.com',
  'doh.familyshield.opendns.com',
  'dns.nextdns.io',
  'dns.adguard.com',
  'dns.adguard-dns.com',
  'doh.cleanbrowsing.org',
  'dns.alidns.com',
  'doh.pub',
  'dot.pub',
  'doh.360.cn',
  'dns.controld.com',
  'freedns.controld.com',
  'doh.dns.apple.com',
  'doh.xfinity.com',
  'dns.mullvad.net',
  'doh.mullvad.net',
  'doh.dns.sb',
  'doh.cox.net',
  'dns.switch.ch',
  'doh.libredns.gr',
]

/** https://developer.apple.com/support/prepare-your-network-for-icloud-private-relay/ */
const PRIVATE_RELAY_HOSTS = [
  'mask.icloud.com',
  'mask-h2.icloud.com',
  'mask-api.icloud.com',
  'mask.apple-dns.net',
  'mask-api.fe.apple-dns.net',
]

const TOR_HOSTS = ['torproject.org', 'torproject.net']

const VPN_HOSTS = [
  'nordvpn.com',
  'expressvpn.com',
  'mullvad.net',
  'protonvpn.com',
  'protonvpn.ch',
  'surfshark.com',
  'privateinternetaccess.com',
  'cyberghostvpn.com',
  'tunnelbear.com',
  'windscribe.com',
  'tailscale.com',
  'tailscale.io',
  'zerotier.com',
  'warp.dir.cloudflareclient.com',
  'engage.cloudflareclient.com',
  'ivpn.net',
  'hotspotshield.com',
  'vyprvpn.com',
]

const REMOTE_ACCESS_HOSTS = [
  'teamviewer.com',
  'anydesk.com',
  'net.anydesk.com',
  'rustdesk.com',
  'logmein.com',
  'logmeinrescue.com',
  'gotomypc.com',
  'splashtop.com',
  'remotedesktop.google.com',
  'remotedesktop-pa.googleapis.com',
  'getscreen.me',
  'screenconnect.com',
  'dwservice.net',
  'ngrok.io',
  'ngrok.com',
  'ngrok-agent.com',
  'remote.it',
  'argotunnel.com',
]

const PEER_TO_PEER_HOSTS = [
  'bittorrent.com',
  'utorrent.com',
  'openbittorrent.com',
  'opentrackr.org',
  'thunder.sandai.net',
  'sandai.net',
]

const PROTOCOL_TCP = 6
const PROTOCOL_UDP = 17
const PROTOCOL_ESP = 50
const PROTOCOL_AH = 51

const bitsByPort = collectPortBits()

function collectPortBits(): Map<number, number> {
  const bits = new Map<number, number>()
  for (const { label, transport, first, last } of PORTS) {
    for (const protocol of [PROTOCOL_TCP, PROTOCOL_UDP]) {
      if (transport === (protocol === PROTOCOL_TCP ? 'udp' : 'tcp')) continue
      for (let number = first; number <= last; number++) {
        const key = (protocol << 16) | number
        bits.set(key, (bits.get(key) ?? 0) | bitOf(label))
      }
    }
  }
  return bits
}

/** A VPN's web page is not its tunnel, but both show that someone at home uses it. */
const LABEL_BY_SUFFIX = new Map<string, Label>([
  ...HIDDEN_DNS_HOSTS.map((suffix) => [suffix, 'hidden-dns'] as const),
  ...PRIVATE_RELAY_HOSTS.map((suffix) => [suffix, 'private-relay'] as const),
  ...TOR_HOSTS.map((suffix) => [suffix, 'tor'] as const),
  ...VPN_HOSTS.map((suffix) => [suffix, 'vpn'] as const),
  ...REMOTE_ACCESS_HOSTS.map((suffix) => [suffix, 'remote-access'] as const),
  ...PEER_TO_PEER_HOSTS.map((suffix) => [suffix, 'peer-to-peer'] as const),
])

const WEB_PORTS = [443, 8443, 80]

/**
 * The labels that follow from protocol (IANA number) and far port alone, as bits in the order of LABELS. Cheap: once
 * per flow.
 */
export function labelBitsOfPort(protocol: number, port: number): number {
  const known = bitsByPort.get((protocol << 16) | port)
  if (known !== undefined) return known
  return protocol === PROTOCOL_ESP || protocol === PROTOCOL_AH ? bitOf('vpn') : 0
}

/** The bit of a label in such a number. */
export function bitOf(label: Label): number {
  return 1 << LABELS.indexOf(label)
}

export function labelsOfBits(bits: number): Label[] {
  return bits === 0 ? [] : LABELS.filter((_, index) => (bits & (1 << index)) !== 0)
}

/** Labels of a connection, each once, in the order of the closed list's importance to a person. */
export function labelsOf(facts: ConnectionFacts): Label[] {
  const labels = new Set<Label>()
  if (facts.protocol === 'esp' || facts.protocol === 'ah') labels.add('vpn') // IPsec, RFC 4303 and 4302
  if (facts.protocol === 'tcp' || facts.protocol === 'udp')
    for (const rule of PORTS) if (matchesPort(rule, facts)) labels.add(rule.label)
  if (facts.host !== null) for (const label of hostLabels(facts.host.toLowerCase(), facts)) labels.add(label)
  return [...labels]
}

function hostLabels(host: string, facts: ConnectionFacts): Label[] {
  const labels = labelsOfSuffixes(host, facts.port)
  const isRelay = labels.includes('private-relay')
  // `purpose: dns` covers the resolvers that only the rules know.
  const isResolver = facts.purpose === 'dns' && WEB_PORTS.includes(facts.port)
  if (!isRelay && isResolver && !labels.includes('hidden-dns')) labels.push('hidden-dns')
  if (/^(open)?tracker\d*\./.test(host)) labels.push('peer-to-peer')
  if (/^(stun|turn|global\.turn|global\.stun)\d*[.-]/.test(host)) labels.push('direct-media')
  // A resolver of a VPN's company is a resolver; a relay hides the resolver too, but is more than that.
  const hidden = labels.includes('hidden-dns')
  return labels.filter((label) => !(label === 'vpn' && hidden) && !(label === 'hidden-dns' && isRelay))
}

/** Labels of the suffixes that hold the host: a look-up for each of its dots. */
function labelsOfSuffixes(host: string, port: number): Label[] {
  const labels: Label[] = []
  for (let at = 0; at >= 0; at = host.indexOf('.', at) + 1 || -1) {
    const label = LABEL_BY_SUFFIX.get(host.slice(at))
    if (label !== undefined && (label !== 'hidden-dns' || WEB_PORTS.includes(port))) labels.push(label)
  }
  return labels
}

function matchesPort(rule: PortRule, { protocol, port: number }: ConnectionFacts): boolean {
  return number >= rule.first && number <= rule.last && (rule.transport === 'both' || rule.transport === protocol)
}

function port(label: Label, transport: Transport, number: number): PortRule {
  return range(label, transport, number, number)
}

function range(label: Label, transport: Transport, first: number, last: number): PortRule {
  return { label, transport, first, last }
}
