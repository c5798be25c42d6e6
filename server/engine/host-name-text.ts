// Text that names a host.

/**
 * Whether the text names a host and is no address: letters, digits, hyphens, underscores and dots (RFC 1123 section
 * 2.1),
 * UTF-8 let pass. An IPv4 address has no letter, an IPv6 address has colons.
 */
export function isHostName(bytes: Uint8Array, at: number, end: number): boolean {
  let hasLetter = false
  for (let index = at; index < end; index++) {
    const byte = bytes[index]
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    const isOther = (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x5f || byte >= 0x80
    if (!isLetter && !isOther) return false
    hasLetter ||= isLetter || byte >= 0x80
  }
  return hasLetter
}
