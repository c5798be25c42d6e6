// Packets through the engine: a small home, its packets, and what the analysis says of them.
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { buildAnalysis } from '../../../server/analyze/report.ts'
import { Engine, type EngineOptions } from '../../../server/engine/engine.ts'
import { arp, ETHERTYPE, ethernet, tcpFrame, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import {
  buildClientHello,
  type ClientHelloOptions,
  wrapTlsRecords,
} from '../../../server/sample/packets/tls-hello-builder.ts'
import type { DeviceFacts, EndpointFacts } from '../../../server/resolve/facts.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { BROADCAST_MAC } from '../../../server/sample/packets/addresses.ts'
import { dns, type DnsMessage, type HTTPS_TYPE } from '../../../server/sample/packets/dns-builder.ts'

export interface Host {
  mac: string
  address: string
}

export const ROUTER: Host = { mac: '02:00:00:00:00:01', address: '192.168.1.1' }
export const CAMERA: Host = { mac: '02:00:00:00:00:0a', address: '192.168.1.10' }
export const PHONE: Host = { mac: '02:00:00:00:00:0b', address: '192.168.1.11' }
export const SPEAKER: Host = { mac: '02:00:00:00:00:0c', address: '192.168.1.12' }
/** From RFC 5737's and RFC 3849's documentation ranges: the internet. */
export const SERVER = '203.0.113.5'
export const OTHER_SERVER = '198.51.100.7'

export interface Transport {
  sourcePort?: number
  destinationPort?: number
  payload?: Uint8Array
}

export interface Segment extends Transport {
  sequence?: number
  flags?: number
}

/** An engine behind a capture reader: packets go the way they go from a file. */
export interface Lab {
  engine: Engine
  add(seconds: number, bytes: Uint8Array, originalLength?: number): void
  /** Ends the capture. */
  analyze(): Analysis
}

export function newLab(options: EngineOptions & { linkType?: number } = {}): Lab {
  const { linkType, ...engineOptions } = options
  const engine = new Engine(engineOptions)
  const reader = new CaptureReader((frame) => engine.packet(frame))
  reader.push(pcapHeader(linkType === undefined ? {} : { linkType }))
  return {
    engine,
    add: (seconds, bytes, originalLength = bytes.length) => {
      const whole = Math.floor(seconds)
      reader.push(pcapRecord({ seconds: whole, nanos: Math.round((seconds - whole) * 1e9), bytes, originalLength }))
    },
    analyze: () => {
      reader.end()
      engine.finish()
      return buildAnalysis('test', reader, engine, null)
    },
  }
}

/** The analysis of frames a tenth of a second apart. */
export function analysisOf(
  frames: readonly Uint8Array[],
  options: EngineOptions & { linkType?: number } = {},
): Analysis {
  const lab = newLab(options)
  frames.forEach((frame, index) => lab.add(1000 + index / 10, frame))
  return lab.analyze()
}

/** TCP from a device at home to an address on the internet, by way of the router. */
export function tcpOut(from: Host, to: string, segment: Segment = {}): Uint8Array {
  return tcpFrame({
    sourceMac: from.mac,
    destinationMac: ROUTER.mac,
    source: from.address,
    destination: to,
    sourcePort: 40_000,
    destinationPort: 443,
    ...segment,
  })
}

/** The other direction: ports as the device sees them swapped. */
export function tcpIn(to: Host, from: string, segment: Segment = {}): Uint8Array {
  return tcpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: to.mac,
    source: from,
    destination: to.address,
    sourcePort: 443,
    destinationPort: 40_000,
    timeToLive: 55,
    ...segment,
  })
}

export function udpOut(from: Host, to: string, datagram: Transport = {}): Uint8Array {
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: ROUTER.mac,
    source: from.address,
    destination: to,
    sourcePort: 40_000,
    destinationPort: 443,
    ...datagram,
  })
}

