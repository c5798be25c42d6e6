// Fuzzing of the reader of capture files: valid files, and the properties of every result.
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { MAX_CAPTURED_LENGTH } from '../../capture/formats/limits.ts'
import { expectInside, type FuzzTarget } from './fuzz.ts'
import { pcapFile, pcapngFile, type CapturedPacket } from '../../server/sample/packets/pcap-writer.ts'
import { seenPacket, type SeenPacket } from './read-capture.ts'
import { ethernetFrames, otherFrames } from './valid-packets.ts'
import { hex, text, concat } from '../../server/sample/packets/bytes.ts'

function somePackets(): CapturedPacket[] {
  return [...ethernetFrames().slice(0, 3), ...otherFrames().slice(0, 2)].map(({ bytes }, index) => ({
    seconds: 1_700_000_000 + index,
    nanos: 5000 * index,
    bytes,
    originalLength: bytes.length + index,
  }))
}

export function pcapFiles(): Uint8Array[] {
  const packets = somePackets()
  const old = pcapFile({}, packets.slice(0, 2))
  old.set([3], 6)
  const older = pcapFile(
    {},
    packets.slice(0, 2).map((packet) => ({ ...packet, originalLength: packet.bytes.length })),
  )
  older.set([2], 6)
  return [
    pcapFile({}, packets),
    pcapFile({ byteOrder: 'big', resolution: 'nano' }, packets),
    pcapFile({ modified: true }, packets),
    pcapFile({ linkType: 127 }, packets),
    old,
    older,
    text('snoop\0\0\0'),
  ]
}

export function pcapngFiles(): Uint8Array[] {
  const [first, second, third] = somePackets()
  const eth = { kind: 'interface', interface: { name: 'eth0', snaplen: 96 } } as const
  return [
    pcapngFile({
      blocks: [
        eth,
        { kind: 'packet', packet: first, comment: 'first' },
        { kind: 'simple', bytes: second.bytes.subarray(0, 96), originalLength: 120 },
        { kind: 'obsolete', packet: third, drops: 3 },
        { kind: 'statistics', seconds: 1_700_000_001, received: 7, dropped: 2 },
      ],
    }),
    pcapngFile(
      {
        byteOrder: 'big',
        blocks: [
          eth,
          { kind: 'interface', interface: { linkType: 127, resolution: { exponent: 9 }, offsetSeconds: -5 } },
          { kind: 'packet', packet: first, interface: 1 },
          { kind: 'packet', packet: second },
        ],
      },
      {
        lengthField: 'true',
        blocks: [
          { kind: 'interface', interface: { linkType: 101, resolution: { exponent: 40, binary: true } } },
          { kind: 'other', type: 0x0bad, body: new Uint8Array(20) },
          { kind: 'packet', packet: { ...third, seconds: 1_000_000 } },
        ],
      },
    ),
    pcapngFile({
      blocks: [
        { kind: 'interface', interface: { resolution: { exponent: 12 }, offsetSeconds: 1_000_000 } },
        { kind: 'names', records: [{ address: hex('c0a80102'), names: ['lamp'] }] },
        { kind: 'packet', packet: { ...first, seconds: 1_000_005 } },
      ],
    }),
    // Every block too short for its fields, with lengths that agree: changing a length alone never makes these.
    concat(
      pcapngFile({ blocks: [eth] }),
      hex('05000000 0c000000 0c000000  03000000 0c000000 0c000000  02000000 10000000 00000000 10000000'),
      hex(
        '06000000 1c000000 00000000 00000000 00000000 00000000 1c000000  05000000 24000000 00000000 00000000 00000000 0500 0800 ffffffffffffffff 24000000  01000000 10000000 0100 0000 10000000',
      ),
    ),
    concat(pcapngFile({ blocks: [eth] }), hex('0a0d0d0a 18000000 4d3c2b1a 0100 0000 ffffffff 18000000')),
    pcapngFile({
      blocks: Array.from({ length: 70 }, (_, linkType) => [
        { kind: 'interface', interface: { linkType: 1000 + linkType } } as const,
        { kind: 'packet', interface: linkType, packet: { seconds: 1, bytes: hex('') } } as const,
        { kind: 'packet', interface: 99, packet: { seconds: 1, bytes: hex('') } } as const,
      ]).flat(),
    }),
    // Claims to be 2 MiB long: a block that the reader steps over, and that ends before it does.
    concat(pcapngFile({ blocks: [eth] }), hex('ad0b0000 00002000 01020304')),
  ]
}

export function fileTarget(name: string, files: Uint8Array[]): FuzzTarget {
  return {
    name,
    seeds: files,
    read(bytes, at, end, random) {
      const packets: SeenPacket[] = []
      const reader = new CaptureReader((frame) => {
        // A packet that waited for a possible time has a place of its own in the core's memory.
        const { length } = frame.bytes
        const isInside = frame.at >= 0 && frame.at <= frame.end && frame.end <= length
        if (!isInside || frame.end - frame.at > MAX_CAPTURED_LENGTH)
          throw new Error(`packet from ${frame.at} to ${frame.end} of ${length}`)
        packets.push(seenPacket(frame))
      })
      for (let from = at; from < end;) {
        const to = Math.min(end, from + random.integer(1, random.chance(0.5) ? 64 : 100_000))
        reader.push(bytes.subarray(from, to))
        from = to
      }
      reader.end()
      const problems = reader.allProblems()
      if (reader.packets > (end - at) / 12) throw new Error(`${reader.packets} packets in ${end - at} bytes`)
      for (const { offset, message } of problems) {
        expectInside(0, end - at, { offset })
        if (message === '') throw new Error('a problem without words')
      }
      for (const { seconds, nanos } of packets) {
        if (!Number.isFinite(seconds) || !(nanos >= 0 && nanos < 1e9))
          throw new Error(`time ${seconds} s and ${nanos} ns`)
      }
      return [packets, problems, reader.packets, reader.frameBytes, reader.dropped, reader.linkTypes, reader.bytesRead]
    },
  }
}
