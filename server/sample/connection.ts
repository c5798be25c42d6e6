// Packets between a device of the sample home and somebody else: small messages and large transfers.
import type { FlowFact, TcpTalk } from './packets/talk.ts'
import { TCP_FLAG, tcpFrame, udpFrame } from './packets/packet-builder.ts'
import type { Random } from './packets/random.ts'
import type { Cloud } from './clouds.ts'
import type { Member } from './household.ts'
import type { Tape } from './tape.ts'
import { hex, u16, concat } from './packets/bytes.ts'
import { ipText } from './packets/addresses.ts'

/** Delays between packets in microseconds, as a conversation yields them. */
export type Steps = Generator<number, void, void>
export type Direction = 'sent' | 'received'

export type Other = {
  mac: Uint8Array
  address: Uint8Array
  port: number
  /** Null for somebody at home. */ cloud: Cloud | null
  member: Member | null
}

/** A conversation; `bulk` moves encrypted bytes of which the capture keeps little more than the headers. */
export type Connection = TcpTalk & {
  bulk(direction: Direction, payloadBytes: number): void
  acknowledge(by: Direction): void
}

const none = new Uint8Array(0)
/** Maximum segment size 1,448; selective acknowledgement; window scale 7. */
const SYN_OPTIONS = concat(hex('02 04 05 a8'), hex('04 02'), hex('01 03 03 07'))
const ETHERNET_HEADER = 14
/**
 * Bytes of a payload from the internet that are kept, and of bulk in either direction: the TLS record's header, no
 * more.
 */
const KEPT_PAYLOAD = 5

/** Sequence numbers grow with what each side sends; every segment acknowledges all that the other has sent. */
export function tcpConnection(tape: Tape, random: Random, device: Member, localPort: number, other: Other): Connection {
  const own = ownAddress(device, other)
  const sequence = { sent: random.integer(0, 0xffffffff), received: random.integer(0, 0xffffffff) }
  const last: Record<Direction, { frame: Uint8Array; length: number }> = {
    sent: { frame: none, length: 0 },
    received: { frame: none, length: 0 },
  }
  const make = (
    direction: Direction,
    payload: Uint8Array,
    flags: number,
    more = 0,
  ): { frame: Uint8Array; length: number } => {
    const opposite = direction === 'sent' ? 'received' : 'sent'
    const frame = tcpFrame({
      ...ends(device, own, localPort, other, direction),
      sequence: sequence[direction],
      flags,
      payload,
      acknowledgement: (flags & TCP_FLAG.ack) !== 0 ? sequence[opposite] : 0,
      options: flags & TCP_FLAG.syn ? SYN_OPTIONS : none,
      identification: sequence[direction] & 0xffff,
    })
    const counted = payload.length + more + (flags & (TCP_FLAG.syn | TCP_FLAG.fin) ? 1 : 0)
    sequence[direction] = (sequence[direction] + counted) >>> 0
    last[direction] = { frame: more > 0 ? lengthened(frame, more) : frame, length: frame.length + more }
    return last[direction]
  }
  const deliver = (direction: Direction, { frame, length }: { frame: Uint8Array; length: number }): void =>
    put(tape, device, other, direction, frame, length)
  const flagsFor = (payload: Uint8Array, flags?: number): number =>
    flags ?? (payload.length > 0 ? TCP_FLAG.ack | TCP_FLAG.psh : TCP_FLAG.ack)
  return {
    random,
    fact: factOf(device, 'tcp', own, localPort, other),
    send: (payload, flags) => deliver('sent', make('sent', payload, flagsFor(payload, flags))),
    receive: (payload, flags) => deliver('received', make('received', payload, flagsFor(payload, flags))),
    hold: (payload) => {
      const made = make('sent', payload, flagsFor(payload))
      return () => deliver('sent', made)
    },
    repeat: (direction) => deliver(direction, last[direction]),
    bulk: (direction, payloadBytes) => {
      const head = concat(hex('17 03 03'), u16(Math.min(payloadBytes, 16_401) - KEPT_PAYLOAD))
      deliver(direction, make(direction, head, TCP_FLAG.ack | TCP_FLAG.psh, payloadBytes - head.length))
    },
    acknowledge: (by) => deliver(by, make(by, none, TCP_FLAG.ack)),
  }
}

export function udpConnection(tape: Tape, random: Random, device: Member, localPort: number, other: Other): Connection {
  const own = ownAddress(device, other)
  let identification = random.integer(0, 0xffff)
  const transfer = (direction: Direction, payload: Uint8Array, more = 0): void => {
    identification = (identification + 1) & 0xffff
    const frame = udpFrame({ ...ends(device, own, localPort, other, direction), payload, identification })
    put(tape, device, other, direction, more > 0 ? lengthened(frame, more) : frame, frame.length + more)
  }
  // A short header packet of QUIC (RFC 9000, section 17.3); an acknowledgement is as small as they come.
  const short = (): Uint8Array => concat(Uint8Array.of(0x40 | random.integer(0, 0x3f)), random.bytes(8))
  return {
    random,
    fact: factOf(device, 'udp', own, localPort, other),
    send: (payload) => transfer('sent', payload),
    receive: (payload) => transfer('received', payload),
    hold: (payload) => () => transfer('sent', payload),
    repeat: () => undefined,
    bulk: (direction, payloadBytes) => transfer(direction, short(), payloadBytes - 9),
    acknowledge: (by) => transfer(by, short(), 24),
  }
}

