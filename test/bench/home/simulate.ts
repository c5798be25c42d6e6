// Simulates the traffic of a synthetic home, with the facts that a monitor should report.
import { derivedSeed, seededRandom } from '../../../server/sample/packets/random.ts'
import type { FlowFact, Steps } from '../../../server/sample/packets/talk.ts'
import { advertiseRouter, lifeOnTheLan } from './chatter.ts'
import { eventQueue } from './event-queue.ts'
import { planFlow, planLastUpload, runFlow } from './flows.ts'
import { makeHome, type DeviceKind, type Home, type Traffic } from './home.ts'
import { makeWire, type Wire } from './wire.ts'
import { macText, ipText } from '../../../server/sample/packets/addresses.ts'

export type HomeOptions = {
  seed: number
  devices: number
  /** Conversations of devices; each is preceded by its DNS lookups, which come on top. */
  flows: number
  /** The file is at least this long: frames and 16 bytes of record header each. */
  bytes: number
}

export type DeviceFact = {
  name: string
  kind: DeviceKind
  mac: string
  ipv4: string
  ipv6: string | null
  traffic: Traffic
}

/** What the generator wrote: what a right analysis of the capture finds again. */
export type HomeFacts = {
  packets: number
  bytes: number
  /** Microseconds since 1970. */
  firstMicros: number
  lastMicros: number
  devices: DeviceFact[]
  gateway: { mac: string; ipv4: string; traffic: Traffic }
  flows: number
}

/** 5 January 2026, 08:00:00 UTC. */
const START_MICROS = Date.UTC(2026, 0, 5, 8) * 1000
/** A home of fifty opens about one flow a second. */
const MEAN_GAP_MICROS = 1.08e6
/** The devices join during this time, the first flows start after it. */
const JOIN_MICROS = 8e6
/** What a flow costs beside its bulk: lookups, handshake, end. Only a first guess; the last upload makes up for it. */
const BYTES_BESIDE_BULK = 6500
/** Headers, acknowledgements and record headers on top of bulk payload. */
const WIRE_BYTES_PER_BULK_BYTE = 1.13
const RECORD_HEADER = 16

/**
 * Runs the home and hands over every frame in the order of time; the frame may be kept. Deterministic: the same
 * options give the same bytes. Holds only the flows that are alive.
 */
export function simulateHome(
  options: HomeOptions,
  write: (micros: number, frame: Uint8Array) => void,
  onFlow: (fact: FlowFact) => void = () => {},
): HomeFacts {
  const home = makeHome(options.seed, options.devices)
  const facts = { bytes: 0, firstMicros: 0, lastMicros: 0, flows: 0 }
  const wire = makeWire((micros, frame) => {
    facts.bytes += frame.length + RECORD_HEADER
    facts.firstMicros ||= micros
    facts.lastMicros = micros
    write(micros, frame)
  })
  const addFact = (fact: FlowFact): void => {
    facts.flows++
    onFlow(fact)
  }
  const queue = eventQueue()
  const end = START_MICROS + JOIN_MICROS + options.flows * MEAN_GAP_MICROS
  queue.start(START_MICROS, advertiseRouter(wire, home, options.seed, end))
  home.devices.forEach((device, index) =>
    queue.start(
      START_MICROS + (index / home.devices.length) * JOIN_MICROS * 0.8,
      lifeOnTheLan(wire, home, options.seed, device, end),
    ),
  )
  queue.start(START_MICROS + JOIN_MICROS, arrivals(wire, home, options, queue, addFact))
  const run = (): void => queue.run((micros) => (wire.now = micros))
  run()
  const missing = options.bytes - facts.bytes
  if (missing > 0) {
    queue.start(
      wire.now + 1e6,
      runFlow(wire, home, planLastUpload(home, options.seed, options.flows), missing, addFact),
    )
    run()
  }
  return {
    ...facts,
    packets: wire.packets,
    devices: home.devices.map(deviceFact),
    gateway: { mac: macText(home.gateway.mac), ipv4: ipText(home.gateway.ipv4), traffic: home.gateway.traffic },
  }
}

function* arrivals(
  wire: Wire,
  home: Home,
  options: HomeOptions,
  queue: ReturnType<typeof eventQueue>,
  onFlow: (fact: FlowFact) => void,
): Steps {
  const random = seededRandom(derivedSeed(options.seed, -3))
  let weights = 0
  for (let index = 0; index < options.flows; index++) weights += planFlow(home, options.seed, index).weight
  const bulk = Math.max(0, options.bytes - options.flows * BYTES_BESIDE_BULK) / WIRE_BYTES_PER_BULK_BYTE
  for (let index = 0; index < options.flows; index++) {
    const plan = planFlow(home, options.seed, index)
    queue.start(wire.now, runFlow(wire, home, plan, weights === 0 ? 0 : (plan.weight / weights) * bulk, onFlow))
    yield random.exponential(MEAN_GAP_MICROS)
  }
}

function deviceFact({ name, kind, mac, ipv4, ipv6, traffic }: Home['devices'][number]): DeviceFact {
  return { name, kind, mac: macText(mac), ipv4: ipText(ipv4), ipv6: ipv6 ? ipText(ipv6.global) : null, traffic }
}
