// Catalog of the devices and endpoints of the traffic history, and of which device used which endpoint: all of it in
// memory, and what is new in it on its way to the disk.
import type { Endpoint } from '../model/batch.ts'
import { AT_HOME } from '../model/batch.ts'
import { MAX_DEVICES, OTHERS_ID } from '../model/others.ts'
import type { Connection } from '../../capture/sources/sqlite.ts'
import { factsOf, keyOf, OTHER_FACTS, type EndpointFacts } from './endpoint-facts.ts'
import type { RememberedName, StoredEndpoint } from './history.ts'
import { NameCatalog, type NameLimits } from './name-catalog.ts'

export interface CatalogLimits extends NameLimits {
  /** Devices kept apart. */
  devices: number
  /** Distinct endpoints of one device, and of all: the least important become "other". */
  endpointsPerDevice: number
  endpoints: number
  /** Addresses listed with one endpoint. */
  addresses: number
}

/** Devices beyond the cap that wait for the next folding, as a factor of it. */
const OVER = 1.25

export const CATALOG_LIMITS: CatalogLimits = {
  devices: MAX_DEVICES,
  endpointsPerDevice: 4_096,
  endpoints: 65_536,
  addresses: 16,
  namesPerDevice: 1_024,
  names: 65_536,
}

export interface KnownDevice {
  id: number
  name: string
  /** Seconds; null where only names are known of it. */
  first: number | null
  last: number | null
}

/** A device's use of an endpoint. Seconds, bounds of minutes. */
export interface Pair {
  first: number
  last: number
  bytes: number
}

export class Catalog {
  readonly devices = new Map<string, KnownDevice>()
  readonly devicesById = new Map<number, KnownDevice>()
  readonly endpoints = new Map<number, StoredEndpoint>()
  readonly pairs = new Map<number, Map<number, Pair>>()
  readonly names: NameCatalog
  private readonly limits: CatalogLimits
  private readonly byKey = new Map<string, number>()
  private nextDevice = 1
  private nextEndpoint = AT_HOME + 1
  private newDevices = new Set<number>()
  private newEndpoints = new Set<number>()
  private newPairs: [device: number, endpoint: number][] = []
  private touchedPairs = new Map<Pair, [device: number, endpoint: number]>()
  private otherId = 0

  constructor(connection: Connection, limits: CatalogLimits) {
    this.limits = limits
    this.names = new NameCatalog(connection, limits)
    this.load(connection)
  }

  // ── Numbers ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The device of this name; "other" where there are too many. */
  deviceId(name: string): number {
    const known = this.devices.get(name)
    if (known !== undefined) return known.id
    if (this.isFull && name !== OTHERS_ID) return this.deviceId(OTHERS_ID)
    const device: KnownDevice = { id: this.nextDevice++, name, first: null, last: null }
    this.devices.set(name, device)
    this.devicesById.set(device.id, device)
    this.newDevices.add(device.id)
    return device.id
  }

  /** Between two foldings there may be somewhat more than the cap. */
  private get isFull(): boolean {
    return this.devices.size >= this.limits.devices * OVER
  }

  endpointId(endpoint: Endpoint): number {
    return this.idOf(factsOf(endpoint), endpoint.address)
  }

  /** The endpoint of these facts; "other" where there are too many. */
  idOf(facts: EndpointFacts, address: string | null): number {
    const key = keyOf(facts, address)
    const known = this.byKey.get(key)
    if (known !== undefined) {
      this.addAddress(known, address)
      this.addService(known, facts.service)
      return known
    }
    const isOther = facts.namedBy === 'other'
    if (!isOther && this.endpoints.size >= this.limits.endpoints) return this.other()
    const id = this.nextEndpoint++
    this.endpoints.set(id, { ...facts, id, addresses: address === null ? [] : [address] })
    this.byKey.set(key, id)
    this.newEndpoints.add(id)
    return id
  }

  other(): number {
    if (!this.endpoints.has(this.otherId)) this.otherId = this.idOf(OTHER_FACTS, null)
    return this.otherId
  }

  private addAddress(id: number, address: string | null): void {
    const { addresses } = this.endpoints.get(id) as StoredEndpoint
    if (address === null || addresses.length >= this.limits.addresses || addresses.includes(address)) return
    addresses.push(address)
    this.newEndpoints.add(id)
  }

  /** Versions before did not keep it. */
  private addService(id: number, service: string | undefined): void {
    const known = this.endpoints.get(id) as StoredEndpoint
    if (service === undefined || known.service !== undefined) return
    known.service = service
    this.newEndpoints.add(id)
  }

