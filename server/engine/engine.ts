// Packets in; flows, names, devices and one tick a second out. The same for a file, a replay and live traffic.
import { decode, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../../capture/decode.ts'
import { LinkType } from '../../capture/formats/link-types.ts'
import type { Frame } from '../../capture/frame.ts'
import { ArpMessage, readArp } from '../../capture/wire/arp.ts'
import { ETHER_TYPE_ARP } from '../../capture/wire/ethernet.ts'
import { macHighOf, macLowOf, NdpMessage, readNdp } from '../../capture/wire/ndp.ts'
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../capture/wire/tcp.ts'
import { bitOf, labelBitsOfPort } from '../attribution/labels.ts'
import { parseAddress, type Prefix } from '../../capture/ip-address.ts'
import { parseMac } from '../../capture/mac-address.ts'
import { AddressTable, OTHER_ADDRESS, OTHER_HOME } from './addresses.ts'
import { Admission, destinationKey, wordsAt } from './admission.ts'
import { Announcements } from './announcements.ts'
import { ClockField, newClock } from './clock.ts'
import { Conflicts } from './conflicts.ts'
import { DnsObserver } from './dns-observer.ts'
import { DnsQueries } from './dns-queries.ts'
import { EvidenceTable } from './evidence.ts'
import { FlowField, FlowNumber, FlowTable, FLOW_INTEGERS, FLOW_NUMBERS } from './flow-table.ts'
import { FlowFlag, FlowKind } from './flow-state.ts'
import { FragmentPorts } from './fragment-ports.ts'
import type { Held } from './held-packets.ts'
import { HomeNetwork, Scope } from './home-network.ts'
import { LimitCounter, LIMITS } from './limits.ts'
import { NamedBy } from './named-by.ts'
import { NameMemory } from './name-memory.ts'
import { NameTable, NO_NAME } from './name-table.ts'
import { type Flood, keyOfMac, Way } from './newcomers.ts'
import { Observed } from './observed.ts'
import { NO_MAC, OTHER_BINDING, Ownership } from './ownership.ts'
import { PayloadInspector } from './payload-inspector.ts'
import { BindingNumber, HOW_ECH, HOW_MASK, LABEL_SHIFT, RowTable } from './row-table.ts'
import { type Tick, TickRecorder } from './tick.ts'

export interface EngineOptions {
  /** The home's networks as the owner names them; null to use the standard ones and learn. */
  home?: Prefix[] | null
  /** Called once for each second of capture time that had traffic. */
  onTick?: (tick: Tick) => void
  /** Asked of each packet once its headers are known: true where nothing of it is to be looked at or counted. */
  isExcluded?: (frame: Frame) => boolean
}

/** Packets that come out of order by less than this count in the second that is open. */
const REORDER_SECONDS = 5
const DIRECT_MEDIA = bitOf('direct-media')
/** A SYN whose number lies less than this behind what was read of the connection is a copy of the one that began it. */
const COPY_DISTANCE = 65_536
const recallEncoder = new TextEncoder()
/** Payloads of an unknown flow looked at in each direction before it is left alone. */
const INSPECTION_BUDGET = 10

/** Takes frames in the order they were captured. Throws nothing for anything that a frame can hold. */
export class Engine {
  readonly limits = new LimitCounter()
  /** Time of the packet at hand, of the first and the last one. */
  readonly clock = newClock()
  readonly conflicts = new Conflicts(this.limits, this.clock)
  readonly home: HomeNetwork
  readonly addresses: AddressTable
  readonly ownership: Ownership
  readonly names = new NameTable(this.limits)
  readonly memory = new NameMemory(this.limits, this.clock)
  readonly observed = new Observed(this.limits)
  readonly evidence = new EvidenceTable(this.limits)
  readonly rows = new RowTable(this.limits)
  readonly flows = new FlowTable()
  readonly dns: DnsObserver

  /** IP packets and their bytes (IP total length). */
  ipPackets = 0
  ipBytes = 0
  /** Bytes between two internet addresses: passing by, of no device at home. */
  transitBytes = 0
  /** Packets that were excluded by the owner's policy. */
  excluded = 0
  /** Packets in which a layer was cut off or damaged, by layer. */
  readonly stopped = new Map<string, number>()

  private readonly admission: Admission
  private readonly announcements: Announcements
  private readonly inspector: PayloadInspector
  private readonly fragments = new FragmentPorts()
  private readonly arp = new ArpMessage()
  private readonly ndp = new NdpMessage()
  private readonly onTick: ((tick: Tick) => void) | undefined
  private readonly isExcluded: ((frame: Frame) => boolean) | undefined
  private readonly tick = new TickRecorder()
  private second = Number.NaN
  private admissionSecond = Number.NaN
  private readonly touched: number[] = []
  /** New addresses that each MAC brought in. */
  private addressesBrought = new Map<number, number>()

  constructor(options: EngineOptions = {}) {
    this.home = new HomeNetwork(options.home ?? null, this.limits)
    this.addresses = new AddressTable(this.home, this.limits)
    this.ownership = new Ownership(this.addresses, this.limits, this.conflicts)
    this.admission = new Admission({
      home: this.home,
      addresses: this.addresses,
      ownership: this.ownership,
      limits: this.limits,
      process: (frame) => this.process(frame),
      countElsewhere: (held) => this.countElsewhere(held),
    })
    const queries = new DnsQueries(this.addresses, this.ownership, this.conflicts, this.limits, this.clock)
    this.dns = new DnsObserver(this.names, this.addresses, this.memory, this.observed, queries, this.limits)
    this.announcements = new Announcements(this.addresses, this.ownership, this.evidence, this.conflicts, this.limits)
    this.inspector = new PayloadInspector(this, this.announcements)
    this.onTick = options.onTick
    this.isExcluded = options.isExcluded
  }

  /** Names that devices announced by multicast DNS. */
  get mdnsNames(): ReadonlySet<string> {
    return this.announcements.mdnsNames
  }

  /** Takes one packet. The frame's bytes may be overwritten afterwards. */
  packet(frame: Frame): void {
    decode(frame)
    this.keepTime(frame)
    if (this.isExcluded?.(frame) === true) {
      this.excluded++
      return
    }
    if (frame.stopped !== null) this.stopped.set(frame.stopped, (this.stopped.get(frame.stopped) ?? 0) + 1)
    if (this.admission.newcomers.isHolding) this.admission.observeAnswer(frame)
    if (frame.version !== 0) {
      this.ipPackets++
      this.ipBytes += frame.ipBytes
    }
    this.take(frame)
  }

  /** The flood of made-up senders that is going on; null where there is none. */
  get flood(): Flood | null {
    return this.admission.newcomers.flood
  }

  /** The device was here before: it keeps its place in a flood. Texts that are no MAC are left out. */
  know(device: string): void {
    const mac = parseMac(device)
    if (mac !== null) this.admission.newcomers.know(keyOfMac(mac.high, mac.low))
  }

  /**
   * What a device (its MAC, or its address where it is known by that) called an address before the engine began: the
   * name source "remembered". Texts that are no MAC or address are left out.
   */
  recall(device: string, address: string, host: string): void {
    const words = parseAddress(address)
    const key = this.keyOfDevice(device)
    if (words === null || key === null) return
    const bytes = recallEncoder.encode(host)
    const name = this.names.internFor(key, bytes, 0, bytes.length)
    if (name !== NO_NAME) this.memory.call(key, this.addresses.ofWords(...words), name)
  }

  private keyOfDevice(id: string): number | null {
    const mac = parseMac(id)
    this.know(id)
    if (mac !== null) return -this.ownership.macOf(mac.high, mac.low)
    const words = parseAddress(id)
    return words === null ? null : this.addresses.ofWords(...words)
  }

  /** A live source says that it is now `second`, packet or not: what was before is over. */
  timeMark(second: number): void {
    this.admissionSecond = second
    this.admission.advance(second)
    if (second > this.second) this.closeSecond(second)
  }

  /** The source has ended: everything still open is counted. */
  finish(): void {
    this.admission.newcomers.finish()
    for (let flow = 0; flow < this.flows.used; flow++) if (this.flows.isAlive(flow)) this.settle(flow)
    if (this.onTick !== undefined) this.closeSecond(Number.NaN)
    this.flows.release()
  }

  /**
   * Gives a flow the name that its own payload carries. Earlier traffic of the flow moves to the name, unless it had
   * another name of its own before: then this is a new request on an old connection, and the past stays.
   */
  nameFlow(flow: number, name: number, namedBy: number, ech: boolean): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const how = ints[at + FlowField.Flags] & FlowFlag.HowMask
    const isOwnName = (how & HOW_MASK) >= NamedBy.Tls && (how & HOW_MASK) <= NamedBy.Http
    // A proxied connection is named by what it carries: the ClientHello inside says more than the request to the proxy.
    if (isOwnName && (how & HOW_MASK) < namedBy) return
    const accepted = !ech || this.isAskedFor(flow, name)
    const newName = accepted ? name : ints[at + FlowField.Name]
    const newHow = (accepted ? namedBy : how & HOW_MASK) | (ech ? HOW_ECH : 0)
    if (newName === ints[at + FlowField.Name] && newHow === how) return
    if (isOwnName && (how & HOW_MASK) === namedBy) this.startAnew(flow)
    else this.uncredit(flow)
    ints[at + FlowField.Name] = newName
    ints[at + FlowField.Flags] = (ints[at + FlowField.Flags] & ~FlowFlag.HowMask) | newHow
    if (accepted) this.rememberName(flow, newName)
  }

  /** STUN was seen in the flow: from its first packet on it counts as direct media. */
  markDirectMedia(flow: number): void {
    const at = flow * FLOW_INTEGERS
    if ((this.flows.ints[at + FlowField.Flags] & FlowFlag.DirectMedia) !== 0) return
    this.uncredit(flow)
    this.flows.ints[at + FlowField.Flags] |= FlowFlag.DirectMedia
  }

  /**
   * A log reported late what names lead to: flows that began since then and have no name yet are named from their start
   * on.
   */
  nameSince(second: number): void {
    const { ints, numbers } = this.flows
    for (let flow = 0; flow < this.flows.used; flow++) {
      const at = flow * FLOW_INTEGERS
      if (
        !this.flows.isAlive(flow) ||
        ints[at + FlowField.Name] !== NO_NAME ||
        !(numbers[flow * FLOW_NUMBERS + FlowNumber.First] >= second)
      )
        continue
      this.nameByMemory(flow)
      if (ints[at + FlowField.Name] === NO_NAME) continue
      this.uncredit(flow)
      if (this.onTick !== undefined && (ints[at + FlowField.Flags] & FlowFlag.Touched) === 0) this.touch(flow)
    }
  }

  private keepTime(frame: Frame): void {
    const { clock } = this
    if (!frame.timed) {
      clock[ClockField.Now] = Number.isNaN(clock[ClockField.Last]) ? 0 : clock[ClockField.Last]
      if (Number.isNaN(this.second)) this.second = clock[ClockField.Now]
      return
    }
    const now = frame.seconds + frame.nanos * 1e-9
    clock[ClockField.Now] = now
    if (!(now >= clock[ClockField.First])) clock[ClockField.First] = now
    if (!(now <= clock[ClockField.Last])) clock[ClockField.Last] = now
    if (frame.seconds !== this.admissionSecond) {
      this.admissionSecond = frame.seconds
      this.admission.advance(frame.seconds)
      // Packets that waited were processed at their own times.
      clock[ClockField.Now] = now
    }
    if (this.onTick !== undefined && frame.seconds !== this.second) {
      const ahead = frame.seconds - this.second
      if (!(ahead < 0 && ahead > -REORDER_SECONDS)) this.closeSecond(frame.seconds)
    }
  }

  private take(frame: Frame): void {
    if (frame.version !== 0) this.count(frame)
    else if (frame.etherType === ETHER_TYPE_ARP && frame.networkAt >= 0 && this.admission.mayAppear(frame))
      this.observeArp(frame)
  }

  /** A packet that had to wait, and was counted as one when it came. */
  private process(frame: Frame): void {
    const now = this.clock[ClockField.Now]
    decode(frame)
    this.clock[ClockField.Now] = frame.timed ? frame.seconds + frame.nanos * 1e-9 : now
    this.take(frame)
    this.clock[ClockField.Now] = now
  }

  /** A packet of a sender without a place counts with all others of the kind; whom it went to has it as well. */
  private countElsewhere({ bytes, way, peer, time }: Held): void {
    if (bytes === 0) return
    const holder = peer < 0 ? OTHER_BINDING : this.ownership.bindingOn(peer)
    switch (way) {
      case Way.Out:
        return this.addToRow(this.namelessRow(OTHER_BINDING), bytes, 0, 1, time, time)
      case Way.In:
        return this.addToRow(this.namelessRow(holder), 0, bytes, 1, time, time)
      case Way.Local:
        this.addLocal(OTHER_BINDING, bytes, 0)
        if (peer >= 0) this.addLocal(holder, 0, bytes)
        return
      default:
        this.transitBytes += bytes
    }
  }

  private namelessRow(binding: number): number {
    const owner = this.ownership.macOfBinding(binding) || -binding
    return this.rows.row(owner, binding, NO_NAME, NamedBy.None, OTHER_ADDRESS)
  }

  private count(frame: Frame): void {
    const source = frame.version === 4 ? frame.source : this.ipv6End(frame, frame.sourceAt)
    // It waits, or is counted with the others'; each packet is asked about once.
    if (frame.version === 6 && source < 0) return
    const destination = frame.version === 4 ? frame.destination : this.ipv6End(frame, frame.destinationAt)
    if (frame.version === 6 && destination < 0) return
    if (frame.fragmentOffset > 0 || frame.moreFragments) this.fragments.resolve(frame, source, destination)
    const protocol = (frame.version << 8) | frame.protocol
    const isSwapped = source > destination || (source === destination && frame.sourcePort > frame.destinationPort)
    const a = isSwapped ? destination : source
    const b = isSwapped ? source : destination
    const ports = isSwapped
      ? (frame.destinationPort << 16) | frame.sourcePort
      : (frame.sourcePort << 16) | frame.destinationPort
    const end = isSwapped ? 1 : 0
    let flow = this.flows.find(a, b, ports, protocol)
    if (flow < 0) {
      if (!this.admission.mayAppear(frame)) return
      flow = this.openFlow(frame, a, b, ports, protocol)
      this.observeSender(frame, flow, end)
    } else if (!this.checkSender(frame, flow, end)) {
      return
    }
    if (this.flows.ints[flow * FLOW_INTEGERS + FlowField.Epoch] !== this.ownership.epoch) this.refreshBindings(flow)
    if (
      (this.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] & FlowFlag.Contested) !== 0 &&
      this.isOthers(frame, flow, end)
    )
      return
    if (frame.protocol === PROTOCOL_TCP && (frame.tcpFlags & (TCP_SYN | TCP_FIN | TCP_RST)) !== 0)
      this.followConnection(frame, flow, end)
    const ints = this.flows.ints
    const base = flow * FLOW_INTEGERS
    const flags = ints[base + FlowField.Flags]
    // Before the packet is counted: a request to another host takes its own packet along. Later fragments begin
    // nothing.
    if (
      (flags & (FlowFlag.InspectA << end)) !== 0 &&
      frame.payloadEnd > frame.payloadAt &&
      frame.fragmentOffset === 0
    ) {
      this.inspector.inspect(frame, flow, end)
    }
    const numbers = this.flows.numbers
    const at = flow * FLOW_NUMBERS
    numbers[at + FlowNumber.PendingA + end] += frame.ipBytes
    const now = this.clock[ClockField.Now]
    if (now > numbers[at + FlowNumber.Last]) numbers[at + FlowNumber.Last] = now
    else if (now < numbers[at + FlowNumber.First]) numbers[at + FlowNumber.First] = now
    ints[base + FlowField.PendingPackets]++
    if (this.onTick !== undefined && (flags & FlowFlag.Touched) === 0) this.touch(flow)
    if (frame.protocol === PROTOCOL_ICMPV6) this.observeNdp(frame)
  }

  /** The number of an address that the packet comes from or goes to; -1 where its sender has to wait. */
  private ipv6End(frame: Frame, at: number): number {
    const known = this.addresses.findIpv6(frame.bytes, at)
    if (known >= 0) return known
    return this.admission.mayAppear(frame) ? this.ipv6Id(frame, at) : -1
  }

  private ipv6Id(frame: Frame, at: number): number {
    const known = this.addresses.findIpv6(frame.bytes, at)
    if (known >= 0) return known
    return this.mayBringAddress(frame) && (at !== frame.destinationAt || this.mayBeNamed(frame))
      ? this.addresses.ofIpv6(frame.bytes, at)
      : this.addresses.otherIpv6(frame.bytes, at)
  }

  private ipv4Id(frame: Frame, address: number): number {
    const known = this.addresses.findIpv4(address)
    if (known >= 0) return known
    const isNamed = address === frame.destination && frame.version === 4
    return this.mayBringAddress(frame) && (!isNamed || this.mayBeNamed(frame))
      ? this.addresses.ofIpv4(address)
      : this.addresses.otherIpv4(address)
  }

  /** One MAC may bring in only so many addresses: a scanning device must not push the others out. */
  private mayBringAddress(frame: Frame): boolean {
    const mac = this.ownership.findMac(frame.macHigh, frame.macLow)
    if (mac === NO_MAC) return true
    if (mac < 0) return false
    const brought = this.addressesBrought.get(mac) ?? 0
    if (brought >= LIMITS.addressesPerMac) {
      this.limits.add('addressesPerMac')
      return false
    }
    this.addressesBrought.set(mac, brought + 1)
    return true
  }

  private mayBeNamed(frame: Frame): boolean {
    const scope =
      frame.version === 4
        ? this.home.scopeOfIpv4(frame.destination)
        : this.home.scopeOfIpv6(...wordsAt(frame, frame.destinationAt))
    return this.admission.mayBeNamed(frame, scope, destinationKey(frame))
  }

  private openFlow(frame: Frame, a: number, b: number, ports: number, protocol: number): number {
    let flow = this.flows.add(a, b, ports, protocol)
    if (flow < 0) {
      this.limits.add('flows')
      this.closeFlow(this.flows.oldest())
      flow = this.flows.add(a, b, ports, protocol)
    }
    const { ints, numbers } = this.flows
    const at = flow * FLOW_INTEGERS
    const addressA = frame.version === 4 ? this.ipv4Id(frame, a) : a
    const addressB = frame.version === 4 ? this.ipv4Id(frame, b) : b
    // A subnet's broadcast address looks like any other; the group MAC identifies it.
    if (frame.toGroup && frame.version === 4) this.observeBroadcast(a === frame.destination ? addressA : addressB)
    ints[at + FlowField.AddressA] = addressA
    ints[at + FlowField.AddressB] = addressB
    ints[at + FlowField.BindingA] = -1
    ints[at + FlowField.BindingB] = -1
    ints[at + FlowField.Row] = -1
    ints[at + FlowField.Epoch] = 0
    numbers[flow * FLOW_NUMBERS + FlowNumber.First] = this.clock[ClockField.Now]
    numbers[flow * FLOW_NUMBERS + FlowNumber.Last] = this.clock[ClockField.Now]
    const kind = kindOf(frame.protocol, frame.sourcePort, frame.destinationPort)
    ints[at + FlowField.Kind] = kind
    ints[at + FlowField.BudgetA] = INSPECTION_BUDGET
    ints[at + FlowField.BudgetB] = INSPECTION_BUDGET
    ints[at + FlowField.Flags] = kind === FlowKind.Other ? 0 : FlowFlag.InspectA | FlowFlag.InspectB
    return flow
  }

  private observeBroadcast(destination: number): void {
    if (
      destination > OTHER_HOME &&
      this.addresses.scope(destination) === Scope.Home &&
      !this.ownership.isHeld(destination)
    )
      this.addresses.makeGroup(destination)
  }

  private closeFlow(flow: number): void {
    this.settle(flow)
    this.inspector.forget(flow)
    this.flows.remove(flow)
  }

  /** The end of the flow. Where neither end was at home, a prefix may have been learned since its last packet. */
  private settle(flow: number): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const isStale = ints[at + FlowField.Epoch] !== this.ownership.epoch
    if (isStale && ints[at + FlowField.BindingA] < 0 && ints[at + FlowField.BindingB] < 0) this.refreshBindings(flow)
    this.fold(flow, true)
  }

  /** Whose address did the packet come from? False where the packet has to wait. */
  private checkSender(frame: Frame, flow: number, end: number): boolean {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const address = ints[at + FlowField.AddressA + end]
    const flags = ints[at + FlowField.Flags]
    if ((flags & (FlowFlag.HomeA << end)) !== 0) {
      if (this.ownership.isUsualSender(address, frame.macHigh, frame.macLow)) return true
      if (!this.admission.mayAppear(frame)) return false
      this.ownership.sawSender(address, frame.macHigh, frame.macLow)
    } else if ((flags & (FlowFlag.SawInternetSender | (FlowFlag.InternetA << end))) === FlowFlag.InternetA << end) {
      this.observeSender(frame, flow, end)
    }
    return true
  }

  /** The first packet of a flow, or its first one from the internet. */
  private observeSender(frame: Frame, flow: number, end: number): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const address = ints[at + FlowField.AddressA + end]
    // Nobody sends from a broadcast address: who does is a device after all.
    if (this.addresses.scope(address) === Scope.Group) this.addresses.unmakeGroup(address)
    const scope = this.addresses.scope(address)
    if (scope === Scope.Home || scope === Scope.Self) this.ownership.sawSender(address, frame.macHigh, frame.macLow)
    else if (scope === Scope.Internet && (ints[at + FlowField.Flags] & FlowFlag.SawInternetSender) === 0) {
      ints[at + FlowField.Flags] |= FlowFlag.SawInternetSender
      this.ownership.sawInternetSender(address, frame.macHigh, frame.macLow, frame.hopLimit)
    }
  }

  /** Some address changed hands since this flow last looked: what it counted so far stays with the former holder. */
  private refreshBindings(flow: number): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const bindingA = this.bindingOf(ints[at + FlowField.AddressA], ints[at + FlowField.BindingA])
    const bindingB = this.bindingOf(ints[at + FlowField.AddressB], ints[at + FlowField.BindingB])
    if (bindingA !== ints[at + FlowField.BindingA] || bindingB !== ints[at + FlowField.BindingB]) {
      const isNew = ints[at + FlowField.BindingA] < 0 && ints[at + FlowField.BindingB] < 0
      // While neither end was at home nothing was credited: a prefix learned later takes all of it along.
      if (
        this.isInherited(ints[at + FlowField.BindingA], bindingA) &&
        this.isInherited(ints[at + FlowField.BindingB], bindingB)
      )
        this.uncredit(flow)
      else if (!isNew) this.startAnew(flow)
      ints[at + FlowField.BindingA] = bindingA
      ints[at + FlowField.BindingB] = bindingB
      this.setSides(flow)
      if (ints[at + FlowField.Name] === NO_NAME) this.nameByMemory(flow)
    }
    const isContested =
      this.ownership.isContested(ints[at + FlowField.AddressA]) ||
      this.ownership.isContested(ints[at + FlowField.AddressB])
    if (isContested) ints[at + FlowField.Flags] |= FlowFlag.Contested
    ints[at + FlowField.Epoch] = this.ownership.epoch
  }

  /** What went to an address before anybody showed up there is its next holder's. */
  private isInherited(before: number, now: number): boolean {
    return before === now || (before >= 0 && now >= 0 && this.ownership.macOfBinding(before) === NO_MAC)
  }

  /** A flow of a contested address stays with the device that began it. */
  private bindingOf(address: number, now: number): number {
    if (now >= 0 && this.ownership.isContested(address) && this.ownership.isOwn(now)) return now
    const scope = this.addresses.scope(address)
    return scope === Scope.Home || scope === Scope.Self ? this.ownership.bindingOn(address) : -1
  }

  /**
   * Of a contested address the frame says whose the packet is: the sender's MAC, and the receiver's where it is one of
   * those that use the address. A packet of another device than the flow's is counted for that device at once, without
   * a name: it must not name or end what the flow's own device began. True where that is so.
   */
  private isOthers(frame: Frame, flow: number, end: number): boolean {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const ownSender = ints[at + FlowField.BindingA + end]
    const ownReceiver = ints[at + FlowField.BindingB - end]
    const { ownership } = this
    const from = ints[at + FlowField.AddressA + end]
    const to = ints[at + FlowField.AddressB - end]
    const sender = ownership.isContested(from)
      ? ownership.bindingByMac(from, frame.macHigh, frame.macLow, ownSender)
      : ownSender
    const isForOne = frame.linkType === LinkType.Ethernet && ownership.isContested(to)
    const receiver = isForOne
      ? ownership.bindingByMac(to, macHighOf(frame.bytes, frame.at), macLowOf(frame.bytes, frame.at), ownReceiver)
      : ownReceiver
    if (sender === ownSender && receiver === ownReceiver) return false
    if (ints[at + FlowField.PendingPackets] === 0 && ints[at + FlowField.CreditedPackets] === 0) {
      this.handOver(flow, end, sender, receiver)
      return false
    }
    const home = this.homeEnd(flow)
    if (home >= 0) this.creditAtOnce(frame, flow, home, home === end ? sender : receiver, home === end)
    else {
      this.addLocal(sender, frame.ipBytes, 0)
      this.addLocal(receiver, 0, frame.ipBytes)
    }
    if (frame.payloadEnd > frame.payloadAt && frame.fragmentOffset === 0)
      this.inspector.inspectOthers(frame, flow, end, sender, receiver)
    if (frame.protocol === PROTOCOL_ICMPV6) this.observeNdp(frame)
    return true
  }

  /** The flow's first packet is another device's than the last one that used the address. */
  private handOver(flow: number, end: number, sender: number, receiver: number): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    ints[at + FlowField.BindingA + end] = sender
    ints[at + FlowField.BindingB - end] = receiver
    ints[at + FlowField.Name] = NO_NAME
    ints[at + FlowField.Flags] &= ~FlowFlag.HowMask
    this.nameByMemory(flow)
  }

  private creditAtOnce(frame: Frame, flow: number, home: number, binding: number, isSent: boolean): void {
    const remote = this.flows.ints[flow * FLOW_INTEGERS + FlowField.AddressB - home]
    const owner = this.ownership.macOfBinding(binding) || -binding
    const how = NamedBy.None | (this.labelBits(flow, home) << LABEL_SHIFT)
    const now = this.clock[ClockField.Now]
    const row = this.rows.row(owner, binding, NO_NAME, how, remote)
    this.addToRow(row, isSent ? frame.ipBytes : 0, isSent ? 0 : frame.ipBytes, 1, now, now)
  }

  private setSides(flow: number): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    let flags =
      ints[at + FlowField.Flags] & ~(FlowFlag.HomeA | FlowFlag.HomeB | FlowFlag.InternetA | FlowFlag.InternetB)
    if (ints[at + FlowField.BindingA] >= 0) flags |= FlowFlag.HomeA
    if (ints[at + FlowField.BindingB] >= 0) flags |= FlowFlag.HomeB
    if (this.addresses.scope(ints[at + FlowField.AddressA]) === Scope.Internet) flags |= FlowFlag.InternetA
    if (this.addresses.scope(ints[at + FlowField.AddressB]) === Scope.Internet) flags |= FlowFlag.InternetB
    ints[at + FlowField.Flags] = flags
  }

  /** The end at home of a flow to the internet: 0, 1, or -1 for local and passing traffic. */
  private homeEnd(flow: number): number {
    const flags = this.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags]
    if ((flags & (FlowFlag.HomeA | FlowFlag.InternetB)) === (FlowFlag.HomeA | FlowFlag.InternetB)) return 0
    if ((flags & (FlowFlag.HomeB | FlowFlag.InternetA)) === (FlowFlag.HomeB | FlowFlag.InternetA)) return 1
    return -1
  }

  /** The name sources below a name of the flow's own, as known when it starts. */
  private nameByMemory(flow: number): void {
    const end = this.homeEnd(flow)
    if (end < 0) return
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    const device = this.ownership.deviceKey(ints[at + FlowField.BindingA + end])
    const remote = ints[at + FlowField.AddressB - end]
    let namedBy: number = NamedBy.Dns
    let name = this.memory.answeredName(device, remote)
    // An answer that came before the device showed its MAC is filed under its address.
    if (name === NO_NAME) name = this.memory.answeredName(ints[at + FlowField.AddressA + end], remote)
    if (name === NO_NAME) {
      namedBy = NamedBy.DnsOther
      name = this.memory.othersName(device, remote)
    }
    if (name === NO_NAME) {
      namedBy = NamedBy.Remembered
      name = this.memory.calledName(device, remote)
    }
    if (name === NO_NAME) return
    ints[at + FlowField.Name] = name
    ints[at + FlowField.Flags] = (ints[at + FlowField.Flags] & ~FlowFlag.HowMask) | namedBy
    if (namedBy === NamedBy.Dns) this.memory.call(device, remote, name)
  }

  private rememberName(flow: number, name: number): void {
    const end = this.homeEnd(flow)
    if (end < 0) return
    const at = flow * FLOW_INTEGERS
    const device = this.ownership.deviceKey(this.flows.ints[at + FlowField.BindingA + end])
    this.memory.call(device, this.flows.ints[at + FlowField.AddressB - end], name)
  }

  /**
   * An encrypted ClientHello shows the name of the service in front, and one that only pretends to be encrypted
   * (GREASE) its real one; from outside the two look the same (RFC 9849 section 6.2). A client looks up the real name,
   * never the front's: the name counts where this device asked for it.
   */
  private isAskedFor(flow: number, name: number): boolean {
    const end = this.homeEnd(flow)
    if (end < 0 || this.dns.isEchPublicName(name)) return false
    const at = flow * FLOW_INTEGERS
    return this.dns.hasAsked(this.ownership.deviceKey(this.flows.ints[at + FlowField.BindingA + end]), name)
  }

  /** A SYN on ports that were used before begins another connection. */
  private followConnection(frame: Frame, flow: number, end: number): void {
    const { ints } = this.flows
    const at = flow * FLOW_INTEGERS
    if ((frame.tcpFlags & (TCP_FIN | TCP_RST)) !== 0) {
      ints[at + FlowField.Flags] |= FlowFlag.Closed
      return
    }
    const flags = ints[at + FlowField.Flags]
    const behind = (ints[at + FlowField.NextA + end] - (frame.sequence + 1)) | 0
    const isCopy =
      (flags & (FlowFlag.OrderedA << end)) !== 0 &&
      (flags & FlowFlag.Closed) === 0 &&
      behind >= 0 &&
      behind < COPY_DISTANCE
    if (isCopy) return
    const isOpening = (frame.tcpFlags & TCP_ACK) === 0
    if (isOpening && (flags & (FlowFlag.Closed | FlowFlag.SawPayload)) !== 0) this.reopen(flow)
    ints[at + FlowField.NextA + end] = (frame.sequence + 1) | 0
    ints[at + FlowField.Flags] |= FlowFlag.OrderedA << end
  }

  private reopen(flow: number): void {
    const { ints, numbers } = this.flows
    const at = flow * FLOW_INTEGERS
    this.startAnew(flow)
    this.inspector.forget(flow)
    ints[at + FlowField.Name] = NO_NAME
    ints[at + FlowField.Flags] &=
      FlowFlag.HomeA |
      FlowFlag.HomeB |
      FlowFlag.InternetA |
      FlowFlag.InternetB |
      FlowFlag.SawInternetSender |
      FlowFlag.Touched |
      FlowFlag.Contested
    ints[at + FlowField.Flags] |= FlowFlag.InspectA | FlowFlag.InspectB
    ints[at + FlowField.BudgetA] = INSPECTION_BUDGET
    ints[at + FlowField.BudgetB] = INSPECTION_BUDGET
    numbers[flow * FLOW_NUMBERS + FlowNumber.First] = this.clock[ClockField.Now]
    this.nameByMemory(flow)
  }

  /** Counts what the flow has so far where it belongs, and begins with empty hands. */
  private startAnew(flow: number): void {
    this.fold(flow, false)
    const { ints, numbers } = this.flows
    const at = flow * FLOW_INTEGERS
    const number = flow * FLOW_NUMBERS
    ints[at + FlowField.Row] = -1
    ints[at + FlowField.CreditedPackets] = 0
    numbers[number + FlowNumber.CreditedA] = 0
    numbers[number + FlowNumber.CreditedB] = 0
    numbers[number + FlowNumber.First] = this.clock[ClockField.Now]
  }

  /** Takes back what was credited to the row of the flow's former name; the next fold credits it to the new one. */
  private uncredit(flow: number): void {
    const { ints, numbers } = this.flows
    const at = flow * FLOW_INTEGERS
    const row = ints[at + FlowField.Row]
    if (row < 0) return
    const number = flow * FLOW_NUMBERS
    const end = this.homeEnd(flow)
    const sent = numbers[number + FlowNumber.CreditedA + end]
    const received = numbers[number + FlowNumber.CreditedB - end]
    const packets = ints[at + FlowField.CreditedPackets]
    this.addToRow(row, -sent, -received, -packets, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
    numbers[number + FlowNumber.PendingA + end] += sent
    numbers[number + FlowNumber.PendingB - end] += received
    ints[at + FlowField.PendingPackets] += packets
    numbers[number + FlowNumber.CreditedA] = 0
    numbers[number + FlowNumber.CreditedB] = 0
    ints[at + FlowField.CreditedPackets] = 0
    ints[at + FlowField.Row] = -1
  }

  /**
   * Credits what the flow counted since the last time. Passing traffic waits for the flow's end: it may turn out local.
   */
  private fold(flow: number, isEnd: boolean): void {
    const { ints, numbers } = this.flows
    const at = flow * FLOW_INTEGERS
    const number = flow * FLOW_NUMBERS
    const packets = ints[at + FlowField.PendingPackets]
    if (packets === 0) return
    const bytesA = numbers[number + FlowNumber.PendingA]
    const bytesB = numbers[number + FlowNumber.PendingB]
    const end = this.homeEnd(flow)
    if (end >= 0) {
      this.foldToRow(flow, end)
    } else if (ints[at + FlowField.BindingA] >= 0 || ints[at + FlowField.BindingB] >= 0) {
      this.addLocal(ints[at + FlowField.BindingA], bytesA, bytesB)
      this.addLocal(ints[at + FlowField.BindingB], bytesB, bytesA)
    } else {
      if (!isEnd) return
      this.transitBytes += bytesA + bytesB
    }
    numbers[number + FlowNumber.PendingA] = 0
    numbers[number + FlowNumber.PendingB] = 0
    ints[at + FlowField.PendingPackets] = 0
  }

  private foldToRow(flow: number, end: number): void {
    const { ints, numbers } = this.flows
    const at = flow * FLOW_INTEGERS
    const number = flow * FLOW_NUMBERS
    let row = ints[at + FlowField.Row]
    if (row < 0) {
      const how = (ints[at + FlowField.Flags] & FlowFlag.HowMask) | (this.labelBits(flow, end) << LABEL_SHIFT)
      const binding = ints[at + FlowField.BindingA + end]
      const owner = this.ownership.macOfBinding(binding) || -binding
      row = this.rows.row(owner, binding, ints[at + FlowField.Name], how, ints[at + FlowField.AddressB - end])
      ints[at + FlowField.Row] = row
    }
    const sent = numbers[number + FlowNumber.PendingA + end]
    const received = numbers[number + FlowNumber.PendingB - end]
    const packets = ints[at + FlowField.PendingPackets]
    this.addToRow(row, sent, received, packets, numbers[number + FlowNumber.First], numbers[number + FlowNumber.Last])
    numbers[number + FlowNumber.CreditedA + end] += sent
    numbers[number + FlowNumber.CreditedB - end] += received
    ints[at + FlowField.CreditedPackets] += packets
  }

  private labelBits(flow: number, end: number): number {
    const farPort = end === 0 ? this.flows.portB(flow) : this.flows.portA(flow)
    const isDirect = (this.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] & FlowFlag.DirectMedia) !== 0
    return labelBitsOfPort(this.flows.protocol(flow), farPort) | (isDirect ? DIRECT_MEDIA : 0)
  }

  private addToRow(row: number, sent: number, received: number, packets: number, first: number, last: number): void {
    this.rows.credit(row, sent, received, packets, first, last)
    const binding = this.rows.binding(row)
    this.rows.addBinding(binding, BindingNumber.Sent, sent)
    this.rows.addBinding(binding, BindingNumber.Received, received)
    if (this.onTick !== undefined) this.tick.addRow(row, sent, received)
  }

  private addLocal(binding: number, sent: number, received: number): void {
    if (binding < 0) return
    this.rows.addBinding(binding, BindingNumber.SentLocal, sent)
    this.rows.addBinding(binding, BindingNumber.ReceivedLocal, received)
    if (this.onTick !== undefined) this.tick.addLocal(binding, sent, received)
  }

  private touch(flow: number): void {
    this.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] |= FlowFlag.Touched
    this.touched.push(flow)
  }

  private closeSecond(next: number): void {
    for (const flow of this.touched) {
      this.flows.ints[flow * FLOW_INTEGERS + FlowField.Flags] &= ~FlowFlag.Touched
      if (this.flows.isAlive(flow)) this.fold(flow, false)
    }
    this.touched.length = 0
    const tick = this.tick.drain(this.second)
    this.second = next
    if (tick.rows.length > 0 || tick.bindings.length > 0) this.onTick?.(tick)
  }

  private observeArp(frame: Frame): void {
    if (!readArp(frame, this.arp)) return
    // Before its address takes a place.
    if (this.ownership.macOf(this.arp.macHigh, this.arp.macLow) === NO_MAC) return
    const address = this.ipv4Id(frame, this.arp.address)
    this.ownership.claim(address, this.arp.macHigh, this.arp.macLow, this.sawFrame(frame))
  }

  private observeNdp(frame: Frame): void {
    const { ndp, home } = this
    if (frame.fragmentOffset > 0 || !readNdp(frame, ndp)) return
    let isNew = false
    for (let index = 0; index < ndp.prefixCount; index++) {
      if (home.learn(frame.bytes, ndp.prefixAt[index], ndp.prefixBits[index])) isNew = true
    }
    if (home.learn(frame.bytes, frame.sourceAt)) isNew = true
    if (ndp.targetAt >= 0 && home.learn(frame.bytes, ndp.targetAt)) isNew = true
    if (isNew) this.rescope()
    if (ndp.macAt < 0 || ndp.addressAt < 0) return
    const address = this.ipv6Id(frame, ndp.addressAt)
    const [high, low] = [macHighOf(frame.bytes, ndp.macAt), macLowOf(frame.bytes, ndp.macAt)]
    this.ownership.claim(address, high, low, this.sawFrame(frame))
  }

  /** The frame's MAC. */
  private sawFrame(frame: Frame): number {
    const mac = this.ownership.macOf(frame.macHigh, frame.macLow)
    this.ownership.behaviour.saw(mac)
    return mac
  }

  /** The home learned a prefix: addresses that looked like the internet's are its own. */
  private rescope(): void {
    this.addresses.rescope((address) => this.ownership.becameHome(address))
    this.ownership.epoch++
  }
}

function kindOf(protocol: number, one: number, other: number): number {
  if (protocol === PROTOCOL_TCP) return one === 53 || other === 53 ? FlowKind.DnsOverTcp : FlowKind.Tcp
  if (protocol !== PROTOCOL_UDP) return FlowKind.Other
  const isPort = (port: number): boolean => one === port || other === port
  if (isPort(53)) return FlowKind.Dns
  if (isPort(5353)) return FlowKind.MulticastDns
  if (isPort(5355)) return FlowKind.LinkLocalNames
  if (isPort(67) || isPort(68)) return FlowKind.Dhcp
  if (isPort(546) || isPort(547)) return FlowKind.Dhcpv6
  if (isPort(1900)) return FlowKind.Ssdp
  return FlowKind.Udp
}
