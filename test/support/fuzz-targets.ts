// The readers that are fuzzed, the valid messages they start from, and the properties of every result.
import { decode } from '../../capture/decode.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { LinkType } from '../../capture/formats/link-types.ts'
import { Frame } from '../../capture/frame.ts'
import { ArpMessage, readArp } from '../../capture/wire/arp.ts'
import { readDhcp } from '../../capture/wire/dhcp.ts'
import { readDhcpv6 } from '../../capture/wire/dhcpv6.ts'
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName } from '../../capture/wire/dns.ts'
import { readEchPublicName, readServiceBinding, ServiceBinding, Span } from '../../capture/wire/dns-service-binding.ts'
import { ETHER_TYPE_ARP } from '../../capture/wire/ethernet.ts'
import { readGquicServerName } from '../../capture/wire/gquic.ts'
import { emptyHttpRequest, hostWithoutPort, readHttpRequest, startsLikeHttpRequest } from '../../capture/wire/http.ts'
import { macHighOf, macLowOf, NdpMessage, readNdp } from '../../capture/wire/ndp.ts'
import { asksForNewInitial, looksLikeQuicLongHeader } from '../../capture/wire/quic-header.ts'
import { QuicInitialFlow } from '../../capture/wire/quic-initial.ts'
import { readSsdp } from '../../capture/wire/ssdp.ts'
import { looksLikeStun, readStun } from '../../capture/wire/stun.ts'
import { textOf, textOfLabels } from '../../capture/wire/text.ts'
import { ClientHello, readClientHello, readClientHelloRecords } from '../../capture/wire/tls-hello.ts'
import { describeFrame } from './decode-frame.ts'
import { expectInside, type FuzzTarget } from './fuzz.ts'
import { pcapFile, pcapngFile, type CapturedPacket } from '../../server/sample/packets/pcap-writer.ts'
import {
  ackFrame,
  buildQuicInitial,
  buildQuicOpaqueLongHeader,
  connectionCloseFrame,
  cryptoFrame,
  cryptoFramesCutAt,
  paddingFrames,
  pingFrame,
  QUIC_DRAFT_29,
  QUIC_VERSION_1,
  QUIC_VERSION_2,
  varint,
} from '../../server/sample/packets/quic-builder.ts'
import { seenPacket, type SeenPacket } from './read-capture.ts'
import {
  buildClientHello,
  latin1Bytes,
  serverNameList,
  uint,
  wrapTlsRecords,
} from '../../server/sample/packets/tls-hello-builder.ts'
import {
  applicationFrames,
  dhcpMessages,
  dhcpv6Messages,
  dnsMessages,
  ethernetFrames,
  httpRequests,
  otherFrames,
  ssdpMessages,
  stunMessages,
  type ValidFrame,
} from './valid-packets.ts'
import { serverNameOf } from './read-hello.ts'
import { hex, u16, u8, text, concat } from '../../server/sample/packets/bytes.ts'

/** Every reader of capture/, each with its own seeds. */
export function fuzzTargets(): FuzzTarget[] {
  return [
    frameTarget('Ethernet', [...ethernetFrames(), ...applicationFrames()]),
    frameTarget('other link types', otherFrames()),
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
    textTarget(),
  ]
}

// ── link to transport ──

const LINK_TYPES = [...Object.values(LinkType), 127]

