// Plays a recording: inspects it first, then lets its packets out at the chosen speed, with pause, seek and skipping of
// quiet.
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { EMPTY_FILE } from '../../capture/formats/other-files.ts'
import type { Problem } from '../../capture/formats/problem.ts'
import { type LogFormat, logFormat } from '../../capture/logs/formats.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import { recogniseSavedLog } from '../../capture/sources/saved-log.ts'
import { linkTypeName } from '../../capture/formats/link-types.ts'
import { readCaptureFile, timeOfFile } from '../../capture/sources/file.ts'
import { type Frame, timeOf } from '../../capture/frame.ts'
import type { Replay, ReplayControl } from '../api.ts'
import { ClockJumps } from '../engine/clock-jumps.ts'
import { LogFeed } from './log-feed.ts'
import { PacketFeed } from './packet-feed.ts'
import { type RecordingFeed, RecordingTooLargeError } from './recording-feed.ts'
import type { SourceReport } from '../model/source-report.ts'

export type ReplayFacts = Omit<Replay, 'id' | 'name' | 'revision'>

/** What the player plays into. */
export interface Sink {
  packet(frame: Frame): void
  /** A record of a log, at the log's time. */
  log?(record: LogRecord, now: number): void
  mark(now: number): void
  /** `isComing`: more follows within a moment. */
  flush(now: number, sources: SourceReport[], isComing: boolean): void
  finish(): void
  /** Begins with an empty history: the recording is played from its start again. */
  restart(): void
  report(replay: ReplayFacts): void
  /** What is wrong with the packets that came out, one sentence each; none where nothing is. */
  problems?(): string[]
  /** What of the link layers could not be read, and how packets were read otherwise than it says; one sentence each. */
  linkProblems?(): string[]
  linkNotices?(): string[]
}

export interface PlayerLimits {
  minutes: number
  unpackedBytes: number
}

/** Work between two returns to the event loop. */
const SLICE_MILLISECONDS = 25
const REPORT_MILLISECONDS = 250
/** Slow speeds check this often whether the next packet is due. */
const STEP_MILLISECONDS = 40
/** Quiet longer than this is skipped where the person wants it, to this long before the next packet. */
const QUIET_SECONDS = 5
const LEAD_SECONDS = 1
const MAX_PROBLEMS = 50

export class RecordingPlayer {
  private readonly path: string
  private readonly limits: PlayerLimits
  private readonly sink: Sink
  private facts: ReplayFacts
  /** What wrote the recording where it is a log. */
  private log: LogFormat | null = null
  private feed: RecordingFeed
  private wake: () => void = () => {}
  private isStopped = false
  private readonly stopSignal = new AbortController()
  /** Capture time at which the pace was last set, and the machine's time then. */
  private anchor: { capture: number; machine: number } | null = null
  private seekTo: number | null = null
  private wantsRestart = false
  private rate = { packets: 0, at: 0 }
  private workMilliseconds = 0

