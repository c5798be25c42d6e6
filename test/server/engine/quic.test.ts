// A QUIC flow is named however its Initials come.
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import {
  ackFrame,
  buildQuicInitial,
  buildQuicOpaqueLongHeader,
  cryptoFrame,
  cryptoFramesCutAt,
  pingFrame,
  QUIC_DRAFT_29,
  QUIC_VERSION_1,
  QUIC_VERSION_2,
  type QuicInitialOptions,
} from '../../../server/sample/packets/quic-builder.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { buildClientHello } from '../../../server/sample/packets/tls-hello-builder.ts'
import { analysisOf, CAMERA, deviceOf, dnsAnswerA, ipLength, namesOf, PHONE, SERVER, udpIn, udpOut } from './lab.ts'
import { hex, u32, u8, concat } from '../../../server/sample/packets/bytes.ts'

const CLIENT_ID = hex('83 94 c8 f0 3e 51 57 08')
const SERVER_ID = hex('f0 67 a5 50 2a 42 62 b5')
const NONE = new Uint8Array(0)
const MESSAGE = buildClientHello({
  random: new Uint8Array(32).fill(3),
  serverName: 'quic.example.com',
  keyShareBytes: 1216,
  alpn: ['h3'],
  sessionIdBytes: 0,
})
const NAMED = ['quic.example.com quic']

function initial(frames: Uint8Array, packetNumber: number, options: Partial<QuicInitialOptions> = {}): Uint8Array {
  return buildQuicInitial({
    version: QUIC_VERSION_1,
    destinationConnectionId: CLIENT_ID,
    sourceConnectionId: NONE,
    packetNumber,
    frames,
    minLength: 1200,
    ...options,
  })
}

function up(payload: Uint8Array): Uint8Array {
  return udpOut(CAMERA, SERVER, { payload })
}

function down(payload: Uint8Array): Uint8Array {
  return udpIn(CAMERA, SERVER, { payload })
}

/** The ClientHello in datagrams, one CRYPTO frame each. */
function datagrams(cuts: number[], options: Partial<QuicInitialOptions> = {}): Uint8Array[] {
  return cryptoFramesCutAt(MESSAGE, cuts).map((frames, index) => up(initial(frames, index, options)))
}

