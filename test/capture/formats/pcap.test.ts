// Packets of every variant of classic pcap are read with times and lengths; damage is reported with its place.
import { describe, expect, test } from 'vitest'
import { LINK_TYPE, pcapFile, pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { readCapture } from '../../support/read-capture.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'

const FIRST = { seconds: 0x5f5e1000, nanos: 123_456_000, bytes: hex('aabbccddee') }
const SECOND = { seconds: 0xfffffffe, nanos: 999_999_000, bytes: hex('01'), originalLength: 1500 }

/** Header and records of a little-endian microsecond file, from hex. */
function file(header: string, ...records: string[]): Uint8Array {
  return concat(hex(header), ...records.map(hex))
}

const HEADER = 'd4c3b2a1 0200 0400 00000000 00000000 00000400 01000000'

describe('classic pcap', () => {
  test.each([
    ['little', 'micro', false],
    ['big', 'micro', false],
    ['little', 'nano', false],
    ['big', 'nano', false],
    ['little', 'micro', true],
    ['big', 'micro', true],
  ] as const)('is read %s-endian in %sseconds (modified: %s)', (byteOrder, resolution, modified) => {
    const { packets, problems, reader } = readCapture(pcapFile({ byteOrder, resolution, modified }, [FIRST, SECOND]))
    expect(packets).toEqual([
      { seconds: 0x5f5e1000, nanos: 123_456_000, timed: true, linkType: 1, originalLength: 5, bytes: 'aabbccddee' },
      { seconds: 0xfffffffe, nanos: 999_999_000, timed: true, linkType: 1, originalLength: 1500, bytes: '01' },
    ])
    expect(problems).toEqual([])
    expect(reader).toMatchObject({ format: 'pcap', hasHeader: true, packets: 2, frameBytes: 1505, linkTypes: [1] })
  })

  test('keeps single nanoseconds', () => {
    const { packets } = readCapture(
      pcapFile({ resolution: 'nano' }, [{ seconds: 7, nanos: 123_456_789, bytes: hex('') }]),
    )
    expect(packets).toMatchObject([{ seconds: 7, nanos: 123_456_789 }])
  })

  test('is known by its own header even without a packet', () => {
    expect(readCapture(pcapHeader())).toMatchObject({ packets: [], problems: [], reader: { hasHeader: true } })
  })

  test('reads the two lengths the other way round before version 2.3', () => {
    const bytes = file(
      'd4c3b2a1 0200 0200 00000000 00000000 00000400 01000000',
      '01000000 00000000 09000000 02000000 aabb',
      '02000000 00000000 01000000 01000000 cc',
    )
    expect(readCapture(bytes).packets).toMatchObject([
      { originalLength: 9, bytes: 'aabb' },
      { originalLength: 1, bytes: 'cc' },
    ])
  })

  test('takes the smaller of the two lengths as the captured one in version 2.3, which had both orders', () => {
    const bytes = file(
      'd4c3b2a1 0200 0300 00000000 00000000 00000400 01000000',
      '01000000 00000000 09000000 02000000 aabb',
      '02000000 00000000 01000000 05000000 cc',
    )
    expect(readCapture(bytes).packets).toMatchObject([
      { originalLength: 9, bytes: 'aabb' },
      { originalLength: 5, bytes: 'cc' },
    ])
  })

  test('never swaps the lengths of version 2.4, where the wire length may be the smaller one', () => {
    expect(readCapture(file(HEADER, '01000000 00000000 02000000 01000000 aabb')).packets).toMatchObject([
      { originalLength: 1, bytes: 'aabb' },
    ])
  })

  test('reads the link type without the frame check bits above it', () => {
    const { packets, reader } = readCapture(pcapFile({ linkType: 0x54000001 }, [FIRST]))
    expect(packets).toMatchObject([{ linkType: 1 }])
    expect(reader.linkTypes).toEqual([1])
  })

  test.each([
    ['little', 'd4c3b2a1 0100 0400'],
    ['big', 'a1b2c3d4 0001 0004'],
  ])('refuses a %s-endian version that never was', (_, start) => {
    const { packets, problems } = readCapture(
      file(`${start} 00000000 00000000 00000400 01000000`, '01000000 00000000 01000000 01000000 aa'),
    )
    expect(packets).toEqual([])
    expect(problems).toEqual([{ packet: 1, offset: 4, message: 'pcap version 1.4 is older than any known one' }])
  })

  test('reads versions after 2.4 like 2.4', () => {
    expect(
      readCapture(
        file('d4c3b2a1 0200 0900 00000000 00000000 00000400 01000000', '01000000 00000000 01000000 02000000 aa'),
      ).packets,
    ).toHaveLength(1)
  })

  test('reads a packet without bytes', () => {
    const { packets, problems } = readCapture(
      file(HEADER, '01000000 00000000 00000000 2a000000', '01000000 00000000 01000000 01000000 aa'),
    )
    expect(packets).toMatchObject([
      { originalLength: 42, bytes: '' },
      { originalLength: 1, bytes: 'aa' },
    ])
    expect(problems).toEqual([])
  })

  test('reads a packet longer than the snaplen in the header', () => {
    expect(readCapture(pcapFile({ snaplen: 2 }, [FIRST])).packets).toMatchObject([{ bytes: 'aabbccddee' }])
  })

  test('reads the longest packet that any tool writes', () => {
    const bytes = new Uint8Array(262_144).fill(0x5a)
    expect(
      readCapture(pcapFile({}, [{ seconds: 1, bytes }, FIRST])).packets.map((packet) => packet.bytes.length / 2),
    ).toEqual([262_144, 5])
  })

  test.each([
    ['4294967295', 'ffffffff'],
    ['262145', '01000400'],
  ])('stops at a record with a length of %s bytes, and keeps what came before', (length, field) => {
    const { packets, problems, reader } = readCapture(
      concat(pcapFile({}, [FIRST]), hex(`01000000 00000000 ${field} ${field}`), new Uint8Array(100)),
    )
    expect(packets).toHaveLength(1)
    expect(problems).toEqual([
      {
        packet: 2,
        offset: 24 + 21,
        message: `a record says it holds ${length} bytes, more than any capture tool writes (262144); the file is damaged from here on`,
      },
    ])
    expect(reader.failed).toBe(true)
  })

  test('holds a fraction beyond its second within the second', () => {
    const { packets } = readCapture(
      file(
        HEADER,
        '01000000 40420f00 01000000 01000000 aa',
        '02000000 ffffffff 01000000 01000000 bb',
        '03000000 3f420f00 00000000 00000000',
      ),
    )
    expect(packets).toMatchObject([
      { seconds: 1, nanos: 999_999_999 },
      { seconds: 2, nanos: 999_999_999 },
      { seconds: 3, nanos: 999_999_000 },
    ])
  })

  test.each([
    [4, 1, 0, 'the file ends inside its header, after 4 of 24 bytes'],
    [23, 1, 0, 'the file ends inside its header, after 23 of 24 bytes'],
    [25, 1, 24, "cut off inside the packet's record header, after 1 of 16 bytes"],
    [44, 1, 24, 'cut off after 4 of 5 bytes'],
    [45 + 15, 2, 45, "cut off inside the packet's record header, after 15 of 16 bytes"],
    [45 + 16, 2, 45, 'cut off after 0 of 1 bytes'],
  ])('cut to %i bytes says that packet %i at offset %i is cut', (length, packet, offset, message) => {
    const { packets, problems } = readCapture(pcapFile({}, [FIRST, SECOND]).subarray(0, length))
    expect(packets).toHaveLength(packet - 1)
    expect(problems).toEqual([{ packet, offset, message }])
  })

  test('names the length that a cut packet of version 2.2 was captured with', () => {
    const bytes = file(
      'd4c3b2a1 0200 0200 00000000 00000000 00000400 01000000',
      '01000000 00000000 09000000 02000000 aa',
    )
    expect(readCapture(bytes).problems).toEqual([{ packet: 1, offset: 24, message: 'cut off after 1 of 2 bytes' }])
  })

  test('says how much of the longer header of the modified format is there', () => {
    const bytes = pcapFile({ modified: true, linkType: LINK_TYPE.raw }, [FIRST]).subarray(0, 24 + 20)
    expect(readCapture(bytes).problems).toEqual([
      { packet: 1, offset: 24, message: "cut off inside the packet's record header, after 20 of 24 bytes" },
    ])
  })

  test('cut behind a record is a shorter file, not a damaged one', () => {
    expect(readCapture(concat(pcapHeader(), pcapRecord(FIRST))).problems).toEqual([])
  })
})
