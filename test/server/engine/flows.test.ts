// Flows: which packets are one conversation, when another begins, and what happens when there are too many.
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import {
  ethernet,
  ETHERTYPE,
  ipv4Fragments,
  ipv6Fragments,
  PROTOCOL,
  tcp,
  TCP_FLAG,
  udp,
} from '../../../server/sample/packets/packet-builder.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  dnsAnswerA,
  endpointOf,
  ipLength,
  namesOf,
  newLab,
  OTHER_SERVER,
  PHONE,
  ROUTER,
  SERVER,
  tcpIn,
  tcpOut,
  tlsHello,
  trafficOf,
  udpIn,
  udpOut,
} from './lab.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

const payload = new Uint8Array(400).fill(0xee)

describe('a conversation', () => {
  test('is both directions between two ends', () => {
    const [up, down] = [udpOut(CAMERA, SERVER, { payload }), udpIn(CAMERA, SERVER, { payload })]
    expect(deviceOf(analysisOf([up, down, up]), CAMERA.mac).endpoints).toMatchObject([
      { sent: 2 * ipLength(up), received: ipLength(down), packets: 3 },
    ])
  })

  test('of TCP and of UDP on the same ports are two', () => {
    const frames = [tcpOut(CAMERA, SERVER, { payload: tlsHello('tcp.example') }), udpOut(CAMERA, SERVER, { payload })]
    expect(namesOf(analysisOf(frames), CAMERA).sort()).toEqual(['tcp.example remembered', 'tcp.example tls'])
  })

  test('between the same port at both ends keeps its directions apart', () => {
    const ntp = { sourcePort: 123, destinationPort: 123, payload: new Uint8Array(48) }
    const frames = [udpOut(CAMERA, SERVER, ntp), udpOut(CAMERA, SERVER, ntp), udpIn(CAMERA, SERVER, ntp)]
    expect(trafficOf(analysisOf(frames), CAMERA.mac)).toEqual([2 * 76, 76, 0, 0])
  })

  test('without ports, of ICMP, ESP or any other protocol, counts as well', () => {
    const frames = [PROTOCOL.icmp, 50, 47, 41, 255, 0].map((protocol) =>
      ethernet(
        CAMERA.mac,
        ROUTER.mac,
        ETHERTYPE.ipv4,
        ipv4Fragments({ source: CAMERA.address, destination: SERVER, protocol, payload }, 2000)[0],
      ),
    )
    expect(trafficOf(analysisOf(frames), CAMERA.mac)).toEqual([6 * 420, 0, 0, 0])
  })

  test('in which a device talks to itself counts once as sent and once as received', () => {
    const frame = udpOut(CAMERA, CAMERA.address, { payload })
    expect(trafficOf(analysisOf([frame]), CAMERA.mac)).toEqual([0, 0, ipLength(frame), ipLength(frame)])
  })
})

describe('ports used again', () => {
  const first = 5000
  const syn = (sequence: number): Uint8Array => tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence })
  const hello = (name: string, sequence: number): Uint8Array =>
    tcpOut(CAMERA, SERVER, { sequence, payload: tlsHello(name) })
  const down = tcpIn(CAMERA, SERVER, { payload })

  test('by a new SYN begin another connection with its own name', () => {
    const one = [syn(first - 1), hello('one.example', first), down]
    const two = [syn(0x70000000 - 1), hello('two.example', 0x70000000), down, down]
    const analysis = analysisOf([...one, ...two])
    expect(endpointOf(analysis, CAMERA, 'one.example')).toMatchObject({
      sent: ipLength(one[0], one[1]),
      received: ipLength(down),
      packets: 3,
    })
    expect(endpointOf(analysis, CAMERA, 'two.example')).toMatchObject({
      sent: ipLength(two[0], two[1]),
      received: 2 * ipLength(down),
      packets: 4,
    })
  })

  test('after a FIN, with numbers close to the old ones, begin another connection too', () => {
    const fin = tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.fin | TCP_FLAG.ack, sequence: first + 300 })
    const frames = [syn(first - 1), hello('one.example', first), fin, syn(first - 1), hello('two.example', first)]
    expect(namesOf(analysisOf(frames), CAMERA).sort()).toEqual(['one.example tls', 'two.example tls'])
  })

  test('after a refused attempt take the name of the ClientHello that comes at last', () => {
    const refused = tcpIn(CAMERA, SERVER, { flags: TCP_FLAG.rst | TCP_FLAG.ack })
    const frames = [syn(first - 1), refused, syn(0x60000000), hello('one.example', 0x60000001)]
    expect(namesOf(analysisOf(frames), CAMERA)).toContain('one.example tls')
  })

  test("by a connection without a ClientHello do not inherit the old one's name as their own", () => {
    const frames = [
      syn(first - 1),
      hello('one.example', first),
      dnsAnswerA(CAMERA, 'two.example', SERVER),
      syn(0x70000000),
      tcpOut(CAMERA, SERVER, { sequence: 0x70000001, payload }),
    ]
    expect(namesOf(analysisOf(frames), CAMERA).sort()).toEqual(['one.example tls', 'two.example dns'])
  })
})

