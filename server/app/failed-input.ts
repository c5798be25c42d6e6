// Input at which the engine failed: its marks over a restart, so that it cannot stop the engine for ever, and its
// bytes where the owner wants them.
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import { type InputFault, type InputKind, type InputMark, MOST_FAULTS } from '../model/input-fault.ts'
import type { Stored } from '../store/stored.ts'

/** The oldest makes room. */
const MAX_ENTRIES = 500
const KEPT_SECONDS = 30 * 86_400
/** Pieces whose bytes are kept, of a few kilobytes each. */
const MAX_FILES = 50
const FILE_NAME = /^[a-z]+-[0-9a-f]{32}\.bin$/

interface Entry extends InputMark {
  kind: InputKind
  faults: number
  /** The last one, in seconds. */
  at: number
}

/** As kept on disk. */
export interface FailedInputState {
  entries: Entry[]
}

export function readFailedInput(stored: unknown): FailedInputState {
  const { entries } = (stored ?? {}) as Partial<FailedInputState>
  return { entries: Array.isArray(entries) ? entries.filter(isEntry).slice(-MAX_ENTRIES) : [] }
}

function isEntry(value: unknown): value is Entry {
  const { kind, hash, glance, faults, at } = (value ?? {}) as Partial<Entry>
  return (
    (kind === 'packet' || kind === 'line' || kind === 'file') &&
    typeof hash === 'string' &&
    [glance, faults, at].every(Number.isFinite)
  )
}

export interface FailedInputOptions {
  state: Stored<FailedInputState>
  /** Where bytes are kept. */
  folder: string
  /** Whether the owner wants them. */
  keepsBytes: () => boolean
  log: Log
  /** The machine's clock in seconds. */
  clock: () => number
}

export class FailedInput {
  private readonly options: FailedInputOptions

  constructor(options: FailedInputOptions) {
    this.options = options
  }

  /** What is not to be given to the engine again. */
  marks(): InputMark[] {
    return this.entries.filter(({ faults }) => faults >= MOST_FAULTS).map(({ hash, glance }) => ({ hash, glance }))
  }

  isRefused(hash: string): boolean {
    return this.entries.some((entry) => entry.hash === hash && entry.faults >= MOST_FAULTS)
  }

  /** Never rejects: what cannot be written down is logged, and holds until the end of the process. */
  async note(fault: InputFault): Promise<void> {
    const { state, log, keepsBytes } = this.options
    const { kind, hash, glance, cause, wasLost } = fault
    const at = Math.floor(this.options.clock())
    const known = this.entries.find((entry) => entry.hash === hash)
    // A packet is known as the cause of a lost thread only where a thread was lost before, too.
    const faults = (known?.faults ?? 0) + (wasLost && kind !== 'file' ? MOST_FAULTS : 1)
    state.data.entries = [...this.entries.filter((entry) => entry !== known), { kind, hash, glance, faults, at }]
    state.data.entries = state.data.entries.slice(-MAX_ENTRIES)
    const end = faults >= MOST_FAULTS ? ' It is not given to the engine again.' : ''
    const err = Object.assign(new Error(cause.split('\n', 1)[0]), { stack: cause })
    log.error({ err }, `The engine failed at a ${kind} (${hash}), ${faults} times in all.${end}`)
    try {
      await state.save()
      if (keepsBytes()) await this.keep(fault)
    } catch (err) {
      log.error({ err }, 'What the engine failed at could not be written down')
    }
  }

  /** Deletes all bytes that are kept: whose they are, nobody can tell. Resolves to the number of files. */
  async forget(): Promise<number> {
    const names = await this.names()
    await rm(this.options.folder, { recursive: true, force: true })
    return names.length
  }

  /** Deletes bytes past their time, and all where the owner does not want them any more. */
  async tidy(): Promise<void> {
    const { folder, keepsBytes, clock } = this.options
    const names = await this.names()
    if (!keepsBytes()) {
      if (names.length > 0) await this.forget()
      return
    }
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs / 1000 })),
    )
    const newest = dated.sort((one, other) => other.at - one.at)
    for (const [place, { name, at }] of newest.entries())
      if (place >= MAX_FILES || clock() - at > KEPT_SECONDS) await rm(join(folder, name), { force: true })
  }

  private get entries(): Entry[] {
    return this.options.state.data.entries
  }

  private async keep({ kind, hash, bytes }: InputFault): Promise<void> {
    const { folder } = this.options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, `${kind}-${hash}.bin`), bytes, { mode: 0o600 })
    await this.tidy()
  }

  private async names(): Promise<string[]> {
    return (await readdir(this.options.folder).catch(() => [])).filter((name) => FILE_NAME.test(name))
  }
}
