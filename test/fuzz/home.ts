// A live home: state opened, captures and logs read as they come, orders of the owner, answers for the page.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { READ_TO_HOST } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { createLogParser } from '../../capture/logs/formats.ts'
import { DEVICE_TABLES } from '../../capture/logs/tables.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import { readAlertMemory, type AlertMemory } from '../../server/alerts/memory.ts'
import { type AppState, openAppState } from '../../server/app/app-state.ts'
import type { ActivityLog } from '../../server/detection/activity-log.ts'
import { historyInThread } from '../../server/history/answer.ts'
import { HistoryDatabase } from '../../server/history/database.ts'
import { AT_HOME, type Batch, CELL_LENGTH } from '../../server/model/batch.ts'
import type { Policy } from '../../server/model/policy.ts'
import type { SourceReport } from '../../server/model/source-report.ts'
import type { Rules } from '../../server/rulebook/open.ts'
import { DeviceRegistry } from '../../server/session/device-registry.ts'
import { hashOfId } from '../../server/session/excluded-devices.ts'
import type { FromEngine, SessionPlan } from '../../server/session/messages.ts'
import { Pipeline } from '../../server/session/pipeline.ts'
import { alertSettingsOf } from '../../server/settings/alert-settings.ts'
import { collectedLog } from '../support/collected-log.ts'
import { askEverything, historyTotals, viewOf } from './answers.ts'
import { addBytes, type Bytes, checkText, checkValue, expectSameBytes, expectThat, noBytes } from './checks.ts'
import { Exporters } from './exporters.ts'
import { type Features, shape } from './features.ts'
import type { Input, Order, Step } from './input.ts'
import { TIME_ZONE } from './time-zone.ts'

/** The machine's clock when the home begins: within the sample's days. */
const START = Date.UTC(2026, 0, 5, 8) / 1000
/** Bytes of a capture between two looks at the clock. */
const PIECE = 16_384
const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400
const CLOCK_ORDERS: Partial<Record<Order, number>> = {
  'a minute later': MINUTE,
  'an hour later': HOUR,
  'a month later': 31 * DAY,
  'three years later': 3 * 365 * DAY,
  'an hour earlier': -HOUR,
  'a year earlier': -365 * DAY,
}

interface Context {
  rules: Rules
  folder: string
  features: Features
}

/** Rejects with what was broken. Sentences that the product has for damage are no failures. */
export async function runHome(input: Input, context: Context): Promise<void> {
  const folder = join(context.folder, 'state')
  mkdirSync(folder)
  const states = input.steps.filter((step) => step.kind === 'state')
  for (const { file, bytes } of states) writeFileSync(join(folder, file), bytes)
  const sentences: string[] = []
  const state = await openAppState(folder, collectedLog(sentences))
  for (const sentence of sentences) checkText(sentence, 'a sentence about state')
  const isOnDisk = states.some(({ file }) => file === 'history.db')
  let home: Home
  try {
    home = new Home(context, state, isOnDisk ? join(folder, 'history.db') : ':memory:', input)
  } catch (error) {
    // A database that cannot be opened is refused with the library's sentence.
    if (!isOnDisk || !isSqliteError(error)) throw error
    context.features.add(`history refused ${shape((error as Error).message)}`)
    return
  }
  try {
    for (const step of input.steps) await home.take(step)
    await home.end()
    await home.close()
  } catch (error) {
    await home.abandon()
    // A damaged page may show only when it is read: the page then gets the library's sentence.
    if (!isOnDisk || !isSqliteError(error)) throw error
    context.features.add(`history damaged ${shape((error as Error).message)}`)
  }
}

export function isSqliteError(error: unknown): boolean {
  return /^SQLITE_/.test(String((error as { code?: unknown }).code ?? ''))
}

class Home {
  private readonly context: Context
  private readonly state: AppState
  private readonly database: HistoryDatabase
  private readonly registry: DeviceRegistry
  private readonly activity: ActivityLog
  private readonly hasPackets: boolean
  private readonly accounted = new Map<string, Bytes>()
  private readonly ids: string[] = []
  private readonly exporters: Exporters
  private pipeline: Pipeline
  private policy: Policy
  private memory: AlertMemory | null
  private now = START
  private sources = 0
  private records = 0
  private sourceState: SourceReport['state'] = 'running'
  /** What the traffic history keeps is no longer all that was accounted. */
  private isReduced: boolean

