// The flows of the synthetic home, each from its first lookup to its end.
import { derivedSeed, seededRandom, type Random } from '../../../server/sample/packets/random.ts'
import { heartbeats, tcpBulk, udpBulk, type Load } from './bulk.ts'
import { noise, quicShort, tlsRecord } from '../../../server/sample/packets/payloads.ts'
import type { FlowFact, Steps } from '../../../server/sample/packets/talk.ts'
import { newFact, tcpTalk, udpTalk, type End } from './conversation.ts'
import {
  httpOpen,
  quicOpen,
  tcpClose,
  tcpOpen,
  tlsOpen,
  type HelloFacts,
} from '../../../server/sample/packets/handshakes.ts'
import type { Device, DeviceKind, Home } from './home.ts'
import { lookUp } from './lookups.ts'
import { anyIpv4, anyName, serviceOf } from './services.ts'
import type { Wire } from './wire.ts'
import { hex, u32, concat } from '../../../server/sample/packets/bytes.ts'

export type Application = 'tls' | 'quic' | 'http' | 'ntp' | 'peer' | 'local'

export type FlowPlan = {
  device: Device
  application: Application
  /** A TLS flow that only keeps in touch. */
  heartbeat: boolean
  /** Share of the home's bulk bytes, relative to other flows. */
  weight: number
  durationMicros: number
  /** The flow's own numbers from here on. */
  random: Random
}

type Habits = {
  /** How many flows one such device opens, relative to others. */
  flows: number
  /** How many bytes one such flow moves, relative to others. */
  bytes: number
  upward: number
  applications: Partial<Record<Application, number>>
  /** Share of TLS flows that only keep in touch. */
  heartbeat: number
}

/**
 * Few flows of cameras carry much, out; phones open many; plugs and sensors send heartbeats. QUIC ends up below a fifth
 * of the flows.
 */
const HABITS: Record<DeviceKind, Habits> = {
  camera: {
    flows: 0.6,
    bytes: 12,
    upward: 0.95,
    heartbeat: 0.3,
    applications: { tls: 65, peer: 18, ntp: 12, http: 5 },
  },
  speaker: {
    flows: 1.5,
    bytes: 2,
    upward: 0.15,
    heartbeat: 0.3,
    applications: { tls: 76, quic: 8, http: 6, ntp: 6, local: 4 },
  },
  television: {
    flows: 3,
    bytes: 6,
    upward: 0.03,
    heartbeat: 0.1,
    applications: { tls: 66, quic: 20, http: 8, ntp: 6 },
  },
  phone: {
    flows: 4,
    bytes: 1.2,
    upward: 0.12,
    heartbeat: 0.1,
    applications: { tls: 66, quic: 24, http: 4, ntp: 2, local: 4 },
  },
  computer: {
    flows: 5,
    bytes: 2,
    upward: 0.15,
    heartbeat: 0.1,
    applications: { tls: 70, quic: 18, http: 7, ntp: 3, local: 2 },
  },
  plug: { flows: 0.5, bytes: 0.05, upward: 0.5, heartbeat: 1, applications: { tls: 80, ntp: 15, http: 5 } },
  sensor: { flows: 0.4, bytes: 0.05, upward: 0.5, heartbeat: 1, applications: { tls: 84, ntp: 10, http: 6 } },
}

/** As a flow's share of bytes: heartbeats are many small packets, and few of the bytes. */
const HEARTBEAT_BYTES = 0.05
/** Seconds from the NTP era (1900) to the Unix one. */
const NTP_UNIX_SECONDS = 2_208_988_800
const none = new Uint8Array(0)

/**
 * Decided by the seed and the flow's number alone, so that it can be planned once to add up weights and again to run.
 */
export function planFlow(home: Home, seed: number, index: number): FlowPlan {
  const random = seededRandom(derivedSeed(seed, index))
  const device = pickWeighted(random, home.devices, (candidate) => HABITS[candidate.kind].flows)
  const habits = HABITS[device.kind]
  const applications = Object.keys(habits.applications) as Application[]
  const application = pickWeighted(random, applications, (candidate) => habits.applications[candidate]!)
  const heartbeat = application === 'tls' && random.chance(habits.heartbeat)
  const factor = heartbeat ? HEARTBEAT_BYTES : application === 'ntp' ? 0 : habits.bytes
  const weight = factor * random.heavyTailed(1.2, 150)
  return { device, application, heartbeat, weight, durationMicros: 1e6 * 3 * random.heavyTailed(0.9, 600), random }
}

