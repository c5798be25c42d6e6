// The synthetic capture matches its facts and is the same every time.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'dns-packet'
import { afterAll, describe, expect, test } from 'vitest'
import { internetChecksum } from '../../server/sample/packets/packet-builder.ts'
import type { FlowFact } from '../../server/sample/packets/talk.ts'
import { simulateHome, type HomeFacts, type HomeOptions } from './home/simulate.ts'
import { makeCapture, scaled, steady } from './make-capture.ts'
import { readClassic } from './real/read-classic.ts'
import { macText, ipText } from '../../server/sample/packets/addresses.ts'

const SMALL: HomeOptions = { seed: 11, devices: 20, flows: 200, bytes: 3_000_000 }

type Simulated = { frames: { micros: number; frame: Uint8Array }[]; flows: FlowFact[]; facts: HomeFacts }

function simulate(options: HomeOptions): Simulated {
  const [frames, flows]: [Simulated['frames'], FlowFact[]] = [[], []]
  const facts = simulateHome(
    options,
    (micros, frame) => frames.push({ micros, frame }),
    (fact) => flows.push(fact),
  )
  return { frames, flows, facts }
}

/** What this test reads of a frame by itself. */
function ipOf(frame: Uint8Array) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const type = view.getUint16(12)
  if (type !== 0x0800 && type !== 0x86dd) return null
  const [sourceAt, length, headerLength] = type === 0x0800 ? [26, 4, 20] : [22, 16, 40]
  const at = 14 + headerLength
  const protocol = frame[type === 0x0800 ? 23 : 20]
  const carriesPorts = protocol === 6 || protocol === 17
  return {
    totalLength: type === 0x0800 ? view.getUint16(16) : 40 + view.getUint16(18),
    header: frame.subarray(14, at),
    version: type === 0x0800 ? 4 : 6,
    protocol,
    source: ipText(frame.subarray(sourceAt, sourceAt + length)),
    destination: ipText(frame.subarray(sourceAt + length, sourceAt + 2 * length)),
    sourcePort: carriesPorts ? view.getUint16(at) : 0,
    destinationPort: carriesPorts ? view.getUint16(at + 2) : 0,
    at,
  }
}

/** A TLS record of a handshake that says it is longer than its segment. */
function isHelloCutShort(frame: Uint8Array): boolean {
  const ip = ipOf(frame)
  if (ip?.protocol !== 6) return false
  const payload = frame.subarray(ip.at + 4 * (frame[ip.at + 12] >>> 4), 14 + ip.totalLength)
  return payload[0] === 22 && payload[5] === 1 && 5 + ((payload[3] << 8) | payload[4]) > payload.length
}

/** Counts the device's long header datagrams to port 443 until the first one back. */
function flowsWithTwoInitialsBeforeAnAnswer({ frames }: Simulated): number {
  const asked = new Map<string, number>()
  const answered = new Set<string>()
  for (const { frame } of frames) {
    const ip = ipOf(frame)
    if (ip?.protocol !== 17 || !(frame[ip.at + 8] & 0x80)) continue
    if (ip.sourcePort === 443) answered.add(`${ip.destination} ${ip.destinationPort}`)
    const key = `${ip.source} ${ip.sourcePort}`
    if (ip.destinationPort === 443 && !answered.has(key)) asked.set(key, (asked.get(key) ?? 0) + 1)
  }
  return [...asked.values()].filter((count) => count === 2).length
}

const home = simulate(SMALL)

