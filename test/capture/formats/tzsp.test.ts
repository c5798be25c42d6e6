// TZSP datagrams: which frame stands where in one, what its tags say, and what is none.
import { existsSync, readFileSync } from 'node:fs'
import { expect, describe, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { PcapngWriter } from '../../../capture/formats/pcapng-writer.ts'
import { TzspDatagram } from '../../../capture/formats/tzsp.ts'
import { concat, hex } from '../../../server/sample/packets/bytes.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'
import { tzsp } from '../../support/wire/tunnels.ts'

const FRAME = new Uint8Array(60).map((_, index) => index)
const datagram = new TzspDatagram()

describe('a datagram', () => {
  test.each([
    [1, LinkType.Ethernet],
    [18, LinkType.Wifi],
    [119, LinkType.Prism],
    [127, LinkType.Avs],
  ])('of protocol %i holds a frame of link type %i', (protocol, linkType) => {
    for (const type of [0, 1]) {
      expect(datagram.read(tzsp(FRAME, { protocol, type }))).toBe('frame')
      expect(datagram).toMatchObject({ linkType, at: 5, originalLength: 60, count: null })
    }
  })

  test('may have tags of any length before its frame, known or not', () => {
    const tags = hex('00 0a01c4 2906aabbccddeeff 00 7700 2804fffffffe 290205dc 3c06020000000001')
    expect(datagram.read(tzsp(FRAME, { tags }))).toBe('frame')
    expect(datagram).toMatchObject({ at: 5 + tags.length, originalLength: 1500, count: 0xffff_fffe })
    expect(datagram.read(tzsp(FRAME))).toBe('frame')
    expect(datagram).toMatchObject({ at: 5, originalLength: 60, count: null })
  })

  test('with a length before cutting that is shorter than the frame has the frame’s', () => {
    expect(datagram.read(tzsp(FRAME, { tags: hex('29020001') }))).toBe('frame')
    expect(datagram.originalLength).toBe(60)
  })

  test.each([2, 3, 4, 5])('of type %i holds no frame', (type) => {
    expect(datagram.read(concat(hex('01'), Uint8Array.of(type), hex('0000')))).toBe('empty')
  })

  test('without a frame behind its tags, or with protocol 0, is empty', () => {
    expect(datagram.read(tzsp(new Uint8Array(0)))).toBe('empty')
    expect(datagram.read(tzsp(FRAME, { protocol: 0 }))).toBe('empty')
  })

  test('of another protocol is not read', () => {
    for (const protocol of [2, 3, 4, 5, 7, 126, 65_535]) expect(datagram.read(tzsp(FRAME, { protocol }))).toBe('unread')
  })

  test('whose frame has a wrong checksum is no traffic', () => {
    expect(datagram.read(tzsp(FRAME, { protocol: 18, tags: hex('110101') }))).toBe('wrong')
    expect(datagram.read(tzsp(FRAME, { protocol: 18, tags: hex('110100') }))).toBe('frame')
  })

  test.each([
    ['', 'nothing'],
    ['010000', 'a header that is cut off'],
    ['02000001 01', 'another version'],
    ['01060001 01', 'a type that is none'],
    ['01000001', 'no end tag'],
    ['01000001 000000', 'filling without an end'],
    ['01000001 0a', 'a tag without its length'],
    ['01000001 0aff01', 'a tag that is longer than the datagram'],
  ])('%s is damaged: %s', (bytes) => {
    expect(datagram.read(hex(bytes))).toBe('damaged')
  })

  test('cut off anywhere in its header is damaged or empty, never a frame', () => {
    const whole = tzsp(FRAME, { tags: hex('0a01c4 2804 00000001') })
    for (let length = 0; length <= 4 + 3 + 6 + 1; length++)
      expect(datagram.read(whole.subarray(0, length))).toBe(length < 14 ? 'damaged' : 'empty')
  })
})

describe('a capture that is written frame by frame', () => {
  test('is read with the frames, times and link types that were written', () => {
    const seen: unknown[] = []
    const reader = new CaptureReader((frame) => {
      const { seconds, nanos, linkType, originalLength, at, end } = frame
      seen.push({ time: seconds + nanos / 1e9, linkType, originalLength, bytes: [...frame.bytes.slice(at, end)] })
    })
    const writer = new PcapngWriter(1000)
    const source = Buffer.from(FRAME)
    const wifi = writer.addInterface(LinkType.Wifi)
    writer.addPacket(wifi, 1_796_016_022.25, source, 0, 33, 33)
    reader.push(writer.take())
    const ethernet = writer.addInterface(LinkType.Ethernet)
    writer.addPacket(ethernet, 4_000_000_000.000001, source, 10, 60, 1500)
    writer.addPacket(wifi, 1_796_016_023, source, 5, 5, 0)
    expect(writer.fits(1000 - 32 - 20 - 200)).toBe(true)
    expect(writer.fits(900)).toBe(false)
    reader.push(writer.take())
    expect(writer.isEmpty).toBe(true)
    reader.end()
    expect(reader.allProblems()).toEqual([])
    expect(seen).toEqual([
      { time: 1_796_016_022.25, linkType: LinkType.Wifi, originalLength: 33, bytes: [...FRAME.slice(0, 33)] },
      { time: 4_000_000_000.000001, linkType: LinkType.Ethernet, originalLength: 1500, bytes: [...FRAME.slice(10)] },
      { time: 1_796_016_023, linkType: LinkType.Wifi, originalLength: 0, bytes: [] },
    ])
  })
})

const sample = `${realDataFolder() ?? ''}/exporters/tzsp.pcap`
const isHere = existsSync(sample)
if (!isHere) console.log(NO_REAL_DATA)

test.skipIf(!isHere)('each datagram of a real stream holds an Ethernet frame', () => {
  const kinds = new Map<string, number>()
  let at = 0
  const reader = new CaptureReader((frame) => {
    // Ethernet, IPv4 and UDP in front; the core would step into the tunnel.
    const kind = datagram.read(frame.bytes.subarray(frame.at + 14 + 20 + 8, frame.end))
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    if (datagram.linkType === LinkType.Ethernet && datagram.at === 5) at++
  })
  reader.push(readFileSync(sample))
  reader.end()
  expect(reader.packets).toBeGreaterThan(0)
  expect(kinds).toEqual(new Map([['frame', reader.packets]]))
  expect(at).toBe(reader.packets)
})
