// Sums over the whole capture.
import { LAYERS } from './constants'

/** Packets taken, those that were excluded included. */
export let takenPackets: f64 = 0
/** IP packets and their bytes (IP total length). */
export let ipPackets: f64 = 0
export let ipBytes: f64 = 0
/** Bytes between two internet addresses: passing by, of no device at home. */
export let transitBytes: f64 = 0
/**
 * IP bytes of packets that carry another one in a tunnel, less the IP bytes of that one, which is counted in their place:
 * the outer headers, and all of a packet whose content is no IP. Below 0 where the mirror cut packets off.
 */
export let tunnelBytes: f64 = 0
/** Packets that were excluded by the owner's policy. */
export let excludedPackets: f64 = 0

/** Packets in which a layer was cut off or damaged, by layer. */
const stopped = memory.data(8 * LAYERS, 8)

export function countTaken(): void {
  takenPackets++
}

export function countIp(bytes: f64): void {
  ipPackets++
  ipBytes += bytes
}

/** A further packet in the same frame. */
export function countMoreIp(bytes: f64): void {
  ipBytes += bytes
}

/** A packet in a tunnel: `outer` bytes outside, 0 where they are counted already, `inner` inside. */
export function countTunnelled(outer: f64, inner: f64): void {
  if (outer > 0) ipPackets++
  ipBytes += outer
  tunnelBytes += outer - inner
}

export function countTransit(bytes: f64): void {
  transitBytes += bytes
}

export function countExcluded(): void {
  excludedPackets++
}

export function countStopped(layer: i32): void {
  const at = stopped + ((<usize>layer) << 3)
  store<f64>(at, load<f64>(at) + 1)
}

/** `layer` is one of LAYER_…. */
export function stoppedAtLayer(layer: i32): f64 {
  return load<f64>(stopped + ((<usize>layer) << 3))
}