/** The flow that fills the file to the size asked for: one more upload of a camera, or of whoever comes first. */
export function planLastUpload(home: Home, seed: number, flows: number): FlowPlan {
  const device = home.devices.find(({ kind }) => kind === 'camera') ?? home.devices[0]
  return {
    device,
    application: 'tls',
    heartbeat: false,
    weight: 1,
    durationMicros: 60e6,
    random: seededRandom(derivedSeed(seed, flows)),
  }
}

export function runFlow(
  wire: Wire,
  home: Home,
  plan: FlowPlan,
  bulkBytes: number,
  onFact: (fact: FlowFact) => void,
): Steps {
  const load: Load = {
    bytes: Math.ceil(bulkBytes),
    durationMicros: plan.durationMicros,
    upward: HABITS[plan.device.kind].upward,
  }
  switch (plan.application) {
    case 'tls':
      return tlsFlow(wire, home, plan, load, onFact)
    case 'quic':
      return quicFlow(wire, home, plan, load, onFact)
    case 'http':
      return httpFlow(wire, home, plan, load, onFact)
    case 'ntp':
      return ntpFlow(wire, home, plan, onFact)
    case 'peer':
      return peerFlow(wire, home, plan, load, onFact)
    case 'local':
      return localFlow(wire, home, plan, load, onFact)
  }
}

type OnFact = (fact: FlowFact) => void

function* tlsFlow(wire: Wire, home: Home, plan: FlowPlan, load: Load, onFact: OnFact): Steps {
  const { random, device, heartbeat } = plan
  const port = heartbeat && (device.kind === 'plug' || device.kind === 'sensor') ? 8883 : 443
  const to = yield* reach(wire, home, plan, anyName(random, device.kind, 'secure'), port, 'tcp')
  const hello = helloOf(plan, to.fact.lookedUp!)
  to.fact.serverName = hello.serverName
  const talk = tcpTalk(wire, random, to.local, to.remote, to.fact)
  const roundTrip = random.integer(8_000, 90_000)
  yield* tcpOpen(talk, roundTrip)
  yield* tlsOpen(talk, hello, roundTrip)
  yield* heartbeat ? heartbeats(talk, load) : tcpBulk(talk, load, tlsRecord)
  yield* tcpClose(talk, roundTrip)
  onFact(to.fact)
}

function* quicFlow(wire: Wire, home: Home, plan: FlowPlan, load: Load, onFact: OnFact): Steps {
  const { random, device } = plan
  const to = yield* reach(wire, home, plan, anyName(random, device.kind, 'secure'), 443, 'udp')
  const hello = helloOf(plan, to.fact.lookedUp!)
  to.fact.serverName = hello.serverName
  const talk = udpTalk(wire, random, to.local, to.remote, to.fact)
  const server = yield* quicOpen(talk, hello, random.integer(8_000, 90_000))
  yield* udpBulk(
    talk,
    load,
    (numbers, length) => quicShort(numbers, server, length),
    (numbers, length) => quicShort(numbers, none, length),
  )
  onFact(to.fact)
}

function* httpFlow(wire: Wire, home: Home, plan: FlowPlan, load: Load, onFact: OnFact): Steps {
  const { random, device } = plan
  const to = yield* reach(wire, home, plan, anyName(random, device.kind, 'plain'), 80, 'tcp')
  to.fact.serverName = to.fact.lookedUp
  const talk = tcpTalk(wire, random, to.local, to.remote, to.fact)
  const roundTrip = random.integer(8_000, 90_000)
  yield* tcpOpen(talk, roundTrip)
  yield* httpOpen(talk, to.fact.lookedUp!, roundTrip)
  yield* tcpBulk(talk, { ...load, upward: 0 }, noise)
  yield* tcpClose(talk, roundTrip)
  onFact(to.fact)
}

