// The ClientHello that a QUIC client sends, read from its Initial packets: QUIC version 1 (RFC 9000, 9001), version 2
// (RFC 9369) and the drafts that browsers and apps shipped with.
import { allocate, byteAt } from '../memory'
import { NEED_MORE, NOT_HELLO, readClientHelloMessage } from '../tls-hello'
import { addPiece, clearStream, isEmpty, shrinkStream, STREAM_BYTES, streamBytes, wholeOf } from './crypto-stream'
import { contentEnd, contentStart, openedNumber, openPacket, TAG_LENGTH } from './decrypt'
import {
  FRAME_ACK,
  FRAME_ACK_ECN,
  FRAME_CONNECTION_CLOSE,
  FRAME_CRYPTO,
  FRAME_PADDING,
  FRAME_PING,
  skipAck,
  skipConnectionClose,
  skipPadding,
} from './frames'
import {
  connectionIdAt,
  connectionIdLength,
  headerType,
  headerVersion,
  numberAt,
  packetEnd,
  readLongHeader,
} from './header'
import { areFor, areOfVersion, deriveAgain, deriveKeys, forgetKeys, haveConnectionId, KEYS_BYTES } from './keys'
import { readVarint, varintEnd } from './varint'
import { initialTypeOf, zeroRttTypeOf } from './versions'

/** The ClientHello is whole. */
export const COMPLETE: i32 = 1
/** No Initial of this datagram can be decrypted, or they carry no ClientHello; a later one may. (0 is NEED_MORE.) */
export const UNREADABLE: i32 = -1
/** No Initial of a known version is in this datagram. */
export const NOT_INITIAL: i32 = -2

/** Initial packets decrypted per datagram: clients send one or two. */
const MAX_INITIALS_PER_DATAGRAM: i32 = 4
/** Long header packets read per datagram. */
const MAX_PACKETS_PER_DATAGRAM: i32 = 16
/** Decrypted packets remembered by their tag, so that a copy costs nothing. */
const REMEMBERED_PACKETS: i32 = 8

const SAMPLE_LENGTH: usize = 16

/**
 * The client's Initial packets of one flow, up to its ClientHello: `resetInitials` makes the record ready for another
 * flow and keeps its memory. Two records of keys and the CRYPTO stream stand behind it.
 */
@unmanaged
class InitialFlow {
  largestNumber: i64 = -1
  /** The first eight bytes of the tag of each of the packets decrypted last. */
  tag0: i64 = 0
  tag1: i64 = 0
  tag2: i64 = 0
  tag3: i64 = 0
  tag4: i64 = 0
  tag5: i64 = 0
  tag6: i64 = 0
  tag7: i64 = 0
  openedCount: i32 = 0
  keysChosen: i32 = 0
  complete: i32 = 0
  /** The keys in use: of the connection id that worked last, until then of the first one seen. */
  keys: usize = 0
  spareKeys: usize = 0
  stream: usize = 0
}

/** Where the message that was read last as a hello begins and ends, 0 where the flow's stream was dropped since. */
export let initialHelloAt: usize = 0
export let initialHelloEnd: usize = 0
/** How often that changed. */
export let initialHelloChanges: i32 = 0

function readHello(at: usize, end: usize): i32 {
  initialHelloAt = at
  initialHelloEnd = end
  initialHelloChanges++
  return readClientHelloMessage(at, end)
}

/** A reader of one flow's Initials, to be given back with `releaseInitials`. */
export function newInitials(): usize {
  const address = allocate(offsetof<InitialFlow>() + 2 * KEYS_BYTES + STREAM_BYTES)
  const flow = changetype<InitialFlow>(address)
  flow.largestNumber = -1
  flow.keys = address + offsetof<InitialFlow>()
  flow.spareKeys = flow.keys + KEYS_BYTES
  flow.stream = flow.spareKeys + KEYS_BYTES
  return address
}

/** Forgets the flow. Memory beyond what a usual hello needs is given back. */
export function resetInitials(initials: usize): void {
  const flow = changetype<InitialFlow>(initials)
  forgetKeys(flow.keys)
  forgetKeys(flow.spareKeys)
  flow.keysChosen = 0
  flow.complete = 0
  forgetStream(flow)
  shrinkStream(flow.stream)
}

export function releaseInitials(initials: usize): void {
  resetInitials(initials)
  const bytes = streamBytes(changetype<InitialFlow>(initials).stream)
  if (bytes != 0) heap.free(bytes)
  heap.free(initials)
}

/**
 * Reads one UDP payload from client to server. Returns COMPLETE, NEED_MORE (0), UNREADABLE or NOT_INITIAL, the best of
 * its coalesced packets (RFC 9000 12.2). Packets that are not Initials, cannot be decrypted or are copies are skipped
 * and leave the stream as it is; the caller bounds the number of attempts. With COMPLETE the hello is in tls-hello.ts,
 * until the next datagram.
 */
export function pushInitial(initials: usize, at: usize, end: usize): i32 {
  const flow = changetype<InitialFlow>(initials)
  if (flow.complete != 0) return COMPLETE
  let result = NOT_INITIAL
  let count = 0
  for (let packets = 0; packets < MAX_PACKETS_PER_DATAGRAM && readLongHeader(at, end); packets++) {
    const next = packetEnd
    if (headerType == initialTypeOf(headerVersion)) {
      if (++count > MAX_INITIALS_PER_DATAGRAM) break
      const outcome = readInitial(flow, at, end)
      if (outcome == COMPLETE) return COMPLETE
      if (outcome > result) result = outcome
    } else if (headerType == zeroRttTypeOf(headerVersion)) {
      chooseFirstKeys(flow)
    }
    at = next
  }
  return result
}

