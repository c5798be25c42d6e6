// The reader of Google's QUIC: the server name of its clear hello, and nothing found elsewhere.
import { describe, expect, test } from 'vitest'
import { readGquicServerName } from '../../support/wire/gquic.ts'
import { concatBytes, latin1Bytes, uint } from '../../../server/sample/packets/tls-hello-builder.ts'

const connectionId = Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88)
const hash = new Uint8Array(12).fill(0xab)

function littleEndian(value: number, size: 2 | 4): Uint8Array {
  return uint(value, size).reverse()
}

/** A CHLO with the given tags, values in order. */
function chlo(...entries: (readonly [tag: string, value: string])[]): Uint8Array {
  let valueEnd = 0
  const index = entries.map(([tag, value]) =>
    concatBytes(latin1Bytes(tag.padEnd(4, '\0')), littleEndian((valueEnd += value.length), 4)),
  )
  return concatBytes(
    latin1Bytes('CHLO'),
    littleEndian(entries.length, 2),
    uint(0, 2),
    ...index,
    latin1Bytes(entries.map(([, value]) => value).join('')),
  )
}

const hello = chlo(['PAD', '-----'], ['SNI', 'cast.vendor.example'], ['VER', 'Q043'])

function streamFrame(data: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0xa0, 1), uint(data.length, 2), data)
}

const datagrams: Record<string, Uint8Array> = {
  Q025: concatBytes(
    Uint8Array.of(0x09),
    connectionId,
    latin1Bytes('Q025'),
    Uint8Array.of(1),
    hash,
    Uint8Array.of(0),
    streamFrame(hello),
  ),
  Q035: concatBytes(Uint8Array.of(0x09), connectionId, latin1Bytes('Q035'), Uint8Array.of(1), hash, streamFrame(hello)),
  Q043: concatBytes(
    Uint8Array.of(0x19),
    connectionId,
    latin1Bytes('Q043'),
    Uint8Array.of(0, 1),
    hash,
    streamFrame(hello),
  ),
  Q044: concatBytes(
    Uint8Array.of(0xff),
    latin1Bytes('Q044'),
    Uint8Array.of(0x50),
    connectionId,
    Uint8Array.of(0, 0, 0, 1),
    hash,
    streamFrame(hello),
  ),
  Q046: concatBytes(
    Uint8Array.of(0xc3),
    latin1Bytes('Q046'),
    Uint8Array.of(0x50),
    connectionId,
    Uint8Array.of(0, 0, 0, 1),
    hash,
    streamFrame(hello),
  ),
  'Q046 with short fields': concatBytes(
    Uint8Array.of(0xc0),
    latin1Bytes('Q046'),
    Uint8Array.of(0x05),
    connectionId,
    Uint8Array.of(1),
    hash,
    Uint8Array.of(7, 0),
    streamFrame(hello),
  ),
}

function nameIn(bytes: Uint8Array): string | null | false {
  const out = { serverNameAt: 0, serverNameEnd: 0 }
  if (!readGquicServerName(bytes, 0, bytes.length, out)) return false
  return out.serverNameAt < 0
    ? null
    : Buffer.from(bytes.subarray(out.serverNameAt, out.serverNameEnd)).toString('latin1')
}

/** A Q043 datagram with other frames. */
function q043(...frames: Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(0x09), connectionId, latin1Bytes('Q043'), Uint8Array.of(1), hash, ...frames)
}

