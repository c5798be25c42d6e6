// An invented conversation: payloads in two directions, and the facts about its flow.
import type { Random } from './random.ts'

/** Delays between packets in microseconds, as a process yields them. */
export type Steps = Generator<number, void, void>

/** One flow as the generator knows it; bytes are IP total lengths, seen from the device. */
export type FlowFact = {
  device: string
  application: string
  protocol: 'tcp' | 'udp'
  localAddress: string
  localPort: number
  remoteAddress: string
  remotePort: number
  /** What the device asked DNS for just before; null where it asked nothing. */
  lookedUp: string | null
  /** The name in the ClientHello or the Host header; null where there is none. */
  serverName: string | null
  sent: number
  received: number
}

export type Talk = {
  random: Random
  fact: FlowFact
  /** A payload from the device, or to it; never more than MAXIMUM_PAYLOAD bytes. */
  send(payload: Uint8Array, flags?: number): void
  receive(payload: Uint8Array, flags?: number): void
}

export type TcpTalk = Talk & {
  /** The device's next payload goes out later: `held()` sends it. For segments that arrive out of order. */
  hold(payload: Uint8Array): () => void
  /** Sent again as it was: the last segment of this direction. */
  repeat(direction: 'sent' | 'received'): void
}

/**
 * What fits into a frame of 1,514 bytes under IPv4 and IPv6, with some room for tunnels, as most stacks end up with.
 */
export const MAXIMUM_PAYLOAD = 1400