/** A client's request and the server's answer, RFC 5905, section 7.3. */
function* ntpFlow(wire: Wire, home: Home, plan: FlowPlan, onFact: OnFact): Steps {
  const { random, device } = plan
  const to = yield* reach(wire, home, plan, anyName(random, device.kind, 'time'), 123, 'udp')
  const talk = udpTalk(wire, random, to.local, to.remote, to.fact)
  const now = (): Uint8Array => concat(u32(Math.floor(wire.now / 1e6) + NTP_UNIX_SECONDS), random.bytes(4))
  const asked = now()
  talk.send(concat(hex('23 00 06 ec'), new Uint8Array(36), asked))
  yield random.integer(8_000, 90_000)
  talk.receive(concat(hex('24 02 06 ec 00000120 00000340'), anyIpv4(random), now(), asked, now(), now()))
  onFact(to.fact)
}

/** A camera that found its viewer by other means: no lookup, no name, datagrams of its own kind. */
function* peerFlow(wire: Wire, home: Home, plan: FlowPlan, load: Load, onFact: OnFact): Steps {
  const { random, device } = plan
  const local: End = { party: device, address: device.ipv4, port: random.integer(20_000, 60_000) }
  const remote: End = { party: home.internet, address: anyIpv4(random), port: random.integer(10_000, 60_000) }
  const talk = udpTalk(wire, random, local, remote, newFact(device, plan.application, 'udp', local, remote))
  const datagram = (numbers: Random, length: number): Uint8Array => concat(hex('28 00 0c 02'), noise(numbers, length))
  yield* udpBulk(talk, load, datagram, datagram)
  onFact(talk.fact)
}

/** From one device to another, without the internet: some vendor's own protocol on the port of a speaker or a plug. */
function* localFlow(wire: Wire, home: Home, plan: FlowPlan, load: Load, onFact: OnFact): Steps {
  const { random, device } = plan
  const others = home.devices.filter((other) => other !== device)
  if (others.length === 0) return
  const other = random.pick(others)
  const local: End = { party: device, address: device.ipv4, port: random.integer(32_768, 60_999) }
  const remote: End = { party: other, address: other.ipv4, port: 7123 }
  const talk = tcpTalk(wire, random, local, remote, newFact(device, plan.application, 'tcp', local, remote))
  const roundTrip = random.integer(800, 5_000)
  yield* tcpOpen(talk, roundTrip)
  yield* tcpBulk(talk, load, (numbers, length) => concat(hex('00 00 55 aa'), noise(numbers, length - 4)))
  yield* tcpClose(talk, roundTrip)
  onFact(talk.fact)
}

/** Looks the name up and chooses one of its addresses, IPv6 where both sides have it, mostly. */
function* reach(
  wire: Wire,
  home: Home,
  plan: FlowPlan,
  name: string,
  port: number,
  protocol: 'tcp' | 'udp',
): Generator<number, { local: End; remote: End; fact: FlowFact }, void> {
  const { random, device } = plan
  const service = serviceOf(name)
  const overIpv6 = device.ipv6 !== null && random.chance(0.6)
  const browsing = device.kind === 'phone' || device.kind === 'computer'
  const types: ('A' | 'AAAA' | 'HTTPS')[] = ['A']
  if (device.ipv6 || random.chance(0.3)) types.push('AAAA')
  if (browsing && port === 443 && random.chance(0.4)) types.push('HTTPS')
  yield* lookUp(wire, random, device, service, types)
  yield random.integer(200, 20_000)
  const local: End = {
    party: device,
    address: overIpv6 ? device.ipv6!.global : device.ipv4,
    port: random.integer(32_768, 60_999),
  }
  const remote: End = { party: home.internet, address: random.pick(overIpv6 ? service.ipv6 : service.ipv4), port }
  const fact = newFact(device, plan.application, protocol, local, remote)
  fact.lookedUp = name
  return { local, remote, fact }
}

/** Browsers and phones bring post-quantum key shares and now and then an encrypted hello; things do not. */
function helloOf({ device, random }: FlowPlan, name: string): HelloFacts {
  const modern = device.kind === 'phone' || device.kind === 'computer'
  const encrypted = modern && random.chance(0.03)
  return { serverName: encrypted ? 'cloudflare-ech.com' : name, encrypted, postQuantum: modern && random.chance(0.5) }
}

function pickWeighted<Item>(random: Random, items: readonly Item[], weightOf: (item: Item) => number): Item {
  let total = 0
  for (const item of items) total += weightOf(item)
  let left = random.next() * total
  for (const item of items) {
    left -= weightOf(item)
    if (left < 0) return item
  }
  return items[items.length - 1]
}
