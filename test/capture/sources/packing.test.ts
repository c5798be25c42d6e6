// Captures packed with zstd and xz are read wherever a plain one is, no faster than they are taken.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { readCaptureFile } from '../../../capture/sources/file.ts'
import { FolderSource } from '../../../capture/sources/folder.ts'
import { mayBePacked, packingOf } from '../../../capture/sources/packing.ts'
import { StdinSource } from '../../../capture/sources/stdin.ts'
import { readCaptureStream } from '../../../capture/sources/stream.ts'
import { hex } from '../../../server/sample/packets/bytes.ts'
import { pcapFile, pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { PacketFeed } from '../../../server/session/packet-feed.ts'
import { RecordingTooLargeError } from '../../../server/session/recording-feed.ts'

const PATIENCE = { timeout: 20_000, interval: 5 }
const folder = mkdtempSync(join(tmpdir(), 'telltale-packing-'))
afterAll(() => rmSync(folder, { recursive: true }))

const capture = pcapFile(
  {},
  Array.from({ length: 500 }, (_, index) => ({ seconds: 1_700_000_000 + index, bytes: noise(index, 300) })),
)

/** Bytes that hardly pack, so that a file has more than one block. */
function noise(seed: number, length: number): Uint8Array {
  let word = seed + 1
  return Uint8Array.from({ length }, () => ((word = (Math.imul(word, 1_103_515_245) + 12_345) | 0) >>> 16) & 255)
}

function packed(tool: string, bytes: Uint8Array): Uint8Array {
  return spawnSync(tool, ['-c', '-q', '-1'], { input: bytes, maxBuffer: 1e9 }).stdout
}

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function read(bytes: Uint8Array, options: Parameters<typeof readCaptureStream>[2] = {}): Promise<CaptureReader> {
  const reader = new CaptureReader(() => {})
  await readCaptureStream(pieces(bytes, 700), reader, options)
  return reader
}

const tools = ['zstd', 'xz'].filter((tool) => spawnSync(tool, ['--version']).status === 0)
if (tools.length < 2) console.log('skipped in part: zstd or xz is not installed')

describe('how a file is packed', () => {
  test.each([
    ['gzip', '1f8b08'],
    ['zstd', '28b52ffd24'],
    ['xz', 'fd377a585a00'],
    [null, 'd4c3b2a1'],
    [null, 'fd377a585a01'],
    [null, ''],
  ])('is told: %s', (packing, bytes) => {
    expect(packingOf(hex(bytes))).toBe(packing)
  })

  test.each([
    ['', true],
    ['fd377a', true],
    ['28', true],
    ['d4', false],
    ['28b6', false],
  ])('of a beginning of %s may still be told: %s', (bytes, isOpen) => {
    expect(mayBePacked(hex(bytes))).toBe(isOpen)
  })
})

describe.each(tools)('%s', (tool) => {
  const whole = packed(tool, capture)

  test('gives every packet from a stream, in pieces of any length', async () => {
    for (const length of [1, 4_096, 1 << 20]) {
      const reader = new CaptureReader(() => {})
      await readCaptureStream(pieces(length === 1 ? whole.subarray(0, 2_000) : whole, length), reader)
      if (length > 1) expect([reader.packets, reader.allProblems()]).toEqual([500, []])
    }
  })

  test('gives every packet from a file, and tells its progress', async () => {
    const path = join(folder, `home.pcap.${tool}`)
    writeFileSync(path, whole)
    const reader = new CaptureReader(() => {})
    const progress: number[] = []
    await readCaptureFile(path, reader, { onProgress: (done, total) => progress.push(done / total) })
    expect([reader.packets, progress.at(-1)]).toEqual([500, 1])
  })

  test('cut off gives what could be unpacked, and says so', async () => {
    const reader = await read(whole.subarray(0, whole.length - 20))
    expect(reader.packets).toBeGreaterThan(0)
    expect(reader.allProblems()[0].message).toMatch(
      new RegExp(`^the ${tool} data is damaged or cut off \\(.+\\); what`),
    )
  })

  test('with a damaged place says so, and does not hang where much is behind it', async () => {
    const damaged = Uint8Array.from(whole)
    damaged.fill(0xff, 1_000, 1_200)
    const reader = await read(Buffer.concat([damaged, noise(3, 600_000)]))
    expect(reader.allProblems().map(({ message }) => message)).toContainEqual(
      expect.stringContaining(`the ${tool} data is damaged`),
    )
  })

  test('without anything that can be unpacked gives no packet', async () => {
    const reader = await read(whole.subarray(0, 6))
    expect([reader.packets, reader.hasHeader]).toEqual([0, false])
  })

  test('is not unpacked on after it was cancelled', async () => {
    const stop = new AbortController()
    const reader = await read(whole, { signal: stop.signal, onPiece: () => stop.abort() })
    expect(reader.packets).toBeLessThan(500)
  })

  test('of a stream that fails rejects with its error', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield whole.subarray(0, 1_000)
      throw new Error('the line went dead')
    }
    await expect(readCaptureStream(broken(), new CaptureReader(() => {}))).rejects.toThrow('the line went dead')
  })

  test('in a folder is read once, also where the plain file was read before', async () => {
    const place = mkdtempSync(join(folder, 'ring-'))
    const extension = tool === 'zstd' ? 'zst' : 'xz'
    writeFileSync(join(place, 'a.pcap'), capture)
    const source = new FolderSource(place, { openReader: () => new CaptureReader(() => {}) } as never, {
      readOld: true,
    })
    await source.look()
    expect(source.status().packets).toBe(500)
    rmSync(join(place, 'a.pcap'))
    writeFileSync(join(place, `a.pcap.${extension}`), whole)
    await source.look()
    expect(source.status().packets).toBe(500)
    writeFileSync(join(place, `b.pcapng.${extension}`), whole)
    await source.look()
    expect(source.status().packets).toBe(1_000)
    await source.stop()
  })

  test('is read from standard input', async () => {
    const stream = new PassThrough()
    const source = new StdinSource(stream, { openReader: () => new CaptureReader(() => {}) } as never)
    source.start()
    stream.end(whole)
    await vi.waitUntil(() => source.status().state === 'ended', PATIENCE)
    expect(source.status().packets).toBe(500)
    await source.stop()
  })

  test('comes out of a recording as it is asked for, and is not unpacked further', async () => {
    const path = join(folder, `feed.${tool}`)
    writeFileSync(path, packed(tool, longRecording(20_000)))
    let packets = 0
    const feed = new PacketFeed({ path, onPacket: () => packets++, maxUnpackedBytes: 1e9 })
    while (!(await feed.advance(1_099.5, 50))) expect(packets).toBeLessThanOrEqual(100)
    expect(packets).toBe(100)
    // One piece of what comes out waits, however far the packed file was read.
    expect(feed.reader.packets).toBeLessThan(5_000)
    while (!(await feed.advance(Number.POSITIVE_INFINITY, 50)));
    while (!feed.hasEnded) await feed.advance(Number.POSITIVE_INFINITY, 50)
    expect(packets).toBe(20_000)
    await feed.close()
  })

  test('is closed in the middle of a recording', async () => {
    const path = join(folder, `feed.${tool}`)
    const feed = new PacketFeed({ path, onPacket: () => {}, maxUnpackedBytes: 1e9 })
    while (!(await feed.advance(1_000, 50)));
    await feed.close()
    expect(feed.hasEnded).toBe(true)
  })

  test('that holds far more than is allowed is refused before it fills the memory', async () => {
    const path = join(folder, `bomb.${tool}`)
    const bomb = packed(tool, longRecording(80_000))
    expect(bomb.length).toBeLessThan(200_000)
    writeFileSync(path, bomb)
    const feed = new PacketFeed({ path, onPacket: () => {}, maxUnpackedBytes: 2e6 })
    const all = async (): Promise<void> => {
      while (!feed.hasEnded) await feed.advance(Number.POSITIVE_INFINITY, 50)
      await feed.advance(Number.POSITIVE_INFINITY, 50)
    }
    await expect(all()).rejects.toThrow(RecordingTooLargeError)
    expect(feed.reader.bytesRead).toBeLessThan(4e6)
    await feed.close()
  })
})

