// DNS answers in IP fragments name what all of their records name.
import { describe, expect, test } from 'vitest'
import { MAX_FRAGMENTED_ANSWER_BYTES, MAX_FRAGMENTED_ANSWERS } from '../../../capture/core/limits.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import {
  ETHERTYPE,
  ethernet,
  ipv4Fragments,
  ipv6Fragments,
  PROTOCOL,
  udp,
} from '../../../server/sample/packets/packet-builder.ts'
import { analysisOf, CAMERA, dnsQuery, type Host, namesOf, OTHER_SERVER, PHONE, ROUTER, SERVER, udpOut } from './lab.ts'

const NAME = 'api.example'
const silent = udpOut(CAMERA, SERVER, { destinationPort: 9000, payload: new Uint8Array(20).fill(0xee) })
const asked = dnsQuery(CAMERA, NAME)

/** An answer whose last record leads to SERVER, behind so many bytes of text. */
function answer(padding: number): Uint8Array {
  return dns({
    type: 'response',
    id: 1,
    flags: 0x0180,
    questions: [{ name: NAME, type: 'A' }],
    answers: [
      { name: NAME, type: 'A', ttl: 60, data: OTHER_SERVER },
      ...Array.from({ length: Math.ceil(padding / 200) }, () => ({
        name: NAME,
        type: 'TXT' as const,
        ttl: 60,
        data: 'x'.repeat(188),
      })),
      { name: NAME, type: 'A', ttl: 60, data: SERVER },
    ],
  })
}

const MESSAGE = answer(2_000)

/** Frames of the datagram's fragments. */
function fragments(payload: Uint8Array, identification = 5, { from = ROUTER, size = 600 } = {}): Uint8Array[] {
  const ends = { source: ROUTER.address, destination: CAMERA.address }
  const datagram = udp({ ...ends, sourcePort: 53, destinationPort: 50_000, payload })
  return ipv4Fragments({ ...ends, protocol: PROTOCOL.udp, payload: datagram, identification }, size).map((packet) =>
    ethernet(from.mac, CAMERA.mac, ETHERTYPE.ipv4, packet),
  )
}

function namedBy(...frames: Uint8Array[]): string[] {
  return namesOf(analysisOf(frames), CAMERA)
}

const NAMED = [`${NAME} dns`]
const NOT_NAMED = ['- none']

describe('a DNS answer in fragments', () => {
  test('is read to its last record, in fragments of any size', () => {
    for (const size of [16, 64, 600, 1_480])
      expect([size, namedBy(asked, ...fragments(MESSAGE, 5, { size }), silent)]).toEqual([size, NAMED])
  })

  test('over IPv6 is read as well', () => {
    const router: Host = { mac: ROUTER.mac, address: 'fd00::1' }
    const camera: Host = { mac: CAMERA.mac, address: 'fd00::a' }
    const ends = { source: router.address, destination: camera.address }
    const datagram = udp({ ...ends, sourcePort: 53, destinationPort: 50_000, payload: MESSAGE })
    const frames = ipv6Fragments({ ...ends, nextHeader: PROTOCOL.udp, payload: datagram }, 600, 5).map((packet) =>
      ethernet(router.mac, camera.mac, ETHERTYPE.ipv6, packet),
    )
    const before = udpOut(camera, '2001:db8:ffff::5', { payload: new Uint8Array(9) })
    expect(namedBy(before, ...frames, silent)).toEqual([...NOT_NAMED, ...NAMED])
  })

  test('is read beside others, as many as are kept', () => {
    const others = Array.from({ length: MAX_FRAGMENTED_ANSWERS - 1 }, (_, index) => fragments(MESSAGE, 100 + index)[0])
    const [first, ...rest] = fragments(MESSAGE)
    expect(namedBy(asked, first, ...others, ...rest, silent)).toEqual(NAMED)
    expect(namedBy(asked, first, ...others, fragments(MESSAGE, 99)[0], ...rest, silent)).toEqual(NOT_NAMED)
  })

  test('of which a piece is missing, comes twice or is out of order is read as far as its first one', () => {
    const [first, second, ...rest] = fragments(MESSAGE)
    const early = udpOut(CAMERA, OTHER_SERVER, { destinationPort: 9000, payload: new Uint8Array(20) })
    for (const pieces of [
      [first, ...rest],
      [first, second, second, ...rest],
      [first, ...rest, second],
    ])
      expect(namedBy(asked, ...pieces, silent, early).sort()).toEqual([...NOT_NAMED, ...NAMED])
  })

  test('longer than what is kept is read as far as its first piece', () => {
    const long = answer(MAX_FRAGMENTED_ANSWER_BYTES)
    expect(namedBy(asked, ...fragments(long, 5, { size: 1_480 }), silent)).toEqual(NOT_NAMED)
  })

  test('whose last piece another device forged is not believed', () => {
    const pieces = fragments(MESSAGE)
    const forged = fragments(MESSAGE, 5, { from: PHONE }).at(-1)
    if (forged === undefined) throw new Error('no fragment')
    expect(namedBy(asked, ...pieces.slice(0, -1), forged, silent)).toEqual(NOT_NAMED)
    expect(namedBy(asked, ...pieces.slice(0, -1), forged, ...pieces.slice(-1), silent)).toEqual(NAMED)
  })

  test('that nobody asked for names nothing', () => {
    expect(namedBy(dnsQuery(CAMERA, 'other.example'), ...fragments(MESSAGE), silent)).toEqual(NOT_NAMED)
  })
})
