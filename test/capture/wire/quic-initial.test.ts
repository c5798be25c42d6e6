// The QUIC reader: the ClientHello in a client's Initials, however they are cut, mixed and repeated.
import { describe, expect, test } from 'vitest'
import {
  COMPLETE,
  MAX_CRYPTO_BYTES,
  MAX_CRYPTO_RANGES,
  NOT_INITIAL,
  QuicInitialFlow,
  UNREADABLE,
  isKnownVersion,
  looksLikeQuicLongHeader,
} from '../../../capture/wire/quic-initial.ts'
import { NEED_MORE } from '../../../capture/wire/tls-hello.ts'
import {
  QUIC_DRAFT_29,
  QUIC_VERSION_1,
  QUIC_VERSION_2,
  ackFrame,
  buildQuicInitial,
  buildQuicOpaqueLongHeader,
  connectionCloseFrame,
  cryptoFrame,
  cryptoFramesCutAt,
  paddingFrames,
  pingFrame,
  varint,
  type QuicInitialOptions,
} from '../../../server/sample/packets/quic-builder.ts'
import { buildClientHello, concatBytes, uint } from '../../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from '../../support/read-hello.ts'

function hex(...lines: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.join(''), 'hex'))
}

const random = Uint8Array.from({ length: 32 }, (_, index) => 200 - index)
const shortHello = buildClientHello({ serverName: 'speaker.vendor.example', alpn: ['h3'], sessionIdBytes: 0, random })
const longHello = buildClientHello({
  serverName: 'camera.vendor.example',
  alpn: ['h3'],
  keyShareBytes: 1216,
  sessionIdBytes: 0,
  random,
})
const clientId = hex('8394c8f03e515708')
const serverId = hex('f067a5502a4262b5')
const otherId = hex('0102030405060708090a0b0c0d0e0f1011121314')

function initial(frames: Uint8Array, packetNumber = 0, more: Partial<QuicInitialOptions> = {}): Uint8Array {
  return buildQuicInitial({
    version: QUIC_VERSION_1,
    destinationConnectionId: clientId,
    sourceConnectionId: hex('c1'),
    packetNumber,
    frames,
    minLength: 1200,
    ...more,
  })
}

function pushed(flow: QuicInitialFlow, ...datagrams: Uint8Array[]): number[] {
  return datagrams.map((datagram) => flow.push(datagram, 0, datagram.length))
}

/** What a fresh flow makes of the datagrams, and the name it found. */
function outcome(...datagrams: Uint8Array[]): { results: number[]; name: string | null } {
  const flow = new QuicInitialFlow()
  return { results: pushed(flow, ...datagrams), name: serverNameOf(flow.hello) }
}

/** CRYPTO frame payload of RFC 9001 A.2 and RFC 9369 A.2, before its padding to 1162 bytes. */
const rfcCryptoFrame = hex(
  '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868',
  '04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578',
  '616d706c652e636f6dff01000100000a00080006001d00170018001000070005',
  '04616c706e000500050100000000003300260024001d00209370b2c9caa47fba',
  'baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400',
  '0d0010000e0403050306030203080408050806002d00020101001c0002400100',
  '3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000',
  '75300901100f088394c8f03e51570806048000ffff',
)

describe('the packets printed in the standards', () => {
  // The whole packet is 1200 bytes; its tag depends on every one of them.
  test.each([
    [
      'RFC 9001 A.2',
      QUIC_VERSION_1,
      'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11',
      'e221af44860018ab0856972e194cd934',
    ],
    [
      'RFC 9369 A.2',
      QUIC_VERSION_2,
      'd76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485',
      'a18b2faa745b6fe189cf772a9f84cbfc',
    ],
  ])('%s is opened and names its server', (_, version, start, tag) => {
    const packet = buildQuicInitial({
      version,
      destinationConnectionId: clientId,
      sourceConnectionId: hex(),
      packetNumber: 2,
      frames: rfcCryptoFrame,
      minLength: 1200,
    })
    expect(packet.length).toBe(1200)
    expect(Buffer.from(packet.subarray(0, 32)).toString('hex')).toBe(start)
    expect(Buffer.from(packet.subarray(-16)).toString('hex')).toBe(tag)
    const flow = new QuicInitialFlow()
    expect(pushed(flow, packet)).toEqual([COMPLETE])
    expect(serverNameOf(flow.hello)).toBe('example.com')
    expect(flow.hello.alpnProtocols()).toEqual(['alpn'])
  })

  test("the server's Initial of RFC 9001 A.3 is not taken for the client's", () => {
    const packet = hex(
      'cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a',
      '5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3',
      'dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84',
      '022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4',
      '2158407dd074ee',
    )
    expect(outcome(packet).results).toEqual([UNREADABLE])
  })
})

