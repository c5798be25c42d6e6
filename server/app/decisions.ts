// The owner's decisions about devices, each with its undo.
import { isRecord } from '../model/record.ts'
import { randomBytes } from 'node:crypto'
import { BoundedMap } from '../../capture/bounded-map.ts'
import { LEVELS, type DeviceChange, type Level, type NewPerson, type PersonAdded, type PersonChange } from '../api.ts'
import { cleanText } from '../identity/device-name.ts'
import { childrensDevices } from '../session/device-people.ts'
import type { OwnerChoices } from '../session/owner-choices.ts'
import { hashOfId } from '../session/excluded-devices.ts'
import { ServiceError } from '../model/service-error.ts'
import type { Policy } from '../model/policy.ts'
import type { Stored } from '../store/stored.ts'
import { addPerson, changePerson, readPeople, removePerson, requirePerson } from './people.ts'

/** As kept on disk. Ids of ignored devices are kept as salted hashes only. */
export interface DecisionData extends OwnerChoices {
  ignored: { salt: string; hashes: string[] }
  /** Devices that the owner does not want to be merged: each group as its ids. */
  apart?: string[][]
  /** What damage may have changed of all this, in sentences, until the owner has confirmed it. */
  unconfirmed?: string[]
}

/** Decisions kept by the owner: as many as devices are remembered. */
const MAX_DECISIONS = 4_096
/** Groups of devices kept apart: the oldest are offered again. */
const MAX_APART = 256
/** Sentences about damage that wait for the owner. */
const MAX_UNCONFIRMED = 8
/** Decisions that can still be taken back. */
const MAX_UNDO = 100

export function noDecisions(): DecisionData {
  return { devices: {}, merges: {}, ignored: { salt: randomBytes(16).toString('hex'), hashes: [] } }
}

/**
 * What a stored file says. Throws where a part of it is missing or wrong: what it would be without that part may keep
 * more of a device than the owner decided.
 */
export function readDecisions(stored: unknown): DecisionData {
  if (!isRecord(stored)) throw new Error('it does not hold decisions')
  const data = noDecisions()
  const { devices, merges, ignored, unconfirmed } = stored
  if (!isRecord(devices)) throw new Error('its devices are missing')
  for (const [id, words] of Object.entries(devices)) {
    if (!areWords(words)) throw new Error('what it says of a device is wrong')
    define(data.devices, id, words)
  }
  if (!isRecord(merges)) throw new Error('its merged devices are missing')
  for (const [id, into] of Object.entries(merges)) {
    if (typeof into !== 'string') throw new Error('a merged device is wrong')
    define(data.merges, id, into)
  }
  if (!isIgnored(ignored)) throw new Error('its ignored devices are missing')
  data.ignored = { salt: ignored.salt, hashes: ignored.hashes }
  if (isTexts(unconfirmed)) data.unconfirmed = unconfirmed
  const { apart } = stored
  if (Array.isArray(apart) && apart.every(isTexts)) data.apart = apart.slice(-MAX_APART)
  const people = readPeople(stored['people'])
  if (people !== undefined) data.people = people
  return data
}

/**
 * What can be used of versions that are damaged, the best first. `knowsIgnored`: the list of ignored devices is whole.
 */
export function salvagedDecisions(found: readonly unknown[]): { data: DecisionData; knowsIgnored: boolean } {
  const data = noDecisions()
  for (const stored of [...found].reverse().filter(isRecord)) {
    const { devices, merges } = stored
    const people = readPeople(stored['people'])
    if (people !== undefined) data.people = { ...data.people, ...people }
    for (const [id, words] of Object.entries(isRecord(devices) ? devices : {}))
      if (areWords(words)) define(data.devices, id, words)
    for (const [id, into] of Object.entries(isRecord(merges) ? merges : {}))
      if (typeof into === 'string') define(data.merges, id, into)
  }
  const lists = found.map((stored) => (isRecord(stored) ? stored['ignored'] : null))
  const whole = lists.find(isIgnored)
  if (whole !== undefined) data.ignored = { salt: whole.salt, hashes: whole.hashes }
  else {
    const part = lists.filter(isRecord).find(({ salt, hashes }) => isSalt(salt) && Array.isArray(hashes))
    if (part !== undefined)
      data.ignored = { salt: part['salt'] as string, hashes: (part['hashes'] as unknown[]).filter(isHash) }
  }
  return { data, knowsIgnored: whole !== undefined }
}

