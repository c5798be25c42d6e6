// Packets in; flows, names, devices and one tick a second out. The same for a file, a replay and live traffic.
import {
  ETHER_TYPE_ARP,
  LAYER_NONE,
  NAMES_SHIFT,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  TUNNEL_NONE,
} from './constants'
import { lastTime, now, observeTime, setNow } from './clock'
import { followConnection } from './connections'
import { isCopied, noteExcluded, noteFlow, restored, resumeCopies, suspendCopies } from './copies'
import {
  countCopy,
  countExcluded,
  countIp,
  countMoreIp,
  countStopped,
  countTaken,
  countTunnelled,
  uncountCopy,
} from './counters'
import { decodeFrame, decodeHeld, decodeNextPart } from './decode'
import { isOthersPacket, openFlow, refreshBindings, settleFlow } from './flow-bindings'
import { foldTouched, hasTicks, touchFlow } from './flow-credits'
import { CONTESTED, findFlow, flowOf, flowsUsed, INSPECT_A, TOUCHED } from './flows'
import { resolveFragment } from './fragment-ports'
import { Frame, frame } from './frame'
import { advance, isExcluded, observeAnswer, takeTick } from './host'
import { inspectLaterFragment, inspectPayload } from './inspector'
import { observeArp, observeNdp } from './neighbours'
import { ownershipEpoch } from './ownership'
import { notePorts } from './ports'
import { learnFromFlows } from './seen-prefixes'
import { checkSender, ipv6End, maySenderAppear, observeSender } from './senders'
import { hasTick } from './ticks'

/** Packets that come out of order by less than this count in the second that is open. */
const REORDER_SECONDS: f64 = 5

/** The second that is open. */
let second: f64 = NaN
let admissionSecond: f64 = NaN
/** Whether the host may leave packets out, and whether it holds packets of senders that wait for an answer. */
export let mayExclude: bool = false
let isHolding: bool = false
/** Whether a packet that was captured more than once counts once. */
let leavesOutCopies: bool = true
/** Copies of the frame of packets that are interrupted by those that had to wait. */
const FRAME_BYTES: usize = offsetof<Frame>()
const SAVED_FRAMES: i32 = 4
const savedFrames = memory.data(1024, 8)
let savedCount: i32 = 0

export function setMayExclude(value: bool): void {
  mayExclude = value
}

export function setLeavesOutCopies(value: bool): void {
  leavesOutCopies = value
}

export function setIsHolding(value: bool): void {
  isHolding = value
}

/** Takes the packet in the frame, which is not decoded yet. */
export function processFrame(): void {
  countTaken()
  decodeFrame()
  if (frame.link >> NAMES_SHIFT == 1) return inspectFrame()
  keepTime()
  if (frame.isUnusual != 0) return takeUnusual()
  const isCopy = isLeftOut()
  if (mayExclude && isExcluded()) {
    noteExcluded()
    return countExcluded(frame.version == 0 ? 0 : frame.ipBytes)
  }
  if (frame.stopped != LAYER_NONE) countStopped(frame.stopped)
  if (frame.version != 0) countIp(frame.ipBytes)
  if (isCopy) return countCopy(frame.ipBytes)
  if (isHolding) observeAnswer()
  takeFrame()
  if (restored > 0) takeRestored()
}

/**
 * The packet in the frame, which is decoded, tells names and who sends from where; its bytes are counted elsewhere. Its
 * time may be that of another machine's clock: seconds end by the clock of what is counted.
 */
function inspectFrame(): void {
  const time = frame.seconds + <f64>frame.nanos * 1e-9
  const apart = frame.timed == 0 ? NaN : Math.abs(frame.seconds - admissionSecond)
  if (apart <= REORDER_SECONDS || isNaN(admissionSecond)) setNow(time)
  else setNow(admissionSecond)
  // What is in a tunnel within the home is in packets that conntrack counts, not in their names. A packet that the
  // firewall cut counts all the same, elsewhere: it is none that is damaged.
  if (frame.isUnusual != 0 || (mayExclude && isExcluded())) return
  const copies = suspendCopies()
  frame.ipBytes = 0
  if (isHolding) observeAnswer()
  takeFrame()
  resumeCopies(copies)
}

/** Those like the packet at hand that were left out, and were no copies. */
function takeRestored(): void {
  for (let count = restored; count > 0; count--) {
    uncountCopy(frame.ipBytes)
    takeFrame()
  }
}

/** A packet that was in a tunnel, or all packets of a Wi-Fi frame. */
function takeUnusual(): void {
  let isCounted = false
  while (true) {
    takePart(isCounted)
    isCounted = isCounted || frame.version != 0
    if (frame.partsAt == 0) return
    decodeNextPart()
  }
}

/** `isCounted`: the captured packet is one of the IP packets already. */
function takePart(isCounted: bool): void {
  const ipBytes = frame.version == 0 ? 0 : frame.ipBytes
  const isInTunnel = frame.tunnel != TUNNEL_NONE
  const isCopy = isLeftOut()
  if (mayExclude && isExcluded()) {
    noteExcluded()
    return countExcluded(isInTunnel ? frame.outerBytes : ipBytes)
  }
  if (frame.stopped != LAYER_NONE) countStopped(frame.stopped)
  if (isInTunnel) countTunnelled(frame.outerBytes, ipBytes)
  else if (frame.version != 0) {
    if (isCounted) countMoreIp(ipBytes)
    else countIp(ipBytes)
  }
  if (isCopy) return countCopy(ipBytes)
  if (isHolding) observeAnswer()
  takeFrame()
  if (restored > 0) takeRestored()
}