/** A packet a second from second 1000 on, all of them the same. */
function longRecording(packets: number): Uint8Array {
  const records = Array.from({ length: packets }, (_, index) =>
    pcapRecord({ seconds: 1_000 + index, bytes: new Uint8Array(60) }),
  )
  return Buffer.concat([pcapHeader({}), ...records])
}

describe('a machine without the tool', () => {
  test.each([
    ['xz', hex('fd377a585a00')],
    ['zstd', hex('28b52ffd0000')],
  ])('says what is missing: %s', async (packing, start) => {
    const reader = await read(Buffer.concat([start, new Uint8Array(5_000)]), { tool: join(folder, 'nowhere') })
    expect(reader.failed).toBe(true)
    expect(reader.allProblems().map(({ message }) => message)).toEqual([
      expect.stringMatching(
        new RegExp(`^this is compressed with ${packing}, and .*nowhere is not installed on this machine: install it`),
      ) as string,
    ])
  })

  test('says where the tool may not be run', async () => {
    const path = join(folder, 'no-program')
    writeFileSync(path, 'text', { mode: 0o644 })
    const reader = await read(hex('fd377a585a000000'), { tool: path })
    expect(reader.allProblems()[0].message).toMatch(/^this is compressed with xz, and .* could not be started \(/)
  })
})