function readInitial(flow: InitialFlow, at: usize, end: usize): i32 {
  // The sample begins 4 bytes after the packet number does, whatever its length (RFC 9001 5.4.2).
  if (packetEnd > end || numberAt + 4 + SAMPLE_LENGTH > packetEnd) return UNREADABLE
  const tag = load<i64>(packetEnd - TAG_LENGTH)
  if (wasOpened(flow, tag)) return NEED_MORE
  if (!open(flow, at)) return UNREADABLE
  rememberOpened(flow, tag)
  return readFrames(flow, contentStart, contentEnd)
}

/**
 * The keys follow from the connection id of the client's very first packet (RFC 9001 5.2); 0-RTT packets, which may
 * overtake the Initial, carry it too.
 */
function chooseFirstKeys(flow: InitialFlow): void {
  if (flow.keysChosen != 0) return
  flow.keysChosen = 1
  deriveKeys(flow.keys, headerVersion, connectionIdAt, connectionIdLength)
}

/** Decrypts the packet in header.ts, which begins at `at`. */
function open(flow: InitialFlow, at: usize): bool {
  chooseFirstKeys(flow)
  // The version may change within a connection, the connection id that the keys come from does not (RFC 9369 4.1).
  if (!areOfVersion(flow.keys, headerVersion)) deriveAgain(flow.keys, headerVersion)
  if (openPacket(at, flow.keys, flow.largestNumber)) {
    if (openedNumber > flow.largestNumber) flow.largestNumber = openedNumber
    return true
  }
  if (haveConnectionId(flow.keys, connectionIdAt, connectionIdLength)) return false
  if (!areFor(flow.spareKeys, headerVersion, connectionIdAt, connectionIdLength))
    deriveKeys(flow.spareKeys, headerVersion, connectionIdAt, connectionIdLength)
  if (!openPacket(at, flow.spareKeys, -1)) return false
  useSpareKeys(flow)
  flow.largestNumber = openedNumber
  return true
}

/**
 * The client started again: after a Retry with the server's connection id, or another connection on the same ports.
 * Either way the hello is sent again from its start, so the old stream is dropped.
 */
function useSpareKeys(flow: InitialFlow): void {
  const keys = flow.keys
  flow.keys = flow.spareKeys
  flow.spareKeys = keys
  forgetStream(flow)
}

function forgetStream(flow: InitialFlow): void {
  initialHelloAt = 0
  initialHelloEnd = 0
  initialHelloChanges++
  flow.largestNumber = -1
  clearStream(flow.stream)
  flow.openedCount = 0
}

function tagAt(flow: InitialFlow, index: i32): usize {
  return changetype<usize>(flow) + offsetof<InitialFlow>('tag0') + ((<usize>index) << 3)
}

function wasOpened(flow: InitialFlow, tag: i64): bool {
  const remembered = min(flow.openedCount, REMEMBERED_PACKETS)
  for (let index = 0; index < remembered; index++) {
    if (load<i64>(tagAt(flow, index)) == tag) return true
  }
  return false
}

function rememberOpened(flow: InitialFlow, tag: i64): void {
  store<i64>(tagAt(flow, flow.openedCount & (REMEMBERED_PACKETS - 1)), tag)
  flow.openedCount++
}

/** Reads the frames that may be in an Initial; stops at any other. */
function readFrames(flow: InitialFlow, at: usize, end: usize): i32 {
  const stream = flow.stream
  const wholeBefore = wholeOf(stream)
  while (at != 0 && at < end) {
    const type = byteAt(at)
    at++
    if (type == FRAME_PADDING) {
      at = skipPadding(at, end)
      continue
    }
    if (type == FRAME_PING) continue
    if (type == FRAME_CRYPTO) {
      const offset = readVarint(at, end)
      if (offset < 0) break
      const length = readVarint(varintEnd, end)
      if (length < 0 || length > <i64>(end - varintEnd)) break
      const dataAt = varintEnd
      at = dataAt + <usize>length
      if (offset == 0 && isEmpty(stream) && length > 0) {
        // The common case: the first frame holds it all, nothing needs to be assembled.
        const result = readHello(dataAt, at)
        if (result > 0) return finish(flow)
        if (result == NOT_HELLO) return UNREADABLE
      }
      addPiece(stream, dataAt, at, offset)
    } else if (type == FRAME_ACK || type == FRAME_ACK_ECN) {
      at = skipAck(at, end, type == FRAME_ACK_ECN)
    } else if (type == FRAME_CONNECTION_CLOSE) {
      at = skipConnectionClose(at, end)
    } else {
      break
    }
  }
  return readStream(flow, wholeBefore)
}

function readStream(flow: InitialFlow, wholeBefore: i32): i32 {
  const whole = wholeOf(flow.stream)
  if (whole == wholeBefore) return NEED_MORE
  const bytes = streamBytes(flow.stream)
  const result = readHello(bytes, bytes + <usize>whole)
  if (result > 0) return finish(flow)
  if (result != NOT_HELLO) return NEED_MORE
  clearStream(flow.stream)
  return UNREADABLE
}

function finish(flow: InitialFlow): i32 {
  flow.complete = 1
  return COMPLETE
}
