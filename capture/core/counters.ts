// Sums over the whole capture.
import { LAYER_ICMPV6 } from './constants'

/** Packets taken, those that were excluded included. */
export let takenPackets: f64 = 0
/** IP packets and their bytes (IP total length). */
export let ipPackets: f64 = 0
export let ipBytes: f64 = 0
/** Bytes between two internet addresses: passing by, of no device at home. */
export let transitBytes: f64 = 0
/** Packets left out as copies of others, and their bytes: both are in the sums above, too. */
export let copiedPackets: f64 = 0
export let copiedBytes: f64 = 0
/** Packets that were excluded by the owner's policy. */
export let excludedPackets: f64 = 0

/** Packets in which a layer was cut off or damaged, by layer. */
const stopped = memory.data(8 * (LAYER_ICMPV6 + 1), 8)

export function countTaken(): void {
  takenPackets++
}

export function countIp(bytes: f64): void {
  ipPackets++
  ipBytes += bytes
}

export function countTransit(bytes: f64): void {
  transitBytes += bytes
}

export function countCopy(bytes: f64): void {
  copiedPackets++
  copiedBytes += bytes
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
