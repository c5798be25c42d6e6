// The readers alone: each gets the same payload, and what it finds lies inside of it.
import { FrameAt } from '../../../capture/core/frame-layout.ts'
import type { CoreUnderTest } from './core-under-test.ts'

/** Place of Assembly.length (stream-assembly.ts), in words. */
const LENGTH_OF_ASSEMBLY = 3

type Reader = (core: CoreUnderTest, at: number, end: number) => void

export function readPayload(core: CoreUnderTest, at: number, length: number): void {
  const { draw } = core
  // Most payloads are one reader's; each of the others has to refuse it.
  if (draw.once(4)) for (const read of READERS) read(core, at, at + length)
  else draw.pick(READERS)(core, at, at + length)
}

const READERS: readonly Reader[] = [
  readHello,
  readHello,
  readFlight,
  readHttp,
  readHttp,
  readTexts,
  readDns,
  readDns,
  readServiceBinding,
  readGquic,
  readQuic,
  readNames,
  readSegments,
  readStun,
  readNdp,
]

function inside(core: CoreUnderTest, at: number, end: number, ...places: number[]): void {
  for (const place of places) {
    core.note(place)
    if (place !== 0 && !(place >= at && place <= end)) throw new Error(`a place ${place - at} in ${end - at} bytes`)
  }
}

function readHello(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  for (const isOfRecords of [true, false]) {
    const from = isOfRecords ? at : Math.min(end, at + 5)
    const length = isOfRecords ? exports.readClientHelloRecords(from, end) : exports.readClientHelloMessage(from, end)
    core.note(length)
    if (length > end - from) throw new Error(`a hello of ${length} in ${end - from} bytes`)
    const isOwn = exports.isHelloJoined.value !== 0
    const start = isOwn ? exports.helloScratch.value : at
    const behind = isOwn ? start + exports.helloScratchBytes.value : end
    const { serverNameAt, serverNameEnd, alpnAt, alpnEnd, hasEncryptedHello } = exports
    inside(core, start, behind, serverNameAt.value, serverNameEnd.value, alpnAt.value, alpnEnd.value)
    core.note(hasEncryptedHello.value)
  }
}

function readFlight(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  core.note(exports.startsLikeFlight(at, end))
  const result = exports.readServerFlight(at, end)
  core.note(result)
  const { certificateAt, certificateEnd } = exports
  if (result <= 0) return
  // It lies where records are joined, which is no part of the payload.
  const length = certificateEnd.value - certificateAt.value
  if (length <= 0 || length > end - at) throw new Error(`a certificate of ${length} in ${end - at} bytes`)
  for (let byte = certificateAt.value; byte < certificateEnd.value; byte++) core.note(core.bytes[byte])
}

/** Clients' ids, heads of RTSP and lines of SSH. */
function readTexts(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  const id = exports.readMqttConnect(at, end)
  core.note(id)
  if (id > 0) inside(core, at, end, exports.clientIdAt.value, exports.clientIdEnd.value)
  core.note(exports.startsLikeRtspRequest(at, end))
  core.note(exports.startsLikeRtspResponse(at, end))
  const head = exports.readRtspHead(at, end)
  core.note(head)
  if (head >= 0) inside(core, at, end, exports.serverAt.value, exports.serverEnd.value, exports.userAgentAt.value)
  core.note(exports.startsLikeSsh(at, end))
  const line = exports.readSshBanner(at, end)
  core.note(line)
  if (line > 0) inside(core, at, end, exports.bannerAt.value, exports.bannerEnd.value)
}

function readHttp(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  core.note(exports.startsLikeHttpRequest(at, end))
  const length = exports.readHttpRequest(at, end)
  core.note(length)
  if (length > end - at) throw new Error(`a head of ${length} in ${end - at} bytes`)
  if (length < 0) return
  const { targetHostAt, targetHostEnd, hostAt, hostEnd, userAgentAt, userAgentEnd } = exports
  const [from, to] = [hostAt.value, hostEnd.value]
  inside(core, at, end, targetHostAt.value, targetHostEnd.value, from, to, userAgentAt.value, userAgentEnd.value)
  if (from !== 0) inside(core, from, to, exports.hostWithoutPort(from, to))
}

function readDns(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  core.note(exports.readDnsMessage(at, end))
  if (end - at < 12) return
  core.note(exports.skipDnsName(at + 12, end))
  const behind = exports.readDnsName(at + 12)
  if (behind !== 0) inside(core, at, end, behind)
  const [name, length] = [exports.dnsNameAddress(), exports.dnsNameLength()]
  if (behind !== 0) for (let byte = name; byte < name + length; byte++) core.note(core.bytes[byte])
}

