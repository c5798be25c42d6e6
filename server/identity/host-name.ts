// Host names as they may be shown: cleaned of what networks add to them, refused where they are placeholders.

const LONGEST_NAME = 63

/** Bytes that were no UTF-8: `\xNN` (capture/wire/text.ts), and `\DDD` in names of DNS (RFC 1035 section 5.1). */
const ESCAPED_BYTES = /(?:\\x[0-9a-f]{2})+|(?:\\[0-2][0-9]{2})+/gi
const ESCAPED_BYTE = /\\x([0-9a-f]{2})|\\([0-2][0-9]{2})/gi
/** A dot or backslash inside a label of DNS. */
const ESCAPED_LETTER = /\\([^0-9x])/g

/** Windows-1252 from 0x80 to 0x9f; the rest is Latin-1. Empty: no letter. */
const WINDOWS_1252 = [
  ...['€', '', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '', 'Ž', ''],
  ...['', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '', 'ž', 'Ÿ'],
]

/** Pairs of quotation marks around a whole name. */
const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['‘', '’'],
  ['«', '»'],
]

/** Domains of home networks: RFC 6762, RFC 8375, and what routers add to the names of their devices. */
const HOME_DOMAINS =
  /(?<=[^.])\.(local|lan|home|localdomain|localhost|home\.arpa|internal|intranet|fritz\.box|speedport\.ip|easy\.box|mshome\.net|attlocal\.net|hitronhub\.home|bthub\.home|domain_not_set\.invalid)$/i

/** What programs write where there is no name. */
const PLACEHOLDERS = new Set([
  ...['', '*', '?', '-', '--', '_', '.', '#', '0', 'unknown', 'null', 'none', 'nil', 'undefined', 'nan', 'n/a', 'na'],
  ...['localhost', 'localhost.localdomain', 'localdomain', 'localhost6', 'noname', 'no name', 'no-name', 'no_name'],
  ...[
    'unnamed',
    'unnamed device',
    'unknown device',
    'unknown-device',
    'unknown host',
    'unknown-host',
    'not set',
    'unset',
  ],
  ...[
    'false',
    'true',
    'notset',
    'empty',
    'blank',
    'nohostname',
    'no hostname',
    'no-hostname',
    'hostname',
    'host name',
    'host',
    'device',
  ],
  ...[
    'default',
    'invalid',
    'invalid name',
    'anonymous',
    'unspecified',
    'unbekannt',
    'inconnu',
    'desconocido',
    'sconosciuto',
  ],
  ...['onbekend', 'okänd', 'ukjent', 'ukendt', 'tuntematon', 'nieznany'],
])

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

/**
 * The name that a device gave itself, by DHCP, multicast DNS, NetBIOS, a table of leases or a log: bytes of older
 * systems as letters, without quotation marks and the home's domain. Null for what is no name: `*`, `(null)`,
 * `unknown`, `localhost` and the like.
 */
export function hostName(text: string): string | null {
  let name = cleanText(lettersOf(text))
  for (let before = ''; before !== name;) {
    before = name
    name = withoutQuotes(name).replace(/\.+$/, '').replace(HOME_DOMAINS, '').trim()
  }
  const bare = name.replace(/^[[(<{]+|[\])>}]+$/g, '').trim()
  return PLACEHOLDERS.has(bare.toLowerCase()) ? null : name
}

/** Escaped bytes as letters: UTF-8 where they are, else Windows-1252, of which Latin-1 is a part. */
function lettersOf(text: string): string {
  return text
    .slice(0, 8 * LONGEST_NAME)
    .replace(ESCAPED_BYTES, (run) => {
      const bytes = Uint8Array.from(run.matchAll(ESCAPED_BYTE), ([, hex, decimal]) =>
        hex === undefined ? Number(decimal) & 0xff : Number.parseInt(hex, 16),
      )
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      } catch {
        return Array.from(bytes, letterOf).join('')
      }
    })
    .replace(ESCAPED_LETTER, '$1')
    .normalize('NFC')
}

function letterOf(byte: number): string {
  return byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : String.fromCharCode(byte)
}

function withoutQuotes(name: string): string {
  for (const [open, close] of QUOTES) {
    if (name.length >= 2 && name.startsWith(open) && name.endsWith(close)) return name.slice(1, -1).trim()
  }
  // A quotation mark without its other half is what a cut or an escape left over.
  const isOdd = (name.match(/"/g)?.length ?? 0) === 1 && !/\d"$/.test(name)
  return isOdd ? name.replace('"', '').trim() : name
}
