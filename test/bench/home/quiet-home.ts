// Simulates a real home's everyday traffic: small packets over hundreds of hours, long quiet nights.
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import {
  arp,
  ethernet,
  ETHERTYPE,
  TCP_FLAG,
  tcpFrame,
  udpFrame,
} from '../../../server/sample/packets/packet-builder.ts'
import { derivedSeed, type Random, seededRandom } from '../../../server/sample/packets/random.ts'
import { buildClientHello, wrapTlsRecords } from '../../../server/sample/packets/tls-hello-builder.ts'

export type QuietHomeOptions = { seed: number; packets: number }
export type QuietHomeFacts = { packets: number; bytes: number; hours: number; devices: number; flows: number }

/** Midnight of 5 January 2026, UTC. */
const START = Date.UTC(2026, 0, 5) / 1000
const DEVICES = 19
const HOUR = 3600
/** Packets a second, by the hour of the day: nights are quiet, evenings are not. */
const RATES = [
  0.3, 0.2, 0.2, 0.2, 0.2, 0.4, 1.2, 2.8, 3.2, 2.6, 2.4, 2.5, 3, 2.8, 2.6, 2.8, 3.4, 4.6, 6, 7, 6.4, 5, 3, 1.2,
]
/** Each exchange on a connection: data, acknowledgement, answer, acknowledgement. */
const PACKETS_OF_EXCHANGE = 4
/** A connection to a cloud is kept for some hours. */
const EXCHANGES_OF_CONNECTION = 400
const ROUTER = { mac: '02:00:00:00:00:fe', ip: '192.168.7.1' }
const MICROS = 1e6

interface Member {
  mac: string
  ip: string
  hosts: string[]
}

interface Connection {
  host: string
  address: string
  port: number
  sequence: number
  left: number
}

type Write = (micros: number, frame: Uint8Array) => void

/** Hands over every frame in the order of time. The same options give the same bytes. */
export function simulateQuietHome({ seed, packets }: QuietHomeOptions, write: Write): QuietHomeFacts {
  const home = new QuietHome(seed, write)
  let second = START
  while (home.packets < packets) home.second(second++)
  return {
    packets: home.packets,
    bytes: home.bytes,
    hours: Math.round((second - START) / HOUR),
    devices: DEVICES,
    flows: home.flows,
  }
}

class QuietHome {
  packets = 0
  bytes = 0
  flows = 0
  private readonly random: Random
  private readonly output: Write
  private readonly members: Member[]
  private readonly connections = new Map<string, Connection>()
  private micros = 0

  constructor(seed: number, output: Write) {
    this.random = seededRandom(derivedSeed(seed, 0))
    this.output = output
    this.members = Array.from({ length: DEVICES }, (_, number) => ({
      mac: `02:00:00:00:01:${(16 + number).toString(16)}`,
      ip: `192.168.7.${20 + number}`,
      hosts: Array.from(
        { length: 1 + (number % 4) },
        (_, host) => `${['api', 'mqtt', 'time', 'stats'][host]}.maker-${number % 9}.example`,
      ),
    }))
  }

  second(second: number): void {
    const rate = RATES[Math.floor((second % 86_400) / HOUR)]
    let exchanges = rate / PACKETS_OF_EXCHANGE
    const gaps: number[] = []
    for (; exchanges > 1; exchanges--) gaps.push(this.random.next())
    if (this.random.chance(exchanges)) gaps.push(this.random.next())
    for (const gap of gaps.sort((one, other) => one - other)) {
      this.micros = Math.max(this.micros + 1, Math.floor((second + gap) * MICROS))
      this.something()
    }
  }

  private something(): void {
    const { random } = this
    const device = random.pick(this.members)
    const kind = random.next()
    if (kind < 0.03) return this.announce(device)
    if (kind < 0.06) return this.askWho(device)
    this.exchange(device, random.pick(device.hosts))
  }

  private emit(frame: Uint8Array, gap = 400): void {
    this.output(this.micros, frame)
    this.micros += gap
    this.packets++
    this.bytes += frame.length + 16
  }

