// Inputs of the core: packets one by one, a piece of a capture file, a payload for the readers alone, or calls of what
// the core offers.

export interface CorePacket {
  linkType: number
  seconds: number
  nanos: number
  timed: boolean
  originalLength: number
  bytes: Uint8Array
  /** Where the network layer and the payload start, as the core decoded the packet before it was changed. */
  networkAt: number
  payloadAt: number
}

export type InputKind = 'packets' | 'pcap' | 'pcapng' | 'payload' | 'calls'

export interface CoreInput {
  kind: InputKind
  /** Of what is drawn while it runs: the host's answers, the sizes of pieces, which calls. */
  seed: number
  packets: CorePacket[]
  /** A piece of a file, or a payload. */
  bytes: Uint8Array
}

export const NO_BYTES = new Uint8Array(0)

export function packetsInput(packets: CorePacket[], seed: number): CoreInput {
  return { kind: 'packets', seed, packets, bytes: NO_BYTES }
}

export function bytesInput(kind: InputKind, bytes: Uint8Array, seed: number): CoreInput {
  return { kind, seed, packets: [], bytes }
}
