// Descriptions of devices, judged anew as more of them is known: what they announced, and the hosts and companies they
// used.
import { isPlaceholder } from '../../capture/logs/named-client.ts'
import { chooseName } from '../identity/device-name.ts'
import { identify, signsAmongPorts } from '../identity/identify.ts'
import type { Engine } from '../engine/engine.ts'
import { NO_MAC } from '../engine/ownership.ts'
import { OTHERS_ID, OTHERS_NAME, OTHERS_WHY } from '../model/others.ts'
import type { Endpoint } from '../model/batch.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import { doubtsOf } from '../resolve/conflicts.ts'
import { repeatedNames, saidBy } from '../resolve/describe-devices.ts'
import { type DeviceBindings, doubtOfRouted } from '../resolve/devices.ts'
import { habitsOf } from '../resolve/habits.ts'
import type { Rules } from '../rulebook/open.ts'
import type { DeviceTable } from './device-table.ts'
import { keptEvidence } from './kept-evidence.ts'

/** Hosts of one device that its identity is judged by. */
const MAX_JUDGED_HOSTS = 256
/** Addresses listed with one device: the latest. */
const MAX_ADDRESSES = 32
/** Devices looked at in one go for something new: the others' turn comes next. */
const LOOKED_AT_ONCE = 1_024

/** Ports and habits of a device that moves something are counted again after so long. */
const SIGNS_SECONDS = 60

export interface DescriptionOptions {
  /** Whether the level of a device lets its hosts be known. */
  keepsHosts: (device: number) => boolean
  /** Whether a device that was first seen then is not to be described yet. */
  isUnconfirmed: (device: number, firstSeen: number) => boolean
}

/** What is known of a device beside the engine's tables. */
interface DevicePeers {
  hosts: Set<string>
  companies: Set<string>
  firstSeen: number
  lastSeen: number
  /** Changes when there is something new to judge the device by. */
  revision: number
  judgedRevision: number
  judgedAnnouncements: number
  /** Ports and habits: counted, judged by, and when they are counted again. */
  signs: number
  judgedSigns: number
  signsFrom: number
}

export class DeviceDescriptions {
  private readonly engine: Engine
  private readonly rules: Rules
  private readonly devices: DeviceTable
  private readonly options: DescriptionOptions
  private readonly knownPeers: DevicePeers[] = []
  private nextDescribed = 0
  private goneRevision = 0

  constructor(engine: Engine, rules: Rules, devices: DeviceTable, options: DescriptionOptions) {
    this.engine = engine
    this.rules = rules
    this.devices = devices
    this.options = options
  }

  /** The device moved bytes to or from this host, or looked it up. */
  addPeer(device: number, { host, company }: Endpoint): void {
    const peers = this.peersOf(device)
    const before = peers.hosts.size + peers.companies.size
    if (peers.hosts.size < MAX_JUDGED_HOSTS) peers.hosts.add(host as string)
    if (company !== null) peers.companies.add(company)
    if (peers.hosts.size + peers.companies.size > before) peers.revision++
  }

  markSeen(device: number, second: number): void {
    const peers = this.peersOf(device)
    if (second < peers.firstSeen) peers.firstSeen = second
    if (second > peers.lastSeen) peers.lastSeen = second
  }

  /** The device is judged anew. */
  markChanged(device: number): void {
    this.peersOf(device).revision++
  }

  /** At most `limit` devices about which something new is known since they were last described; each has its turn. */
  drain(limit: number): SeenDevice[] {
    const described: SeenDevice[] = []
    const all = this.devices.ids.length
    const start = this.nextDescribed < all ? this.nextDescribed : 0
    const most = limit === Number.POSITIVE_INFINITY ? all : Math.min(all, LOOKED_AT_ONCE)
    for (let step = 0; step < most && described.length < limit; step++) {
      const index = (start + step) % all
      this.nextDescribed = index + 1
      const group = this.devices.groups[index]
      const peers = this.knownPeers[index]
      if (group === undefined || peers === undefined || this.options.isUnconfirmed(index, peers.firstSeen)) continue
      const announcements = this.countAnnouncements(group)
      const signs = this.countSigns(group, peers, limit === Number.POSITIVE_INFINITY)
      const isNew = peers.judgedAnnouncements !== announcements || peers.judgedSigns !== signs
      if (peers.judgedRevision === peers.revision && !isNew) continue
      peers.judgedRevision = peers.revision
      peers.judgedAnnouncements = announcements
      peers.judgedSigns = signs
      described.push(this.describe(index, group, peers))
    }
    return described
  }