describe('QUIC', () => {
  test.each([
    ['version 1', QUIC_VERSION_1],
    ['version 2', QUIC_VERSION_2],
    ['draft 29', QUIC_DRAFT_29],
  ])('a ClientHello of %s names its flow', (_, version) => {
    expect(namesOf(analysisOf(datagrams([700], { version })), CAMERA)).toEqual(NAMED)
  })

  test('a ClientHello in two Initials cut at any byte names its flow, in both orders', () => {
    for (let cut = 1; cut < MESSAGE.length; cut += 13) {
      expect([cut, namesOf(analysisOf(datagrams([cut])), CAMERA)]).toEqual([cut, NAMED])
      expect([cut, namesOf(analysisOf(datagrams([cut]).reverse()), CAMERA)]).toEqual([cut, NAMED])
    }
  })

  test('a ClientHello over two to five Initials, reordered, with copies, names its flow', () => {
    const random = seededRandom(17)
    for (let round = 0; round < 60; round++) {
      const cuts = new Set<number>()
      const count = random.integer(1, 4)
      while (cuts.size < count) cuts.add(random.integer(1, MESSAGE.length - 1))
      const sent = datagrams([...cuts].sort((one, other) => one - other)).flatMap((frame) =>
        random.chance(0.4) ? [frame, frame] : [frame],
      )
      sent.sort(() => random.next() - 0.5)
      expect([[...cuts], namesOf(analysisOf(sent), CAMERA)]).toEqual([[...cuts], NAMED])
    }
  })

  test('a ClientHello in shuffled CRYPTO frames with PING and padding between names its flow', () => {
    const [a, b, c, d] = cryptoFramesCutAt(MESSAGE, [100, 200, 900])
    expect(
      namesOf(
        analysisOf([up(initial(concat(c, pingFrame(), a), 0)), up(initial(concat(d, new Uint8Array(20), b), 1))]),
        CAMERA,
      ),
    ).toEqual(NAMED)
  })

  test('0-RTT before the Initial and a Handshake packet behind it do no harm', () => {
    const early = buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'zeroRtt', CLIENT_ID, NONE, new Uint8Array(300))
    const coalesced = concat(
      initial(cryptoFrame(0, MESSAGE), 0),
      buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'handshake', CLIENT_ID, NONE, new Uint8Array(50)),
    )
    expect(namesOf(analysisOf([up(early), up(coalesced)]), CAMERA)).toEqual(NAMED)
  })

  test("the flow's earlier and later packets are counted under its name", () => {
    const [first, second] = datagrams([700])
    const answer = down(
      initial(concat(ackFrame(1), cryptoFrame(0, hex('02 00 00 00'))), 0, {
        fromServer: true,
        destinationConnectionId: NONE,
        sourceConnectionId: SERVER_ID,
        keyConnectionId: CLIENT_ID,
      }),
    )
    const data = up(concat(u8(0x40), new Uint8Array(900)))
    const endpoints = deviceOf(analysisOf([first, second, answer, data, data]), CAMERA.mac).endpoints
    expect(endpoints).toMatchObject([
      { host: 'quic.example.com', sent: ipLength(first, second, data, data), received: ipLength(answer), packets: 5 },
    ])
  })

  test("after a Retry the second Initial names the flow, with the server's connection id and a token", () => {
    const retry = concat(u8(0xf0), u32(QUIC_VERSION_1), u8(0), u8(8), SERVER_ID, new Uint8Array(40))
    const again = up(
      initial(cryptoFrame(0, MESSAGE), 1, { destinationConnectionId: SERVER_ID, token: new Uint8Array(20) }),
    )
    const [half] = datagrams([700])
    expect(namesOf(analysisOf([half, down(retry), again]), CAMERA)).toEqual(NAMED)
  })

  test("after Version Negotiation the client's next ClientHello names the flow", () => {
    const negotiation = concat(u8(0x80), u32(0), u8(0), u8(8), CLIENT_ID, u32(QUIC_VERSION_2))
    const again = up(initial(cryptoFrame(0, MESSAGE), 1, { version: QUIC_VERSION_2 }))
    const unknown = up(concat(u8(0xc0), u32(0x1a2a3a4a), u8(8), CLIENT_ID, u8(0), new Uint8Array(1180)))
    expect(namesOf(analysisOf([unknown, down(negotiation), again]), CAMERA)).toEqual(NAMED)
  })

  test("where the server's packet was captured first the client's still names the flow", () => {
    const answer = down(
      initial(ackFrame(0), 0, {
        fromServer: true,
        destinationConnectionId: NONE,
        sourceConnectionId: SERVER_ID,
        keyConnectionId: CLIENT_ID,
      }),
    )
    expect(namesOf(analysisOf([answer, ...datagrams([700])]), CAMERA)).toEqual(NAMED)
  })

  test('a damaged Initial leaves the flow to what DNS says', () => {
    const frame = up(initial(cryptoFrame(0, MESSAGE), 0))
    frame[200] ^= 1
    expect(namesOf(analysisOf([dnsAnswerA(CAMERA, 'dns.example', SERVER), frame]), CAMERA)).toEqual(['dns.example dns'])
  })

  test('more handshakes at once than there is room for cost only the oldest ones their names', () => {
    const room = LIMITS.quicHandshakes
    const halves = (port: number): Uint8Array[] => {
      const id = concat(CLIENT_ID, u32(port))
      return cryptoFramesCutAt(MESSAGE, [700]).map((frames, number) =>
        udpOut(PHONE, SERVER, {
          sourcePort: port,
          payload: buildQuicInitial({
            version: QUIC_VERSION_1,
            destinationConnectionId: id,
            sourceConnectionId: NONE,
            packetNumber: number,
            frames,
            minLength: 1200,
          }),
        }),
      )
    }
    const flows = Array.from({ length: room + 400 }, (_, index) => halves(10_000 + index))
    const analysis = analysisOf([...flows.map(([first]) => first), ...flows.slice(-room).map(([, second]) => second)])
    expect(analysis.observed.quicServerNames).toEqual({ 'quic.example.com': room })
  })
})
