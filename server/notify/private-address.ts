// Is an address one of a home, of this machine, or otherwise not on the internet?
import { BlockList, isIPv6 } from 'node:net'

/** RFC 6890 and its registry: private, shared, loopback, link-local, multicast, documentation and reserved blocks. */
const IPV4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
/** NAT64 (64:ff9b::) and mapped addresses carry an IPv4 address: none of them is needed to reach a receiver. */
const IPV6: readonly [string, number][] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

const blocks = new BlockList()
for (const [address, bits] of IPV4) blocks.addSubnet(address, bits, 'ipv4')
const blocks6 = new BlockList()
for (const [address, bits] of IPV6) blocks6.addSubnet(address, bits, 'ipv6')

export function isPrivateAddress(address: string): boolean {
  const plain = address.split('%')[0] as string
  return isIPv6(plain) ? blocks6.check(plain, 'ipv6') : blocks.check(plain, 'ipv4')
}
