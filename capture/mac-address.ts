// MAC addresses as text and as numbers.

/** "aa:bb:cc:dd:ee:ff" of the first two and the last four bytes. */
export function macText(high: number, low: number): string {
  const bytes = [high >>> 8, high & 255, low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** The first two bytes and the last four (as a signed number) of "aa:bb:cc:dd:ee:ff"; null where the text is no MAC. */
export function parseMac(text: string): { high: number; low: number } | null {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return null
  const digits = text.replaceAll(':', '')
  return { high: Number.parseInt(digits.slice(0, 4), 16), low: Number.parseInt(digits.slice(4), 16) | 0 }
}
