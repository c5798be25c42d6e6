// Captures as lists of packets, to be changed one by one and written again in any format.
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { concat } from '../../server/sample/packets/bytes.ts'
import {
  LINK_TYPE,
  pcapFile,
  type PcapngBlock,
  type PcapngInterface,
  pcapngFile,
} from '../../server/sample/packets/pcap-writer.ts'
import type { Random } from '../../server/sample/packets/random.ts'

export interface Packet {
  linkType: number
  seconds: number
  nanos: number
  timed: boolean
  originalLength: number
  bytes: Uint8Array
}

/** More is cut off: inputs stay small, so that there are many of them. */
export const MAX_PACKETS = 800
export const MAX_INPUT_BYTES = 250_000

/** The packets that the reader finds, none where it throws. */
export function packetsOf(capture: Uint8Array): Packet[] {
  const packets: Packet[] = []
  const reader = new CaptureReader((frame) => {
    if (packets.length >= MAX_PACKETS) return
    const { linkType, seconds, nanos, timed, originalLength } = frame
    packets.push({ linkType, seconds, nanos, timed, originalLength, bytes: frame.bytes.slice(frame.at, frame.end) })
  })
  try {
    reader.push(capture)
    reader.end()
  } catch {
    // What it had read until then.
  }
  return packets
}

/** The plainest file that holds all of it: one link type as pcap, several as pcapng. */
export function plainFile(packets: readonly Packet[]): Uint8Array {
  const types = new Set(packets.map(({ linkType }) => linkType))
  const fits = packets.every(({ seconds, timed }) => timed && seconds >= 0 && seconds < 2 ** 32)
  if (types.size <= 1 && fits)
    return pcapFile({ resolution: 'nano', linkType: packets[0]?.linkType ?? LINK_TYPE.ethernet }, [...packets])
  return pcapngOf(packets, { resolution: { exponent: 6 } })
}

/** In a format drawn at random. Classic files have one link type: the others' packets are taken for it. */
export function anyFile(packets: readonly Packet[], random: Random): Uint8Array {
  const linkType = packets[0]?.linkType ?? LINK_TYPE.ethernet
  const byteOrder = random.pick(['little', 'big'] as const)
  switch (random.integer(0, 5)) {
    case 0:
      return pcapFile({ byteOrder, linkType, resolution: random.pick(['micro', 'nano'] as const) }, [...packets])
    case 1:
      return pcapFile({ byteOrder, linkType, modified: true }, [...packets])
    case 2:
      return pcapngOf(packets, {
        resolution: random.pick([
          { exponent: 0 },
          { exponent: 3 },
          { exponent: 9 },
          { exponent: 12 },
          { exponent: 19 },
          { exponent: 20, binary: true },
          { exponent: 32, binary: true },
        ]),
        offsetSeconds: random.pick([0, 0, -5, 1_000_000, 2 ** 33, -(2 ** 40), 2 ** 52]),
      })
    case 3:
      return concat(plainFile(packets.slice(0, 2)), plainFile(packets))
    default:
      return plainFile(packets)
  }
}

function pcapngOf(packets: readonly Packet[], options: PcapngInterface): Uint8Array {
  const types = [...new Set(packets.map(({ linkType }) => linkType))]
  const blocks: PcapngBlock[] = types.map((linkType) => ({ kind: 'interface', interface: { ...options, linkType } }))
  for (const packet of packets) {
    if (packet.timed) blocks.push({ kind: 'packet', interface: types.indexOf(packet.linkType), packet: packet })
    else blocks.push({ kind: 'simple', bytes: packet.bytes, originalLength: packet.originalLength })
  }
  return pcapngFile({ blocks })
}
