// Packets of a test's own bytes in a packet core: decoded there, and read as ARP or neighbour discovery.
import { FrameAt } from '../../capture/core/frame-layout.ts'
import { decodeAt } from '../../capture/decode.ts'
import type { Frame } from '../../capture/frame.ts'
import { newCore } from './core.ts'

const core = newCore()
const { exports } = core
let room = { at: 0, length: 0 }

/** Copies all of frame.bytes into the core, what is around the packet too; how much higher they stand there. */
function placeBytes({ bytes }: Frame): number {
  if (bytes.length >= room.length) {
    if (room.at !== 0) exports.release(room.at)
    room = { at: exports.allocate(2 * bytes.length + 64), length: 2 * bytes.length + 64 }
  }
  // A copy first: the bytes may be watched, and every read of one counted.
  core.bytes.set(bytes.slice(), room.at)
  return room.at
}

/** As decode of capture/decode.ts, with the bytes around the packet around it in the core too. */
export function decodeInCore(frame: Frame): boolean {
  return decodeAt(frame, core, placeBytes(frame) + frame.at)
}

/** Makes the decoded frame the one at hand in the core; gives how much higher its bytes stand there. */
function placeDecoded(frame: Frame): number {
  const shift = placeBytes(frame)
  frame.storeRecord(core, shift + frame.at, shift + frame.end)
  const address = exports.frameAddress()
  const set = (offset: number, value: number): void => void (core.integers[(address + offset) >> 2] = value)
  set(FrameAt.version, frame.version)
  set(FrameAt.hopLimit, frame.hopLimit)
  set(FrameAt.networkAt, frame.networkAt < 0 ? 0 : frame.networkAt + shift)
  set(FrameAt.sourceAt, frame.sourceAt + shift)
  set(FrameAt.payloadAt, frame.payloadAt + shift)
  set(FrameAt.payloadEnd, frame.payloadEnd + shift)
  set(FrameAt.stopped, 0)
  return shift
}

export interface ArpMessage {
  macHigh: number
  macLow: number
  address: number
}

/** What the core reads in an ARP message; null where it proves nothing. The frame says where it stopped. */
export function readArp(frame: Frame): ArpMessage | null {
  const shift = placeDecoded(frame)
  const isRead = exports.readArp() !== 0
  const address = exports.frameAddress()
  const field = (offset: number): number => core.integers[(address + offset) >> 2]
  if (field(FrameAt.stopped) !== 0)
    frame.stop('arp', field(FrameAt.stoppedAt) - shift, field(FrameAt.stoppedNeed), field(FrameAt.stoppedHave))
  if (!isRead) return null
  const { arpMacHigh, arpMacLow, arpAddress } = exports
  return { macHigh: arpMacHigh.value, macLow: arpMacLow.value, address: arpAddress.value }
}

/** What the core reads in a neighbour discovery message; places are -1 where absent. */
export interface NdpMessage {
  type: number
  addressAt: number
  macAt: number
  targetAt: number
  /** The MAC's numbers as the core gives them; null where there is none. */
  mac: { macHigh: number; macLow: number } | null
  prefixes: { at: number; bits: number }[]
}

export function readNdp(frame: Frame): NdpMessage & { isRead: boolean } {
  const shift = placeDecoded(frame)
  const isRead = exports.readNdp() !== 0
  const place = ({ value }: { value: number }): number => (value === 0 ? -1 : value - shift)
  const macAt: number = exports.ndpMacAt.value
  return {
    isRead,
    type: exports.ndpType.value,
    addressAt: place(exports.ndpAddressAt),
    macAt: place(exports.ndpMacAt),
    targetAt: place(exports.ndpTargetAt),
    mac: macAt === 0 ? null : { macHigh: exports.macHighAt(macAt), macLow: exports.macLowAt(macAt) },
    prefixes: Array.from({ length: exports.ndpPrefixCount.value }, (_, index) => ({
      at: exports.ndpPrefixAt(index) - shift,
      bits: exports.ndpPrefixBits(index),
    })),
  }
}
