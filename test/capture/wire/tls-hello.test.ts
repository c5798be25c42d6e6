// Names of a TLS ClientHello are read wherever they are; other bytes are refused early.
import { describe, expect, test } from 'vitest'
import {
  ClientHello,
  MAX_HELLO_BYTES,
  NEED_MORE,
  NOT_HELLO,
  readClientHello,
  readClientHelloRecords,
} from '../../support/wire/tls-hello.ts'
import {
  buildClientHello,
  concatBytes,
  latin1Bytes,
  serverNameList,
  uint,
  vector,
  wrapTlsRecords,
} from '../../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from '../../support/read-hello.ts'

const random = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const postQuantum = { serverName: 'camera.vendor.example', alpn: ['h2', 'http/1.1'], keyShareBytes: 1216, random }

function read(message: Uint8Array): { result: number; hello: ClientHello } {
  const hello = new ClientHello()
  return { result: readClientHello(message, 0, message.length, hello), hello }
}

function readRecords(stream: Uint8Array): { result: number; hello: ClientHello } {
  const hello = new ClientHello()
  return { result: readClientHelloRecords(stream, 0, stream.length, hello), hello }
}

/** A handshake message with the given body. */
function message(...body: Uint8Array[]): Uint8Array {
  return concatBytes(uint(1, 1), vector(3, ...body))
}

/** A body up to and without its extensions. */
function bodyStart(version = 0x0303): Uint8Array {
  return concatBytes(uint(version, 2), random, vector(1), vector(2, uint(0xc02f, 2)), vector(1, uint(0, 1)))
}

describe('a ClientHello message', () => {
  test('gives its server name and protocols in place', () => {
    const bytes = buildClientHello(postQuantum)
    const { result, hello } = read(bytes)
    expect(result).toBe(bytes.length)
    expect(hello.bytes).toBe(bytes)
    expect(Buffer.from(bytes.subarray(hello.serverNameAt, hello.serverNameEnd)).toString()).toBe(
      'camera.vendor.example',
    )
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
    expect(hello.alpnProtocols()).toEqual(['h2', 'http/1.1'])
    expect(hello.encryptedClientHello).toBe(false)
  })

  test('may begin anywhere in the bytes and be followed by others', () => {
    const bytes = buildClientHello(postQuantum)
    const padded = concatBytes(new Uint8Array(9), bytes, uint(0xffff, 2))
    const hello = new ClientHello()
    expect(readClientHello(padded, 9, padded.length, hello)).toBe(bytes.length)
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
  })

  test('written byte by byte, as TLS 1.0 with one extension, is read', () => {
    const { result, hello } = read(
      Uint8Array.of(
        0x01,
        0x00,
        0x00,
        0x3a,
        0x03,
        0x01,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        22,
        23,
        24,
        25,
        26,
        27,
        28,
        29,
        30,
        31,
        0x00,
        0x00,
        0x02,
        0x00,
        0x2f,
        0x01,
        0x00,
        0x00,
        0x0f,
        0x00,
        0x00,
        0x00,
        0x0b,
        0x00,
        0x09,
        0x00,
        0x00,
        0x06,
        0x61,
        0x2e,
        0x74,
        0x65,
        0x73,
        0x74,
      ),
    )
    expect(result).toBe(62)
    expect(serverNameOf(hello)).toBe('a.test')
    expect(hello.alpnAt).toBe(-1)
  })

  test('without any extensions is a hello without a name', () => {
    const { result, hello } = read(message(bodyStart(0x0300)))
    expect(result).toBeGreaterThan(0)
    expect(hello.serverNameAt).toBe(-1)
    expect(serverNameOf(hello)).toBeNull()
    expect(hello.alpnProtocols()).toEqual([])
  })

  test.each([
    ['an IP address in letters', [[0, '192.0.2.7']], '192.0.2.7'],
    [
      'a name after an entry of another type',
      [
        [1, 'other'],
        [0, 'real.example'],
      ],
      'real.example',
    ],
    [
      'the first of two names',
      [
        [0, 'first.example'],
        [0, 'second.example'],
      ],
      'first.example',
    ],
    ['no name when it is empty', [[0, '']], null],
    ['no name when the list is empty', [], null],
    ['no name of another type', [[7, 'other']], null],
  ] as [string, [number, string][], string | null][])('reports %s', (_, entries, expected) => {
    const { result, hello } = read(message(bodyStart(), vector(2, uint(0, 2), vector(2, serverNameList(...entries)))))
    expect(result).toBeGreaterThan(0)
    expect(serverNameOf(hello)).toBe(expected)
  })

  test.each([
    ['a name longer than its list', Uint8Array.of(0, 5, 0, 0, 9, 0x61, 0x2e, 0x62)],
    ['a server_name extension without data', new Uint8Array(0)],
    ['a server_name extension of one byte', new Uint8Array(1)],
  ])('has no name with %s', (_, data) => {
    const { result, hello } = read(message(bodyStart(), vector(2, uint(0, 2), vector(2, data))))
    expect(result).toBeGreaterThan(0)
    expect(serverNameOf(hello)).toBeNull()
  })

  test('recognises an encrypted one of type outer, and its predecessor', () => {
    expect(read(buildClientHello({ ...postQuantum, ech: true })).hello.encryptedClientHello).toBe(true)
    expect(
      read(buildClientHello({ random, extensionsAfter: [[0xffce, new Uint8Array(8)]] })).hello.encryptedClientHello,
    ).toBe(true)
  })

  test('does not take encrypted_client_hello of type inner, or an empty one, for encryption', () => {
    expect(
      read(buildClientHello({ random, extensionsAfter: [[0xfe0d, Uint8Array.of(1)]] })).hello.encryptedClientHello,
    ).toBe(false)
    expect(
      read(buildClientHello({ random, extensionsAfter: [[0xfe0d, new Uint8Array(0)]] })).hello.encryptedClientHello,
    ).toBe(false)
  })

  test('cut anywhere is said to need more, never to be none', () => {
    const bytes = buildClientHello({ ...postQuantum, ech: true })
    const hello = new ClientHello()
    for (let end = 0; end < bytes.length; end++)
      expect(readClientHello(bytes, 0, end, hello), `${end} bytes`).toBe(NEED_MORE)
    expect(readClientHello(bytes, 0, bytes.length, hello)).toBe(bytes.length)
  })

  test('cut after its name gives the name already, and forgets it with the next', () => {
    const bytes = buildClientHello(postQuantum)
    const hello = new ClientHello()
    expect(readClientHello(bytes, 0, 200, hello)).toBe(NEED_MORE)
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
    expect(readClientHello(bytes, 0, 40, hello)).toBe(NEED_MORE)
    expect(serverNameOf(hello)).toBeNull()
  })

  test('reads ALPN entries only as far as they fit', () => {
    const alpn = vector(2, vector(1, latin1Bytes('h3')), Uint8Array.of(9, 0x78))
    expect(read(buildClientHello({ random, extensionsAfter: [[16, alpn]] })).hello.alpnProtocols()).toEqual(['h3'])
    expect(
      read(buildClientHello({ random, extensionsAfter: [[16, Uint8Array.of(0, 9, 1, 0x78)]] })).hello.alpnProtocols(),
    ).toEqual([])
  })
})