/** The input's first byte chooses the link type, its second how much of the packet the capture lost. */
function frameTarget(name: string, frames: ValidFrame[]): FuzzTarget {
  const frame = new Frame()
  const arp = new ArpMessage()
  const ndp = new NdpMessage()
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
      decode(frame)
      expectFrameInside(frame)
      const decoded = describeFrame(frame)
      const isArp = frame.etherType === ETHER_TYPE_ARP && frame.networkAt >= 0 && readArp(frame, arp)
      const isNdp = frame.protocol === 58 && frame.fragmentOffset === 0 && readNdp(frame, ndp)
      return [decoded, isArp && { ...arp }, isNdp && ndpClaim(frame, ndp)]
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

function ndpClaim(frame: Frame, ndp: NdpMessage): unknown {
  const { bytes, at, end } = frame
  const addresses: Record<string, number> = { addressAt: ndp.addressAt, targetAt: ndp.targetAt }
  for (let index = 0; index < ndp.prefixCount; index++) addresses[`prefix ${index}`] = ndp.prefixAt[index]
  expectInside(at, end - 16, addresses)
  expectInside(at, end - 6, { macAt: ndp.macAt })
  return [
    ndp.type,
    addresses,
    ndp.macAt < 0 ? null : [macHighOf(bytes, ndp.macAt), macLowOf(bytes, ndp.macAt)],
    [...ndp.prefixBits.subarray(0, ndp.prefixCount)],
  ]
}

// ── files ──

function somePackets(): CapturedPacket[] {
  return [...ethernetFrames().slice(0, 3), ...otherFrames().slice(0, 2)].map(({ bytes }, index) => ({
    seconds: 1_700_000_000 + index,
    nanos: 5000 * index,
    bytes,
    originalLength: bytes.length + index,
  }))
}

function pcapFiles(): Uint8Array[] {
  const packets = somePackets()
  const old = pcapFile({}, packets.slice(0, 2))
  old.set([3], 6)
  const older = pcapFile(
    {},
    packets.slice(0, 2).map((packet) => ({ ...packet, originalLength: packet.bytes.length })),
  )
  older.set([2], 6)
  return [
    pcapFile({}, packets),
    pcapFile({ byteOrder: 'big', resolution: 'nano' }, packets),
    pcapFile({ modified: true }, packets),
    pcapFile({ linkType: 127 }, packets),
    old,
    older,
    text('snoop\0\0\0'),
  ]
}

function pcapngFiles(): Uint8Array[] {
  const [first, second, third] = somePackets()
  const eth = { kind: 'interface', interface: { name: 'eth0', snaplen: 96 } } as const
  return [
    pcapngFile({
      blocks: [
        eth,
        { kind: 'packet', packet: first, comment: 'first' },
        { kind: 'simple', bytes: second.bytes.subarray(0, 96), originalLength: 120 },
        { kind: 'obsolete', packet: third, drops: 3 },
        { kind: 'statistics', seconds: 1_700_000_001, received: 7, dropped: 2 },
      ],
    }),
    pcapngFile(
      {
        byteOrder: 'big',
        blocks: [
          eth,
          { kind: 'interface', interface: { linkType: 127, resolution: { exponent: 9 }, offsetSeconds: -5 } },
          { kind: 'packet', packet: first, interface: 1 },
          { kind: 'packet', packet: second },
        ],
      },
      {
        lengthField: 'true',
        blocks: [
          { kind: 'interface', interface: { linkType: 101, resolution: { exponent: 40, binary: true } } },
          { kind: 'other', type: 0x0bad, body: new Uint8Array(20) },
          { kind: 'packet', packet: { ...third, seconds: 1_000_000 } },
        ],
      },
    ),
    pcapngFile({
      blocks: [
        { kind: 'interface', interface: { resolution: { exponent: 12 }, offsetSeconds: 1_000_000 } },
        { kind: 'names', records: [{ address: hex('c0a80102'), names: ['lamp'] }] },
        { kind: 'packet', packet: { ...first, seconds: 1_000_005 } },
      ],
    }),
    // Every block too short for its fields, with lengths that agree: changing a length alone never makes these.
    concat(
      pcapngFile({ blocks: [eth] }),
      hex('05000000 0c000000 0c000000  03000000 0c000000 0c000000  02000000 10000000 00000000 10000000'),
      hex(
        '06000000 1c000000 00000000 00000000 00000000 00000000 1c000000  05000000 24000000 00000000 00000000 00000000 0500 0800 ffffffffffffffff 24000000  01000000 10000000 0100 0000 10000000',
      ),
    ),
    concat(pcapngFile({ blocks: [eth] }), hex('0a0d0d0a 18000000 4d3c2b1a 0100 0000 ffffffff 18000000')),
    pcapngFile({
      blocks: Array.from({ length: 70 }, (_, linkType) => [
        { kind: 'interface', interface: { linkType: 1000 + linkType } } as const,
        { kind: 'packet', interface: linkType, packet: { seconds: 1, bytes: hex('') } } as const,
        { kind: 'packet', interface: 99, packet: { seconds: 1, bytes: hex('') } } as const,
      ]).flat(),
    }),
    // Claims to be 2 MiB long: a block that the reader steps over, and that ends before it does.
    concat(pcapngFile({ blocks: [eth] }), hex('ad0b0000 00002000 01020304')),
  ]
}

function fileTarget(name: string, files: Uint8Array[]): FuzzTarget {
  return {
    name,
    seeds: files,
    read(bytes, at, end, random) {
      const packets: SeenPacket[] = []
      const reader = new CaptureReader((frame) => {
        if (!(frame.at >= 0 && frame.at <= frame.end && frame.end <= reader.filled))
          throw new Error(`packet from ${frame.at} to ${frame.end} of ${reader.filled}`)
        packets.push(seenPacket(frame))
      })
      for (let from = at; from < end;) {
        const to = Math.min(end, from + random.integer(1, random.chance(0.5) ? 64 : 100_000))
        reader.push(bytes.subarray(from, to))
        from = to
      }
      reader.end()
      const problems = reader.allProblems()
      if (reader.packets > (end - at) / 12) throw new Error(`${reader.packets} packets in ${end - at} bytes`)
      for (const { offset, message } of problems) {
        expectInside(0, end - at, { offset })
        if (message === '') throw new Error('a problem without words')
      }
      for (const { seconds, nanos } of packets) {
        if (!Number.isFinite(seconds) || !(nanos >= 0 && nanos < 1e9))
          throw new Error(`time ${seconds} s and ${nanos} ns`)
      }
      return [packets, problems, reader.packets, reader.frameBytes, reader.dropped, reader.linkTypes, reader.bytesRead]
    },
  }
}

// ── names ──

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
    read(bytes, at, end) {
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

// ── first bytes of a flow ──

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

const RANDOM_BYTES = Uint8Array.from({ length: 32 }, (_, index) => 200 - index)
const HELLO = { serverName: 'speaker.vendor.example', alpn: ['h3', 'h2'], random: RANDOM_BYTES }

function tlsTarget(): FuzzTarget {
  const hello = new ClientHello()
  const handshakes = [
    buildClientHello(HELLO),
    buildClientHello({ ...HELLO, ech: true, sessionIdBytes: 0 }),
    buildClientHello({
      random: RANDOM_BYTES,
      extensionsBefore: [
        [0, serverNameList([1, 'other'], [0, 'second.example'])],
        [16, hex('0003 02 6832')],
      ],
      extensionsAfter: [[0xffce, hex('00')]],
    }),
    // A hello without extensions, as TLS before 1.2 may end.
    concat(hex('01 00002a 0301'), RANDOM_BYTES, hex('00 0004 0005 000a 01 00')),
    buildClientHello({ ...HELLO, keyShareBytes: 1216 }),
  ]
  return {
    name: 'TLS',
    seeds: handshakes.flatMap((handshake) => [
      wrapTlsRecords(handshake),
      wrapTlsRecords(handshake, 50),
      wrapTlsRecords(handshake, 3),
    ]),
    read(bytes, at, end) {
      const ofRecords = readClientHelloRecords(bytes, at, end, hello)
      const first = helloResult(hello, bytes, at, end, ofRecords)
      const ofHandshake = readClientHello(bytes, Math.min(end, at + 5), end, hello)
      return [first, helloResult(hello, bytes, at, end, ofHandshake)]
    },
  }
}

function helloResult(hello: ClientHello, bytes: Uint8Array, at: number, end: number, length: number): unknown {
  const isOwn = hello.bytes !== bytes && hello.bytes.length > 0
  const { serverNameAt, serverNameEnd, alpnAt, alpnEnd } = hello
  expectInside(isOwn ? 0 : at, isOwn ? hello.bytes.length : end, { serverNameAt, serverNameEnd, alpnAt, alpnEnd })
  if (length > end - at) throw new Error(`a hello of ${length} in ${end - at} bytes`)
  return [length, serverNameOf(hello), hello.alpnProtocols(), hello.encryptedClientHello]
}

const CLIENT_ID = hex('8394c8f03e515708')
const OTHER_ID = hex('0102030405060708090a0b0c0d0e0f1011121314')
const SOURCE_ID = hex('c1')
const LONG_HELLO = buildClientHello({ ...HELLO, keyShareBytes: 1216, sessionIdBytes: 0 })
const SHORT_HELLO = buildClientHello({ ...HELLO, sessionIdBytes: 0 })

function quicInitial(
  version: number,
  frames: Uint8Array,
  more: { destinationConnectionId?: Uint8Array; token?: Uint8Array } = {},
): Uint8Array {
  return buildQuicInitial({
    version,
    destinationConnectionId: CLIENT_ID,
    sourceConnectionId: SOURCE_ID,
    packetNumber: 0,
    frames,
    ...more,
  })
}

/** Whole datagrams as they are: what damage does outside the protected part, and that damage inside it does nothing. */
function quicDatagramTarget(): FuzzTarget {
  const flow = new QuicInitialFlow()
  const hello = cryptoFrame(0, SHORT_HELLO)
  const otherVersions = [0xff00_0017, 0xff00_0022, 0xface_b002, 0x709a_50c4, 0x5430_3530, 0x5430_3531, 0]
  const seeds = [
    quicInitial(QUIC_VERSION_1, hello),
    quicInitial(QUIC_VERSION_2, hello, { token: hex('010203') }),
    quicInitial(QUIC_DRAFT_29, hello, { destinationConnectionId: hex('') }),
    concat(
      buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'zeroRtt', CLIENT_ID, SOURCE_ID, new Uint8Array(40)),
      quicInitial(QUIC_VERSION_1, hello),
    ),
    concat(
      quicInitial(QUIC_VERSION_1, pingFrame()),
      buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'handshake', CLIENT_ID, SOURCE_ID, new Uint8Array(40)),
    ),
    ...otherVersions.map((version) =>
      concat(hex('c0'), uint(version, 4), hex('08'), CLIENT_ID, hex('01 c1 00 30'), new Uint8Array(0x30)),
    ),
  ]
  return {
    name: 'QUIC datagrams',
    seeds,
    read(bytes, at, end) {
      flow.reset()
      return [
        looksLikeQuicLongHeader(bytes, at, end),
        asksForNewInitial(bytes, at, end),
        flow.push(bytes, at, end),
        serverNameOf(flow.hello),
      ]
    },
  }
}

