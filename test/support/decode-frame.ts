// The decoders' results for one packet's bytes, as text.
import { Frame } from '../../capture/frame.ts'
import { LinkType } from '../../capture/formats/link-types.ts'
import { decodeInCore } from './core-frame.ts'
import { embed } from './damage.ts'
import { hexOf } from './bytes.ts'
import { macText } from '../../server/sample/packets/addresses.ts'

export interface DecodeOptions {
  linkType?: number
  /** The packet's length on the wire; without it, the captured one. */
  originalLength?: number
  /** The value of the bytes around the packet in the buffer. */
  guard?: number
}

/** Decodes the packet from the middle of a larger buffer, in which nothing around it may be read. */
export function decodeFrame(packet: Uint8Array, options: DecodeOptions = {}, frame = new Frame()): Frame {
  const { bytes, at, end } = embed(packet, options.guard ?? 0xa5)
  frame.bytes = bytes
  frame.at = at
  frame.end = end
  frame.originalLength = options.originalLength ?? packet.length
  frame.linkType = options.linkType ?? LinkType.Ethernet
  decodeInCore(frame)
  return frame
}

/** What the frame says, with offsets from the packet's start and only the fields that mean something for it. */
export function describeFrame(frame: Frame): Record<string, unknown> {
  const { bytes, at } = frame
  const from = (offset: number): number => offset - at
  const isIp = frame.version !== 0
  return {
    mac: macOf(frame),
    toGroup: frame.toGroup,
    etherType: frame.etherType,
    ...(frame.networkAt >= 0 && { networkAt: from(frame.networkAt) }),
    version: frame.version,
    ...(frame.version === 4 && { source: ipv4Text(frame.source), destination: ipv4Text(frame.destination) }),
    ...(frame.version === 6 && {
      source: hexOf(bytes.subarray(frame.sourceAt, frame.sourceAt + 16)),
      destination: hexOf(bytes.subarray(frame.destinationAt, frame.destinationAt + 16)),
    }),
    ...(isIp && {
      ipBytes: frame.ipBytes,
      hopLimit: frame.hopLimit,
      protocol: frame.protocol,
      fragmentOffset: frame.fragmentOffset,
      moreFragments: frame.moreFragments,
      fragmentId: frame.fragmentId,
      sourcePort: frame.sourcePort,
      destinationPort: frame.destinationPort,
      payload: hexOf(bytes.subarray(frame.payloadAt, frame.payloadEnd)),
      payloadAt: from(frame.payloadAt),
      payloadLength: frame.payloadLength,
    }),
    ...(frame.protocol === 6 &&
      frame.stopped === null && {
        tcpFlags: frame.tcpFlags,
        ...(frame.fragmentOffset === 0 && { sequence: frame.sequence >>> 0 }),
      }),
    stopped: stopOf(frame),
  }
}

/** Layer, offset from the packet's start, bytes needed and bytes there; null where decoding did not stop. */
export function stopOf(frame: Frame): [layer: string, at: number, need: number, have: number] | null {
  return frame.stopped === null
    ? null
    : [frame.stopped, frame.stoppedAt - frame.at, frame.stoppedNeed, frame.stoppedHave]
}

export function macOf(frame: { macHigh: number; macLow: number }): string {
  return macText(
    Uint8Array.of(
      frame.macHigh >>> 8,
      frame.macHigh,
      frame.macLow >>> 24,
      frame.macLow >>> 16,
      frame.macLow >>> 8,
      frame.macLow,
    ),
  )
}

export function ipv4Text(address: number): string {
  return [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff].join('.')
}

export function payloadOf(frame: Frame): string {
  return hexOf(frame.bytes.subarray(frame.payloadAt, frame.payloadEnd))
}
