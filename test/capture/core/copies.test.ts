// A packet is counted once however many sources capture it, and a real repetition each time.
import { describe, expect, test } from 'vitest'
import { MAX_RECENT_PACKETS } from '../../../capture/core/limits.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { Frame } from '../../../capture/frame.ts'
import { copyCounts, takeOverCopies } from '../../../server/engine/copies.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { ip, tcp, udp, udpFrame, vlan } from '../../../server/sample/packets/packet-builder.ts'
import { u32, u16, text, concat } from '../../../server/sample/packets/bytes.ts'

const ENDS = {
  sourceMac: '02:00:00:00:00:01',
  destinationMac: '02:00:00:00:00:02',
  source: '192.168.1.5',
  destination: '192.0.2.1',
  sourcePort: 5000,
  destinationPort: 53,
}

function frameOf(bytes: Uint8Array, milliseconds: number, linkType: number = LinkType.Ethernet): Frame {
  const frame = new Frame()
  Object.assign(frame, {
    bytes,
    at: 0,
    end: bytes.length,
    originalLength: bytes.length,
    linkType,
    seconds: 1_700_000_000 + Math.floor(milliseconds / 1000),
    nanos: (milliseconds % 1000) * 1e6 + 1_000,
  })
  return frame
}

const packet = udpFrame({ ...ENDS, payload: text('hello') })

/** LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD, packet type, address length, address. */
function cooked(interfaceIndex: number, packetType: number, payload: Uint8Array): Uint8Array {
  return concat(
    u16(0x0800),
    u16(0),
    u32(interfaceIndex),
    u16(1),
    Uint8Array.of(packetType, 6),
    new Uint8Array(8),
    payload,
  )
}

/** An engine that says of each packet whether it was left out. */
class CopyCounter {
  readonly engine = new Engine()

  get duplicates(): number {
    return copyCounts(this.engine.core).packets
  }

  isDuplicate(frame: Frame, source: number): boolean {
    const before = this.duplicates
    frame.link = source << 24
    this.engine.packet(frame)
    return this.duplicates > before
  }
}