/** A single datagram each way: clocks, name servers, announcements of one device to another. */
export function datagram(
  tape: Tape,
  device: Member,
  localPort: number,
  other: Other,
  direction: Direction,
  payload: Uint8Array,
  identification: number,
): void {
  const frame = udpFrame({
    ...ends(device, ownAddress(device, other), localPort, other, direction),
    payload,
    identification,
  })
  put(tape, device, other, direction, frame, frame.length, true)
}

/** Somebody on the internet, over IPv6 where both have it. */
export function outside(router: Member, device: Member, cloud: Cloud, port: number): Other {
  const address = device.ipv6 !== null && cloud.ipv6 !== null ? cloud.ipv6 : cloud.ipv4
  return { mac: router.mac, address, port, cloud, member: null }
}

export function inside(member: Member, port: number): Other {
  return { mac: member.mac, address: member.ipv4, port, cloud: null, member }
}

/** Plays a conversation from the tape's `at` on. */
export function play(tape: Tape, at: number, steps: Steps): void {
  tape.now = at
  for (const wait of steps) tape.now += wait
}

function ownAddress(device: Member, other: Other): Uint8Array {
  return other.address.length === 16 ? device.ipv6!.global : device.ipv4
}

function ends(device: Member, own: Uint8Array, localPort: number, other: Other, direction: Direction) {
  return direction === 'sent'
    ? {
        sourceMac: device.mac,
        destinationMac: other.mac,
        source: own,
        destination: other.address,
        sourcePort: localPort,
        destinationPort: other.port,
      }
    : {
        sourceMac: other.mac,
        destinationMac: device.mac,
        source: other.address,
        destination: own,
        sourcePort: other.port,
        destinationPort: localPort,
      }
}

function factOf(device: Member, protocol: 'tcp' | 'udp', own: Uint8Array, localPort: number, other: Other): FlowFact {
  return {
    device: device.id,
    application: 'sample',
    protocol,
    localAddress: ipText(own),
    localPort,
    remoteAddress: ipText(other.address),
    remotePort: other.port,
    lookedUp: null,
    serverName: null,
    sent: 0,
    received: 0,
  }
}

/** Counts the packet and keeps it: whole if the device sent it, cut after the headers if it came in or carries bulk. */
function put(
  tape: Tape,
  device: Member,
  other: Other,
  direction: Direction,
  frame: Uint8Array,
  length: number,
  whole = false,
): void {
  const ipBytes = length - ETHERNET_HEADER
  if (other.cloud !== null) tape.count(device.id, other.cloud.company, direction, ipBytes)
  else {
    tape.countLocal(device.id, direction, ipBytes)
    if (other.member !== null) tape.countLocal(other.member.id, direction === 'sent' ? 'received' : 'sent', ipBytes)
  }
  tape.keep(direction === 'received' && !whole ? frame.subarray(0, headersOf(frame) + KEPT_PAYLOAD) : frame, length)
}

function headersOf(frame: Uint8Array): number {
  const isIpv6 = frame[12] === 0x86
  const protocol = isIpv6 ? frame[20] : frame[23]
  const transportAt = ETHERNET_HEADER + (isIpv6 ? 40 : 20)
  return transportAt + (protocol === 6 ? (frame[transportAt + 12] >>> 4) * 4 : 8)
}

/**
 * The frame with this many zeros more at its end, which are not kept: lengths and checksums say so. Receive offload
 * hands captures on Linux packets of up to 64 KiB.
 */
function lengthened(frame: Uint8Array, more: number): Uint8Array {
  const isIpv6 = frame[12] === 0x86
  const view = new DataView(frame.buffer, frame.byteOffset)
  const transportAt = ETHERNET_HEADER + (isIpv6 ? 40 : 20)
  const isTcp = frame[isIpv6 ? 20 : 23] === 6
  const lengthAt = isIpv6 ? 18 : 16
  const length = view.getUint16(lengthAt) + more
  if (length > 0xffff) throw new Error(`an IP packet of ${length} bytes: 65,535 is the most`)
  view.setUint16(lengthAt, length)
  if (!isIpv6) addToChecksum(view, 24, more)
  if (!isTcp) view.setUint16(transportAt + 4, view.getUint16(transportAt + 4) + more)
  // The pseudo-header holds the length too; in UDP it stands twice.
  addToChecksum(view, transportAt + (isTcp ? 16 : 6), isTcp ? more : 2 * more)
  return frame
}

/** RFC 1624, equation 3: what the checksum becomes when one summed word grows. */
function addToChecksum(view: DataView, at: number, more: number): void {
  let sum = (~view.getUint16(at) & 0xffff) + more
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  view.setUint16(at, ~sum & 0xffff)
}
