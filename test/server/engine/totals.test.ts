// The devices' bytes add up to the packets' bytes, by a sum that shares nothing with the engine.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { ethernet, ETHERTYPE, ipv4, ipv6, tcp, udp } from '../../../server/sample/packets/packet-builder.ts'
import { simulateHome } from '../../bench/home/simulate.ts'
import type { FlowFact } from '../../../server/sample/packets/talk.ts'
import { arpFrom, deviceOf, httpRequest, newLab, tlsHello } from './lab.ts'
import { multicastMac } from '../../../server/sample/packets/addresses.ts'

const MACS = ['02:00:00:00:00:0a', '02:00:00:00:00:0b', '02:00:00:00:00:0c', '02:00:00:00:00:01']
const HOME4 = ['192.168.1.10', '192.168.1.11', '192.168.1.12', '10.1.2.3', '169.254.7.7']
const HOME6 = ['fd00::a', 'fd00::b', 'fe80::a']
const INTERNET4 = ['203.0.113.5', '198.51.100.7', '8.8.8.8']
const INTERNET6 = ['2001:db8:ffff::5', '2606:4700::1111']
const GROUPS = ['224.0.0.251', '255.255.255.255']

interface Sent {
  frame: Uint8Array
  source: string
  destination: string
  bytes: number
}

const payloads = [
  new Uint8Array(0),
  new Uint8Array(33).fill(0xee),
  tlsHello('api.example.com'),
  httpRequest('www.example.com'),
  tlsHello('other.example.com').subarray(0, 70),
]

const packet: fc.Arbitrary<Sent> = fc
  .record({
    isIpv6: fc.boolean(),
    from: fc.nat(),
    to: fc.nat(),
    place: fc.constantFrom('up', 'down', 'within', 'group', 'passing'),
    mac: fc.constantFrom(...MACS),
    sourcePort: fc.constantFrom(40_000, 40_001, 443, 53),
    destinationPort: fc.constantFrom(443, 80, 53, 40_000),
    isTcp: fc.boolean(),
    sequence: fc.constantFrom(0, 70, 0xffffffff, 12345),
    flags: fc.constantFrom(0x02, 0x10, 0x18, 0x11, 0x04),
    payload: fc.constantFrom(...payloads),
    padding: fc.nat(9),
  })
  .map((drawn) => {
    const { isIpv6, place, payload, padding } = drawn
    const home = isIpv6 ? HOME6 : HOME4
    const internet = isIpv6 ? INTERNET6 : INTERNET4
    const source =
      place === 'down' || place === 'passing' ? internet[drawn.from % internet.length] : home[drawn.from % home.length]
    const others =
      place === 'up' || place === 'passing' ? internet : place === 'group' ? (isIpv6 ? ['ff02::fb'] : GROUPS) : home
    const destination = others[drawn.to % others.length]
    const ports = { source, destination, sourcePort: drawn.sourcePort, destinationPort: drawn.destinationPort, payload }
    const segment = drawn.isTcp ? tcp({ ...ports, sequence: drawn.sequence, flags: drawn.flags }) : udp(ports)
    const protocol = drawn.isTcp ? 6 : 17
    // What comes from the internet has passed routers.
    const hopLimit = internet.includes(source) ? 55 : 64
    const ip = isIpv6
      ? ipv6({ source, destination, nextHeader: protocol, payload: segment, hopLimit })
      : ipv4({ source, destination, protocol, payload: segment })
    // Link padding counts nowhere.
    const frame = new Uint8Array(14 + ip.length + padding)
    frame.set(
      ethernet(
        drawn.mac,
        place === 'group' ? multicastMac(destination) : MACS[0],
        isIpv6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4,
        ip,
      ),
    )
    return { frame, source, destination, bytes: ip.length }
  })

