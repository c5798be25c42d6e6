// Conversion of bytes from the network to text that keeps every byte visible.

/** Names longer than this are cut: a DNS name (RFC 1035 §2.3.4) and one DHCP option (RFC 2132 §2) hold no more. */
export const TEXT_MAX_BYTES = 255

/** RFC 1035 §2.3.4: the longest label, and the longest name with its length bytes. */
const LABEL_MAX_BYTES = 63
const NAME_MAX_BYTES = 255

/** `\xNN`. */
const ESCAPE_LENGTH = 4
const BACKSLASH = 0x5c
const LETTER_X = 0x78

/** A byte-order mark is text like any other. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Text of bytes[at, end), cut at `maxBytes` without splitting a character.
 *
 * Valid UTF-8 (RFC 3629) stays as it is, control characters included: escaping for a page, a terminal or a log is the
 * work of whoever shows it. A byte that is not UTF-8 becomes `\xNN`, so two different hostile names do not fall
 * together in one replacement character. NULs at the end are padding and are cut.
 */
export function textOf(bytes: Uint8Array, at: number, end: number, maxBytes: number = TEXT_MAX_BYTES): string {
  const stop = withoutTrailingNuls(bytes, at, cutAt(bytes, at, end, maxBytes))
  try {
    return utf8.decode(bytes.subarray(at, stop))
  } catch {
    return utf8.decode(escaped(bytes, at, stop))
  }
}

/**
 * A name in the DNS wire form (RFC 1035 §3.1) that may not be compressed, as DHCP carries it: length byte, label, …,
 * with or without the closing zero (a name without is partial, RFC 4702 §2.3, RFC 4704 §4.2). Gives the labels read
 * before the first wrong length, joined by dots, without a dot at the end; '' when there are none.
 */
export function textOfLabels(bytes: Uint8Array, at: number, end: number): string {
  const labels: string[] = []
  const stop = Math.min(end, at + NAME_MAX_BYTES)
  while (at < stop) {
    const length = bytes[at]
    if (length === 0 || length > LABEL_MAX_BYTES || at + 1 + length > stop) break
    labels.push(textOf(bytes, at + 1, at + 1 + length))
    at += 1 + length
  }
  return labels.join('.')
}

/** A copy that outlives the packet buffer. (`slice` of a Buffer would be a view of it.) */
export function copyOf(bytes: Uint8Array, at: number, end: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(at, end))
}

/** `end`, or the start of the character that the cap would split. */
function cutAt(bytes: Uint8Array, at: number, end: number, maxBytes: number): number {
  const cut = at + maxBytes
  if (end <= cut) return end
  for (let lead = cut - 1; lead >= at && lead > cut - 4; lead--) {
    if (lead + characterLength(bytes, lead, end) > cut) return lead
  }
  return cut
}

function withoutTrailingNuls(bytes: Uint8Array, at: number, end: number): number {
  while (end > at && bytes[end - 1] === 0) end--
  return end
}

/** Length of the UTF-8 character at `at`, 0 when there is none. RFC 3629 §4: no overlong forms, no surrogates. */
function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]
  if (lead < 0x80) return 1
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > end) return 0
  const second = bytes[at + 1]
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let next = at + 2; next < at + length; next++) {
    if ((bytes[next] & 0xc0) !== 0x80) return 0
  }
  return length
}

/**
 * The bytes with every one that is no UTF-8 written as `\xNN`. In one piece: letter by letter a long text costs
 * tenfold.
 */
function escaped(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const result = new Uint8Array((end - at) * ESCAPE_LENGTH)
  let written = 0
  while (at < end) {
    const length = characterLength(bytes, at, end)
    if (length === 0) {
      result[written++] = BACKSLASH
      result[written++] = LETTER_X
      result[written++] = hexDigit(bytes[at] >> 4)
      result[written++] = hexDigit(bytes[at] & 0x0f)
      at++
    }
    for (const next = at + length; at < next; at++) result[written++] = bytes[at]
  }
  return result.subarray(0, written)
}

function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value
}
