// The owner's decisions about devices, each with its undo.
import { randomBytes } from 'node:crypto'
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { DeviceChange, Level } from '../api.ts'
import { cleanText } from '../identity/device-name.ts'
import type { OwnerChoices } from '../session/device-registry.ts'
import { hashOfId } from '../session/excluded-devices.ts'
import { ServiceError } from '../model/service-error.ts'
import type { Policy } from '../model/policy.ts'
import type { Stored } from '../store/stored.ts'

/** As kept on disk. Ids of ignored devices are kept as salted hashes only. */
export interface DecisionData extends OwnerChoices {
  ignored: { salt: string; hashes: string[] }
}

/** Decisions kept by the owner: as many as devices are remembered. */
const MAX_DECISIONS = 4_096
/** Decisions that can still be taken back. */
const MAX_UNDO = 100

export function noDecisions(): DecisionData {
  return { devices: {}, merges: {}, ignored: { salt: randomBytes(16).toString('hex'), hashes: [] } }
}

/** What a stored file says, as far as it can be used. */
export function readDecisions(stored: unknown): DecisionData {
  const data = noDecisions()
  const { devices, merges, ignored } = (stored ?? {}) as Partial<DecisionData>
  for (const [id, words] of Object.entries(devices ?? {}))
    if (typeof words === 'object' && words !== null) define(data.devices, id, words)
  for (const [id, into] of Object.entries(merges ?? {})) if (typeof into === 'string') define(data.merges, id, into)
  if (typeof ignored?.salt === 'string' && Array.isArray(ignored.hashes)) {
    data.ignored = { salt: ignored.salt, hashes: ignored.hashes.filter((hash) => typeof hash === 'string') }
  }
  return data
}

export class Decisions {
  private readonly kept: Stored<DecisionData>
  private readonly undos = new BoundedMap<string, () => void>('changes that can be undone', MAX_UNDO)

  constructor(kept: Stored<DecisionData>) {
    this.kept = kept
  }

  get words(): OwnerChoices {
    return this.kept.data
  }

  get ignored(): DecisionData['ignored'] {
    return this.kept.data.ignored
  }

  /** `members` maps an id to itself and all that were merged into it. */
  policy(newDeviceLevel: Level, membersOf: (id: string) => string[]): Policy {
    const levels: Record<string, Level> = Object.create(null) as Record<string, Level>
    const kinds: Record<string, string> = Object.create(null) as Record<string, string>
    for (const [id, { level, kind }] of Object.entries(this.words.devices)) {
      if (level !== undefined) for (const member of membersOf(id)) levels[member] = level
      if (kind !== undefined) for (const member of membersOf(id)) kinds[member] = kind
    }
    return { levels: { ...levels }, newDeviceLevel, kinds: { ...kinds }, ignored: this.ignored }
  }

  /** Resolves to the number under which the change can be taken back. */
  async change(id: string, { name, kind, level }: DeviceChange): Promise<string> {
    const { devices } = this.words
    const before = Object.hasOwn(devices, id) ? { ...devices[id] } : undefined
    if (before === undefined && Object.keys(devices).length >= MAX_DECISIONS)
      throw new ServiceError(
        409,
        'too-many-decisions',
        `${MAX_DECISIONS} devices have names or levels of yours; no more can be kept`,
      )
    const after = { ...before }
    if (name !== undefined) set(after, 'name', name === null ? undefined : cleanText(name) || undefined)
    if (kind !== undefined) set(after, 'kind', kind ?? undefined)
    if (level !== undefined) set(after, 'level', level)
    define(devices, id, after)
    await this.kept.save()
    return this.keepUndo(() => (before === undefined ? delete devices[id] : define(devices, id, before)))
  }

  async merge(id: string, into: string): Promise<string> {
    const { merges } = this.words
    const before = { ...merges }
    define(merges, id, into)
    await this.kept.save()
    return this.keepUndo(() => this.restoreMerges(before))
  }

  /** All that were merged into the device stand alone again, or the device leaves what it was merged into. */
  async split(id: string): Promise<string> {
    const { merges } = this.words
    const before = { ...merges }
    for (const [member, into] of Object.entries(merges)) if (member === id || into === id) delete merges[member]
    await this.kept.save()
    return this.keepUndo(() => this.restoreMerges(before))
  }

  /** Rejects where there is nothing to take back. */
  async undo(number: string): Promise<void> {
    const undo = this.undos.get(number)
    if (undo === undefined) throw new ServiceError(404, 'nothing-to-undo', 'This change can no longer be taken back')
    this.undos.delete(number)
    undo()
    await this.kept.save()
  }

  /**
   * Nothing of the devices is left, not even a way back; with `ignore` a salted hash. Resolves to how many files were
   * rewritten.
   */
  async forget(ids: string[], ignore: boolean): Promise<number> {
    const { devices, merges, ignored } = this.kept.data
    const gone = new Set(ids)
    for (const [member, into] of Object.entries(merges)) if (gone.has(into)) delete merges[member]
    for (const id of ids) {
      delete devices[id]
      delete merges[id]
      if (!ignore) continue
      const hash = hashOfId(ignored.salt, id)
      if (!ignored.hashes.includes(hash)) ignored.hashes.push(hash)
    }
    this.undos.clear()
    return await this.kept.purge()
  }

  async unignore(hash: string): Promise<void> {
    const { ignored } = this.kept.data
    ignored.hashes = ignored.hashes.filter((known) => known !== hash)
    await this.kept.save()
  }

  private restoreMerges(before: Record<string, string>): void {
    const { merges } = this.words
    for (const id of Object.keys(merges)) delete merges[id]
    for (const [id, into] of Object.entries(before)) define(merges, id, into)
  }

  private keepUndo(undo: () => void): string {
    const number = randomBytes(8).toString('hex')
    this.undos.set(number, undo)
    return number
  }
}

/** Ids of all devices that the owner decided about. */
export function decidedIds({ devices, merges }: OwnerChoices): string[] {
  return [...new Set([...Object.keys(devices), ...Object.keys(merges), ...Object.values(merges)])]
}

/** As own properties, also for an id such as "__proto__". */
function define<Value>(record: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
}

function set<Key extends string>(record: Partial<Record<Key, string>>, key: Key, value: string | undefined): void {
  if (value === undefined) delete record[key]
  else record[key] = value
}
