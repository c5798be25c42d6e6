// A ClientHello is named however TCP delivers it: cut anywhere, in any order, twice, with and without the connection's
// beginning.
import { describe, expect, test } from 'vitest'
import { TCP_FLAG } from '../../../server/sample/packets/packet-builder.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { buildClientHello, wrapTlsRecords } from '../../../server/sample/packets/tls-hello-builder.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  httpRequest,
  namesOf,
  newLab,
  ROUTER,
  SERVER,
  tcpIn,
  tcpOut,
  tlsHello,
} from './lab.ts'
import { hex, u16, text, concat } from '../../../server/sample/packets/bytes.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

const HELLO = tlsHello('api.example.com', { sessionIdBytes: 0, alpn: ['h2'] })
/** With a post-quantum key share, as browsers send it: more than one segment. */
const LARGE_HELLO = tlsHello('api.example.com', { keyShareBytes: 1216, alpn: ['h2'] })
const FIRST = 0x1000

interface Piece {
  at: number
  end: number
}

function segment(message: Uint8Array, { at, end }: Piece, first: number): Uint8Array {
  return tcpOut(CAMERA, SERVER, { sequence: (first + at) >>> 0, payload: message.subarray(at, end) })
}

function syn(first: number): Uint8Array {
  return tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence: (first - 1) >>> 0 })
}

/** Pieces between the cuts. */
function cutAt(message: Uint8Array, cuts: number[]): Piece[] {
  const edges = [0, ...cuts, message.length]
  return edges.slice(1).map((end, index) => ({ at: edges[index], end }))
}

/** The names of the flow that these pieces, in this order, make. */
function namedBy(message: Uint8Array, pieces: Piece[], { withSyn = true, first = FIRST } = {}): string[] {
  const frames = pieces.map((piece) => segment(message, piece, first))
  return namesOf(analysisOf(withSyn ? [syn(first), ...frames] : frames), CAMERA)
}

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items]
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  )
}

function randomCuts(random: ReturnType<typeof seededRandom>, length: number, pieces: number): number[] {
  const cuts = new Set<number>()
  while (cuts.size < pieces - 1) cuts.add(random.integer(1, length - 1))
  return [...cuts].sort((one, other) => one - other)
}

const NAMED = ['api.example.com tls']

describe.each([
  ['with', true],
  ['without', false],
] as const)("a hello %s its connection's SYN in the capture", (_, withSyn) => {
  test('is named when it is cut in two at any byte', () => {
    for (let cut = 1; cut < HELLO.length; cut++)
      expect([cut, namedBy(HELLO, cutAt(HELLO, [cut]), { withSyn })]).toEqual([cut, NAMED])
  })

  test('is named when it is cut in two at any byte and the second half comes first', () => {
    for (let cut = 1; cut < HELLO.length; cut++)
      expect([cut, namedBy(HELLO, cutAt(HELLO, [cut]).reverse(), { withSyn })]).toEqual([cut, NAMED])
  })

  test('is named in three pieces, in every order', () => {
    for (const cuts of [
      [1, 2],
      [4, 5],
      [5, 43],
      [60, 61],
      [100, 150],
    ]) {
      for (const pieces of permutations(cutAt(HELLO, cuts)))
        expect([cuts, pieces, namedBy(HELLO, pieces, { withSyn })]).toEqual([cuts, pieces, NAMED])
    }
  })

  test('is named in five pieces, in every order', () => {
    const cuts = [300, 650, 900, 1300]
    for (const pieces of permutations(cutAt(LARGE_HELLO, cuts)))
      expect([pieces, namedBy(LARGE_HELLO, pieces, { withSyn })]).toEqual([pieces, NAMED])
  })

  test('is named in two to five pieces cut anywhere, in any order, with copies and overlaps', () => {
    const random = seededRandom(withSyn ? 1 : 2)
    for (let round = 0; round < 400; round++) {
      const pieces = cutAt(LARGE_HELLO, randomCuts(random, LARGE_HELLO.length, random.integer(2, 5)))
      const sent = pieces.flatMap((piece) => {
        const wider = {
          at: random.chance(0.3) ? Math.max(0, piece.at - random.integer(1, 20)) : piece.at,
          end: piece.end,
        }
        return random.chance(0.3) ? [wider, piece] : [wider]
      })
      sent.sort(() => random.next() - 0.5)
      expect([sent, namedBy(LARGE_HELLO, sent, { withSyn })]).toEqual([sent, NAMED])
    }
  })

  test('is named where its sequence numbers wrap', () => {
    for (const first of [0xffffffff, 0xfffffff0, 0xffffff00, 0x7ffffff0, 0]) {
      const pieces = cutAt(LARGE_HELLO, [200, 700])
      for (const order of permutations(pieces))
        expect([first, namedBy(LARGE_HELLO, order, { withSyn, first })]).toEqual([first, NAMED])
    }
  })

  test('is named when every segment comes twice, one after the other', () => {
    expect(
      namedBy(
        LARGE_HELLO,
        cutAt(LARGE_HELLO, [100, 200, 300, 900]).flatMap((piece) => [piece, piece]),
        { withSyn },
      ),
    ).toEqual(NAMED)
  })

  test('is named when it comes byte by byte for its first forty bytes', () => {
    const cuts = Array.from({ length: 40 }, (__, index) => index + 1)
    expect(namedBy(HELLO, cutAt(HELLO, cuts), { withSyn })).toEqual(NAMED)
  })

  test('is named when it lies in many small records', () => {
    const records = wrapTlsRecords(buildClientHello({ random: new Uint8Array(32), serverName: 'api.example.com' }), 50)
    for (let cut = 1; cut < records.length; cut += 7)
      expect([cut, namedBy(records, cutAt(records, [cut]).reverse(), { withSyn })]).toEqual([cut, NAMED])
  })

  test('is named where a piece out of its middle, come first, looks like the start of something', () => {
    const starts = [0x16, 0x14, 0x47, 0x50]
    const places = [...LARGE_HELLO.keys()].filter((place) => place > 5 && starts.includes(LARGE_HELLO[place]))
    expect(places.length).toBeGreaterThan(5)
    for (const place of places) {
      const [head, middle, tail] = cutAt(LARGE_HELLO, [place, place + 1]) as [Piece, Piece, Piece]
      for (const order of [
        [middle, tail, head],
        [tail, middle, head],
        [middle, head, tail],
      ])
        expect([place, namedBy(LARGE_HELLO, order, { withSyn })]).toEqual([place, NAMED])
    }
  })

  test('an HTTP request is named in two pieces, in both orders', () => {
    const request = httpRequest('www.example.com')
    for (let cut = 1; cut < request.length; cut++) {
      for (const pieces of permutations(cutAt(request, [cut])))
        expect([cut, pieces, namedBy(request, pieces, { withSyn })]).toEqual([cut, pieces, ['www.example.com http']])
    }
  })
})