describe('a long header', () => {
  test.each([
    [QUIC_VERSION_1, true],
    [QUIC_VERSION_2, true],
    [QUIC_DRAFT_29, true],
    [0xff000017, true],
    [0xff000022, true],
    [0xfaceb002, true],
    [0x54303531, true],
    [0, false],
    [0xff000016, false],
    [0xff000023, false],
    [0x0a1a2a3a, false],
    [0x51303433, false],
  ])('of version %i is known: %s', (version, known) => {
    expect(isKnownVersion(version)).toBe(known)
    const bytes = concatBytes(uint(0xc3, 1), uint(version, 4), new Uint8Array(20))
    expect(looksLikeQuicLongHeader(bytes, 0, bytes.length)).toBe(known)
  })

  test('is not seen in a short header, nor in 6 bytes', () => {
    const bytes = concatBytes(uint(0x43, 1), uint(QUIC_VERSION_1, 4), new Uint8Array(20))
    expect(looksLikeQuicLongHeader(bytes, 0, bytes.length)).toBe(false)
    bytes[0] = 0xc3
    expect(looksLikeQuicLongHeader(bytes, 0, 6)).toBe(false)
    expect(looksLikeQuicLongHeader(bytes, 0, 7)).toBe(true)
  })
})

describe('one Initial with a whole hello', () => {
  test.each([
    QUIC_VERSION_1,
    QUIC_VERSION_2,
    QUIC_DRAFT_29,
    0xff00001b,
    0xff000017,
    0xff000020,
    0xff000021,
    0xff000022,
  ])('is read in version %i', (version) => {
    expect(outcome(initial(cryptoFrame(0, shortHello), 0, { version }))).toEqual({
      results: [COMPLETE],
      name: 'speaker.vendor.example',
    })
  })

  test('is read where it stands, without gathering', () => {
    const flow = new QuicInitialFlow()
    pushed(flow, initial(cryptoFrame(0, shortHello)))
    expect(flow.hello.bytes.length).toBe(1200 - 1 - 4 - 9 - 2 - 1 - 2 - 4 - 16)
  })

  test.each([1, 2, 3, 4] as const)('is read with a packet number of %i bytes', (packetNumberLength) => {
    expect(outcome(initial(cryptoFrame(0, shortHello), 97, { packetNumberLength })).name).toBe('speaker.vendor.example')
  })

  test.each([0, 1, 4, 7, 8, 16, 19, 20])('is read with a connection id of %i bytes', (length) => {
    const destinationConnectionId = otherId.subarray(0, length)
    expect(outcome(initial(cryptoFrame(0, shortHello), 0, { destinationConnectionId })).name).toBe(
      'speaker.vendor.example',
    )
  })

  test.each([1, 63, 64, 300])('is read with a token of %i bytes', (length) => {
    expect(
      outcome(initial(cryptoFrame(0, shortHello), 0, { token: new Uint8Array(length).fill(0x5a), minLength: 1250 }))
        .name,
    ).toBe('speaker.vendor.example')
  })

  test.each([1, 2, 4, 8] as const)('is read with frame fields of %i bytes', (size) => {
    const forms =
      size === 1 ? [varint(0, 1), varint(shortHello.length)] : [varint(0, size), varint(shortHello.length, size)]
    expect(outcome(initial(concatBytes(uint(6, 1), ...forms, shortHello))).name).toBe('speaker.vendor.example')
  })

  test.each([
    ['padding', paddingFrames(40)],
    ['a ping', pingFrame()],
    ['an ACK', ackFrame(3)],
    ['an ACK with 100 ranges', ackFrame(500, 100)],
    ['an ACK with ECN counts', ackFrame(9, 3, true)],
    ['a CONNECTION_CLOSE', connectionCloseFrame('no thanks')],
    ['an empty CRYPTO frame', cryptoFrame(0, hex())],
  ])('is read after %s', (_, frame) => {
    expect(outcome(initial(concatBytes(frame, cryptoFrame(0, shortHello))))).toEqual({
      results: [COMPLETE],
      name: 'speaker.vendor.example',
    })
  })

  test('is read at an offset in a larger buffer', () => {
    const packet = initial(cryptoFrame(0, shortHello))
    const bytes = concatBytes(new Uint8Array(42).fill(0xcc), packet, new Uint8Array(5))
    const flow = new QuicInitialFlow()
    expect(flow.push(bytes, 42, 42 + packet.length)).toBe(COMPLETE)
    expect(serverNameOf(flow.hello)).toBe('speaker.vendor.example')
  })

  test('does not change the bytes it is given', () => {
    const packet = initial(cryptoFrame(0, shortHello))
    const before = packet.slice()
    outcome(packet)
    expect(packet).toEqual(before)
  })

  test('is refused when any byte of it was changed', () => {
    const packet = initial(cryptoFrame(0, shortHello), 0, { minLength: 0 })
    for (let at = 0; at < packet.length; at++) {
      const changed = packet.slice()
      changed[at] ^= 1 << (at % 4)
      expect(outcome(changed).results[0], `byte ${at}`).toBeLessThan(NEED_MORE)
    }
  })

  test('cut by the snapshot length is unreadable and does no harm', () => {
    const packet = initial(cryptoFrame(0, shortHello))
    for (let end = 0; end < packet.length; end++) {
      const flow = new QuicInitialFlow()
      expect(flow.push(packet, 0, end)).toBe(end < 19 ? NOT_INITIAL : UNREADABLE)
      if (end % 100 === 0) expect(flow.push(packet, 0, packet.length)).toBe(COMPLETE)
    }
  })

  test('with something else than a ClientHello is unreadable, and a later hello still counts', () => {
    const flow = new QuicInitialFlow()
    expect(pushed(flow, initial(cryptoFrame(0, Uint8Array.of(2, 0, 0, 4, 3, 3, 0, 0))))).toEqual([UNREADABLE])
    expect(serverNameOf(flow.hello)).toBeNull()
    expect(pushed(flow, initial(cryptoFrame(0, shortHello), 1))).toEqual([COMPLETE])
  })
})

