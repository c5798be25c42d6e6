// Is this text of a log an IP address? Logs hold names, words and traps where an address is expected.

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/
const IPV6_GROUP = /^[0-9a-fA-F]{1,4}$/
const LONGEST = 64

/** The address in lower case and without its zone, IPv4-mapped ones as IPv4; null where the text is none. */
export function addressOf(text: string): string | null {
  if (text.length < 2 || text.length > LONGEST) return null
  if (IPV4.test(text)) return text
  const bytes = ipv6Bytes(text)
  if (bytes === null) return null
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  return isMapped ? ipv4Text(bytes, 12) : ipv6Text(bytes, 0)
}

/** 0.0.0.0 and :: are what filters answer instead of an address. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

export function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

/** RFC 5952: lower case, the longest run of two or more zero groups as "::". */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[at + 2 * index] as number) << 8) | (bytes[at + 2 * index + 1] as number),
  )
  let bestAt = -1
  let bestLength = 1
  for (let index = 0; index < 8; index++) {
    let length = 0
    while (index + length < 8 && groups[index + length] === 0) length++
    if (length > bestLength) {
      bestAt = index
      bestLength = length
    }
    if (length > 0) index += length - 1
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return bestAt < 0 ? text(0, 8) : `${text(0, bestAt)}::${text(bestAt + bestLength, 8)}`
}

/** "AA-BB-…" or "aa:bb:…" as "aa:bb:cc:dd:ee:ff"; null for anything else, for groups and for the empty address. */
export function macOf(text: string): string | null {
  if (!/^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}$/.test(text)) return null
  const mac = text.toLowerCase().replaceAll('-', ':')
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1 || mac === '00:00:00:00:00:00' ? null : mac
}

function ipv6Bytes(text: string): Uint8Array | null {
  const zone = text.indexOf('%')
  const halves = (zone < 0 ? text : text.slice(0, zone)).split('::')
  if (halves.length > 2) return null
  const before = groupBytes(halves[0] as string, halves.length === 1)
  const after = halves.length === 2 ? groupBytes(halves[1] as string, true) : []
  if (before === null || after === null) return null
  const missing = 16 - before.length - after.length
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null
  return Uint8Array.from([...before, ...new Array<number>(missing).fill(0), ...after])
}

/** Groups of two bytes; the last may be a dotted IPv4 address where the text ends with them. */
function groupBytes(text: string, isLast: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (IPV6_GROUP.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 255)
    } else if (isLast && index === groups.length - 1 && IPV4.test(group)) {
      bytes.push(...group.split('.').map(Number))
    } else {
      return null
    }
  }
  return bytes
}
