// One session in the serving thread: its engine's thread, its history, its devices and its latest state.
import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { TickMessage } from '../api.ts'
import { askAll } from '../history/answer.ts'
import type { Alert } from '../alerts/alert.ts'
import type { AlertMemory } from '../alerts/memory.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Flood } from '../engine/newcomers.ts'
import type { History } from '../history/history.ts'
import type { DeviceRegistry } from './device-registry.ts'
import { ActivityLog } from '../detection/activity-log.ts'
import type { EngineCounters, FromEngine, SessionPlan, ToEngine } from './messages.ts'
import { largest, NO_COUNTERS, sumOf } from './session-sums.ts'
import { Pulse, ThreadWatch } from './thread-watch.ts'
import type { ReplayFacts } from './recording-player.ts'
import { faultOf, type InputFault } from '../model/input-fault.ts'
import { InHand } from './in-hand.ts'
import { keepEvents } from './keep-events.ts'
import type { Policy } from '../model/policy.ts'
import type { SourceReport } from '../model/source-report.ts'
import type { ActivityUpdate } from '../detection/activity.ts'
import type { AlertCommand } from '../alerts/command.ts'

export interface SessionEvents {
  tick: []
  /** The tick of the second at hand, as far as it is known. */
  part: []
  devices: [ids: string[]]
  replay: [facts: ReplayFacts]
  /** The traffic history started over. */
  changed: []
  /** Seconds that were shown already turned out not to be captured. */
  mended: []
  /** Events and alerts. */
  activity: [update: ActivityUpdate]
  memory: [memory: AlertMemory]
  /** The engine failed at a packet or a line, or its thread was lost at one. */
  fault: [fault: InputFault]
  /** A mistake of the program that cost events or alerts, and no packet. */
  mistake: [error: Error]
  /** The thread is gone; the error is null where it ended as it should. */
  gone: [error: Error | null]
}

/** What is older was shown on pages. */
const SHOWN_SECONDS = 2
/** A thread busy with a flood of packets answers later than this. */
const RESET_PATIENCE_MS = 5_000

export interface SessionOptions {
  plan: SessionPlan
  /** The built file of server/session/engine-worker.ts. */
  workerFile: URL
  registry: DeviceRegistry
  /** The traffic history where by the plan it is not the thread's own. */
  history?: History
  /** Events and alerts from before a restart. */
  activity?: ActivityLog
  /** Memory of the thread in MB; a recording that needs more is refused. */
  maxMemoryMegabytes?: number
  /** The session in whose place this one is started, after its thread was lost: clock, counters and commands go on. */
  before?: Session | null
  /** The thread is given up where it gives no sign of life for longer. */
  lateAfterMs?: number
}

/** Signs of life come each second; a busy machine may keep one waiting. */
const ON_TIME_MS = 5_000

/** Commands that a lost thread may not have carried out; applied again, they lead to the same. */
const MAX_COMMANDS = 50

/** The thread gave no sign of life for too long. */
export class ThreadLateError extends Error {
  constructor(milliseconds: number) {
    super(`It gave no sign of life for ${Math.round(milliseconds / 1_000)} s`)
  }
}

/** The thread ended, and nobody had asked it to. */
export class ThreadEndedError extends Error {
  constructor() {
    super('It ended without saying why')
  }
}

export class Session extends EventEmitter<SessionEvents> {
  readonly history: History
  readonly registry: DeviceRegistry
  /** Events and alerts of the devices. */
  readonly activity: ActivityLog
  /** The history's clock; NaN before the first batch. */
  now = Number.NaN
  counters = NO_COUNTERS
  sources: SourceReport[] = []
  packetsPerSecond = 0
  /** The flood of made-up devices that is going on. */
  flood: Flood | null = null

  private readonly worker: Worker
  private readonly watch: ThreadWatch
  /** Counters of the sessions before this one. */
  private readonly countedBefore: EngineCounters
  private readonly commands: AlertCommand[] = []
  private readonly inHand: InHand
  private isEnding = false
  private policy: Policy
  readonly hasOwnHistory: boolean
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  private calls = 0
  private tick: TickMessage = []
  /** Ids by the engine's numbers. */
  private ids: string[] = []
  private isGone = false