function areWords(words: unknown): words is DecisionData['devices'][string] {
  if (!isRecord(words)) return false
  const { name, kind, level, person } = words
  return (
    [name, kind, person].every((text) => text === undefined || typeof text === 'string') &&
    (level === undefined || LEVELS.includes(level as Level))
  )
}

function isIgnored(value: unknown): value is DecisionData['ignored'] {
  if (!isRecord(value)) return false
  const { salt, hashes } = value
  return isSalt(salt) && Array.isArray(hashes) && hashes.every(isHash)
}

function isSalt(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

export class Decisions {
  private readonly kept: Stored<DecisionData>
  private readonly undos = new BoundedMap<string, (data: DecisionData) => void>('changes that can be undone', MAX_UNDO)

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
    const children = childrensDevices(this.words, membersOf)
    return { levels: { ...levels }, newDeviceLevel, kinds: { ...kinds }, children, ignored: this.ignored }
  }

  /** Resolves to the number under which the change can be taken back. */
  async change(id: string, { name, kind, level, person }: DeviceChange): Promise<string> {
    const before = await this.kept.change(({ devices, people }) => {
      if (typeof person === 'string') requirePerson({ people }, person)
      const known = Object.hasOwn(devices, id) ? { ...devices[id] } : undefined
      if (known === undefined && Object.keys(devices).length >= MAX_DECISIONS)
        throw new ServiceError(
          409,
          'too-many-decisions',
          `${MAX_DECISIONS} devices have names or levels of yours; no more can be kept`,
        )
      const after = { ...known }
      if (name !== undefined) set(after, 'name', name === null ? undefined : cleanText(name) || undefined)
      if (kind !== undefined) set(after, 'kind', kind ?? undefined)
      if (level !== undefined) set(after, 'level', level)
      if (person !== undefined) set(after, 'person', person ?? undefined)
      define(devices, id, after)
      return known
    })
    return this.keepUndo(({ devices }) => (before === undefined ? delete devices[id] : define(devices, id, before)))
  }

  async addPerson(wanted: NewPerson): Promise<PersonAdded> {
    const id = await this.kept.change((data) => addPerson(data, wanted))
    const undo = this.keepUndo((data) => void removePerson(data, id))
    return { person: { id, ...requirePerson(this.words, id)[id] }, undo }
  }

  async changePerson(id: string, change: PersonChange): Promise<string> {
    const before = await this.kept.change((data) => changePerson(data, id, change))
    return this.keepUndo((data) => void changePerson(data, id, before))
  }

  async removePerson(id: string): Promise<string> {
    return this.keepUndo(await this.kept.change((data) => removePerson(data, id)))
  }

  /** Whether the owner said that these two are not one. */
  areApart(one: string, other: string): boolean {
    return (this.kept.data.apart ?? []).some((ids) => ids.includes(one) && ids.includes(other))
  }

  /** They are not offered to be merged again. */
  async keepApart(ids: readonly string[]): Promise<string> {
    const group = [...new Set(ids)]
    await this.kept.change((data) => {
      data.apart = [...(data.apart ?? []), group].slice(-MAX_APART)
    })
    return this.keepUndo((data) => {
      data.apart = (data.apart ?? []).filter((known) => known.join(' ') !== group.join(' '))
    })
  }

  /** All of them at once: one change to take back. */
  async mergeAll(ids: readonly string[], into: string): Promise<string> {
    return this.changeMerges((merges) => {
      for (const id of ids) define(merges, id, into)
    })
  }

  async merge(id: string, into: string): Promise<string> {
    return this.changeMerges((merges) => define(merges, id, into))
  }

  /** Everything that was merged into the device, and the device itself, stand alone again. */
  async split(id: string): Promise<string> {
    return this.changeMerges((merges) => {
      delete merges[id]
      for (const [member, into] of Object.entries(merges)) if (into === id) delete merges[member]
    })
  }

  /** Rejects where there is nothing to take back. */
  async undo(number: string): Promise<void> {
    const undo = this.undos.get(number)
    if (undo === undefined) throw new ServiceError(404, 'nothing-to-undo', 'This change can no longer be taken back')
    await this.kept.change(undo)
    this.undos.delete(number)
  }

  /**
   * Nothing of the devices is left, not even a way back; with `ignore` a salted hash. Resolves to how many files were
   * rewritten.
   */
  async forget(ids: string[], ignore: boolean): Promise<number> {
    const gone = new Set(ids)
    await this.kept.change((data) => {
      const { devices, merges, ignored } = data
      if (data.apart !== undefined)
        data.apart = data.apart.map((known) => known.filter((id) => !gone.has(id))).filter((known) => known.length > 1)
      for (const [member, into] of Object.entries(merges)) if (gone.has(into)) delete merges[member]
      for (const id of ids) {
        delete devices[id]
        delete merges[id]
        if (!ignore) continue
        const hash = hashOfId(ignored.salt, id)
        if (!ignored.hashes.includes(hash)) ignored.hashes.push(hash)
      }
    })
    this.undos.clear()
    return await this.kept.purge()
  }

  async unignore(hash: string): Promise<void> {
    await this.kept.change(({ ignored }) => {
      ignored.hashes = ignored.hashes.filter((known) => known !== hash)
    })
  }

  /** What was damaged and is not confirmed yet, in sentences. */
  get unconfirmed(): readonly string[] {
    return this.kept.data.unconfirmed ?? []
  }

  /**
   * After damage: devices of which no level is known keep the least, and the owner is told until he confirms. A level
   * that is stricter stays.
   */
  async keepLess(ids: readonly string[], sentence: string): Promise<void> {
    await this.kept.change((data) => keepLess(data, ids, sentence))
  }

  /** The same where the disk refuses. */
  keepLessInMemory(ids: readonly string[], sentence: string): void {
    keepLess(this.kept.data, ids, sentence)
  }

  /** The owner has looked at the levels. */
  async confirm(): Promise<void> {
    await this.kept.change((data) => {
      delete data.unconfirmed
    })
  }

  private async changeMerges(work: (merges: Record<string, string>) => void): Promise<string> {
    const before = await this.kept.change(({ merges }) => {
      const known = { ...merges }
      work(merges)
      return known
    })
    return this.keepUndo(({ merges }) => {
      for (const id of Object.keys(merges)) delete merges[id]
      for (const [id, into] of Object.entries(before)) define(merges, id, into)
    })
  }

  private keepUndo(undo: (data: DecisionData) => void): string {
    const number = randomBytes(8).toString('hex')
    this.undos.set(number, undo)
    return number
  }
}

/** Ids of all devices that the owner decided about. */
export function decidedIds({ devices, merges }: OwnerChoices): string[] {
  return [...new Set([...Object.keys(devices), ...Object.keys(merges), ...Object.values(merges)])]
}

function keepLess(data: DecisionData, ids: readonly string[], sentence: string): void {
  for (const id of ids.slice(0, MAX_DECISIONS)) {
    const words = Object.hasOwn(data.devices, id) ? data.devices[id] : {}
    define(data.devices, id, { ...words, level: stricter(words?.level, 'totals') })
  }
  data.unconfirmed = [...new Set([...(data.unconfirmed ?? []), sentence])].slice(-MAX_UNCONFIRMED)
}

/** The level that keeps less; of one that is not known, the other. */
export function stricter(one: Level | undefined, other: Level): Level {
  return LEVELS.indexOf(one ?? 'everything') > LEVELS.indexOf(other) ? (one as Level) : other
}

/** As own properties, also for an id such as "__proto__". */
function define<Value>(record: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
}

function set<Key extends string>(record: Partial<Record<Key, string>>, key: Key, value: string | undefined): void {
  if (value === undefined) delete record[key]
  else record[key] = value
}
