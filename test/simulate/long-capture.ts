// A capture of many days in a small file: large packets, of which the headers are kept and say how long they were.
import { closeSync, openSync, writeSync } from 'node:fs'
import { BROADCAST_MAC, ipBytes, macBytes } from '../../server/sample/packets/addresses.ts'
import { text } from '../../server/sample/packets/bytes.ts'
import { dhcp, DHCP_MESSAGE, DHCP_OPTION } from '../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../server/sample/packets/dns-builder.ts'
import {
  ETHERTYPE,
  arp,
  ethernet,
  ipv4,
  PROTOCOL,
  tcp,
  TCP_FLAG,
  udp,
  udpFrame,
} from '../../server/sample/packets/packet-builder.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { buildClientHello, wrapTlsRecords } from '../../server/sample/packets/tls-hello-builder.ts'
import type { Random } from '../../server/sample/packets/random.ts'

/** Of a packet without a name in it: its headers and the begin of its payload. */
const SNAPLEN = 96
const ETHERNET_HEADER = 14
const NOTHING = new Uint8Array(0)
/** Payload bytes that are there to be cut: the first of a TLS record of application data. */
const CONTENT = Uint8Array.from([0x17, 0x03, 0x03, 0x40, 0x11])
const WRITTEN_AT_ONCE = 8_192

export interface Station {
  mac: string
  address: string
}

export const ROUTER: Station = { mac: '60:32:b1:10:20:30', address: '192.168.8.1' }
const ROUTER_MAC = macBytes(ROUTER.mac)

/** A conversation with the internet. IP bytes are counted as they are sent. */
export interface Talk {
  station: Station
  address: string
  via: 'tcp' | 'udp'
  port: number
  ownPort: number
  sequence: { out: number; in: number }
  sent: number
  /** The station's and the other end's, as bytes: text would be read for each packet. */
  bytes: { mac: Uint8Array; own: Uint8Array; other: Uint8Array }
}

export class LongCapture {
  private readonly random: Random
  private readonly records: { micros: number; record: Uint8Array }[] = []
  private nextPort = 32_768

  constructor(random: Random) {
    this.random = random
  }

  /** Sorted by time. Returns the number of packets. */
  write(path: string): number {
    const records = this.records.toSorted((one, other) => one.micros - other.micros)
    const file = openSync(path, 'w')
    writeSync(file, pcapHeader({ snaplen: 1_024 }))
    for (let at = 0; at < records.length; at += WRITTEN_AT_ONCE)
      writeSync(file, Buffer.concat(records.slice(at, at + WRITTEN_AT_ONCE).map(({ record }) => record)))
    closeSync(file)
    return records.length
  }

  /** The device asks for its address and says its name; null: it says none. */
  join(at: number, station: Station, hostName: string | null): void {
    const transaction = this.random.integer(0, 0xffffffff)
    const named: [number, Uint8Array][] = hostName === null ? [] : [[DHCP_OPTION.hostName, text(hostName)]]
    const request = dhcp({
      message: DHCP_MESSAGE.request,
      transaction,
      clientMac: station.mac,
      options: [...named, [DHCP_OPTION.requestedAddress, ipBytes(station.address)]],
    })
    const acknowledge = dhcp({
      message: DHCP_MESSAGE.acknowledge,
      transaction,
      clientMac: station.mac,
      yourAddress: station.address,
      serverAddress: ROUTER.address,
      options: [[DHCP_OPTION.serverIdentifier, ipBytes(ROUTER.address)]],
    })
    const frame = (
      from: string,
      to: string,
      ports: [number, number],
      payload: Uint8Array,
      sender: string,
    ): Uint8Array =>
      udpFrame({
        sourceMac: sender,
        destinationMac: sender === ROUTER.mac ? station.mac : BROADCAST_MAC,
        source: from,
        destination: to,
        sourcePort: ports[0],
        destinationPort: ports[1],
        payload,
      })
    this.put(at, frame('0.0.0.0', '255.255.255.255', [68, 67], request, station.mac))
    this.put(at + 0.02, frame(ROUTER.address, station.address, [67, 68], acknowledge, ROUTER.mac))
    this.askForRouter(at + 0.05, station)
  }

  /** Asks for the router's MAC, and is told. */
  askForRouter(at: number, { mac, address }: Station): void {
    const request = arp({
      operation: 'request',
      senderMac: mac,
      senderAddress: address,
      targetAddress: ROUTER.address,
    })
    const answer = arp({
      operation: 'reply',
      senderMac: ROUTER.mac,
      senderAddress: ROUTER.address,
      targetMac: mac,
      targetAddress: address,
    })
    this.put(at, ethernet(mac, BROADCAST_MAC, ETHERTYPE.arp, request))
    this.put(at + 0.001, ethernet(ROUTER.mac, mac, ETHERTYPE.arp, answer))
  }

  /** A question to the router's resolver, and its answer. */
  lookUp(at: number, station: Station, host: string, address: string): void {
    const questions = [{ name: host, type: 'A' as const }]
    const id = this.random.integer(1, 0xffff)
    const ownPort = this.random.integer(20_000, 60_000)
    const ends = { source: station.address, destination: ROUTER.address, sourcePort: ownPort, destinationPort: 53 }
    const back = { source: ROUTER.address, destination: station.address, sourcePort: 53, destinationPort: ownPort }
    const answers = [{ name: host, type: 'A' as const, ttl: 300, data: address }]
    const query = dns({ type: 'query', id, flags: 0x0100, questions })
    const answer = dns({ type: 'response', id, flags: 0x0180, questions, answers })
    this.put(at, udpFrame({ sourceMac: station.mac, destinationMac: ROUTER.mac, ...ends, payload: query }))
    this.put(at + 0.015, udpFrame({ sourceMac: ROUTER.mac, destinationMac: station.mac, ...back, payload: answer }))
  }

