// A packet that was captured more than once is counted once: on several links, around routers, or by a mirror.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { concat, text, u16 } from '../../server/sample/packets/bytes.ts'
import { ipv6, PROTOCOL, tcp, TCP_FLAG } from '../../server/sample/packets/packet-builder.ts'
import {
  COOKED,
  COOKED2,
  ETHERNET,
  LAN,
  PLUG,
  PROVIDER,
  SERVER,
  WAN,
  type Captured,
  analysisOf,
  cooked,
  cooked2,
  datagram,
  framed,
  messagesOf,
  pcap,
  pcapng,
  segment,
  sentOf,
  trafficOf,
} from '../support/copied-packets.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

/** Ten segments, one each 10 ms. */
const TALK = Array.from({ length: 10 }, (_, index) => segment({ id: 100 + index, sequence: 1000 + 400 * index }))
const TALK_BYTES = TALK.reduce((sum, packet) => sum + packet.length, 0)
const spaced = (make: (packet: Uint8Array, at: number) => Captured[]): Captured[] =>
  TALK.flatMap((packet, index) => make(packet, 10_000 * index + 37))

const data = realDataFolder()
if (data === null) console.log(`skipped: ${NO_REAL_DATA}`)

describe.skipIf(data === null)('a capture of real tools', () => {
  test.each([
    ['01-any-recording-doubled/any-bridge-port.pcap', /26 packets came by more than one interface/],
    ['01-any-recording-doubled/real-any.pcap', /28 packets came by more than one interface/],
    ['06-mirror-exact-duplicates/mirror-dup.pcap', /26 packets came twice \(same bytes, up to 15 µs apart\)/],
  ])('%s has each packet once', async (name, notice) => {
    const analysis = await analyzeFile(join(data as string, 'cases', name))
    expect(analysis.devices).toMatchObject([{ id: 'a4:da:22:00:00:10', sent: 29_010, received: 2_920 }])
    expect(messagesOf(analysis)).toMatch(notice)
  })
})

describe('a packet on several links counts once', () => {
  test.each<[string, Uint8Array]>([
    [
      'a bridge and its port in "any" with interface numbers',
      pcap(
        COOKED2,
        spaced((packet, at) => [
          { at, bytes: cooked2(3, 0, packet) },
          { at: at + 20, bytes: cooked2(5, 0, packet) },
        ]),
      ),
    ],
    [
      'a port, the bridge and another port',
      pcap(
        COOKED2,
        spaced((packet, at) => [
          { at, bytes: cooked2(3, 3, packet) },
          { at: at + 9, bytes: cooked2(5, 0, packet) },
          { at: at + 31, bytes: cooked2(4, 4, packet) },
        ]),
      ),
    ],
    [
      'five interfaces of one machine',
      pcap(
        COOKED2,
        spaced((packet, at) => [2, 3, 4, 5, 6].map((index) => ({ at: at + index, bytes: cooked2(index, 4, packet) }))),
      ),
    ],
    [
      '"any" without interface numbers, in and out',
      pcap(
        COOKED,
        spaced((packet, at) => [
          { at, bytes: cooked(0, packet) },
          { at: at + 12, bytes: cooked(4, packet) },
        ]),
      ),
    ],
    [
      '"any" without interface numbers, twice in',
      pcap(
        COOKED,
        spaced((packet, at) => [
          { at, bytes: cooked(0, packet) },
          { at: at + 12, bytes: cooked(0, packet) },
        ]),
      ),
    ],
    [
      '"any" without interface numbers, for another host and out',
      pcap(
        COOKED,
        spaced((packet, at) => [
          { at, bytes: cooked(3, packet) },
          { at: at + 12, bytes: cooked(0, packet) },
          { at: at + 40, bytes: cooked(4, packet) },
        ]),
      ),
    ],
    [
      'two interfaces of a pcapng',
      pcapng(
        2,
        spaced((packet, at) => [
          { at, bytes: framed(packet), interface: 0 },
          { at: at + 900, bytes: framed(packet), interface: 1 },
        ]),
      ),
    ],
    [
      'three interfaces of a pcapng, one behind a VLAN',
      pcapng(
        3,
        spaced((packet, at) => [
          { at, bytes: framed(packet), interface: 0 },
          { at: at + 5, bytes: framed(packet), interface: 2 },
          {
            at: at + 7,
            bytes: concat(framed(packet).subarray(0, 12), u16(0x8100), u16(20), framed(packet).subarray(12)),
            interface: 1,
          },
        ]),
      ),
    ],
    [
      'two interfaces whose clocks differ by 60 ms',
      pcapng(
        2,
        spaced((packet, at) => [
          { at: at + 60_000, bytes: framed(packet), interface: 0 },
          { at, bytes: framed(packet), interface: 1 },
        ]),
      ),
    ],
    [
      'a container: its end of the cable and the bridge',
      pcapng(
        2,
        spaced((packet, at) => [
          { at, bytes: framed(packet, PLUG.mac, LAN.mac), interface: 0 },
          { at: at + 3, bytes: framed(packet, PLUG.mac, LAN.mac), interface: 1 },
        ]),
      ),
    ],
  ])('%s', async (_, capture) => {
    const analysis = await analysisOf(capture)
    expect(trafficOf(analysis, PLUG.address).sent).toBe(TALK_BYTES)
    expect(analysis.capture.ipBytes).toBeGreaterThan(TALK_BYTES)
    expect(messagesOf(analysis)).toMatch(/each is counted once/)
  })

  test('datagrams without a number too, each as often as it was sent', async () => {
    const ping = datagram(text('on'))
    const twice = [0, 300].flatMap((at) => [
      { at: at + 1, bytes: cooked2(3, 0, ping) },
      { at: at + 21, bytes: cooked2(5, 0, ping) },
    ])
    expect(await sentOf(pcap(COOKED2, twice))).toBe(2 * ping.length)
  })
})

