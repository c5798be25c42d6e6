// English words of the table below the meter of who is known. Loaded with it, not with every page.
export const coverageWords = {
  who: 'Who is behind it',
  shares: {
    seen: 'Seen',
    likely: 'Probably',
    unknown: 'Not known',
  },
  sharesMean: {
    seen: 'a name or a company’s own address',
    likely: 'no name, but what speaks for one company',
    unknown: 'a rented cloud, or an address that could be anybody’s',
  },
  /** Of the whole recording, or since the program began to watch. */
  rest: 'Of no device, since the start',
  reasons: {
    'passing-by': 'Passing by',
    groups: 'To groups, from outside',
    'no-address': 'Without an address',
    copies: 'Copies',
    'tunnel-headers': 'Headers of tunnels',
    unprocessed: 'Not processed',
    paused: 'Paused devices',
  } as Record<string, string>,
  how: 'How the names were seen',
  nameSources: {
    tls: 'Name in the TLS handshake',
    quic: 'Name in the TLS handshake of QUIC',
    http: 'Name in an unencrypted request',
    dns: 'The device asked for this name just before',
    certificate: 'Name in the server’s certificate',
    'dns-other': 'Another device asked for this name',
    remembered: 'Known from an earlier visit',
    range: 'Address published by the company',
    network: 'Only whose network it is',
    none: 'No name',
    'kept-back': 'Details not kept',
    other: 'Folded together',
  },
}
