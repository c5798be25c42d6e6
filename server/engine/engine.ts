// The engine: the packet core, and around it what only texts and rare messages need.
import type { Frame } from '../../capture/frame.ts'
import { type Layer, LAYER_NAMES } from '../../capture/frame.ts'
import { REST_TO_GROUP } from '../../capture/core/constants.ts'
import { parseAddress, type Prefix } from '../../capture/ip-address.ts'
import { parseMac } from '../../capture/mac-address.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import { readCertificateNames } from '../../capture/wire/certificate.ts'
import { bitOf, labelBitsOfPort } from '../attribution/labels.ts'
import { AddressTable } from './addresses.ts'
import { Admission } from './admission.ts'
import { Announcements } from './announcements.ts'
import { nameInCertificate } from './certificate-name.ts'
import { PacketClock } from './clock.ts'
import { ClockJumps } from './clock-jumps.ts'
import { ConflictKind, Conflicts } from './conflicts.ts'
import { copyCounts, type CopyCounts } from './copies.ts'
import { CoreFrames } from './core-frames.ts'
import { DnsObserver } from './dns-observer.ts'
import { EvidenceTable } from './evidence.ts'
import type { Held } from './held-packets.ts'
import { HomeNetwork } from './home-network.ts'
import { LimitCounter } from './limits.ts'
import { linkNotices, linkProblems } from './link-notes.ts'
import { NameMemory } from './name-memory.ts'
import { NameTable, NO_NAME } from './name-table.ts'
import { type Flood, keyOfMac, Way } from './newcomers.ts'
import { Observed } from './observed.ts'
import { OTHER_BINDING, Ownership } from './ownership.ts'
import { PortTable } from './port-table.ts'
import { RowTable } from './row-table.ts'
import { readTick, type Tick } from './tick.ts'

export interface EngineOptions {
  /** The home's networks as the owner names them; null to use the standard ones and learn. */
  home?: Prefix[] | null
  /** Called once for each second of capture time that had traffic. */
  onTick?: (tick: Tick) => void
  /** The same where the sums are read in the core; it clears them. */
  onSecond?: (second: number) => void
  /** Counts a packet as often as it was captured, as other tools do; absent: once. */
  countsCopies?: boolean
  /** Asked of each packet once its headers are known: true where nothing of it is to be looked at or counted. */
  isExcluded?: (frame: Frame) => boolean
}

const encoder = new TextEncoder()

/** Takes frames in the order they were captured. Throws nothing for anything that a frame can hold. */
export class Engine {
  readonly core = new PacketCore()
  readonly limits = new LimitCounter(this.core)
  /** Time of the packet at hand, of the first and the last one. */
  readonly clock = new PacketClock(this.core)
  /** Where the packets' clock was set, as far as packets show it. */
  readonly clockJumps = new ClockJumps()
  readonly conflicts = new Conflicts(this.core, this.limits, this.clock)
  readonly home: HomeNetwork
  /** The owner named the home's networks: nothing else is at home. */
  readonly isHomeNamed: boolean
  readonly addresses: AddressTable
  readonly ownership: Ownership
  readonly names = new NameTable(this.core)
  readonly memory = new NameMemory(this.core)
  readonly observed = new Observed(this.core)
  readonly evidence = new EvidenceTable(this.limits)
  readonly rows = new RowTable(this.core)
  readonly ports = new PortTable(this.core)
  readonly dns = new DnsObserver(this.core)

  private readonly frames = new CoreFrames(this.core)
  private readonly admission: Admission
  private readonly announcements: Announcements

  constructor(options: EngineOptions = {}) {
    this.home = new HomeNetwork(this.core, options.home ?? null)
    this.isHomeNamed = (options.home ?? null) !== null
    this.addresses = new AddressTable(this.core)
    this.ownership = new Ownership(this.core)
    this.admission = new Admission({
      home: this.home,
      addresses: this.addresses,
      ownership: this.ownership,
      limits: this.limits,
      process: (frame) => this.frames.processHeld(frame),
      countElsewhere: (held) => this.countElsewhere(held),
    })
    this.announcements = new Announcements(
      this.core,
      this.addresses,
      this.ownership,
      this.evidence,
      this.conflicts,
      this.limits,
    )
    this.answerCore(options)
  }

