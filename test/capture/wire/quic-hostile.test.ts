// The ClientHello is found between other packets, and hostile Initials are left out within bounds.
import { describe, expect, test } from 'vitest'
import { MAX_CRYPTO_BYTES, MAX_CRYPTO_RANGES } from '../../../capture/core/limits.ts'
import { COMPLETE, NOT_INITIAL, QuicInitialFlow, UNREADABLE } from '../../support/wire/quic-initial.ts'
import { NEED_MORE } from '../../support/wire/tls-hello.ts'
import {
  QUIC_DRAFT_29,
  QUIC_VERSION_1,
  QUIC_VERSION_2,
  ackFrame,
  buildQuicOpaqueLongHeader,
  cryptoFrame,
  cryptoFramesCutAt,
  paddingFrames,
  pingFrame,
} from '../../../server/sample/packets/quic-builder.ts'
import { buildClientHello, concatBytes, uint } from '../../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from '../../support/read-hello.ts'
import {
  hex,
  random,
  shortHello,
  longHello,
  clientId,
  serverId,
  otherId,
  initial,
  pushed,
  outcome,
} from './quic-flow.ts'

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

  test('a 0-RTT packet that overtook the Initial gives the first connection id', () => {
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
  test('a stream beyond the cap is dropped, one up to the cap is assembled', () => {
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

  test('give the same whatever stands behind them', () => {
    const whole = initial(concatBytes(ackFrame(9, 2), cryptoFrame(0, shortHello)), 0, { minLength: 0 })
    for (let end = 0; end <= whole.length; end++) {
      const seen = [0x00, 0xff, 0xc3].map((byte) => {
        const flow = new QuicInitialFlow()
        const bytes = concatBytes(whole.subarray(0, end), new Uint8Array(40).fill(byte))
        return [flow.push(bytes, 0, end), serverNameOf(flow.hello)]
      })
      expect([end, seen[1], seen[2]]).toEqual([end, seen[0], seen[0]])
    }
  })

  test('of more blocks than one byte counts are read, and refused where any block of them was changed', () => {
    const frames = concatBytes(paddingFrames(4093), cryptoFrame(0, shortHello), paddingFrames(4096))
    const packet = initial(frames, 0, { minLength: 0 })
    expect(outcome(packet)).toEqual({ results: [COMPLETE], name: 'speaker.vendor.example' })
    for (let at = 40; at < packet.length; at += 16) {
      const changed = packet.slice()
      changed[at + (at % 15)] ^= 0x80
      expect([at, outcome(changed).results]).toEqual([at, [UNREADABLE]])
    }
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
