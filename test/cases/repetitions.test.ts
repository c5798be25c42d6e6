// What was sent again is counted again: retransmissions, keep-alives, and datagrams in the same words.
import { describe, expect, test } from 'vitest'
import { text } from '../../server/sample/packets/bytes.ts'
import { TCP_FLAG } from '../../server/sample/packets/packet-builder.ts'
import {
  COOKED2,
  ETHERNET,
  type Captured,
  analysisOf,
  cooked2,
  datagram,
  framed,
  messagesOf,
  pcap,
  segment,
  sentOf,
  START,
} from '../support/copied-packets.ts'

describe('what was really sent again is counted again', () => {
  test.each<[string, Captured[], number]>([
    [
      'a retransmission with a new number, at once',
      [
        { at: 1, bytes: framed(segment({ id: 7 })) },
        { at: 40, bytes: framed(segment({ id: 8 })) },
      ],
      2 * 440,
    ],
    [
      'a retransmission with the same number after 30 ms',
      [
        { at: 1, bytes: framed(segment()) },
        { at: 30_001, bytes: framed(segment()) },
      ],
      2 * 440,
    ],
    [
      'a retransmission without a number after 2 ms',
      [
        { at: 1, bytes: framed(segment({ id: 0 })) },
        { at: 2_001, bytes: framed(segment({ id: 0 })) },
      ],
      2 * 440,
    ],
    [
      'the same segment ten times at one moment, as a generator sends it',
      Array.from({ length: 10 }, () => ({ at: 1, bytes: framed(segment()) })),
      10 * 440,
    ],
    [
      'the same segment thirty times, 2 ms apart',
      Array.from({ length: 30 }, (_, index) => ({ at: 1 + index * 2_000, bytes: framed(segment()) })),
      30 * 440,
    ],
    [
      'the same segment three times at impossible times, which say nothing of copies',
      [
        { at: 37, bytes: framed(segment({ id: 1, sequence: 1 })) },
        { at: 2_000_041, bytes: framed(segment({ id: 2, sequence: 2 })) },
        ...[0, 1, 2].map(() => ({ at: -START * 1e6, bytes: framed(segment()) })),
      ],
      5 * 440,
    ],
    [
      'keep-alives of a quiet connection',
      [0, 1, 2].map((index) => ({
        at: 1 + index * 1_000_000,
        bytes: framed(segment({ id: 0, flags: TCP_FLAG.ack, payload: Uint8Array.of(0) })),
      })),
      3 * 41,
    ],
    [
      'acknowledgements in the same words',
      [0, 1, 2, 3].map((index) => ({
        at: 1 + index * 12,
        bytes: framed(segment({ id: 0, flags: TCP_FLAG.ack, payload: new Uint8Array(0) })),
      })),
      4 * 40,
    ],
    [
      'resets in the same words',
      [0, 1, 2].map((index) => ({
        at: 1 + index * 20,
        bytes: framed(segment({ id: 0, flags: TCP_FLAG.rst, payload: new Uint8Array(0) })),
      })),
      3 * 40,
    ],
    [
      'a datagram without a number, three times',
      [0, 1, 2].map((index) => ({
        at: 1 + index * 25,
        bytes: framed(datagram(text('M-SEARCH'))),
      })),
      3 * 36,
    ],
    [
      '400 equal datagrams within a moment',
      Array.from({ length: 400 }, (_, index) => ({
        at: 1 + index * 10,
        bytes: framed(datagram(text('flood'))),
      })),
      400 * 33,
    ],
    [
      'by a clock of whole seconds',
      [0, 0, 1_000_000, 1_000_000].map((at) => ({ at, bytes: framed(segment()) })),
      4 * 440,
    ],
    [
      'datagrams alike but for their end',
      ['a', 'b'].map((end, index) => ({
        at: 1 + index,
        bytes: framed(datagram(text('z'.repeat(200) + end), { id: 9 })),
      })),
      2 * 229,
    ],
  ])('%s', async (_, records, bytes) => expect(await sentOf(pcap(ETHERNET, records))).toBe(bytes))

  test('on a bridge and its port, each time once', async () => {
    const records = [1, 30_001].flatMap((at) => [
      { at, bytes: cooked2(3, 0, segment()) },
      { at: at + 20, bytes: cooked2(5, 0, segment()) },
    ])
    expect(await sentOf(pcap(COOKED2, records))).toBe(2 * 440)
  })

  test('and the doubt is said', async () => {
    const records = [1, 20].map((at) => ({ at, bytes: framed(datagram(text('M-SEARCH'))) }))
    expect(messagesOf(await analysisOf(pcap(ETHERNET, records)))).toMatch(
      /1 packet may be a copy of the one just before/,
    )
  })

  test('packets of made-up senders are no copies of each other', async () => {
    const records = Array.from({ length: 20 }, (_, index) => ({
      at: 1 + index * 30,
      bytes: framed(datagram(text('flood'), { id: 1 }), `02:66:00:00:00:${(16 + index).toString(16)}`),
    }))
    const analysis = await analysisOf(pcap(ETHERNET, records))
    expect(analysis.devices.reduce((sum, { sent }) => sum + sent, 0)).toBe(20 * 33)
  })
})
