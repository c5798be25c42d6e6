// Small JSON files of settings, names and decisions, behind lowdb, that survive power cuts, damage and a full disk.
import { rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Low, type Adapter } from 'lowdb'
import { ChangesFile, changesPath } from './changes-file.ts'
import { diskFault } from './disk-fault.ts'
import { makePrivateFolder, writeDurably } from './durable-file.ts'
import { KEPT_FOR_OWNER, withReserve } from './reserve.ts'
import { setAsideOf } from './set-aside.ts'
import type { Stored } from './stored.ts'
import { readVersions, twinOf, type Recovered, type OnDamage, type Validate, type VersionsOptions } from './versions.ts'

export type { OnDamage, Validate } from './versions.ts'

export interface StateFileOptions<Value> {
  /** Keeps a second file with the same content. */
  hasTwin?: boolean
  /** Saves write what has changed, into a file beside it. */
  writesChanges?: boolean
  whenLost?: VersionsOptions<Value>['whenLost']
  /** Called after each attempt to write: null, or why what is in memory is not on the disk. */
  onWrite?: (fault: string | null) => void
}

/** lowdb's own adapters never sync, and an empty file stops them. */
class DurableAdapter<Value> implements Adapter<Value> {
  readonly path: string
  readonly twin: string | undefined
  recovered: Recovered | null = null
  private readonly options: VersionsOptions<Value>
  private readonly changes: ChangesFile | null

  constructor(path: string, options: VersionsOptions<Value>, writesChanges: boolean) {
    this.path = path
    this.changes = writesChanges ? new ChangesFile(path) : null
    this.twin = options.twin
    this.options = options
  }

  async read(): Promise<Value | null> {
    const { value, recovered, isTwinBehind } = await readVersions(this.path, this.options)
    this.recovered = recovered
    if (value === null) return null
    try {
      if (recovered !== null) await this.write(value)
      else if (isTwinBehind) await this.writeTwin(toText(value))
    } catch (error) {
      // In memory it is right; the next change is another attempt.
      this.options.onDamage((error as Error).message)
    }
    return value
  }

  /** In the background: a part of the reserve is left to what the owner asks for. */
  write(value: Value): Promise<void> {
    return this.writeWith(value, KEPT_FOR_OWNER)
  }

  async writeWith(value: Value, keptReserve: number): Promise<void> {
    const text = toText(value)
    await this.refusing(async () => {
      if (this.changes?.isWhole(text) === true) return this.changes.begin(text)
      if ((await this.changes?.append(text)) === true) return
      this.changes?.forget()
      await writeDurably(this.path, text, true, this.changes !== null)
      await this.changes?.begin(text)
    }, keptReserve)
    await this.writeTwin(text)
  }

  /** No earlier version is left. Each is deleted before anything is written: that is room, where the disk is full. */
  async rewrite(value: Value): Promise<number> {
    const text = toText(value)
    const aside = setAsideOf(this.path)
    const twins = this.twin === undefined ? [] : [this.twin, ...setAsideOf(this.twin)]
    this.changes?.forget()
    for (const path of [...aside, ...twins, `${this.path}.bak`, changesPath(this.path)])
      await rm(path, { force: true, recursive: true })
    await this.refusing(() => writeDurably(this.path, text, false))
    await this.changes?.begin(text)
    await this.writeTwin(text)
    // One file less where there is no room: it is only a copy by now.
    await withReserve(dirname(this.path), () => writeDurably(`${this.path}.bak`, text, false)).catch(() => undefined)
    return aside.length + 2
  }

  /** One that would be out of date is deleted: the file itself holds the value already. */
  private async writeTwin(text: string): Promise<void> {
    const { twin } = this
    if (twin === undefined) return
    await withReserve(dirname(twin), () => writeDurably(twin, text, false)).catch(() => rm(twin, { force: true }))
  }

  private async refusing(work: () => Promise<void>, keptReserve = 0): Promise<void> {
    try {
      await withReserve(dirname(this.path), work, keptReserve)
    } catch (error) {
      throw diskFault(error, basename(this.path))
    }
  }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** One file of state: change it with `change`; or change `data`, then `save()`. */
export class StateFile<Value> implements Stored<Value> {
  readonly path: string
  private readonly low: Low<Value>
  private readonly adapter: DurableAdapter<Value>
  private readonly onWrite: (fault: string | null) => void
  private running: Promise<void> = Promise.resolve()
  private next: Promise<void> | null = null
  private isBehind = false
  private isPurgeDue = false

  constructor(adapter: DurableAdapter<Value>, low: Low<Value>, onWrite: (fault: string | null) => void) {
    this.path = adapter.path
    this.adapter = adapter
    this.low = low
    this.onWrite = onWrite
  }

  get data(): Value {
    return this.low.data
  }

  set data(value: Value) {
    this.low.data = value
  }

  /** What it was opened from, where it was damaged. */
  get recovered(): Recovered | null {
    return this.adapter.recovered
  }

  /** Tries again what the disk refused. */
  async retry(): Promise<void> {
    if (this.isPurgeDue) await this.purge()
    else if (this.isBehind) await this.save()
  }

  /**
   * Resolves once `data`, as it is when the writing starts, is on the disk. Saves never overlap; those requested
   * while one is running are one.
   */
  save(): Promise<void> {
    this.next ??= this.after(() => {
      this.next = null
      return this.tracked(() => this.low.write())
    })
    return this.next
  }

  change<Result>(work: (data: Value) => Result): Promise<Result> {
    return this.after(async () => {
      const draft = structuredClone(this.low.data)
      work(draft)
      await this.adapter.writeWith(draft, 0)
      this.wrote(null)
      // What changed in memory alone meanwhile stays.
      return work(this.low.data)
    })
  }

  /**
   * Resolves once no earlier version is left on the disk: for when something was deleted for good. Rewrites the file
   * and its copies, and removes what was set aside. Returns how many files were touched.
   */
  purge(): Promise<number> {
    return this.after(async () => {
      this.isPurgeDue = true
      const files = await this.tracked(() => this.adapter.rewrite(this.low.data))
      this.isPurgeDue = false
      return files
    })
  }

  private async tracked<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      const result = await write()
      this.wrote(null)
      return result
    } catch (error) {
      this.wrote((error as Error).message)
      throw error
    }
  }

  private wrote(fault: string | null): void {
    this.isBehind = fault !== null
    this.onWrite(fault)
  }

  /** One after the other; one that failed doesn't stop the next. */
  private after<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.running.then(work)
    this.running = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }
}

/**
 * Opens a file of state; `defaults` where there is none yet. The folder is made 0700, files are 0600. Never throws for
 * a damaged file: it is set aside, another version of it or the defaults are used, and `onDamage` is called.
 */
export async function openStateFile<Value>(
  path: string,
  defaults: Value,
  validate: Validate<Value>,
  onDamage: OnDamage = (sentence) => console.error(sentence),
  { hasTwin = false, writesChanges = false, whenLost, onWrite = () => undefined }: StateFileOptions<Value> = {},
): Promise<StateFile<Value>> {
  await makePrivateFolder(dirname(path))
  const adapter = new DurableAdapter(
    path,
    {
      validate,
      onDamage,
      defaults,
      ...(hasTwin ? { twin: twinOf(path) } : {}),
      ...(whenLost === undefined ? {} : { whenLost }),
    },
    writesChanges,
  )
  const low = new Low<Value>(adapter, structuredClone(defaults))
  await low.read()
  return new StateFile(adapter, low, onWrite)
}