/** One packet of a made-up flow: what kind it is, and the frames inside. */
function flowPacket(kind: number, frames: Uint8Array): Uint8Array {
  return concat(u8(kind), u16(frames.length), frames)
}

/**
 * Frames that are changed before they are protected, in packets of one flow: the input is a list of kind, length,
 * frames.
 */
function quicFlowTarget(): FuzzTarget {
  const flow = new QuicInitialFlow()
  const cut = cryptoFramesCutAt(LONG_HELLO, [100, 101, 400, 900])
  const [a, b, c, d, e] = cut
  const manyRanges = concat(
    ...Array.from({ length: 70 }, (_, index) => cryptoFrame(3 * (70 - index), Uint8Array.of(1))),
  )
  const long = buildClientHello({ ...HELLO, sessionIdBytes: 0, extensionsAfter: [[21, new Uint8Array(6000)]] })
  const seeds = [
    flowPacket(0, cryptoFrame(0, SHORT_HELLO)),
    concat(
      flowPacket(0, concat(e, pingFrame(), b, paddingFrames(3), ackFrame(5, 2))),
      flowPacket(0, concat(ackFrame(9, 1, true), d, a, c)),
    ),
    concat(
      flowPacket(4, a),
      flowPacket(5, hex('')),
      flowPacket(0, concat(b, c)),
      flowPacket(1, a),
      flowPacket(1, concat(b, c, d, e)),
    ),
    concat(flowPacket(6, hex('')), flowPacket(0, concat(a, b)), flowPacket(3, hex('')), flowPacket(2, concat(c, d, e))),
    concat(flowPacket(0, manyRanges), flowPacket(0, concat(a, b, c, d, e))),
    concat(
      flowPacket(0, cryptoFrame(32_000, new Uint8Array(300))),
      flowPacket(0, connectionCloseFrame('gone')),
      flowPacket(0, cryptoFrame(0, SHORT_HELLO)),
    ),
    concat(
      ...Array.from({ length: 7 }, (_, index) =>
        flowPacket(0, cryptoFrame(1000 * index, long.subarray(1000 * index, 1000 * index + 1000))),
      ),
    ),
    concat(
      ...Array.from({ length: 10 }, (_, index) =>
        flowPacket(index & 1 ? 5 : 0, cryptoFrame(9 * index, SHORT_HELLO.subarray(9 * index, 9 * index + 9))),
      ),
    ),
    flowPacket(
      0,
      concat(cryptoFrame(0, hex('02000001')), cryptoFrame(0, hex('010000')), hex('06 00 40'), varint(5, 8)),
    ),
  ]
  return {
    name: 'QUIC flows',
    seeds,
    read(bytes, at, end) {
      flow.reset()
      const results: unknown[] = []
      let datagram = hex('')
      for (let number = 0; number < 12 && end - at >= 3; number++) {
        const kind = bytes[at] % 7
        const to = Math.min(end, at + 3 + ((bytes[at + 1] << 8) | bytes[at + 2]))
        datagram = quicDatagram(kind, bytes.slice(at + 3, to), number, datagram)
        results.push(flow.push(datagram, 0, datagram.length), asksForNewInitial(datagram, 0, datagram.length))
        at = to
      }
      return [results, serverNameOf(flow.hello), flow.hello.alpnProtocols(), flow.hello.encryptedClientHello]
    },
  }
}

