// The readers that are fuzzed, the valid messages they start from, and the properties of every result.
import { LinkType } from '../../capture/formats/link-types.ts'
import { Frame } from '../../capture/frame.ts'
import { readCertificateNames } from '../../capture/wire/certificate.ts'
import { readDhcp } from '../../capture/wire/dhcp.ts'
import { readDhcpv6 } from '../../capture/wire/dhcpv6.ts'
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { readEchPublicName, readServiceBinding, ServiceBinding, Span } from '../../capture/wire/dns-service-binding.ts'
import { ETHER_TYPE_ARP } from '../../capture/core/constants.ts'
import { emptyHttpRequest, hostWithoutPort, readHttpRequest, startsLikeHttpRequest } from './wire/http.ts'
import { readSsdp } from '../../capture/wire/ssdp.ts'
import { looksLikeStun, readStun } from './wire/stun.ts'
import { textOf, textOfLabels } from '../../capture/wire/text.ts'
import { buildCertificate } from './certificate-builder.ts'
import { decodeInCore, readArp, readNdp } from './core-frame.ts'
import { describeFrame } from './decode-frame.ts'
import { inCore } from './in-core.ts'
import { expectInside, type FuzzTarget } from './fuzz.ts'
import { encapsulatedFrames } from './encapsulated-frames.ts'
import { applicationFrames, ethernetFrames, otherFrames, type ValidFrame } from './valid-packets.ts'
import {
  dhcpMessages,
  dhcpv6Messages,
  dnsMessages,
  httpRequests,
  ssdpMessages,
  stunMessages,
} from './valid-messages.ts'
import { hex, u8, text, concat } from '../../server/sample/packets/bytes.ts'
import { pcapFiles, pcapngFiles, fileTarget } from './fuzz-files.ts'
import { tlsTarget, quicDatagramTarget, quicFlowTarget, gquicTarget } from './fuzz-hellos.ts'

/** Every reader of capture/, each with its own seeds. */
export function fuzzTargets(): FuzzTarget[] {
  return [
    frameTarget('Ethernet', [...ethernetFrames(), ...applicationFrames()]),
    frameTarget('other link types', otherFrames()),
    frameTarget('encapsulations', encapsulatedFrames()),
    fileTarget('pcap', pcapFiles()),
    fileTarget('pcapng', pcapngFiles()),
    dnsTarget(),
    { name: 'DHCP', seeds: dhcpMessages(), read: readDhcp },
    { name: 'DHCPv6', seeds: dhcpv6Messages(), read: readDhcpv6 },
    { name: 'SSDP', seeds: ssdpMessages(), read: (bytes, at, end) => ssdpText(bytes, at, end) },
    httpTarget(),
    {
      name: 'STUN',
      seeds: stunMessages(),
      read: (bytes, at, end) => [looksLikeStun(bytes, at, end), readStun(bytes, at, end)],
    },
    tlsTarget(),
    quicDatagramTarget(),
    quicFlowTarget(),
    gquicTarget(),
    { name: 'certificates', seeds: certificates(), read: readCertificateNames },
    textTarget(),
  ]
}

function certificates(): Uint8Array[] {
  const dnsNames = ['*.lamp.example.com', 'lamp.example.com', 'other.example.org']
  return [
    { commonName: 'lamp.example.com', organisation: 'Acme Lights Ltd', dnsNames },
    { dnsNames },
    { padding: 300 },
  ].map(buildCertificate)
}

const LINK_TYPES = [...Object.values(LinkType), 195]

/** The input's first byte chooses the link type, its second how much of the packet the capture lost. */
function frameTarget(name: string, frames: ValidFrame[]): FuzzTarget {
  const frame = new Frame()
  return {
    name,
    seeds: frames.map(({ linkType, bytes }) => concat(u8(LINK_TYPES.indexOf(linkType)), u8(0), bytes)),
    read(bytes, at, end) {
      if (end - at < 2) return null
      frame.linkType = LINK_TYPES[bytes[at] % LINK_TYPES.length]
      frame.bytes = bytes
      frame.at = at + 2
      frame.end = end
      frame.originalLength = end - at - 2 + bytes[at + 1]
      decodeInCore(frame)
      expectFrameInside(frame)
      const decoded = describeFrame(frame)
      const isArp = frame.etherType === ETHER_TYPE_ARP && frame.networkAt >= 0
      const isNdp = frame.protocol === 58 && frame.fragmentOffset === 0
      return [decoded, isArp && readArp(frame), isNdp && ndpClaim(frame)]
    },
  }
}

function expectFrameInside(frame: Frame): void {
  const { at, end } = frame
  expectInside(at, end, { networkAt: frame.networkAt })
  if (frame.stopped !== null) {
    expectInside(at, end, { stoppedAt: frame.stoppedAt })
    if (frame.stoppedHave < 0 || frame.stoppedHave >= frame.stoppedNeed)
      throw new Error(`stopped with ${frame.stoppedHave} of ${frame.stoppedNeed} bytes`)
  }
  if (frame.version === 0) return
  expectInside(at, end, { payloadAt: frame.payloadAt })
  expectInside(frame.payloadAt, end, { payloadEnd: frame.payloadEnd })
  if (frame.payloadLength < frame.payloadEnd - frame.payloadAt)
    throw new Error(`payload of ${frame.payloadLength} bytes, ${frame.payloadEnd - frame.payloadAt} captured`)
  if (frame.version === 6) expectInside(at, end - 16, { sourceAt: frame.sourceAt, destinationAt: frame.destinationAt })
}

