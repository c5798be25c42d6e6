// Follows sources of records, such as resolvers' logs, and the router's tables in the engine's thread, beside packets
// or alone; each for itself.
import { existsSync } from 'node:fs'
import type { LogLease, LogRecord } from '../../capture/logs/record.ts'
import { DEVICE_TABLES, NAMED_LEASES } from '../../capture/logs/tables.ts'
import type { Counts, RecordSource } from '../../capture/sources/definition.ts'
import { DeviceTable } from '../../capture/sources/device-tables.ts'
import { recordDefinition, type RecordPlan, shownKind, uncountedSentence } from '../../capture/sources/sources.ts'
import type { LogPlace } from '../model/batch.ts'
import type { SourceReport } from '../model/source-report.ts'
import { haveDuplicates, DuplicateLogs } from './duplicate-logs.ts'

export interface DnsLogOptions {
  plans: RecordPlan[]
  /** The router's leases; empty where they are to be found. */
  leases: string
  /** How far each log was read before; a log without a place is read from its start. */
  positions: LogPlace[]
  /** Of all sources that run, what counts; see COUNTS. */
  counting?: Counts | null
  /** `plan` is whose record it is; null where it stood in one of the router's tables. */
  onRecord: (record: LogRecord, plan: RecordPlan | null) => void
  /** See RecordSourceOptions. */
  guard?: (line: string, read: () => void) => void
}

interface Follower {
  plan: RecordPlan
  source: RecordSource
}

export class DnsLogPlayer {
  private readonly followers: Follower[]
  /** Look-ups, or Zeek's flows and names, that each log held: an answer belongs to its look-up. */
  private readonly counts = new Map<string, number>()
  private readonly tables: DeviceTable[]
  private readonly counting: Counts | null
  private readonly drained = new Map<string, string>()
  private isStopped = false

  constructor({ plans, leases, positions, counting = null, onRecord, guard }: DnsLogOptions) {
    this.counting = counting
    const before = new Map(positions.map(({ source, position }) => [source, position]))
    const formatOf = (plan: RecordPlan) => recordDefinition(plan).logFormat?.(plan)
    const duplicates = haveDuplicates(plans.flatMap((plan) => formatOf(plan) ?? [])) ? new DuplicateLogs() : null
    this.followers = plans.map((plan) => {
      const format = duplicates === null ? null : (formatOf(plan) ?? null)
      const isRepeat = (record: LogRecord): boolean =>
        record.kind === 'query' && format !== null && duplicates?.isRepeat(format, record, Date.now() / 1000) === true
      const source = recordDefinition(plan).open(plan, {
        position: parsePosition(before.get(plan.id)),
        ...(guard === undefined ? {} : { guard }),
        onRecord: (record) => {
          if (record.kind !== 'answer' && record.kind !== 'lease')
            this.counts.set(plan.id, (this.counts.get(plan.id) ?? 0) + 1)
          if (!isRepeat(record)) onRecord(record, plan)
        },
      })
      return { plan, source }
    })
    this.tables = tablesOf(plans, leases, (lease) => onRecord(lease, null))
  }

  /** The tables are read before the first line: a client's address is a device from the start. */
  async start(): Promise<void> {
    await Promise.all(this.tables.map((table) => table.look()))
    if (this.isStopped) return
    for (const table of this.tables) table.start()
    for (const { source } of this.followers) source.start()
  }

  async stop(): Promise<void> {
    this.isStopped = true
    for (const table of this.tables) table.stop()
    await Promise.all(this.followers.map(({ source }) => source.stop()))
  }

  /** Places that changed since the last call. */
  drainPositions(): LogPlace[] {
    return this.followers.flatMap(({ plan, source }) => {
      const place = source.position()
      const text = place === null ? '' : JSON.stringify(place)
      if (text === '' || this.drained.get(plan.id) === text) return []
      this.drained.set(plan.id, text)
      return [{ source: plan.id, position: text }]
    })
  }

  reports(): SourceReport[] {
    // Without the tables addresses stand alone: that is reported where the log itself has no problem.
    const ofTables = this.tables.find(({ problem }) => problem !== null)?.problem ?? null
    return this.followers.map(({ plan, source }) => {
      const { state, skipped, lastRecord, problem, note = null, tellsBytes } = source.status()
      const { counts } = recordDefinition(plan)
      const notes = [counts === undefined ? null : this.uncountedNote(counts), note].filter((one) => one !== null)
      return {
        id: plan.id,
        kind: shownKind(plan),
        title: plan.title,
        state,
        packets: this.counts.get(plan.id) ?? 0,
        dropped: skipped,
        lastPacket: lastRecord,
        problem: problem ?? ofTables,
        ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
        tellsBytes: tellsBytes ?? recordDefinition(plan).tellsBytes(plan),
        ...(counts === undefined ? { countsLookups: true } : {}),
      }
    })
  }

  /** When those that tell bytes last saw anything; `now` for each that sees all the time. */
  ends(now: number): number[] {
    return this.followers
      .filter(({ plan }) => recordDefinition(plan).tellsBytes(plan))
      .map(({ source }) => source.status().seenUntil ?? now)
  }

  private uncountedNote(counts: Counts): string | null {
    return this.counting === null || counts === this.counting ? null : uncountedSentence(this.counting)
  }
}

/** The owner's own list, or those that this machine has; and the machine's own table of neighbours. */
function tablesOf(plans: RecordPlan[], leases: string, onLease: (lease: LogLease) => void): DeviceTable[] {
  const usual = DEVICE_TABLES.filter(({ setting }) => setting !== 'leases' || leases === '').flatMap((table) => {
    const paths = plans.length > 0 ? table.usualPaths.filter((path) => existsSync(path)) : []
    return paths.map((path) => new DeviceTable(path, table, onLease))
  })
  return leases === '' ? usual : [...usual, new DeviceTable(leases, NAMED_LEASES, onLease)]
}

function parsePosition(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return null
  }
}
