// The written captures say what the file formats ask for.
import { Readable } from 'node:stream'
import { parse } from 'pcap-parser'
import { describe, expect, test } from 'vitest'
import { LINK_TYPE, pcapFile, pcapngFile } from '../../../../server/sample/packets/pcap-writer.ts'
import { hex, concat } from '../../../../server/sample/packets/bytes.ts'

const packet = { seconds: 0x01020304, nanos: 5_000_007, bytes: hex('aabbcc'), originalLength: 9 }

describe('pcapFile', () => {
  test.each([
    [
      'little',
      'micro',
      'd4c3b2a1 0200 0400 00000000 00000000 00000400 01000000',
      '04030201 88130000 03000000 09000000 aabbcc',
    ],
    [
      'big',
      'micro',
      'a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001',
      '01020304 00001388 00000003 00000009 aabbcc',
    ],
    [
      'little',
      'nano',
      '4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000',
      '04030201 474b4c00 03000000 09000000 aabbcc',
    ],
    [
      'big',
      'nano',
      'a1b23c4d 0002 0004 00000000 00000000 00040000 00000001',
      '01020304 004c4b47 00000003 00000009 aabbcc',
    ],
  ] as const)('writes %s-endian %sseconds', (byteOrder, resolution, header, record) => {
    expect(pcapFile({ byteOrder, resolution }, [packet])).toEqual(concat(hex(header), hex(record)))
  })

  test('writes the modified format with eight more bytes in each record header', () => {
    expect(pcapFile({ modified: true, linkType: LINK_TYPE.raw, snaplen: 96 }, [packet])).toEqual(
      hex(
        '34cdb2a1 0200 0400 00000000 00000000 60000000 65000000  04030201 88130000 03000000 09000000 0000000000000000 aabbcc',
      ),
    )
  })

  test('is read by pcap-parser packet by packet', async () => {
    const file = pcapFile({ byteOrder: 'big' }, [packet, { seconds: 2, bytes: hex('01') }])
    const seen = await new Promise<unknown[]>((resolve, reject) => {
      const packets: unknown[] = []
      const parser = parse(Readable.from([Buffer.from(file)]))
      parser.on('packet', ({ header, data }: { header: object; data: Buffer }) =>
        packets.push({ ...header, data: data.toString('hex') }),
      )
      parser.on('error', reject)
      parser.on('end', () => resolve(packets))
    })
    expect(seen).toEqual([
      {
        timestampSeconds: 0x01020304,
        timestampMicroseconds: 5000,
        capturedLength: 3,
        originalLength: 9,
        data: 'aabbcc',
      },
      { timestampSeconds: 2, timestampMicroseconds: 0, capturedLength: 1, originalLength: 1, data: '01' },
    ])
  })
})

describe('pcapngFile', () => {
  const sectionHeader = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'

  test('writes a section, an interface and an enhanced packet, padded to four bytes', () => {
    const file = pcapngFile({
      blocks: [
        { kind: 'interface', interface: {} },
        { kind: 'packet', packet: { ...packet, seconds: 5000, nanos: 1000 } },
      ],
    })
    // 5,000,000,001 µs is 1·2³² + 0x2a05f201.
    expect(file).toEqual(
      hex(
        `${sectionHeader}  01000000 14000000 0100 0000 00000000 14000000  06000000 24000000 00000000 01000000 01f2052a 03000000 09000000 aabbcc00 24000000`,
      ),
    )
  })

  test('writes every number of a big-endian section the other way round', () => {
    const file = pcapngFile({
      byteOrder: 'big',
      lengthField: 'true',
      blocks: [
        { kind: 'interface', interface: { linkType: LINK_TYPE.linuxSll, snaplen: 96 } },
        { kind: 'simple', bytes: hex('aa'), originalLength: 2 },
      ],
    })
    expect(file).toEqual(
      hex(
        '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 0000000000000028 0000001c  00000001 00000014 0071 0000 00000060 00000014  00000003 00000014 00000002 aa000000 00000014',
      ),
    )
  })

  test('writes interface options, and times in their resolution and less their offset', () => {
    const described = { name: 'eth0', resolution: { exponent: 9 }, offsetSeconds: 1000 }
    const file = pcapngFile({
      blocks: [
        { kind: 'interface', interface: described },
        { kind: 'packet', packet: { seconds: 1001, nanos: 7, bytes: hex('') } },
      ],
    })
    expect(file.subarray(28)).toEqual(
      hex(
        '01000000 34000000 0100 0000 00000000  0200 0400 65746830  0900 0100 09000000  0e00 0800 e803000000000000  0000 0000  34000000' +
          '06000000 20000000 00000000 00000000 07ca9a3b 00000000 00000000 20000000',
      ),
    )
  })

  test('counts a binary resolution in powers of two', () => {
    const file = pcapngFile({
      blocks: [
        { kind: 'interface', interface: { resolution: { exponent: 10, binary: true } } },
        { kind: 'packet', packet: { seconds: 3, nanos: 500_000_000, bytes: hex('') } },
      ],
    })
    expect(file.subarray(28 + 32 + 12, 28 + 32 + 20)).toEqual(hex('00000000 000e0000'))
  })

  test('writes the obsolete packet, statistics, names and unknown blocks', () => {
    const file = pcapngFile({
      blocks: [
        { kind: 'interface', interface: {} },
        { kind: 'obsolete', packet: { seconds: 0, nanos: 9000, bytes: hex('aa') }, drops: 3 },
        { kind: 'statistics', seconds: 1, received: 5, dropped: 2 },
        { kind: 'names', records: [{ address: hex('c0a80102'), names: ['lamp'] }] },
        { kind: 'other', type: 0x0bad, body: hex('ff') },
      ],
    })
    expect(file.subarray(48)).toEqual(
      hex(
        '02000000 24000000 0000 0300 00000000 09000000 01000000 01000000 aa000000 24000000' +
          '05000000 34000000 00000000 00000000 40420f00  0400 0800 0500000000000000  0500 0800 0200000000000000  0000 0000  34000000' +
          '04000000 20000000  0100 0900 c0a80102 6c616d70 00000000  0000 0000  20000000' +
          'ad0b0000 10000000 ff000000 10000000',
      ),
    )
  })

  test('starts every section afresh, with interfaces and byte order of its own', () => {
    const one = pcapngFile({ blocks: [{ kind: 'interface', interface: { resolution: { exponent: 3 } } }] })
    const other = pcapngFile({
      byteOrder: 'big',
      blocks: [
        { kind: 'interface', interface: {} },
        { kind: 'packet', packet },
      ],
    })
    expect(
      pcapngFile(
        { blocks: [{ kind: 'interface', interface: { resolution: { exponent: 3 } } }] },
        {
          byteOrder: 'big',
          blocks: [
            { kind: 'interface', interface: {} },
            { kind: 'packet', packet },
          ],
        },
      ),
    ).toEqual(concat(one, other))
  })
})
