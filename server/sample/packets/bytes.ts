// Bytes of numbers, texts and hex digits, in network byte order.

const utf8 = new TextEncoder()

export const empty = new Uint8Array(0)

export function concat(...parts: Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function text(value: string): Uint8Array {
  return utf8.encode(value)
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value)
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** Bytes from hex, blanks and colons ignored: `hex('45 00 00:14')`. */
export function hex(digits: string): Uint8Array {
  const clean = digits.replace(/[\s:]/g, '')
  if (clean.length % 2 !== 0 || /[^0-9a-f]/i.test(clean)) throw new Error(`hex: "${digits}" is not pairs of hex digits`)
  return Uint8Array.from(clean.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}