describe('a hello over several frames and packets', () => {
  test.each([1, 2, 3, 4, 5])('over %i Initials in order completes with the last', (count) => {
    const cuts = Array.from({ length: count - 1 }, (_, index) => Math.floor(((index + 1) * longHello.length) / count))
    const packets = cryptoFramesCutAt(longHello, cuts).map((frame, index) => initial(frame, index, { minLength: 1200 }))
    const { results, name } = outcome(...packets)
    expect(results).toEqual([...Array<number>(count - 1).fill(NEED_MORE), COMPLETE])
    expect(name).toBe('camera.vendor.example')
  })

  test('arriving in every order completes with the last', () => {
    const packets = cryptoFramesCutAt(longHello, [300, 700, 1000]).map((frame, index) => initial(frame, index))
    for (let code = 0; code < 256; code++) {
      const order = [code & 3, (code >> 2) & 3, (code >> 4) & 3, code >> 6]
      if (new Set(order).size < 4) continue
      const { results, name } = outcome(...order.map((index) => packets[index]))
      expect(results, order.join()).toEqual([NEED_MORE, NEED_MORE, NEED_MORE, COMPLETE])
      expect(name).toBe('camera.vendor.example')
    }
  })

  test('shuffled into small pieces with pings and padding between, as Chrome does, is put together', () => {
    const frames = cryptoFramesCutAt(shortHello, [3, 40, 41, 60, 90, 120])
    const shuffled = [4, 0, 6, 2, 5, 1, 3].flatMap((index) => [frames[index], pingFrame(), paddingFrames(index)])
    expect(outcome(initial(concatBytes(...shuffled)))).toEqual({ results: [COMPLETE], name: 'speaker.vendor.example' })
  })

  test('cut at every byte, second half first, is put together', () => {
    for (let cut = 1; cut < shortHello.length; cut++) {
      const [first, second] = cryptoFramesCutAt(shortHello, [cut])
      expect(outcome(initial(second, 0), initial(first, 1)), `cut at ${cut}`).toEqual({
        results: [NEED_MORE, COMPLETE],
        name: 'speaker.vendor.example',
      })
    }
  })

  test('repeated and overlapping is put together', () => {
    const piece = (from: number, to: number): Uint8Array => cryptoFrame(from, longHello.subarray(from, to))
    const packets = [
      piece(500, 900),
      piece(500, 900),
      piece(100, 600),
      piece(0, 101),
      piece(850, 1200),
      piece(50, 1000),
      piece(1000, longHello.length),
    ].map((frame, index) => initial(frame, index))
    expect(outcome(...packets)).toEqual({
      results: [...Array<number>(6).fill(NEED_MORE), COMPLETE],
      name: 'camera.vendor.example',
    })
  })

  test('of which a datagram is delivered twice is not delayed', () => {
    const [first, second] = cryptoFramesCutAt(longHello, [900]).map((frame, index) => initial(frame, index))
    expect(outcome(first, first, first, second).results).toEqual([NEED_MORE, NEED_MORE, NEED_MORE, COMPLETE])
  })

  test('stays complete', () => {
    const packet = initial(cryptoFrame(0, shortHello))
    expect(outcome(packet, packet, hex('00')).results).toEqual([COMPLETE, COMPLETE, COMPLETE])
  })

  test('shows its name before it is whole', () => {
    const flow = new QuicInitialFlow()
    expect(pushed(flow, initial(cryptoFrame(0, longHello.subarray(0, 400))))).toEqual([NEED_MORE])
    expect(serverNameOf(flow.hello)).toBe('camera.vendor.example')
  })

  test('in two Initials of one datagram completes with that datagram', () => {
    const [first, second] = cryptoFramesCutAt(shortHello, [70])
    const datagram = concatBytes(initial(first, 0, { minLength: 0 }), initial(second, 1, { minLength: 0 }))
    expect(outcome(datagram)).toEqual({ results: [COMPLETE], name: 'speaker.vendor.example' })
  })

  test('with packet numbers truncated to one byte across 256 is read', () => {
    const frames = cryptoFramesCutAt(longHello, [300, 700])
    const packets = frames.map((frame, index) =>
      initial(frame, 254 + index, { packetNumberLength: index === 0 ? 2 : 1 }),
    )
    expect(outcome(...packets).results).toEqual([NEED_MORE, NEED_MORE, COMPLETE])
  })
})