  /** IP packets and their bytes (IP total length). */
  get ipPackets(): number {
    return this.core.exports.ipPackets.value as number
  }

  get ipBytes(): number {
    return this.core.exports.ipBytes.value as number
  }

  /** Bytes of no device at home, of flows that have ended. */
  get transitBytes(): number {
    return this.core.exports.transitBytes.value as number
  }

  /** Packets that were captured more than once. */
  get copies(): CopyCounts {
    return copyCounts(this.core)
  }

  /** Bytes within the home, each packet once. */
  get localBytes(): number {
    return this.core.exports.localBytes.value as number
  }

  /** Bytes of no device at home; `kind` is one of REST_…. Those of flows that go on may yet be a device's. */
  restBytes(kind: number): number {
    return this.core.exports.restBytesOf(kind) + this.core.exports.openRestBytes(kind)
  }

  /** Packets of these, of flows that have ended. */
  restPackets(kind: number): number {
    return this.core.exports.restPacketsOf(kind)
  }

  /** Copies of packets, which are in `ipBytes` and in no row. */
  get copiedBytes(): number {
    return this.counted('copiedBytes')
  }

  get copiedPackets(): number {
    return this.counted('copiedPackets')
  }

  /** IP bytes of the packets that were excluded, which are not in `ipBytes`. */
  get excludedBytes(): number {
    return this.core.exports.excludedBytes.value as number
  }

  /**
   * IP bytes of tunnels' packets less those of the packets inside, which count in their place; below 0 where a mirror
   * cut packets off. Part of ipBytes, in no row.
   */
  get tunnelBytes(): number {
    return this.core.exports.tunnelBytes.value as number
  }

  /** How the packets were read, where that is not as the file or the interface says; one sentence each. */
  get linkNotices(): string[] {
    return linkNotices(this.core)
  }

  /** What of the link layers could not be read; one sentence each. */
  get linkProblems(): string[] {
    return linkProblems(this.core, this.packets)
  }

  /** Packets that were excluded by the owner's policy. */
  get excluded(): number {
    return this.core.exports.excludedPackets.value as number
  }

  /** Packets in which a layer was cut off or damaged, by layer. */
  get stopped(): Map<Layer, number> {
    const stopped = new Map<Layer, number>()
    LAYER_NAMES.forEach((name, layer) => {
      const count = name === null ? 0 : this.core.exports.stoppedAtLayer(layer)
      if (name !== null && count > 0) stopped.set(name, count)
    })
    return stopped
  }

  /** Flows that go on. */
  get flows(): { size: number } {
    return { size: this.core.exports.flowsAlive() }
  }

  /** Packets taken, those that were excluded included. */
  get packets(): number {
    return this.core.exports.takenPackets.value as number
  }

  /** Whether packets are to be excluded at all: only then isExcluded is asked of each. */
  set excludes(value: boolean) {
    this.core.exports.setMayExclude(Number(value))
  }

  /** Names that devices announced by multicast DNS. */
  get mdnsNames(): ReadonlySet<string> {
    return this.announcements.mdnsNames
  }

  /** Names that reflectors and sleep proxies repeat of the holder of the address. */
  repeatedNames(address: number): ReadonlySet<string> | undefined {
    return this.announcements.repeatedNames(address)
  }

  /** The flood of made-up senders that is going on; null where there is none. */
  get flood(): Flood | null {
    return this.admission.newcomers.flood
  }

  /** Takes one packet. The frame's bytes may be overwritten afterwards. */
  packet(frame: Frame): void {
    this.frames.process(frame)
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
    const name = this.internFor(key, host)
    if (name !== NO_NAME) this.memory.call(key, this.addresses.ofWords(...words), name)
  }

  /** A live source says that it is now `second`, packet or not: what was before is over. */
  timeMark(second: number): void {
    this.core.exports.markTime(second)
  }

  /** The source has ended: everything still open is counted. */
  finish(): void {
    this.admission.newcomers.finish()
    this.noteHolding()
    this.core.exports.finishFlows()
  }

  /**
   * A log reported late what names lead to: flows that began since then and have no name yet are named from their start
   * on.
   */
  nameSince(second: number): void {
    this.core.exports.nameSince(second)
  }