describe('a ClientHello', () => {
  test('in the SYN itself is named, whole and with its rest behind it', () => {
    const whole = tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence: FIRST, payload: HELLO })
    expect(namesOf(analysisOf([whole]), CAMERA)).toEqual(NAMED)
    const start = tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence: FIRST, payload: HELLO.subarray(0, 90) })
    const rest = tcpOut(CAMERA, SERVER, { sequence: FIRST + 1 + 90, payload: HELLO.subarray(90) })
    expect(namesOf(analysisOf([start, rest]), CAMERA)).toEqual(NAMED)
    expect(namesOf(analysisOf([start, start, rest]), CAMERA)).toEqual(NAMED)
  })

  test('is not forgotten when its SYN comes again', () => {
    const other = tcpOut(CAMERA, SERVER, { sequence: FIRST + 20, payload: HELLO.subarray(20) })
    const start = tcpOut(CAMERA, SERVER, { sequence: FIRST, payload: HELLO.subarray(0, 20) })
    expect(namesOf(analysisOf([syn(FIRST), start, syn(FIRST), other]), CAMERA)).toEqual(NAMED)
    expect(namesOf(analysisOf([syn(FIRST), start, other, syn(FIRST), tcpIn(CAMERA, SERVER)]), CAMERA)).toEqual(NAMED)
  })

  test('that answers a HelloRetryRequest names the flow anew where it has another name', () => {
    // RFC 8446 D.4: a ChangeCipherSpec record stands before the second ClientHello.
    const again = concat(hex('14 0303 0001 01'), tlsHello('inner.example.com'))
    const frames = [
      syn(FIRST),
      segment(HELLO, { at: 0, end: HELLO.length }, FIRST),
      tcpIn(CAMERA, SERVER, { payload: hex('16 0303 0004 02000000') }),
    ]
    frames.push(tcpOut(CAMERA, SERVER, { sequence: FIRST + HELLO.length, payload: again }))
    expect(namesOf(analysisOf(frames), CAMERA).sort()).toEqual(['api.example.com tls', 'inner.example.com tls'])
  })

  test('repeated with the same name after a HelloRetryRequest leaves one endpoint', () => {
    const again = concat(hex('14 0303 0001 01'), HELLO)
    const frames = [
      syn(FIRST),
      segment(HELLO, { at: 0, end: HELLO.length }, FIRST),
      tcpOut(CAMERA, SERVER, { sequence: FIRST + HELLO.length, payload: again }),
    ]
    const analysis = analysisOf(frames)
    expect(namesOf(analysis, CAMERA)).toEqual(NAMED)
    expect(analysis.observed.tlsServerNames).toEqual({ 'api.example.com': 2 })
  })

  test('sent again after a loss counts once', () => {
    const whole = segment(HELLO, { at: 0, end: HELLO.length }, FIRST)
    expect(analysisOf([syn(FIRST), whole, whole, whole]).observed.tlsServerNames).toEqual({ 'api.example.com': 1 })
  })

  test('cut off by the snaplen behind its name still names the flow', () => {
    const frame = segment(HELLO, { at: 0, end: HELLO.length }, FIRST)
    const lab = newLab()
    lab.add(1, frame.subarray(0, 54 + 95), frame.length)
    expect(namesOf(lab.analyze(), CAMERA)).toEqual(NAMED)
  })

  test('with a lost piece that never comes leaves the flow without a name', () => {
    const pieces = cutAt(LARGE_HELLO, [50, 60]).filter(({ at }) => at !== 50)
    expect(namedBy(LARGE_HELLO, pieces)).toEqual(['- none'])
  })

  test('over IPv6 is named alike', () => {
    const camera6 = { mac: CAMERA.mac, address: 'fd00::a' }
    const frames = cutAt(LARGE_HELLO, [700])
      .reverse()
      .map(({ at, end }) =>
        tcpOut(camera6, '2001:db8:ffff::5', { sequence: FIRST + at, payload: LARGE_HELLO.subarray(at, end) }),
      )
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(NAMED)
  })

  test("of a server is no client's: nothing is named by what comes back", () => {
    const back = tcpIn(CAMERA, SERVER, { payload: hex('16 0303 0004 02000000') })
    expect(deviceOf(analysisOf([back]), CAMERA.address).endpoints.map(({ namedBy }) => namedBy)).toEqual(['none'])
  })
})

