// A capture is read the same in pieces of any size, and unreadable formats are reported.
import { parse } from 'pcap-parser'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { MAX_CAPTURED_LENGTH, READ_LENGTH } from '../../../capture/formats/limits.ts'
import { MAX_PROBLEMS, type Problem } from '../../../capture/formats/problem.ts'
import { hexOf } from '../../support/bytes.ts'
import {
  LINK_TYPE,
  pcapFile,
  pcapHeader,
  pcapngFile,
  type CapturedPacket,
} from '../../../server/sample/packets/pcap-writer.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { readCapture } from '../../support/read-capture.ts'
import { hex, text, concat } from '../../../server/sample/packets/bytes.ts'

function randomPackets(seed: number, count: number, longest: number): CapturedPacket[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const bytes = random.bytes(random.integer(0, longest))
    return {
      seconds: random.integer(0, 0xffffffff),
      nanos: random.integer(0, 999_999) * 1000,
      bytes,
      originalLength: bytes.length + random.integer(0, 100),
    }
  })
}

const packets = randomPackets(11, 25, 90)
const FILES: [string, Uint8Array][] = [
  ['little-endian pcap', pcapFile({}, packets)],
  ['big-endian modified nanosecond pcap', pcapFile({ byteOrder: 'big', resolution: 'nano', modified: true }, packets)],
  [
    'pcapng of two sections',
    pcapngFile(
      {
        blocks: [
          { kind: 'interface', interface: { name: 'eth0' } },
          ...packets.slice(0, 12).map((packet) => ({ kind: 'packet', packet, comment: 'x' }) as const),
          { kind: 'simple', bytes: hex('aabb') },
        ],
      },
      {
        byteOrder: 'big',
        blocks: [
          { kind: 'interface', interface: { resolution: { exponent: 9 } } },
          { kind: 'other', type: 99, body: new Uint8Array(200) },
          ...packets.slice(12).map((packet) => ({ kind: 'obsolete', packet }) as const),
        ],
      },
    ),
  ],
  [
    'pcap with a damaged record',
    concat(pcapFile({}, packets), hex('00000000 00000000 ffffffff ffffffff'), new Uint8Array(70)),
  ],
  [
    'pcapng with a damaged block',
    concat(
      pcapngFile({
        blocks: [
          { kind: 'interface', interface: {} },
          ...packets.map((packet) => ({ kind: 'packet', packet }) as const),
        ],
      }),
      hex('06000000 03000000 00000000'),
      new Uint8Array(70),
    ),
  ],
  ['pcap cut in a record', pcapFile({}, packets).subarray(0, -1)],
  ['file of another kind', text('not a capture at all')],
]

/** What is no capture is quoted as far as it has come. */
function withoutQuotes(problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, message: problem.message.replace(/ \(".*"\)/, '') }))
}

describe('pieces', () => {
  test.each(FILES)('of every size from 1 to 64 bytes give the same of a %s as the whole', (_, file) => {
    const whole = readCapture(file)
    for (let pieceLength = 1; pieceLength <= 64; pieceLength++) {
      const seen = readCapture(file, pieceLength)
      expect(seen.packets).toEqual(whole.packets)
      expect(withoutQuotes(seen.problems)).toEqual(withoutQuotes(whole.problems))
      expect(seen.reader.bytesRead).toBe(file.length)
    }
  })

  test.each(FILES.slice(0, 3))(
    'up to every cut of a %s give all packets before the cut, and one problem at most',
    (_, file) => {
      const whole = readCapture(file).packets
      for (let length = 0; length <= file.length; length++) {
        const { packets, problems, reader } = readCapture(file.subarray(0, length))
        expect(packets).toEqual(whole.slice(0, packets.length))
        expect(problems.length).toBeLessThanOrEqual(1)
        for (const { packet, offset } of problems) {
          expect(packet).toBe(reader.packets + 1)
          expect(offset).toBeLessThan(length)
        }
      }
    },
  )

  test('may be longer than the buffer, with packets across its end', () => {
    const long = randomPackets(12, 12, MAX_CAPTURED_LENGTH)
    const file = pcapFile({}, long)
    expect(file.length).toBeGreaterThan(READ_LENGTH)
    expect(readCapture(file).packets.map((seen) => seen.bytes)).toEqual(long.map(({ bytes }) => hexOf(bytes)))
  })

  test('written into the room by the caller are read too', () => {
    const file = pcapFile({}, packets)
    const lengths: number[] = []
    const reader = new CaptureReader((frame) => lengths.push(frame.end - frame.at))
    for (let at = 0; at < file.length; at += 1000) {
      const piece = file.subarray(at, at + 1000)
      reader.room().set(piece)
      reader.commit(piece.length)
    }
    reader.end()
    expect(lengths).toEqual(packets.map(({ bytes }) => bytes.length))
  })

  test('behind damage are counted and not kept', () => {
    const { reader } = readCapture(
      concat(pcapHeader(), hex('00000000 00000000 ffffffff ffffffff'), new Uint8Array(3 * READ_LENGTH)),
    )
    expect(reader).toMatchObject({ filled: 0, bytesRead: 24 + 16 + 3 * READ_LENGTH })
  })
})