describe('other packets around the Initials', () => {
  const [first, second] = cryptoFramesCutAt(longHello, [800])
  const zeroRtt = buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'zeroRtt', clientId, hex('c1'), new Uint8Array(200).fill(7))
  const handshake = buildQuicOpaqueLongHeader(
    QUIC_VERSION_1,
    'handshake',
    serverId,
    hex('c1'),
    new Uint8Array(60).fill(9),
  )

  test('coalesced 0-RTT, Handshake and short header packets are passed over', () => {
    expect(outcome(concatBytes(initial(cryptoFrame(0, shortHello), 0, { minLength: 0 }), zeroRtt)).name).toBe(
      'speaker.vendor.example',
    )
    expect(
      outcome(
        concatBytes(
          zeroRtt,
          handshake,
          initial(cryptoFrame(0, shortHello), 0, { minLength: 0 }),
          Uint8Array.of(0x41, 1, 2),
        ),
      ),
    ).toEqual({ results: [COMPLETE], name: 'speaker.vendor.example' })
  })

  test('datagrams without an Initial are not Initials and change nothing', () => {
    const flow = new QuicInitialFlow()
    const strangers = [
      hex(),
      hex('40aabb'),
      zeroRtt,
      handshake,
      hex('c000000000080102030405060708'),
      hex('c00a1a2a3a00000000'),
    ]
    expect(pushed(flow, initial(first, 0), ...strangers)).toEqual([NEED_MORE, ...strangers.map(() => NOT_INITIAL)])
    expect(pushed(flow, initial(second, 1))).toEqual([COMPLETE])
  })

  test('after the server has chosen its connection id the keys of the first one still hold', () => {
    const later = initial(concatBytes(ackFrame(0), second), 1, {
      destinationConnectionId: serverId,
      keyConnectionId: clientId,
    })
    expect(outcome(initial(first, 0), later)).toEqual({
      results: [NEED_MORE, COMPLETE],
      name: 'camera.vendor.example',
    })
  })

  test('a 0-RTT packet that overtook the Initial tells the first connection id', () => {
    const later = initial(cryptoFrame(0, shortHello), 1, {
      destinationConnectionId: serverId,
      keyConnectionId: clientId,
    })
    expect(outcome(later).results).toEqual([UNREADABLE])
    expect(outcome(zeroRtt, later).results).toEqual([NOT_INITIAL, COMPLETE])
  })

  test("after a Retry the keys of the server's connection id are found, and kept", () => {
    const retry = concatBytes(
      uint(0xf0, 1),
      uint(QUIC_VERSION_1, 4),
      Uint8Array.of(1, 0xc1, 8),
      serverId,
      new Uint8Array(40),
    )
    const afterRetry = { destinationConnectionId: serverId, token: new Uint8Array(20) }
    const last = initial(second, 3, { ...afterRetry, destinationConnectionId: otherId, keyConnectionId: serverId })
    expect(outcome(initial(first, 0), retry, initial(first, 1, afterRetry), last)).toEqual({
      results: [NEED_MORE, NOT_INITIAL, NEED_MORE, COMPLETE],
      name: 'camera.vendor.example',
    })
  })

  test('another connection on the same ports is not mixed with the one before it', () => {
    const otherHello = buildClientHello({
      serverName: 'other.example',
      keyShareBytes: 1216,
      sessionIdBytes: 0,
      random: new Uint8Array(32),
    })
    const [otherFirst, otherSecond] = cryptoFramesCutAt(otherHello, [800])
    const other = { destinationConnectionId: otherId }
    expect(outcome(initial(first, 0), initial(otherSecond, 0, other), initial(otherFirst, 1, other))).toEqual({
      results: [NEED_MORE, NEED_MORE, COMPLETE],
      name: 'other.example',
    })
  })

  test('a connection that moves to version 2 keeps its first connection id', () => {
    const moved = initial(second, 1, {
      version: QUIC_VERSION_2,
      destinationConnectionId: serverId,
      keyConnectionId: clientId,
    })
    expect(outcome(initial(first, 0), moved)).toEqual({
      results: [NEED_MORE, COMPLETE],
      name: 'camera.vendor.example',
    })
  })

  test('an unreadable Initial in between costs nothing but itself', () => {
    const fromServer = initial(cryptoFrame(0, shortHello), 0, { fromServer: true })
    const unknownKeys = initial(first, 7, { destinationConnectionId: serverId, keyConnectionId: otherId })
    expect(outcome(unknownKeys, initial(first, 0), fromServer, unknownKeys, initial(second, 1)).results).toEqual([
      UNREADABLE,
      NEED_MORE,
      UNREADABLE,
      UNREADABLE,
      COMPLETE,
    ])
  })

  test('an Initial with an impossible connection id length or length is none', () => {
    expect(outcome(hex('c00000000115', '00'.repeat(60))).results).toEqual([NOT_INITIAL])
    expect(outcome(hex('c00000000100150000', '00'.repeat(60))).results).toEqual([NOT_INITIAL])
    expect(outcome(hex('c0000000010000', 'ffffffffffffffff', '00'.repeat(60))).results).toEqual([NOT_INITIAL])
    expect(outcome(hex('c0000000010000', '00', 'ffffffffffffffff', '00'.repeat(60))).results).toEqual([UNREADABLE])
    expect(outcome(hex('c0000000010000', '00', '13', '00'.repeat(60))).results).toEqual([UNREADABLE])
  })

  test('reset makes the reader forget everything', () => {
    const flow = new QuicInitialFlow()
    pushed(flow, initial(cryptoFrame(0, shortHello)))
    flow.reset()
    expect(serverNameOf(flow.hello)).toBeNull()
    expect(pushed(flow, initial(second, 1))).toEqual([NEED_MORE])
    expect(pushed(flow, initial(first, 0))).toEqual([COMPLETE])
    expect(serverNameOf(flow.hello)).toBe('camera.vendor.example')
    flow.reset()
    expect(pushed(flow, initial(second, 1))).toEqual([NEED_MORE])
  })
})

