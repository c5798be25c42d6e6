// pcapng files with unknown blocks, damaged lengths and a cut end are read up to the damage, which is reported.
import { describe, expect, test } from 'vitest'
import { BUFFER_LENGTH } from '../../../capture/formats/limits.ts'
import { pcapngFile } from '../../../server/sample/packets/pcap-writer.ts'
import { readCapture } from '../../support/read-capture.ts'
import { hex } from '../../../server/sample/packets/bytes.ts'
import { SECTION, ETHERNET, PACKET, PACKET_AT, file, packet, on } from './pcapng-blocks.ts'

describe('other blocks', () => {
  test('are stepped over, known and unknown ones', () => {
    const bytes = pcapngFile({
      blocks: [
        { kind: 'other', type: 0x0bad, body: hex('ff') },
        on({}),
        { kind: 'names', records: [{ address: hex('c0a80102'), names: ['lamp'] }] },
        { kind: 'other', type: 0x8000_0bad, body: new Uint8Array(5000) },
        packet(1),
        { kind: 'other', type: 10, body: hex('') },
        packet(2),
      ],
    })
    const { packets, problems } = readCapture(bytes)
    expect(packets.map((seen) => seen.seconds)).toEqual([1, 2])
    expect(problems).toEqual([])
  })

  test('longer than the buffer are stepped over, in pieces too', () => {
    const bytes = pcapngFile({
      blocks: [
        on({}),
        packet(1),
        { kind: 'other', type: 0x0bad, body: new Uint8Array(BUFFER_LENGTH + 100_000) },
        packet(2),
      ],
    })
    for (const pieceLength of [bytes.length, 65_537]) {
      const { packets, problems } = readCapture(bytes, pieceLength)
      expect(packets.map((seen) => seen.seconds)).toEqual([1, 2])
      expect(problems).toEqual([])
    }
  })

  test('that fill the buffer to its last byte are stepped over', () => {
    const bytes = pcapngFile({
      blocks: [on({}), { kind: 'other', type: 0x0bad, body: new Uint8Array(BUFFER_LENGTH - 12) }, packet(2)],
    })
    expect(readCapture(bytes).packets).toHaveLength(1)
  })

  test('longer than the buffer and cut off are reported', () => {
    const whole = pcapngFile({
      blocks: [on({}), packet(1), { kind: 'other', type: 0x0bad, body: new Uint8Array(BUFFER_LENGTH + 100_000) }],
    })
    expect(readCapture(whole.subarray(0, whole.length - 7)).problems).toMatchObject([
      { packet: 2, message: 'cut off inside a block, 7 bytes before its end' },
    ])
  })
})

describe('damaged lengths', () => {
  test.each([
    ['0', '00000000'],
    ['3', '03000000'],
    ['8', '08000000'],
    ['13', '0d000000'],
    ['4294967292', 'fcffffff'],
    ['16777220', '04000001'],
  ])('of %s bytes end the reading and keep what came before', (length, field) => {
    const { packets, problems, reader } = readCapture(
      file(SECTION, ETHERNET, PACKET, `06000000 ${field} 00000000`, PACKET),
    )
    expect(packets).toHaveLength(1)
    expect(problems).toEqual([
      {
        packet: 2,
        offset: PACKET_AT + 36,
        message: `a block says it is ${length} bytes long, which cannot be; the file is damaged from here on`,
      },
    ])
    expect(reader.failed).toBe(true)
  })

  test('of a packet that no tool would write end the reading', () => {
    const bytes = file(SECTION, ETHERNET, PACKET, '06000000 00000001 00000000')
    expect(readCapture(bytes).problems).toMatchObject([
      { packet: 2, message: 'a packet block says it is 16777216 bytes long, more than any capture tool writes' },
    ])
  })

  test('that differ before and behind a block end the reading', () => {
    const { packets, problems } = readCapture(
      file(SECTION, ETHERNET, PACKET, PACKET.replace(/24000000$/, '28000000'), PACKET),
    )
    expect(packets).toHaveLength(1)
    expect(problems).toEqual([
      {
        packet: 2,
        offset: PACKET_AT + 36,
        message: "a block's two lengths differ (36 and 40); the file is damaged from here on",
      },
    ])
  })

  test('of a packet with more room than bytes are no damage', () => {
    expect(readCapture(file(SECTION, ETHERNET, PACKET.replace('03000000', '00000000'))).packets).toMatchObject([
      { bytes: '', originalLength: 9 },
    ])
  })
})

describe('a cut file', () => {
  const whole = file(SECTION, ETHERNET, PACKET, PACKET)

  test.each([
    [3, 1, 0, 'this is no capture: it ends after 3 of the 4 bytes that tell the format'],
    [4, 1, 0, "cut off inside a block's header, after 4 bytes"],
    [11, 1, 0, "cut off inside a block's header, after 11 bytes"],
    [12, 1, 0, 'cut off after 12 of 28 bytes of a block'],
    [PACKET_AT + 1, 1, PACKET_AT, "cut off inside a block's header, after 1 bytes"],
    [PACKET_AT + 35, 1, PACKET_AT, 'cut off after 35 of 36 bytes of a block'],
    [PACKET_AT + 36 + 30, 2, PACKET_AT + 36, 'cut off after 30 of 36 bytes of a block'],
  ])('of %i bytes says that packet %i at offset %i is cut', (length, packet, offset, message) => {
    const { packets, problems } = readCapture(whole.subarray(0, length))
    expect(packets).toHaveLength(packet - 1)
    expect(problems).toEqual([{ packet, offset, message }])
  })

  test('names the length of a big-endian section header the right way round', () => {
    expect(readCapture(pcapngFile({ byteOrder: 'big', blocks: [] }).subarray(0, 20)).problems).toMatchObject([
      { message: 'cut off after 20 of 28 bytes of a block' },
    ])
  })

  test('that ends between two blocks is a shorter file', () => {
    expect(readCapture(whole.subarray(0, PACKET_AT + 36))).toMatchObject({
      packets: [{ bytes: 'aabbcc' }],
      problems: [],
    })
  })
})