describe("the hello of Google's QUIC", () => {
  test.each(Object.keys(datagrams))('names its server in %s', (version) => {
    expect(nameIn(datagrams[version])).toBe('cast.vendor.example')
  })

  test('is read in a STREAM frame with offset, long stream id and no length', () => {
    expect(nameIn(q043(Uint8Array.of(0x86, 0, 0, 1, 0, 0), hello))).toBe('cast.vendor.example')
    expect(nameIn(q043(Uint8Array.of(0x82, 1, 0, 0), hello))).toBe('cast.vendor.example')
  })

  test.each([
    ['Q025', false, true],
    ['Q043', false, true],
    ['Q024', false, false],
    ['Q044', false, false],
    ['Q03:', false, false],
    ['Q03/', false, false],
    ['Q0:0', false, false],
    ['Q0/9', false, false],
    ['Q139', false, false],
    ['R039', false, false],
    ['Q044', true, true],
    ['Q046', true, true],
    ['Q043', true, false],
    ['Q047', true, false],
    ['Q04:', true, false],
  ])('of version %s, long header %s: seen %s', (version, isLong, isSeen) => {
    const frames = [hash, ...(version < 'Q034' ? [Uint8Array.of(0)] : []), streamFrame(hello)]
    const long = [
      Uint8Array.of(version === 'Q044' ? 0xff : 0xc3),
      latin1Bytes(version),
      Uint8Array.of(0x50),
      connectionId,
    ]
    const bytes = isLong
      ? concatBytes(...long, Uint8Array.of(0, 0, 0, 1), ...frames)
      : concatBytes(Uint8Array.of(0x09), connectionId, latin1Bytes(version), Uint8Array.of(1), ...frames)
    expect(nameIn(bytes)).toBe(isSeen ? 'cast.vendor.example' : false)
  })

  test.each([
    [128, 'cast.vendor.example'],
    [129, false],
  ])('with %i entries is %s', (count, name) => {
    const others = Array.from({ length: count - 1 }, (): [string, string] => ['PAD', ''])
    expect(nameIn(q043(streamFrame(chlo(['SNI', 'cast.vendor.example'], ...others))))).toBe(name)
  })

  test('without a name is a hello all the same', () => {
    expect(nameIn(q043(streamFrame(chlo(['VER', 'Q043']))))).toBeNull()
    expect(nameIn(q043(streamFrame(chlo(['SNI', '']))))).toBeNull()
    expect(nameIn(q043(streamFrame(chlo())))).toBeNull()
  })

  test.each([
    ['an encrypted version', q043(streamFrame(hello)).map((byte, at) => (at === 11 ? 0x35 : at === 12 ? 0x30 : byte))],
    ['another stream', q043(Uint8Array.of(0xa0, 3), uint(hello.length, 2), hello)],
    ['another message', q043(streamFrame(concatBytes(latin1Bytes('REJ\0'), hello.subarray(4))))],
    ['another first frame', q043(Uint8Array.of(0x40, 1, 2, 3), streamFrame(hello))],
    ['only padding', q043(new Uint8Array(40))],
    [
      'more entries than bytes',
      q043(streamFrame(concatBytes(latin1Bytes('CHLO'), littleEndian(100, 2), new Uint8Array(80)))),
    ],
    ['a public reset', concatBytes(Uint8Array.of(0x0b), datagrams['Q043'].subarray(1))],
    ['a DNS query', Uint8Array.of(0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 0, 0, 1, 0, 1)],
  ])('is not seen in %s', (_, bytes) => {
    expect(nameIn(bytes)).toBe(false)
  })

  test('whose name runs over the datagram has none', () => {
    const bytes = q043(streamFrame(hello))
    for (let end = 0; end < bytes.length; end++)
      expect([false, null, 'cast.vendor.example']).toContain(nameIn(bytes.slice(0, end)))
    expect(nameIn(bytes.slice(0, bytes.length - 5))).toBeNull()
  })

  test('changed at random never throws and never points outside', () => {
    let seed = 3
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % below
    }
    const all = Object.values(datagrams)
    const out = { serverNameAt: 0, serverNameEnd: 0 }
    for (let round = 0; round < 5000; round++) {
      const bytes = all[next(all.length)].slice()
      for (let change = next(5); change >= 0; change--) bytes[next(bytes.length)] = next(256)
      const end = next(4) === 0 ? next(bytes.length) : bytes.length
      readGquicServerName(bytes, 0, end, out)
      expect(
        out.serverNameAt === -1
          ? out.serverNameEnd === -1
          : out.serverNameAt < out.serverNameEnd && out.serverNameEnd <= end,
      ).toBe(true)
    }
  })
})