/** The sum: who is at home is written down above, not worked out. */
function sumUp(packets: Sent[]): { sent: number; received: number; sentLocal: number; receivedLocal: number } {
  const sum = { sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
  const isHome = (address: string): boolean => HOME4.includes(address) || HOME6.includes(address)
  const isInternet = (address: string): boolean => INTERNET4.includes(address) || INTERNET6.includes(address)
  for (const { source, destination, bytes } of packets) {
    if (isHome(source)) sum[isInternet(destination) ? 'sent' : 'sentLocal'] += bytes
    if (isHome(destination)) sum[isInternet(source) ? 'received' : 'receivedLocal'] += bytes
  }
  return sum
}

function totalsOf(analysis: Analysis): ReturnType<typeof sumUp> {
  const sum = { sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
  for (const device of analysis.devices)
    for (const field of Object.keys(sum) as (keyof typeof sum)[]) sum[field] += device[field]
  return sum
}

describe('totals', () => {
  test('over any capture the devices add up to the packets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(packet, fc.integer({ min: -3, max: 9 })), { maxLength: 60 }),
        fc.boolean(),
        (drawn, hasTicks) => {
          const lab = newLab(hasTicks ? { onTick: () => {} } : {})
          let time = 1000
          // Of a network that nobody is known of, what comes through a router is in no row.
          for (const address of ['10.1.2.200', '192.168.1.200'])
            lab.add(time, arpFrom({ mac: `02:00:00:00:${address.slice(0, 2)}:77`, address }))
          for (const [{ frame }, gap] of drawn) lab.add((time += gap), frame)
          const analysis = lab.analyze()
          const packets = drawn.map(([sent]) => sent)
          expect(totalsOf(analysis)).toEqual(sumUp(packets))
          expect(analysis.capture.ipBytes).toBe(packets.reduce((sum, { bytes }) => sum + bytes, 0))
          for (const device of analysis.devices) {
            expect(device.endpoints.reduce((sum, { sent }) => sum + sent, 0)).toBe(device.sent)
            expect(device.endpoints.reduce((sum, { received }) => sum + received, 0)).toBe(device.received)
            expect(device.byAddress.reduce((sum, { sentLocal }) => sum + sentLocal, 0)).toBe(device.sentLocal)
          }
        },
      ),
      { numRuns: 400, seed: 20260105 },
    )
  })

  test('bytes are the IP length on the wire where the snaplen cut, and no more than the header says where the link padded', () => {
    const lab = newLab()
    const ip = ipv4({
      source: HOME4[0],
      destination: INTERNET4[0],
      protocol: 17,
      payload: udp({
        source: HOME4[0],
        destination: INTERNET4[0],
        sourcePort: 1,
        destinationPort: 2,
        payload: new Uint8Array(1400),
      }),
    })
    const frame = ethernet(MACS[0], MACS[3], ETHERTYPE.ipv4, ip)
    lab.add(1, frame.subarray(0, 60), frame.length)
    expect(deviceOf(lab.analyze(), MACS[0]).sent).toBe(1428)
  })
})

describe.each([
  [1, 20],
  [2, 50],
  [3, 7],
])('a simulated home with seed %i and %i devices', (seed, devices) => {
  const flows: FlowFact[] = []
  const lab = newLab()
  const facts = simulateHome(
    { seed, devices, flows: 260, bytes: 3_000_000 },
    (micros, frame) => lab.add(micros / 1e6, frame),
    (flow) => flows.push(flow),
  )
  const analysis = lab.analyze()

  test('gives every packet and each device its traffic to the byte', () => {
    expect(analysis.capture.packets).toBe(facts.packets)
    for (const device of facts.devices) {
      const { sent, received, sentLocal, receivedLocal, addresses } = deviceOf(analysis, device.mac)
      const { internet, local, groups } = device.traffic
      expect([device.name, sent, received, sentLocal, receivedLocal]).toEqual([
        device.name,
        internet.sent,
        internet.received,
        local.sent + groups.sent,
        local.received,
      ])
      expect(addresses).toContain(device.ipv4)
    }
    const gateway = deviceOf(analysis, facts.gateway.mac)
    const { internet, local, groups } = facts.gateway.traffic
    expect([gateway.sent, gateway.received, gateway.sentLocal, gateway.receivedLocal]).toEqual([
      internet.sent,
      internet.received,
      local.sent + groups.sent,
      local.received,
    ])
    expect(analysis.devices.map(({ id }) => id).sort()).toEqual(
      [...facts.devices.map(({ mac }) => mac), facts.gateway.mac].sort(),
    )
  })

  test('gives each device its name', () => {
    for (const device of facts.devices) expect(deviceOf(analysis, device.mac).name).toBe(device.name)
  })

  test("names every host that a ClientHello, a request or a look-up named, with exactly its flows' bytes", () => {
    /** Hosts whose name in front of an encrypted ClientHello is not the destination: DNS names it. */
    const nameOf = ({ serverName, lookedUp }: FlowFact): string | null =>
      serverName === 'cloudflare-ech.com' ? lookedUp : (serverName ?? lookedUp)
    for (const device of facts.devices) {
      const expected = new Map<string, number>()
      for (const flow of flows.filter(
        ({ device: name, application }) => name === device.name && application !== 'local',
      )) {
        const name = nameOf(flow)
        if (name !== null) expected.set(name, (expected.get(name) ?? 0) + flow.sent + flow.received)
      }
      const found = new Map<string, number>()
      for (const { host, sent, received, namedBy } of deviceOf(analysis, device.mac).endpoints) {
        if (host !== null && namedBy !== 'dns-other' && namedBy !== 'remembered')
          found.set(host, (found.get(host) ?? 0) + sent + received)
      }
      expect([...found].sort()).toEqual([...expected].sort())
    }
  })
})
