// The open recordings, each in a session of its own that never touches the live history.
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { RECORDING_SETTINGS } from '../alerts/settings.ts'
import type { Replay, ReplayControl } from '../api.ts'
import { cleanText } from '../identity/device-name.ts'
import { DeviceRegistry } from '../session/device-registry.ts'
import type { SessionPlan } from '../session/messages.ts'
import type { ReplayFacts } from '../session/recording-player.ts'
import { Session } from '../session/session.ts'
import type { Spool } from './spool.ts'
import { faultOf, HASHED_BYTES, hashOfInput, type InputFault } from '../model/input-fault.ts'
import { ServiceError } from '../model/service-error.ts'
import type { ActivityUpdate } from '../detection/activity.ts'

/** Open at the same time; each has a thread and history in memory. */
const MAX_OPEN = 4
const MAX_MEMORY_MEGABYTES = 1_024
/** Playing returns to its messages many times a second; so long for a request of the page there was never. */
const LATE_AFTER_MS = 60_000
/** Captures shrink to a tenth or less by packing, hardly ever to a hundredth: more is a bomb. */
const MAX_PACKING_RATIO = 100
const ALWAYS_ALLOWED_BYTES = 256e6
const MAX_UNPACKED_BYTES = 16e9

export interface ReplayLimits {
  maxUploadBytes: number
  maxMinutes: number
}

export interface ReplayListener {
  replay(replay: Replay): void
  tick(id: string): void
  devices(id: string, ids: string[]): void
  changed(id: string): void
  activity(id: string, update: ActivityUpdate): void
}

export interface OpenReplay {
  facts: Replay
  session: Session
  /** Deleted on close where the recording was uploaded. */
  path: string
  /** What the recording is recognised by where it is opened again. */
  head: Uint8Array
  isSpooled: boolean
}

export interface ReplaysOptions {
  spool: Spool
  workerFile: URL
  limits: () => ReplayLimits
  timeZone: () => string
  home: () => string[]
  /** Recordings at which the engine failed: see server/app/failed-input.ts. */
  failedInput: { isRefused(hash: string): boolean; note(fault: InputFault): Promise<void> }
  listener: ReplayListener
  /** A thread that gives no sign of life for longer is given up; a minute where absent. */
  lateAfterMs?: number
}

export class Replays {
  private readonly options: ReplaysOptions
  private readonly open = new Map<string, OpenReplay>()
  private uploading = 0

  constructor(options: ReplaysOptions) {
    this.options = options
  }

  /** Newest first. */
  all(): Replay[] {
    return [...this.open.values()].map(({ facts }) => facts).reverse()
  }

  /** Throws a ServiceError where there is none. */
  get(id: string): OpenReplay {
    const found = this.open.get(id)
    if (found === undefined) throw new ServiceError(404, 'no-such-replay', 'This recording is not open; open it again')
    return found
  }

  find(id: string): OpenReplay | null {
    return this.open.get(id) ?? null
  }

  async upload(name: string, size: number | null, body: Readable): Promise<Replay> {
    const { spool, limits } = this.options
    this.checkRoom()
    this.uploading++
    try {
      const path = await spool.receive(body, size, limits().maxUploadBytes)
      return this.begin(name, path, true)
    } finally {
      this.uploading--
    }
  }

  /** A file of the owner's own, which stays where it is. */
  openFile(path: string): Replay {
    this.checkRoom()
    return this.begin(basename(path), path, false)
  }

  control(id: string, control: ReplayControl): Replay {
    const { session, facts } = this.get(id)
    session.control(control)
    return facts
  }