  // ── Use ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Records a cell; returns the endpoint that it counts for: "other" once the device has too many. */
  use(device: number, endpoint: number, second: number, bytes: number): number {
    let pairs = this.pairs.get(device)
    if (pairs === undefined) this.pairs.set(device, (pairs = new Map<number, Pair>()))
    const isFull = endpoint !== AT_HOME && pairs.size >= this.limits.endpointsPerDevice && !pairs.has(endpoint)
    const target = isFull ? this.other() : endpoint
    const minute = second - (second % 60)
    const pair = pairs.get(target)
    if (pair === undefined) {
      pairs.set(target, { first: minute, last: minute + 60, bytes })
      this.newPairs.push([device, target])
    } else {
      if (minute < pair.first) pair.first = minute
      if (minute + 60 > pair.last) pair.last = minute + 60
      pair.bytes += bytes
      this.touchedPairs.set(pair, [device, target])
    }
    const known = this.devicesById.get(device) as KnownDevice
    if (known.first === null || second < known.first) {
      known.first = second
      this.newDevices.add(device)
    }
    if (known.last === null || second > known.last) known.last = second
    return target
  }

  /** What a restart finds in minutes that were not rolled up yet. */
  sawAgain(device: number, endpoint: number, minute: number): void {
    const pair = this.pairs.get(device)?.get(endpoint)
    if (pair !== undefined) pair.last = Math.max(pair.last, minute + 60)
    const known = this.devicesById.get(device)
    if (known !== undefined) known.last = Math.max(known.last ?? 0, minute + 59)
  }

  /**
   * Bounds of uses that were of a moved time become what the rows say. `uses`: device → endpoint → bounds of its rows.
   */
  dateUses(
    connection: Connection,
    isMoved: (time: number) => boolean,
    uses: Map<number, Map<number, { first: number; last: number }>>,
  ): void {
    for (const [device, pairs] of this.pairs) {
      for (const [endpoint, pair] of pairs) {
        const use = uses.get(device)?.get(endpoint)
        if (use === undefined || !(isMoved(pair.first) || isMoved(pair.last - 60))) continue
        if (isMoved(pair.first)) pair.first = use.first
        if (isMoved(pair.last - 60)) pair.last = use.last
        this.touchedPairs.set(pair, [device, endpoint])
      }
    }
    const update = connection.prepare('UPDATE devices SET first = ?, last = ? WHERE id = ?')
    for (const known of this.devices.values()) {
      const bounds = [...(uses.get(known.id)?.values() ?? [])]
      if (known.first === null || known.last === null || bounds.length === 0) continue
      if (isMoved(known.first)) known.first = Math.min(...bounds.map(({ first }) => first))
      if (isMoved(known.last)) known.last = Math.max(...bounds.map(({ last }) => last)) - 1
      update.run(known.first, known.last, known.id)
    }
  }