describe('what cannot be a ClientHello', () => {
  const whole = buildClientHello(postQuantum)
  function changed(at: number, ...values: number[]): Uint8Array {
    const bytes = whole.slice()
    bytes.set(values, at)
    return bytes
  }
  const suitesAt = 4 + 2 + 32 + 1 + 32

  test.each([
    ['a ServerHello', changed(0, 2), 1],
    ['a message of more than 64 KiB', changed(1, 1), 2],
    ['a message too short for its fixed part', changed(1, 0, 0, 20), 4],
    ['SSL 2 as version', changed(4, 2), 5],
    ['version 3.5', changed(5, 5), 6],
    ['a session id of 33 bytes', changed(38, 33), 39],
    ['no cipher suites', changed(suitesAt, 0, 0), suitesAt + 2],
    ['half a cipher suite', changed(suitesAt, 0, 3), suitesAt + 2],
    ['more cipher suites than message', changed(suitesAt, 0xff, 0xfe), suitesAt + 2],
    ['no compression method', changed(suitesAt + 8, 0), suitesAt + 9],
    ['extensions longer than the message', changed(suitesAt + 10, 0xff, 0xff), suitesAt + 12],
    ['extensions shorter than the message', changed(suitesAt + 10, 0, 8), suitesAt + 12],
    ['an extension longer than all extensions', changed(suitesAt + 14, 0xff, 0xff), suitesAt + 16],
  ])('%s is refused as soon as the byte that says so is there', (_, bytes, visibleAfter) => {
    const hello = new ClientHello()
    expect(readClientHello(bytes, 0, visibleAfter - 1, hello)).toBe(NEED_MORE)
    expect(readClientHello(bytes, 0, visibleAfter, hello)).toBe(NOT_HELLO)
    expect(readClientHello(bytes, 0, bytes.length, hello)).toBe(NOT_HELLO)
    expect(serverNameOf(hello)).toBeNull()
  })

  test('a last extension cut off by the end of the message is refused', () => {
    expect(read(message(bodyStart(), vector(2, Uint8Array.of(0, 16, 0)))).result).toBe(NOT_HELLO)
  })

  test.each([
    ['a byte that is no handshake record', [0x17]],
    ['an SSL 2 compatible hello', [0x80]],
    ['a request in HTTP', [0x47]],
    ['major version 2', [0x16, 0x02]],
    ['minor version 5', [0x16, 0x03, 0x05]],
    ['an empty record', [0x16, 0x03, 0x01, 0x00, 0x00]],
    ['a record of more than 2^14 bytes', [0x16, 0x03, 0x01, 0x40, 0x01]],
    ['a record with a ServerHello', [0x16, 0x03, 0x03, 0x00, 0x7a, 0x02]],
    ['a DTLS record', [0x16, 0xfe]],
  ])('%s does not begin a TLS stream', (_, bytes) => {
    const { result } = readRecords(Uint8Array.from(bytes))
    expect(result).toBe(NOT_HELLO)
    expect(readRecords(Uint8Array.from(bytes.slice(0, -1))).result).toBe(NEED_MORE)
  })
})