  async close(id: string): Promise<void> {
    const replay = this.get(id)
    this.open.delete(id)
    await replay.session.stop()
    if (replay.isSpooled) this.options.spool.remove(replay.path)
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((id) => this.close(id)))
    this.options.spool.clear()
  }

  private checkRoom(): void {
    if (this.open.size + this.uploading >= MAX_OPEN)
      throw new ServiceError(409, 'too-many-replays', `${MAX_OPEN} recordings are open; close one first`)
  }

  private begin(name: string, path: string, isSpooled: boolean): Replay {
    const head = headOf(path)
    if (this.options.failedInput.isRefused(hashOfInput('file', head))) {
      if (isSpooled) this.options.spool.remove(path)
      throw new ServiceError(409, 'set-aside', 'This recording stopped the engine twice: it is not opened again')
    }
    const id = randomBytes(6).toString('hex')
    const registry = new DeviceRegistry(
      () => ({ devices: {}, merges: {} }),
      () => 'everything',
    )
    const session = new Session({
      plan: this.planFor(path),
      workerFile: this.options.workerFile,
      registry,
      maxMemoryMegabytes: MAX_MEMORY_MEGABYTES,
      lateAfterMs: this.options.lateAfterMs ?? LATE_AFTER_MS,
    })
    const shown = cleanText(basename(name.replaceAll('\\', '/'))) || 'recording'
    const replay: OpenReplay = {
      facts: { id, name: shown, revision: 0, ...firstFacts(path) },
      session,
      path,
      head,
      isSpooled,
    }
    this.open.set(id, replay)
    this.listen(id, replay)
    return replay.facts
  }

  private listen(id: string, replay: OpenReplay): void {
    const { listener } = this.options
    const emit = (facts: Partial<ReplayFacts>): void => {
      replay.facts = { ...replay.facts, ...facts, revision: replay.facts.revision + 1 }
      listener.replay(replay.facts)
    }
    replay.session.on('replay', emit)
    // Updates that arrive while a recording is being closed are dropped.
    const isOpen = (): boolean => this.open.get(id) === replay
    replay.session.on('tick', () => isOpen() && listener.tick(id))
    replay.session.on('devices', (ids) => isOpen() && listener.devices(id, ids))
    replay.session.on('changed', () => isOpen() && listener.changed(id))
    replay.session.on('activity', (update) => isOpen() && listener.activity(id, update))
    replay.session.on('gone', (error) => {
      if (error === null || !this.open.has(id)) return
      void this.options.failedInput.note(faultOf('file', replay.head, error.stack ?? error.message, true))
      emit({ state: 'failed', error: { code: 'replay-died', message: describeDeath(error) } })
    })
  }

  private planFor(path: string): SessionPlan {
    const { limits, timeZone, home } = this.options
    return {
      source: { kind: 'recording', path, limits: { minutes: limits().maxMinutes, unpackedBytes: unpackedLimit(path) } },
      home: home(),
      timeZone: timeZone(),
      names: [],
      accountedUntil: null,
      ownHistory: true,
      alerts: { settings: RECORDING_SETTINGS, memory: null },
      policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
    }
  }
}

/** The length and the first bytes. */
function headOf(path: string): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(HASHED_BYTES)
    head.writeDoubleLE(statSync(path).size)
    return head.subarray(0, 8 + readSync(file, head, 8, HASHED_BYTES - 8, 0))
  } finally {
    closeSync(file)
  }
}

/** Bytes that a recording may hold when unpacked. */
export function unpackedLimit(path: string): number {
  return Math.min(MAX_UNPACKED_BYTES, Math.max(ALWAYS_ALLOWED_BYTES, MAX_PACKING_RATIO * statSync(path).size))
}

function firstFacts(path: string): ReplayFacts {
  return {
    state: 'inspecting',
    format: null,
    linkTypes: [],
    bytesTotal: statSync(path).size,
    bytesRead: 0,
    packetsTotal: null,
    packets: 0,
    packetsPerSecond: 0,
    secondsLeft: null,
    first: null,
    last: null,
    position: null,
    speed: 1,
    skipQuiet: true,
    problems: [],
    error: null,
  }
}

function describeDeath(error: Error): string {
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? `The recording needs more than the ${MAX_MEMORY_MEGABYTES} MB of memory allowed for one`
    : `The recording could not be played: ${error.message}`
}