  // ── Names ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  remember({ device, address, host }: RememberedName, now: number): void {
    if (this.isFull && !this.devices.has(device)) return
    this.names.add(this.deviceId(device), address, host, now)
  }

  rememberedNames(): RememberedName[] {
    return this.names.all().flatMap(({ device, address, host }) => {
      const known = this.devicesById.get(device)
      return known === undefined ? [] : [{ device: known.name, address, host }]
    })
  }

  // ── Time passes ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Forgets what is known from before the floors only, and that anything was before them. */
  dropBefore(connection: Connection, floor: number, nameFloor: number): void {
    connection.prepare('DELETE FROM pairs WHERE last <= ?').run(floor)
    connection.prepare('UPDATE pairs SET first = ? WHERE first < ?').run(floor, floor)
    connection.prepare('UPDATE devices SET first = ? WHERE first < ?').run(floor, floor)
    for (const [device, pairs] of this.pairs) {
      for (const [endpoint, pair] of pairs) {
        if (pair.last <= floor) pairs.delete(endpoint)
        else pair.first = Math.max(pair.first, floor)
      }
      if (pairs.size === 0) this.pairs.delete(device)
    }
    this.names.dropBefore(nameFloor)
    for (const device of this.devices.values()) if (device.first !== null) device.first = Math.max(device.first, floor)
    const unused = [...this.devices.values()].filter(
      (device) => (device.last ?? 0) < floor && !this.pairs.has(device.id) && !this.names.has(device.id),
    )
    if (unused.length > 0) this.dropDevices(connection, unused)
    this.dropUnused(connection)
  }

  /** Removes devices from the lists on disk and in memory; the caller removes their rows of traffic. */
  dropDevices(connection: Connection, devices: readonly KnownDevice[]): number {
    const ids = new Set(devices.map(({ id }) => id))
    const dropPairs = connection.prepare('DELETE FROM pairs WHERE device = ?')
    const dropDevice = connection.prepare('DELETE FROM devices WHERE id = ?')
    let rows = this.names.deleteOf(connection, ids)
    for (const { id, name } of devices) {
      rows += dropPairs.run(id).changes + dropDevice.run(id).changes
      this.pairs.delete(id)
      this.devices.delete(name)
      this.devicesById.delete(id)
      this.newDevices.delete(id)
    }
    this.newPairs = this.newPairs.filter(([owner]) => !ids.has(owner))
    for (const [pair, [owner]] of this.touchedPairs) if (ids.has(owner)) this.touchedPairs.delete(pair)
    return rows
  }

  /** Removes devices likewise; their uses and times go to one. */
  foldDevices(
    connection: Connection,
    devices: readonly KnownDevice[],
    into: number,
    target: (endpoint: number) => number,
  ): void {
    const others = this.devicesById.get(into) as KnownDevice
    const uses = this.pairs.get(into) ?? new Map<number, Pair>()
    this.pairs.set(into, uses)
    for (const { id, first, last } of devices) {
      if (first !== null) others.first = Math.min(others.first ?? first, first)
      if (last !== null) others.last = Math.max(others.last ?? last, last)
      for (const [endpoint, pair] of this.pairs.get(id) ?? []) {
        const known = uses.get(target(endpoint))
        if (known === undefined) uses.set(target(endpoint), { ...pair })
        else addToPair(known, pair)
      }
    }
    this.dropDevices(connection, devices)
    for (const endpoint of uses.keys()) this.newPairs.push([into, endpoint])
    this.newDevices.add(into)
  }

  /** Drops endpoints that no device uses any more. Returns how many. */
  dropUnused(connection: Connection): number {
    const used = new Set<number>([this.otherId])
    for (const pairs of this.pairs.values()) for (const endpoint of pairs.keys()) used.add(endpoint)
    const remove = connection.prepare('DELETE FROM endpoints WHERE id = ?')
    let dropped = 0
    for (const [id, { addresses, ...facts }] of this.endpoints) {
      if (used.has(id)) continue
      remove.run(id)
      this.endpoints.delete(id)
      this.byKey.delete(keyOf(facts, addresses[0] ?? null))
      this.newEndpoints.delete(id)
      dropped += 1
    }
    return dropped
  }

  /** Puts a device's use of some endpoints on others, as its bytes were. */
  remapPairs(connection: Connection, device: number, replacements: Map<number, number>): void {
    const pairs = this.pairs.get(device)
    if (pairs === undefined) return
    for (const [from, to] of replacements) {
      const pair = pairs.get(from)
      if (pair === undefined || from === to) continue
      const target = pairs.get(to)
      pairs.delete(from)
      if (target === undefined) pairs.set(to, pair)
      else {
        addToPair(target, pair)
      }
      this.touchedPairs.delete(pair)
    }
    connection.prepare('DELETE FROM pairs WHERE device = ?').run(device)
    this.newPairs = this.newPairs.filter(([owner]) => owner !== device)
    for (const endpoint of pairs.keys()) this.newPairs.push([device, endpoint])
  }

  // ── Disk ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Writes what is new; what only went on (last use, amounts) where `all`: once an hour is enough, the minutes
   * hold the rest.
   */
  write(connection: Connection, all: boolean): void {
    const device = connection.prepare('INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?)')
    for (const known of all ? this.devices.values() : [...this.newDevices].map((id) => this.devicesById.get(id))) {
      if (known !== undefined) device.run(known.id, known.name, known.first, known.last)
    }
    const endpoint = connection.prepare('INSERT OR REPLACE INTO endpoints VALUES (?, ?)')
    for (const id of this.newEndpoints) {
      endpoint.run(id, JSON.stringify(this.endpoints.get(id)))
    }
    const pair = connection.prepare('INSERT OR REPLACE INTO pairs VALUES (?, ?, ?, ?, ?)')
    for (const [owner, used] of all ? [...this.newPairs, ...this.touchedPairs.values()] : this.newPairs) {
      const facts = this.pairs.get(owner)?.get(used)
      if (facts !== undefined) pair.run(owner, used, facts.first, facts.last, facts.bytes)
    }
    this.names.write(connection)
  }

  /** What `write` wrote is on the disk. */
  written(all: boolean): void {
    this.newDevices.clear()
    this.newEndpoints.clear()
    this.newPairs = []
    this.names.written()
    if (all) this.touchedPairs.clear()
  }

  private load(connection: Connection): void {
    for (const row of connection.prepare('SELECT id, name, first, last FROM devices').all() as KnownDevice[]) {
      this.devices.set(row.name, row)
      this.devicesById.set(row.id, row)
      this.nextDevice = Math.max(this.nextDevice, row.id + 1)
    }
    for (const { id, facts } of connection.prepare('SELECT id, facts FROM endpoints').all() as {
      id: number
      facts: string
    }[]) {
      const endpoint: StoredEndpoint = { ...(JSON.parse(facts) as Omit<StoredEndpoint, 'id'>), id }
      this.endpoints.set(id, endpoint)
      this.byKey.set(keyOf(endpoint, endpoint.addresses[0] ?? null), id)
      this.nextEndpoint = Math.max(this.nextEndpoint, id + 1)
      if (endpoint.namedBy === 'other') this.otherId = id
    }
    type PairRow = Pair & { device: number; endpoint: number }
    for (const { device, endpoint, ...pair } of connection.prepare('SELECT * FROM pairs').all() as PairRow[]) {
      const pairs = this.pairs.get(device)
      if (pairs === undefined) this.pairs.set(device, new Map([[endpoint, pair]]))
      else pairs.set(endpoint, pair)
    }
  }
}

function addToPair(sum: Pair, { first, last, bytes }: Pair): void {
  sum.first = Math.min(sum.first, first)
  sum.last = Math.max(sum.last, last)
  sum.bytes += bytes
}
