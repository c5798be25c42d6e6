// Small JSON files of settings, names and decisions, behind lowdb, that survive power cuts and damage.
import { rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Low, type Adapter } from 'lowdb'
import { makePrivateFolder, readOrNull, removeLeftovers, writeDurably } from './durable-file.ts'

/** Returns the value as this version understands it, or throws an Error whose message names what is wrong. */
export type Validate<Value> = (value: unknown) => Value

/** Called with one sentence: what was damaged and what was done about it. */
export type OnDamage = (sentence: string) => void

interface Read<Value> {
  value: Value | null
  /** Null where all was well. */
  damage: string | null
}

async function readValid<Value>(path: string, validate: Validate<Value>): Promise<Read<Value>> {
  const text = await readOrNull(path)
  if (text === null) return { value: null, damage: null }
  try {
    return { value: validate(JSON.parse(text)), damage: null }
  } catch (error) {
    return { value: null, damage: (error as Error).message }
  }
}

/** lowdb's own adapters never sync, and an empty file stops them. */
class DurableAdapter<Value> implements Adapter<Value> {
  private readonly path: string
  private readonly validate: Validate<Value>
  private readonly onDamage: OnDamage

  constructor(path: string, validate: Validate<Value>, onDamage: OnDamage) {
    this.path = path
    this.validate = validate
    this.onDamage = onDamage
  }

  async read(): Promise<Value | null> {
    const { path, validate } = this
    await removeLeftovers(path)
    const { value, damage } = await readValid(path, validate)
    if (value !== null) return value
    const backup = await readValid(`${path}.bak`, validate)
    if (damage !== null) await rename(path, `${path}.damaged`)
    if (damage === null && backup.value === null && backup.damage === null) return null
    const what =
      damage === null
        ? `${basename(path)} is missing`
        : `${basename(path)} is damaged (${damage}) and was set aside as ${basename(path)}.damaged`
    const done = backup.value === null ? 'its values are the defaults again' : 'the version before it is used'
    this.onDamage(`${what}; ${done}.`)
    return backup.value
  }

  async write(value: Value): Promise<void> {
    await writeDurably(this.path, toText(value), true)
  }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** One file of state. Change `data`, then `save()`. */
export class StateFile<Value> {
  readonly path: string
  private readonly low: Low<Value>
  private running: Promise<void> = Promise.resolve()
  private next: Promise<void> | null = null

  constructor(path: string, low: Low<Value>) {
    this.path = path
    this.low = low
  }

  get data(): Value {
    return this.low.data
  }

  set data(value: Value) {
    this.low.data = value
  }

  /**
   * Resolves once `data`, as it is when the writing starts, is on the disk. Saves never overlap; those requested
   * while one is running are one.
   */
  save(): Promise<void> {
    this.next ??= this.after(() => {
      this.next = null
      return this.low.write()
    })
    return this.next
  }

  /**
   * Resolves once no earlier version is left on the disk: for when something was deleted for good. Rewrites the file
   * and its .bak, and removes what was set aside. Returns how many files were touched.
   */
  async purge(): Promise<number> {
    let files = 0
    await this.after(async () => {
      const text = toText(this.low.data)
      await writeDurably(this.path, text, false)
      await writeDurably(`${this.path}.bak`, text, false)
      if ((await readOrNull(`${this.path}.damaged`)) !== null) files += 1
      await rm(`${this.path}.damaged`, { force: true })
      files += 2
    })
    return files
  }

  /** One after the other; one that failed doesn't stop the next. */
  private after(work: () => Promise<void>): Promise<void> {
    const done = this.running.then(work)
    this.running = done.catch(() => undefined)
    return done
  }
}

/**
 * Opens a file of state; `defaults` where there is none yet. The folder is made 0700, files are 0600. Never throws for
 * a damaged file: it is set aside, the version before it or the defaults are used, and `onDamage` is called.
 */
export async function openStateFile<Value>(
  path: string,
  defaults: Value,
  validate: Validate<Value>,
  onDamage: OnDamage = (sentence) => console.error(sentence),
): Promise<StateFile<Value>> {
  await makePrivateFolder(dirname(path))
  const low = new Low<Value>(new DurableAdapter(path, validate, onDamage), structuredClone(defaults))
  await low.read()
  return new StateFile(path, low)
}