/** Whether the packet at hand was counted before. What is no IP only teaches, and may be seen twice. */
function isLeftOut(): bool {
  return frame.version != 0 && leavesOutCopies && isCopied()
}

/** Takes the packet in the frame, which had to wait and was counted as one when it came. */
export function processHeldFrame(): void {
  const before = now
  const copies = suspendCopies()
  decodeHeld()
  if (frame.link >> NAMES_SHIFT == 1) frame.ipBytes = 0
  if (frame.timed != 0) setNow(frame.seconds + <f64>frame.nanos * 1e-9)
  takeFrame()
  setNow(before)
  resumeCopies(copies)
}

/** Another packet takes the frame until `restoreFrame`. False where too many do already. */
export function saveFrame(): bool {
  if (savedCount >= SAVED_FRAMES) return false
  memory.copy(savedFrames + <usize>savedCount * FRAME_BYTES, changetype<usize>(frame), FRAME_BYTES)
  savedCount++
  return true
}

export function restoreFrame(): void {
  savedCount--
  memory.copy(changetype<usize>(frame), savedFrames + <usize>savedCount * FRAME_BYTES, FRAME_BYTES)
}

/** A live source says that it is now `at`, packet or not: what was before is over. */
export function markTime(at: f64): void {
  admissionSecond = at
  advance(at)
  if (at > second) closeSecond(at)
}

/** The source has ended: everything still open is counted. */
export function finishFlows(): void {
  learnFromFlows()
  for (let id = 0; id < flowsUsed(); id++) if (flowOf(id).isAlive != 0) settleFlow(id)
  if (hasTicks) closeSecond(NaN)
}

/** The time of the packet at hand is now; seconds before it are over. */
export function keepTime(): void {
  if (frame.timed == 0) {
    setNow(isNaN(lastTime) ? 0 : lastTime)
    if (isNaN(second)) second = now
    return
  }
  const seconds = frame.seconds
  const time = seconds + <f64>frame.nanos * 1e-9
  observeTime(time)
  if (seconds != admissionSecond) {
    admissionSecond = seconds
    advance(seconds)
    // Packets that waited were processed at their own times.
    setNow(time)
  }
  if (hasTicks && seconds != second) {
    const ahead = seconds - second
    if (!(ahead < 0 && ahead > -REORDER_SECONDS)) closeSecond(seconds)
  }
}

function closeSecond(next: f64): void {
  foldTouched()
  const closed = second
  second = next
  if (hasTick()) takeTick(closed)
}

function takeFrame(): void {
  if (frame.version != 0) countPacket()
  else if (frame.etherType == ETHER_TYPE_ARP && frame.networkAt != 0 && maySenderAppear()) observeArp()
}

function countPacket(): void {
  const isIpv4 = frame.version == 4
  const source = isIpv4 ? frame.source : ipv6End(frame.sourceAt)
  // It waits, or is counted with the others'; each packet is asked about once.
  if (!isIpv4 && source < 0) return
  const destination = isIpv4 ? frame.destination : ipv6End(frame.destinationAt)
  if (!isIpv4 && destination < 0) return
  if (frame.fragmentOffset > 0 || frame.moreFragments != 0) resolveFragment(source, destination)
  const protocol = (frame.version << 8) | frame.protocol
  const isSwapped = source > destination || (source == destination && frame.sourcePort > frame.destinationPort)
  const a = isSwapped ? destination : source
  const b = isSwapped ? source : destination
  const ports = isSwapped
    ? (frame.destinationPort << 16) | frame.sourcePort
    : (frame.sourcePort << 16) | frame.destinationPort
  const end = isSwapped ? 1 : 0
  let id = findFlow(a, b, ports, protocol)
  if (id < 0) {
    if (!maySenderAppear()) return
    id = openFlow(a, b, ports, protocol)
    observeSender(id, end)
  } else if (!checkSender(id, end)) {
    return
  }
  if (flowOf(id).epoch != ownershipEpoch) {
    refreshBindings(id)
    notePorts(id, end)
  }
  if ((flowOf(id).flags & CONTESTED) != 0 && isOthersPacket(id, end)) {
    if (frame.protocol == PROTOCOL_ICMPV6) observeNdp()
    return
  }
  countForFlow(id, end)
}

function countForFlow(id: i32, end: i32): void {
  if (frame.protocol == PROTOCOL_TCP && (frame.tcpFlags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0) followConnection(id, end)
  const flags = flowOf(id).flags
  // Before the packet is counted: a request to another host takes its own packet along. Later fragments begin nothing.
  if ((flags & (INSPECT_A << end)) != 0 && frame.payloadEnd > frame.payloadAt) {
    if (frame.fragmentOffset == 0) inspectPayload(id, end)
    else inspectLaterFragment(id, end)
  }
  if (frame.link >> NAMES_SHIFT == 1) {
    if (now > flowOf(id).last) flowOf(id).last = now
    return
  }
  noteFlow(id, end)
  const flow = flowOf(id)
  if (end == 0) flow.pendingA += frame.ipBytes
  else flow.pendingB += frame.ipBytes
  if (now > flow.last) flow.last = now
  else if (now < flow.first) flow.first = now
  flow.pendingPackets++
  if (hasTicks && (flags & TOUCHED) == 0) touchFlow(id)
  if (frame.protocol == PROTOCOL_ICMPV6) observeNdp()
}
