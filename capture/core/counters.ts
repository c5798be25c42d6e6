// Sums over the whole capture.
import { LAYERS, REST_PASSING, RESTS } from './constants'

/** Packets taken, those that were excluded included. */
export let takenPackets: f64 = 0
/** IP packets and their bytes (IP total length). */
export let ipPackets: f64 = 0
export let ipBytes: f64 = 0
/** Bytes of no device at home: all kinds of the rest (REST_…) together. */
export let transitBytes: f64 = 0
/** Packets left out as copies of others, and their bytes: both are in the sums above, too. */
export let copiedPackets: f64 = 0
export let copiedBytes: f64 = 0
/** Bytes within the home, each packet once, however many of its ends are known. */
export let localBytes: f64 = 0
/**
 * IP bytes of packets that carry another one in a tunnel, less those of that one, which is counted in their place:
 * the outer headers, and all of a packet whose content is no IP. Below 0 where the mirror cut packets off.
 */
export let tunnelBytes: f64 = 0
/** Packets that were excluded by the owner's policy, and their IP bytes, which are not in `ipBytes`. */
export let excludedPackets: f64 = 0
export let excludedBytes: f64 = 0

/** Packets and bytes of no device at home, by kind. */
const restPackets = memory.data(8 * RESTS, 8)
const restBytes = memory.data(8 * RESTS, 8)

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

/** A packet between two internet addresses. */
export function countTransit(bytes: f64): void {
  countRest(REST_PASSING, bytes, 1)
}

/** Bytes of no device; `kind` is one of REST_…. */
export function countRest(kind: i32, bytes: f64, packets: f64): void {
  const place = (<usize>kind) << 3
  store<f64>(restBytes + place, load<f64>(restBytes + place) + bytes)
  store<f64>(restPackets + place, load<f64>(restPackets + place) + packets)
  transitBytes += bytes
}

export function countCopy(bytes: f64): void {
  copiedPackets++
  copiedBytes += bytes
}

/** What was left out as a copy was none. */
export function uncountCopy(bytes: f64): void {
  copiedPackets--
  copiedBytes -= bytes
}

export function restBytesOf(kind: i32): f64 {
  return load<f64>(restBytes + ((<usize>kind) << 3))
}

export function restPacketsOf(kind: i32): f64 {
  return load<f64>(restPackets + ((<usize>kind) << 3))
}

export function countLocal(bytes: f64): void {
  localBytes += bytes
}

export function countExcluded(bytes: f64): void {
  excludedPackets++
  excludedBytes += bytes
}

export function countStopped(layer: i32): void {
  const at = stopped + ((<usize>layer) << 3)
  store<f64>(at, load<f64>(at) + 1)
}

/** `layer` is one of LAYER_…. */
export function stoppedAtLayer(layer: i32): f64 {
  return load<f64>(stopped + ((<usize>layer) << 3))
}

/** Bytes and packets that another program counted. */
export function countCredited(bytes: f64, packets: f64): void {
  takenPackets += packets
  ipPackets += packets
  ipBytes += bytes
}

/** The same of what the owner excluded. */
export function countExcludedCredit(bytes: f64, packets: f64): void {
  takenPackets += packets
  excludedPackets += packets
  excludedBytes += bytes
}
