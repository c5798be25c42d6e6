// What is to be said of a capture's link layers: how often something was met, and where the first tunnel began.
import { NOTES, TUNNELS } from './constants'
import { frame } from './frame'

/** Packets by NOTE_…, and by TUNNEL_… of the tunnel that they were in. */
const notes = memory.data(8 * NOTES, 8)
const tunnels = memory.data(8 * TUNNELS, 8)
/** Whether the packet at hand is only looked at, before it is counted or after. */
let isQuiet: bool = false
/** The first unread link type behind a header of the capture program; -1 before there is one. */
let unreadInside: i32 = -1
/** Of each tunnel the sender of its first packet: the IP version, then the address in 4 or 16 bytes. */
const SENDER_BYTES: i32 = 20
const ADDRESS_AT: usize = 4
const senders = memory.data(SENDER_BYTES * TUNNELS, 8)

export function setQuiet(value: bool): void {
  isQuiet = value
}

export function countNote(note: i32): void {
  if (isQuiet) return
  const at = notes + ((<usize>note) << 3)
  store<f64>(at, load<f64>(at) + 1)
}

/** `note` is one of NOTE_…. */
export function noted(note: i32): f64 {
  return load<f64>(notes + ((<usize>note) << 3))
}

/** Keeps the link type for a sentence; one that is no number of 16 bits is -1. */
export function keepUnread(linkType: i32): void {
  if (!isQuiet && unreadInside < 0) unreadInside = linkType
}

export function unreadLinkInside(): i32 {
  return unreadInside
}

/** The packet in the frame carries another one in the tunnel. */
export function countTunnel(tunnel: i32): void {
  if (isQuiet) return
  const at = tunnels + ((<usize>tunnel) << 3)
  const count = load<f64>(at)
  store<f64>(at, count + 1)
  if (count > 0) return
  const sender = tunnelSender(tunnel)
  store<i32>(sender, frame.version)
  if (frame.version == 6) memory.copy(sender + ADDRESS_AT, frame.sourceAt, 16)
  else store<u32>(sender + ADDRESS_AT, bswap<u32>(<u32>frame.source))
}

/** `tunnel` is one of TUNNEL_…. */
export function tunnelPackets(tunnel: i32): f64 {
  return load<f64>(tunnels + ((<usize>tunnel) << 3))
}

/** Where the version (32 bits) and the address of the tunnel's first sender stand. */
export function tunnelSender(tunnel: i32): usize {
  return senders + <usize>(SENDER_BYTES * tunnel)
}
