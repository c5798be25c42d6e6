// Blocks of pcapng files for the tests, in hexadecimal and described.
import { type PcapngBlock, type PcapngInterface } from '../../../server/sample/packets/pcap-writer.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

export const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'
export const ETHERNET = '01000000 14000000 0100 0000 00000000 14000000'
/** An enhanced packet block of 36 bytes: 5,000.000001 s, bytes aabbcc of 9. */
export const PACKET = '06000000 24000000 00000000 01000000 01f2052a 03000000 09000000 aabbcc00 24000000'
export const PACKET_AT = 28 + 20

export function file(...blocks: string[]): Uint8Array {
  return concat(...blocks.map(hex))
}

export function packet(seconds: number, bytes = 'aa', index = 0): PcapngBlock {
  return { kind: 'packet', interface: index, packet: { seconds, bytes: hex(bytes) } }
}

export function on(described: PcapngInterface): PcapngBlock {
  return { kind: 'interface', interface: described }
}

export function u32(value: number): string {
  return Buffer.from(Uint32Array.of(value).buffer).toString('hex')
}
