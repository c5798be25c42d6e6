// What one packet is recognised by wherever it is captured, and the way by which this sighting of it came.
import { LINK_LINUX_COOKED, LINK_LINUX_COOKED2, PROTOCOL_TCP, PROTOCOL_UDP } from './constants'
import { frame } from './frame'

/** A short Ethernet header, or that of Linux's "any": shorter link headers say nothing of the way. */
const SHORTEST_HEADER: i32 = 14
/** RFC 9293 section 3.1: sequence and acknowledgement; data offset, flags and window. */
const SEQUENCE_AT = 4
const FLAGS_AT = 12
const TCP_CHECKSUM_AT = 16
/** RFC 768: the checksum is the end of the header. */
const UDP_LENGTH: i32 = 8
/** Bytes of another payload than a segment's that the content covers. */
const COMPARED: i32 = 32
/** Odd constants that spread the bits of a word (of SplitMix64 and of MurmurHash3). */
const SPREAD_1: u64 = 0xbf58476d1ce4e5b9
const SPREAD_2: u64 = 0x94d049bb133111eb
const SPREAD_3: u64 = 0xff51afd7ed558ccd
const LINK_SPREAD: u32 = 0x9e3779b1
const WORD: i32 = 8

/** Eight secret bytes, which the program around the core fills from the system's generator before the first packet. */
const secret: usize = memory.data(8, 8)

export function copyKeyAddress(): usize {
  return secret
}

/**
 * A hash, under the secret, of what no router, bridge or address translation changes: TCP's sequence, acknowledgement,
 * flags, window and first bytes, or the first 32 bytes of another payload; and of the IP header identification, length,
 * protocol and fragment. And 32 bits of it, never 0.
 */
export let content: u64 = 0
export let contentTag: u32 = 0
/** The two ends: IPv4 addresses, or a sum of an IPv6 address's words under the secret; and the ports. */
export let sourceWord: i32 = 0
export let destinationWord: i32 = 0
export let portsWord: i32 = 0
/** A number of the link, the link header and the hop limit. */
export let wayTag: u32 = 0
/** Whether the sender numbers its packets (IPv4 identification, or that of an IPv6 fragment). */
export let hasNumber: bool = false

/** Reads them from the packet at hand, which is decoded and IP. */
export function identify(): void {
  const key = load<u64>(secret)
  readEnds(key)
  hasNumber = frame.fragmentId != 0
  const header =
    ((<u64>(<u32>frame.fragmentId)) << 32) ^
    ((<u64>(<i64>frame.ipBytes)) << 24) ^
    ((<u64>frame.protocol) << 16) ^
    ((<u64>(frame.fragmentOffset >>> 3)) << 1) ^
    (<u64>frame.moreFragments)
  const length = <i32>(frame.payloadEnd - frame.payloadAt)
  const isSegment = frame.protocol == PROTOCOL_TCP && frame.transportAt != 0
  let sum = key ^ (isSegment ? load<u64>(frame.transportAt + SEQUENCE_AT) : wordOf(frame.payloadAt, length))
  sum = (sum ^ (sum >> 32)) * SPREAD_1
  sum = ((sum ^ (sum >> 29)) + header) * SPREAD_2
  sum = ((sum ^ (sum >> 31)) + (isSegment ? segmentWord(length) : secondWord(length))) * SPREAD_3
  content = sum ^ (sum >> 32)
  contentTag = (<u32>content) | 1
  readWay(key)
}

/** Flags and window, and the first bytes of the payload. */
function segmentWord(length: i32): u64 {
  const words = <u64>load<u32>(frame.transportAt + FLAGS_AT)
  return length >= WORD ? rotl<u64>(load<u64>(frame.payloadAt), 19) ^ words : words
}

/** Behind the first eight bytes. */
function secondWord(length: i32): u64 {
  let sum: u64 = 0
  for (let offset = WORD; offset < length && offset < COMPARED; offset += WORD)
    sum = (sum ^ wordOf(frame.payloadAt + <usize>offset, length - offset)) * SPREAD_3
  return sum
}

/** The checksum of the transport, 0 where there is none. */
export function checksum(): u16 {
  if (frame.transportAt != 0) return load<u16>(frame.transportAt + TCP_CHECKSUM_AT)
  if (frame.protocol != PROTOCOL_UDP || frame.fragmentOffset != 0) return 0
  return frame.payloadAt - frame.networkAt >= <usize>UDP_LENGTH ? load<u16>(frame.payloadAt - 2) : 0
}

function readEnds(key: u64): void {
  if (frame.version == 4) {
    sourceWord = frame.source
    destinationWord = frame.destination
  } else {
    sourceWord = foldAddress(frame.sourceAt, key)
    destinationWord = foldAddress(frame.destinationAt, key)
  }
  portsWord = (frame.sourcePort << 16) | frame.destinationPort
}

/** Multilinear hashing under the secret: two addresses have one sum by chance alone. */
function foldAddress(at: usize, key: u64): i32 {
  const low = <u64>(<u32>key)
  const high = key >> 32
  const sum =
    (<u64>load<u32>(at) + low) * (<u64>load<u32>(at, 4) + high) +
    (<u64>load<u32>(at, 8) + (low ^ 0x5bd1e995)) * (<u64>load<u32>(at, 12) + (high ^ 0x2545f491))
  return (<i32>(sum >> 32)) ^ (<i32>sum)
}

/** The first eight of `length` bytes, filled up with zeros. */
function wordOf(at: usize, length: i32): u64 {
  if (length >= WORD) return load<u64>(at)
  let word: u64 = 0
  for (let index = 0; index < length; index++) word |= (<u64>load<u8>(at + <usize>index)) << ((<u64>index) << 3)
  return word
}

/** Eight bits of the link: of the source and interface of the capture, and of that in "any" where it is written. */
export function linkBits(): u8 {
  let link = <u32>frame.link
  if (frame.linkType == LINK_LINUX_COOKED2) link ^= load<u32>(frame.at, 4) ^ ((<u32>load<u8>(frame.at, 10)) << 16)
  else if (frame.linkType == LINK_LINUX_COOKED) link ^= <u32>load<u8>(frame.at, 1)
  return <u8>((link * LINK_SPREAD) >> 24)
}

/** Sixteen bits of the sender's MAC. */
export function senderBits(): u16 {
  return <u16>((((<u32>frame.macLow) ^ ((<u32>frame.macHigh) << 8)) * LINK_SPREAD) >> 16)
}

/** MACs, VLAN, and of "any" the interface and the direction stand in the link header. */
function readWay(key: u64): void {
  let sum = key ^ ((<u64>(<u32>frame.link)) << 8) ^ (<u64>frame.hopLimit)
  const at = frame.at
  if (<i32>(frame.networkAt - at) >= SHORTEST_HEADER) {
    sum ^= load<u64>(at) + rotl<u64>(load<u64>(frame.networkAt - WORD), 23) * 3 + <u64>load<u32>(at + WORD) * SPREAD_2
  }
  wayTag = <u32>((sum * SPREAD_3) >> 32)
}