describe('fragments', () => {
  const big = new Uint8Array(3000).fill(0xaa)
  const datagram = udp({
    source: CAMERA.address,
    destination: SERVER,
    sourcePort: 40_000,
    destinationPort: 9000,
    payload: big,
  })
  const pieces = ipv4Fragments(
    { source: CAMERA.address, destination: SERVER, protocol: PROTOCOL.udp, payload: datagram, identification: 77 },
    1480,
  )
  const frames = pieces.map((packet) => ethernet(CAMERA.mac, ROUTER.mac, ETHERTYPE.ipv4, packet))
  const small = udpOut(CAMERA, SERVER, { destinationPort: 9000, payload })

  test("later ones join their datagram's flow", () => {
    const lab = newLab()
    for (const [index, frame] of [small, ...frames].entries()) lab.add(index, frame)
    expect(lab.engine.flows.size).toBe(1)
    expect(trafficOf(lab.analyze(), CAMERA.mac)).toEqual([ipLength(small, ...frames), 0, 0, 0])
  })

  test('of IPv6 do as well', () => {
    const ends = { source: 'fd00::a', destination: '2001:db8:ffff::5' }
    const packets = ipv6Fragments(
      {
        ...ends,
        nextHeader: PROTOCOL.udp,
        payload: udp({ ...ends, sourcePort: 40_000, destinationPort: 9000, payload: big }),
      },
      1400,
      0x1234,
    )
    const lab = newLab()
    packets.forEach((packet, index) => lab.add(index, ethernet(CAMERA.mac, ROUTER.mac, ETHERTYPE.ipv6, packet)))
    expect(lab.engine.flows.size).toBe(1)
    expect(trafficOf(lab.analyze(), CAMERA.mac)[0]).toBe(packets.reduce((sum, packet) => sum + packet.length, 0))
  })

  test('without their first one count all the same, as a flow without ports', () => {
    const analysis = analysisOf(frames.slice(1))
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([ipLength(...frames.slice(1)), 0, 0, 0])
  })

  test('of another datagram do not join', () => {
    const lab = newLab()
    const other = ipv4Fragments(
      { source: CAMERA.address, destination: SERVER, protocol: PROTOCOL.udp, payload: datagram, identification: 78 },
      1480,
    )[1]
    lab.add(0, frames[0])
    lab.add(1, ethernet(CAMERA.mac, ROUTER.mac, ETHERTYPE.ipv4, other))
    expect(lab.engine.flows.size).toBe(2)
  })

  test('a later fragment is never read as the beginning of a message', () => {
    const query = dns({ type: 'query', id: 1, questions: [{ name: 'planted.example', type: 'A' }] })
    const filler = udp({
      source: CAMERA.address,
      destination: ROUTER.address,
      sourcePort: 5000,
      destinationPort: 53,
      payload: new Uint8Array(16 - 8 + query.length),
    })
    filler.set(query, 16)
    const packets = ipv4Fragments(
      {
        source: CAMERA.address,
        destination: ROUTER.address,
        protocol: PROTOCOL.udp,
        payload: filler,
        identification: 5,
      },
      16,
    )
    expect(packets.length).toBeGreaterThan(1)
    const whole = ipv4Fragments(
      {
        source: CAMERA.address,
        destination: ROUTER.address,
        protocol: PROTOCOL.udp,
        payload: filler.subarray(16),
        identification: 5,
      },
      2000,
    )[0]
    const rest = Uint8Array.from(whole)
    // The fragment offset in units of 8 bytes, RFC 791 section 3.1.
    rest[7] = 2
    const analysis = analysisOf(
      [packets[0], rest].map((packet) => ethernet(CAMERA.mac, ROUTER.mac, ETHERTYPE.ipv4, packet)),
    )
    expect(analysis.observed.dnsQueries).toEqual([])
  })

  test('a ClientHello in a fragmented segment does not confuse the reading of the next one', () => {
    const segment = tcp({
      source: CAMERA.address,
      destination: SERVER,
      sourcePort: 40_000,
      destinationPort: 443,
      sequence: 100,
      payload: tlsHello('cut.example', { keyShareBytes: 1216 }),
    })
    const parts = ipv4Fragments(
      { source: CAMERA.address, destination: SERVER, protocol: PROTOCOL.tcp, payload: segment, identification: 9 },
      800,
    )
    const opening = tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence: 99 })
    const again = tcpOut(CAMERA, SERVER, { sequence: 100, payload: tlsHello('cut.example', { keyShareBytes: 1216 }) })
    const analysis = analysisOf([
      opening,
      ...parts.map((packet) => ethernet(CAMERA.mac, ROUTER.mac, ETHERTYPE.ipv4, packet)),
      again,
    ])
    expect(namesOf(analysis, CAMERA)).toEqual(['cut.example tls'])
  })
})

describe('more conversations than there is room for', () => {
  test('leave every total exact, and the cap is counted', () => {
    const lab = newLab()
    const count = LIMITS.flows + 20_000
    const template = udpOut(CAMERA, SERVER, { payload })
    const phone = tcpOut(PHONE, OTHER_SERVER, { payload: tlsHello('phone.example') })
    lab.add(0, phone)
    for (let index = 0; index < count; index++) {
      // Ports of the UDP header: 65,536 sources times a few destinations.
      template[34] = index >> 8
      template[35] = index
      template[37] = index >> 16
      lab.add(1 + index / 1000, template)
      if (index % 100 === 0) lab.add(1 + index / 1000, tcpIn(PHONE, OTHER_SERVER, { payload }))
    }
    expect(lab.engine.flows.size).toBeLessThanOrEqual(LIMITS.flows)
    expect(lab.engine.limits.reached.get('flows')).toBeGreaterThan(0)
    const analysis = lab.analyze()
    expect(trafficOf(analysis, CAMERA.mac)).toEqual([count * ipLength(template), 0, 0, 0])
    expect(endpointOf(analysis, PHONE, 'phone.example')).toMatchObject({
      sent: ipLength(phone),
      received: Math.ceil(count / 100) * 440,
      namedBy: 'tls',
    })
  })
})