describe('a packet', () => {
  test('from two sources within 100 ms counts once', () => {
    const filter = new CopyCounter()
    expect(filter.isDuplicate(frameOf(packet, 0), 1)).toBe(false)
    expect(filter.isDuplicate(frameOf(packet, 40), 2)).toBe(true)
    expect(filter.isDuplicate(frameOf(packet, 80), 3)).toBe(true)
    expect(filter.duplicates).toBe(2)
  })

  test('is no copy of one whose addresses differ in bits that a multiplication would carry out of the word', () => {
    const sourceAt = 14 + 12
    for (let round = 0; round < 50; round++) {
      for (let shift = 12; shift <= 20; shift++) {
        const other = Uint8Array.from(packet)
        // The source's highest bit, and in the destination what one step of mixing makes of it.
        other[sourceAt] ^= 0x80
        const rest = (0x80000000 | (0x80000000 >>> shift)) >>> 0
        for (let byte = 0; byte < 4; byte++) other[sourceAt + 4 + byte] ^= (rest >>> (24 - 8 * byte)) & 255
        const filter = new CopyCounter()
        expect(filter.isDuplicate(frameOf(other, 0), 1)).toBe(false)
        expect(filter.isDuplicate(frameOf(packet, 1), 2)).toBe(false)
      }
    }
  })

  test('from two sources more than 100 ms apart is two', () => {
    const filter = new CopyCounter()
    expect(filter.isDuplicate(frameOf(packet, 0), 1)).toBe(false)
    expect(filter.isDuplicate(frameOf(packet, 101), 2)).toBe(false)
  })

  test('whose copy arrives first by the clock of the other source counts once', () => {
    const filter = new CopyCounter()
    expect(filter.isDuplicate(frameOf(packet, 30), 1)).toBe(false)
    expect(filter.isDuplicate(frameOf(packet, 10), 2)).toBe(true)
  })

  test('sent again on the same way counts again, and its copies do not', () => {
    const filter = new CopyCounter()
    expect([1, 2, 1, 2].map((source, index) => filter.isDuplicate(frameOf(packet, index * 10), source))).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  test('is the same with another MAC, VLAN and TTL', () => {
    const filter = new CopyCounter()
    const routed = udpFrame({ ...ENDS, sourceMac: '02:00:00:00:00:09', payload: text('hello') })
    const tagged = concat(packet.subarray(0, 12), u16(0x8100), vlan(7, 0x0800, packet.subarray(14)))
    const hopped = Uint8Array.from(packet)
    hopped[14 + 8]--
    hopped[14 + 10] ^= 1
    filter.isDuplicate(frameOf(packet, 0), 1)
    for (const copy of [routed, tagged, hopped]) expect(filter.isDuplicate(frameOf(copy, 1), 2)).toBe(true)
  })

  test.each([
    ['payload', udpFrame({ ...ENDS, payload: text('hellp') })],
    ['length', udpFrame({ ...ENDS, payload: text('hello!') })],
    ['port', udpFrame({ ...ENDS, sourcePort: 5001, payload: text('hello') })],
    ['address', udpFrame({ ...ENDS, source: '192.168.1.6', payload: text('hello') })],
    ['identification', udpFrame({ ...ENDS, identification: 4711, payload: text('hello') })],
  ])('with another %s is another', (_, other) => {
    const filter = new CopyCounter()
    filter.isDuplicate(frameOf(packet, 0), 1)
    expect(filter.isDuplicate(frameOf(other, 1), 2)).toBe(false)
  })

  test('without payload is identified by its sequence number', () => {
    const filter = new CopyCounter()
    const bytes = (sequence: number): Uint8Array => {
      const segment = {
        source: ENDS.source,
        destination: ENDS.destination,
        sourcePort: 443,
        destinationPort: 5000,
        sequence,
        flags: 0x10,
      }
      return cooked(1, 0, ip(ENDS.source, ENDS.destination, 6, tcp(segment)))
    }
    filter.isDuplicate(frameOf(bytes(1), 0, LinkType.LinuxCooked2), 1)
    expect(filter.isDuplicate(frameOf(bytes(2), 1, LinkType.LinuxCooked2), 2)).toBe(false)
    expect(filter.isDuplicate(frameOf(bytes(1), 1, LinkType.LinuxCooked2), 2)).toBe(true)
  })

  test('that "any" sees on a port and its bridge counts once, on one interface twice', () => {
    const filter = new CopyCounter()
    const body = ip(ENDS.source, ENDS.destination, 17, udp({ ...ENDS, payload: text('hello') }))
    const seen = (interfaceIndex: number, packetType: number, at: number): boolean =>
      filter.isDuplicate(frameOf(cooked(interfaceIndex, packetType, body), at, LinkType.LinuxCooked2), 1)
    expect([seen(3, 3, 0), seen(5, 0, 0), seen(3, 3, 20), seen(5, 0, 20)]).toEqual([false, true, false, true])
  })

  test('that this machine sends to itself counts once', () => {
    const filter = new CopyCounter()
    const body = ip(
      '127.0.0.1',
      '127.0.0.1',
      17,
      udp({ ...ENDS, source: '127.0.0.1', destination: '127.0.0.1', payload: text('x') }),
    )
    expect(
      [4, 0].map((type) => filter.isDuplicate(frameOf(cooked(1, type, body), 0, LinkType.LinuxCooked2), 1)),
    ).toEqual([false, true])
  })

  test('that is no IP is never taken for a copy', () => {
    const filter = new CopyCounter()
    const other = concat(packet.subarray(0, 12), u16(0x88cc), text('lldp'))
    expect([1, 2].map((source) => filter.isDuplicate(frameOf(other, 0), source))).toEqual([false, false])
  })

  test('is found again among as many as a fast network sends in 100 ms', () => {
    const filter = new CopyCounter()
    const packets = Array.from({ length: 5000 }, (_, index) =>
      udpFrame({ ...ENDS, identification: index, payload: text(`packet ${index}`) }),
    )
    for (const bytes of packets) expect(filter.isDuplicate(frameOf(bytes, 0), 1)).toBe(false)
    let missed = 0
    for (const bytes of packets) if (!filter.isDuplicate(frameOf(bytes, 50), 2)) missed++
    // The key is drawn at random: now and then five packets share a bucket of four.
    expect(missed).toBeLessThan(10)
  })

  test.each([1, 2])('comes a second and more later from a source that brings nothing but copies (%d)', (first) => {
    const counter = new CopyCounter()
    const count = 2_000
    const numbered = (index: number): Frame =>
      frameOf(udpFrame({ ...ENDS, payload: concat(u32(index), text('numbered')) }), index / 2)
    for (let index = 0; index < count; index++) expect(counter.isDuplicate(numbered(index), first)).toBe(false)
    let copies = 0
    for (let index = 0; index < count; index++) if (counter.isDuplicate(numbered(index), first + 1)) copies++
    expect(copies).toBe(count)
  })

  test('is known to tables that take the place of others', () => {
    const [before, behind] = [new CopyCounter(), new CopyCounter()]
    expect(before.isDuplicate(frameOf(packet, 0), 1)).toBe(false)
    takeOverCopies(before.engine.core, behind.engine.core)
    expect(behind.isDuplicate(frameOf(packet, 40), 2)).toBe(true)
    expect(behind.isDuplicate(frameOf(packet, 200), 2)).toBe(false)
  })

  test('takes no more room than the cap, however many there are in a moment', () => {
    const counter = new CopyCounter()
    const bytes = Uint8Array.from(packet)
    for (let index = 0; index < 200_000; index++) {
      bytes.set(u32(index), bytes.length - 5)
      counter.engine.packet(frameOf(bytes, 0))
    }
    expect(counter.engine.core.exports.recentPlaces()).toBe(MAX_RECENT_PACKETS)
    expect(counter.duplicates).toBe(0)
  })
})
