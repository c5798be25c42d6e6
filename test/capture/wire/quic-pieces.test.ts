// Pieces of a ClientHello that arrive apart: how many are remembered, and how many bytes.
import { describe, expect, test } from 'vitest'
import { MAX_CRYPTO_BYTES, MAX_CRYPTO_RANGES } from '../../../capture/core/limits.ts'
import { COMPLETE, QuicInitialFlow } from '../../support/wire/quic-initial.ts'
import { NEED_MORE } from '../../support/wire/tls-hello.ts'
import { cryptoFrame } from '../../../server/sample/packets/quic-builder.ts'
import { concatBytes } from '../../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from '../../support/read-hello.ts'
import { initial, longHello, outcome, pushed } from './quic-flow.ts'

describe('pieces of a hello', () => {
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
})