describe('DNS over TCP', () => {
  const query = (name: string): Uint8Array => {
    const message = dns({ type: 'query', id: 1, questions: [{ name, type: 'A' }] })
    return concat(u16(message.length), message)
  }
  const ports = { sourcePort: 40_000, destinationPort: 53 }
  const names = (frames: Uint8Array[]): string[] =>
    analysisOf(frames).observed.dnsQueries.map(({ name, count }) => `${name} ${count}`)
  const opening = tcpOut(CAMERA, ROUTER.address, { ...ports, flags: TCP_FLAG.syn, sequence: FIRST - 1 })
  const at = (stream: Uint8Array, { at: from, end }: Piece): Uint8Array =>
    tcpOut(CAMERA, ROUTER.address, { ...ports, sequence: FIRST + from, payload: stream.subarray(from, end) })

  test('a message is read when it is cut at any byte, in both orders', () => {
    const stream = query('api.example.com')
    for (let cut = 1; cut < stream.length; cut++) {
      for (const pieces of permutations(cutAt(stream, [cut])))
        expect([cut, names([opening, ...pieces.map((piece) => at(stream, piece))])]).toEqual([
          cut,
          ['api.example.com 1'],
        ])
    }
  })

  test('two messages in one stream are both read, cut at any byte', () => {
    const stream = concat(query('one.example'), query('two.example'))
    for (let cut = 1; cut < stream.length; cut++) {
      for (const pieces of permutations(cutAt(stream, [cut])))
        expect([cut, names([opening, ...pieces.map((piece) => at(stream, piece))])]).toEqual([
          cut,
          ['one.example 1', 'two.example 1'],
        ])
    }
  })

  test('two messages in one segment are both read', () => {
    const stream = concat(query('one.example'), query('two.example'))
    expect(names([opening, at(stream, { at: 0, end: stream.length })])).toEqual(['one.example 1', 'two.example 1'])
  })

  test('a connection that asks for a hundred names gives a hundred names', () => {
    const queries = Array.from({ length: 100 }, (_, index) => query(`n${index}.example`))
    const stream = concat(...queries)
    const frames = []
    for (let from = 0; from < stream.length; from += 77)
      frames.push(at(stream, { at: from, end: Math.min(stream.length, from + 77) }))
    expect(names([opening, ...frames])).toHaveLength(100)
  })

  test('an answer over TCP names flows', () => {
    const message = dns({
      type: 'response',
      id: 1,
      questions: [{ name: 'api.example', type: 'A' }],
      answers: [{ name: 'api.example', type: 'A', ttl: 60, data: SERVER }],
    })
    const stream = concat(u16(message.length), message)
    const back = (from: number, end: number): Uint8Array =>
      tcpIn(CAMERA, ROUTER.address, {
        sourcePort: 53,
        destinationPort: 40_000,
        sequence: 5 + from,
        payload: stream.subarray(from, end),
      })
    const frames = [
      opening,
      back(0, 1),
      back(1, 30),
      back(30, stream.length),
      tcpOut(CAMERA, SERVER, { sourcePort: 41_000, payload: text('opaque') }),
    ]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['api.example dns'])
  })
})