function readServiceBinding(core: CoreUnderTest, at: number, end: number): void {
  const { exports, draw } = core
  // Its names are read within the message that was read last.
  if (exports.readDnsMessage(at, end) === 0) return
  const from = Math.min(end, at + draw.below(end - at + 1))
  core.note(exports.readServiceBinding(from, end))
  const isRead = exports.readEchPublicName(from, end)
  core.note(isRead)
  if (isRead !== 0) inside(core, from, end, exports.echNameAddress(), exports.echNameEndAddress())
}

function readGquic(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  core.note(exports.readGquicServerName(at, end))
  inside(core, at, end, exports.gquicNameAt.value, exports.gquicNameEnd.value)
}

function readQuic(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  core.note(exports.looksLikeQuicLongHeader(at, end))
  core.note(exports.asksForNewInitial(at, end))
  const initials = exports.newInitials()
  core.note(exports.pushInitial(initials, at, end))
  core.note(exports.pushInitial(initials, at, end))
  exports.releaseInitials(initials)
}

function readNames(core: CoreUnderTest, at: number, end: number): void {
  const { exports, draw } = core
  const from = at + draw.below(end - at + 1)
  const to = Math.min(end, from + draw.below(80))
  core.note(exports.findName(from, to))
  core.note(draw.once(2) ? exports.internName(from, to) : exports.internNameFor(draw.below(4), from, to))
  core.note(exports.isRepeated(from, to, draw.below(4)))
  exports.beginHash()
  exports.hashBytes(from, to)
  core.note(exports.endHash())
  core.note(exports.moreHash())
}

/** Out of order, overlapping, and twice. */
function readSegments(core: CoreUnderTest, at: number, end: number): void {
  const { exports, draw } = core
  const base = draw.word() | 0
  // No flow has so high a number here.
  const key = 1_000_000
  const assembly = exports.openAssembly(key, base, draw.below(2))
  if (draw.once(20)) {
    core.note(exports.addSegment(assembly, base, at, end))
    // Begun anew: it is the same one, and empty.
    if (exports.openAssembly(key, base, draw.below(2)) !== assembly) throw new Error('two assemblies of one direction')
  }
  const stride = 1 + draw.below(draw.once(8) ? 30_000 : 400)
  for (let pieces = 1 + draw.below(60); pieces > 0 && exports.isAssemblyFull(assembly) === 0; pieces--) {
    const from = at + draw.below(end - at + 1)
    const to = Math.min(end, from + draw.below(1_500))
    const offset = draw.once(8) ? draw.word() | 0 : (draw.below(6) - 1) * stride
    core.note(exports.addSegment(assembly, (base + offset) | 0, from, to))
    core.note(exports.nextOfAssembly(assembly))
    const joined = core.integers[(assembly >> 2) + LENGTH_OF_ASSEMBLY]
    if (draw.once(6)) exports.consumeAssembled(assembly, draw.below(joined + 1))
  }
  if (exports.isAssemblyFull(assembly) !== 0) core.note(exports.fullLimitOf(assembly))
  exports.closeAssembly(key)
}

function readStun(core: CoreUnderTest, at: number, end: number): void {
  const { exports } = core
  const isStun = exports.looksLikeStun(at, end)
  core.note(isStun)
  if (isStun === 0) return
  exports.readStunSoftware(at, end)
  inside(core, at, end, exports.softwareAt.value, exports.softwareEnd.value)
}

/** As the network layer would be: an IPv6 packet around it, of which the readers look at a few fields. */
function readNdp(core: CoreUnderTest, at: number, end: number): void {
  if (end - at < 40) return
  const { exports, integers, draw } = core
  const record = exports.frameAddress()
  const set = (offset: number, value: number): void => void (integers[(record + offset) >> 2] = value)
  for (const offset of [FrameAt.at, FrameAt.networkAt, FrameAt.payloadAt, FrameAt.sourceAt]) set(offset, at)
  set(FrameAt.destinationAt, at + 16)
  set(FrameAt.payloadAt, at + 40)
  for (const offset of [FrameAt.end, FrameAt.payloadEnd]) set(offset, end)
  set(FrameAt.version, 6)
  set(FrameAt.hopLimit, 255)
  set(FrameAt.protocol, 58)
  core.note(exports.readNdp())
  core.note(exports.ndpPrefixCount.value as number)
  if (draw.once(4)) set(FrameAt.networkAt, 0)
  core.note(exports.readArp())
}