describe('a packet before and behind a router counts once', () => {
  const hop = (packet: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(packet)
    copy[8]--
    copy[10] ^= 1
    return copy
  }
  const outside = (packet: Uint8Array): Uint8Array => framed(hop(packet), WAN.mac, PROVIDER)

  test.each<[string, Uint8Array]>([
    [
      'on one link',
      pcap(
        ETHERNET,
        spaced((packet, at) => [
          { at, bytes: framed(packet) },
          { at: at + 80, bytes: outside(packet) },
        ]),
      ),
    ],
    [
      'on two links',
      pcapng(
        2,
        spaced((packet, at) => [
          { at, bytes: framed(packet), interface: 0 },
          { at: at + 80, bytes: outside(packet), interface: 1 },
        ]),
      ),
    ],
    [
      'the outside first',
      pcapng(
        2,
        spaced((packet, at) => [
          { at: at + 30, bytes: outside(packet), interface: 1 },
          { at: at + 40, bytes: framed(packet), interface: 0 },
        ]),
      ),
    ],
  ])('%s', async (_, capture) => expect(await sentOf(capture)).toBe(TALK_BYTES))
})

describe('a packet on both sides of a translation of addresses counts once, for the device inside', () => {
  const ways = { sourcePort: 50_000, destinationPort: 443 }
  const back = { source: SERVER, sourcePort: 443 }
  const inside = (id: number, isUp: boolean): Uint8Array =>
    isUp
      ? segment({ ...ways, id, sequence: id * 400 })
      : segment({ ...back, id, ttl: 54, sequence: id * 400, destination: PLUG.address, destinationPort: 50_000 })
  const outer = (id: number, isUp: boolean, address: string): Uint8Array =>
    isUp
      ? segment({ ...ways, id, ttl: 63, sequence: id * 400, source: address, sourcePort: 61_000 })
      : segment({ ...back, id, ttl: 55, sequence: id * 400, destination: address, destinationPort: 61_000 })
  const talk = (address: string, upFirst = true): Captured[] =>
    Array.from({ length: 12 }, (_, index) => {
      const isUp = index % 3 !== 2
      const at = 10_000 * index + 13
      const one = {
        at,
        bytes: framed(inside(index + 1, isUp), isUp ? PLUG.mac : LAN.mac, isUp ? LAN.mac : PLUG.mac),
        interface: 0,
      }
      const other = {
        at,
        bytes: framed(outer(index + 1, isUp, address), isUp ? WAN.mac : PROVIDER, isUp ? PROVIDER : WAN.mac),
        interface: 1,
      }
      const order = isUp === upFirst ? [one, other] : [other, one]
      return [order[0], { ...order[1], at: at + 45 }]
    }).flat()

  test.each([
    ['the home router and its public address', talk(WAN.address)],
    ['a container host with a private address', talk('192.168.1.5')],
    ['where the second capture gives its packets first', talk(WAN.address, false)],
  ])('%s', async (_, records) => {
    const analysis = await analysisOf(pcapng(2, records))
    expect(trafficOf(analysis, PLUG.address)).toEqual({ sent: 8 * 440, received: 4 * 440 })
    expect(trafficOf(analysis, '192.168.1.5')).toEqual({ sent: 0, received: 0 })
    expect(messagesOf(analysis)).toMatch(/12 packets came on both sides of an address translation/)
  })

  test('two devices that say the same to one server are two', async () => {
    const same = text('the same forty bytes of every such clock')
    const other = '192.168.1.11'
    const records = [0, 50].map((at, index) => ({
      at,
      bytes: framed(datagram(same, { source: index === 0 ? PLUG.address : other }), `02:00:00:00:00:1${index}`),
      interface: index,
    }))
    const analysis = await analysisOf(pcapng(2, records))
    expect(trafficOf(analysis, PLUG.address).sent).toBe(68)
    expect(trafficOf(analysis, other).sent).toBe(68)
  })
})

