// Numbers of DNS record types by the names that logs write.

/** IANA "Resource Record (RR) TYPEs", those that resolvers print by name. */
const NUMBERS: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  SRV: 33,
  ATMA: 34,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  A6: 38,
  DNAME: 39,
  SINK: 40,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
  AMTRELAY: 260,
  TA: 32768,
  DLV: 32769,
}
const BY_NAME = new Map(Object.entries(NUMBERS))

/** The number of "AAAA", "TYPE65" (RFC 3597), "type=65" (dnsmasq), "*" or "65"; null for any other word. */
export function typeOf(text: string): number | null {
  if (text.length > 16) return null
  if (text === '*') return 255
  const known = BY_NAME.get(text.toUpperCase())
  if (known !== undefined) return known
  const number = /^(?:type=?)?(\d{1,5})$/i.exec(text)?.[1]
  return number === undefined || Number(number) > 0xffff ? null : Number(number)
}

/** What an RCODE (RFC 1035 section 4.1.1) by its name or number means for the asker. */
export function statusOf(code: string, hasRecords: boolean): 'answered' | 'no-name' | 'no-data' | 'refused' | 'failed' {
  switch (code.toUpperCase()) {
    case 'NOERROR':
    case '0':
      return hasRecords ? 'answered' : 'no-data'
    case 'NXDOMAIN':
    case '3':
      return 'no-name'
    case 'REFUSED':
    case '5':
      return 'refused'
    default:
      return 'failed'
  }
}
