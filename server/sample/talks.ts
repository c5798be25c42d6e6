// Whole conversations of the sample home, from the question to the name server to the last segment.
import { httpOpen, quicOpen, tcpClose, tcpOpen, tlsOpen } from './packets/handshakes.ts'
import { derivedSeed, seededRandom, type Random } from './packets/random.ts'
import { cloudOf, type Cloud, type Host } from './clouds.ts'
import {
  datagram,
  inside,
  outside,
  play,
  tcpConnection,
  udpConnection,
  type Connection,
  type Direction,
  type Steps,
} from './connection.ts'
import type { Household, Member } from './household.ts'
import type { Tape } from './tape.ts'
import { hex, u32, text, concat } from './packets/bytes.ts'
import { ipText } from './packets/addresses.ts'
import { httpsRecord, dns, HTTPS_TYPE } from './packets/dns-builder.ts'

const SECOND = 1e6
/** Receive offload merges up to this much: 43 segments of 1,448 bytes; for UDP 36 of 1,252. */
const LARGEST_TCP = 62_264
const LARGEST_UDP = 45_072
const SEGMENT = 1448
/** Frames after which the receiver acknowledges what offload merged. */
const FRAMES_PER_ACKNOWLEDGEMENT = 16

/** Everything a conversation is played with. */
export type Stage = {
  tape: Tape
  household: Household
  seed: number
  /** Counts conversations, for ports and seeds. */ begun: number
}

/** One transfer of a conversation: a pause, then bytes one way over some seconds. */
export type Move = { pause?: number; direction: Direction; bytes: number; seconds?: number }

export type Secure = {
  port?: number
  quic?: boolean
  /** X25519MLKEM768, as newer systems offer. */ postQuantum?: boolean
  /** False for fixed addresses. */ named?: boolean
}

/** A secured conversation at this second of the day: name server, handshake, moves, goodbye. */
export function talk(
  stage: Stage,
  device: Member,
  host: Host | Cloud,
  at: number,
  moves: Move[],
  options: Secure = {},
): void {
  const cloud = typeof host === 'string' ? cloudOf(host) : host
  const { random, port } = begin(stage)
  play(stage.tape, at * SECOND, secured(stage, device, cloud, random, port, moves, options))
}

/**
 * Keeps a connection open from one second to another and sends a sign of life each `period`; opened anew every few
 * hours.
 */
export function keepAlive(
  stage: Stage,
  device: Member,
  host: Host,
  from: number,
  until: number,
  period: number,
  sent: number,
  received: number,
  port = 443,
): void {
  const random = seededRandom(derivedSeed(stage.seed, ++stage.begun))
  let at = from
  while (at < until - 2 * period) {
    const end = Math.min(until - 20, at + random.integer(4, 7) * 3600)
    const moves: Move[] = []
    for (let now = at + period; now < end; now += period) {
      const pause = period * (0.9 + 0.2 * random.next())
      moves.push(
        { pause, direction: 'sent', bytes: jittered(random, sent) },
        { pause: 0.05, direction: 'received', bytes: jittered(random, received) },
      )
    }
    // The pauses' jitter must not carry the last one over the end.
    const total = moves.reduce((sum, { pause = 0 }) => sum + pause, 0)
    const share = Math.min(1, (end - at) / total)
    talk(
      stage,
      device,
      host,
      at,
      moves.map((move) => ({ ...move, pause: (move.pause ?? 0) * share })),
      { port },
    )
    at = end + random.integer(2, 15)
  }
}

/** A request without encryption, as connection checks make it. */
export function plainRequest(stage: Stage, device: Member, host: Host, at: number): void {
  const cloud = cloudOf(host)
  const { random, port } = begin(stage)
  play(
    stage.tape,
    at * SECOND,
    (function* (): Steps {
      yield* lookUp(stage, device, cloud, random)
      const connection = tcpConnection(
        stage.tape,
        random,
        device,
        port,
        outside(stage.household.router, device, cloud, 80),
      )
      const roundTrip = random.integer(9_000, 40_000)
      yield* tcpOpen(connection, roundTrip)
      yield* httpOpen(withoutUserAgent(connection), host, roundTrip)
      yield* tcpClose(connection, roundTrip)
    })(),
  )
}

/** RFC 5905, figure 8: client and server mode of version 4. */
export function askTheTime(stage: Stage, device: Member, host: Host, at: number): void {
  const cloud = cloudOf(host)
  const { random, port } = begin(stage)
  play(
    stage.tape,
    at * SECOND,
    (function* (): Steps {
      yield* lookUp(stage, device, cloud, random)
      const other = outside(stage.household.router, device, cloud, 123)
      const stamp = concat(u32(0xed000000 + Math.floor(at)), random.bytes(4))
      datagram(stage.tape, device, port, other, 'sent', concat(hex('23 00 06 ec'), new Uint8Array(36), stamp), port)
      yield random.integer(9_000, 40_000)
      datagram(
        stage.tape,
        device,
        port,
        other,
        'received',
        concat(hex('24 02 06 e9 00000210 000003c1 c0000201'), stamp, stamp, stamp, stamp),
        port,
      )
    })(),
  )
}

/** Two of the home's own: one casts to, watches or switches the other. */
export function talkAtHome(
  stage: Stage,
  device: Member,
  member: Member,
  servicePort: number,
  at: number,
  moves: Move[],
): void {
  const { random, port } = begin(stage)
  play(
    stage.tape,
    at * SECOND,
    (function* (): Steps {
      const connection = tcpConnection(stage.tape, random, device, port, inside(member, servicePort))
      yield* tcpOpen(connection, 2_000)
      yield* tlsOpen(connection, { serverName: null, postQuantum: false, encrypted: false }, 3_000)
      yield* transfers(connection, moves, LARGEST_TCP)
      yield* tcpClose(connection, 2_000)
    })(),
  )
}