  /** One that was there before the capture: its first packets, with whatever names they held, are not in it. */
  older(station: Station, address: string, via: Talk['via'] = 'tcp', port = 443): Talk {
    this.nextPort = this.nextPort === 60_999 ? 32_768 : this.nextPort + 1
    const sequence = { out: this.random.integer(0, 0xffffffff), in: this.random.integer(0, 0xffffffff) }
    const bytes = { mac: macBytes(station.mac), own: ipBytes(station.address), other: ipBytes(address) }
    return { station, address, via, port, ownPort: this.nextPort, sequence, sent: 0, bytes }
  }

  /** Opens one; with a host its TLS hello says so. */
  open(at: number, station: Station, address: string, host: string | null, via: Talk['via'] = 'tcp', port = 443): Talk {
    const talk = this.older(station, address, via, port)
    if (via === 'udp') return talk
    this.segment(at, talk, 'out', { flags: TCP_FLAG.syn })
    this.segment(at + 0.02, talk, 'in', { flags: TCP_FLAG.syn | TCP_FLAG.ack })
    this.segment(at + 0.021, talk, 'out', {})
    if (host === null) return talk
    const hello = wrapTlsRecords(buildClientHello({ random: this.random.bytes(32), serverName: host }))
    this.segment(at + 0.03, talk, 'out', { payload: hello, isWhole: true })
    this.packet(at + 0.06, talk, 'in', 1_400)
    return talk
  }

  close(at: number, talk: Talk): void {
    if (talk.via === 'udp') return
    this.segment(at, talk, 'out', { flags: TCP_FLAG.fin | TCP_FLAG.ack })
    this.segment(at + 0.02, talk, 'in', { flags: TCP_FLAG.fin | TCP_FLAG.ack })
    this.segment(at + 0.021, talk, 'out', {})
  }

  /**
   * Payload bytes in packets spread over `seconds`; every second packet is acknowledged. Returns the time of the last
   * packet.
   */
  move(at: number, talk: Talk, direction: 'out' | 'in', bytes: number, seconds: number, perPacket: number): number {
    const packets = Math.max(1, Math.ceil(bytes / perPacket))
    const back = direction === 'out' ? 'in' : 'out'
    let last = at
    for (let packet = 0; packet < packets; packet++) {
      const length = Math.floor((bytes * (packet + 1)) / packets) - Math.floor((bytes * packet) / packets)
      last = at + (packets === 1 ? 0 : (seconds * packet) / (packets - 1))
      this.packet(last, talk, direction, length)
      if (packet % 2 === 1) this.packet(last + 0.0004, talk, back, talk.via === 'tcp' ? 0 : 24)
    }
    return last
  }

  /** One packet with so many payload bytes; none: an acknowledgement. */
  packet(at: number, talk: Talk, direction: 'out' | 'in', payloadBytes: number): void {
    this.segment(at, talk, direction, {
      payload: CONTENT.subarray(0, payloadBytes),
      more: Math.max(0, payloadBytes - CONTENT.length),
      flags: payloadBytes > 0 ? TCP_FLAG.ack | TCP_FLAG.psh : TCP_FLAG.ack,
    })
  }

  /** `more` bytes of the payload are only in the packet's length. */
  private segment(
    at: number,
    talk: Talk,
    direction: 'out' | 'in',
    {
      payload = NOTHING,
      more = 0,
      flags = TCP_FLAG.ack,
      isWhole = false,
    }: { payload?: Uint8Array; more?: number; flags?: number; isWhole?: boolean },
  ): void {
    const { bytes, sequence, port, ownPort } = talk
    const isOut = direction === 'out'
    const [source, destination] = isOut ? [bytes.own, bytes.other] : [bytes.other, bytes.own]
    const ports = { sourcePort: isOut ? ownPort : port, destinationPort: isOut ? port : ownPort }
    const ends = { source, destination, ...ports, payload }
    const transport =
      talk.via === 'udp'
        ? udp({ ...ends, length: 8 + payload.length + more, checksum: 0 })
        : tcp({
            ...ends,
            flags,
            sequence: sequence[direction],
            acknowledgement: sequence[isOut ? 'in' : 'out'],
          })
    const length = payload.length + more + ((flags & (TCP_FLAG.syn | TCP_FLAG.fin)) === 0 ? 0 : 1)
    sequence[direction] = (sequence[direction] + length) >>> 0
    const totalLength = 20 + transport.length + more
    const protocol = talk.via === 'udp' ? PROTOCOL.udp : PROTOCOL.tcp
    const packet = ipv4({ source, destination, protocol, payload: transport, totalLength, dontFragment: true })
    if (isOut) talk.sent += totalLength
    const [from, to] = isOut ? [bytes.mac, ROUTER_MAC] : [ROUTER_MAC, bytes.mac]
    const frame = ethernet(from, to, ETHERTYPE.ipv4, packet)
    this.put(at, isWhole ? frame : frame.subarray(0, SNAPLEN), ETHERNET_HEADER + totalLength)
  }

  private put(at: number, frame: Uint8Array, originalLength = frame.length): void {
    const seconds = Math.floor(at)
    const nanos = Math.floor((at - seconds) * 1e9)
    this.records.push({
      micros: Math.floor(at * 1e6),
      record: pcapRecord({ seconds, nanos, bytes: frame, originalLength: Math.max(60, originalLength) }),
    })
  }
}