  constructor(path: string, limits: PlayerLimits, sink: Sink) {
    this.path = path
    this.limits = limits
    this.sink = sink
    this.feed = this.newFeed()
    this.facts = {
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

  /** Runs until `stop`; never rejects. */
  async run(): Promise<void> {
    try {
      await this.inspect()
      while (!this.isStopped) await this.step()
    } catch (error) {
      this.fail(error)
    }
    await this.feed.close()
  }

  stop(): void {
    this.isStopped = true
    this.stopSignal.abort()
    this.wake()
  }

  control(control: ReplayControl): void {
    const { facts } = this
    if (facts.state === 'failed' || facts.state === 'inspecting') return
    switch (control.action) {
      case 'play':
        if (facts.state === 'ended') this.seek(facts.first ?? 0)
        if (facts.state !== 'cancelled') facts.state = 'playing'
        break
      case 'pause':
        if (facts.state === 'playing') this.pause()
        break
      case 'cancel':
        facts.state = 'cancelled'
        break
      case 'speed':
        facts.speed = control.speed
        break
      case 'skip-quiet':
        facts.skipQuiet = control.on
        break
      case 'seek':
        this.seek(control.to)
    }
    this.anchor = null
    this.report()
    this.wake()
  }

  private pause(): void {
    this.facts.state = 'paused'
    if (this.facts.position !== null) this.showNow(this.facts.position)
  }

  private seek(to: number): void {
    const { facts } = this
    this.seekTo = Math.min(Math.max(to, facts.first ?? to), (facts.last ?? to) + 1)
    if (this.seekTo < (facts.position ?? Number.NEGATIVE_INFINITY) || facts.state === 'ended') this.wantsRestart = true
    if (facts.state === 'ended') facts.state = 'paused'
  }

  private newFeed(): RecordingFeed {
    const { path, log, sink } = this
    const maxUnpackedBytes = this.limits.unpackedBytes
    return log === null
      ? new PacketFeed({ path, onPacket: (frame) => sink.packet(frame), maxUnpackedBytes })
      : new LogFeed({ path, format: log, onRecord: (record, now) => sink.log?.(record, now), maxUnpackedBytes })
  }

  /** Counts packets and finds the span, without looking into them. */
  private async inspect(): Promise<void> {
    const { facts } = this
    let first = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    const jumps = new ClockJumps()
    const reader = new CaptureReader(
      (frame) => {
        if (!frame.timed) return
        const time = timeOf(frame)
        if (frame.seconds !== jumps.last) jumps.note(frame.seconds)
        if (time < first) first = time
        if (time > last) last = time
      },
      { fileTime: timeOfFile(this.path) },
    )
    let reportedAt = performance.now()
    const abort = new AbortController()
    this.stopSignal.signal.addEventListener('abort', () => abort.abort(), { once: true })
    await readCaptureFile(this.path, reader, {
      signal: abort.signal,
      onProgress: (bytesRead) => {
        if (reader.bytesRead > this.limits.unpackedBytes) abort.abort()
        if (performance.now() - reportedAt < REPORT_MILLISECONDS) return
        reportedAt = performance.now()
        Object.assign(facts, { bytesRead: Math.min(bytesRead, facts.bytesTotal), packetsTotal: reader.packets })
        this.sink.report({ ...facts })
      },
    })
    if (this.isStopped) return
    if (reader.bytesRead > this.limits.unpackedBytes) throw tooLarge(this.limits)
    if (reader.format === null) this.log = await recogniseSavedLog(this.path)
    if (this.log !== null) return await this.inspectLog(this.log)
    const problems = reader.allProblems()
    if (reader.format === null || !reader.hasHeader || (reader.packets === 0 && reader.failed)) {
      throw new UnreadableError(problems[0]?.message ?? EMPTY_FILE)
    }
    Object.assign(facts, {
      state: 'ready',
      format: reader.format,
      linkTypes: reader.linkTypes.map(linkTypeName),
      packetsTotal: reader.packets,
      bytesRead: 0,
      first: Number.isFinite(first) ? first : null,
      last: Number.isFinite(last) ? last : null,
      problems: [...ofWhole(jumps.sentences()), ...problems].slice(0, MAX_PROBLEMS),
      ...(jumps.stretches.length > 1 ? { stretches: jumps.stretches } : {}),
    })
    this.report()
  }

  /** Counts look-ups and finds the span. */
  private async inspectLog(format: LogFormat): Promise<void> {
    const { facts } = this
    let tellsBytes = false
    let first = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    const feed = new LogFeed({
      path: this.path,
      format,
      maxUnpackedBytes: this.limits.unpackedBytes,
      onRecord: ({ kind, time }) => {
        tellsBytes ||= kind === 'connection'
        if (time === null) return
        first = Math.min(first, time)
        last = Math.max(last, time)
      },
    })
    try {
      while (!this.isStopped) {
        const isThere = await feed.advance(Number.POSITIVE_INFINITY, REPORT_MILLISECONDS)
        Object.assign(facts, { bytesRead: Math.min(feed.bytesTaken, facts.bytesTotal), packetsTotal: feed.packets })
        if (isThere) break
        this.report()
      }
    } finally {
      await feed.close()
    }
    if (this.isStopped) return
    Object.assign(facts, {
      state: 'ready',
      log: logFormat(format).program,
      ...(tellsBytes ? {} : { lookupsOnly: true }),
      bytesRead: 0,
      first: Number.isFinite(first) ? first : null,
      last: Number.isFinite(last) ? last : null,
      problems: feed.problems().slice(0, MAX_PROBLEMS),
    })
    await this.feed.close()
    this.feed = this.newFeed()
    this.report()
  }

  /** One slice of playing, or a wait for something to do. */
  private async step(): Promise<void> {
    if (this.wantsRestart) await this.restart()
    if (this.seekTo !== null) return await this.playUntil(this.seekTo)
    if (this.facts.state !== 'playing') return await this.idle()
    const now = performance.now()
    if (this.facts.speed === 'max') return await this.playUntil(Number.POSITIVE_INFINITY)
    await this.playPaced(this.facts.speed, now)
  }

  private async restart(): Promise<void> {
    this.wantsRestart = false
    await this.feed.close()
    this.feed = this.newFeed()
    this.sink.restart()
    this.facts.packets = 0
    this.facts.position = null
    this.anchor = null
  }

  private async playUntil(until: number): Promise<void> {
    const start = performance.now()
    const isThere = await this.feed.advance(until, SLICE_MILLISECONDS)
    this.workMilliseconds += performance.now() - start
    if (this.workMilliseconds > this.limits.minutes * 60_000)
      throw new RecordingTooLargeError(
        `Reading took longer than the ${this.limits.minutes} minutes allowed; what was read before that is shown`,
      )
    this.reportNowAndThen(Number.isFinite(until) && isThere ? until : this.feed.lastTime)
    if (!isThere) return
    if (this.seekTo === until) this.seekTo = null
    this.anchor = null
    if (this.feed.hasEnded && this.feed.nextTime === null) this.end()
    else this.showNow(until)
  }

  private async playPaced(speed: number, machine: number): Promise<void> {
    const start = this.facts.position ?? this.facts.first ?? 0
    this.anchor ??= { capture: start, machine }
    let due = this.anchor.capture + ((machine - this.anchor.machine) / 1000) * speed
    const next = this.feed.nextTime
    if (this.facts.skipQuiet && next !== null && next - due > QUIET_SECONDS * Math.max(1, speed / 10)) {
      due = next - LEAD_SECONDS
      this.anchor = { capture: due, machine }
    }
    const isThere = await this.feed.advance(due, SLICE_MILLISECONDS)
    // A slice that was too short has let out less: no second is over before its last packet.
    this.reportNowAndThen(isThere ? due : this.feed.lastTime)
    if (!isThere) return
    if (this.feed.hasEnded && this.feed.nextTime === null) return this.end()
    await this.rest(STEP_MILLISECONDS)
  }

  /** Sleeps, but wakes up for a control. */
  private async rest(milliseconds: number): Promise<void> {
    const nap = new AbortController()
    this.wake = () => nap.abort()
    await sleep(milliseconds, undefined, { signal: nap.signal }).catch(() => {})
  }

  private idle(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve))
  }