export function udpIn(to: Host, from: string, datagram: Transport = {}): Uint8Array {
  return udpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: to.mac,
    source: from,
    destination: to.address,
    sourcePort: 443,
    destinationPort: 40_000,
    timeToLive: 55,
    ...datagram,
  })
}

/** From one device at home to another. */
export function udpWithin(from: Host, to: Host, datagram: Transport = {}): Uint8Array {
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: to.mac,
    source: from.address,
    destination: to.address,
    sourcePort: 40_000,
    destinationPort: 7000,
    ...datagram,
  })
}

export function arpFrom(host: Host): Uint8Array {
  return ethernet(
    host.mac,
    BROADCAST_MAC,
    ETHERTYPE.arp,
    arp({ operation: 'request', senderMac: host.mac, senderAddress: host.address, targetAddress: ROUTER.address }),
  )
}

type QueryType = 'A' | 'AAAA' | typeof HTTPS_TYPE

export function dnsQuery(from: Host, name: string, type: QueryType = 'A', sourcePort = 50_000): Uint8Array {
  const payload = dns({ type: 'query', id: 1, flags: 0x0100, questions: [{ name, type }] })
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: ROUTER.mac,
    source: from.address,
    destination: ROUTER.address,
    sourcePort,
    destinationPort: 53,
    payload,
  })
}

/** What the router's resolver answers to a question for `name`. */
export function dnsAnswer(
  to: Host,
  name: string,
  answers: NonNullable<DnsMessage['answers']>,
  type: QueryType = 'A',
): Uint8Array {
  return dnsAnswerFrame(to, dns({ type: 'response', id: 1, flags: 0x0180, questions: [{ name, type }], answers }))
}

export function dnsAnswerFrame(to: Host, payload: Uint8Array): Uint8Array {
  return udpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: to.mac,
    source: ROUTER.address,
    destination: to.address,
    sourcePort: 53,
    destinationPort: 50_000,
    payload,
  })
}

/** `name` leads to `address`, an IPv4 one, in one record. */
export function dnsAnswerA(to: Host, name: string, address: string): Uint8Array {
  return dnsAnswer(to, name, [{ name, type: 'A', ttl: 60, data: address }])
}

/** A TLS ClientHello in its record. */
export function tlsHello(serverName: string, options: Partial<ClientHelloOptions> = {}): Uint8Array {
  return wrapTlsRecords(buildClientHello({ random: new Uint8Array(32).fill(7), serverName, ...options }))
}

export function httpRequest(host: string, path = '/'): Uint8Array {
  return text(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
}

/** IP total length of a frame built here: Ethernet without padding. */
export function ipLength(...frames: Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length - 14, 0)
}

/** The device with this MAC or address as its id. */
export function deviceOf(analysis: Analysis, id: string): DeviceFacts {
  const device = analysis.devices.find((candidate) => candidate.id === id)
  if (device === undefined)
    throw new Error(`no device ${id} among ${analysis.devices.map((candidate) => candidate.id).join(', ')}`)
  return device
}

/** Every endpoint of the device as "host namedBy", in the analysis' order. */
export function namesOf(analysis: Analysis, host: Host): string[] {
  return deviceOf(analysis, host.mac).endpoints.map(
    (endpoint) => `${endpoint.host ?? '-'} ${endpoint.namedBy}${endpoint.ech ? ' ech' : ''}`,
  )
}

export function endpointOf(analysis: Analysis, host: Host, name: string | null): EndpointFacts {
  const device = deviceOf(analysis, host.mac)
  const endpoint = device.endpoints.find((candidate) => candidate.host === name)
  if (endpoint === undefined)
    throw new Error(`no endpoint ${name} among ${device.endpoints.map((candidate) => candidate.host).join(', ')}`)
  return endpoint
}

/** Sent and received of one device, to the internet and at home. */
export function trafficOf(
  analysis: Analysis,
  id: string,
): [sent: number, received: number, sentLocal: number, receivedLocal: number] {
  const { sent, received, sentLocal, receivedLocal } = deviceOf(analysis, id)
  return [sent, received, sentLocal, receivedLocal]
}
