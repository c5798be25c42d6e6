// Reads live traffic, from one source or several at once, and hands each second on as soon as it is over.
import { setTimeout as sleep } from 'node:timers/promises'
import { NAMES_SOURCE, READ_TO_ENGINE, READ_TO_HOST } from '../../capture/core/constants.ts'
import { decode } from '../../capture/decode.ts'
import { CaptureReader, type PacketTarget } from '../../capture/formats/capture-reader.ts'
import { EARLIEST_LIVE_SECOND } from '../../capture/formats/packet-times.ts'
import { internetSideSentence } from '../../capture/sources/internet-side.ts'
import { forwardsPackets } from '../../capture/sources/interfaces.ts'
import type { Counts } from '../../capture/sources/definition.ts'
import type { PacketSource, SourceEvents, SourceState } from '../../capture/sources/source.ts'
import {
  countingOf,
  countsOf,
  deliversPackets,
  deliversRecords,
  type LiveSourcePlan,
  packetDefinition,
  type PacketPlan,
  recordDefinition,
  type RecordPlan,
  shownKind,
  secretFor,
  type SourceSecrets,
  uncountedSentence,
} from '../../capture/sources/sources.ts'
import { Frame } from '../../capture/frame.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import type { LogPlace } from '../model/batch.ts'
import { DnsLogPlayer } from './dns-log-player.ts'
import type { InputGuard } from './input-guard.ts'
import { OwnTraffic, ownTrafficSentence } from './own-traffic.ts'
import type { Sink } from './recording-player.ts'
import type { WallClock } from './sample-player.ts'
import type { SourceReport } from '../model/source-report.ts'

/** Each second is handed on this long after it is over, when its last packets have come. */
const AFTER_SECOND = 0.05
/** While somebody looks, what each quarter of a second brought is shown this long after it. */
const QUARTER = 0.25
const DAY = 86_400
/** Routes and addresses of this machine are looked at again this often. */
const SIDE_SECONDS = 60

export interface LiveSink extends Pick<Sink, 'packet' | 'mark'> {
  /** The core that takes packets now. */
  readonly core: PacketCore
  flush(now: number, sources: SourceReport[], dropped: number): void
  /** Shows what the second at hand has moved so far. */
  peek(now: number): void
  /** From `since` on bytes can (not) be seen. */
  capturing(since: number, on: boolean): void
  /** A line of a log; `countsBytes` where no packets hold the bytes of the flows in it. */
  log(record: LogRecord, now: number, countsBytes: boolean): void
  /** How far logs were read for what was handed over since the last flush. */
  reached(positions: LogPlace[]): void
  guard: InputGuard
  /** The first bytes of the file that is being read; null where none is. */
  takeFile(head: Uint8Array | null): void
}

export interface LivePlan {
  sources: LiveSourcePlan[]
  leases?: string
  secrets?: SourceSecrets
  /** See SessionPlan. */
  accountedUntil: number | null
  positions: LogPlace[]
  /** The home's networks as the owner names them: then the side that an interface is on is their choice. */
  home?: readonly string[]
  /** As in SessionPlan. */
  stateFolder?: string
  /** Stands in for what this machine's routes and addresses say of an interface in tests. */
  internetSide?: (interfaceName: string) => string | null
}

interface Running {
  plan: PacketPlan
  source: PacketSource
  /** Null where it is no interface of this machine. */
  own: OwnTraffic | null
  /** That its interface is the side of the internet, in a sentence; null where nothing shows that. */
  side: string | null
  /** What counts bytes, where the source's own are not counted; null where they are. */
  countedBy: Counts | null
}

export class LivePlayer {
  private readonly accountedUntil: number
  private readonly sink: LiveSink
  private readonly clock: WallClock
  private readonly running: Running[]
  private readonly off: LiveSourcePlan[]
  private readonly logs: DnsLogPlayer
  private readonly stopSignal = new AbortController()
  private readonly kept: Pick<SourceEvents, 'stateFolder'>
  private readonly firstNumber: number
  private readonly internetSide: (interfaceName: string) => string | null
  private readonly secrets: SourceSecrets
  private sidesAt = Number.NEGATIVE_INFINITY
  private isCapturing = false
  private isWatched = false
  /** The second in which the one before was handed on. */
  private handedOn = Number.NaN

