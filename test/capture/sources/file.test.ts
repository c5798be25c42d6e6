// Capture files are read from disk, plain and gzipped, whole, cut and damaged.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { READ_LENGTH } from '../../../capture/formats/limits.ts'
import { type FileReadOptions, readCaptureFile } from '../../../capture/sources/file.ts'
import { pcapFile, pcapngFile } from '../../../server/sample/packets/pcap-writer.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { type SeenPacket, seenPacket } from '../../support/read-capture.ts'
import { hex, text } from '../../../server/sample/packets/bytes.ts'

const random = seededRandom(31)
const packets = Array.from({ length: 300 }, (_, index) => ({
  seconds: index,
  bytes: random.bytes(random.integer(0, 1500)),
}))
const WHOLE = pcapFile({}, packets)
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-file-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(
  bytes: Uint8Array,
  options: FileReadOptions = {},
): Promise<{ seen: SeenPacket[]; reader: CaptureReader }> {
  const path = join(folder, 'capture')
  writeFileSync(path, bytes)
  const seen: SeenPacket[] = []
  const reader = new CaptureReader((frame) => seen.push(seenPacket(frame)))
  await readCaptureFile(path, reader, options)
  return { seen, reader }
}

/** More than any number of reads between two looks at the event loop. */
function longFile(): Uint8Array {
  const bytes = new Uint8Array(200_000)
  return pcapFile(
    {},
    Array.from({ length: 250 }, (_, seconds) => ({ seconds, bytes })),
  )
}

describe('a plain file', () => {
  test('gives all its packets', async () => {
    const { seen, reader } = await read(WHOLE)
    expect(seen.map((packet) => packet.seconds)).toEqual(packets.map((packet) => packet.seconds))
    expect(reader.allProblems()).toEqual([])
    expect(reader.bytesRead).toBe(WHOLE.length)
  })

  test('that is empty gives nothing', async () => {
    expect((await read(hex(''))).reader).toMatchObject({ format: null, packets: 0 })
  })

  test('that is cut gives what came before, and says where', async () => {
    const { seen, reader } = await read(WHOLE.subarray(0, WHOLE.length - packets[299].bytes.length - 3))
    expect(seen).toHaveLength(299)
    expect(reader.allProblems()).toMatchObject([
      { packet: 300, message: "cut off inside the packet's record header, after 13 of 16 bytes" },
    ])
  })

  test('that is damaged is not read to its end', async () => {
    const { reader } = await read(new Uint8Array(3 * READ_LENGTH))
    expect(reader.failed).toBe(true)
    expect(reader.bytesRead).toBe(READ_LENGTH)
  })

  test('that is long reports how far it is, and stops at the signal', async () => {
    const file = longFile()
    const stop = new AbortController()
    const progress: [number, number][] = []
    const { seen, reader } = await read(file, {
      signal: stop.signal,
      onProgress: (bytesRead, total) => {
        progress.push([bytesRead, total])
        stop.abort()
      },
    })
    expect(progress).toEqual([[32 * READ_LENGTH, file.length]])
    expect(reader.bytesRead).toBe(32 * READ_LENGTH)
    expect(seen.length).toBeLessThan(250)
  })

  test('that is long is read to its end where nobody stops it', async () => {
    expect((await read(longFile(), { signal: new AbortController().signal })).seen).toHaveLength(250)
    expect((await read(longFile())).seen).toHaveLength(250)
  })

  test('that does not exist rejects', async () => {
    await expect(readCaptureFile(join(folder, 'nothing'), new CaptureReader(() => {}))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })
})

describe('a gzipped file', () => {
  test.each([
    ['pcap', WHOLE],
    [
      'pcapng',
      pcapngFile({
        blocks: [
          { kind: 'interface', interface: {} },
          ...packets.map((packet) => ({ kind: 'packet', packet }) as const),
        ],
      }),
    ],
  ])('gives the same as plain %s', async (_, file) => {
    const plain = await read(file)
    const { seen, reader } = await read(gzipSync(file))
    expect(seen).toEqual(plain.seen)
    expect(seen).toHaveLength(300)
    expect(reader.allProblems()).toEqual([])
  })

  test('of several members, as appending makes it, gives all of them', async () => {
    const half = WHOLE.length >> 1
    expect(
      (await read(Buffer.concat([gzipSync(WHOLE.subarray(0, half)), gzipSync(WHOLE.subarray(half))]))).seen,
    ).toHaveLength(300)
  })

  test('that is cut gives everything before the cut, and says so', async () => {
    const whole = gzipSync(WHOLE)
    const { seen, reader } = await read(whole.subarray(0, whole.length - 20))
    // Random bytes do not shrink: twelve bytes less than the trailer are twelve bytes less of the last packet.
    expect(seen).toHaveLength(299)
    expect(reader.allProblems()).toEqual([
      {
        packet: 300,
        offset: reader.bytesRead,
        message:
          'the gzip data is damaged or cut off (unexpected end of file); what could be unpacked before that was read',
      },
      {
        packet: 300,
        offset: reader.bytesRead - reader.filled,
        message: expect.stringMatching(/^cut off after \d+ of \d+ bytes$/),
      },
    ])
  })

  test('that lacks only its check sum gives every packet, and says so', async () => {
    const { seen, reader } = await read(gzipSync(WHOLE).subarray(0, -3))
    expect(seen).toHaveLength(300)
    expect(reader.allProblems()).toMatchObject([
      { packet: 301, message: expect.stringContaining('the gzip data is damaged or cut off') },
    ])
  })

  test('that is damaged in the middle gives what came a while before, and says so', async () => {
    const whole = gzipSync(WHOLE, { level: 0 })
    // A stored block's length and its complement no longer fit each other (RFC 1951 section 3.2.4).
    whole[10 + 5 + 65_535 + 5 - 1] ^= 0xff
    const { seen, reader } = await read(whole)
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.length).toBeLessThan(300)
    expect(reader.allProblems()[0]).toMatchObject({
      packet: seen.length + 1,
      message: expect.stringContaining('the gzip data is damaged'),
    })
  })

  test('of something else says what it is', async () => {
    expect((await read(gzipSync(text('no capture')))).reader.allProblems()).toMatchObject([
      { packet: 1, offset: 0, message: expect.stringContaining('this is no capture') },
    ])
  })

  test('that starts like gzip and is none is reported as damage', async () => {
    expect((await read(hex('1f8b ffffffffffff'))).reader.allProblems()).toMatchObject([
      { packet: 1, offset: 0, message: expect.stringContaining('the gzip data is damaged') },
    ])
  })

  test('that unpacks to far more than it holds stops at the signal', async () => {
    const stop = new AbortController()
    const { reader } = await read(gzipSync(longFile()), { signal: stop.signal, onProgress: () => stop.abort() })
    expect(reader.bytesRead).toBeLessThan(4 * READ_LENGTH)
  })
})
