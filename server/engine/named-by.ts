// Name sources of a flow, in order of precedence.

export const NamedBy = {
  None: 0,
  Tls: 1,
  Quic: 2,
  Http: 3,
  Dns: 4,
  Certificate: 5,
  DnsOther: 6,
  Remembered: 7,
  Range: 8,
  Network: 9,
} as const

/** Words of the name sources, indexed by their number. */
export const NAMED_BY_WORDS = [
  'none',
  'tls',
  'quic',
  'http',
  'dns',
  'certificate',
  'dns-other',
  'remembered',
  'range',
  'network',
] as const
export type NamedByWord = (typeof NAMED_BY_WORDS)[number]