  constructor(options: SessionOptions) {
    super()
    const { plan, workerFile, registry, history, activity, maxMemoryMegabytes, before = null, lateAfterMs } = options
    this.registry = registry
    this.activity = activity ?? new ActivityLog()
    this.hasOwnHistory = plan.ownHistory
    this.policy = plan.policy
    this.history = history ?? this.historyOfThread()
    this.countedBefore = before?.counters ?? NO_COUNTERS
    if (before !== null) {
      this.now = before.now
      this.counters = before.counters
      this.sources = before.sources
    }
    const shared = Pulse.newMemory()
    this.inHand = new InHand(shared)
    this.worker = new Worker(workerFile, {
      workerData: { ...plan, shared, isCareful: before !== null },
      ...(maxMemoryMegabytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxMemoryMegabytes } }),
    })
    this.worker.on('message', (message: FromEngine) => this.handle(message))
    this.worker.on('error', (error) => this.leave(error))
    this.worker.on('exit', () => this.leave(this.isEnding ? null : new ThreadEndedError()))
    this.watch = new ThreadWatch(new Pulse(shared), {
      onLate: (milliseconds) => this.giveUp(milliseconds),
      ...(lateAfterMs === undefined ? {} : { lateAfterMs }),
    })
    for (const command of before?.commands ?? []) this.applyCommand(command)
  }

  get hasEnded(): boolean {
    return this.isGone
  }

  /** True where the thread runs and gave a sign of life within the last seconds. */
  get isOnTime(): boolean {
    return !this.isGone && this.watch.lateMs < ON_TIME_MS
  }

  /** An alert from outside the thread. */
  raise(alert: Alert): void {
    const { learningUntil } = this.activity
    const update = { events: [], withdrawn: [], alerts: [alert], mutes: null, replace: false, learningUntil }
    this.activity.add(update)
    this.emit('activity', update)
  }

  /** The last tick of all devices, or of the part of a second, by the registry's numbers. */
  get homeTick(): TickMessage {
    return this.tick
  }

  /** The last tick of one device: its sums only. */
  deviceTick(id: string): TickMessage {
    const [second = 0, covered = 1] = this.tick
    const wanted = this.registry.indexOf(id)
    let sent = 0
    let received = 0
    for (let at = 4; at < this.tick.length; at += 3) {
      if (this.tick[at] !== wanted) continue
      sent += this.tick[at + 1]
      received += this.tick[at + 2]
    }
    return [second, covered, sent, received]
  }

  setPolicy(policy: Policy): void {
    this.policy = policy
    this.post({ type: 'policy', policy })
  }

  control(control: Extract<ToEngine, { type: 'control' }>['control']): void {
    this.post({ type: 'control', control })
  }

  /**
   * Resolves once the thread knows nothing of the devices any more and all that it had accounted of them has arrived
   * here.
   */
  async forget(ids: string[]): Promise<void> {
    this.post({ type: 'forget', ids })
    await this.nextReset()
    for (const id of ids) this.registry.forget(id)
    this.activity.forget(ids)
  }

  setWatched(isWatched: boolean): void {
    this.post({ type: 'watched', isWatched })
  }

  changeAlertSettings(settings: AlertSettings): void {
    this.post({ type: 'alert-settings', settings })
  }

  applyCommand(command: AlertCommand): void {
    this.commands.push(command)
    if (this.commands.length > MAX_COMMANDS) this.commands.shift()
    this.post({ type: 'alert-command', command })
  }

  /** Resolves to habits and decisions as they are now; null where the thread is gone or answers late. */
  remember(): Promise<AlertMemory | null> {
    if (this.isGone) return Promise.resolve(null)
    this.post({ type: 'remember' })
    return new Promise((resolve) => {
      const patience = setTimeout(() => resolve(null), 2_000)
      this.once('memory', (memory) => {
        clearTimeout(patience)
        resolve(memory)
      })
    })
  }

  /** Ends the thread. */
  async stop(): Promise<void> {
    if (this.isGone) return
    this.isEnding = true
    this.post({ type: 'stop' })
    const ended = new Promise<void>((resolve) => this.once('gone', () => resolve()))
    const patience = setTimeout(() => void this.worker.terminate(), 2_000)
    await ended
    clearTimeout(patience)
  }

  private nextReset(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(patience)
        this.off('changed', done)
        this.off('gone', done)
        resolve()
      }
      const patience = setTimeout(done, RESET_PATIENCE_MS)
      this.on('changed', done)
      this.on('gone', done)
      if (this.isGone) done()
    })
  }

  private post(message: ToEngine): void {
    if (!this.isGone) this.worker.postMessage(message)
  }

  /** Reads from the history of the session's thread, which writes it itself. */
  private historyOfThread(): History {
    const ask =
      (question: string) =>
      (...values: unknown[]): Promise<never> =>
        this.ask(question, values) as Promise<never>
    return { add: () => {}, capturing: () => {}, tick: () => {}, ...askAll(ask) }
  }

  private ask(method: string, args: unknown[]): Promise<unknown> {
    if (this.isGone) return Promise.reject(new Error('This session has ended'))
    const call = ++this.calls
    this.post({ type: 'call', call, method, args })
    return new Promise((resolve, reject) => this.waiting.set(call, { resolve, reject }))
  }

  private handle(message: FromEngine): void {
    switch (message.type) {
      case 'batch':
        return this.handleBatch(message)
      case 'part':
        this.tick = this.renumber(message.tick)
        this.emit('part')
        return
      case 'devices':
        return this.handleDevices(message)
      case 'replay':
        this.emit('replay', message.replay)
        return
      case 'capturing':
        this.history.capturing(message.since, message.on)
        if (!message.on && message.since < this.now - SHOWN_SECONDS) this.emit('mended')
        return
      case 'reset':
        this.ids = []
        if (this.hasOwnHistory) {
          this.registry.clear()
          this.activity.clear()
        }
        this.emit('changed')
        return
      case 'activity':
        this.activity.add(message.update)
        // The thread's own history has them already.
        if (!this.hasOwnHistory) keepEvents(this.history, this.policy, message.update)
        this.emit('activity', message.update)
        return
      case 'memory':
        this.emit('memory', message.memory)
        return
      case 'answer':
        return this.handleAnswer(message)
      case 'ended':
        this.isEnding = true
        void this.worker.terminate()
        return
      case 'fault':
        this.emit('fault', message.fault)
        return
      case 'mistake':
        this.emit('mistake', message.error)
        return
      case 'failed':
        this.leave(message.error)
        // It ends by itself once its children have; or not.
        setTimeout(() => void this.worker.terminate(), 1_000).unref()
    }
  }

  private handleBatch(message: Extract<FromEngine, { type: 'batch' }>): void {
    const { batch, tick, active, heard, flood, now, counters, sources } = message
    if (batch !== null) {
      for (const { index, id } of batch.devices) this.ids[index] = id
      this.history.add(batch)
      this.history.tick(now)
    }
    const seconds = Number.isNaN(this.now) ? 1 : Math.max(1, now - this.now)
    const total = sumOf(this.countedBefore, counters)
    this.packetsPerSecond = Math.max(0, Math.round((total.packets - this.counters.packets) / seconds))
    this.now = now
    this.counters = total
    this.sources = sources
    for (let at = 0; at < active.length; at += 2) this.registry.saw(this.ids[active[at]] ?? '', active[at + 1])
    for (const index of heard) this.registry.heard(this.ids[index] ?? '', now)
    this.flood = flood
    this.tick = this.renumber(tick)
    this.emit('tick')
  }

  /** From the engine's device numbers to the registry's; devices not described yet count in the sums only. */
  private renumber(tick: number[]): TickMessage {
    const sums = new Map<number, [number, number]>()
    for (let at = 4; at < tick.length; at += 3) {
      const id = this.ids[tick[at]]
      const index = id === undefined ? -1 : this.registry.indexOf(id)
      if (index < 0) continue
      const sum = sums.get(index) ?? [0, 0]
      sums.set(index, [sum[0] + tick[at + 1], sum[1] + tick[at + 2]])
    }
    return [...tick.slice(0, 4), ...largest([...sums]).flatMap(([index, [sent, received]]) => [index, sent, received])]
  }

  private handleDevices({ devices, gone }: Extract<FromEngine, { type: 'devices' }>): void {
    for (const { index, ...seen } of devices) {
      this.ids[index] = seen.id
      this.registry.see(seen)
    }
    for (const index of gone) this.registry.forget(this.ids[index] ?? '')
    this.emit(
      'devices',
      devices.map(({ id }) => id),
    )
  }

  private handleAnswer({ call, result, error }: Extract<FromEngine, { type: 'answer' }>): void {
    const waiting = this.waiting.get(call)
    this.waiting.delete(call)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error))
  }

  private giveUp(milliseconds: number): void {
    void this.worker.terminate()
    this.leave(new ThreadLateError(milliseconds))
  }

  private leave(error: Error | null): void {
    if (this.isGone) return
    this.isGone = true
    this.watch.stop()
    for (const { reject } of this.waiting.values()) reject(error ?? new Error('This session has ended'))
    this.waiting.clear()
    const lostAt = error === null ? null : this.inHand.read()
    if (error !== null && lostAt !== null) this.emit('fault', faultOf(lostAt.kind, lostAt.bytes, error.message, true))
    this.emit('gone', error)
  }
}
