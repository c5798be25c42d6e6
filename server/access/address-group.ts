// Which addresses are one visitor's? An IPv6 home has 2^64 of them.
import { isIPv6 } from 'node:net'

/** An IPv4 address as it is; of an IPv6 address its /64, as eight-digit text. */
export function addressGroup(address: string): string {
  const plain = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)
  if (mapped !== null) return mapped[1] as string
  if (!isIPv6(plain)) return plain
  const [head = '', tail = ''] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  while (plain.includes('::') && groups.length + after.length < 8) groups.push('0')
  return [...groups, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

export function isLoopback(address: string): boolean {
  const group = addressGroup(address)
  return group.startsWith('127.') || address.replace(/%.*$/, '') === '::1'
}
