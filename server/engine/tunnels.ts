// Protocols that carry others inside: tunnels whose inside could be read elsewhere, and VPNs whose inside is encrypted.

export interface TunnelKind {
  name: string
  isEncrypted: boolean
}

const UDP = 17
const TCP = 6

/** By IANA's protocol numbers. */
const BY_PROTOCOL: ReadonlyMap<number, TunnelKind> = new Map([
  [4, { name: 'IPv4 in IP', isEncrypted: false }],
  [41, { name: 'IPv6 in IPv4', isEncrypted: false }],
  [47, { name: 'GRE, as of ERSPAN or PPTP', isEncrypted: false }],
  [50, { name: 'IPsec', isEncrypted: true }],
  [51, { name: 'IPsec', isEncrypted: true }],
  [97, { name: 'EtherIP', isEncrypted: false }],
  [115, { name: 'L2TPv3', isEncrypted: false }],
])

/** By the lower of the ports' owners: IANA's registry of ports, and the programs' own manuals. */
const BY_PORT: readonly (readonly [protocol: number, port: number, kind: TunnelKind])[] = [
  [UDP, 37_008, { name: 'TZSP', isEncrypted: false }], // MikroTik's sniffer
  [UDP, 4_789, { name: 'VXLAN', isEncrypted: false }], // RFC 7348
  [UDP, 8_472, { name: 'VXLAN', isEncrypted: false }], // Linux's own default
  [UDP, 6_081, { name: 'Geneve', isEncrypted: false }], // RFC 8926
  [UDP, 4_754, { name: 'GRE in UDP', isEncrypted: false }], // RFC 8086
  [UDP, 5_247, { name: 'CAPWAP', isEncrypted: false }], // RFC 5415
  [UDP, 2_152, { name: 'GTP', isEncrypted: false }],
  [UDP, 1_701, { name: 'L2TP', isEncrypted: false }], // RFC 2661
  [UDP, 51_820, { name: 'WireGuard', isEncrypted: true }],
  [UDP, 41_641, { name: 'Tailscale', isEncrypted: true }],
  [UDP, 1_194, { name: 'OpenVPN', isEncrypted: true }],
  [TCP, 1_194, { name: 'OpenVPN', isEncrypted: true }],
  [UDP, 500, { name: 'IPsec', isEncrypted: true }],
  [UDP, 4_500, { name: 'IPsec', isEncrypted: true }], // RFC 3948
  [UDP, 9_993, { name: 'ZeroTier', isEncrypted: true }],
]

const OF_PORT: ReadonlyMap<number, TunnelKind> = new Map(
  BY_PORT.map(([protocol, port, kind]) => [keyOf(protocol, port), kind]),
)

function keyOf(protocol: number, port: number): number {
  return protocol * 65_536 + port
}

/** Null where nothing says that the flow is a tunnel. */
export function tunnelKind(protocol: number, port: number, otherPort: number): TunnelKind | null {
  if (protocol !== UDP && protocol !== TCP) return BY_PROTOCOL.get(protocol) ?? null
  return OF_PORT.get(keyOf(protocol, port)) ?? OF_PORT.get(keyOf(protocol, otherPort)) ?? null
}
