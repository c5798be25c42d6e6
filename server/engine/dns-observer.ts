// Names from DNS messages: who asked for what, and which address a name led to.
import {
  DnsMessage,
  DnsName,
  DnsType,
  MAX_RECORDS,
  readDnsMessage,
  readName,
  SECTION_ANSWER,
} from '../../capture/wire/dns.ts'
import { readEchPublicName, readServiceBinding, ServiceBinding, Span } from '../../capture/wire/dns-service-binding.ts'
import { i32 } from '../../capture/frame.ts'
import { type AddressTable, OTHER_HOME } from './addresses.ts'
import type { DnsExchange, DnsQueries } from './dns-queries.ts'
import { Scope } from './home-network.ts'
import { KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import type { NameMemory } from './name-memory.ts'
import { NO_NAME, type NameTable } from './name-table.ts'
import type { Observed } from './observed.ts'
import { Shares } from './shares.ts'

/** Addresses learned from one message; real answers hold a dozen. */
const MAX_ADDRESSES = 512
/** CNAMEs of one answer that are followed; Zeek's limit. */
const MAX_ALIASES = 20

/** Learns from messages on port 53, one client at a time. */
export class DnsObserver {
  private readonly message = new DnsMessage()
  private readonly name = new DnsName()
  private readonly binding = new ServiceBinding()
  private readonly span = new Span()
  /** Names that one answer makes aliases of the asked one. */
  private readonly aliases = new Int32Array(MAX_ALIASES + 1)
  private aliasCount = 0
  private addressesLeft = 0
  /** Per answer: its owner's name, and the name that a CNAME leads to. */
  private readonly owners = new Int32Array(MAX_RECORDS)
  private readonly targets = new Int32Array(MAX_RECORDS)
  private readonly asked = new KeyTable(LIMITS.dnsQueries)
  private readonly echPublicNames = new Set<number>()
  private readonly addressShares: Shares

  private readonly names: NameTable
  private readonly addresses: AddressTable
  private readonly memory: NameMemory
  private readonly observed: Observed
  private readonly queries: DnsQueries
  private readonly limits: LimitCounter

  constructor(
    names: NameTable,
    addresses: AddressTable,
    memory: NameMemory,
    observed: Observed,
    queries: DnsQueries,
    limits: LimitCounter,
  ) {
    this.names = names
    this.addresses = addresses
    this.memory = memory
    this.observed = observed
    this.queries = queries
    this.limits = limits
    this.addressShares = new Shares('addressesPerMac', limits)
  }

  /** Takes one message of the exchange. */
  observe(bytes: Uint8Array, at: number, end: number, exchange: DnsExchange): void {
    const { message } = this
    if (!readDnsMessage(bytes, at, end, message)) return
    const id = (bytes[at] << 8) | bytes[at + 1]
    if (!message.isResponse) this.observeQuery(exchange, id)
    else if (message.responseCode === 0 && message.recordCount > 0) this.observeAnswer(exchange, id)
  }

  /** Whether the device asked for the name, whatever the type. */
  hasAsked(device: number, name: number): boolean {
    return this.asked.find(device, name, 0, 0) >= 0
  }

  /** Whether the name is one that ECH keys in the DNS show in place of the destination. */
  isEchPublicName(name: number): boolean {
    return this.echPublicNames.has(name)
  }

  private observeQuery(exchange: DnsExchange, id: number): void {
    const { message } = this
    const { client, device } = exchange
    for (let index = 0; index < message.questionCount; index++) {
      if (readName(message, message.questionAt[index], this.name) < 0) return
      const name = this.internName(device)
      if (index === 0) this.queries.ask(exchange, id, name)
      if (this.observed.addQuery(client, name, message.questionType[index])) this.noteAsked(device, name)
    }
  }

  /** The device asked for the name, in a message or by what a resolver's log says. */
  noteAsked(device: number, name: number): void {
    if (name === NO_NAME || this.asked.find(device, name, 0, 0) >= 0) return
    if (this.asked.add(device, name, 0, 0) < 0) this.limits.add('dnsQueries')
  }

  private observeAnswer(exchange: DnsExchange, id: number): void {
    const { device } = exchange
    if (this.addresses.scope(exchange.client) === Scope.Internet) return
    const { message } = this
    const question = message.questionCount > 0 ? this.nameAt(message.questionAt[0], device) : NO_NAME
    if (!this.queries.mayBelieve(exchange, id, question, () => this.names.text(question))) return
    this.addressesLeft = MAX_ADDRESSES
    this.readOwners(question, device)
    this.collectAliases(question)
    // Sections stand in order: the first record that is no answer ends them.
    for (let index = 0; index < message.recordCount && message.recordSection[index] === SECTION_ANSWER; index++) {
      if (this.addressesLeft <= 0) return
      const type = message.recordType[index]
      if (type === DnsType.A || type === DnsType.AAAA) this.observeAddress(index, question, device)
      else if (type === DnsType.HTTPS || type === DnsType.SVCB) this.observeServiceBinding(index, device)
    }
  }

  /** Reads each answer's owner, and where a CNAME leads, once. */
  private readOwners(question: number, device: number): void {
    const { message } = this
    const questionAt = message.questionCount > 0 ? message.questionAt[0] : -1
    for (let index = 0; index < message.recordCount; index++) {
      if (message.recordSection[index] !== SECTION_ANSWER) return
      const at = message.recordAt[index]
      this.owners[index] = this.pointsTo(at, questionAt) ? question : this.nameAt(at, device)
      this.targets[index] =
        message.recordType[index] === DnsType.CNAME ? this.nameAt(message.rdataAt[index], device) : NO_NAME
    }
  }

  /** Most answers say nothing but "the name asked for": a pointer to the question. */
  private pointsTo(at: number, target: number): boolean {
    const { bytes, start } = this.message
    return target >= 0 && bytes[at] >= 0xc0 && (((bytes[at] & 0x3f) << 8) | bytes[at + 1]) === target - start
  }

  /** The asked name and the CNAME targets it leads to. An answer may list them in any order. */
  private collectAliases(question: number): void {
    const { message, aliases } = this
    aliases[0] = question
    this.aliasCount = question === NO_NAME ? 0 : 1
    for (let grew = true; grew && this.aliasCount > 0;) {
      grew = false
      for (let index = 0; index < message.recordCount && message.recordSection[index] === SECTION_ANSWER; index++) {
        const target = this.targets[index]
        if (target === NO_NAME || !this.isAlias(this.owners[index])) continue
        if (this.isAlias(target) || this.aliasCount > MAX_ALIASES) continue
        aliases[this.aliasCount++] = target
        grew = true
      }
    }
  }

  private isAlias(name: number): boolean {
    for (let index = 0; index < this.aliasCount; index++) if (this.aliases[index] === name) return name !== NO_NAME
    return false
  }

  private observeAddress(index: number, question: number, device: number): void {
    const { message } = this
    const at = message.rdataAt[index]
    const length = message.rdataEnd[index] - at
    const owner = this.owners[index]
    const name = this.isAlias(owner) ? question : owner
    if (message.recordType[index] === DnsType.A && length === 4)
      this.learn(this.ipv4Id(i32(message.bytes, at), device), name, device)
    else if (length === 16) this.learn(this.ipv6Id(at, device), name, device)
  }

  /** RFC 9460: hints name addresses like A and AAAA records do. */
  private observeServiceBinding(index: number, device: number): void {
    const { message, binding } = this
    const { bytes } = message
    if (!readServiceBinding(bytes, message.rdataAt[index], message.rdataEnd[index], binding)) return
    const isAsked = this.isAlias(this.owners[index])
    const name = this.serviceNameAt(isAsked ? message.questionAt[0] : message.recordAt[index], device)
    for (let at = binding.ipv4At; this.mayLearn(at, binding.ipv4End); at += 4)
      this.learn(this.ipv4Id(i32(bytes, at), device), name, device)
    for (let at = binding.ipv6At; this.mayLearn(at, binding.ipv6End); at += 16)
      this.learn(this.ipv6Id(at, device), name, device)
    if (binding.echAt >= 0 && readEchPublicName(bytes, binding.echAt, binding.echEnd, this.span)) {
      const publicName = this.names.internFor(device, bytes, this.span.at, this.span.end)
      if (publicName !== NO_NAME && publicName !== name) this.echPublicNames.add(publicName)
    }
  }

  private mayLearn(at: number, end: number): boolean {
    return at >= 0 && at < end && this.addressesLeft > 0
  }

  private learn(address: number, name: number, device: number): void {
    this.addressesLeft--
    if (name !== NO_NAME && address > OTHER_HOME) this.memory.answer(device, address, name)
  }

  private nameAt(at: number, device: number): number {
    return readName(this.message, at, this.name) < 0 ? NO_NAME : this.internName(device)
  }

  private internName(device: number): number {
    return this.internBytes(0, this.name.length, device)
  }

  /** The name without the labels that only state port and scheme: "_8443._https.example.com" (RFC 9460 section 2.3). */
  private serviceNameAt(at: number, device: number): number {
    if (readName(this.message, at, this.name) < 0) return NO_NAME
    const { bytes, length } = this.name
    let start = 0
    while (bytes[start] === 0x5f) {
      const dot = bytes.indexOf(0x2e, start)
      if (dot < 0 || dot >= length) break
      start = dot + 1
    }
    return this.internBytes(start, length, device)
  }

  private internBytes(at: number, end: number, device: number): number {
    return this.names.internFor(device, this.name.bytes, at, end)
  }

  /** An answer may name any address there is: those not seen yet count against the device's share. */
  private ipv4Id(address: number, device: number): number {
    const known = this.addresses.findIpv4(address)
    return known >= 0 || !this.addressShares.reserve(device) ? known : this.addresses.ofIpv4(address)
  }

  private ipv6Id(at: number, device: number): number {
    const { bytes } = this.message
    const known = this.addresses.findIpv6(bytes, at)
    return known >= 0 || !this.addressShares.reserve(device) ? known : this.addresses.ofIpv6(bytes, at)
  }
}