  constructor(plan: LivePlan, sink: LiveSink, clock: WallClock) {
    const { sources, leases = '', accountedUntil, positions, home = [], internetSide = internetSideSentence } = plan
    this.internetSide = home.length > 0 ? () => null : internetSide
    this.kept = plan.stateFolder === undefined ? {} : { stateFolder: plan.stateFolder }
    this.secrets = plan.secrets ?? {}
    const used = sources.filter(({ isOff }) => isOff !== true)
    const plans = used.filter(deliversPackets)
    const counting = countingOf(used)
    this.off = sources.filter(({ isOff }) => isOff === true)
    this.accountedUntil = accountedUntil ?? Number.NEGATIVE_INFINITY
    this.sink = sink
    this.clock = clock
    // Of several none is number 0: see observeLink in capture/core/copy-table.ts.
    this.firstNumber = plans.length > 1 ? 1 : 0
    this.running = plans.map((plan, number) => {
      const own = packetDefinition(plan).listensOn === undefined ? null : new OwnTraffic()
      const countedBy = countsOf(plan) === counting ? null : counting
      return {
        plan,
        source: this.open(plan, this.firstNumber + number, own, countedBy === null),
        own,
        side: null,
        countedBy,
      }
    })
    const onRecord = (record: LogRecord, plan: RecordPlan | null): void => {
      const now = clock()
      // A line's impossible time is none; one that is still to come is ruled out behind this.
      const isImpossible = now >= EARLIEST_LIVE_SECOND && !((record.time ?? now) >= EARLIEST_LIVE_SECOND)
      sink.log(isImpossible ? { ...record, time: null } : record, now, plan !== null && countsOf(plan) === counting)
    }
    this.logs = new DnsLogPlayer({
      plans: used.filter(deliversRecords),
      leases,
      positions,
      counting,
      onRecord,
      guard: (line, read) => sink.guard.line(line, read),
    })
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    for (const { source } of this.running) source.start()
    void this.logs.start()
    while (!this.stopSignal.signal.aborted) {
      await this.untilNextPart()
      const now = this.clock()
      if (this.isWatched && Math.floor(now) === this.handedOn) this.sink.peek(now)
      else this.handOn()
    }
    await Promise.all([this.logs.stop(), ...this.running.map(({ source }) => source.stop())])
    this.handOn()
  }

  stop(): void {
    this.stopSignal.abort()
  }

  /** Whether somebody looks at the page. */
  setWatched(isWatched: boolean): void {
    this.isWatched = isWatched
    for (const { source } of this.running) source.setWatched?.(isWatched)
  }

  private handOn(): void {
    const now = this.clock()
    this.handedOn = Math.floor(now)
    for (const { own } of this.running) own?.check(now)
    this.lookAtSides(now)
    const reports = [...this.running.map(report), ...this.logs.reports(), ...this.off.map(reportOff)]
    this.noteCapturing(
      reports.some((one) => one.tellsBytes !== false && isCapturing(one)),
      now,
    )
    this.sink.mark(now)
    this.sink.reached(this.logs.drainPositions())
    this.sink.flush(
      now,
      reports,
      reports.reduce((sum, { dropped }) => sum + dropped, 0),
    )
  }

  private lookAtSides(now: number): void {
    if (Math.abs(now - this.sidesAt) < SIDE_SECONDS) return
    this.sidesAt = now
    for (const one of this.running) {
      const interfaceName = packetDefinition(one.plan).listensOn?.(one.plan)
      one.side = interfaceName === undefined ? null : this.internetSide(interfaceName)
    }
  }

  private noteCapturing(isOn: boolean, now: number): void {
    if (isOn === this.isCapturing) return
    this.isCapturing = isOn
    this.sink.capturing(Math.floor(isOn ? now : this.seenUntil(now)), isOn)
  }

  /** A source may find out later that it had nothing to see. */
  private seenUntil(now: number): number {
    const ends = [...this.running.map(({ source }) => source.status().seenUntil ?? now), ...this.logs.ends(now)]
    return ends.length === 0 ? now : Math.min(now, Math.max(...ends))
  }

  /** A gap may begin and end between two seconds; what another source saw meanwhile is none. */
  private noteGap(number: number, from: number, to: number): void {
    if (this.running[number]?.countedBy !== null) return
    const others = this.running.filter(({ countedBy }, place) => place !== number && countedBy === null)
    if (!this.isCapturing || others.some(({ source }) => isCapturing(source.status()))) return
    this.sink.capturing(Math.floor(from), false)
    this.sink.capturing(Math.ceil(to), true)
  }