describe('hostile Initials', () => {
  test('a stream beyond the cap is dropped, one up to the cap is gathered', () => {
    const padding: [number, Uint8Array] = [21, new Uint8Array(MAX_CRYPTO_BYTES - longHello.length - 4)]
    const longest = buildClientHello({
      serverName: 'camera.vendor.example',
      alpn: ['h3'],
      keyShareBytes: 1216,
      sessionIdBytes: 0,
      random,
      extensionsAfter: [padding],
    })
    expect(longest.length).toBe(MAX_CRYPTO_BYTES)
    const packets = cryptoFramesCutAt(
      longest,
      Array.from({ length: 32 }, (_, index) => 1000 * (index + 1)),
    ).map((frame, index) => initial(frame, index))
    expect(outcome(...packets).results.at(-1)).toBe(COMPLETE)
    expect(
      outcome(
        initial(cryptoFrame(MAX_CRYPTO_BYTES - 4, new Uint8Array(5))),
        initial(cryptoFrame(2 ** 53, new Uint8Array(5)), 1),
      ).results,
    ).toEqual([NEED_MORE, NEED_MORE])
  })

  test('more separate pieces than remembered are dropped as if lost, and sent again they count', () => {
    const scattered = Array.from({ length: MAX_CRYPTO_RANGES + 40 }, (_, index) =>
      cryptoFrame(1 + 2 * index, longHello.subarray(1 + 2 * index, 2 + 2 * index)),
    )
    const flow = new QuicInitialFlow()
    expect(pushed(flow, initial(concatBytes(...scattered)))).toEqual([NEED_MORE])
    expect(
      pushed(
        flow,
        initial(cryptoFrame(0, longHello.subarray(0, 1100)), 1),
        initial(cryptoFrame(1100, longHello.subarray(1100)), 2),
      ),
    ).toEqual([NEED_MORE, COMPLETE])
    expect(serverNameOf(flow.hello)).toBe('camera.vendor.example')
  })

  test('64 separate pieces are remembered, and pieces that were merged take no room', () => {
    const piece = (at: number, length = 1): Uint8Array => cryptoFrame(at, longHello.subarray(at, at + length))
    const apart = (count: number): Uint8Array[] => Array.from({ length: count }, (_, index) => piece(1 + 2 * index))
    /** The gaps between so many pieces, filled; then the rest from `end` on. */
    const filled = (count: number, end: number): Uint8Array =>
      concatBytes(
        ...Array.from({ length: count }, (_, index) => piece(2 * index)),
        cryptoFrame(end, longHello.subarray(end)),
      )
    expect(outcome(initial(concatBytes(...apart(64))), initial(filled(65, 129), 1)).results).toEqual([
      NEED_MORE,
      COMPLETE,
    ])
    // The 65th is dropped: byte 129 is missing.
    expect(outcome(initial(concatBytes(...apart(65))), initial(filled(66, 131), 1)).results).toEqual([
      NEED_MORE,
      NEED_MORE,
    ])
    const flow = new QuicInitialFlow()
    // 40 pieces, joined into one by what lies between them, and again: 200 pieces, never more than 41 apart.
    for (let round = 0; round < 5; round++) {
      const start = 1 + 100 * round
      const pieces = Array.from({ length: 40 }, (_, index) => piece(start + 2 * index))
      const joins = Array.from({ length: 40 }, (_, index) => piece(start + 1 + 2 * index))
      expect(pushed(flow, initial(concatBytes(...pieces, ...joins), round))).toEqual([NEED_MORE])
    }
    const gaps = Array.from({ length: 5 }, (_, round) => piece(81 + 100 * round, 20))
    const rest = cryptoFrame(501, longHello.subarray(501))
    expect(pushed(flow, initial(concatBytes(piece(0), ...gaps), 5), initial(rest, 6)).at(-1)).toBe(COMPLETE)
    expect(serverNameOf(flow.hello)).toBe('camera.vendor.example')
  })

  test('the caps are 32 KiB and 64 pieces', () => {
    expect([MAX_CRYPTO_BYTES, MAX_CRYPTO_RANGES]).toEqual([32_768, 64])
  })

  test.each([
    ['a frame that no Initial may carry', Uint8Array.of(0x1e)],
    ['a CRYPTO frame longer than the packet', Uint8Array.of(6, 0, 0x7f, 0xff)],
    ['a CRYPTO frame cut in its length', Uint8Array.of(6, 0, 0xc0)],
    ['an ACK with 2^62 ranges', Uint8Array.of(2, 9, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0)],
    ['an ACK cut short', Uint8Array.of(2, 9, 0, 3, 0, 1)],
    ['a CONNECTION_CLOSE with an endless reason', Uint8Array.of(0x1c, 0, 0, 0xbf, 0xff, 0xff, 0xff)],
  ])('%s ends the packet, not the flow', (_, frame) => {
    // Without padding: the frame is the last thing in the packet and must not be read past.
    const packet = initial(concatBytes(paddingFrames(4), frame), 0, { minLength: 0 })
    expect(outcome(packet, initial(cryptoFrame(0, shortHello), 1))).toEqual({
      results: [NEED_MORE, COMPLETE],
      name: 'speaker.vendor.example',
    })
  })

  test('no more than four Initials of a datagram are tried', () => {
    const empty = (number: number): Uint8Array => initial(pingFrame(), number, { minLength: 0 })
    const last = initial(cryptoFrame(0, shortHello), 9, { minLength: 0 })
    expect(outcome(concatBytes(empty(0), empty(1), empty(2), last)).results).toEqual([COMPLETE])
    expect(outcome(concatBytes(empty(0), empty(1), empty(2), empty(3), last)).results).toEqual([NEED_MORE])
  })

  test('changed, cut and mixed at random never throw, and never invent a name', () => {
    let seed = 7
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % below
    }
    const flow = new QuicInitialFlow()
    const names = new Set<string | null>()
    const versions = [QUIC_VERSION_1, QUIC_VERSION_2, QUIC_DRAFT_29]
    for (let round = 0; round < 3000; round++) {
      if (next(6) === 0) flow.reset()
      const from = next(2) === 0 ? 0 : next(longHello.length)
      let datagram = initial(
        concatBytes(ackFrame(next(99), next(5)), cryptoFrame(from, longHello.subarray(from, from + next(1100)))),
        round,
        {
          version: versions[next(3)],
          minLength: next(1200),
          packetNumberLength: (1 + next(4)) as 1 | 2 | 3 | 4,
          destinationConnectionId: next(3) === 0 ? otherId.subarray(0, next(21)) : clientId,
        },
      )
      if (next(2) === 0)
        for (let change = next(3); change >= 0; change--)
          datagram[next(next(2) === 0 ? 40 : datagram.length)] = next(256)
      if (next(4) === 0) datagram = concatBytes(datagram, datagram.subarray(next(datagram.length)))
      const result = flow.push(datagram, 0, next(5) === 0 ? next(datagram.length) : datagram.length)
      expect([COMPLETE, NEED_MORE, UNREADABLE, NOT_INITIAL]).toContain(result)
      names.add(serverNameOf(flow.hello))
    }
    expect([...names].sort()).toEqual(['camera.vendor.example', null])
  })

  test('frames of random content never throw', () => {
    let seed = 99
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % below
    }
    const kinds = [0, 1, 2, 3, 6, 0x1c]
    const flow = new QuicInitialFlow()
    for (let round = 0; round < 3000; round++) {
      if (next(10) === 0) flow.reset()
      const frames = Uint8Array.from({ length: 1 + next(120) }, () => (next(2) === 0 ? kinds[next(6)] : next(256)))
      frames[0] = kinds[next(6)]!
      expect([COMPLETE, NEED_MORE, UNREADABLE]).toContain(pushed(flow, initial(frames, round, { minLength: 0 }))[0])
    }
  })
})