function ndpClaim(frame: Frame): unknown {
  const { at, end } = frame
  const ndp = readNdp(frame)
  if (!ndp.isRead) return false
  const addresses: Record<string, number> = { addressAt: ndp.addressAt, targetAt: ndp.targetAt }
  for (const [index, prefix] of ndp.prefixes.entries()) addresses[`prefix ${index}`] = prefix.at
  expectInside(at, end - 16, addresses)
  expectInside(at, end - 6, { macAt: ndp.macAt })
  return [ndp.type, addresses, ndp.mac, ndp.prefixes.map(({ bits }) => bits)]
}

function dnsTarget(): FuzzTarget {
  const message = new DnsMessage()
  const name = new DnsName()
  const binding = new ServiceBinding()
  const span = new Span()

  function nameAt(at: number): unknown {
    const behind = readName(message, at, name)
    if (behind < 0) return null
    expectInside(message.start, message.end, { behind })
    if (name.length > 1019) throw new Error(`a name of ${name.length} bytes`)
    return [behind - message.start, Buffer.from(name.bytes.subarray(0, name.length)).toString('latin1')]
  }

  function bindingOf(from: number, to: number): unknown {
    if (!readServiceBinding(message.bytes, from, to, binding)) return null
    const { targetAt, ipv4At, ipv4End, ipv6At, ipv6End, echAt, echEnd } = binding
    const offsets = { targetAt, ipv4At, ipv4End, ipv6At, ipv6End, echAt, echEnd }
    expectInside(from, to, offsets)
    if ((ipv4End - ipv4At) % 4 !== 0 || (ipv6End - ipv6At) % 16 !== 0) throw new Error('a part of an address')
    const hasName = echAt >= 0 && readEchPublicName(message.bytes, echAt, echEnd, span)
    if (hasName) expectInside(echAt, echEnd, { nameAt: span.at, nameEnd: span.end })
    return [offsets, nameAt(targetAt), hasName && { ...span }]
  }

  return {
    name: 'DNS',
    seeds: dnsMessages(),
    read(given, givenAt, givenEnd) {
      const { bytes, at, end } = inCore({ bytes: given, at: givenAt, end: givenEnd })
      if (!readDnsMessage(bytes, at, end, message)) return null
      const questions = Array.from({ length: message.questionCount }, (_, index) => {
        expectInside(at, end, { question: message.questionAt[index] })
        return [message.questionType[index], nameAt(message.questionAt[index])]
      })
      const records = Array.from({ length: message.recordCount }, (_, index) => {
        const [rdataAt, rdataEnd, type] = [message.rdataAt[index], message.rdataEnd[index], message.recordType[index]]
        expectInside(at, end, { record: message.recordAt[index], rdataAt, rdataEnd })
        const isBinding = type === DnsType.HTTPS || type === DnsType.SVCB
        return [
          message.recordSection[index],
          type,
          message.recordSeconds[index],
          nameAt(message.recordAt[index]),
          rdataAt,
          rdataEnd,
          isBinding ? bindingOf(rdataAt, rdataEnd) : nameAt(rdataAt),
        ]
      })
      return [
        message.id,
        message.isResponse,
        message.opcode,
        message.responseCode,
        message.incomplete,
        questions,
        records,
      ]
    },
  }
}

function textTarget(): FuzzTarget {
  return {
    name: 'text',
    seeds: [
      text('Küche ☕ 𝄞 lamp'),
      hex('046c616d7004686f6d6500'),
      hex('c3 28 e2 82 ed a0 80 f0 9f 92 a9 f5 80 00 00'),
      text(`${'a'.repeat(253)}é${'b'.repeat(20)}`),
    ],
    read(bytes, at, end, random) {
      const found = [
        textOf(bytes, at, end),
        textOf(bytes, at, end, random.integer(0, 20)),
        textOfLabels(bytes, at, end),
      ]
      // Every byte may become four letters.
      if (found.some((part) => part.length > 4 * 256))
        throw new Error(`a text of ${Math.max(...found.map((part) => part.length))} letters`)
      return found
    },
  }
}

function ssdpText(bytes: Uint8Array, at: number, end: number): unknown {
  const message = readSsdp(bytes, at, end)
  return message && { ...message, vendorHeaders: [...message.vendorHeaders] }
}

function httpTarget(): FuzzTarget {
  const request = emptyHttpRequest()
  return {
    name: 'HTTP',
    seeds: httpRequests(),
    read(bytes, at, end) {
      const length = readHttpRequest(bytes, at, end, request)
      if (length > end - at) throw new Error(`a head of ${length} in ${end - at} bytes`)
      if (length >= 0 && !startsLikeHttpRequest(bytes, at, end)) throw new Error('read, but not started')
      const { isConnect, ...offsets } = request
      expectInside(at, end, offsets)
      const hostEnd = offsets.hostAt < 0 ? -1 : hostWithoutPort(bytes, offsets.hostAt, offsets.hostEnd)
      if (offsets.hostAt >= 0) expectInside(offsets.hostAt, offsets.hostEnd, { hostEnd })
      const targetEnd =
        offsets.targetHostAt < 0 ? -1 : hostWithoutPort(bytes, offsets.targetHostAt, offsets.targetHostEnd)
      return [length, isConnect, offsets, hostEnd, targetEnd]
    },
  }
}
