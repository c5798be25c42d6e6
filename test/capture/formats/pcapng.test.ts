// Packets of every kind of pcapng block are read, section by section; damage is reported with its place.
import { describe, expect, test } from 'vitest'
import { pcapngFile, type PcapngBlock } from '../../../server/sample/packets/pcap-writer.ts'
import { readCapture } from '../../support/read-capture.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'
import { SECTION, ETHERNET, PACKET, PACKET_AT, file, packet, on, u32 } from './pcapng-blocks.ts'

describe('sections', () => {
  test('are read in either byte order, one after another, each with interfaces of its own', () => {
    const bytes = pcapngFile(
      { blocks: [on({ linkType: 1, resolution: { exponent: 3 } }), packet(1, 'aa')] },
      {
        byteOrder: 'big',
        lengthField: 'true',
        blocks: [
          on({ linkType: 113 }),
          on({ linkType: 101, resolution: { exponent: 9 } }),
          packet(2, 'bb', 1),
          packet(3, 'cc', 0),
        ],
      },
      { blocks: [on({ linkType: 0 }), packet(4, 'dd')] },
    )
    const { packets, problems, reader } = readCapture(bytes)
    expect(packets.map(({ seconds, linkType, bytes }) => [seconds, linkType, bytes])).toEqual([
      [1, 1, 'aa'],
      [2, 101, 'bb'],
      [3, 113, 'cc'],
      [4, 0, 'dd'],
    ])
    expect(problems).toEqual([])
    expect(reader).toMatchObject({ format: 'pcapng', packets: 4, linkTypes: [1, 113, 101, 0] })
  })

  test('end the interfaces of the section before', () => {
    const bytes = pcapngFile(
      { blocks: [on({}), on({}), packet(1, 'aa', 1)] },
      { blocks: [on({}), packet(2, 'bb', 1), packet(3, 'cc', 0)] },
    )
    const { packets, problems } = readCapture(bytes)
    expect(packets.map((seen) => seen.bytes)).toEqual(['aa', 'cc'])
    expect(problems).toMatchObject([{ packet: 2, message: 'the packet names interface 1, but the section has 1' }])
  })

  test.each([
    [
      'of another major version',
      '0a0d0d0a 1c000000 4d3c2b1a 0200 0000 ffffffffffffffff 1c000000',
      'pcapng version 2 is not known',
    ],
    [
      'without the byte-order magic',
      '0a0d0d0a 1c000000 4d3c2b1b 0100 0000 ffffffffffffffff 1c000000',
      'a section header has no byte-order magic; the file is damaged from here on',
    ],
    [
      'too short for its fields',
      '0a0d0d0a 18000000 4d3c2b1a 0100 0000 ffffffff 18000000',
      'a section header is too short',
    ],
  ])('%s end the reading there', (_, section, message) => {
    const { packets, problems, reader } = readCapture(file(SECTION, ETHERNET, PACKET, section, ETHERNET, PACKET))
    expect(packets).toHaveLength(1)
    expect(problems).toEqual([{ packet: 2, offset: PACKET_AT + 36, message }])
    expect(reader.failed).toBe(true)
  })

  test('of a later minor version are read', () => {
    expect(readCapture(file(SECTION.replace('0100 0000', '0100 0200'), ETHERNET, PACKET)).packets).toHaveLength(1)
  })
})

describe('times', () => {
  test.each([
    ['microseconds where nothing is said', undefined, 123_456_000],
    ['10^-6', { exponent: 6 }, 123_456_000],
    ['10^-9', { exponent: 9 }, 123_456_789],
    ['10^-12', { exponent: 12 }, 123_456_789],
    ['10^-3', { exponent: 3 }, 123_000_000],
    ['10^-0', { exponent: 0 }, 0],
    // 31/256 and 126,419,751,371/2^40: the largest fraction below the time.
    ['2^-8', { exponent: 8, binary: true }, 121_093_750],
    ['2^-40', { exponent: 40, binary: true }, 123_456_788],
  ])('are read in units of %s', (_, resolution, nanos) => {
    const described = resolution === undefined ? {} : { resolution }
    const bytes = pcapngFile({
      blocks: [on(described), { kind: 'packet', packet: { seconds: 1_000_000, nanos: 123_456_789, bytes: hex('aa') } }],
    })
    expect(readCapture(bytes).packets).toMatchObject([{ seconds: 1_000_000, nanos, timed: true }])
  })

  test.each(['little', 'big'] as const)('are moved by the offset of their interface (%s-endian)', (byteOrder) => {
    const bytes = pcapngFile({
      byteOrder,
      blocks: [
        on({ offsetSeconds: 1_700_000_000 }),
        on({ offsetSeconds: -3600 }),
        packet(1_700_000_001),
        packet(100, 'bb', 1),
      ],
    })
    expect(readCapture(bytes).packets.map((seen) => seen.seconds)).toEqual([1_700_000_001, 100])
  })

  test('hold no more fine a clock than 10^-18 s', () => {
    // 2 s in units of 10^-18: 2·10^18 = 0x1bc16d67_4ec80000.
    const described = '01000000 20000000 0100 0000 00000000  0900 0100 7f000000 0000 0000 20000000'
    const block = '06000000 24000000 00000000 676dc11b 0000c84e 01000000 01000000 aa000000 24000000'
    expect(readCapture(file(SECTION, described, block)).packets).toMatchObject([{ seconds: 2, nanos: 0 }])
  })

  test('are missing in simple packets, and a packet with a time after one has it again', () => {
    const bytes = pcapngFile({ blocks: [on({}), packet(5), { kind: 'simple', bytes: hex('bb') }, packet(6)] })
    expect(readCapture(bytes).packets.map((seen) => seen.timed)).toEqual([true, false, true])
  })
})