describe('what is no capture', () => {
  test.each([
    [
      'snoop',
      text('snoop\0\0\0'),
      'this is a Solaris snoop file; open it in Wireshark and save it as pcapng (File › Save As)',
    ],
    [
      'zstd',
      hex('28b52ffd 00'),
      'this is compressed with zstd; pcap and pcapng are read, plain or packed with gzip, zstd or xz: unpack it with zstd -d',
    ],
    [
      'xz',
      hex('fd377a585a00'),
      'this is compressed with xz; pcap and pcapng are read, plain or packed with gzip, zstd or xz: unpack it with xz -d',
    ],
    [
      'bzip2',
      text('BZh91AY'),
      'this is compressed with bzip2; pcap and pcapng are read, plain or packed with gzip, zstd or xz: unpack it with bunzip2',
    ],
    [
      'lz4',
      hex('04224d18'),
      'this is compressed with lz4; pcap and pcapng are read, plain or packed with gzip, zstd or xz: unpack it with lz4 -d',
    ],
    ['zip', hex('504b0304 14'), 'this is a zip archive; unpack it, and give the capture that is in it'],
    [
      'text',
      text('Hi there'),
      'this is no capture: it starts with 48 69 20 74 ("Hi there"); pcap and pcapng are read, plain or packed with gzip, zstd or xz',
    ],
    [
      'zeros',
      new Uint8Array(100),
      'this is no capture: its first 100 bytes are all zero, so nothing of it was written (a full disk, a power cut, or a copy that broke off); copy or save it again',
    ],
    ['two bytes', hex('d4c3'), 'this is no capture: it ends after 2 of the 4 bytes that tell the format'],
  ])('is named: %s', (_, file, message) => {
    const { packets, problems, reader } = readCapture(file)
    expect(packets).toEqual([])
    expect(problems).toEqual([{ packet: 1, offset: 0, message }])
    expect(reader).toMatchObject({ format: null, hasHeader: false })
  })

  test('reports no problem for an empty file', () => {
    expect(readCapture(hex(''))).toMatchObject({
      packets: [],
      problems: [],
      reader: { format: null, hasHeader: false },
    })
  })
})

describe('link types', () => {
  test('that are not read are counted, with one problem each that names the first packet', () => {
    const bytes = hex('aabb')
    const { packets, problems, reader } = readCapture(
      pcapngFile({
        blocks: [
          { kind: 'interface', interface: { linkType: LINK_TYPE.ethernet } },
          { kind: 'interface', interface: { linkType: 189 } },
          { kind: 'interface', interface: { linkType: 60_000 } },
          { kind: 'packet', interface: 0, packet: { seconds: 1, bytes } },
          { kind: 'packet', interface: 1, packet: { seconds: 2, bytes } },
          { kind: 'packet', interface: 2, packet: { seconds: 3, bytes } },
          { kind: 'packet', interface: 1, packet: { seconds: 4, bytes, originalLength: 50 } },
        ],
      }),
    )
    expect(packets).toMatchObject([{ seconds: 1 }])
    expect(problems).toEqual([
      {
        packet: 2,
        offset: 28 + 3 * 20 + 36,
        message: '2 packets of link type 189 (USB) counted but not read',
      },
      { packet: 3, offset: 28 + 3 * 20 + 2 * 36, message: '1 packet of link type 60000 counted but not read' },
    ])
    expect(reader).toMatchObject({ packets: 4, frameBytes: 56, linkTypes: [1, 189, 60_000] })
  })

  test.each(Object.values(LinkType))('%i is read', (linkType) => {
    expect(readCapture(pcapFile({ linkType }, [{ seconds: 1, bytes: hex('aa') }]))).toMatchObject({
      packets: [{ linkType }],
      problems: [],
    })
  })

  test('of every number are counted and reported up to a cap', () => {
    const count = 1000
    const { packets, problems, reader } = readCapture(
      pcapngFile({
        blocks: Array.from({ length: count }, (_, linkType) => [
          { kind: 'interface', interface: { linkType: 1000 + linkType } } as const,
          { kind: 'packet', interface: linkType, packet: { seconds: 1, bytes: hex('') } } as const,
        ]).flat(),
      }),
    )
    expect(packets).toEqual([])
    expect(reader.packets).toBe(count)
    expect(reader.linkTypes).toHaveLength(64)
    expect(problems).toHaveLength(MAX_PROBLEMS + 1)
  })
})

describe('problems', () => {
  test('beyond the cap are counted in one closing line', () => {
    const nowhere = { kind: 'packet', interface: 5, packet: { seconds: 1, bytes: hex('') } } as const
    const { problems } = readCapture(
      pcapngFile({ blocks: [{ kind: 'interface', interface: {} }, ...Array.from({ length: 53 }, () => nowhere)] }),
    )
    expect(problems).toHaveLength(51)
    expect(problems[49].packet).toBe(50)
    expect(problems[50]).toEqual({ packet: 0, offset: 0, message: '3 more problems of this kind are not listed' })
  })
})

describe('pcap-parser', () => {
  test.each([
    ['little', 21],
    ['big', 22],
    ['little', 23],
    ['big', 24],
  ] as const)('reads the same packets of a %s-endian file (seed %i)', async (byteOrder, seed) => {
    const file = pcapFile({ byteOrder, linkType: LINK_TYPE.ethernet }, randomPackets(seed, 200, 1600))
    const theirs = await new Promise<unknown[]>((resolve, reject) => {
      const seen: unknown[] = []
      parse(Readable.from([Buffer.from(file)]))
        .on('packet', ({ header, data }) =>
          seen.push({
            seconds: header.timestampSeconds,
            nanos: header.timestampMicroseconds * 1000,
            originalLength: header.originalLength,
            bytes: hexOf(data),
          }),
        )
        .on('end', () => resolve(seen))
        .on('error', reject)
    })
    expect(theirs).toHaveLength(200)
    expect(readCapture(file).packets).toMatchObject(theirs)
  })
})