function quicDatagram(kind: number, frames: Uint8Array, packetNumber: number, before: Uint8Array): Uint8Array {
  const packet = {
    version: QUIC_VERSION_1,
    destinationConnectionId: CLIENT_ID,
    sourceConnectionId: SOURCE_ID,
    packetNumber,
    frames,
    packetNumberLength: (1 + (packetNumber & 3)) as 1 | 2 | 3 | 4,
  }
  switch (kind) {
    case 0:
      return buildQuicInitial(packet)
    case 1:
      return buildQuicInitial({ ...packet, destinationConnectionId: OTHER_ID, token: hex('0102') })
    case 2:
      return buildQuicInitial({ ...packet, version: QUIC_VERSION_2 })
    case 3:
      return concat(hex('f0'), uint(QUIC_VERSION_1, 4), hex('01 c1 08'), CLIENT_ID, new Uint8Array(20))
    case 4:
      // Two packets in one datagram, with the keys of a connection id that the second no longer has.
      return concat(
        buildQuicInitial(packet),
        buildQuicInitial({
          ...packet,
          destinationConnectionId: OTHER_ID,
          keyConnectionId: CLIENT_ID,
          packetNumber: packetNumber + 300,
        }),
      )
    case 5:
      return before
    default:
      return buildQuicOpaqueLongHeader(QUIC_VERSION_1, 'zeroRtt', CLIENT_ID, SOURCE_ID, new Uint8Array(30))
  }
}

