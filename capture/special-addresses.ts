// The blocks of addresses that are special: IANA's IPv4 and IPv6 special-purpose registries, multicast, and what is not
// assigned. Of two blocks that hold an address the smaller one counts.

/**
 * `public`: globally reachable. `home`: a device at home may hold it. `documentation`: nobody's. `none`: no place on
 * the internet and nobody's at home.
 */
export type AddressUse = 'public' | 'home' | 'documentation' | 'none'

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and RFC 5771 (multicast). */
export const IPV4_BLOCKS: Readonly<Record<string, AddressUse>> = {
  '0.0.0.0/0': 'public',
  '0.0.0.0/8': 'none', // "this network", RFC 791
  '10.0.0.0/8': 'home', // RFC 1918
  '100.64.0.0/10': 'home', // shared address space, RFC 6598
  '127.0.0.0/8': 'none', // loopback, RFC 1122
  '169.254.0.0/16': 'home', // link-local, RFC 3927
  '172.16.0.0/12': 'home', // RFC 1918
  '192.0.0.0/24': 'none', // IETF protocol assignments, RFC 6890: DS-Lite, dummy address, discovery of NAT64
  '192.0.0.9/32': 'public', // anycast of PCP, RFC 7723
  '192.0.0.10/32': 'public', // anycast of TURN, RFC 8155
  '192.0.2.0/24': 'documentation', // RFC 5737
  '192.88.99.0/24': 'none', // 6to4 relays, withdrawn by RFC 7526
  '192.168.0.0/16': 'home', // RFC 1918
  '198.18.0.0/15': 'none', // benchmarking, RFC 2544
  '198.51.100.0/24': 'documentation', // RFC 5737
  '203.0.113.0/24': 'documentation', // RFC 5737
  '224.0.0.0/4': 'none', // multicast
  '240.0.0.0/4': 'none', // reserved, RFC 1112, and broadcast
}

/** https://www.iana.org/assignments/iana-ipv6-special-registry; only 2000::/3 is global unicast (RFC 4291). */
export const IPV6_BLOCKS: Readonly<Record<string, AddressUse>> = {
  '::/0': 'none', // not assigned; ::, ::1 and the mapped and compatible addresses among them
  // Translated to the IPv4 address inside it by the home's own NAT64 (RFC 6052): no receiver needs it.
  '64:ff9b::/96': 'none',
  '64:ff9b:1::/48': 'none', // translation within a network, RFC 8215
  '100::/64': 'none', // discard, RFC 6666
  '100:0:0:1::/64': 'none', // dummy prefix, RFC 9780
  '2000::/3': 'public',
  '2001::/23': 'none', // IETF protocol assignments, RFC 2928; Teredo and ORCHID among them
  '2001:1::1/128': 'public', // anycast of PCP, RFC 7723
  '2001:1::2/128': 'public', // anycast of TURN, RFC 8155
  '2001:1::3/128': 'public', // anycast of DNS-SD SRP, RFC 9665
  '2001:3::/32': 'public', // AMT, RFC 7450
  '2001:4:112::/48': 'public', // AS112, RFC 7535
  '2001:20::/28': 'public', // ORCHIDv2, RFC 7343
  '2001:30::/28': 'public', // drones' identities, RFC 9374
  '2001:db8::/32': 'documentation', // RFC 3849
  '2002::/16': 'none', // 6to4, RFC 3056
  '3fff::/20': 'documentation', // RFC 9637
  '5f00::/16': 'none', // segment routing, RFC 9602
  'fc00::/7': 'home', // RFC 4193
  'fe80::/10': 'home', // link-local, RFC 4291
  'fec0::/10': 'none', // site-local, withdrawn by RFC 3879
  'ff00::/8': 'none', // multicast
}