describe('packets', () => {
  test('are read from enhanced, simple and obsolete blocks', () => {
    const bytes = pcapngFile({
      blocks: [
        on({ snaplen: 4 }),
        on({ linkType: 101 }),
        { kind: 'packet', packet: { seconds: 1, bytes: hex('aabbcc'), originalLength: 60 }, comment: 'the first' },
        { kind: 'simple', bytes: hex('01020304'), originalLength: 90 },
        {
          kind: 'obsolete',
          interface: 1,
          packet: { seconds: 2, nanos: 5000, bytes: hex('dd'), originalLength: 7 },
          drops: 12,
        },
      ],
    })
    const { packets, problems, reader } = readCapture(bytes)
    expect(packets).toEqual([
      { seconds: 1, nanos: 0, timed: true, linkType: 1, originalLength: 60, bytes: 'aabbcc' },
      { seconds: 1, nanos: 0, timed: false, linkType: 1, originalLength: 90, bytes: '01020304' },
      { seconds: 2, nanos: 5000, timed: true, linkType: 101, originalLength: 7, bytes: 'dd' },
    ])
    expect(problems).toEqual([])
    expect(reader).toMatchObject({ packets: 3, frameBytes: 157, dropped: 12 })
  })

  test('of a simple block end at the snaplen, not at the padding', () => {
    const bytes = file(
      SECTION,
      '01000000 14000000 0100 0000 03000000 14000000',
      '03000000 14000000 05000000 aabbcc00 14000000',
    )
    expect(readCapture(bytes).packets).toMatchObject([{ originalLength: 5, bytes: 'aabbcc' }])
  })

  test('of a simple block without a snaplen end with the packet', () => {
    expect(readCapture(file(SECTION, ETHERNET, '03000000 14000000 02000000 aabb0000 14000000')).packets).toMatchObject([
      { bytes: 'aabb' },
    ])
  })

  test('of a simple block whose length exceeds its block end with the block', () => {
    expect(readCapture(file(SECTION, ETHERNET, '03000000 14000000 ffffffff aabb0000 14000000')).packets).toMatchObject([
      { originalLength: 0xffffffff, bytes: 'aabb0000' },
    ])
  })

  test('may be empty, and longer than the snaplen', () => {
    const empty = '06000000 20000000 00000000 00000000 00000000 00000000 2a000000 20000000'
    const bytes = file(SECTION, '01000000 14000000 0100 0000 02000000 14000000', empty, PACKET)
    expect(readCapture(bytes).packets).toMatchObject([{ originalLength: 42, bytes: '' }, { bytes: 'aabbcc' }])
  })

  test.each([
    [
      'an enhanced block without room for its fields',
      '06000000 1c000000 00000000 00000000 00000000 00000000 1c000000',
      'the packet block is too short',
    ],
    [
      'an obsolete block without room for its fields',
      '02000000 10000000 00000000 10000000',
      'the packet block is too short',
    ],
    ['a simple block without its length', '03000000 0c000000 0c000000', 'the packet block is too short'],
    [
      'an interface that does not exist',
      PACKET.replace('00000000', '07000000'),
      'the packet names interface 7, but the section has 1',
    ],
    [
      'an interface beyond every count',
      PACKET.replace('00000000', 'ffffffff'),
      'the packet names interface 4294967295, but the section has 1',
    ],
    [
      'a captured length of 4 GiB',
      PACKET.replace('03000000', 'ffffffff'),
      'the packet says it holds 4294967295 bytes, but its block has room for 4',
    ],
    [
      'a captured length that reaches into the trailer',
      PACKET.replace('03000000', '05000000'),
      'the packet says it holds 5 bytes, but its block has room for 4',
    ],
  ])('with %s are counted and reported, and the next one is read', (_, block, message) => {
    const { packets, problems, reader } = readCapture(file(SECTION, ETHERNET, block, PACKET))
    expect(packets).toMatchObject([{ bytes: 'aabbcc' }])
    expect(problems).toEqual([{ packet: 1, offset: PACKET_AT, message }])
    expect(reader.packets).toBe(2)
  })

  test('before any interface are reported, in a simple block too', () => {
    expect(readCapture(file(SECTION, '03000000 14000000 02000000 aabb0000 14000000')).problems).toEqual([
      { packet: 1, offset: 28, message: 'the packet names interface 0, but the section has 0' },
    ])
  })
})