function begin(stage: Stage): { random: Random; port: number } {
  stage.begun++
  // Ports go round slowly enough that no two conversations at the same time share one.
  return { random: seededRandom(derivedSeed(stage.seed, stage.begun)), port: 32_768 + (stage.begun % 28_000) }
}

function* secured(
  stage: Stage,
  device: Member,
  cloud: Cloud,
  random: Random,
  localPort: number,
  moves: Move[],
  options: Secure,
): Steps {
  if (cloud.host !== null) yield* lookUp(stage, device, cloud, random)
  const other = outside(stage.household.router, device, cloud, options.port ?? 443)
  const hello = {
    serverName: options.named === false ? null : cloud.host,
    postQuantum: options.postQuantum ?? false,
    encrypted: false,
  }
  const roundTrip = random.integer(9_000, 40_000)
  if (options.quic === true) {
    const connection = udpConnection(stage.tape, random, device, localPort, other)
    yield* quicOpen(connection, hello, roundTrip)
    yield* transfers(connection, moves, LARGEST_UDP)
    return
  }
  const connection = tcpConnection(stage.tape, random, device, localPort, other)
  yield* tcpOpen(connection, roundTrip)
  yield* tlsOpen(connection, hello, roundTrip)
  yield* transfers(connection, moves, LARGEST_TCP)
  yield* tcpClose(connection, roundTrip)
}

function* transfers(connection: Connection, moves: Move[], largest: number): Steps {
  for (const [index, move] of moves.entries()) {
    const next = moves[index + 1]
    // An answer that follows at once acknowledges what it answers.
    const answered = next !== undefined && next.direction !== move.direction && (next.pause ?? 0) < 0.5
    yield* transfer(connection, move, largest, answered)
  }
}

/** Small moves go segment by segment as they are, large ones in what offload merges, evenly over their seconds. */
function* transfer(
  connection: Connection,
  { pause = 0.2, direction, bytes, seconds = 0 }: Move,
  largest: number,
  answered: boolean,
): Steps {
  yield pause * SECOND
  const size = bytes <= 4 * SEGMENT ? SEGMENT : bytes <= 40 * SEGMENT ? 8 * SEGMENT : largest
  const frames = Math.ceil(bytes / size)
  const gap = Math.max(300, (seconds * SECOND) / frames)
  const receiver: Direction = direction === 'sent' ? 'received' : 'sent'
  let left = bytes
  for (let frame = 1; frame <= frames; frame++) {
    const length = frame === frames ? left : size
    connection.bulk(direction, Math.max(length, 48))
    left -= length
    if (frame % FRAMES_PER_ACKNOWLEDGEMENT === 0 || (frame === frames && !answered)) {
      yield Math.min(200, gap / 3)
      connection.acknowledge(receiver)
    }
    yield gap * (0.8 + 0.4 * connection.random.next())
  }
}

type QueryType = 'A' | 'AAAA' | typeof HTTPS_TYPE

/**
 * One question and answer per type from one port, as getaddrinfo does it; Apple's devices ask for HTTPS records as
 * well.
 */
function* lookUp(stage: Stage, device: Member, cloud: Cloud, random: Random): Steps {
  const name = cloud.host!
  const { router } = stage.household
  const localPort = random.integer(10_000, 32_000)
  const resolver = inside(router, 53)
  const types: QueryType[] = ['A']
  if (device.ipv6 !== null) types.push('AAAA')
  if (APPLE.has(device.id)) types.push(HTTPS_TYPE)
  const asked = types.map((type) => ({ type, id: random.integer(0, 0xffff) }))
  for (const { type, id } of asked) {
    datagram(
      stage.tape,
      device,
      localPort,
      resolver,
      'sent',
      dns({ type: 'query', id, flags: 0x0100, questions: [{ name, type }] }),
      id,
    )
    yield random.integer(20, 200)
  }
  yield random.integer(300, 25_000)
  for (const { type, id } of asked) {
    datagram(
      stage.tape,
      device,
      localPort,
      resolver,
      'received',
      answerTo(cloud, name, type, id, random.integer(60, 300)),
      id,
    )
    yield random.integer(50, 900)
  }
}

const APPLE: ReadonlySet<string> = new Set(['iphone', 'ipad', 'laptop'])

function answerTo(cloud: Cloud, name: string, type: QueryType, id: number, ttl: number): Uint8Array {
  const questions = [{ name, type }]
  const flags = 0x0180
  if (type === 'A')
    return dns({ type: 'response', id, flags, questions, answers: [{ name, type, ttl, data: ipText(cloud.ipv4) }] })
  if (type === HTTPS_TYPE)
    return dns({
      type: 'response',
      id,
      flags,
      questions,
      answers: [httpsRecord(name, 1, '', { alpn: ['h3', 'h2'] }, ttl)],
    })
  return dns({
    type: 'response',
    id,
    flags,
    questions,
    answers: cloud.ipv6 === null ? [] : [{ name, type, ttl, data: ipText(cloud.ipv6) }],
  })
}

/** The benchmark's requests name the benchmark; these name nobody. */
function withoutUserAgent(connection: Connection): Connection {
  const send: Connection['send'] = (payload, flags) => {
    const head = new TextDecoder().decode(payload)
    connection.send(head.startsWith('GET ') ? text(head.replace(/User-Agent: [^\r]*\r\n/, '')) : payload, flags)
  }
  return { ...connection, send }
}

function jittered(random: Random, bytes: number): number {
  return Math.max(48, Math.round(bytes * (0.85 + 0.3 * random.next())))
}