  private keyOfDevice(id: string): number | null {
    const mac = parseMac(id)
    this.know(id)
    if (mac !== null) return -this.ownership.macOf(mac.high, mac.low)
    const words = parseAddress(id)
    return words === null ? null : this.addresses.ofWords(...words)
  }

  /** What the core asks; all of it is rare. */
  private answerCore({ onTick, onSecond, isExcluded, countsCopies }: EngineOptions): void {
    const { core, frames, admission, announcements } = this
    const { host } = core
    core.exports.setDirectMediaLabel(bitOf('direct-media'))
    core.exports.setHasTicks(onTick === undefined && onSecond === undefined ? 0 : 1)
    core.exports.setLeavesOutCopies(countsCopies === true ? 0 : 1)
    core.exports.setMayExclude(isExcluded === undefined ? 0 : 1)
    host.labelBitsOfPort = labelBitsOfPort
    host.takeTick = onSecond ?? ((second) => onTick?.(readTick(core, second)))
    host.isExcluded = () => Number(isExcluded?.(frames.read()) === true)
    host.advance = (second) => {
      this.clockJumps.note(second)
      admission.advance(second)
      this.noteHolding()
    }
    host.mayAppear = () => this.asked(() => admission.mayAppear(frames.read()))
    host.mayClaim = (high, low) => this.asked(() => admission.newcomers.passClaim(keyOfMac(high, low)))
    host.mayBeNamed = () => this.asked(() => admission.mayDestinationBeNamed(frames.read()))
    host.observeAnswer = () => {
      admission.observeAnswer(frames.read())
      this.noteHolding()
    }
    host.observeAnnouncement = (kind, binding) => announcements.observe(frames.read(), kind, binding)
    host.observeUserAgent = (binding, at, end) => announcements.addUserAgent(binding, frames.textAt(at, end))
    host.observeSaid = (kind, binding, at, end) => announcements.addSaid(kind, binding, frames.textAt(at, end))
    host.nameOfCertificate = (device, at, end, name) => this.nameOfCertificate(device, at, end, name)
    host.unaskedAnswer = (client, holder, sender, name, isTold) =>
      this.conflicts.report(ConflictKind.UnaskedAnswer, client, holder, sender, {
        name: name === NO_NAME ? null : this.names.text(name),
        isTold: isTold !== 0,
      })
  }

  /** The number of the name that the certificate in the core's memory tells, NO_NAME for none. */
  private nameOfCertificate(device: number, at: number, end: number, known: number): number {
    const certificate = readCertificateNames(this.core.bytes, at, end)
    if (certificate === null) return NO_NAME
    const name = nameInCertificate(certificate, known === NO_NAME ? null : this.names.text(known))
    return name === null ? NO_NAME : this.internFor(device, name)
  }

  private internFor(device: number, host: string): number {
    const bytes = encoder.encode(host)
    return this.names.internFor(device, bytes, 0, bytes.length)
  }

  /** A sum of the core; 0 where it has none of that name. */
  private counted(name: string): number {
    const sums = this.core.exports as unknown as Record<string, WebAssembly.Global | undefined>
    return (sums[name]?.value as number | undefined) ?? 0
  }

  private asked(question: () => boolean): number {
    const answer = question()
    this.noteHolding()
    return Number(answer)
  }

  /** The core asks about each packet only while somebody waits for an answer. */
  private noteHolding(): void {
    this.core.exports.setIsHolding(Number(this.admission.newcomers.isHolding))
  }

  /** A packet of a sender without a place counts with all others of the kind; whom it went to has it as well. */
  private countElsewhere({ bytes, way, peer, time }: Held): void {
    if (bytes === 0) return
    const { exports } = this.core
    const holder = peer < 0 ? OTHER_BINDING : this.ownership.bindingOn(peer)
    switch (way) {
      case Way.Out:
        return exports.creditNameless(OTHER_BINDING, bytes, 0, time)
      case Way.In:
        return exports.creditNameless(holder, 0, bytes, time)
      case Way.Local:
        exports.countLocal(bytes)
        exports.addLocal(OTHER_BINDING, bytes, 0)
        if (peer >= 0) exports.addLocal(holder, 0, bytes)
        return
      case Way.ToGroup:
        return exports.countRest(REST_TO_GROUP, bytes, 1)
      default:
        exports.countTransit(bytes)
    }
  }
}