  /** Numbers of described devices that are no more: an address turned out to be another device's. */
  drainGone(): number[] {
    const gone: number[] = []
    if (this.devices.revision === this.goneRevision) return gone
    this.goneRevision = this.devices.revision
    for (const [index, peers] of this.knownPeers.entries()) {
      if (peers === undefined || peers.judgedRevision === 0 || this.devices.groups[index] !== undefined) continue
      peers.judgedRevision = 0
      gone.push(index)
    }
    return gone
  }

  private peersOf(device: number): DevicePeers {
    return (this.knownPeers[device] ??= {
      hosts: new Set(),
      companies: new Set(),
      firstSeen: Number.POSITIVE_INFINITY,
      lastSeen: Number.NEGATIVE_INFINITY,
      revision: 1,
      judgedRevision: 0,
      judgedAnnouncements: -1,
      signs: 0,
      judgedSigns: 0,
      signsFrom: Number.NEGATIVE_INFINITY,
    })
  }

  /** A number that changes when the device announced something new. */
  private countAnnouncements(group: DeviceBindings): number {
    const { evidence, ownership } = this.engine
    const sources = group.bindings.map((binding) => evidence.ofBinding(binding))
    if (group.mac !== NO_MAC) sources.push(evidence.ofMac(ownership.macText(group.mac)))
    let count =
      group.bindings.length +
      repeatedNames(this.engine, group).length * 65_536 +
      this.engine.conflicts.countOf(group.mac) * 256
    for (const source of sources) for (const values of Object.values(source ?? {})) count += values.size * 65_536
    return count
  }

  /** The same of ports and habits, which are looked at once in a while: they come slowly, and looking costs. */
  private countSigns(group: DeviceBindings, peers: DevicePeers, isLast: boolean): number {
    if (!isLast && peers.lastSeen < peers.signsFrom) return peers.signs
    peers.signsFrom = peers.lastSeen + SIGNS_SECONDS
    const ports = group.bindings.reduce((sum, binding) => sum + this.engine.ports.countOf(binding), 0)
    return (peers.signs = ports * 16 + habitsOf(this.engine, group).length)
  }

  private describe(
    index: number,
    group: DeviceBindings,
    { hosts, companies, firstSeen, lastSeen }: DevicePeers,
  ): SeenDevice {
    if (group.id === OTHERS_ID) return othersSince(index, firstSeen, lastSeen)
    const { ownership, addresses } = this.engine
    const mac = group.mac === NO_MAC ? null : ownership.macText(group.mac)
    const keepsHosts = this.options.keepsHosts(index)
    const said = saidBy(this.engine, group, mac)
    const evidence = keepsHosts ? { ...said, hosts: [...hosts], companies: [...companies] } : { ...said, ports: [] }
    const identity = identify(evidence, this.rules.devices)
    const kept =
      keepsHosts && mac !== null
        ? keptEvidence({ ...said, ports: signsAmongPorts(said, this.rules.devices) })
        : undefined
    const doubts =
      group.mac === NO_MAC ? doubtOfRouted(this.engine, group) : doubtsOf(this.engine, group.mac, keepsHosts)
    const held = new Set(group.bindings.map((binding) => addresses.text(ownership.addressOf(binding))))
    return {
      index,
      id: group.id,
      mac,
      name: identity.name ?? chooseName(evidence, null).name,
      kind: identity.kind,
      ...(identity.guesses.length === 0 ? {} : { guesses: identity.guesses.map(({ kind }) => kind) }),
      vendor: identity.vendor,
      why: identity.why,
      confidence: identity.confidence,
      ...(doubts.length === 0 ? {} : { doubts }),
      privateMac: identity.privateMac,
      addresses: [...held].filter(isShown).slice(-MAX_ADDRESSES),
      firstSeen,
      lastSeen,
      ...(kept === undefined ? {} : { evidence: kept }),
    }
  }
}

/** Neither no address at all nor one that stands for a client which a log only names. */
function isShown(address: string): boolean {
  return address !== '0.0.0.0' && address !== '::' && !isPlaceholder(address)
}

function othersSince(index: number, firstSeen: number, lastSeen: number): SeenDevice {
  return {
    index,
    id: OTHERS_ID,
    mac: null,
    name: OTHERS_NAME,
    kind: 'unknown',
    vendor: null,
    why: [OTHERS_WHY],
    confidence: 0,
    privateMac: false,
    addresses: [],
    firstSeen,
    lastSeen,
  }
}