function gquicTarget(): FuzzTarget {
  const out = { serverNameAt: -1, serverNameEnd: -1 }
  const little = (value: number, size: 2 | 4): Uint8Array => uint(value, size).reverse()
  const values = [
    ['PAD\0', '-----'],
    ['SNI\0', 'cast.vendor.example'],
    ['VER\0', 'Q043'],
  ]
  let valueEnd = 0
  const index = values.map(([tag, value]) => concat(latin1Bytes(tag), little((valueEnd += value.length), 4)))
  const chlo = concat(
    latin1Bytes('CHLO'),
    little(values.length, 2),
    uint(0, 2),
    ...index,
    latin1Bytes(values.map(([, value]) => value).join('')),
  )
  const stream = concat(hex('a0 01'), u16(chlo.length), chlo)
  const hash = new Uint8Array(12).fill(0xab)
  const empty = concat(latin1Bytes('CHLO'), little(0, 2), uint(0, 2))
  return {
    name: 'Google QUIC',
    seeds: [
      concat(hex('09'), CLIENT_ID, latin1Bytes('Q025'), hex('01'), hash, hex('00'), stream),
      concat(hex('19'), CLIENT_ID, latin1Bytes('Q043'), hex('0001'), hash, hex('00 07'), stream),
      concat(hex('ff'), latin1Bytes('Q044'), hex('50'), CLIENT_ID, hex('00000001'), hash, stream),
      concat(hex('c0'), latin1Bytes('Q046'), hex('05'), CLIENT_ID, hex('01'), hash, hex('85 0001 0000'), chlo),
      concat(hex('09'), CLIENT_ID, latin1Bytes('Q035'), hex('01'), hash, hex('a0 01'), u16(empty.length), empty),
    ],
    read(bytes, at, end) {
      const isFound = readGquicServerName(bytes, at, end, out)
      expectInside(at, end, { ...out })
      if (out.serverNameAt > out.serverNameEnd) throw new Error('a name that ends before it begins')
      return [isFound, { ...out }]
    },
  }
}