  constructor(context: Context, state: AppState, path: string, { steps }: Input) {
    this.context = context
    this.state = state
    this.hasPackets = steps.some(
      (step) =>
        step.kind === 'capture' ||
        step.kind === 'connections' ||
        (step.kind === 'datagrams' && step.exporter === 'tzsp'),
    )
    const keepsAll = steps.length % 2 === 1
    this.isReduced = !keepsAll || path !== ':memory:'
    this.database = new HistoryDatabase({ path, timeZone: TIME_ZONE, ...(keepsAll ? { retention: null } : {}) })
    const { decisions, known, settings } = state
    this.registry = new DeviceRegistry(
      () => decisions.words,
      () => settings.values.privacy.newDevices,
    )
    for (const device of known.data.devices) this.registry.see(device)
    this.activity = state.alertStore.openActivityLog()
    this.policy = decisions.policy(settings.values.privacy.newDevices, (id) => this.registry.membersOf(id))
    this.memory = state.alertStore.memory
    this.pipeline = this.newPipeline()
    this.exporters = new Exporters({
      features: context.features,
      core: () => this.pipeline.core,
      packet: (frame) => this.pipeline.packet(frame),
      log: (record) => {
        this.records++
        this.pipeline.log(record, this.now, !this.hasPackets)
      },
      counted: () => this.pipeline.packets + this.records,
      now: () => this.now,
      pass: (seconds) => this.pass(seconds),
    })
  }

  async close(): Promise<void> {
    await this.exporters.close()
    this.database.close()
  }

