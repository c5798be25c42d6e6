// Reads live traffic, from one source or several at once, and hands each second on as soon as it is over.
import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { captureSocketSource } from '../../capture/sources/capture-socket.ts'
import { DuplicateFilter } from '../../capture/sources/duplicate-filter.ts'
import { FolderSource } from '../../capture/sources/folder.ts'
import type { PacketSource, SourceEvents, SourceState } from '../../capture/sources/source.ts'
import { sshSource } from '../../capture/sources/ssh.ts'
import { StdinSource } from '../../capture/sources/stdin.ts'
import { tcpdumpSource } from '../../capture/sources/tcpdump.ts'
import type { LiveSourcePlan, SourceReport } from './messages.ts'
import type { Stage } from './recording-player.ts'
import type { WallClock } from './sample-player.ts'

/** Each second is handed on this long after it is over, when its last packets have come. */
const AFTER_SECOND = 0.05

export interface LiveStage extends Pick<Stage, 'packet' | 'mark'> {
  pump(now: number, sources: SourceReport[], dropped: number): void
  /** From `since` on packets can (not) be seen. */
  capturing(since: number, on: boolean): void
}

interface Running {
  plan: LiveSourcePlan
  source: PacketSource
}

export class LivePlayer {
  private readonly bookedUntil: number
  private readonly stage: LiveStage
  private readonly clock: WallClock
  private readonly running: Running[]
  private readonly duplicates: DuplicateFilter | null
  private readonly stopSignal = new AbortController()
  private isCapturing = false

  /** `bookedUntil`: see SessionPlan. */
  constructor(plans: LiveSourcePlan[], bookedUntil: number | null, stage: LiveStage, clock: WallClock) {
    this.bookedUntil = bookedUntil ?? Number.NEGATIVE_INFINITY
    this.stage = stage
    this.clock = clock
    // One source that sees each packet once needs no filter.
    this.duplicates = plans.length > 1 || plans.some((plan) => 'interface' in plan && plan.interface === 'any') ? new DuplicateFilter() : null
    this.running = plans.map((plan, number) => ({ plan, source: this.open(plan, number) }))
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    for (const { source } of this.running) source.start()
    while (!this.stopSignal.signal.aborted) {
      await this.untilNextSecond()
      this.handOn()
    }
    await Promise.all(this.running.map(({ source }) => source.stop()))
    this.handOn()
  }

  stop(): void {
    this.stopSignal.abort()
  }

  private handOn(): void {
    const now = this.clock()
    const reports = this.running.map(({ plan, source }) => report(plan, source))
    this.noteCapturing(reports.some(isCapturing), now)
    this.stage.mark(now)
    this.stage.pump(now, reports, reports.reduce((sum, { dropped }) => sum + dropped, 0))
  }

  private noteCapturing(isOn: boolean, now: number): void {
    if (isOn === this.isCapturing) return
    this.isCapturing = isOn
    this.stage.capturing(Math.floor(now), isOn)
  }

  /** A gap may begin and end between two seconds; what another source saw meanwhile is none. */
  private noteGap(number: number, from: number, to: number): void {
    const others = this.running.filter((_, place) => place !== number)
    if (!this.isCapturing || others.some(({ source }) => isCapturing(source.status()))) return
    this.stage.capturing(Math.floor(from), false)
    this.stage.capturing(Math.ceil(to), true)
  }

  private open(plan: LiveSourcePlan, number: number): PacketSource {
    const { duplicates, stage } = this
    const since = plan.kind === 'folder' ? this.bookedUntil : Number.NEGATIVE_INFINITY
    const events: SourceEvents = {
      openReader: () => new CaptureReader((frame) => {
        if (frame.seconds >= since && (duplicates === null || !duplicates.isDuplicate(frame, number))) stage.packet(frame)
      }),
      onGap: (from, to) => this.noteGap(number, from, to),
    }
    switch (plan.kind) {
      case 'interface':
        return tcpdumpSource(plan.interface, events)
      case 'socket':
        return captureSocketSource(plan.path, plan.interface, events)
      case 'ssh':
        return sshSource(plan.router, events)
      case 'folder':
        return new FolderSource(plan.folder, events)
      case 'stdin':
        // A worker's process.stdin is not the process's own.
        return new StdinSource(createReadStream('/dev/stdin', { fd: 0, autoClose: false }), events)
    }
  }

  private async untilNextSecond(): Promise<void> {
    const wait = 1 - (this.clock() % 1) + AFTER_SECOND
    await sleep(wait * 1000, undefined, { signal: this.stopSignal.signal }).catch(() => {})
  }
}

function isCapturing({ state }: { state: SourceState }): boolean {
  return state === 'running' || state === 'quiet'
}

function report(plan: LiveSourcePlan, source: PacketSource): SourceReport {
  const { state, packets, dropped, lastPacket, problem } = source.status()
  return { id: plan.id, kind: plan.kind === 'socket' ? 'interface' : plan.kind, title: plan.title, state, packets, dropped, lastPacket, problem }
}
