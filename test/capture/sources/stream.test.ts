// A capture from a stream is read as it is from a file.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { readCaptureStream } from '../../../capture/sources/stream.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'

const capture = pcapFile(
  {},
  Array.from({ length: 500 }, (_, index) => ({
    seconds: 1_700_000_000 + index,
    nanos: 0,
    bytes: new Uint8Array(60).fill(index),
  })),
)

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function read(stream: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<CaptureReader> {
  const reader = new CaptureReader(() => {})
  await readCaptureStream(stream, reader, signal === undefined ? {} : { signal })
  return reader
}

describe('a stream', () => {
  test.each([1, 7, 4096, 1 << 20])('in pieces of %i bytes gives every packet', async (length) => {
    const reader = await read(pieces(capture, length))
    expect(reader.packets).toBe(500)
    expect(reader.allProblems()).toEqual([])
  })

  test('is closed as soon as its first bytes show that it is no capture', async () => {
    let isClosed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(64).fill(0x20)
      } finally {
        isClosed = true
      }
    }
    const reader = await read(endless())
    expect([reader.failed, isClosed]).toEqual([true, true])
  })

  test.each([1, 100])('gzipped, in pieces of %i bytes, gives every packet', async (length) => {
    expect((await read(pieces(gzipSync(capture), length))).packets).toBe(500)
  })

  test('cut off inside its gzip data gives what was unpacked and says so', async () => {
    const packed = gzipSync(capture)
    const reader = await read(pieces(packed.subarray(0, packed.length - 20), 512))
    expect(reader.packets).toBeGreaterThan(0)
    expect(reader.allProblems()[0]?.message).toMatch(/gzip data is damaged or cut off/)
  })

  test('is not read on after it was cancelled', async () => {
    const stop = new AbortController()
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield capture
      stop.abort()
      for (;;) yield capture.subarray(24)
    }
    expect((await read(endless(), stop.signal)).packets).toBeLessThanOrEqual(1000)
  })

  test('that fails rejects with its error', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield capture.subarray(0, 100)
      throw new Error('the line went dead')
    }
    await expect(read(broken())).rejects.toThrow('the line went dead')
  })
})