  /** Something broke: closing may break as well. */
  async abandon(): Promise<void> {
    try {
      await this.close()
    } catch {
      // What broke first says more.
    }
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'capture') this.readCapture(step.bytes)
    else if (step.kind === 'log') this.readLog(step)
    else if (step.kind === 'connections') this.exporters.takeConnections(step.bytes)
    else if (step.kind === 'datagrams') await this.exporters.take(step.exporter, step.bytes)
    else if (step.kind === 'order') await this.obey(step.order)
  }

  async end(): Promise<void> {
    for (let second = 0; second < 70; second += 7) this.pass(7)
    await this.ask()
    this.database.flush()
    if (this.isReduced || this.database.problem !== null) return
    const kept = historyTotals(this.database)
    for (const [id, bytes] of this.accounted)
      expectSameBytes(bytes, kept.get(id) ?? noBytes(), `${id} as accounted and in the traffic history`)
  }

  private newPipeline(): Pipeline {
    const { rules } = this.context
    const history = historyInThread(this.database)
    const counting = { ...history, add: (batch: Batch) => this.add(batch, history.add) }
    const plan: SessionPlan = {
      source: { kind: 'live', sources: [] },
      home: [],
      timeZone: TIME_ZONE,
      policy: this.policy,
      accountedUntil: null,
      names: this.database.names(),
      ownHistory: true,
      alerts: { settings: alertSettingsOf(this.state.settings.values, false), memory: this.memory },
    }
    return new Pipeline(rules, plan, counting, (message) => this.handle(message))
  }

  private add(batch: Batch, add: (batch: Batch) => void): void {
    for (const { index, id } of batch.devices) this.ids[index] = id
    checkValue(batch.cells, 'cells')
    for (let at = 0; at < batch.cells.length; at += CELL_LENGTH) {
      const [, device, endpoint, up, down] = batch.cells.subarray(at, at + CELL_LENGTH)
      const sum = this.accounted.get(this.ids[device]) ?? noBytes()
      addBytes(
        sum,
        endpoint === AT_HOME
          ? { ...noBytes(), sentLocal: up, receivedLocal: down }
          : { ...noBytes(), sent: up, received: down },
      )
      this.accounted.set(this.ids[device], sum)
    }
    add(batch)
  }

  private handle(message: FromEngine): void {
    switch (message.type) {
      case 'activity':
        checkValue(message.update, 'activity')
        for (const { kind } of message.update.alerts) this.context.features.add(`alert ${kind} live`)
        for (const { kind } of message.update.events) this.context.features.add(`event ${kind} live`)
        return this.activity.add(message.update)
      case 'memory':
        this.memory = readAlertMemory(JSON.parse(JSON.stringify(message.memory)))
        return expectThat(this.memory !== null, 'the memory of alerts cannot be read again')
      case 'reset':
        this.ids.length = 0
        return
      case 'devices':
        checkValue(message.devices, 'devices')
        for (const { index, ...seen } of message.devices) {
          this.ids[index] = seen.id
          this.registry.see(seen)
        }
        for (const index of message.gone) this.registry.forget(this.ids[index] ?? '')
        return
      case 'batch':
        return checkValue([message.tick, message.active, message.counters], 'a batch')
    }
  }

  private readCapture(bytes: Uint8Array): void {
    const source = this.sources++
    const reader = new CaptureReader({
      core: new PacketCore(),
      mode: READ_TO_HOST,
      source: source & 0xff,
      onPacket: (frame) => this.pipeline.packet(frame),
    })
    for (let at = 0; at < bytes.length; at += PIECE) {
      reader.push(bytes.subarray(at, at + PIECE))
      this.pass(1)
    }
    reader.end()
    for (const { message } of reader.allProblems()) checkText(message, 'a problem of a capture')
  }

  private readLog({ format, bytes }: Extract<Step, { kind: 'log' }>): void {
    const text = Buffer.from(bytes).toString('utf8')
    const parser = createLogParser(format, () => this.now)
    const records = text.split('\n').flatMap((line) => [...parser.parse(line)])
    for (const table of DEVICE_TABLES) records.push(...table.parse(text))
    for (const record of records) {
      this.context.features.add(`log ${format} ${record.kind}`)
      this.pipeline.log(record, this.now, !this.hasPackets)
    }
    this.pipeline.reached([{ source: format, position: String(bytes.length) }])
    this.pass(1)
  }

  private pass(seconds: number): void {
    this.now += seconds
    this.pipeline.mark(this.now)
    this.pipeline.flush(this.now, [this.sourceReport()])
  }

  private sourceReport(): SourceReport {
    return {
      id: 'one',
      kind: 'file',
      title: 'eth0',
      state: this.sourceState,
      packets: this.pipeline.packets,
      dropped: 0,
      lastPacket: Number.isNaN(this.pipeline.last) ? null : this.pipeline.last,
      problem: this.sourceState === 'failed' ? 'It is gone.' : null,
    }
  }

  private async ask(): Promise<void> {
    const { rules, features } = this.context
    const view = viewOf({ rules, database: this.database, registry: this.registry, now: () => this.now })
    const range = { from: Math.floor(this.now) - HOUR, to: Math.floor(this.now) + 1 }
    await askEverything(view, { activity: this.activity, features, range })
  }

  private async obey(order: Order): Promise<void> {
    const seconds = CLOCK_ORDERS[order]
    if (seconds !== undefined) return this.pass(seconds)
    const ids = this.registry.all().map(({ id }) => id)
    switch (order) {
      case 'ask':
        return await this.ask()
      case 'a source fails':
        this.sourceState = 'failed'
        return
      case 'a source works':
        this.sourceState = 'running'
        return
      case 'renew':
        return this.pipeline.renew(this.now, [])
      case 'restart':
        return this.restart()
      case 'forget':
        return await this.forget(ids.slice(0, 3))
      case 'totals':
      case 'companies':
      case 'everything':
      case 'paused':
        return this.changeLevel(ids[0], order)
      case 'ignore':
        return this.ignore(ids[0])
      default:
        return this.decide(order)
    }
  }

  private restart(): void {
    this.pipeline.sendMemory()
    this.database.flush()
    this.ids.length = 0
    this.pipeline = this.newPipeline()
  }

  private async forget(ids: string[]): Promise<void> {
    this.isReduced = true
    this.pipeline.renew(this.now, ids)
    await this.state.decisions.forget(ids, false)
    for (const id of ids) this.registry.forget(id)
    this.activity.forget(ids)
    checkValue(this.database.forget(ids), 'the receipt of forgetting')
    for (const id of ids) expectThat(!historyTotals(this.database).has(id), `${id} is still known`)
  }

  private changeLevel(id: string | undefined, level: 'totals' | 'companies' | 'everything' | 'paused'): void {
    if (id === undefined) return
    this.isReduced = true
    this.policy = { ...this.policy, levels: { ...this.policy.levels, [id]: level } }
    this.pipeline.setPolicy(this.policy)
    this.database.coarsen(id, level)
  }

  private ignore(id: string | undefined): void {
    if (id === undefined) return
    const { salt, hashes } = this.policy.ignored
    this.policy = { ...this.policy, ignored: { salt, hashes: [...hashes, hashOfId(salt, id)] } }
    this.pipeline.setPolicy(this.policy)
  }

  private decide(order: Order): void {
    const alert = this.activity.allAlerts()[0]
    if (alert === undefined) return
    const { id, device, company, kind } = alert
    if (order === 'it-was-me' || order === 'expected') this.pipeline.applyCommand({ order, id })
    else this.pipeline.applyCommand({ order: 'mute', mute: { device, company, kind, until: null } })
  }
}
