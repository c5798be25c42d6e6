// Names in the first bytes of a flow: TLS ClientHello, QUIC Initial, HTTP request, DNS.
import { Frame } from '../../capture/frame.ts'
import { type GquicServerName, readGquicServerName } from '../../capture/wire/gquic.ts'
import { emptyHttpRequest, hostWithoutPort, readHttpRequest, startsLikeHttpRequest } from '../../capture/wire/http.ts'
import { asksForNewInitial, looksLikeQuicLongHeader } from '../../capture/wire/quic-header.ts'
import { COMPLETE, NOT_INITIAL, UNREADABLE } from '../../capture/wire/quic-initial.ts'
import { looksLikeStun } from '../../capture/wire/stun.ts'
import { TCP_SYN } from '../../capture/wire/tcp.ts'
import { textOf } from '../../capture/wire/text.ts'
import { ClientHello, NEED_MORE, readClientHelloRecords } from '../../capture/wire/tls-hello.ts'
import type { Announcements } from './announcements.ts'
import { ClockField } from './clock.ts'
import { InitialBudget } from './initial-budget.ts'
import { clientEnd, type DnsExchange } from './dns-queries.ts'
import { isHostName } from './host-name-text.ts'
import type { InspectedEngine } from './inspection.ts'
import { FlowField, FLOW_INTEGERS } from './flow-table.ts'
import { FlowFlag, FlowKind } from './flow-state.ts'
import { LIMITS } from './limits.ts'
import { NamedBy } from './named-by.ts'
import { NO_NAME } from './name-table.ts'
import { type QuicHandshake, QuicHandshakes } from './quic-handshakes.ts'
import { StreamAssembly } from './stream-assembly.ts'

/** Client payloads inspected after a ClientHello, for the second one after a HelloRetryRequest (RFC 8446 4.1.4). */
const BUDGET_BEHIND_HELLO = 4
/** Segments kept where the beginning was not seen: a ClientHello in five, each twice, its first one last. */
const SEGMENTS_WITHOUT_BASE = 12
/** A ChangeCipherSpec record: a client in compatibility mode sends it before its second ClientHello (RFC 8446 D.4). */
const CHANGE_CIPHER_SPEC_LENGTH = 6
/** DNS over TCP puts the message's length before it (RFC 1035 section 4.2.2). */
const DNS_LENGTH_BYTES = 2

/** What reading the start of a stream gave. */
const Nothing = 0
const More = 1
const Found = 2

/** Inspects payloads while a flow is young and reports the names in them to the engine. */
export class PayloadInspector {
  private readonly engine: InspectedEngine
  private readonly announcements: Announcements
  private readonly hello = new ClientHello()
  private readonly request = emptyHttpRequest()
  private readonly gquicName: GquicServerName = { serverNameAt: -1, serverNameEnd: -1 }
  /** Keyed by flow × 2 + end. */
  private readonly assemblies = new Map<number, StreamAssembly>()
  private readonly handshakes: QuicHandshakes
  private readonly initialBudget: InitialBudget
  private readonly exchange: DnsExchange = { client: 0, device: 0, server: 0, port: 0, frame: new Frame() }
  /** Bytes of the stream that the last successful reading took. */
  private taken = 0

  constructor(engine: InspectedEngine, announcements: Announcements) {
    this.engine = engine
    this.announcements = announcements
    this.handshakes = new QuicHandshakes(engine.limits)
    this.initialBudget = new InitialBudget(engine.limits)
  }

