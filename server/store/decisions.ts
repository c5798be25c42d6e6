// What did the owner decide about devices? Names, kinds, levels, merges, what to ignore, and how to take the last ones back.
import { createHash, randomBytes } from 'node:crypto'
import { LEVELS, type DeviceChange, type Level } from '../api.ts'
import { openStateFile, type OnDamage, type StateFile } from './state-file.ts'

/** Changes that can be taken back. */
export const MAX_UNDOS = 50
/** Far more than a home has; a hostile client must not fill the disk. */
export const MAX_DECIDED = 8_192

export interface DeviceDecision {
  name: string | null
  kind: string | null
  level: Level
}

export const UNDECIDED: Readonly<DeviceDecision> = { name: null, kind: null, level: 'everything' }

/** What a change replaced: decisions (null: none) and merges (null: none) by device id. */
interface UndoEntry {
  undo: string
  devices: [id: string, before: DeviceDecision | null][]
  merges: [id: string, into: string | null][]
}

/** The file. Lists of pairs: an id may be any text that came off the wire, "__proto__" too. */
export interface DecisionsFile {
  devices: [id: string, decision: DeviceDecision][]
  merges: [id: string, into: string][]
  /** Salted hashes: that a device is ignored must not keep its MAC. */
  ignored: string[]
  salt: string
  undos: UndoEntry[]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function readDecision(value: unknown): DeviceDecision {
  const { name, kind, level } = (value ?? {}) as Partial<Record<keyof DeviceDecision, unknown>>
  return { name: isText(name) ? name : null, kind: isText(kind) ? kind : null, level: LEVELS.find((known) => known === level) ?? 'everything' }
}

function pairs(value: unknown): [string, unknown][] {
  if (!Array.isArray(value)) return []
  return value.filter((entry): entry is [string, unknown] => Array.isArray(entry) && entry.length === 2 && isText(entry[0]))
}

function readUndo(value: unknown): UndoEntry | null {
  const { undo, devices, merges } = (value ?? {}) as Partial<Record<keyof UndoEntry, unknown>>
  if (!isText(undo)) return null
  return {
    undo,
    devices: pairs(devices).map(([id, before]) => [id, before === null ? null : readDecision(before)]),
    merges: pairs(merges).map(([id, into]) => [id, isText(into) ? into : null]),
  }
}

/** Keeps what it understands; throws where the file is something else. */
export function readDecisions(value: unknown): DecisionsFile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it holds no decisions')
  const { devices, merges, ignored, salt, undos } = value as Partial<Record<keyof DecisionsFile, unknown>>
  if (!isText(salt)) throw new Error('its salt is missing')
  return {
    devices: pairs(devices).map(([id, decision]) => [id, readDecision(decision)]),
    merges: pairs(merges).filter((pair): pair is [string, string] => isText(pair[1])),
    ignored: Array.isArray(ignored) ? ignored.filter(isText) : [],
    salt,
    undos: Array.isArray(undos) ? undos.map(readUndo).filter((entry) => entry !== null) : [],
  }
}

/** All changes resolve once they are on the disk. */
export class Decisions {
  private readonly file: StateFile<DecisionsFile>
  private readonly devices: Map<string, DeviceDecision>
  private readonly merges: Map<string, string>
  private readonly ignoredHashes: Set<string>

  constructor(file: StateFile<DecisionsFile>) {
    this.file = file
    this.devices = new Map(file.data.devices)
    this.merges = new Map(file.data.merges)
    this.ignoredHashes = new Set(file.data.ignored)
  }

  of(id: string): Readonly<DeviceDecision> {
    return this.devices.get(id) ?? UNDECIDED
  }

  /** The device that this one counts as: itself, unless it was merged. */
  mergedInto(id: string): string {
    return this.merges.get(id) ?? id
  }

  /** Ids that were merged into this one. */
  mergedFrom(into: string): string[] {
    return [...this.merges].flatMap(([id, target]) => (target === into ? [id] : []))
  }

