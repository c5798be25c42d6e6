// Checks whether a text of a log is a host name, and converts it to wire format.

/** RFC 1035 section 2.3.4, in bytes. */
const MAX_LABEL = 63
const MAX_NAME = 255
const DOT = 0x2e
const BACKSLASH = 0x5c

/** What nearly all names are: nothing to escape. */
const PLAIN_NAME = /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?$/
/** RFC 1035: 255 bytes on the wire are 253 letters and dots. */
const MAX_PLAIN_LENGTH = 253

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `raw`: a backslash is a letter (dnsmasq, JSON). `escaped`: RFC 1035 section 5.1, as BIND prints names. */
export type NameForm = 'raw' | 'escaped'

/**
 * The name in the form that readName of capture/wire/dns.ts and the engine's names give: labels joined by dots, dot and
 * backslash inside a label escaped, control characters and bytes that are no UTF-8 as \DDD, without the dot at the end.
 * Null where no wire could carry it: an empty label, a label over 63 or a name over 255 bytes, or the root.
 */
export function nameOf(text: string, form: NameForm): string | null {
  if (text.length > MAX_NAME * 4 + 1) return null
  if (text.length <= MAX_PLAIN_LENGTH && PLAIN_NAME.test(text)) return text.endsWith('.') ? text.slice(0, -1) : text
  const labels = splitLabels(Buffer.from(text, 'utf8'), form)
  if (labels === null) return null
  const isText = labels.every(isUtf8)
  return labels.map((label) => writeLabel(label, isText)).join('.')
}

/** The bytes of each label, escapes undone. */
function splitLabels(bytes: Uint8Array, form: NameForm): number[][] | null {
  const labels: number[][] = []
  let label: number[] = []
  let total = 1
  for (let at = 0; at <= bytes.length;) {
    if (at === bytes.length || bytes[at] === DOT) {
      // One dot may end the name; any other empty label is damage.
      if (label.length === 0) return at === bytes.length && labels.length > 0 ? labels : null
      total += 1 + label.length
      if (label.length > MAX_LABEL || total > MAX_NAME) return null
      labels.push(label)
      if (at === bytes.length) return labels
      label = []
      at++
    } else if (form === 'escaped' && bytes[at] === BACKSLASH && at + 1 < bytes.length) {
      const code = decimalAt(bytes, at + 1)
      label.push(code < 0 ? bytes[at + 1] : code)
      at += code < 0 ? 2 : 4
    } else {
      label.push(bytes[at++])
    }
  }
  return null
}

/** Three digits up to 255; -1 where there are none. */
function decimalAt(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let index = at; index < at + 3; index++) {
    const digit = (bytes[index] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value > 255 ? -1 : value
}

function isUtf8(label: number[]): boolean {
  try {
    utf8.decode(Uint8Array.from(label))
    return true
  } catch {
    return false
  }
}

function writeLabel(label: number[], isText: boolean): string {
  const bytes: number[] = []
  for (const byte of label) {
    if (byte === DOT || byte === BACKSLASH) bytes.push(BACKSLASH, byte)
    else if (byte < 0x20 || byte === 0x7f || (byte > 0x7f && !isText))
      bytes.push(BACKSLASH, ...Buffer.from(String(byte).padStart(3, '0')))
    else bytes.push(byte)
  }
  return Buffer.from(bytes).toString('utf8')
}