describe('a mirror that gives each packet twice counts each once', () => {
  const doubled = (gap: number): Uint8Array =>
    pcap(
      ETHERNET,
      spaced((packet, at) => [
        { at, bytes: framed(packet) },
        { at: at + gap, bytes: framed(packet) },
      ]),
    )

  test.each([0, 1, 15, 400, 3_000])('%d µs apart', async (gap) => {
    const analysis = await analysisOf(doubled(gap))
    expect(trafficOf(analysis, PLUG.address).sent).toBe(TALK_BYTES)
    expect(messagesOf(analysis)).toMatch(/10 packets came twice \(same bytes, /)
  })

  test('in bursts, the copies behind the burst', async () => {
    const burst = [...TALK, ...TALK].map((packet, index) => ({ at: 11 + 7 * index, bytes: framed(packet) }))
    expect(await sentOf(pcap(ETHERNET, burst))).toBe(TALK_BYTES)
  })

  test('packets without a number as well, once the others show that the link doubles', async () => {
    const hello = datagram(text('hello'))
    const records = spaced((packet, at) => [
      { at, bytes: framed(packet) },
      { at: at + 15, bytes: framed(packet) },
    ])
    const late = [200_037, 200_052].map((at) => ({ at, bytes: framed(hello) }))
    expect(await sentOf(pcap(ETHERNET, [...records, ...late]))).toBe(TALK_BYTES + hello.length)
  })

  test('IPv6, whose segments have no number', async () => {
    const [source, destination] = ['fd00::10', '2001:db8::9']
    const packets = Array.from({ length: 6 }, (_, index) =>
      ipv6({
        source,
        destination,
        nextHeader: PROTOCOL.tcp,
        payload: tcp({
          source,
          destination,
          sourcePort: 5,
          destinationPort: 443,
          sequence: index * 100,
          flags: TCP_FLAG.ack,
          payload: text('y'.repeat(100)),
        }),
      }),
    )
    const records = packets.flatMap((packet, index) =>
      [0, 15].map((gap) => ({ at: 9_999 * index + gap + 1, bytes: framed(packet) })),
    )
    expect(await sentOf(pcap(ETHERNET, records), source)).toBe(6 * packets[0].length)
  })
})