  private open(plan: PacketPlan, number: number, own: OwnTraffic | null, countsBytes: boolean): PacketSource {
    const { sink } = this
    const definition = packetDefinition(plan)
    let [since, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    if (definition.readsAgain === true && this.accountedUntil > since) {
      since = this.accountedUntil
      // What is of a time to come was accounted when the clock was wrong.
      until = Math.max(since, this.clock()) + DAY
    }
    const isLeftOut = (second: number): boolean => second < since || second > until
    const take = (frame: Frame): void => {
      if (isLeftOut(frame.seconds)) return
      sink.packet(frame)
      if (own === null || own.isSettled) return
      decode(frame)
      own.observe(frame)
    }
    // Where nothing is asked about each packet, the core takes them without a call for each.
    const mode = (): number =>
      sink.guard.passesPackets &&
      since === Number.NEGATIVE_INFINITY &&
      until === Number.POSITIVE_INFINITY &&
      (own === null || own.isSettled)
        ? READ_TO_ENGINE
        : READ_TO_HOST
    const failed = new Frame()
    const target: PacketTarget = {
      core: () => sink.core,
      mode,
      source: number,
      onPacket: (frame) => sink.guard.packet(frame, take),
      onFault: (error) => {
        failed.loadRecord(sink.core)
        sink.guard.failedPacket(failed, error)
      },
    }
    const events: SourceEvents = {
      // What comes from then on is new, whatever the clock says that stamped it.
      onCaughtUp: () => ([since, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]),
      openReader: (fileTime) =>
        new CaptureReader(target, {
          now: this.clock,
          isLeftOut,
          ...(fileTime === undefined ? {} : { fileTime }),
        }),
      openNames: () =>
        new CaptureReader({ ...target, source: NAMES_SOURCE | number }, { now: this.clock, isLeftOut: () => false }),
      connections: {
        core: () => sink.core,
        clock: this.clock,
        countsBytes,
        onLease: (lease) => sink.log(lease, this.clock(), false),
        guard: (what, take) => sink.guard.line(what, take),
      },
      onGap: (from, to) => this.noteGap(number - this.firstNumber, from, to),
      mayRead: (head) => sink.guard.mayRead(head),
      onFile: (head) => sink.takeFile(head),
    }
    return definition.open(plan, { ...events, ...this.kept }, secretFor(plan, this.secrets))
  }

  private async untilNextPart(): Promise<void> {
    const length = this.isWatched ? QUARTER : 1
    const wait = length - (this.clock() % length) + AFTER_SECOND
    await sleep(wait * 1000, undefined, { signal: this.stopSignal.signal }).catch(() => {})
  }
}

function isCapturing({ state }: { state: SourceState }): boolean {
  return state === 'running' || state === 'quiet'
}

function report({ plan, source, own, side, countedBy }: Running): SourceReport {
  const { state, packets, dropped, lastPacket, problem } = source.status()
  const base = { id: plan.id, kind: shownKind(plan), title: plan.title, state, packets, dropped, lastPacket }
  if (countedBy !== null) return { ...base, problem: problem ?? uncountedSentence(countedBy), tellsBytes: false }
  const interfaceName = packetDefinition(plan).listensOn?.(plan)
  if (state !== 'running' || problem !== null || own?.isOnlyOwn !== true || interfaceName === undefined)
    return { ...base, problem: problem ?? (state === 'running' ? side : null) }
  return { ...base, problem: ownTrafficSentence(interfaceName, forwardsPackets()), onlyOwnTraffic: true }
}

/** Named, and switched off by the owner. */
function reportOff(plan: LiveSourcePlan): SourceReport {
  return {
    id: plan.id,
    kind: shownKind(plan),
    title: plan.title,
    state: 'off',
    packets: 0,
    dropped: 0,
    lastPacket: null,
    problem: null,
    ...(deliversPackets(plan) ? {} : { tellsBytes: recordDefinition(plan).tellsBytes(plan), ...lookupsOf(plan) }),
  }
}

/** What a log counts are look-ups. */
function lookupsOf(plan: RecordPlan): { countsLookups?: true } {
  return recordDefinition(plan).counts === undefined ? { countsLookups: true } : {}
}
