// Follows resolvers' logs and the router's tables in the engine's thread, beside packets or alone; each for itself.
import { existsSync } from 'node:fs'
import type { LogLease, LogRecord } from '../../capture/logs/record.ts'
import { ARP_TABLE, DeviceTable, LEASE_FILES } from '../../capture/sources/device-tables.ts'
import { DnsLogSource } from '../../capture/sources/dns-log.ts'
import type { LogPosition } from '../../capture/sources/log-follower.ts'
import { PiholeSource } from '../../capture/sources/pihole-ftl.ts'
import type { SourceState } from '../../capture/sources/source.ts'
import { loadDriver } from '../history/driver.ts'
import type { LogPlace } from '../model/batch.ts'
import { haveDuplicates, DuplicateLogs } from './duplicate-logs.ts'
import type { LiveSourcePlan } from '../model/source-plan.ts'
import type { SourceReport } from '../model/source-report.ts'

export type DnsLogPlan = Extract<LiveSourcePlan, { kind: 'dns-log' }>

export interface DnsLogOptions {
  plans: DnsLogPlan[]
  /** dnsmasq's leases; empty where they are to be found. */
  leases: string
  /** How far each log was read before; a log without a place is read from its start. */
  positions: LogPlace[]
  onRecord: (record: LogRecord) => void
}

/** One log, whatever it is. */
interface Follower {
  plan: DnsLogPlan
  start(): void
  stop(): Promise<void>
  position(): unknown
  status(): { state: SourceState; skipped: number; lastRecord: number | null; problem: string | null }
}

export function isDnsLog(plan: LiveSourcePlan): plan is DnsLogPlan {
  return plan.kind === 'dns-log'
}

export class DnsLogPlayer {
  private readonly followers: Follower[]
  /** Look-ups, or Zeek's flows and names, that each log told: an answer belongs to its look-up. */
  private readonly counts = new Map<string, number>()
  private readonly tables: DeviceTable[]
  private readonly told = new Map<string, string>()
  private isStopped = false

  constructor({ plans, leases, positions, onRecord }: DnsLogOptions) {
    const before = new Map(positions.map(({ source, position }) => [source, position]))
    const duplicates = haveDuplicates(plans.map(({ format }) => format)) ? new DuplicateLogs() : null
    this.followers = plans.map((plan) =>
      openFollower(plan, parsePosition(before.get(plan.id)), (record) => {
        if (record.kind !== 'answer' && record.kind !== 'lease')
          this.counts.set(plan.id, (this.counts.get(plan.id) ?? 0) + 1)
        if (record.kind !== 'query' || duplicates?.isRepeat(plan.format, record, Date.now() / 1000) !== true)
          onRecord(record)
      }),
    )
    this.tables = tablesOf(plans, leases, onRecord)
  }

  /** The tables are read before the first line: a client's address is a device from the start. */
  async start(): Promise<void> {
    await Promise.all(this.tables.map((table) => table.look()))
    if (this.isStopped) return
    for (const table of this.tables) table.start()
    for (const follower of this.followers) follower.start()
  }

  async stop(): Promise<void> {
    this.isStopped = true
    for (const table of this.tables) table.stop()
    await Promise.all(this.followers.map((follower) => follower.stop()))
  }

  /** Places that changed since the last call. */
  takePositions(): LogPlace[] {
    return this.followers.flatMap(({ plan, position }) => {
      const place = position()
      const text = place === null ? '' : JSON.stringify(place)
      if (text === '' || this.told.get(plan.id) === text) return []
      this.told.set(plan.id, text)
      return [{ source: plan.id, position: text }]
    })
  }

  reports(): SourceReport[] {
    // Without the tables addresses stand alone: that is worth a word where the log itself is well.
    const ofTables = this.tables.find(({ problem }) => problem !== null)?.problem ?? null
    return this.followers.map(({ plan, status }) => {
      const { state, skipped, lastRecord, problem } = status()
      return {
        id: plan.id,
        kind: 'dns-log',
        title: plan.title,
        state,
        packets: this.counts.get(plan.id) ?? 0,
        dropped: skipped,
        lastPacket: lastRecord,
        problem: problem ?? ofTables,
        tellsBytes: plan.format === 'zeek',
      }
    })
  }
}

/** The owner's own list, or those that this machine has; and who the machine itself talked to. */
function tablesOf(plans: DnsLogPlan[], leases: string, onLease: (lease: LogLease) => void): DeviceTable[] {
  const lists = leases !== '' ? [leases] : plans.length > 0 ? LEASE_FILES.filter((path) => existsSync(path)) : []
  const tables = lists.map((path) => new DeviceTable(path, 'dnsmasq-leases', onLease))
  // Leases last: they know the name, and a table is told in the order of this list.
  if (plans.length > 0 && existsSync(ARP_TABLE)) tables.unshift(new DeviceTable(ARP_TABLE, 'arp', onLease))
  return tables
}

function openFollower(plan: DnsLogPlan, position: unknown, onRecord: (record: LogRecord) => void): Follower {
  return plan.format === 'pihole-ftl'
    ? openPihole(plan, position, onRecord)
    : openLog(plan, plan.format, position, onRecord)
}

function openLog(
  plan: DnsLogPlan,
  format: Exclude<DnsLogPlan['format'], 'pihole-ftl'>,
  position: unknown,
  onRecord: (record: LogRecord) => void,
): Follower {
  const source = new DnsLogSource(plan.path, {
    format,
    position: isLogPosition(position) ? position : null,
    from: 'start',
    onRecord,
  })
  return {
    plan,
    start: () => source.start(),
    stop: () => source.stop(),
    position: () => source.position(),
    status: () => {
      const { state, skippedLines, lastRecord, problem } = source.status()
      return { state, skipped: skippedLines, lastRecord, problem }
    },
  }
}

function openPihole(plan: DnsLogPlan, position: unknown, onRecord: (record: LogRecord) => void): Follower {
  let lastRecord: number | null = null
  let isRunning = false
  const source = new PiholeSource(plan.path, {
    open: () => loadDriver().openReadOnly(plan.path),
    position: typeof position === 'number' ? position : 0,
    onRecord: (record) => {
      if (record.kind === 'query') lastRecord = record.time
      onRecord(record)
    },
  })
  return {
    plan,
    start: () => {
      isRunning = true
      source.start()
    },
    stop: async () => {
      isRunning = false
      source.stop()
    },
    position: () => source.position(),
    status: () => {
      const state = !isRunning ? 'off' : source.problem !== null ? 'failed' : lastRecord === null ? 'quiet' : 'running'
      return { state, skipped: 0, lastRecord, problem: source.problem }
    },
  }
}

function parsePosition(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return null
  }
}

function isLogPosition(value: unknown): value is LogPosition {
  const { inode, offset, fingerprint, modified } = (value ?? {}) as Partial<LogPosition>
  return (
    typeof inode === 'string' &&
    Number.isSafeInteger(offset) &&
    typeof fingerprint === 'object' &&
    typeof modified === 'string'
  )
}