describe('the synthetic home', () => {
  test('is the same packet by packet for the same seed, and another for another seed', () => {
    const again = simulate(SMALL)
    expect(again.frames.length).toBe(home.frames.length)
    expect(
      again.frames.every(
        ({ micros, frame }, index) =>
          micros === home.frames[index].micros && Buffer.compare(frame, home.frames[index].frame) === 0,
      ),
    ).toBe(true)
    expect(again.facts).toEqual(home.facts)
    expect(simulate({ ...SMALL, seed: 12 }).facts.devices[0].mac).not.toBe(home.facts.devices[0].mac)
  })

  test('writes in the order of time, at least the bytes asked for, and one flow or none more', () => {
    const times = home.frames.map(({ micros }) => micros)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect(home.facts).toMatchObject({ packets: times.length, firstMicros: times[0], lastMicros: times.at(-1) })
    expect(home.facts.bytes).toBe(home.frames.reduce((sum, { frame }) => sum + frame.length + 16, 0))
    expect(home.facts.bytes).toBeGreaterThanOrEqual(SMALL.bytes)
    expect(home.facts.bytes).toBeLessThan(1.2 * SMALL.bytes)
    expect(home.facts.flows - SMALL.flows).toBeOneOf([0, 1])
  })

  test('writes frames as Ethernet carries them, with right lengths and header checksums', () => {
    for (const { frame } of home.frames) {
      expect(frame.length).toBeGreaterThanOrEqual(60)
      expect(frame.length).toBeLessThanOrEqual(1514)
      const ip = ipOf(frame)
      if (!ip) continue
      expect(14 + ip.totalLength === frame.length || (frame.length === 60 && ip.totalLength < 46)).toBe(true)
      if (ip.version === 4) expect(internetChecksum(ip.header)).toBe(0)
    }
  })

  test('counts for each device exactly the IP bytes that its frames carry', () => {
    const counted = new Map<string, { to: number; from: number; groups: number }>()
    const of = (mac: string) => counted.get(mac) ?? counted.set(mac, { to: 0, from: 0, groups: 0 }).get(mac)!
    for (const { frame } of home.frames) {
      const ip = ipOf(frame)
      if (!ip) continue
      if (frame[0] & 1) of(macText(frame.subarray(6, 12))).groups += ip.totalLength
      else {
        of(macText(frame.subarray(6, 12))).from += ip.totalLength
        of(macText(frame.subarray(0, 6))).to += ip.totalLength
      }
    }
    for (const { mac, traffic } of home.facts.devices) {
      expect({
        mac,
        from: traffic.internet.sent + traffic.local.sent,
        to: traffic.internet.received + traffic.local.received,
        groups: traffic.groups.sent,
      }).toEqual({ mac, ...of(mac) })
    }
  })

  test('separates local from internet by the address beyond the gateway', () => {
    let [sent, received] = [0, 0]
    const isLocal = (address: string): boolean => /^(192\.168\.|0\.0\.0\.0|2001:db8:1:1:|fe80:|::$)/.test(address)
    for (const { frame } of home.frames) {
      const ip = ipOf(frame)
      if (!ip || frame[0] & 1) continue
      if (isLocal(ip.source) && !isLocal(ip.destination)) sent += ip.totalLength
      if (!isLocal(ip.source)) received += ip.totalLength
    }
    const sum = (pick: (traffic: HomeFacts['gateway']['traffic']) => number): number =>
      home.facts.devices.reduce((total, { traffic }) => total + pick(traffic), 0)
    expect([sum(({ internet }) => internet.sent), sum(({ internet }) => internet.received)]).toEqual([sent, received])
  })

  test('knows the bytes of every flow', () => {
    const counted = new Map<string, number>()
    for (const { frame } of home.frames) {
      const ip = ipOf(frame)
      if (!ip) continue
      const key = `${ip.protocol} ${ip.source} ${ip.sourcePort} ${ip.destination} ${ip.destinationPort}`
      counted.set(key, (counted.get(key) ?? 0) + ip.totalLength)
    }
    const expected = new Map<string, number>()
    const add = (key: string, bytes: number): unknown => expected.set(key, (expected.get(key) ?? 0) + bytes)
    for (const { protocol, localAddress, localPort, remoteAddress, remotePort, sent, received } of home.flows) {
      const number = protocol === 'tcp' ? 6 : 17
      add(`${number} ${localAddress} ${localPort} ${remoteAddress} ${remotePort}`, sent)
      if (received > 0) add(`${number} ${remoteAddress} ${remotePort} ${localAddress} ${localPort}`, received)
    }
    for (const [key, bytes] of expected) if (bytes > 0) expect({ key, bytes: counted.get(key) }).toEqual({ key, bytes })
  })

  test('answers every lookup with the address the flow then goes to', () => {
    const answered = new Map<string, Set<string>>()
    for (const { frame } of home.frames) {
      const ip = ipOf(frame)
      if (ip?.sourcePort !== 53) continue
      const message = decode(Buffer.from(frame.subarray(ip.at + 8)))
      const name = message.questions![0].name
      const addresses = answered.get(name) ?? answered.set(name, new Set()).get(name)!
      let owner = name
      for (const answer of message.answers ?? []) {
        expect(answer.name).toBe(owner)
        if (answer.type === 'CNAME') owner = answer.data
        if (answer.type === 'A' || answer.type === 'AAAA')
          addresses.add(answer.type === 'A' ? answer.data : answer.data.toLowerCase())
      }
    }
    const lookedUp = home.flows.filter((flow) => flow.lookedUp !== null)
    expect(lookedUp.length).toBeGreaterThan(0.9 * home.flows.length)
    for (const { lookedUp: name, remoteAddress } of lookedUp) expect([...answered.get(name!)!]).toContain(remoteAddress)
  })

  test('is a home: QUIC in 10 to 30 % of the flows, hellos over two segments or Initials, IPv6, HTTP, time, peers, devices of every kind', () => {
    const larger = simulate({ ...SMALL, devices: 50, flows: 1500, bytes: 1 })
    const share = (application: string): number =>
      larger.flows.filter((flow) => flow.application === application).length / larger.flows.length
    expect(share('quic')).toBeGreaterThan(0.1)
    expect(share('quic')).toBeLessThan(0.3)
    for (const application of ['tls', 'http', 'ntp', 'peer', 'local'])
      expect(share(application), application).toBeGreaterThan(0)
    expect(larger.frames.filter(({ frame }) => isHelloCutShort(frame)).length).toBeGreaterThan(20)
    expect(flowsWithTwoInitialsBeforeAnAnswer(larger)).toBeGreaterThan(20)
    expect(new Set(larger.facts.devices.map(({ kind }) => kind)).size).toBe(7)
    expect(larger.facts.devices.filter(({ ipv6 }) => ipv6 !== null)).toHaveLength(10)
    expect(larger.flows.some(({ localAddress }) => localAddress.includes(':'))).toBe(true)
    expect(larger.flows.some(({ serverName, lookedUp }) => serverName !== null && serverName !== lookedUp)).toBe(true)
    expect(larger.facts.devices.find(({ kind }) => kind === 'camera')!.traffic.internet.sent).toBeGreaterThan(0)
  })

  test('grows by packets, flows and devices, or by packets alone', () => {
    expect(scaled(SMALL, 4)).toEqual({ seed: 11, devices: 80, flows: 800, bytes: 12_000_000 })
    expect(steady(SMALL, 4)).toEqual({ ...SMALL, bytes: 12_000_000 })
    const longer = simulate(steady(SMALL, 2))
    const identity = ({ lookedUp, application, device }: FlowFact): string => `${device} ${application} ${lookedUp}`
    expect(longer.flows.map(identity).sort().slice(0, 5)).toEqual(home.flows.map(identity).sort().slice(0, 5))
    expect(longer.facts.bytes).toBeGreaterThanOrEqual(2 * SMALL.bytes)
  })
})

describe('makeCapture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-make-capture-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('writes the packets and the facts to disk, leaves no partial file, and finds them again', () => {
    const made = makeCapture(folder, SMALL)
    expect(made.reused).toBe(false)
    expect(made.facts).toEqual(home.facts)
    const packets = readClassic(made.path)
    expect(packets.length).toBe(home.frames.length)
    expect(
      packets.every(
        ({ micros, frame }, index) =>
          micros === home.frames[index].micros && Buffer.compare(frame, home.frames[index].frame) === 0,
      ),
    ).toBe(true)
    expect(readFileSync(made.path)).toHaveLength(24 + home.facts.bytes)
    expect(readdirSync(folder)).toHaveLength(2)
    expect(makeCapture(folder, SMALL)).toEqual({ ...made, reused: true })
  })
})
