// Whose the names of multicast DNS are: each belongs to the address in its record, whoever sends the record.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { EvidenceKind, EvidenceTable } from './evidence.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NO_MAC, type Ownership } from './ownership.ts'

/** Whose a name is, seen from whoever announces it. */
export const OWN = 0
export const OTHERS = 1
export const UNKNOWN = 2

/** Addresses remembered of one host. */
const MAX_ADDRESSES = 8

/** Who sent a message: its MAC, negative, or its address where there is none. */
export interface Sender {
  binding: number
  address: number
  mac: number
  device: number
}

interface Instance {
  /** The host that offers the service (SRV), in small letters; null where no record said so. */
  target: string | null
  /** Who announced it first, or together with its own address; 0 for nobody. */
  device: number
  isConfirmed: boolean
}

interface Unconfirmed {
  binding: number
  kind: EvidenceKind
  value: string
  instance: string
}

/**
 * Reflectors, sleep proxies and repeating routers send what other devices announced. What a sender announces without an
 * address counts as its own until it turns out to repeat others', or the device itself shows up; then it is taken back.
 */
export class NameOwners {
  private readonly hosts = new BoundedMap<string, Set<number>>('hosts of multicast DNS', LIMITS.mdnsOwners)
  private readonly instances = new BoundedMap<string, Instance>('services of multicast DNS', LIMITS.mdnsOwners)
  private readonly reflectors = new Set<number>()
  private readonly sleepProxies = new Set<number>()
  private readonly unconfirmed = new Map<number, Unconfirmed[]>()
  /** By address: what others repeat of it. */
  private readonly repeated = new Map<number, Set<string>>()
  private readonly ownership: Ownership
  private readonly evidence: EvidenceTable
  private readonly limits: LimitCounter

  constructor(ownership: Ownership, evidence: EvidenceTable, limits: LimitCounter) {
    this.ownership = ownership
    this.evidence = evidence
    this.limits = limits
  }

  senderOf(binding: number): Sender {
    const mac = this.ownership.macOfBinding(binding)
    const address = this.ownership.addressOf(binding)
    return { binding, address, mac, device: mac > NO_MAC ? -mac : address }
  }

  /** Whether the sender repeats what others announce. */
  isReflector({ device }: Sender): boolean {
    return this.reflectors.has(device)
  }

  isSleepProxy({ device }: Sender): boolean {
    return this.sleepProxies.has(device)
  }

  markSleepProxy({ device }: Sender): void {
    if (this.sleepProxies.size < LIMITS.mdnsOwners) this.sleepProxies.add(device)
  }

  /** The sender repeats others: what it announced without an address of its own says nothing of it. */
  markReflector({ device }: Sender): void {
    if (this.reflectors.has(device) || this.reflectors.size >= LIMITS.mdnsOwners) return
    this.reflectors.add(device)
    this.retract(device, null)
  }

  /** A record says that the host has the address. */
  addHost(host: string, address: number): void {
    const addresses = this.hosts.get(host) ?? new Set()
    if (addresses.size < MAX_ADDRESSES) addresses.add(address)
    this.hosts.set(host, addresses)
  }

  addTarget(instance: string, target: string): void {
    this.instanceOf(instance).target = target
  }

  addressesOf(instance: string): ReadonlySet<number> {
    const target = this.instances.get(instance)?.target
    return (typeof target === 'string' ? this.hosts.get(target) : undefined) ?? new Set()
  }

  /** Whether the address is the sender's own. A sleep proxy holds those of others, and does not send from them. */
  holds(address: number, { address: from, mac, device }: Sender): boolean {
    if (address === from) return true
    if (mac <= NO_MAC) return false
    const { ownership } = this
    return this.sleepProxies.has(device) ? ownership.sendsFrom(address, mac) : ownership.uses(address, mac)
  }

  /** Whose the service is, by the addresses of its host, else by who announced it before. */
  ownerOf(instance: string, sender: Sender): number {
    const known = this.instances.get(instance)
    if (known === undefined) return UNKNOWN
    const addresses = this.addressesOf(instance)
    if (addresses.size > 0) return [...addresses].some((address) => this.holds(address, sender)) ? OWN : OTHERS
    if (known.device === 0 || known.device === sender.device) return UNKNOWN
    return OTHERS
  }

  /** The sender announces the service; `isConfirmed`: with an address of its own. */
  announce(instance: string, { device }: Sender, isConfirmed: boolean): void {
    const known = this.instanceOf(instance)
    if (isConfirmed) {
      if (known.device !== 0 && known.device !== device && !known.isConfirmed) this.retract(known.device, instance)
      known.isConfirmed = true
      known.device = device
    } else if (known.device === 0) {
      known.device = device
    }
  }

  /** Evidence of the sender's that is taken back where it turns out to be another's. */
  addUnconfirmed(instance: string, { binding, device }: Sender, kind: EvidenceKind, value: string): void {
    if (this.evidence.ofBinding(binding)?.[kind]?.has(value) === true) return
    this.evidence.addToBinding(binding, kind, value)
    const list = this.unconfirmed.get(device) ?? []
    if (list.length >= LIMITS.unconfirmedAnnouncements) return this.limits.add('unconfirmedAnnouncements')
    list.push({ binding, kind, value, instance })
    this.unconfirmed.set(device, list)
  }

  /** Evidence of the sender's that came with an address of its own. */
  addConfirmed({ binding, device }: Sender, kind: EvidenceKind, value: string): void {
    this.evidence.addToBinding(binding, kind, value)
    const list = this.unconfirmed.get(device)
    if (list === undefined) return
    this.keep(
      device,
      list.filter((one) => one.binding !== binding || one.kind !== kind || one.value !== value),
    )
  }

  /** Takes back what the device announced of the service without an address; of all services where it is null. */
  retract(device: number, instance: string | null): void {
    const list = this.unconfirmed.get(device)
    if (list === undefined) return
    const isGone = (one: Unconfirmed): boolean => instance === null || one.instance === instance
    const kept = list.filter((one) => !isGone(one))
    for (const { binding, kind, value } of list.filter(isGone)) this.evidence.removeFromBinding(binding, kind, value)
    this.keep(device, kept)
  }

  /** Others repeat this name of the address. */
  repeat(address: number, name: string): void {
    const names = this.repeated.get(address)
    if (names === undefined) {
      if (this.repeated.size >= LIMITS.repeatedAddresses) return this.limits.add('repeatedAddresses')
      this.repeated.set(address, new Set([name]))
    } else if (names.size < LIMITS.repeatedNames) names.add(name)
  }

  /** Whether one more address may be remembered because others repeat a name of it. */
  get mayRepeat(): boolean {
    return this.repeated.size < LIMITS.repeatedAddresses
  }

  /** Names that reflectors and sleep proxies repeat of the address. */
  repeatedOf(address: number): ReadonlySet<string> | undefined {
    return this.repeated.get(address)
  }

  private instanceOf(instance: string): Instance {
    let known = this.instances.get(instance)
    if (known === undefined) {
      known = { target: null, device: 0, isConfirmed: false }
      this.instances.set(instance, known)
    }
    return known
  }

  private keep(device: number, list: Unconfirmed[]): void {
    if (list.length === 0) this.unconfirmed.delete(device)
    else this.unconfirmed.set(device, list)
  }
}