describe('interfaces', () => {
  test('too short to have a link type end the reading, since packets name interfaces by their count', () => {
    const { packets, problems } = readCapture(file(SECTION, '01000000 10000000 0100 0000 10000000', ETHERNET, PACKET))
    expect(packets).toEqual([])
    expect(problems).toEqual([{ packet: 1, offset: 28, message: 'an interface description is too short' }])
  })

  test('by the million are capped, counted and harmless', () => {
    const count = 1_000_000
    const block = hex(ETHERNET)
    const blocks = new Uint8Array(count * block.length)
    for (let index = 0; index < count; index++) blocks.set(block, index * block.length)
    const { packets, problems, reader } = readCapture(
      concat(hex(SECTION), blocks, hex(PACKET), hex(PACKET.replace('00000000', u32(65_536)))),
    )
    expect(packets).toHaveLength(1)
    expect(reader.packets).toBe(2)
    expect(problems).toHaveLength(51)
    expect(problems[0]).toEqual({
      packet: 0,
      offset: 28 + 65_536 * 20,
      message: 'an interface description is more than the 65536 that one section may have',
    })
    expect(problems[50].message).toBe(`${count - 65_536 + 1 - 50} more problems of this kind are not listed`)
  })

  test('whose options run past the block keep what came before', () => {
    const bytes = file(
      SECTION,
      '01000000 20000000 0100 0000 00000000  0900 0100 09000000  0e00 ffff  20000000',
      '06000000 24000000 00000000 00000000 00ca9a3b 01000000 01000000 aa000000 24000000',
    )
    expect(readCapture(bytes).packets).toMatchObject([{ seconds: 1, nanos: 0 }])
  })

  test('whose options are too short keep the standard clock', () => {
    const bytes = file(
      SECTION,
      '01000000 20000000 0100 0000 00000000  0900 0000  0e00 0400 01000000  20000000',
      '06000000 24000000 00000000 00000000 40420f00 01000000 01000000 aa000000 24000000',
    )
    expect(readCapture(bytes).packets).toMatchObject([{ seconds: 1, nanos: 0 }])
  })

  test('end their options at the end mark', () => {
    const bytes = file(
      SECTION,
      '01000000 20000000 0100 0000 00000000  0000 0000  0900 0100 00000000  20000000',
      '06000000 24000000 00000000 00000000 40420f00 01000000 01000000 aa000000 24000000',
    )
    expect(readCapture(bytes).packets).toMatchObject([{ seconds: 1, nanos: 0 }])
  })
})

describe('drop counts', () => {
  const statistics = (index: number, dropped: number): PcapngBlock => ({
    kind: 'statistics',
    interface: index,
    seconds: 1,
    received: 1000,
    dropped,
  })

  test('are totals since the capture began: the last one of each interface counts', () => {
    const bytes = pcapngFile({ blocks: [on({}), on({}), statistics(0, 5), statistics(1, 100), statistics(0, 7)] })
    expect(readCapture(bytes).reader.dropped).toBe(107)
  })

  test('of several sections add up', () => {
    const section = { blocks: [on({}), statistics(0, 5)] }
    expect(readCapture(pcapngFile(section, { ...section, byteOrder: 'big' })).reader.dropped).toBe(10)
  })

  test('of the interface and of the system add up', () => {
    const block =
      '05000000 34000000 00000000 00000000 00000000  0500 0800 0300000000000000  0700 0800 0400000000000000  0000 0000  34000000'
    expect(readCapture(file(SECTION, ETHERNET, block)).reader.dropped).toBe(7)
  })

  test.each([
    ['of no interface', '05000000 24000000 01000000 00000000 00000000  0500 0800 0300000000000000 24000000'],
    ['too short', '05000000 14000000 00000000 00000000 14000000'],
    ['of too few bytes', '05000000 20000000 00000000 00000000 00000000  0500 0400 03000000 20000000'],
    ['not known (all ones)', '05000000 24000000 00000000 00000000 00000000  0500 0800 ffffffffffffffff 24000000'],
  ])('%s count nothing', (_, block) => {
    const { problems, reader } = readCapture(file(SECTION, ETHERNET, block))
    expect(reader.dropped).toBe(0)
    expect(problems).toEqual([])
  })

  test('that an obsolete packet block does not know count nothing', () => {
    const bytes = pcapngFile({
      blocks: [
        on({}),
        { kind: 'obsolete', packet: { seconds: 1, bytes: hex('aa') } },
        { kind: 'obsolete', packet: { seconds: 1, bytes: hex('aa') }, drops: 2 },
      ],
    })
    expect(readCapture(bytes).reader.dropped).toBe(2)
  })
})
