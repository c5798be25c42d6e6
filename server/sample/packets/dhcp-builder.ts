// DHCP messages, RFC 2131 and 2132.
import { type Address, ipBytes, macBytes } from './addresses.ts'
import { concat, hex, u32, u8 } from './bytes.ts'

export const DHCP_MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  acknowledge: 5,
  refuse: 6,
  release: 7,
  inform: 8,
} as const

export const DHCP_OPTION = {
  subnetMask: 1,
  router: 3,
  dnsServers: 6,
  hostName: 12,
  requestedAddress: 50,
  leaseSeconds: 51,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  vendorClass: 60,
  clientIdentifier: 61,
  fullyQualifiedName: 81,
} as const

export type DhcpFields = {
  message: number
  transaction: number
  clientMac: Address
  clientAddress?: Address
  /** The address the server gives ("yiaddr"). */
  yourAddress?: Address
  serverAddress?: Address
  /** After the message type: [code, value]. */
  options?: [code: number, value: Uint8Array][]
  /** Without it, a server's message types are replies. */
  operation?: 1 | 2
}

/** The payload of UDP 68 → 67 or 67 → 68. */
export function dhcp(fields: DhcpFields): Uint8Array {
  const fromServer: number[] = [DHCP_MESSAGE.offer, DHCP_MESSAGE.acknowledge, DHCP_MESSAGE.refuse]
  const fixed = new Uint8Array(236)
  fixed.set([fields.operation ?? (fromServer.includes(fields.message) ? 2 : 1), 1, 6, 0])
  fixed.set(u32(fields.transaction), 4)
  fixed.set(ipBytes(fields.clientAddress ?? '0.0.0.0'), 12)
  fixed.set(ipBytes(fields.yourAddress ?? '0.0.0.0'), 16)
  fixed.set(ipBytes(fields.serverAddress ?? '0.0.0.0'), 20)
  fixed.set(macBytes(fields.clientMac), 28)
  const options = (fields.options ?? []).map(([code, value]) => concat(u8(code), u8(value.length), value))
  return concat(fixed, hex('63 82 53 63'), hex('35 01'), u8(fields.message), ...options, u8(255))
}