describe('a ClientHello in TLS records', () => {
  const handshake = buildClientHello(postQuantum)

  test('of one record is read in place', () => {
    const stream = wrapTlsRecords(handshake)
    const { result, hello } = readRecords(stream)
    expect(result).toBe(stream.length)
    expect(hello.bytes).toBe(stream)
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
    expect(hello.scratch.length).toBe(0)
  })

  test('followed by other records and messages leaves them alone', () => {
    const stream = wrapTlsRecords(concatBytes(handshake, Uint8Array.of(20, 0, 0, 0)))
    const { result, hello } = readRecords(concatBytes(stream, Uint8Array.of(0x14, 3, 3, 0, 1, 1)))
    expect(result).toBe(5 + handshake.length)
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
  })

  test('cut between two records at any byte is joined', () => {
    for (let cut = 1; cut < handshake.length; cut++) {
      const stream = concatBytes(wrapTlsRecords(handshake.subarray(0, cut)), wrapTlsRecords(handshake.subarray(cut)))
      const { result, hello } = readRecords(stream)
      expect(result, `cut at ${cut}`).toBe(stream.length)
      expect(serverNameOf(hello), `cut at ${cut}`).toBe('camera.vendor.example')
      expect(hello.alpnProtocols()).toEqual(['h2', 'http/1.1'])
    }
  })

  test.each([1, 2, 3, 4, 5, 7, 64, 517])('in records of %i bytes is joined', (maxFragment) => {
    const stream = wrapTlsRecords(handshake, maxFragment)
    const { result, hello } = readRecords(concatBytes(stream, wrapTlsRecords(Uint8Array.of(20, 0, 0, 0))))
    expect(result).toBe(stream.length)
    expect(hello.bytes).toBe(hello.scratch)
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
  })

  test.each([3, 100, 16_384])('cut anywhere needs more, in records of %i bytes', (maxFragment) => {
    const stream = wrapTlsRecords(handshake, maxFragment)
    const hello = new ClientHello()
    for (let end = 0; end < stream.length; end++) {
      expect(readClientHelloRecords(stream, 0, end, hello), `${end} bytes`).toBe(NEED_MORE)
    }
    expect(readClientHelloRecords(stream, 0, stream.length, hello)).toBe(stream.length)
  })

  test('interrupted by an alert is refused', () => {
    const stream = concatBytes(wrapTlsRecords(handshake.subarray(0, 100)), Uint8Array.of(0x15, 3, 3, 0, 2, 1, 0))
    expect(readRecords(stream).result).toBe(NOT_HELLO)
  })

  test('of an announced 64 KiB in tiny records is refused, and one just below never outgrows the cap', () => {
    const tooLong = concatBytes(uint(1, 1), uint(MAX_HELLO_BYTES - 3, 3))
    expect(readRecords(wrapTlsRecords(tooLong, 1)).result).toBe(NOT_HELLO)
    const padding: [number, Uint8Array] = [21, new Uint8Array(MAX_HELLO_BYTES - handshake.length - 4)]
    const longest = buildClientHello({ ...postQuantum, extensionsAfter: [padding] })
    expect(longest.length).toBe(MAX_HELLO_BYTES)
    const stream = wrapTlsRecords(longest, 1000)
    const { result, hello } = readRecords(stream)
    expect(result).toBe(stream.length)
    expect(hello.scratch.length).toBeLessThanOrEqual(MAX_HELLO_BYTES)
    expect(serverNameOf(hello)).toBe('camera.vendor.example')
  })

  test('never throws and never points outside its bytes, whatever is changed in it', () => {
    let seed = 1
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % below
    }
    const hello = new ClientHello()
    let whole = 0
    for (let round = 0; round < 6000; round++) {
      const stream = wrapTlsRecords(
        buildClientHello({ serverName: 'a.example', alpn: ['h2'], ech: round % 2 === 0, random }),
        1 + next(600),
      )
      for (let change = next(4); change >= 0; change--) stream[next(stream.length)] = next(256)
      const end = next(8) === 0 ? next(stream.length) : stream.length
      const result = readClientHelloRecords(stream, 0, end, hello)
      if (result > 0) whole++
      expect(result).toBeLessThanOrEqual(end)
      for (const [at, stop] of [
        [hello.serverNameAt, hello.serverNameEnd],
        [hello.alpnAt, hello.alpnEnd],
      ] as const) {
        expect(at === -1 ? stop === -1 : at >= 0 && at <= stop && stop <= hello.bytes.length).toBe(true)
      }
      hello.alpnProtocols()
    }
    // Most changes hit random bytes, so that the loop is known to reach the end of hellos too.
    expect(whole).toBeGreaterThan(1000)
  })
})
