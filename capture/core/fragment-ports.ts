// Ports of later fragments of a datagram.
import { frame } from './frame'
import { MAX_FRAGMENTS } from './limits'

/** One first fragment in the ring. */
@unmanaged
class First {
  source: i32 = 0
  destination: i32 = 0
  fragmentId: i32 = 0
  protocol: i32 = 0
  sourcePort: i32 = 0
  destinationPort: i32 = 0
}

const FIRST_BYTES: i32 = 24
/** Fragments follow each other closely: we look back from the newest, not far, so that a flood of orphans is cheap. */
const LOOK_BACK: i32 = 64

/** The first fragments seen last, in a ring: only they carry ports (RFC 791 section 3.2, RFC 8200 section 4.5). */
const ring: usize = memory.data(MAX_FRAGMENTS * FIRST_BYTES, 8)
let next: i32 = 0
let orphans: i32 = 0

/** `source` and `destination` name the addresses; writes the ports into the frame of a later fragment. */
export function resolveFragment(source: i32, destination: i32): void {
  if (frame.fragmentOffset == 0) remember(source, destination)
  else recall(source, destination)
}

/** Later fragments whose first one was not seen: they count without ports. */
export function orphanFragments(): i32 {
  return orphans
}

function remember(source: i32, destination: i32): void {
  const first = firstAt(next)
  next = (next + 1) % MAX_FRAGMENTS
  first.source = source
  first.destination = destination
  first.fragmentId = frame.fragmentId
  first.protocol = frame.protocol
  first.sourcePort = frame.sourcePort
  first.destinationPort = frame.destinationPort
}

function recall(source: i32, destination: i32): void {
  for (let back = 1; back <= LOOK_BACK; back++) {
    const first = firstAt((next - back + MAX_FRAGMENTS) % MAX_FRAGMENTS)
    const isSame = first.source == source && first.destination == destination && first.fragmentId == frame.fragmentId
    if (!isSame || first.protocol != frame.protocol) continue
    frame.sourcePort = first.sourcePort
    frame.destinationPort = first.destinationPort
    return
  }
  orphans++
}

function firstAt(place: i32): First {
  return changetype<First>(ring + <usize>(place * FIRST_BYTES))
}