  private end(): void {
    this.sink.finish()
    this.facts.state = 'ended'
    const ofPackets = [...(this.sink.problems?.() ?? []), ...(this.sink.linkProblems?.() ?? [])]
    const notices = this.sink.linkNotices?.() ?? []
    if (notices.length > 0) this.facts.notices = notices
    this.facts.problems = [...ofWhole(ofPackets), ...this.feed.problems()].slice(0, MAX_PROBLEMS)
    this.showNow((this.facts.last ?? this.feed.lastTime) + 1)
  }

  private fail(error: unknown): void {
    const isLarge = error instanceof RecordingTooLargeError
    if (isLarge && this.facts.packets > 0) this.sink.finish()
    const code = isLarge ? 'recording-too-large' : error instanceof UnreadableError ? 'not-a-capture' : 'unreadable'
    this.facts.state = 'failed'
    this.facts.error = { code, message: error instanceof Error ? error.message : String(error) }
    this.report()
  }

  private reportNowAndThen(position: number): void {
    if (performance.now() - this.rate.at >= REPORT_MILLISECONDS) this.showNow(position)
  }

  private showNow(position: number): void {
    const { facts, feed } = this
    const machine = performance.now()
    const seconds = Math.max(1, machine - this.rate.at) / 1000
    facts.packetsPerSecond =
      this.rate.at === 0 ? 0 : Math.max(0, Math.round((feed.packets - this.rate.packets) / seconds))
    this.rate = { packets: feed.packets, at: machine }
    if (Number.isFinite(position)) facts.position = position
    facts.packets = feed.packets
    facts.bytesRead = feed.bytesTaken
    facts.secondsLeft = this.secondsLeft()
    // Where no packet has a time there is no position: all of it counts at the first second there is.
    const until = facts.position ?? (facts.state === 'ended' ? 1 : null)
    if (until !== null) {
      this.sink.mark(until)
      this.sink.flush(until, [], facts.state === 'playing')
    }
    this.report()
  }

  private secondsLeft(): number | null {
    const { facts } = this
    if (facts.state === 'ended') return 0
    if (facts.speed !== 'max')
      return facts.last === null || facts.position === null
        ? null
        : Math.max(0, (facts.last - facts.position) / facts.speed)
    if (facts.packetsTotal === null || facts.packetsPerSecond === 0) return null
    return Math.ceil((facts.packetsTotal - facts.packets) / facts.packetsPerSecond)
  }

  private report(): void {
    this.sink.report({ ...this.facts, problems: [...this.facts.problems], linkTypes: [...this.facts.linkTypes] })
  }
}

/** The file is no capture; the message says what it is. */
export class UnreadableError extends Error {}

function ofWhole(sentences: readonly string[]): Problem[] {
  return sentences.map((message) => ({ packet: 0, offset: 0, message }))
}

function tooLarge({ unpackedBytes }: PlayerLimits): RecordingTooLargeError {
  return new RecordingTooLargeError(
    `The recording holds more than ${Math.round(unpackedBytes / 1e6)} MB when unpacked, which is more than Settings allow`,
  )
}