  private announce({ mac, ip }: Member): void {
    const payload = dns({ type: 'query', id: 0, questions: [{ type: 'PTR', name: '_services._dns-sd._udp.local' }] })
    this.emit(
      udpFrame({
        sourceMac: mac,
        destinationMac: '01:00:5e:00:00:fb',
        source: ip,
        destination: '224.0.0.251',
        sourcePort: 5353,
        destinationPort: 5353,
        payload,
      }),
    )
  }

  private askWho({ mac, ip }: Member): void {
    const claim = arp({ operation: 'request', senderMac: mac, senderAddress: ip, targetAddress: ROUTER.ip })
    this.emit(ethernet(mac, ROUTER.mac, ETHERTYPE.arp, claim))
  }

  private exchange(device: Member, host: string): void {
    const key = `${device.ip} ${host}`
    let connection = this.connections.get(key)
    if (connection === undefined || connection.left-- <= 0) {
      connection = this.connect(device, host)
      this.connections.set(key, connection)
    }
    const { random } = this
    this.data(device, connection, true, random.integer(40, 150))
    this.data(device, connection, false, 0)
    this.data(device, connection, false, random.integer(30, random.chance(0.1) ? 700 : 150))
    this.data(device, connection, true, 0)
  }

  private connect(device: Member, host: string): Connection {
    const { random } = this
    this.flows++
    const number = this.flows % 200
    const address = `203.0.${113 + (host.length % 4)}.${1 + (number % 250)}`
    const connection = {
      host,
      address,
      port: random.integer(32_768, 60_999),
      sequence: 1000,
      left: EXCHANGES_OF_CONNECTION,
    }
    this.lookUp(device, host, address)
    this.segment(device, connection, true, TCP_FLAG.syn)
    this.segment(device, connection, false, TCP_FLAG.syn | TCP_FLAG.ack)
    this.segment(device, connection, true, TCP_FLAG.ack)
    const hello = wrapTlsRecords(buildClientHello({ serverName: host, random: random.bytes(32) }))
    this.segment(device, connection, true, TCP_FLAG.ack | TCP_FLAG.psh, hello)
    this.data(device, connection, false, 1200)
    return connection
  }

  private lookUp(device: Member, host: string, address: string): void {
    const id = this.random.integer(1, 65_535)
    const question = { type: 'A' as const, name: host }
    const port = this.random.integer(32_768, 60_999)
    const query = dns({ type: 'query', id, questions: [question] })
    const answer = dns({
      type: 'response',
      id,
      questions: [question],
      answers: [{ ...question, ttl: 300, data: address }],
    })
    const ends = { sourceMac: device.mac, destinationMac: ROUTER.mac, source: device.ip, destination: ROUTER.ip }
    this.emit(udpFrame({ ...ends, sourcePort: port, destinationPort: 53, payload: query }))
    const back = { sourceMac: ROUTER.mac, destinationMac: device.mac, source: ROUTER.ip, destination: device.ip }
    this.emit(udpFrame({ ...back, sourcePort: 53, destinationPort: port, payload: answer }), 3000)
  }

  /** A record of TLS application data, or a bare acknowledgement. */
  private data(device: Member, connection: Connection, isSent: boolean, length: number): void {
    const flags = TCP_FLAG.ack | (length === 0 ? 0 : TCP_FLAG.psh)
    if (length === 0) return this.segment(device, connection, isSent, flags)
    const record = new Uint8Array(5 + length)
    record.set([23, 3, 3, length >> 8, length & 0xff])
    this.segment(device, connection, isSent, flags, record)
  }

  private segment(
    { mac, ip }: Member,
    connection: Connection,
    isSent: boolean,
    flags: number,
    payload: Uint8Array = new Uint8Array(0),
  ): void {
    const { address, port } = connection
    const ends = isSent
      ? { sourceMac: mac, destinationMac: ROUTER.mac, source: ip, destination: address }
      : { sourceMac: ROUTER.mac, destinationMac: mac, source: address, destination: ip }
    const ports = isSent ? { sourcePort: port, destinationPort: 443 } : { sourcePort: 443, destinationPort: port }
    // The time stamps option, as nearly every connection has it.
    const options = new Uint8Array([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1])
    this.emit(tcpFrame({ ...ends, ...ports, sequence: connection.sequence, flags, options, payload }))
    connection.sequence = (connection.sequence + payload.length) >>> 0
  }
}
