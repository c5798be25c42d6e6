// The first inputs: packets of every protocol and of whole homes, payloads of every reader, pieces of capture files,
// calls; and where there are some, real captures.
import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { FrameAt } from '../../../capture/core/frame-layout.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { concat, hex, text, u16 } from '../../../server/sample/packets/bytes.ts'
import { ETHERTYPE, ethernet, TCP_FLAG, tcpFrame, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { newCore } from '../../support/core.ts'
import { pcapFiles, pcapngFiles } from '../../support/fuzz-files.ts'
import { gquicTarget, quicDatagrams, quicDatagramTarget, quicFlowTarget, tlsTarget } from '../../support/fuzz-hellos.ts'
import { encapsulatedFrames } from '../../support/encapsulated-frames.ts'
import { mutated } from '../../support/mutate.ts'
import { realCaptureFiles } from '../../support/real-captures.ts'
import { LAMP, ROUTER, UP } from '../../support/valid-ends.ts'
import { dnsMessages, httpRequests, stunMessages } from '../../support/valid-messages.ts'
import { applicationFrames, arpMessages, ethernetFrames, otherFrames } from '../../support/valid-packets.ts'
import { packetsOf, type Packet } from '../packets.ts'
import { builtInputs } from '../seeds.ts'
import { conversations, edgePayloads } from './flow-seeds.ts'
import { bytesInput, type CoreInput, type CorePacket, packetsInput } from './input.ts'
import { Draw } from './random.ts'

const START = 1_767_600_000
/** Packets of one input; a capture gives several inputs. */
const PIECE = 16
const PIECES_OF_A_CAPTURE = 40
const MAX_REAL_CAPTURES = 60
const LARGEST_REAL_CAPTURE = 400_000
const LONGEST_PACKET = 9_000
const BUILT_FLOWS = 200

export function coreSeeds(): CoreInput[] {
  const payloads = payloadSeeds()
  return [
    ...builtInputs()
      .flatMap(({ steps }) => steps)
      .flatMap((step) => (step.kind === 'capture' ? piecesOf(packetsOf(step.bytes)) : [])),
    ...[ethernetFrames(), applicationFrames(), otherFrames(), encapsulatedFrames()].flatMap((frames) =>
      frames.map(({ linkType, bytes }) => packetsInput(placed([packetOf(bytes, linkType)]), 1)),
    ),
    // Fragments of a tunnel follow each other.
    packetsInput(placed(encapsulatedFrames().map(({ linkType, bytes }) => packetOf(bytes, linkType))).slice(-PIECE), 1),
    ...payloads.map((bytes) => bytesInput('payload', bytes, 1)),
    ...payloads.flatMap(flowsOf),
    ...dnsOverTcp(),
    ...conversations().map((frames) => packetsInput(placed(frames.map((bytes) => packetOf(bytes))), 1)),
    ...Array.from({ length: BUILT_FLOWS }, (_, seed) => quicInput(new Draw(seed))),
    ...pcapFiles().map((bytes) => bytesInput('pcap', bytes, 1)),
    ...pcapngFiles().map((bytes) => bytesInput('pcapng', bytes, 1)),
    ...Array.from({ length: 20 }, (_, seed) => bytesInput('calls', hex(''), seed)),
    ...realSeeds(),
  ]
}

function payloadSeeds(): Uint8Array[] {
  return [
    ...tlsTarget().seeds,
    ...httpRequests(),
    ...dnsMessages(),
    ...gquicTarget().seeds,
    ...quicDatagramTarget().seeds,
    ...stunMessages(),
    text('www.Example.org.'),
    text('a\\.'),
    ...edgePayloads(),
  ]
}

/** The payload in a TCP connection, whole and in pieces out of order, and in datagrams. */
function flowsOf(payload: Uint8Array, index: number): CoreInput[] {
  const ports = { sourcePort: 41_000 + index }
  const tcp = (flags: number, sequence: number, part: Uint8Array): Uint8Array =>
    tcpFrame({ ...UP, ...ports, flags, sequence, payload: part })
  const third = Math.ceil(payload.length / 3)
  const parts = [0, third, 2 * third].map((at) => ({ at, part: payload.subarray(at, at + third) }))
  const pieces = [parts[2], parts[0], parts[1]].map(({ at, part }) => tcp(TCP_FLAG.ack, 1001 + at, part))
  const syn = tcp(TCP_FLAG.syn, 1000, hex(''))
  const isTcp = payload[0] === 0x16 || (payload[0] >= 0x41 && payload[0] <= 0x5a)
  const datagram = udpFrame({ ...UP, ...ports, payload })
  const back = udpFrame({
    ...UP,
    sourceMac: ROUTER.mac,
    destinationMac: LAMP.mac,
    source: UP.destination,
    destination: UP.source,
    sourcePort: UP.destinationPort,
    destinationPort: ports.sourcePort,
    payload,
  })
  return (
    isTcp
      ? [[syn, tcp(TCP_FLAG.ack, 1001, payload)], [syn, ...pieces], pieces, [...pieces, syn, ...pieces]]
      : [
          [datagram, back],
          [back, datagram],
        ]
  ).map((frames) => packetsInput(placed(frames.map((bytes) => packetOf(bytes))), 1))
}

function dnsOverTcp(): CoreInput[] {
  const messages = dnsMessages().map((message) => concat(u16(message.length), message))
  return [messages.slice(0, 1), messages].map((parts, index) => {
    const payload = concat(...parts)
    const ends = { ...UP, destination: ROUTER.ip, destinationPort: 53, sourcePort: 43_000 + index }
    const cut = Math.ceil(payload.length / 2)
    return packetsInput(
      placed(
        [
          tcpFrame({ ...ends, sequence: 1, flags: TCP_FLAG.ack, payload: payload.subarray(0, cut) }),
          tcpFrame({ ...ends, sequence: 1 + cut, flags: TCP_FLAG.ack, payload: payload.subarray(cut) }),
        ].map((bytes) => packetOf(bytes)),
      ),
      1,
    )
  })
}

/** A QUIC flow whose frames were changed before they were protected: packets that decrypt, with anything in them. */
export function quicInput(draw: Draw): CoreInput {
  const { seeds } = quicFlowTarget()
  const list = mutated(draw.pick(seeds), seeds, seededRandom(draw.word()))
  const ports = { sourcePort: 45_000 + draw.below(4) }
  const packets = [...quicDatagrams(list, 0, list.length)].map((payload) =>
    packetOf(udpFrame({ ...UP, ...ports, payload })),
  )
  return packetsInput(placed(packets), draw.word())
}

function packetOf(bytes: Uint8Array, linkType: number = LinkType.Ethernet): Packet {
  return { linkType, seconds: START, nanos: 0, timed: true, originalLength: bytes.length, bytes }
}

function realSeeds(): CoreInput[] {
  const files = process.env['TELLTALE_DATA'] === undefined ? null : realCaptureFiles()
  if (files === null) return []
  const small = files.filter((file) => statSync(file).size <= LARGEST_REAL_CAPTURE)
  const step = Math.max(1, Math.floor(small.length / MAX_REAL_CAPTURES))
  return small
    .filter((_, index) => index % step === 0)
    .flatMap((file) => {
      const bytes = readFileSync(file)
      return piecesOf(packetsOf(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes))
    })
}

function piecesOf(packets: Packet[]): CoreInput[] {
  const fitting = placed(packets.filter(({ bytes }) => bytes.length <= LONGEST_PACKET))
  const inputs: CoreInput[] = []
  for (let from = 0; from < fitting.length && inputs.length < PIECES_OF_A_CAPTURE; from += PIECE / 2)
    inputs.push(packetsInput(fitting.slice(from, from + PIECE), 1))
  return inputs
}

const decoder = newCore()
const room = decoder.exports.allocate(262_144)

/** Where the layers are, as the core sees it. */
function placed(packets: Packet[]): CorePacket[] {
  return packets.map((packet) => {
    const record = decoder.exports.frameAddress()
    decoder.bytes.set(packet.bytes, room)
    const set = (offset: number, value: number): void => void (decoder.integers[(record + offset) >> 2] = value)
    set(FrameAt.linkType, packet.linkType)
    set(FrameAt.at, room)
    set(FrameAt.end, room + packet.bytes.length)
    decoder.exports.decodeFrame()
    const place = (offset: number): number => Math.max(0, decoder.integers[(record + offset) >> 2] - room)
    const networkAt = place(FrameAt.networkAt)
    return { ...packet, bytes: packet.bytes.slice(), networkAt, payloadAt: place(FrameAt.payloadAt) || networkAt }
  })
}

/** The ends of the flows above introduce themselves. */
export function introduction(): CoreInput {
  const frames = arpMessages().map((message) => packetOf(ethernet(LAMP.mac, ROUTER.mac, ETHERTYPE.arp, message)))
  return packetsInput(placed(frames), 1)
}