  /** Inspects the frame's payload, sent by `end` (0 or 1) of the flow. */
  inspect(frame: Frame, flow: number, end: number): void {
    this.exchange.frame = frame
    switch (this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Kind]) {
      case FlowKind.Tcp:
      case FlowKind.DnsOverTcp:
        return this.observeSegment(frame, flow, end)
      case FlowKind.Udp:
        return this.observeDatagram(frame, flow, end)
      case FlowKind.Dns:
        return this.observeDns(frame.bytes, frame.payloadAt, frame.payloadEnd, flow, end)
      default:
        return this.announcements.observe(
          frame,
          this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Kind],
          this.bindingOf(flow, end),
        )
    }
  }

  /** The payload of a frame whose ends are other devices than the flow's: messages complete in one datagram. */
  inspectOthers(frame: Frame, flow: number, end: number, sender: number, receiver: number): void {
    const { exchange, engine } = this
    const kind = engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Kind]
    exchange.frame = frame
    if (kind >= FlowKind.MulticastDns) return this.announcements.observe(frame, kind, sender)
    if (kind !== FlowKind.Dns) return
    const client = clientEnd(frame.bytes, frame.payloadAt, frame.payloadEnd, end)
    const binding = client === end ? sender : receiver
    exchange.device = binding >= 0 ? engine.ownership.deviceKey(binding) : this.addressOf(flow, client)
    this.observeExchange(frame.bytes, frame.payloadAt, frame.payloadEnd, flow, client)
  }

  /** The flow is over, or begins anew. */
  forget(flow: number): void {
    if (this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] & (FlowFlag.AssemblyA | FlowFlag.AssemblyB)) {
      this.assemblies.delete(flow * 2)
      this.assemblies.delete(flow * 2 + 1)
    }
    this.handshakes.release(flow)
  }

  private addressOf(flow: number, end: number): number {
    return this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.AddressA + end]
  }

  private bindingOf(flow: number, end: number): number {
    return this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.BindingA + end]
  }

  private deviceOf(flow: number, end: number): number {
    const binding = this.bindingOf(flow, end)
    return binding >= 0 ? this.engine.ownership.deviceKey(binding) : this.addressOf(flow, end)
  }

  private observeDns(bytes: Uint8Array, at: number, to: number, flow: number, end: number): void {
    const client = clientEnd(bytes, at, to, end)
    this.exchange.device = this.deviceOf(flow, client)
    this.observeExchange(bytes, at, to, flow, client)
  }

  private observeExchange(bytes: Uint8Array, at: number, to: number, flow: number, client: number): void {
    const { exchange, engine } = this
    exchange.client = this.addressOf(flow, client)
    exchange.server = this.addressOf(flow, 1 - client)
    exchange.port = client === 0 ? engine.flows.portA(flow) : engine.flows.portB(flow)
    engine.dns.observe(bytes, at, to, exchange)
  }

  // ── TCP ──

  private observeSegment(frame: Frame, flow: number, end: number): void {
    const { ints } = this.engine.flows
    const at = flow * FLOW_INTEGERS
    ints[at + FlowField.Flags] |= FlowFlag.SawPayload
    const key = flow * 2 + end
    if ((ints[at + FlowField.Flags] & (FlowFlag.AssemblyA << end)) !== 0) {
      const assembly = this.assemblies.get(key)
      if (assembly !== undefined) return this.continueAssembly(assembly, frame, flow, end)
    }
    const sequence = sequenceOf(frame)
    let from = frame.payloadAt
    const isOrdered = (ints[at + FlowField.Flags] & (FlowFlag.OrderedA << end)) !== 0
    if (isOrdered) {
      const ahead = (sequence - ints[at + FlowField.NextA + end]) | 0
      if (ahead > 0)
        return this.startAssembly(ints[at + FlowField.NextA + end], true, frame, flow, end, sequence, frame.payloadAt)
      if (ahead + frame.payloadLength <= 0) return
      from -= ahead
      if (from >= frame.payloadEnd) return
    }
    const isCut = frame.payloadEnd - frame.payloadAt < frame.payloadLength
    let result = this.readStart(frame.bytes, from, frame.payloadEnd, flow, end, isCut)
    const isDns = ints[at + FlowField.Kind] === FlowKind.DnsOverTcp
    while (isDns && result === Found && from + this.taken < frame.payloadEnd) {
      from += this.taken
      result = this.readStart(frame.bytes, from, frame.payloadEnd, flow, end, isCut)
    }
    if ((result === More && !isCut) || (result === Nothing && !isOrdered)) {
      // What looks like a start may be a piece out of the middle, a single byte say, where the SYN was not seen.
      return this.startAssembly(
        (sequence + (from - frame.payloadAt)) | 0,
        isOrdered || isDns,
        frame,
        flow,
        end,
        sequence,
        from,
      )
    }
    this.moveOn(flow, end, (sequence + frame.payloadLength) | 0, result)
  }

  /** Keeps the segment until what is missing before or behind it comes. */
  private startAssembly(
    base: number,
    hasBase: boolean,
    frame: Frame,
    flow: number,
    end: number,
    sequence: number,
    from: number,
  ): void {
    if (this.assemblies.size >= LIMITS.assemblies) this.giveUpOldest()
    const assembly = new StreamAssembly(base, hasBase)
    assembly.add((sequence + (from - frame.payloadAt)) | 0, frame.bytes, from, frame.payloadEnd)
    this.assemblies.set(flow * 2 + end, assembly)
    this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] |= FlowFlag.AssemblyA << end
  }

  /** The direction that has waited longest for its missing piece is not looked at again. */
  private giveUpOldest(): void {
    this.engine.limits.add('assemblies')
    const key = this.assemblies.keys().next().value as number
    this.assemblies.delete(key)
    const at = (key >> 1) * FLOW_INTEGERS
    this.engine.flows.ints[at + FlowField.Flags] &= ~((FlowFlag.AssemblyA | FlowFlag.InspectA) << (key & 1))
  }

  private continueAssembly(assembly: StreamAssembly, frame: Frame, flow: number, end: number): void {
    const sequence = sequenceOf(frame)
    if (
      !assembly.hasBase &&
      this.readStart(frame.bytes, frame.payloadAt, frame.payloadEnd, flow, end, false) === Found
    ) {
      return this.endAssembly(flow, end, (sequence + frame.payloadLength) | 0, Found)
    }
    const grew = assembly.add(sequence, frame.bytes, frame.payloadAt, frame.payloadEnd)
    const result = grew ? this.readAssembled(assembly, flow, end) : More
    if (result === Found) return this.endAssembly(flow, end, assembly.next, Found)
    const hasWaited = assembly.hasBase || assembly.segments >= SEGMENTS_WITHOUT_BASE
    if (assembly.isFull) this.engine.limits.add(assembly.fullLimit)
    if (assembly.isFull || (result === Nothing && hasWaited))
      this.endAssembly(flow, end, (sequence + frame.payloadLength) | 0, Nothing)
  }

  private readAssembled(assembly: StreamAssembly, flow: number, end: number): number {
    for (;;) {
      const result = this.readStart(assembly.bytes, 0, assembly.length, flow, end, false)
      const isDns = this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Kind] === FlowKind.DnsOverTcp
      if (result !== Found || !isDns) return result
      assembly.consume(this.taken)
      if (assembly.length === 0) return Found
    }
  }

  private endAssembly(flow: number, end: number, next: number, result: number): void {
    this.assemblies.delete(flow * 2 + end)
    this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] &= ~(FlowFlag.AssemblyA << end)
    this.moveOn(flow, end, next, result)
  }

  /** Notes where the direction continues, and whether it is worth inspecting again. */
  private moveOn(flow: number, end: number, next: number, result: number): void {
    const { ints } = this.engine.flows
    const at = flow * FLOW_INTEGERS
    ints[at + FlowField.NextA + end] = next
    ints[at + FlowField.Flags] |= FlowFlag.OrderedA << end
    const isEndless =
      ints[at + FlowField.Kind] === FlowKind.DnsOverTcp || (ints[at + FlowField.Flags] & (FlowFlag.HttpA << end)) !== 0
    if (isEndless || result === Found) return
    if (--ints[at + FlowField.BudgetA + end] <= 0) ints[at + FlowField.Flags] &= ~(FlowFlag.InspectA << end)
  }

  /** Reads a message at the start of bytes[at, to). With `isCut` nothing more will come: what is there must do. */
  private readStart(bytes: Uint8Array, at: number, to: number, flow: number, end: number, isCut: boolean): number {
    if (to <= at) return More
    if (this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Kind] === FlowKind.DnsOverTcp)
      return this.readDnsMessage(bytes, at, to, flow, end)
    const first = bytes[at]
    if (first === 0x16 || first === 0x14) return this.readTls(bytes, at, to, flow, end, isCut)
    if (first < 0x41 || first > 0x5a || !startsLikeHttpRequest(bytes, at, to)) return Nothing
    return this.readHttp(bytes, at, to, flow, end, isCut)
  }

  private readTls(bytes: Uint8Array, at: number, to: number, flow: number, end: number, isCut: boolean): number {
    const { hello } = this
    if (bytes[at] === 0x14) at += CHANGE_CIPHER_SPEC_LENGTH
    if (at >= to) return Nothing
    const length = readClientHelloRecords(bytes, at, to, hello)
    if (length < 0) return Nothing
    const isUsable = length > 0 || (isCut && hello.serverNameAt >= 0)
    if (length === NEED_MORE && !isUsable) return More
    this.taken = length
    this.tookHello(hello, NamedBy.Tls, flow, end)
    const { ints } = this.engine.flows
    const field = flow * FLOW_INTEGERS
    ints[field + FlowField.Flags] &= ~(FlowFlag.InspectA << (1 - end))
    ints[field + FlowField.BudgetA + end] = BUDGET_BEHIND_HELLO
    return Found
  }

  private readHttp(bytes: Uint8Array, at: number, to: number, flow: number, end: number, isCut: boolean): number {
    const { request, engine } = this
    const length = readHttpRequest(bytes, at, to, request)
    if (length < 0) return Nothing
    const hasTarget = request.targetHostAt >= 0
    const hostAt = hasTarget ? request.targetHostAt : request.hostAt
    if (length === NEED_MORE && !(isCut && hostAt >= 0)) return More
    this.taken = length
    engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] |= FlowFlag.HttpA << end
    if (request.userAgentAt >= 0) {
      this.announcements.addUserAgent(
        this.bindingOf(flow, end),
        textOf(bytes, request.userAgentAt, request.userAgentEnd),
      )
    }
    if (hostAt < 0) return Found
    const hostEnd = hostWithoutPort(bytes, hostAt, hasTarget ? request.targetHostEnd : request.hostEnd)
    const name = engine.names.internFor(this.deviceOf(flow, end), bytes, hostAt, hostEnd)
    engine.observed.httpHosts.add(name)
    if (isHostName(bytes, hostAt, hostEnd)) engine.nameFlow(flow, name, NamedBy.Http, false)
    return Found
  }

  private readDnsMessage(bytes: Uint8Array, at: number, to: number, flow: number, end: number): number {
    if (to - at < DNS_LENGTH_BYTES) return More
    const length = (bytes[at] << 8) | bytes[at + 1]
    if (to - at < DNS_LENGTH_BYTES + length) return More
    this.observeDns(bytes, at + DNS_LENGTH_BYTES, at + DNS_LENGTH_BYTES + length, flow, end)
    this.taken = DNS_LENGTH_BYTES + length
    return Found
  }

  private tookHello(hello: ClientHello, namedBy: number, flow: number, end: number): void {
    if (hello.serverNameAt < 0) return
    const { engine } = this
    const { bytes, serverNameAt, serverNameEnd, encryptedClientHello } = hello
    const name = engine.names.internFor(this.deviceOf(flow, end), bytes, serverNameAt, serverNameEnd)
    const counts = namedBy === NamedBy.Tls ? engine.observed.tlsServerNames : engine.observed.quicServerNames
    counts.add(name)
    if (name !== NO_NAME && isHostName(bytes, serverNameAt, serverNameEnd))
      engine.nameFlow(flow, name, namedBy, encryptedClientHello)
  }

  // ── UDP ──

  private observeDatagram(frame: Frame, flow: number, end: number): void {
    const { ints } = this.engine.flows
    const at = flow * FLOW_INTEGERS
    if (--ints[at + FlowField.BudgetA + end] <= 0) ints[at + FlowField.Flags] &= ~(FlowFlag.InspectA << end)
    if (looksLikeStun(frame.bytes, frame.payloadAt, frame.payloadEnd)) return this.engine.markDirectMedia(flow)
    const handshake = this.handshakes.find(flow)
    if (handshake !== undefined && handshake.clientEnd === 1 - end)
      return this.observeServerAnswer(frame, flow, handshake)
    if (handshake?.isDone !== true) {
      if (looksLikeQuicLongHeader(frame.bytes, frame.payloadAt, frame.payloadEnd)) this.observeInitial(frame, flow, end)
      else this.observeGquic(frame, flow, end)
    }
    if ((ints[at + FlowField.Flags] & (FlowFlag.InspectA | FlowFlag.InspectB)) === 0) this.handshakes.release(flow)
  }

  private observeInitial(frame: Frame, flow: number, end: number): void {
    const sender = this.deviceOf(flow, end)
    if (!this.initialBudget.take(sender, this.engine.clock[ClockField.Now])) return
    const handshake = this.handshakes.of(flow)
    const result = handshake.reader.push(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (result === UNREADABLE || result === NOT_INITIAL) return
    handshake.clientEnd = end
    if (result !== COMPLETE) return
    handshake.isDone = true
    this.initialBudget.hasRead(sender)
    this.tookHello(handshake.reader.hello, NamedBy.Quic, flow, end)
  }

  /**
   * Google's QUIC before the standard, which phones and speakers of that time still use: its ClientHello is in the
   * clear.
   */
  private observeGquic(frame: Frame, flow: number, end: number): void {
    const { gquicName, engine } = this
    if (!readGquicServerName(frame.bytes, frame.payloadAt, frame.payloadEnd, gquicName)) return
    const { serverNameAt, serverNameEnd } = gquicName
    if (serverNameAt < 0) return
    if (!isHostName(frame.bytes, serverNameAt, serverNameEnd)) return
    engine.nameFlow(
      flow,
      engine.names.internFor(this.deviceOf(flow, end), frame.bytes, serverNameAt, serverNameEnd),
      NamedBy.Quic,
      false,
    )
  }

  /** A Retry or a Version Negotiation makes the client begin anew; any other answer ends what we look for. */
  private observeServerAnswer(frame: Frame, flow: number, handshake: QuicHandshake): void {
    if (asksForNewInitial(frame.bytes, frame.payloadAt, frame.payloadEnd)) {
      handshake.reader.reset()
      handshake.isDone = false
    } else if (handshake.isDone) {
      this.engine.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] &= ~(FlowFlag.InspectA | FlowFlag.InspectB)
      this.handshakes.release(flow)
    }
  }
}

/** The number of the payload's first byte: a SYN takes one, and may carry data (RFC 7413). */
function sequenceOf(frame: Frame): number {
  return (frame.sequence + ((frame.tcpFlags & TCP_SYN) >> 1)) | 0
}
