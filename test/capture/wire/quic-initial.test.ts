// The ClientHello is found in a client's Initials, however they are cut, mixed and repeated.
import { describe, expect, test } from 'vitest'
import { isKnownVersion, looksLikeQuicLongHeader } from '../../support/wire/quic-header.ts'
import { COMPLETE, NOT_INITIAL, QuicInitialFlow, UNREADABLE } from '../../support/wire/quic-initial.ts'
import { NEED_MORE } from '../../support/wire/tls-hello.ts'
import {
  QUIC_DRAFT_29,
  QUIC_VERSION_1,
  QUIC_VERSION_2,
  ackFrame,
  buildQuicInitial,
  connectionCloseFrame,
  cryptoFrame,
  cryptoFramesCutAt,
  paddingFrames,
  pingFrame,
  varint,
} from '../../../server/sample/packets/quic-builder.ts'
import { concatBytes, uint } from '../../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from '../../support/read-hello.ts'
import { hex, shortHello, longHello, clientId, otherId, initial, pushed, outcome, rfcCryptoFrame } from './quic-flow.ts'

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
