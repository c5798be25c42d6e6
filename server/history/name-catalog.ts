// Catalog of names remembered over a restart: which name a device knew an address by. All of it in memory, and what is
// new in it on its way to the disk.
import type { Connection } from '../../capture/sources/sqlite.ts'

export interface NameLimits {
  /** Remembered names of one device, and of all. */
  namesPerDevice: number
  names: number
}

/** Time of a name that was learned before the clock was set. */
export const UNDATED = 0

interface KnownName {
  id: number
  host: string
  at: number
}

export class NameCatalog {
  /** Device → address → name, oldest first. */
  private readonly devices = new Map<number, Map<string, KnownName>>()
  private readonly limits: NameLimits
  private count = 0
  private nextId = 1
  private fresh = new Map<number, [device: number, address: string]>()
  private gone: number[] = []

  constructor(connection: Connection, limits: NameLimits) {
    this.limits = limits
    type NameRow = { id: number; device: number; address: string; host: string; at: number }
    for (const { id, device, address, host, at } of connection
      .prepare('SELECT * FROM names ORDER BY id')
      .all() as NameRow[]) {
      const names = this.devices.get(device) ?? new Map<string, KnownName>()
      this.devices.set(device, names.set(address, { id, host, at }))
      this.nextId = Math.max(this.nextId, id + 1)
      this.count += 1
    }
  }

  has(device: number): boolean {
    return this.devices.has(device)
  }

  add(device: number, address: string, host: string, now: number): void {
    let names = this.devices.get(device)
    if (names === undefined) this.devices.set(device, (names = new Map<string, KnownName>()))
    if (names.get(address)?.host === host) return
    this.drop(device, address)
    if (names.size >= this.limits.namesPerDevice) this.drop(device, names.keys().next().value as string)
    if (this.count >= this.limits.names) this.dropOldestOfBusiest()
    names.set(address, { id: this.nextId, host, at: now })
    this.fresh.set(this.nextId++, [device, address])
    this.count += 1
  }

  /** The clock is set for the first time: what was learned before is as old as that. */
  date(now: number): void {
    for (const names of this.devices.values()) for (const name of names.values()) if (name.at === UNDATED) name.at = now
  }

  all(): { device: number; address: string; host: string }[] {
    const all: { device: number; address: string; host: string }[] = []
    for (const [device, names] of this.devices)
      for (const [address, { host }] of names) all.push({ device, address, host })
    return all
  }

  dropBefore(floor: number): void {
    for (const [device, names] of this.devices) {
      for (const [address, { at }] of names) if (at < floor) this.drop(device, address)
      if (names.size === 0) this.devices.delete(device)
    }
  }

  dropDevice(device: number): void {
    for (const address of [...(this.devices.get(device)?.keys() ?? [])]) this.drop(device, address)
    this.devices.delete(device)
  }

  /** Names are many and have no index: one pass for any number of devices. */
  deleteOf(connection: Connection, devices: ReadonlySet<number>): number {
    const rows = connection.prepare('SELECT id, device FROM names').all() as { id: number; device: number }[]
    const remove = connection.prepare('DELETE FROM names WHERE id = ?')
    const gone = rows.filter(({ device }) => devices.has(device))
    for (const { id } of gone) remove.run(id)
    for (const device of devices) this.dropDevice(device)
    return gone.length
  }

  /** Part of a commit. */
  write(connection: Connection): void {
    const remove = connection.prepare('DELETE FROM names WHERE id = ?')
    for (const id of this.gone) remove.run(id)
    const insert = connection.prepare('INSERT INTO names VALUES (?, ?, ?, ?, ?)')
    for (const [id, [device, address]] of this.fresh) {
      const known = this.devices.get(device)?.get(address)
      if (known !== undefined) insert.run(id, device, address, known.host, Math.floor(known.at))
    }
  }

  /** What `write` wrote is on the disk. */
  written(): void {
    this.fresh.clear()
    this.gone = []
  }

  private dropOldestOfBusiest(): void {
    let busiest = -1
    let most = 0
    for (const [device, names] of this.devices) if (names.size > most) [busiest, most] = [device, names.size]
    const oldest = this.devices.get(busiest)?.keys().next().value
    if (oldest !== undefined) this.drop(busiest, oldest)
  }

  private drop(device: number, address: string): void {
    const names = this.devices.get(device)
    const name = names?.get(address)
    if (names === undefined || name === undefined) return
    names.delete(address)
    this.count -= 1
    if (!this.fresh.delete(name.id)) this.gone.push(name.id)
  }
}