  /** Answers the id with which `undo` takes the change back. */
  async change(id: string, { name, kind, level }: DeviceChange): Promise<string> {
    const before = this.devices.get(id) ?? null
    if (before === null && this.devices.size >= MAX_DECIDED) throw new Error(`More than ${MAX_DECIDED} devices have names or levels of their own: forget some that are gone.`)
    const now = before ?? UNDECIDED
    this.set(id, { name: name === undefined ? now.name : name, kind: kind === undefined ? now.kind : kind, level: level ?? now.level })
    return this.remember({ devices: [[id, before]], merges: [] })
  }

  /** Lets one device, and those merged into it, count as another. */
  async merge(id: string, into: string): Promise<string> {
    const target = this.mergedInto(into)
    if (target === id) throw new Error(`${id} cannot be merged into itself`)
    const moved = [id, ...this.mergedFrom(id)]
    const before = moved.map((one): [string, string | null] => [one, this.merges.get(one) ?? null])
    for (const one of moved) this.merges.set(one, target)
    return this.remember({ devices: [], merges: before })
  }

  /** Lets a merged device, or all that were merged into this one, be devices of their own again. */
  async split(id: string): Promise<string> {
    const apart = this.merges.has(id) ? [id] : this.mergedFrom(id)
    const before = apart.map((one): [string, string | null] => [one, this.merges.get(one) ?? null])
    for (const one of apart) this.merges.delete(one)
    return this.remember({ devices: [], merges: before })
  }

  /** Takes a change back, and is done with it. False where it is not known, or too long ago. */
  async undo(undo: string): Promise<boolean> {
    const entry = this.file.data.undos.find((one) => one.undo === undo)
    if (entry === undefined) return false
    for (const [id, before] of entry.devices) {
      if (before === null) this.devices.delete(id)
      else this.set(id, before)
    }
    for (const [id, into] of entry.merges) {
      if (into === null) this.merges.delete(id)
      else this.merges.set(id, into)
    }
    this.file.data.undos = this.file.data.undos.filter((one) => one !== entry)
    await this.save()
    return true
  }

  /** The device and those merged into it, in no file any more; `ignore` keeps a salted hash of each. Answers how many files were rewritten. */
  async forget(ids: string[], ignore: boolean): Promise<number> {
    const gone = new Set(ids)
    for (const id of gone) {
      this.devices.delete(id)
      this.merges.delete(id)
      for (const merged of this.mergedFrom(id)) this.merges.delete(merged)
      if (ignore) this.ignoredHashes.add(this.hash(id))
    }
    const mentions = ({ devices, merges }: UndoEntry): boolean =>
      devices.some(([id]) => gone.has(id)) || merges.some(([id, into]) => gone.has(id) || (into !== null && gone.has(into)))
    this.file.data.undos = this.file.data.undos.filter((entry) => !mentions(entry))
    this.update()
    return this.file.purge()
  }

  isIgnored(id: string): boolean {
    return this.ignoredHashes.size > 0 && this.ignoredHashes.has(this.hash(id))
  }

  /** Hashes of what is ignored: enough to count them and to take one back, not enough to name one. */
  ignored(): string[] {
    return [...this.ignoredHashes]
  }

  async unignore(hash: string): Promise<void> {
    this.ignoredHashes.delete(hash)
    await this.save()
  }

  private hash(id: string): string {
    return createHash('sha256').update(this.file.data.salt).update(id).digest('base64url').slice(0, 22)
  }

  private set(id: string, decision: DeviceDecision): void {
    const { name, kind, level } = decision
    if (name === null && kind === null && level === 'everything') this.devices.delete(id)
    else this.devices.set(id, decision)
  }

  private async remember(entry: Omit<UndoEntry, 'undo'>): Promise<string> {
    const undo = randomBytes(12).toString('base64url')
    this.file.data.undos = [...this.file.data.undos, { undo, ...entry }].slice(-MAX_UNDOS)
    await this.save()
    return undo
  }

  private update(): void {
    this.file.data.devices = [...this.devices]
    this.file.data.merges = [...this.merges]
    this.file.data.ignored = [...this.ignoredHashes]
  }

  private async save(): Promise<void> {
    this.update()
    await this.file.save()
  }
}

export async function openDecisions(path: string, onDamage?: OnDamage): Promise<Decisions> {
  const defaults: DecisionsFile = { devices: [], merges: [], ignored: [], salt: randomBytes(16).toString('base64url'), undos: [] }
  return new Decisions(await openStateFile(path, defaults, readDecisions, onDamage))
}
